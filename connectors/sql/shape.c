#include "connectors/sql/shape.h"

#include <stdlib.h>

/* ---- reading records ---- */

static struct cd_value raw_value(const struct cd_shape_column *column, const struct cd_record *rec)
{
    switch (column->from) {
    case CD_FROM_KEY:
        return rec->key;
    case CD_FROM_KEY_FIELD:
        return rec->key.kind == CD_KIND_STRUCT ? rec->key.as.structure->fields[column->index]
                                               : cd_null();
    case CD_FROM_KEY_ENTRY:
        for (uint32_t i = 0; rec->key.kind == CD_KIND_MAP && i < rec->key.count; i++)
            if (cd_slice_equal(cd_value_slice(rec->key.as.map[i].key), column->name))
                return rec->key.as.map[i].value;
        return cd_null();
    case CD_FROM_VALUE:
        return rec->value;
    case CD_FROM_VALUE_FIELD:
        return rec->value.as.structure->fields[column->index];
    case CD_FROM_VALUE_ENTRY:
        return rec->value.as.map[column->index].value;
    case CD_FROM_TOPIC:
        return cd_string(rec->topic);
    case CD_FROM_PARTITION:
        return cd_int32(rec->kafka_partition);
    case CD_FROM_OFFSET:
        return cd_int64(rec->kafka_offset);
    }
    return cd_null();
}

struct cd_value cd_shape_value(const struct cd_shape_column *column, const struct cd_record *rec)
{
    struct cd_value value = raw_value(column, rec);
    if (value.kind == CD_KIND_NULL && column->default_for_null)
        return *column->schema->fallback;
    return value;
}

static bool same_entries(const struct cd_shape *shape, struct cd_value map)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < shape->count; i++) {
        const struct cd_shape_column *column = &shape->columns[i];
        if (column->from != CD_FROM_VALUE_ENTRY)
            continue;
        at++;
        if (column->index >= map.count ||
            !cd_slice_equal(cd_value_slice(map.as.map[column->index].key), column->name))
            return false;
    }
    return at == map.count;
}

bool cd_shape_fits(const struct cd_shape *shape, const struct cd_record *rec)
{
    bool tombstone = cd_is_null(rec->value);
    if (shape->deletes != tombstone || shape->key_schema != rec->key_schema)
        return false;
    if (tombstone)
        return true;
    if (shape->value_schema != rec->value_schema)
        return false;
    return !shape->schemaless ||
           (rec->value.kind == CD_KIND_MAP && same_entries(shape, rec->value));
}

/* ---- making shapes ---- */

struct maker {
    const struct cd_shape_options *options;
    const struct cd_record *rec;
    struct cd_shape *shape;
    struct cd_error *err;
};

static bool refuse(struct maker *maker, const char *text)
{
    return cd_fail_as(maker->err, CD_ERR_CONFIG, "ConnectException",
                      "record of topic '%.*s' partition %d offset %lld: %s",
                      CD_SLICE_ARG(maker->rec->kafka_topic), maker->rec->kafka_partition,
                      (long long)maker->rec->kafka_offset, text);
}

/* The type that a value without schema has. */
static const struct cd_schema *kind_schema(const struct cd_host *host, struct cd_value value)
{
    static const enum cd_type types[] = {
        [CD_KIND_BOOL] = CD_TYPE_BOOLEAN,    [CD_KIND_INT8] = CD_TYPE_INT8,
        [CD_KIND_INT16] = CD_TYPE_INT16,     [CD_KIND_INT32] = CD_TYPE_INT32,
        [CD_KIND_INT64] = CD_TYPE_INT64,     [CD_KIND_FLOAT32] = CD_TYPE_FLOAT32,
        [CD_KIND_FLOAT64] = CD_TYPE_FLOAT64, [CD_KIND_STRING] = CD_TYPE_STRING,
        [CD_KIND_BYTES] = CD_TYPE_BYTES,
    };
    if (value.kind == CD_KIND_NULL || value.kind > CD_KIND_BYTES)
        return host->primitives[CD_TYPE_STRING][1];
    return host->primitives[types[value.kind]][1];
}

static bool has_column(const struct cd_shape *shape, struct cd_slice name)
{
    for (uint32_t i = 0; i < shape->count; i++)
        if (cd_slice_equal(shape->columns[i].name, name))
            return true;
    return false;
}

