#include "connectors/postgres/layout.h"

#include "connectors/postgres/decode.h"

#include <stdlib.h>
#include <strings.h>

void cd_pg_layout_init(struct cd_pg_layout *layout, const PGresult *described)
{
    *layout = (struct cd_pg_layout){.id = -1, .count = (uint32_t)PQnfields(described)};
    layout->columns = cd_sql_new((layout->count + 1) * sizeof(*layout->columns));
    layout->wanted = cd_sql_new((layout->count + 1) * sizeof(*layout->wanted));
    layout->fields = cd_sql_new((layout->count + 1) * sizeof(*layout->fields));
    for (uint32_t i = 0; i < layout->count; i++) {
        struct cd_pg_column *column = &layout->columns[i];
        column->name = cd_sql_dup(cd_slice(PQfname(described, (int)i)));
        column->type = PQftype(described, (int)i);
        column->typmod = PQfmod(described, (int)i);
        column->table = PQftable(described, (int)i);
        column->attnum = PQftablecol(described, (int)i);
    }
}

void cd_pg_layout_done(struct cd_pg_layout *layout, const struct cd_host *host)
{
    for (uint32_t i = 0; i < layout->count; i++)
        cd_pg_column_done(&layout->columns[i], host);
    host->schema_unref(layout->schema);
    free(layout->columns);
    free(layout->wanted);
    free(layout->fields);
    *layout = (struct cd_pg_layout){0};
}

bool cd_pg_layout_matches(const struct cd_pg_layout *layout, const PGresult *described)
{
    if (layout->columns == NULL || PQnfields(described) != (int)layout->count)
        return false;
    for (uint32_t i = 0; i < layout->count; i++) {
        const struct cd_pg_column *column = &layout->columns[i];
        if (column->type != PQftype(described, (int)i) ||
            column->typmod != PQfmod(described, (int)i) ||
            column->table != PQftable(described, (int)i) ||
            column->attnum != PQftablecol(described, (int)i) ||
            strcmp(column->name, PQfname(described, (int)i)) != 0)
            return false;
    }
    return true;
}

static void add_oids(const struct cd_pg_layout *layout, bool tables, struct cd_sql_text *out)
{
    cd_sql_add(out, "'{0");
    for (uint32_t i = 0; i < layout->count; i++)
        cd_sql_addf(out, ",%u", tables ? layout->columns[i].table : layout->columns[i].type);
    cd_sql_add(out, "}'::oid[]");
}

void cd_pg_layout_sql_types(const struct cd_pg_layout *layout, struct cd_sql_text *out)
{
    cd_sql_add(out, "SELECT 't', oid, 0, typtype FROM pg_catalog.pg_type WHERE typtype = 'e' AND "
                    "oid = ANY(");
    add_oids(layout, /* tables = */ false, out);
    cd_sql_add(out,
               ") UNION ALL SELECT 'a', a.attrelid, a.attnum, 'n' FROM pg_catalog.pg_attribute a "
               "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attnum > 0 AND "
               "(a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)) AND a.attrelid = ANY(");
    add_oids(layout, /* tables = */ true, out);
    cd_sql_add(out, ")");
}

static void take_answer(struct cd_pg_layout *layout, const PGresult *answer)
{
    for (int row = 0; row < PQntuples(answer); row++) {
        bool is_type = PQgetvalue(answer, row, 0)[0] == 't';
        Oid oid = (Oid)strtoul(PQgetvalue(answer, row, 1), NULL, 10);
        int32_t attnum = (int32_t)strtol(PQgetvalue(answer, row, 2), NULL, 10);
        for (uint32_t i = 0; i < layout->count; i++) {
            struct cd_pg_column *column = &layout->columns[i];
            if (is_type && column->type == oid)
                column->is_enum = true;
            if (!is_type && column->table == oid && column->attnum == attnum)
                column->required = true;
        }
    }
}

/* ---- planning ---- */

static bool build_schema(struct cd_pg_layout *layout, struct cd_pg_types *types,
                         struct cd_error *err)
{
    struct cd_field *fields = cd_sql_new((layout->wanted_count + 1) * sizeof(*fields));
    for (uint32_t i = 0; i < layout->wanted_count; i++) {
        const struct cd_pg_column *column = &layout->columns[layout->wanted[i]];
        fields[i] = (struct cd_field){cd_slice(column->name), column->schema};
    }
    struct cd_schema draft = {
        .type = CD_TYPE_STRUCT,
        .name = cd_slice(layout->schema_name),
        .fields = fields,
        .field_count = layout->wanted_count,
    };
    types->host->schema_unref(layout->schema);
    layout->schema = types->host->schema(&draft, err);
    free(fields);
    return layout->schema != NULL;
}

