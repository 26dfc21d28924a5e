#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "connectors/file/text.h"
#include "data/batch.h"
#include "data/schema.h"

static void assert_text(struct cd_value value, const char *expected)
{
    struct file_text text = {0};
    file_text_value(&text, value);
    file_text_append(&text, "", 1);
    assert_string_equal(text.ptr, expected);
    file_text_done(&text);
}

static const struct {
    double number;
    const char *text;
} doubles[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {100.0, "100.0"},
    {0.001, "0.001"},
    {0.0001, "1.0E-4"},
    {1234567.0, "1234567.0"},
    {1e7, "1.0E7"},
    {12345678.9, "1.23456789E7"},
    {0.1, "0.1"},
    {1.0 / 3, "0.3333333333333333"},
    {4.9e-324, "4.9E-324"},
    {1.7976931348623157e308, "1.7976931348623157E308"},
    {123.25, "123.25"},
};

static void doubles_are_javas(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++)
        assert_text(cd_float64(doubles[i].number), doubles[i].text);
    assert_text(cd_float32(0.1f), "0.1");
    assert_text(cd_float32(3.4028235e38f), "3.4028235E38");
    assert_text(cd_float64(strtod("nan", NULL)), "NaN");
    assert_text(cd_float64(-strtod("inf", NULL)), "-Infinity");
}

static const struct {
    const char *bytes;
    uint32_t len;
    int32_t scale;
    const char *text;
} decimals[] = {
    {"\x00", 1, 0, "0"},
    {"\x00", 1, 2, "0.00"},
    {"\x7B", 1, 0, "123"},
    {"\x7B", 1, 2, "1.23"},
    {"\x7B", 1, 5, "0.00123"},
    {"\x85", 1, 2, "-1.23"},
    {"\x7B", 1, -2, "1.23E+4"},
    {"\x01", 1, 7, "1E-7"},
    {"\x0C", 1, 8, "1.2E-7"},
    {"\x01\x00\x00\x00\x00\x00\x00\x00\x00", 9, 0, "18446744073709551616"},
    {"\xFF\x00", 2, 0, "-256"},
};

static void decimals_are_javas(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(decimals) / sizeof(decimals[0]); i++) {
        struct cd_decimal *decimal = cd_alloc(sizeof(*decimal) + 16);
        decimal->scale = decimals[i].scale;
        decimal->len = decimals[i].len;
        memcpy(decimal->unscaled, decimals[i].bytes, decimals[i].len);
        assert_text(cd_decimal(decimal), decimals[i].text);
        free(decimal);
    }
}

static void composed_values_are_javas(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_schema *optional = cd_schema_primitive(CD_TYPE_STRING, true);
    const struct cd_field fields[] = {{cd_slice("a"), cd_schema_primitive(CD_TYPE_INT32, false)},
                                      {cd_slice("n"), optional},
                                      {cd_slice("b"), optional}};
    const struct cd_schema draft = {.type = CD_TYPE_STRUCT, .field_count = 3, .fields = fields};
    const struct cd_schema *schema = cd_schema_intern(&draft, &err);
    struct cd_batch *batch = cd_batch_new(4096, 4096);
    struct cd_struct *structure = cd_batch_new_struct(batch, schema, &err);
    structure->fields[0] = cd_int32(1);
    structure->fields[2] = cd_string(cd_slice("x"));
    assert_text(cd_struct(structure), "Struct{a=1,b=x}");

    const struct cd_value elements[] = {cd_int32(1), cd_null(), cd_bool(true)};
    assert_text(cd_array(elements, 3), "[1, null, true]");
    const struct cd_map_entry entries[] = {{cd_string(cd_slice("a")), cd_int64(1)},
                                           {cd_string(cd_slice("b")), cd_array(elements, 0)}};
    assert_text(cd_map(entries, 2), "{a=1, b=[]}");
    assert_text(cd_bytes("raw", 3), "raw");
    cd_batch_free(batch);
    cd_schema_unref(schema);
}

static void dates_are_javas(void **state)
{
    (void)state;
    (void)setenv("TZ", "UTC", 1);
    tzset();
    assert_text(cd_instant(0), "Thu Jan 01 00:00:00 UTC 1970");
    assert_text(cd_instant(-1), "Wed Dec 31 23:59:59 UTC 1969");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_are_javas),
        cmocka_unit_test(decimals_are_javas),
        cmocka_unit_test(composed_values_are_javas),
        cmocka_unit_test(dates_are_javas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
