#include "connectors/sql/name.h"

#include <stdlib.h>

void cd_table_id_done(struct cd_table_id *id)
{
    free(id->catalog);
    free(id->schema);
    free(id->table);
    *id = (struct cd_table_id){0};
}

static char *dup_or_null(const char *text)
{
    return text == NULL ? NULL : cd_sql_dup(cd_slice(text));
}

struct cd_table_id cd_table_id_copy(const struct cd_table_id *id)
{
    return (struct cd_table_id){.catalog = dup_or_null(id->catalog),
                                .schema = dup_or_null(id->schema),
                                .table = dup_or_null(id->table)};
}

/* One part from *at on, moving past it; NULL when a quote is not closed. */
static char *take_part(const char **at)
{
    struct cd_sql_text part = {0};
    const char *p = *at;
    if (*p == '"' || *p == '`') {
        char quote = *p++;
        for (;; p++) {
            if (*p == '\0') {
                cd_sql_text_done(&part);
                return NULL;
            }
            if (*p == quote && p[1] != quote)
                break;
            if (*p == quote)
                p++; /* doubled: the quote itself */
            cd_sql_add_slice(&part, cd_slice_of(p, 1));
        }
        p++;
    } else {
        size_t len = strcspn(p, ".");
        cd_sql_add_slice(&part, cd_slice_of(p, len));
        p += len;
    }
    *at = p;
    return cd_sql_text_steal(&part);
}

enum { PARTS_MAX = 4 }; /* further ones change nothing */

static bool split(const char *text, char *parts[PARTS_MAX], size_t *ret_count)
{
    const char *at = text;
    size_t count = 0;
    for (;;) {
        char *part = take_part(&at);
        if (part == NULL)
            return false;
        if (count < PARTS_MAX)
            parts[count] = part;
        else
            free(part);
        count++;
        *ret_count = count < PARTS_MAX ? count : PARTS_MAX;
        if (part != NULL && count <= PARTS_MAX && part[0] == '\0')
            return false; /* an empty part, as after a trailing dot */
        if (*at == '\0')
            return true;
        if (*at++ != '.')
            return false;
    }
}

bool cd_table_id_parse(const char *text, struct cd_table_id *ret, struct cd_error *err)
{
    char *parts[PARTS_MAX] = {0};
    size_t count = 0;
    bool ok = split(text, parts, &count);
    struct cd_table_id id = {0};
    if (ok && count == 1) {
        id.table = parts[0];
    } else if (ok && count == 3) {
        id = (struct cd_table_id){parts[0], parts[1], parts[2]};
    } else if (ok) {
        id = (struct cd_table_id){.schema = parts[0], .table = parts[1]};
        free(parts[2]);
        free(parts[3]);
    } else {
        for (size_t i = 0; i < PARTS_MAX; i++)
            free(parts[i]);
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "'%s' is no table name: expected table, schema.table or "
                          "catalog.schema.table, with quotes around parts that hold dots",
                          text);
    }
    *ret = id;
    return true;
}

void cd_table_id_add(struct cd_sql_text *out, const struct cd_table_id *id, bool quoted)
{
    if (id->schema != NULL) {
        cd_sql_add_name(out, cd_slice(id->schema), quoted);
        cd_sql_add(out, ".");
    }
    cd_sql_add_name(out, cd_slice(id->table), quoted);
}

/* ---- from topics ---- */

static bool apply_mapping(const struct cd_naming *naming, struct cd_slice topic,
                          struct cd_sql_text *ret, struct cd_error *err)
{
    for (size_t i = 0; i < naming->mapping.count; i++) {
        const char *entry = naming->mapping.items[i];
        size_t len = strcspn(entry, ":");
        if (entry[len] != ':' || !cd_slice_equal(cd_slice_of(entry, len), topic))
            continue;
        const char *table = entry + len + 1;
        cd_sql_add_slice(ret, cd_slice_of(table, strcspn(table, ":")));
        return true;
    }
    return cd_fail_as(
        err, CD_ERR_CONFIG, "ConnectException",
        "topic '%.*s' is not in topics.to.tables.mapping: add %.*s:<table>, or remove "
        "the key to use table.name.format",
        CD_SLICE_ARG(topic), CD_SLICE_ARG(topic));
}

static void normalize(char *name)
{
    for (; *name != '\0'; name++) {
        bool keep = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                    (*name >= '0' && *name <= '9');
        if (!keep)
            *name = '_';
    }
}

static struct cd_slice trimmed(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return cd_slice_of(text, len);
}

bool cd_naming_apply(const struct cd_naming *naming, struct cd_slice topic, struct cd_sql_text *ret,
                     struct cd_error *err)
{
    static const char variable[] = "${topic}";
    if (naming->mapping.count > 0)
        return apply_mapping(naming, topic, ret, err);
    struct cd_slice format = trimmed(naming->format);
    size_t start = ret->len;
    for (size_t i = 0; i < format.len;) {
        if (format.len - i >= sizeof(variable) - 1 &&
            memcmp(format.ptr + i, variable, sizeof(variable) - 1) == 0) {
            cd_sql_add_slice(ret, topic);
            i += sizeof(variable) - 1;
        } else {
            cd_sql_add_slice(ret, cd_slice_of(format.ptr + i, 1));
            i++;
        }
    }
    if (ret->len == start)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "table.name.format '%s' gives an empty table name for topic '%.*s'",
                          naming->format, CD_SLICE_ARG(topic));
    if (naming->normalize)
        normalize(ret->ptr + start);
    return true;
}