static bool plan_columns(struct cd_pg_layout *layout, struct cd_pg_types *types,
                         const struct cd_pg_layout_options *options, struct cd_error *err)
{
    bool as_text = strcmp(options->unsupported, "string") == 0;
    for (uint32_t i = 0; i < layout->count; i++) {
        struct cd_pg_column *column = &layout->columns[i];
        if (!cd_pg_column_plan(types, column, /* as_text = */ false, err))
            return cd_fail_while(err, "column '%s'", column->name);
        if (column->decode != NULL) {
            layout->wanted[layout->wanted_count++] = i;
            continue;
        }
        layout->projected = true;
        if (strcmp(options->unsupported, "fail") == 0)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                              "column '%s' has a type (OID %u) without a place in Connect; cast it "
                              "in a query, or set connectd.unsupported.types to string or skip",
                              column->name, column->type);
        if (as_text) {
            if (!cd_pg_column_plan(types, column, /* as_text = */ true, err))
                return false;
            layout->wanted[layout->wanted_count++] = i;
            continue;
        }
        types->host->log(options->handle, CD_LOG_WARN,
                         "column left out column=%s type_oid=%u: JDBC type not currently "
                         "supported; connectd.unsupported.types=string would keep its text",
                         column->name, column->type);
    }
    return true;
}

/* Position among the wanted columns: exact, else the only one that differs in case; -1. */
static int32_t find_wanted(const struct cd_pg_layout *layout, const char *name)
{
    int32_t found = -1;
    int matches = 0;
    for (uint32_t i = 0; i < layout->wanted_count; i++) {
        const char *candidate = layout->columns[layout->wanted[i]].name;
        if (strcmp(candidate, name) == 0)
            return (int32_t)i;
        if (strcasecmp(candidate, name) == 0) {
            found = (int32_t)i;
            matches++;
        }
    }
    return matches == 1 ? found : -1;
}

static bool missing(const char *name, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "the result has no column '%s', which the mode needs; select it, and mind "
                      "its spelling",
                      name);
}

static bool is_integer(Oid type)
{
    return type == CD_PG_INT2 || type == CD_PG_INT4 || type == CD_PG_INT8 || type == CD_PG_OID ||
           type == CD_PG_NUMERIC;
}

static bool is_time(Oid type)
{
    return type == CD_PG_TIMESTAMP || type == CD_PG_TIMESTAMPTZ || type == CD_PG_DATE;
}

static bool find_keys(struct cd_pg_layout *layout, const struct cd_pg_layout_options *options,
                      struct cd_error *err)
{
    if (options->id_column != NULL) {
        layout->id = find_wanted(layout, options->id_column);
        if (layout->id < 0)
            return missing(options->id_column, err);
        if (!is_integer(layout->columns[layout->wanted[layout->id]].type))
            return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                              "incrementing column '%s' must be an integer, or a numeric without "
                              "decimals",
                              options->id_column);
    }
    if (options->time_columns.count > CD_PG_TIMES_MAX)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "at most %d timestamp columns are possible", CD_PG_TIMES_MAX);
    for (size_t i = 0; i < options->time_columns.count; i++) {
        int32_t at = find_wanted(layout, options->time_columns.items[i]);
        if (at < 0)
            return missing(options->time_columns.items[i], err);
        if (!is_time(layout->columns[layout->wanted[at]].type))
            return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                              "timestamp column '%s' must be a timestamp, with or without time "
                              "zone, or a date",
                              options->time_columns.items[i]);
        layout->times[layout->time_count++] = at;
    }
    return true;
}

bool cd_pg_layout_plan(struct cd_pg_layout *layout, struct cd_pg_types *types,
                       const PGresult *answer, const struct cd_pg_layout_options *options,
                       struct cd_error *err)
{
    take_answer(layout, answer);
    layout->schema_name = options->schema_name;
    return plan_columns(layout, types, options, err) && build_schema(layout, types, err) &&
           find_keys(layout, options, err);
}

void cd_pg_layout_copy(const struct cd_pg_layout *layout, const char *statement,
                       struct cd_sql_text *out)
{
    cd_sql_add(out, "COPY (");
    if (layout->projected) {
        /* By position, because names may repeat. */
        cd_sql_add(out, "SELECT ");
        for (uint32_t i = 0; i < layout->wanted_count; i++) {
            uint32_t at = layout->wanted[i];
            bool cast = layout->columns[at].decode == cd_pg_decode_text &&
                        layout->columns[at].schema->type == CD_TYPE_STRING &&
                        !layout->columns[at].is_enum;
            cd_sql_addf(out, "%sc%u%s", i > 0 ? "," : "", at, cast ? "::text" : "");
        }
        cd_sql_addf(out, " FROM (%s\n) AS connectd_page(", statement);
        for (uint32_t i = 0; i < layout->count; i++)
            cd_sql_addf(out, "%sc%u", i > 0 ? "," : "", i);
        cd_sql_add(out, ")");
    } else {
        cd_sql_add(out, statement);
    }
    cd_sql_add(out, "\n) TO STDOUT (FORMAT binary)");
}