static void add_column(struct maker *maker, struct cd_slice name, enum cd_column_from from,
                       uint32_t index, const struct cd_schema *schema, bool is_key)
{
    struct cd_shape *shape = maker->shape;
    const struct cd_sql_sink_config *cfg = maker->options->cfg;
    char *copy = cd_sql_dup(name);
    shape->columns = cd_sql_resize(shape->columns, shape->count + 1, sizeof(*shape->columns));
    shape->columns[shape->count++] = (struct cd_shape_column){
        .name = {copy, name.len},
        .from = from,
        .index = index,
        .is_key = is_key,
        .is_epoch = cd_sql_has(cfg->timestamp_fields, name) &&
                    (schema->type == CD_TYPE_INT64 || schema->type == CD_TYPE_STRING),
        .default_for_null = schema->fallback != NULL && (is_key || cfg->replace_null_with_default),
        .schema = maker->options->host->schema_ref(schema),
    };
    shape->key_count += is_key;
}

static bool add_kafka_key(struct maker *maker)
{
    static const char *const defaults[] = {"__connect_topic", "__connect_partition",
                                           "__connect_offset"};
    static const enum cd_type types[] = {CD_TYPE_STRING, CD_TYPE_INT32, CD_TYPE_INT64};
    struct cd_strings names = maker->options->cfg->pk_fields;
    if (names.count != 0 && names.count != 3)
        return refuse(maker, "pk.mode kafka needs exactly three pk.fields or none");
    for (size_t i = 0; i < 3; i++)
        add_column(maker, cd_slice(names.count == 0 ? defaults[i] : names.items[i]),
                   (enum cd_column_from)(CD_FROM_TOPIC + i), 0,
                   maker->options->host->primitives[types[i]][0], true);
    return true;
}

static bool add_struct_key(struct maker *maker)
{
    const struct cd_schema *schema = maker->rec->key_schema;
    struct cd_strings names = maker->options->cfg->pk_fields;
    for (uint32_t i = 0; names.count == 0 && i < schema->field_count; i++)
        add_column(maker, schema->fields[i].name, CD_FROM_KEY_FIELD, i, schema->fields[i].schema,
                   true);
    for (size_t i = 0; i < names.count; i++) {
        int32_t at = cd_schema_field(schema, cd_slice(names.items[i]));
        char text[300];
        (void)snprintf(text, sizeof(text),
                       "pk.fields names '%s', which the key's schema does not have",
                       names.items[i]);
        if (at < 0)
            return refuse(maker, text);
        add_column(maker, cd_slice(names.items[i]), CD_FROM_KEY_FIELD, (uint32_t)at,
                   schema->fields[at].schema, true);
    }
    return true;
}

/* A key that is a JSON object without schema. */
static bool add_map_key(struct maker *maker)
{
    struct cd_value key = maker->rec->key;
    struct cd_strings names = maker->options->cfg->pk_fields;
    const struct cd_host *host = maker->options->host;
    for (uint32_t i = 0; names.count == 0 && i < key.count; i++)
        if (key.as.map[i].key.kind == CD_KIND_STRING)
            add_column(maker, cd_value_slice(key.as.map[i].key), CD_FROM_KEY_ENTRY, 0,
                       kind_schema(host, key.as.map[i].value), true);
    for (size_t i = 0; i < names.count; i++) {
        struct cd_value value = cd_map_get(key, names.items[i]);
        if (cd_is_null(value))
            return refuse(maker, "the key lacks a field that pk.fields names");
        add_column(maker, cd_slice(names.items[i]), CD_FROM_KEY_ENTRY, 0, kind_schema(host, value),
                   true);
    }
    return true;
}

static bool add_record_key(struct maker *maker)
{
    const struct cd_record *rec = maker->rec;
    struct cd_strings names = maker->options->cfg->pk_fields;
    if (cd_is_null(rec->key))
        return refuse(maker, "pk.mode is record_key, but the record has no key");
    if (rec->key_schema != NULL && rec->key_schema->type == CD_TYPE_STRUCT)
        return add_struct_key(maker);
    if (rec->key_schema == NULL && rec->key.kind == CD_KIND_MAP)
        return add_map_key(maker);
    if (rec->key.kind == CD_KIND_ARRAY || rec->key.kind == CD_KIND_MAP)
        return refuse(maker, "a key that is an array or a map cannot become columns");
    if (names.count != 1)
        return refuse(maker, "Need exactly one PK column defined since the key schema is a "
                             "primitive type: set pk.fields to the column's name");
    add_column(maker, cd_slice(names.items[0]), CD_FROM_KEY, 0,
               rec->key_schema ? rec->key_schema : kind_schema(maker->options->host, rec->key),
               true);
    return true;
}

static bool is_wanted(const struct cd_sql_sink_config *cfg, struct cd_slice name)
{
    if (cfg->fields_whitelist.count > 0 && !cd_sql_has(cfg->fields_whitelist, name))
        return false;
    return !cd_sql_has(cfg->fields_blacklist, name);
}

