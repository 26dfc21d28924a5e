#include "plugins/cast_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/batch.h"

/* The conversions themselves are in the vectors; these are the corners. */
static struct cd_value cast(enum cd_type target, struct cd_value value)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_caster caster = {0};
    struct cd_value ret = cd_null();
    if (!cd_cast_value(&caster, target, NULL, value, &ret, &err))
        fail_msg("%s", err.msg);
    cd_buffer_done(&caster.scratch);
    return ret;
}

static void integers_are_cut_and_reals_saturate(void **state)
{
    (void)state;
    assert_int_equal(cast(CD_TYPE_INT8, cd_int64(INT64_MAX)).as.integer, -1);
    assert_int_equal(cast(CD_TYPE_INT16, cd_float64(1e20)).as.integer, -1);
    assert_true(cast(CD_TYPE_INT64, cd_float32(1e20f)).as.integer == INT64_MAX);
    assert_true(cast(CD_TYPE_INT64, cd_float64(-1e20)).as.integer == INT64_MIN);
}

/* 2^24 + 1 plus a bit that double would lose: rounding twice would give another float. */
static void a_long_becomes_a_float_in_one_step(void **state)
{
    (void)state;
    int64_t v = (INT64_C(1) << 54) + (INT64_C(1) << 30) + 1;
    assert_true(cast(CD_TYPE_FLOAT32, cd_int64(v)).as.float32 == (float)v);
}

static void only_true_is_true(void **state)
{
    (void)state;
    assert_true(cast(CD_TYPE_BOOLEAN, cd_string(cd_slice("tRuE"))).as.boolean);
    assert_false(cast(CD_TYPE_BOOLEAN, cd_string(cd_slice("true "))).as.boolean);
    assert_false(cast(CD_TYPE_BOOLEAN, cd_string(cd_slice("1"))).as.boolean);
    assert_true(cast(CD_TYPE_BOOLEAN, cd_int8(2)).as.boolean);
}

static void dates_without_schema_are_refused(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_caster caster = {0};
    struct cd_value ret;
    assert_false(cd_cast_value(&caster, CD_TYPE_STRING, NULL, cd_instant(1), &ret, &err));
    assert_string_equal(err.native, "DataException");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_cut_and_reals_saturate),
        cmocka_unit_test(a_long_becomes_a_float_in_one_step),
        cmocka_unit_test(only_true_is_true),
        cmocka_unit_test(dates_without_schema_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
