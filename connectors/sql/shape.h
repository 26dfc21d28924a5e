/*
 * What one run of equal records writes: which columns, from which part of the record, which of them
 * the key (pk.mode x pk.fields). A shape is made once a schema, not once a record.
 */
#ifndef CD_SQL_SHAPE_H
#define CD_SQL_SHAPE_H

#include "connectd/record.h"
#include "connectors/sql/sink_config.h"
#include "connectors/sql/text.h"

enum cd_column_from {
    CD_FROM_KEY,         /* the whole key */
    CD_FROM_KEY_FIELD,   /* `index` of the key's struct */
    CD_FROM_KEY_ENTRY,   /* `name` of the key's map: JSON without schema */
    CD_FROM_VALUE,       /* the whole value, a string */
    CD_FROM_VALUE_FIELD, /* `index` of the value's struct */
    CD_FROM_VALUE_ENTRY, /* `index` of the value's map */
    CD_FROM_TOPIC,
    CD_FROM_PARTITION,
    CD_FROM_OFFSET,
};

struct cd_shape_column {
    struct cd_slice name; /* owned by the shape */
    enum cd_column_from from;
    uint32_t index;
    bool is_key;
    bool is_epoch;                  /* named in timestamp.fields.list */
    bool default_for_null;          /* a null becomes the schema's default */
    const struct cd_schema *schema; /* referenced by the shape */
};

struct cd_shape {
    const struct cd_schema *key_schema; /* of the records it fits; referenced; NULL: schemaless */
    const struct cd_schema *value_schema;
    bool schemaless; /* the value is a map without schema: `entry` columns */
    bool deletes;    /* made from a tombstone: key columns only */
    uint32_t key_count;
    uint32_t count;
    struct cd_shape_column *columns; /* key columns first, then the others: the order of binding */
    uint32_t *ddl_order;             /* of CREATE TABLE */
    const struct cd_host *host;
};

struct cd_shape_options {
    const struct cd_host *host;
    const struct cd_sql_sink_config *cfg;
    bool nested_as_text; /* what has no column type is written as JSON */
};

/* NULL with an error when the record cannot be written as the settings ask. */
struct cd_shape *cd_shape_new(const struct cd_shape_options *options, const struct cd_record *rec,
                              struct cd_error *err);
void cd_shape_free(struct cd_shape *shape); /* NULL is allowed */
/* Was it made from a record of the same form? A tombstone fits a shape of deletes only. */
bool cd_shape_fits(const struct cd_shape *shape, const struct cd_record *rec);
/* The column's value in a record that fits. */
struct cd_value cd_shape_value(const struct cd_shape_column *column, const struct cd_record *rec);

#endif