static uint32_t value_field_count(const struct cd_record *rec)
{
    return rec->value.kind == CD_KIND_STRUCT ? rec->value_schema->field_count : rec->value.count;
}

static struct cd_slice value_field_name(const struct cd_record *rec, uint32_t i)
{
    return rec->value.kind == CD_KIND_STRUCT ? rec->value_schema->fields[i].name
                                             : cd_value_slice(rec->value.as.map[i].key);
}

static void add_value_field(struct maker *maker, uint32_t i, bool is_key)
{
    const struct cd_record *rec = maker->rec;
    bool structured = rec->value.kind == CD_KIND_STRUCT;
    add_column(maker, value_field_name(rec, i),
               structured ? CD_FROM_VALUE_FIELD : CD_FROM_VALUE_ENTRY, i,
               structured ? rec->value_schema->fields[i].schema
                          : kind_schema(maker->options->host, rec->value.as.map[i].value),
               is_key);
}

static bool add_value_key(struct maker *maker)
{
    const struct cd_record *rec = maker->rec;
    struct cd_strings names = maker->options->cfg->pk_fields;
    uint32_t fields = value_field_count(rec);
    for (uint32_t i = 0; names.count == 0 && i < fields; i++)
        add_value_field(maker, i, true);
    for (size_t k = 0; k < names.count; k++) {
        uint32_t i = 0;
        while (i < fields && !cd_slice_is(value_field_name(rec, i), names.items[k]))
            i++;
        char text[300];
        (void)snprintf(text, sizeof(text), "pk.fields names '%s', which the value does not have",
                       names.items[k]);
        if (i == fields)
            return refuse(maker, text);
        add_value_field(maker, i, true);
    }
    return true;
}

static bool add_string_value(struct maker *maker)
{
    const struct cd_sql_sink_config *cfg = maker->options->cfg;
    struct cd_slice name = cd_slice(cfg->string_value_column);
    if (cd_sql_pk_mode(cfg) == CD_PK_RECORD_VALUE || cfg->fields_whitelist.count > 0 ||
        cfg->timestamp_fields.count > 0)
        return refuse(maker, "a plain string value has no fields: pk.mode=record_value, "
                             "fields.whitelist and timestamp.fields.list cannot be used");
    if (has_column(maker->shape, name))
        return refuse(maker, "string.output.value.column.name is also a key column");
    add_column(maker, name, CD_FROM_VALUE, 0, maker->options->host->primitives[CD_TYPE_STRING][1],
               false);
    return true;
}

static bool check_value(struct maker *maker)
{
    const struct cd_record *rec = maker->rec;
    switch ((enum cd_kind)rec->value.kind) {
    case CD_KIND_STRUCT:
        return rec->value_schema != NULL;
    case CD_KIND_STRING:
        return true;
    case CD_KIND_MAP:
        if (rec->value_schema != NULL)
            break;
        for (uint32_t i = 0; i < rec->value.count; i++)
            if (rec->value.as.map[i].key.kind != CD_KIND_STRING)
                return refuse(maker, "a map without schema needs names as its keys");
        return true;
    case CD_KIND_NULL:
    case CD_KIND_BOOL:
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
    case CD_KIND_FLOAT32:
    case CD_KIND_FLOAT64:
    case CD_KIND_BYTES:
    case CD_KIND_ARRAY:
    case CD_KIND_DECIMAL:
    case CD_KIND_INSTANT:
        break;
    }
    return refuse(maker, "the value must be a struct, a string, or a JSON object whose fields are "
                         "columns of the table");
}

static bool add_keys(struct maker *maker)
{
    switch (cd_sql_pk_mode(maker->options->cfg)) {
    case CD_PK_NONE:
        return true;
    case CD_PK_KAFKA:
        return add_kafka_key(maker);
    case CD_PK_RECORD_KEY:
        return add_record_key(maker);
    case CD_PK_RECORD_VALUE:
        if (cd_is_null(maker->rec->value))
            return refuse(maker, "pk.mode is record_value, but the record has no value");
        if (maker->rec->value.kind == CD_KIND_STRING)
            return add_string_value(maker); /* which refuses it */
        return add_value_key(maker);
    }
    return true;
}

static bool add_values(struct maker *maker)
{
    const struct cd_record *rec = maker->rec;
    if (rec->value.kind == CD_KIND_STRING)
        return add_string_value(maker);
    uint32_t fields = value_field_count(rec);
    for (uint32_t i = 0; i < fields; i++) {
        struct cd_slice name = value_field_name(rec, i);
        if (!has_column(maker->shape, name) && is_wanted(maker->options->cfg, name))
            add_value_field(maker, i, false); /* the key's value wins over a field of its name */
    }
    return true;
}