/* ---- rows ---- */

bool cd_pg_layout_split(struct cd_pg_layout *layout, const uint8_t *data, size_t len,
                        struct cd_error *err)
{
    size_t at = 0;
    for (uint32_t i = 0; i < layout->wanted_count; i++) {
        if (len - at < 4)
            return cd_fail(err, CD_ERR_REMOTE, "the server sent half a row");
        int32_t size = (int32_t)cd_pg_get32(data + at);
        at += 4;
        if (size >= 0 && len - at < (uint32_t)size)
            return cd_fail(err, CD_ERR_REMOTE, "the server sent half a field");
        layout->fields[i] = size < 0 ? (struct cd_pg_field){NULL, 0}
                                     : (struct cd_pg_field){data + at, (uint32_t)size};
        at += size < 0 ? 0 : (uint32_t)size;
    }
    if (at != len)
        return cd_fail(err, CD_ERR_REMOTE, "the server sent %zu bytes behind a row", len - at);
    return true;
}

/* An outer join can make a null of a column that its table never leaves null: better an optional
 * field than a dead task. */
static bool make_optional(struct cd_pg_layout *layout, struct cd_pg_types *types, uint32_t field,
                          struct cd_error *err)
{
    struct cd_pg_column *column = &layout->columns[layout->wanted[field]];
    column->required = false;
    return cd_pg_column_plan(types, column, /* as_text = */ true, err) &&
           build_schema(layout, types, err);
}

static bool check_nulls(struct cd_pg_layout *layout, struct cd_pg_types *types,
                        struct cd_error *err)
{
    for (uint32_t i = 0; i < layout->wanted_count; i++)
        if (layout->fields[i].data == NULL && layout->columns[layout->wanted[i]].required &&
            !make_optional(layout, types, i, err))
            return false;
    return true;
}

/* A row beyond the limit is one column's fault. */
static bool too_large(const struct cd_pg_layout *layout, struct cd_error *err)
{
    uint32_t largest = 0;
    for (uint32_t i = 1; i < layout->wanted_count; i++)
        if (layout->fields[i].len > layout->fields[largest].len)
            largest = i;
    return cd_fail_while(err, "a row whose column '%s' has %zu bytes",
                         layout->columns[layout->wanted[largest]].name,
                         (size_t)layout->fields[largest].len);
}

bool cd_pg_layout_decode(struct cd_pg_layout *layout, struct cd_pg_types *types,
                         struct cd_batch *batch, struct cd_record *rec, const uint8_t *data,
                         size_t len, struct cd_error *err)
{
    if (!check_nulls(layout, types, err))
        return false;
    /* One piece of memory a row: the struct, then the row's bytes that texts point into. */
    size_t head = sizeof(struct cd_struct) + layout->wanted_count * sizeof(struct cd_value);
    struct cd_struct *value = types->host->alloc(batch, head + len, err);
    if (value == NULL)
        return too_large(layout, err);
    uint8_t *bytes = (uint8_t *)value + head;
    memcpy(bytes, data, len);
    value->schema = layout->schema;
    for (uint32_t i = 0; i < layout->wanted_count; i++) {
        struct cd_pg_field field = layout->fields[i];
        const struct cd_pg_column *column = &layout->columns[layout->wanted[i]];
        if (field.data == NULL)
            value->fields[i] = cd_null();
        else if (!column->decode(types, column, batch, bytes + (field.data - data), field.len,
                                 &value->fields[i], err))
            return false;
    }
    types->host->keep(batch, layout->schema);
    rec->value_schema = layout->schema;
    rec->value = cd_struct(value);
    return true;
}

bool cd_pg_layout_instant(const struct cd_pg_layout *layout, const struct cd_zone *zone,
                          int64_t *ret_us, struct cd_error *err)
{
    for (uint32_t i = 0; i < layout->time_count; i++) {
        struct cd_pg_field field = layout->fields[layout->times[i]];
        if (field.data != NULL)
            return cd_pg_read_instant(zone, layout->columns[layout->wanted[layout->times[i]]].type,
                                      field.data, field.len, ret_us, err);
    }
    return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                      "a selected row has no timestamp; use one timestamp column that is never "
                      "null");
}

bool cd_pg_layout_id(const struct cd_pg_layout *layout, struct cd_big *scratch, int64_t *ret,
                     struct cd_error *err)
{
    struct cd_pg_field field = layout->fields[layout->id];
    const struct cd_pg_column *column = &layout->columns[layout->wanted[layout->id]];
    if (field.data == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "incrementing column '%s' is null in a selected row; fill it, or exclude "
                          "such rows",
                          column->name);
    return cd_pg_read_integer(scratch, column->type, field.data, field.len, ret, err);
}
