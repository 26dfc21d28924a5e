#include "data/logical.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "compat/decimal.h"

static void days_and_times_have_their_limits(void **state)
{
    (void)state;
    static const struct {
        enum cd_logical logical;
        int64_t ms;
        bool ok;
        int64_t encoded;
    } rows[] = {
        {CD_LOGICAL_DATE, 864000000000, true, 10000},
        {CD_LOGICAL_DATE, -86400000, true, -1},
        {CD_LOGICAL_DATE, 1, false, 0},
        {CD_LOGICAL_DATE, -1, false, 0},
        {CD_LOGICAL_TIME, 0, true, 0},
        {CD_LOGICAL_TIME, 86400000, true, 86400000},
        {CD_LOGICAL_TIME, 86400001, false, 0},
        {CD_LOGICAL_TIME, -1, false, 0},
        {CD_LOGICAL_TIMESTAMP, INT64_MIN, true, INT64_MIN},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        int64_t encoded;
        int64_t ms;
        assert_true(cd_logical_encode(rows[i].logical, rows[i].ms, &encoded, &err) == rows[i].ok);
        if (!rows[i].ok) {
            assert_string_equal(err.native, "DataException");
            continue;
        }
        assert_true(encoded == rows[i].encoded);
        assert_true(cd_logical_decode(rows[i].logical, encoded, &ms, &err));
        assert_true(ms == rows[i].ms);
    }
}

static void a_time_of_day_is_checked_when_read(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    int64_t ms;
    assert_false(cd_logical_decode(CD_LOGICAL_TIME, 86400001, &ms, &err));
    assert_string_equal(err.native, "DataException");
}

static struct cd_schema decimal_schema(const struct cd_parameter *scale)
{
    return (struct cd_schema){.type = CD_TYPE_BYTES,
                              .logical = CD_LOGICAL_DECIMAL,
                              .parameter_count = scale == NULL ? 0 : 1,
                              .parameters = scale};
}

static void a_decimals_scale_must_be_its_schemas(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    const struct cd_decimal *d = cd_decimal_of_int64(15, 1, &arena, &err);
    struct cd_parameter one = {cd_slice("scale"), cd_slice("1")};
    struct cd_parameter two = {cd_slice("scale"), cd_slice("2")};
    struct cd_parameter none = {cd_slice("scale"), cd_slice("x")};
    struct cd_schema schema = decimal_schema(&one);
    assert_true(cd_logical_check_scale(&schema, d, &err));
    schema = decimal_schema(&two);
    assert_false(cd_logical_check_scale(&schema, d, &err));
    assert_string_equal(err.msg, "Decimal value has mismatching scale for given Decimal schema. "
                                 "Schema has scale 2, value has scale 1.");
    cd_error_reset(&err);
    schema = decimal_schema(&none);
    assert_false(cd_logical_check_scale(&schema, d, &err));
    cd_error_reset(&err);
    schema = decimal_schema(NULL);
    assert_false(cd_logical_check_scale(&schema, d, &err));
    assert_string_equal(err.msg, "Invalid Decimal schema: scale parameter not found.");
    cd_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_times_have_their_limits),
        cmocka_unit_test(a_time_of_day_is_checked_when_read),
        cmocka_unit_test(a_decimals_scale_must_be_its_schemas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
