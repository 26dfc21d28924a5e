#include "connectors/sql/table_list.h"

#include "connectors/sql/pattern.h"

#include <stdlib.h>

void cd_table_list_done(struct cd_table_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        cd_table_id_done(&list->items[i]);
    free(list->items);
    *list = (struct cd_table_list){0};
}

void cd_table_list_add(struct cd_table_list *list, const char *schema, const char *table)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->items = cd_sql_resize(list->items, list->capacity, sizeof(*list->items));
    }
    list->items[list->count++] = (struct cd_table_id){
        .schema = schema == NULL ? NULL : cd_sql_dup(cd_slice(schema)),
        .table = cd_sql_dup(cd_slice(table)),
    };
}

/* Up to the next comma that is not inside of quotes. */
static size_t element_length(const char *text)
{
    bool quoted = false;
    size_t len = 0;
    for (; text[len] != '\0' && (quoted || text[len] != ','); len++)
        quoted ^= text[len] == '"';
    return len;
}

bool cd_table_list_parse(const char *text, struct cd_table_list *list, struct cd_error *err)
{
    while (*text != '\0') {
        size_t len = element_length(text);
        struct cd_slice part = cd_slice_of(text, len);
        text += len + (text[len] == ',');
        while (part.len > 0 && part.ptr[0] == ' ')
            part = cd_slice_of(part.ptr + 1, part.len - 1);
        while (part.len > 0 && part.ptr[part.len - 1] == ' ')
            part.len--;
        if (part.len == 0)
            continue;
        char *name = cd_sql_dup(part);
        struct cd_table_id id = {0};
        bool ok = cd_table_id_parse(name, &id, err);
        free(name);
        if (!ok)
            return false;
        cd_table_list_add(list, id.schema, id.table);
        cd_table_id_done(&id);
    }
    return true;
}

/* ---- filters ---- */

static bool named(struct cd_strings names, const struct cd_table_id *id)
{
    struct cd_sql_text plain CD_AUTO(cd_sql_text_done) = {0};
    struct cd_sql_text quoted CD_AUTO(cd_sql_text_done) = {0};
    cd_table_id_add(&plain, id, /* quoted = */ false);
    cd_table_id_add(&quoted, id, /* quoted = */ true);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        if (strcmp(name, id->table) == 0 || strcmp(name, cd_sql_text_get(&plain)) == 0 ||
            strcmp(name, cd_sql_text_get(&quoted)) == 0)
            return true;
    }
    return false;
}

struct patterns {
    struct cd_pattern **items;
    size_t count;
};

static void patterns_done(struct patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++)
        cd_pattern_free(patterns->items[i]);
    free(patterns->items);
}

static bool patterns_init(struct patterns *patterns, const char *key, struct cd_strings texts,
                          struct cd_error *err)
{
    patterns->items = cd_sql_new((texts.count + 1) * sizeof(*patterns->items));
    for (size_t i = 0; i < texts.count; i++) {
        patterns->items[i] = cd_pattern_new(key, texts.items[i], err);
        if (patterns->items[i] == NULL)
            return false;
        patterns->count++;
    }
    return true;
}

static bool matches(const struct patterns *patterns, const struct cd_table_id *id)
{
    struct cd_sql_text name CD_AUTO(cd_sql_text_done) = {0};
    cd_table_id_add(&name, id, /* quoted = */ false);
    for (size_t i = 0; i < patterns->count; i++)
        if (cd_pattern_matches(patterns->items[i], cd_sql_text_get(&name)))
            return true;
    return false;
}

static bool seen_before(const struct cd_table_list *list, size_t kept, const char *table)
{
    for (size_t i = 0; i < kept; i++)
        if (strcmp(list->items[i].table, table) == 0)
            return true;
    return false;
}

bool cd_table_list_filter(struct cd_table_list *list, const struct cd_sql_source_config *cfg,
                          struct cd_error *err)
{
    struct patterns include CD_AUTO(patterns_done) = {0};
    struct patterns exclude CD_AUTO(patterns_done) = {0};
    if (!patterns_init(&include, "table.include.list", cfg->include, err) ||
        !patterns_init(&exclude, "table.exclude.list", cfg->exclude, err))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct cd_table_id *id = &list->items[i];
        bool wanted = include.count > 0          ? matches(&include, id) && !matches(&exclude, id)
                      : cfg->whitelist.count > 0 ? named(cfg->whitelist, id)
                                                 : !named(cfg->blacklist, id);
        if (wanted && !cfg->names_qualify) {
            free(id->schema);
            id->schema = NULL;
            wanted = !seen_before(list, kept, id->table);
        }
        if (wanted)
            list->items[kept++] = *id;
        else
            cd_table_id_done(id);
    }
    list->count = kept;
    return true;
}

static int by_table(const void *a, const void *b)
{
    const struct cd_table_id *const *left = a;
    const struct cd_table_id *const *right = b;
    return strcmp((*left)->table, (*right)->table);
}

bool cd_table_list_unique(const struct cd_table_list *list, struct cd_error *err)
{
    const struct cd_table_id **sorted = cd_sql_new((list->count + 1) * sizeof(*sorted));
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = &list->items[i];
    qsort(sorted, list->count, sizeof(*sorted), by_table);
    bool ok = true;
    for (size_t i = 1; i < list->count && ok; i++) {
        if (strcmp(sorted[i - 1]->table, sorted[i]->table) != 0)
            continue;
        const char *first = sorted[i - 1]->schema ? sorted[i - 1]->schema : "";
        const char *second = sorted[i]->schema ? sorted[i]->schema : "";
        ok = cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                        "The connector uses the unqualified table name as the topic name and has "
                        "detected duplicate unqualified table names: '%s' is in schemas '%s' and "
                        "'%s'. Choose one with table.whitelist or schema.pattern",
                        sorted[i]->table, first, second);
    }
    free(sorted);
    return ok;
}

/* ---- tasks ---- */

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (const char *p = text == NULL ? "" : text;; p++) { /* FNV-1a, the end included */
        hash = (hash ^ (uint8_t)*p) * UINT64_C(1099511628211);
        if (*p == '\0')
            return hash;
    }
}

uint64_t cd_table_list_hash(const struct cd_table_list *list)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < list->count; i++) {
        hash = hash_text(hash, list->items[i].schema);
        hash = hash_text(hash, list->items[i].table);
    }
    return hash == 0 ? 1 : hash;
}

void cd_table_list_split(const struct cd_table_list *list, int32_t tasks_max,
                         struct cd_split *split)
{
    size_t groups = list->count < (size_t)tasks_max ? list->count : (size_t)tasks_max;
    size_t at = 0;
    for (size_t group = 0; group < groups; group++) {
        size_t count = list->count / groups + (group < list->count % groups);
        struct cd_sql_text tables CD_AUTO(cd_sql_text_done) = {0};
        for (size_t i = 0; i < count; i++, at++) {
            if (i > 0)
                cd_sql_add(&tables, ",");
            cd_table_id_add(&tables, &list->items[at], /* quoted = */ true);
        }
        split->begin(split);
        split->set(split, "tables", cd_sql_text_get(&tables));
        split->set(split, "tables.fetched", "true");
    }
}
