#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "data/batch.h"
#include "data/schema.h"
#include "data/value.h"
#include "plugins/converter_list.h"

#define POINT                                                                                      \
    "{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"field\":\"x\"},{\"type\":\"string\","  \
    "\"optional\":true,\"field\":\"s\"}]}"

static struct cd_converter_json_config envelope = {
    .schemas = true, .cache_size = 1000, .decimal_format = "BASE64", .replace_null = true};
static struct cd_converter_json_config plain = {.cache_size = 1000, .decimal_format = "base64"};

struct fixture {
    void *converter;
    struct cd_batch *batch;
    struct cd_error err;
    const struct cd_schema *schema;
    struct cd_value value;
};

static struct fixture open_fixture(const struct cd_converter_json_config *cfg)
{
    struct fixture f = {.err = CD_ERROR_INIT};
    struct cd_task_base *base = cd_alloc(cd_converter_json.state_size);
    base->cfg = cfg;
    f.converter = base;
    f.batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    assert_true(cd_converter_json.open(f.converter, CD_ROLE_VALUE, &f.err));
    return f;
}

static void close_fixture(struct fixture *f)
{
    cd_converter_json.close(f->converter);
    free(f->converter);
    cd_batch_free(f->batch);
    assert_int_equal(cd_schema_alive(), 0);
}

static bool try_read(struct fixture *f, const char *json)
{
    cd_error_reset(&f->err);
    return cd_converter_json.read(f->converter, f->batch, cd_slice("t"), cd_slice(json), &f->schema,
                                  &f->value, &f->err);
}

static void read_json(struct fixture *f, const char *json)
{
    if (!try_read(f, json))
        fail_msg("%s: %s", json, f->err.msg);
}

static void equal_schemas_are_the_same_whatever_stands_around_them(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"schema\":" POINT ",\"payload\":{\"x\":1,\"s\":\"a\"}}",
        "{\"schema\":" POINT ",\"payload\":{\"x\":1,\"s\":\"a\"}}",
        " { \"schema\" : " POINT " , \"payload\" : { \"s\" : \"a\" , \"x\" : 1 } } ",
        "{\"payload\":{\"x\":1,\"s\":\"a\"},\"schema\":" POINT "}",
        "{\"schema\":" POINT ",\"payload\":{\"x\":9,\"y\":[{}],\"x\":1,\"s\":\"\\u0061\"}} rest",
    };
    struct fixture f = open_fixture(&envelope);
    read_json(&f, texts[0]);
    const struct cd_schema *schema = f.schema;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        read_json(&f, texts[i]);
        assert_ptr_equal(f.schema, schema);
        assert_true(f.value.as.structure->fields[0].as.integer == 1);
        assert_true(cd_slice_is(cd_value_slice(f.value.as.structure->fields[1]), "a"));
    }
    close_fixture(&f);
}

static void many_schemas_alternate(void **state)
{
    (void)state;
    struct cd_converter_json_config small = envelope;
    small.cache_size = 3;
    struct fixture f = open_fixture(&small);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 10; i++) {
            CD_AUTO_FREE char *text =
                cd_asprintf("{\"schema\":{\"type\":\"int32\",\"version\":%d},\"payload\":%d}",
                            i % (round + 3), i);
            read_json(&f, text);
            assert_int_equal(f.schema->version, i % (round + 3));
            assert_true(f.value.as.integer == i);
        }
    close_fixture(&f);
}

/* One schema may be the beginning of nothing else: objects end by themselves. */
static void a_known_schema_is_not_mistaken_for_a_longer_one(void **state)
{
    (void)state;
    struct fixture f = open_fixture(&envelope);
    read_json(&f, "{\"schema\":{\"type\":\"int8\"},\"payload\":1}");
    read_json(&f, "{\"schema\":{\"type\":\"int8\",\"optional\":true},\"payload\":null}");
    assert_true(f.schema->optional);
    read_json(&f, "{\"schema\":{\"type\":\"int8\"},\"payload\":1}");
    assert_false(f.schema->optional);
    close_fixture(&f);
}