/* ---- the order of CREATE TABLE ---- */

static bool is_ours(struct cd_slice name)
{
    return cd_slice_is(name, "__connect_topic") || cd_slice_is(name, "__connect_partition") ||
           cd_slice_is(name, "__connect_offset");
}

/* 0: first; 1: the value's fields, by index; 2: what is left of the key, by name. */
static int ddl_group(const struct cd_shape *shape, const struct cd_shape_column *column,
                     uint32_t *ret_index)
{
    *ret_index = column->index;
    if (is_ours(column->name))
        return 0;
    if (column->from == CD_FROM_VALUE || column->from == CD_FROM_VALUE_FIELD ||
        column->from == CD_FROM_VALUE_ENTRY)
        return 1;
    if (shape->value_schema == NULL || shape->value_schema->type != CD_TYPE_STRUCT)
        return 2;
    int32_t at = cd_schema_field(shape->value_schema, column->name);
    *ret_index = at < 0 ? 0 : (uint32_t)at;
    return at < 0 ? 2 : 1; /* a key column that the value has as well stands where the value says */
}

static bool ddl_before(const struct cd_shape *shape, uint32_t a, uint32_t b)
{
    uint32_t index_a, index_b;
    int group_a = ddl_group(shape, &shape->columns[a], &index_a);
    int group_b = ddl_group(shape, &shape->columns[b], &index_b);
    if (group_a != group_b)
        return group_a < group_b;
    if (group_a == 2)
        return strcmp(shape->columns[a].name.ptr, shape->columns[b].name.ptr) < 0;
    return group_a == 1 && index_a < index_b;
}

static void order_columns(struct cd_shape *shape)
{
    shape->ddl_order = cd_sql_new((shape->count + 1) * sizeof(*shape->ddl_order));
    for (uint32_t i = 0; i < shape->count; i++) { /* insertion: stable, and shapes are small */
        uint32_t at = i;
        for (; at > 0 && ddl_before(shape, i, shape->ddl_order[at - 1]); at--)
            shape->ddl_order[at] = shape->ddl_order[at - 1];
        shape->ddl_order[at] = i;
    }
}

static bool check_mode(struct maker *maker)
{
    const struct cd_sql_sink_config *cfg = maker->options->cfg;
    const struct cd_shape *shape = maker->shape;
    if (shape->count == 0)
        return refuse(maker, "No fields found using key and value schemas: nothing to write");
    if (cd_sql_insert_mode(cfg) != CD_INSERT && shape->key_count == 0)
        return refuse(maker, "insert.mode upsert and update need key columns: check pk.mode and "
                             "pk.fields");
    if (cd_sql_insert_mode(cfg) == CD_UPDATE && !shape->deletes && shape->key_count == shape->count)
        return refuse(maker, "insert.mode update has nothing to set: all columns are key columns");
    return true;
}

static bool fill(struct maker *maker)
{
    const struct cd_record *rec = maker->rec;
    const struct cd_sql_sink_config *cfg = maker->options->cfg;
    maker->shape->deletes = cd_is_null(rec->value);
    if (maker->shape->deletes && !cfg->delete_enabled)
        return refuse(maker, "a tombstone, but delete.enabled is false: enable deletes with "
                             "pk.mode=record_key, or set connectd.tombstones=skip");
    if (!maker->shape->deletes && !check_value(maker))
        return false;
    maker->shape->schemaless = rec->value.kind == CD_KIND_MAP;
    if (!add_keys(maker) || (!maker->shape->deletes && !add_values(maker)))
        return false;
    return check_mode(maker);
}

struct cd_shape *cd_shape_new(const struct cd_shape_options *options, const struct cd_record *rec,
                              struct cd_error *err)
{
    struct cd_shape *shape = cd_sql_new(sizeof(*shape));
    shape->host = options->host;
    if (rec->key_schema != NULL)
        shape->key_schema = options->host->schema_ref(rec->key_schema);
    if (rec->value_schema != NULL)
        shape->value_schema = options->host->schema_ref(rec->value_schema);
    struct maker maker = {options, rec, shape, err};
    if (!fill(&maker)) {
        cd_shape_free(shape);
        return NULL;
    }
    order_columns(shape);
    return shape;
}

void cd_shape_free(struct cd_shape *shape)
{
    if (shape == NULL)
        return;
    for (uint32_t i = 0; i < shape->count; i++) {
        free((void *)(uintptr_t)shape->columns[i].name.ptr); /* ours, const only for readers */
        shape->host->schema_unref(shape->columns[i].schema);
    }
    shape->host->schema_unref(shape->key_schema);
    shape->host->schema_unref(shape->value_schema);
    free(shape->columns);
    free(shape->ddl_order);
    free(shape);
}
