#include "connectors/postgres/column.h"

#include "connectors/postgres/decode.h"

#include <stdlib.h>
#include <strings.h>

enum cd_numeric_mapping cd_pg_numeric_mapping(const struct cd_sql_source_config *cfg)
{
    static const char *const names[] = {
        [CD_NUMERIC_NONE] = "none",
        [CD_NUMERIC_PRECISION_ONLY] = "precision_only",
        [CD_NUMERIC_BEST_FIT] = "best_fit",
        [CD_NUMERIC_BEST_FIT_EAGER_DOUBLE] = "best_fit_eager_double",
    };
    for (size_t i = 0; cfg->numeric_mapping != NULL && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(cfg->numeric_mapping, names[i]) == 0)
            return (enum cd_numeric_mapping)i;
    return cfg->numeric_precision_mapping ? CD_NUMERIC_PRECISION_ONLY : CD_NUMERIC_NONE;
}

enum cd_granularity cd_pg_granularity(const struct cd_sql_source_config *cfg)
{
    static const char *const names[] = {
        [CD_GRANULARITY_LOGICAL] = "connect_logical",
        [CD_GRANULARITY_MICROS_LONG] = "micros_long",
        [CD_GRANULARITY_MICROS_STRING] = "micros_string",
        [CD_GRANULARITY_MICROS_ISO] = "micros_iso_datetime_string",
        [CD_GRANULARITY_NANOS_LONG] = "nanos_long",
        [CD_GRANULARITY_NANOS_STRING] = "nanos_string",
        [CD_GRANULARITY_NANOS_ISO] = "nanos_iso_datetime_string",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(cfg->timestamp_granularity, names[i]) == 0)
            return (enum cd_granularity)i;
    return CD_GRANULARITY_LOGICAL;
}

bool cd_pg_numeric_typmod(int32_t typmod, int32_t *ret_precision, int32_t *ret_scale)
{
    if (typmod < 4)
        return false;
    int32_t packed = typmod - 4;
    *ret_precision = packed >> 16 & 0xffff;
    *ret_scale = ((packed & 0x7ff) ^ 1024) - 1024; /* eleven bits with a sign */
    return true;
}

/* ---- schemas ---- */

static bool set_plain(struct cd_pg_types *types, struct cd_pg_column *column, enum cd_type type)
{
    column->target = type;
    column->schema =
        types->host->schema_ref(types->host->primitives[type][column->required ? 0 : 1]);
    return true;
}

static bool set_logical(struct cd_pg_types *types, struct cd_pg_column *column, const char *name,
                        enum cd_type type, struct cd_error *err)
{
    struct cd_schema draft = {
        .type = type,
        .optional = !column->required,
        .has_version = true,
        .version = 1,
        .name = cd_slice(name),
    };
    column->schema = types->host->schema(&draft, err);
    return column->schema != NULL;
}

static bool set_decimal(struct cd_pg_types *types, struct cd_pg_column *column, int32_t precision,
                        struct cd_error *err)
{
    char scale_text[16], precision_text[16];
    (void)snprintf(scale_text, sizeof(scale_text), "%d", column->scale);
    (void)snprintf(precision_text, sizeof(precision_text), "%d", precision);
    struct cd_parameter parameters[] = {
        {cd_slice("scale"), cd_slice(scale_text)},
        {cd_slice("connect.decimal.precision"), cd_slice(precision_text)},
    };
    struct cd_schema draft = {
        .type = CD_TYPE_BYTES,
        .optional = !column->required,
        .has_version = true,
        .version = 1,
        .name = cd_slice("org.apache.kafka.connect.data.Decimal"),
        .parameters = parameters,
        .parameter_count = types->vendor == CD_VENDOR_AIVEN ? 1 : 2,
    };
    column->decode = cd_pg_decode_decimal;
    column->schema = types->host->schema(&draft, err);
    return column->schema != NULL;
}

static enum cd_type integer_for(int32_t precision)
{
    if (precision <= 2)
        return CD_TYPE_INT8;
    if (precision <= 4)
        return CD_TYPE_INT16;
    return precision <= 9 ? CD_TYPE_INT32 : CD_TYPE_INT64;
}

static bool plan_numeric(struct cd_pg_types *types, struct cd_pg_column *column,
                         struct cd_error *err)
{
    int32_t precision = 0, scale = 0;
    if (!cd_pg_numeric_typmod(column->typmod, &precision, &scale)) {
        /* Without precision Java's mappings make it INT8 and cut it; it stays a Decimal here. */
        column->scale = types->vendor == CD_VENDOR_AIVEN ? 0 : 127;
        return set_decimal(types, column, 0, err);
    }
    column->scale = scale;
    bool best_fit = types->numeric >= CD_NUMERIC_BEST_FIT;
    bool integral = scale == 0 || (best_fit && scale < 0 && scale >= -84);
    if (types->numeric != CD_NUMERIC_NONE && precision <= 18 && integral) {
        column->decode = cd_pg_decode_numeric_integer;
        return set_plain(types, column, integer_for(precision));
    }
    bool as_double = best_fit && scale > 0 &&
                     (precision <= 18 || types->numeric == CD_NUMERIC_BEST_FIT_EAGER_DOUBLE);
    if (as_double) {
        column->decode = cd_pg_decode_numeric_double;
        return set_plain(types, column, CD_TYPE_FLOAT64);
    }
    return set_decimal(types, column, precision, err);
}

