#include "data/value_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "data/schema.h"

/* What a text is understood as, printed again, with the type of the schema in front. */
static char *understood(const char *text, bool java)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    const struct cd_schema *schema;
    struct cd_value value;
    struct cd_buffer out = CD_BUFFER_INIT;
    if (!cd_value_header_parse(batch, cd_slice(text), &schema, &value, &err))
        fail_msg("%s: %s", text, err.msg);
    cd_buffer_printf(&out, "%s ", schema == NULL ? "none" : cd_type_name(schema->type));
    if (java)
        cd_value_java_text(value, &out);
    else
        cd_value_header_text(value, &out);
    cd_batch_free(batch);
    return cd_buffer_steal(&out);
}

struct row {
    const char *text;
    const char *wanted;
};

static void assert_rows(const struct row *rows, size_t count, bool java)
{
    for (size_t i = 0; i < count; i++) {
        CD_AUTO_FREE char *got = understood(rows[i].text, java);
        if (strcmp(got, rows[i].wanted) != 0)
            fail_msg("'%s': wanted '%s', got '%s'", rows[i].text, rows[i].wanted, got);
    }
    assert_int_equal(cd_schema_alive(), 0);
}

/* Each was asked of Kafka 4.1.1; the vectors have the usual ones. */
static void odd_texts_are_read_as_the_jvm_reads_them(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {" {x", "STRING  "},
        {"[\" \",\"{ }b\"]", "ARRAY [\"\",\"{}b\"]"},
        {"[2019-08-23T14 :34:54.346Z]", "ARRAY [2019-08-23T14:34:54.346Z]"},
        {"[14:34:54.346Z,20123]", "ARRAY [14:34:54.346Z,00:00:20.123Z]"},
        {"[70000,2019-08-23]", "ARRAY [2161-08-27,2019-08-23]"},
        {"[2019-08-23,70000]", "STRING [2019-08-23,70000]"},
        {"[14:34:54.346Z,-1]", "STRING [14:34:54.346Z,-1]"},
        {"[1.5,14:34:54.346Z]", "STRING [1.5,14:34:54.346Z]"},
        {"{14:34:54.346Z:1,5:2}", "MAP {14:34:54.346Z:1,00:00:00.005Z:2}"},
        {"{\"a\":1,\"a\":2}", "MAP {\"a\":2}"},
        {"{1:1,1.0:2}", "MAP {1:2}"},
        {"{1:1,\"a\":2}", "MAP {1:1,\"a\":2}"},
        {"{1:null,\"a\":null}", "MAP {1:null,\"a\":null}"},
        {"{\"a\":null,\"b\":1}", "STRING {\"a\":null,\"b\":1}"},
        {"[1\\,2]", "STRING [1\\,2]"},
        {"\xef\xbc\x91\xef\xbc\x92", "INT8 12"},
        {"[1,5000000000,1e300]", "ARRAY [1.0,5.0E9,1.0E300]"},
        {"\t", "STRING \t"},
        {"  ,", "STRING   ,"},
    };
    assert_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
}

static void javas_text_is_another(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"[1,\"x\"]", "ARRAY [1, x]"},
        {"{\"a\":1,\"b\":[]}", "MAP {a=1, b=[]}"},
        {"2017-01-03T06:43:21.864Z", "INT64 Tue Jan 03 06:43:21 UTC 2017"},
        {"128-02-141", "INT32 Sat Jun 20 00:00:00 UTC 128"},
        {"null", "none null"},
        {"1E+400", "BYTES 1E+400"},
    };
    assert_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void structs_have_both_texts(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    struct cd_value seven = cd_int32(7);
    const struct cd_schema *defaulted =
        cd_schema_intern(&(struct cd_schema){.type = CD_TYPE_INT32, .fallback = &seven}, &err);
    const struct cd_field fields[] = {{cd_slice("i"), defaulted},
                                      {cd_slice("s"), cd_schema_primitive(CD_TYPE_STRING, true)},
                                      {cd_slice("b"), cd_schema_primitive(CD_TYPE_BYTES, true)}};
    const struct cd_schema *schema = cd_schema_intern(
        &(struct cd_schema){.type = CD_TYPE_STRUCT, .field_count = 3, .fields = fields}, &err);
    struct cd_struct *s = cd_batch_new_struct(batch, schema, &err);
    s->fields[1] = cd_string(cd_slice("a\"b\\"));
    s->fields[2] = cd_bytes("\1", 1);
    struct cd_buffer text = CD_BUFFER_INIT;
    cd_value_header_text(cd_struct(s), &text);
    assert_string_equal(text.ptr, "{\"i\":7,\"s\":\"a\\\"b\\\\\",\"b\":\"AQ==\"}");
    cd_buffer_clear(&text);
    cd_value_java_text(cd_struct(s), &text);
    assert_string_equal(text.ptr, "Struct{s=a\"b\\,b=[B@0}");
    cd_buffer_done(&text);
    cd_schema_unref(schema);
    cd_schema_unref(defaulted);
    cd_batch_free(batch);
}

static void too_deep_is_a_text(void **state)
{
    (void)state;
    for (size_t depth = CD_HEADER_DEPTH_MAX; depth <= 100000; depth += 99500) {
        char *text = cd_alloc(2 * depth + 1);
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        char *got = understood(text, false);
        bool array = strncmp(got, "ARRAY", 5) == 0;
        assert_true(array == (depth <= CD_HEADER_DEPTH_MAX));
        cd_free_ptr(&text);
        cd_free_ptr(&got);
    }
}

static void a_batch_without_room_is_an_error(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(SIZE_MAX, 16);
    const struct cd_schema *schema;
    struct cd_value value;
    assert_false(cd_value_header_parse(batch, cd_slice("[1,2,3]"), &schema, &value, &err));
    assert_int_equal(err.code, CD_ERR_DATA);
    cd_batch_free(batch);
}

static void numbers_alone_can_be_asked_for(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    const struct cd_schema *schema;
    struct cd_value value;
    assert_true(cd_value_header_number(batch, cd_slice("300"), &schema, &value, &err));
    assert_int_equal(schema->type, CD_TYPE_INT16);
    assert_false(cd_value_header_number(batch, cd_slice("3x"), &schema, &value, &err));
    assert_int_equal(err.code, CD_OK);
    cd_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_texts_are_read_as_the_jvm_reads_them),
        cmocka_unit_test(javas_text_is_another),
        cmocka_unit_test(structs_have_both_texts),
        cmocka_unit_test(too_deep_is_a_text),
        cmocka_unit_test(a_batch_without_room_is_an_error),
        cmocka_unit_test(numbers_alone_can_be_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
