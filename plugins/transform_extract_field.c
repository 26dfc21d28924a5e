/* Replaces the key or value by one of its fields. */
#include <stdlib.h>
#include <strings.h>

#include "base/alloc.h"
#include "plugins/field_path.h"
#include "plugins/map_edit.h"
#include "plugins/operand.h"
#include "plugins/projection.h"
#include "plugins/schema_memo.h"
#include "plugins/transform_list.h"

#define PURPOSE "field extraction"

struct extract_config {
    const char *field;
    bool replace_null;
    const char *syntax;
};

/* Where the path leads in one schema. */
struct way {
    const struct cd_schema *field; /* borrowed: part of the memo's schema */
    uint32_t indexes[];            /* one a step */
};

struct extract {
    struct cd_task_base base;
    enum cd_role role;
    struct cd_field_path path;
    struct cd_schema_memo ways;
};

static bool extract_open(struct extract *extract, enum cd_role role, struct cd_error *err)
{
    const struct extract_config *cfg = extract->base.cfg;
    extract->role = role;
    cd_schema_memo_init(&extract->ways, extract->base.host, free);
    return cd_field_path_parse(
        &extract->path, cfg->field,
        strcasecmp(cfg->syntax, "V1") == 0 ? CD_FIELD_SYNTAX_V1 : CD_FIELD_SYNTAX_V2, err);
}

static void extract_close(void *state)
{
    struct extract *extract = state;
    cd_schema_memo_done(&extract->ways);
    cd_field_path_done(&extract->path);
}

/* ---- with schema ---- */

static bool fail_unknown(const struct extract *extract, struct cd_error *err)
{
    const struct extract_config *cfg = extract->base.cfg;
    return cd_fail_as(err, CD_ERR_DATA, "IllegalArgumentException", "Unknown field: %s",
                      cfg->field);
}

static bool walk_schema(const struct extract *extract, const struct cd_schema *schema,
                        struct way *way, struct cd_error *err)
{
    for (size_t i = 0; i < extract->path.count; i++) {
        if (schema->type != CD_TYPE_STRUCT)
            return cd_fail_as(err, CD_ERR_DATA, "DataException",
                              "Cannot look up fields on non-struct type");
        int32_t index = cd_schema_field(schema, extract->path.steps[i]);
        if (index < 0)
            return fail_unknown(extract, err);
        way->indexes[i] = (uint32_t)index;
        schema = schema->fields[index].schema;
    }
    way->field = schema;
    return extract->path.count > 0 || fail_unknown(extract, err);
}

static const struct way *find_way(struct extract *extract, const struct cd_schema *schema,
                                  struct cd_error *err)
{
    struct way *way = cd_schema_memo_find(&extract->ways, schema);
    if (way != NULL)
        return way;
    way = cd_alloc(sizeof(*way) + extract->path.count * sizeof(way->indexes[0]));
    if (!walk_schema(extract, schema, way, err)) {
        free(way);
        return NULL;
    }
    cd_schema_memo_put(&extract->ways, schema, way);
    return way;
}

/* A null on the way makes the result null. */
static bool follow(const struct extract *extract, const struct way *way, struct cd_batch *out,
                   struct cd_operand part, struct cd_error *err)
{
    const struct extract_config *cfg = extract->base.cfg;
    const struct cd_schema *schema = *part.schema;
    struct cd_value value = *part.value;
    for (size_t i = 0; i < extract->path.count && !cd_is_null(value); i++) {
        bool is_last = i + 1 == extract->path.count;
        if (!cd_require_struct(schema, value, i == 0 ? PURPOSE : "nested field access", err))
            return false;
        value = cd_field_value(extract->base.host, out, value.as.structure, way->indexes[i],
                               !is_last || cfg->replace_null);
        schema = schema->fields[way->indexes[i]].schema;
    }
    *part.value = value;
    return true;
}

static bool extract_typed(struct extract *extract, struct cd_batch *out, struct cd_operand part,
                          struct cd_error *err)
{
    if (!cd_is_null(*part.value) && !cd_require_struct(*part.schema, *part.value, PURPOSE, err))
        return false;
    const struct way *way = find_way(extract, *part.schema, err);
    if (way == NULL || !follow(extract, way, out, part, err))
        return false;
    extract->base.host->keep(out, way->field);
    *part.schema = way->field;
    return true;
}

/* ---- schemaless ---- */

static bool extract_plain(const struct extract *extract, struct cd_operand part,
                          struct cd_error *err)
{
    struct cd_value value = *part.value;
    for (size_t i = 0; i < extract->path.count && !cd_is_null(value); i++) {
        if (!cd_require_map(value, i == 0 ? PURPOSE : "nested field access", err))
            return false;
        const struct cd_value *found = cd_map_find(value, extract->path.steps[i]);
        value = found == NULL ? cd_null() : *found;
    }
    *part.value = value;
    return true;
}

static enum cd_verdict_on_record extract_apply(void *state, struct cd_batch *out,
                                               struct cd_record *rec, struct cd_error *err)
{
    struct extract *extract = state;
    struct cd_operand part = cd_operand(rec, extract->role);
    return cd_keep_if(*part.schema == NULL ? extract_plain(extract, part, err)
                                           : extract_typed(extract, out, part, err));
}

CD_KEY_AND_VALUE_TABLES(extract);

static const char *const syntaxes[] = {"V1", "V2", NULL};

static const struct cd_key extract_keys[] = {
    {
        .name = "field",
        .type = CD_STRING,
        .offset = offsetof(struct extract_config, field),
        .importance = CD_MEDIUM,
        .doc = "Field name to extract.",
    },
    CD_REPLACE_NULL_KEY(struct extract_config),
    {
        .name = "field.syntax.version",
        .type = CD_STRING,
        .fallback = "V1",
        .one_of = syntaxes,
        .any_case = true,
        .offset = offsetof(struct extract_config, syntax),
        .importance = CD_HIGH,
        .doc = "Defines the version of the syntax to access fields. If set to `V1`, then the field "
               "paths are limited to access the elements at the root level of the struct or map. "
               "If set to `V2`, the syntax will support accessing nested elements. To access "
               "nested elements, dotted notation is used. If dots are already included in the "
               "field name, then backtick pairs can be used to wrap field names containing dots. "
               "E.g. to access the subfield `baz` from a field named \"foo.bar\" in a struct/map "
               "the following format can be used to access its elements: \"`foo.bar`.baz\".",
    },
};

const struct cd_plugin cd_extract_field_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "ExtractField",
    "Extract the specified field from a Struct when schema present, or a Map in the case of "
    "schemaless data. Any null values are passed through unmodified.<p/>Use the concrete "
    "transformation type designed for the record key "
    "(<code>org.apache.kafka.connect.transforms.ExtractField$Key</code>) or value "
    "(<code>org.apache.kafka.connect.transforms.ExtractField$Value</code>).",
    struct extract_config, extract_keys, extract_tables);
