#include "connectors/sql/mapping.h"

#include "connectors/sql/pattern.h"

#include <stdlib.h>

struct entry {
    struct cd_pattern *pattern;
    const char **columns;
    size_t column_count;
};

struct cd_column_mapping {
    const char *key; /* borrowed: a literal */
    size_t count;
    struct entry entries[];
};

void cd_column_mapping_free(struct cd_column_mapping *mapping)
{
    if (mapping == NULL)
        return;
    for (size_t i = 0; i < mapping->count; i++) {
        struct entry *entry = &mapping->entries[i];
        cd_pattern_free(entry->pattern);
        for (size_t k = 0; k < entry->column_count; k++)
            free((void *)(uintptr_t)entry->columns[k]); /* ours, const only for readers */
        free(entry->columns);
    }
    free(mapping);
}

static bool malformed(const char *key, const char *text, bool brackets, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Invalid value %s for configuration %s: expected %s", text, key,
                      brackets ? "regex:[column|column]" : "regex:column");
}

static bool add_columns(struct entry *entry, const char *list, size_t len)
{
    for (size_t at = 0; at <= len;) {
        size_t part = 0;
        while (at + part < len && list[at + part] != '|')
            part++;
        if (part == 0)
            return false;
        entry->columns =
            cd_sql_resize(entry->columns, entry->column_count + 1, sizeof(*entry->columns));
        entry->columns[entry->column_count++] = cd_sql_dup(cd_slice_of(list + at, part));
        at += part + 1;
    }
    return true;
}

static bool parse(const char *key, const char *text, bool brackets, struct entry *entry,
                  struct cd_error *err)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL || strchr(colon + 1, ':') != NULL || colon == text)
        return malformed(key, text, brackets, err);
    const char *list = colon + 1;
    size_t len = strlen(list);
    if (brackets) {
        if (len < 3 || list[0] != '[' || list[len - 1] != ']')
            return malformed(key, text, brackets, err);
        list++;
        len -= 2;
    }
    if (len == 0 || (!brackets && memchr(list, '|', len) != NULL) || !add_columns(entry, list, len))
        return malformed(key, text, brackets, err);
    char *regex = cd_sql_dup(cd_slice_of(text, (size_t)(colon - text)));
    entry->pattern = cd_pattern_new(key, regex, err);
    free(regex);
    return entry->pattern != NULL;
}

struct cd_column_mapping *cd_column_mapping_new(const char *key, struct cd_strings entries,
                                                bool brackets, struct cd_error *err)
{
    struct cd_column_mapping *mapping =
        cd_sql_new(sizeof(*mapping) + entries.count * sizeof(struct entry));
    mapping->key = key;
    mapping->count = entries.count;
    for (size_t i = 0; i < entries.count; i++) {
        if (!parse(key, entries.items[i], brackets, &mapping->entries[i], err)) {
            cd_column_mapping_free(mapping);
            return NULL;
        }
    }
    return mapping;
}

bool cd_column_mapping_find(const struct cd_column_mapping *mapping, const char *table,
                            struct cd_strings *ret, struct cd_error *err)
{
    const struct entry *found = NULL;
    size_t matches = 0;
    for (size_t i = 0; i < mapping->count; i++) {
        if (!cd_pattern_matches(mapping->entries[i].pattern, table))
            continue;
        found = &mapping->entries[i];
        matches++;
    }
    if (matches != 1)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "table '%s' matches %zu entries of %s; it must match exactly one", table,
                          matches, mapping->key);
    *ret = (struct cd_strings){found->columns, found->column_count};
    return true;
}
