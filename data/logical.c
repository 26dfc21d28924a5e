#include "data/logical.h"

#include "compat/number.h"

const char *cd_logical_name(enum cd_logical logical)
{
    static const char *const names[] = {
        [CD_LOGICAL_NONE] = "",
        [CD_LOGICAL_DECIMAL] = "Decimal",
        [CD_LOGICAL_DATE] = "Date",
        [CD_LOGICAL_TIME] = "Time",
        [CD_LOGICAL_TIMESTAMP] = "Timestamp",
    };
    return names[logical];
}

bool cd_logical_scale(const struct cd_schema *schema, int32_t *ret, struct cd_error *err)
{
    for (uint32_t i = 0; i < schema->parameter_count; i++) {
        if (!cd_slice_is(schema->parameters[i].name, "scale"))
            continue;
        struct cd_error why = CD_ERROR_INIT;
        if (cd_java_parse_int(schema->parameters[i].value, ret, &why))
            return true;
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Invalid scale parameter found in Decimal schema: %s", why.msg);
    }
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "Invalid Decimal schema: scale parameter not found.");
}

bool cd_logical_check_scale(const struct cd_schema *schema, const struct cd_decimal *decimal,
                            struct cd_error *err)
{
    int32_t scale;
    if (!cd_logical_scale(schema, &scale, err))
        return false;
    if (decimal->scale == scale)
        return true;
    return cd_fail_as(err, CD_ERR_DATA, "DataException",
                      "Decimal value has mismatching scale for given Decimal schema. Schema has "
                      "scale %d, value has scale %d.",
                      scale, decimal->scale);
}

bool cd_logical_encode(enum cd_logical logical, int64_t ms, int64_t *ret, struct cd_error *err)
{
    if (logical == CD_LOGICAL_DATE && ms % CD_DAY_MS != 0)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Kafka Connect Date type should not have any time fields set to non-zero "
                          "values.");
    if (logical == CD_LOGICAL_TIME && (ms < 0 || ms > CD_DAY_MS))
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Kafka Connect Time type should not have any date fields set to non-zero "
                          "values.");
    *ret = logical == CD_LOGICAL_DATE ? (int32_t)(ms / CD_DAY_MS) : ms;
    return true;
}

bool cd_logical_decode(enum cd_logical logical, int64_t encoded, int64_t *ret_ms,
                       struct cd_error *err)
{
    if (logical == CD_LOGICAL_TIME && (encoded < 0 || encoded > CD_DAY_MS))
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Time values must use number of milliseconds greater than 0 and less "
                          "than 86400000");
    *ret_ms = logical == CD_LOGICAL_DATE ? encoded * CD_DAY_MS : encoded;
    return true;
}
