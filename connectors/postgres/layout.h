/*
 * The columns of one statement's result: what they are, the record schema they make, and the
 * reading of a row of binary COPY into a record.
 *
 * A layout is made from a described statement, and holds as long as the description stays the same.
 */
#ifndef CD_PG_LAYOUT_H
#define CD_PG_LAYOUT_H

#include "connectd/record.h"
#include "connectors/postgres/column.h"

enum { CD_PG_TIMES_MAX = 16 };

struct cd_pg_field {
    const uint8_t *data; /* NULL: a null */
    uint32_t len;
};

struct cd_pg_layout {
    struct cd_pg_column *columns; /* of the described result */
    uint32_t count;
    uint32_t *wanted; /* which of them are copied, in order */
    uint32_t wanted_count;
    bool projected; /* some are left out, or cast to text */
    const struct cd_schema *schema;
    const char *schema_name;    /* borrowed; NULL: none */
    struct cd_pg_field *fields; /* scratch: the row at hand */
    int32_t id;                 /* index in wanted; -1: none */
    int32_t times[CD_PG_TIMES_MAX];
    uint32_t time_count;
};

/* From a statement's description. The types of no meaning yet are asked for by the text of
 * cd_pg_layout_sql_types, whose answer goes to cd_pg_layout_plan. */
void cd_pg_layout_init(struct cd_pg_layout *layout, const PGresult *described);
void cd_pg_layout_done(struct cd_pg_layout *layout, const struct cd_host *host);
bool cd_pg_layout_matches(const struct cd_pg_layout *layout, const PGresult *described);
void cd_pg_layout_sql_types(const struct cd_pg_layout *layout, struct cd_sql_text *out);

struct cd_pg_layout_options {
    const char *schema_name; /* borrowed; NULL: none */
    const char *unsupported; /* skip, string, fail */
    const char *id_column;   /* NULL: none */
    struct cd_strings time_columns;
    struct cd_handle *handle; /* for warnings */
};
CD_MUST_CHECK bool cd_pg_layout_plan(struct cd_pg_layout *layout, struct cd_pg_types *types,
                                     const PGresult *answer,
                                     const struct cd_pg_layout_options *options,
                                     struct cd_error *err);

/* COPY (...) TO STDOUT for a statement of this layout. */
void cd_pg_layout_copy(const struct cd_pg_layout *layout, const char *statement,
                       struct cd_sql_text *out);

/* Splits a tuple (behind its field count) into layout->fields. */
CD_MUST_CHECK bool cd_pg_layout_split(struct cd_pg_layout *layout, const uint8_t *data, size_t len,
                                      struct cd_error *err);
/* The row at hand as the record's value: `data` and `len` as given to split. */
CD_MUST_CHECK bool cd_pg_layout_decode(struct cd_pg_layout *layout, struct cd_pg_types *types,
                                       struct cd_batch *batch, struct cd_record *rec,
                                       const uint8_t *data, size_t len, struct cd_error *err);
/* The first time that is not null, in microseconds since 1970; false with an error: none is. */
CD_MUST_CHECK bool cd_pg_layout_instant(const struct cd_pg_layout *layout,
                                        const struct cd_zone *zone, int64_t *ret_us,
                                        struct cd_error *err);
CD_MUST_CHECK bool cd_pg_layout_id(const struct cd_pg_layout *layout, struct cd_big *scratch,
                                   int64_t *ret, struct cd_error *err);

#endif