static bool plan_timestamp(struct cd_pg_types *types, struct cd_pg_column *column,
                           struct cd_error *err)
{
    column->decode =
        column->type == CD_PG_TIMESTAMP ? cd_pg_decode_timestamp : cd_pg_decode_timestamptz;
    switch (types->granularity) {
    case CD_GRANULARITY_LOGICAL:
        return set_logical(types, column, "org.apache.kafka.connect.data.Timestamp", CD_TYPE_INT64,
                           err);
    case CD_GRANULARITY_MICROS_LONG:
    case CD_GRANULARITY_NANOS_LONG:
        return set_plain(types, column, CD_TYPE_INT64);
    case CD_GRANULARITY_MICROS_STRING:
    case CD_GRANULARITY_MICROS_ISO:
    case CD_GRANULARITY_NANOS_STRING:
    case CD_GRANULARITY_NANOS_ISO:
        break;
    }
    return set_plain(types, column, CD_TYPE_STRING);
}

/* The JDBC driver's reading: one bit is a flag, up to eight a number, more are characters. */
static bool plan_bit(struct cd_pg_types *types, struct cd_pg_column *column)
{
    if (column->typmod == 1) {
        column->decode = cd_pg_decode_bit_flag;
        return set_plain(types, column, CD_TYPE_BOOLEAN);
    }
    if (column->typmod > 1 && column->typmod <= 8) {
        column->decode = cd_pg_decode_bit_number;
        return set_plain(types, column, CD_TYPE_INT8);
    }
    column->decode = cd_pg_decode_bit_text;
    return set_plain(types, column, CD_TYPE_BYTES);
}

static const struct {
    Oid type;
    cd_pg_decode *decode;
    enum cd_type target;
} plain[] = {
    {CD_PG_BOOL, cd_pg_decode_bool, CD_TYPE_BOOLEAN},
    {CD_PG_INT2, cd_pg_decode_int2, CD_TYPE_INT16},
    {CD_PG_INT4, cd_pg_decode_int4, CD_TYPE_INT32},
    {CD_PG_INT8, cd_pg_decode_int8, CD_TYPE_INT64},
    {CD_PG_OID, cd_pg_decode_oid, CD_TYPE_INT64},
    {CD_PG_FLOAT4, cd_pg_decode_float4, CD_TYPE_FLOAT32},
    {CD_PG_FLOAT8, cd_pg_decode_float8, CD_TYPE_FLOAT64},
    {CD_PG_MONEY, cd_pg_decode_money, CD_TYPE_FLOAT64},
    {CD_PG_TEXT, cd_pg_decode_text, CD_TYPE_STRING},
    {CD_PG_VARCHAR, cd_pg_decode_text, CD_TYPE_STRING},
    {CD_PG_BPCHAR, cd_pg_decode_text, CD_TYPE_STRING},
    {CD_PG_NAME, cd_pg_decode_text, CD_TYPE_STRING},
    {CD_PG_CHAR, cd_pg_decode_char, CD_TYPE_STRING},
    {CD_PG_JSON, cd_pg_decode_text, CD_TYPE_STRING},
    {CD_PG_XML, cd_pg_decode_text, CD_TYPE_STRING},
    {CD_PG_JSONB, cd_pg_decode_jsonb, CD_TYPE_STRING},
    {CD_PG_UUID, cd_pg_decode_uuid, CD_TYPE_STRING},
    {CD_PG_BYTEA, cd_pg_decode_bytea, CD_TYPE_BYTES},
};

static bool plan_other(struct cd_pg_types *types, struct cd_pg_column *column, bool as_text)
{
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (plain[i].type != column->type)
            continue;
        column->decode = plain[i].decode;
        return set_plain(types, column, plain[i].target);
    }
    column->decode = column->is_enum || as_text ? cd_pg_decode_text : NULL;
    return column->decode == NULL || set_plain(types, column, CD_TYPE_STRING);
}

bool cd_pg_column_plan(struct cd_pg_types *types, struct cd_pg_column *column, bool as_text,
                       struct cd_error *err)
{
    if (column->schema != NULL)
        types->host->schema_unref(column->schema);
    column->schema = NULL;
    switch (column->type) {
    case CD_PG_NUMERIC:
        return plan_numeric(types, column, err);
    case CD_PG_DATE:
        column->decode = cd_pg_decode_date;
        return set_logical(types, column, "org.apache.kafka.connect.data.Date", CD_TYPE_INT32, err);
    case CD_PG_TIME:
    case CD_PG_TIMETZ:
        column->decode = column->type == CD_PG_TIME ? cd_pg_decode_time : cd_pg_decode_timetz;
        return set_logical(types, column, "org.apache.kafka.connect.data.Time", CD_TYPE_INT32, err);
    case CD_PG_TIMESTAMP:
    case CD_PG_TIMESTAMPTZ:
        return plan_timestamp(types, column, err);
    case CD_PG_BIT:
        return plan_bit(types, column);
    default:
        return plan_other(types, column, as_text);
    }
}

void cd_pg_column_done(struct cd_pg_column *column, const struct cd_host *host)
{
    free(column->name);
    host->schema_unref(column->schema);
    *column = (struct cd_pg_column){0};
}