static void errors_are_the_same_before_and_after_a_schema_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"{\"schema\":" POINT ",\"payload\":{\"x\":null}}",
         "Invalid null value for required INT32 field"},
        {"{\"schema\":" POINT ",\"payload\":{}}", "Invalid null value for required INT32 field"},
        {"{\"schema\":" POINT ",\"payload\":[]}",
         "Structs should be encoded as JSON objects, but found ARRAY"},
    };
    struct fixture f = open_fixture(&envelope);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            assert_false(try_read(&f, rows[i].text));
            assert_string_equal(f.err.msg, rows[i].message);
            assert_string_equal(f.err.native, "DataException");
        }
        assert_false(try_read(&f, "{\"schema\":" POINT ",\"payload\":{\"x\":1},\"more\":1}"));
        assert_non_null(strstr(f.err.msg, "requires \"schema\" and \"payload\" fields"));
        assert_false(try_read(&f, "{\"schema\":" POINT ",\"payload\":{\"x\":1}"));
        assert_non_null(strstr(f.err.msg, "serialization error"));
        read_json(&f, "{\"schema\":" POINT ",\"payload\":{\"x\":1}}");
    }
    close_fixture(&f);
}

/* A text field that holds a number is null on the JVM, and its struct then refuses it. */
static void a_wrong_node_is_null_and_found_by_its_struct(void **state)
{
    (void)state;
    struct fixture f = open_fixture(&envelope);
    read_json(&f, "{\"schema\":{\"type\":\"string\"},\"payload\":1}");
    assert_true(cd_is_null(f.value));
    assert_int_equal(f.value.reserved, 0);
    read_json(&f, "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"string\",\"optional\":"
                  "true,\"default\":\"d\",\"field\":\"s\"}]},\"payload\":{\"s\":5}}");
    assert_true(cd_is_null(f.value.as.structure->fields[0]));
    assert_false(try_read(&f, "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"array\","
                              "\"items\":{\"type\":\"string\"},\"field\":\"l\"}]},\"payload\":{"
                              "\"l\":[\"a\",{\"b\":1}]}}"));
    assert_string_equal(f.err.msg, "Invalid value: null used for required element of array field: "
                                   "\"l\", schema type: STRING");
    close_fixture(&f);
}

static void plain_texts_borrow_from_the_message(void **state)
{
    (void)state;
    struct fixture f = open_fixture(&plain);
    static const char json[] = "{\"k\":\"borrowed\",\"e\":\"a\\tb\"}";
    read_json(&f, json);
    struct cd_value borrowed = cd_map_get(f.value, "k");
    assert_ptr_equal(borrowed.as.string, strstr(json, "borrowed"));
    assert_true(cd_slice_is(cd_value_slice(cd_map_get(f.value, "e")), "a\tb"));
    assert_true((f.value.flags & CD_MAP_HASHED) != 0);
    close_fixture(&f);
}

static void a_record_beyond_the_limit_is_refused_whole(void **state)
{
    (void)state;
    struct fixture f = open_fixture(&envelope);
    CD_AUTO_FREE char *text = cd_alloc(2001);
    memset(text, 'x', 2000);
    struct cd_slice ret = cd_slice("untouched");
    for (size_t max = 1; max < 2200; max = max * 3 + 1) {
        struct cd_batch *batch = cd_batch_new(SIZE_MAX, max);
        cd_error_reset(&f.err);
        assert_false(cd_converter_json.write(f.converter, batch, cd_slice("t"),
                                             cd_schema_primitive(CD_TYPE_STRING, false),
                                             cd_string(cd_slice(text)), &ret, &f.err));
        assert_int_equal(f.err.code, CD_ERR_DATA);
        assert_true(cd_slice_is(ret, "untouched"));
        cd_batch_free(batch);
    }
    close_fixture(&f);
}

/* Whichever allocation fails: an error, and the converter goes on. */
static void reading_survives_any_full_arena(void **state)
{
    (void)state;
    static const char json[] = "{\"schema\":" POINT ",\"payload\":{\"x\":1,\"s\":\"\\u0061bc\"}}";
    struct fixture f = open_fixture(&envelope);
    bool ok = false;
    for (size_t max = 1; !ok; max++) {
        struct cd_batch *batch = cd_batch_new(SIZE_MAX, max);
        cd_error_reset(&f.err);
        ok = cd_converter_json.read(f.converter, batch, cd_slice("t"), cd_slice(json), &f.schema,
                                    &f.value, &f.err);
        assert_true(ok || f.err.code == CD_ERR_DATA);
        cd_batch_free(batch);
    }
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_schemas_are_the_same_whatever_stands_around_them),
        cmocka_unit_test(many_schemas_alternate),
        cmocka_unit_test(a_known_schema_is_not_mistaken_for_a_longer_one),
        cmocka_unit_test(errors_are_the_same_before_and_after_a_schema_is_known),
        cmocka_unit_test(a_wrong_node_is_null_and_found_by_its_struct),
        cmocka_unit_test(plain_texts_borrow_from_the_message),
        cmocka_unit_test(a_record_beyond_the_limit_is_refused_whole),
        cmocka_unit_test(reading_survives_any_full_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
