#include "plugins/operand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/batch.h"
#include "plugins/host.h"

static void a_role_names_a_part_of_the_record(void **state)
{
    (void)state;
    struct cd_record rec = {.key = cd_int8(1), .value = cd_int8(2)};
    assert_int_equal(cd_operand(&rec, CD_ROLE_KEY).value->as.integer, 1);
    assert_int_equal(cd_operand(&rec, CD_ROLE_VALUE).value->as.integer, 2);
}

static void requirements_are_told_in_the_jvms_words(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    assert_false(cd_require_map(cd_null(), "testing", &err));
    assert_string_equal(
        err.msg, "Only Map objects supported in absence of schema for [testing], found: null");
    cd_error_reset(&err);
    assert_false(cd_require_struct(NULL, cd_int8(1), "testing", &err));
    assert_string_equal(err.msg,
                        "Only Struct objects supported for [testing], found: java.lang.Byte");
}

/* A plan made for one schema is not applied to a struct of another. */
static void a_struct_must_be_of_its_schema(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(1000, 1000);
    const struct cd_schema *schema =
        cd_schema_intern(&(struct cd_schema){.type = CD_TYPE_STRUCT}, &err);
    struct cd_value value = cd_struct(cd_batch_new_struct(batch, schema, &err));
    assert_true(cd_require_struct(schema, value, "testing", &err));
    assert_false(cd_require_struct(cd_schema_primitive(CD_TYPE_INT8, false), value, "t", &err));
    assert_string_equal(err.native, "DataException");
    cd_batch_free(batch);
    cd_schema_unref(schema);
}

static void copied_headers_leave_room(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(1000, 1000);
    struct cd_header old = {.name = cd_slice("h")};
    struct cd_record rec = {.headers = &old, .header_count = 1};
    struct cd_header *copy = cd_headers_copy(cd_host(), batch, &rec, 2, &err);
    assert_non_null(copy);
    assert_ptr_equal(rec.headers, &old);
    assert_true(cd_slice_is(copy[0].name, "h"));
    copy[2].name = cd_slice("x");
    cd_batch_free(batch);
}

static void schemas_are_labelled_as_java_prints_them(void **state)
{
    (void)state;
    char label[CD_SCHEMA_LABEL_BYTES];
    struct cd_schema named = {.type = CD_TYPE_STRUCT, .name = cd_slice("com.acme.X")};
    struct cd_schema bare = {.type = CD_TYPE_INT8};
    assert_string_equal(cd_schema_label(&named, label), "Schema{com.acme.X:STRUCT}");
    assert_string_equal(cd_schema_label(&bare, label), "Schema{INT8}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_names_a_part_of_the_record),
        cmocka_unit_test(requirements_are_told_in_the_jvms_words),
        cmocka_unit_test(a_struct_must_be_of_its_schema),
        cmocka_unit_test(copied_headers_leave_room),
        cmocka_unit_test(schemas_are_labelled_as_java_prints_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
