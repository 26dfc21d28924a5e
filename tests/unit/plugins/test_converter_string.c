#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "data/batch.h"
#include "data/schema.h"
#include "plugins/converter_list.h"

struct fixture {
    void *converter;
    struct cd_batch *batch;
    struct cd_error err;
};

static struct fixture open_fixture(const struct cd_converter_string_config *cfg, enum cd_role role)
{
    struct fixture f = {.err = CD_ERROR_INIT};
    struct cd_task_base *base = cd_alloc(cd_converter_string.state_size);
    base->cfg = cfg;
    f.converter = base;
    f.batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    assert_true(cd_converter_string.open(f.converter, role, &f.err));
    return f;
}

static void close_fixture(struct fixture *f)
{
    cd_converter_string.close(f->converter);
    free(f->converter);
    cd_batch_free(f->batch);
}

static struct cd_slice write_value(struct fixture *f, struct cd_value value)
{
    struct cd_slice bytes;
    assert_true(cd_converter_string.write(f->converter, f->batch, cd_slice("t"), NULL, value,
                                          &bytes, &f->err));
    return bytes;
}

static struct cd_slice read_text(struct fixture *f, struct cd_slice bytes)
{
    const struct cd_schema *schema;
    struct cd_value value;
    assert_true(cd_converter_string.read(f->converter, f->batch, cd_slice("t"), bytes, &schema,
                                         &value, &f->err));
    assert_ptr_equal(schema, cd_schema_primitive(CD_TYPE_STRING, true));
    return cd_is_null(value) ? (struct cd_slice){NULL, 0} : cd_value_slice(value);
}

static void proper_utf8_is_not_copied(void **state)
{
    (void)state;
    static const struct cd_converter_string_config cfg = {.encoding = "utf8"};
    struct fixture f = open_fixture(&cfg, CD_ROLE_VALUE);
    struct cd_slice text = cd_slice("gr\xc3\xbc\xc3\x9f dich");
    assert_ptr_equal(write_value(&f, cd_string(text)).ptr, text.ptr);
    assert_ptr_equal(read_text(&f, text).ptr, text.ptr);
    assert_true(f.batch->arena.used == 0);
    close_fixture(&f);
}

static void empty_is_not_null(void **state)
{
    (void)state;
    static const struct cd_converter_string_config cfg = {.encoding = "UTF-8"};
    struct fixture f = open_fixture(&cfg, CD_ROLE_VALUE);
    assert_non_null(write_value(&f, cd_string(cd_slice(""))).ptr);
    assert_null(write_value(&f, cd_null()).ptr);
    assert_non_null(read_text(&f, cd_slice("")).ptr);
    assert_null(read_text(&f, (struct cd_slice){NULL, 0}).ptr);
    close_fixture(&f);
}

static void the_serializers_own_keys_win_for_their_role(void **state)
{
    (void)state;
    static const struct cd_converter_string_config cfg = {
        .encoding = "UTF-8", .key_serializer = "ISO-8859-1", .value_deserializer = "UTF-16BE"};
    struct fixture key = open_fixture(&cfg, CD_ROLE_KEY);
    struct fixture value = open_fixture(&cfg, CD_ROLE_VALUE);
    struct cd_value e = cd_string(cd_slice("\xc3\xa9"));
    assert_true(cd_slice_is(write_value(&key, e), "\xe9"));
    assert_true(cd_slice_is(write_value(&value, e), "\xc3\xa9"));
    assert_true(cd_slice_is(read_text(&value, cd_slice_of("\0\xe9", 2)), "\xc3\xa9"));
    close_fixture(&key);
    close_fixture(&value);
}

static void what_is_no_text_becomes_javas(void **state)
{
    (void)state;
    static const struct cd_converter_string_config cfg = {.encoding = "UTF-16"};
    struct fixture f = open_fixture(&cfg, CD_ROLE_VALUE);
    struct cd_slice bytes = write_value(&f, cd_int64(42));
    assert_true(cd_slice_equal(bytes, cd_slice_of("\xfe\xff\0004\0002", 6)));
    close_fixture(&f);
}

static void an_unknown_encoding_is_refused(void **state)
{
    (void)state;
    static const struct cd_converter_string_config cfg = {.encoding = "nope"};
    struct cd_error err = CD_ERROR_INIT;
    struct cd_task_base *base = cd_alloc(cd_converter_string.state_size);
    base->cfg = &cfg;
    assert_false(cd_converter_string.open(base, CD_ROLE_VALUE, &err));
    assert_string_equal(err.msg, "Unsupported encoding nope");
    assert_int_equal(err.code, CD_ERR_CONFIG);
    cd_converter_string.close(base); /* as after every failed open */
    free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proper_utf8_is_not_copied),
        cmocka_unit_test(empty_is_not_null),
        cmocka_unit_test(the_serializers_own_keys_win_for_their_role),
        cmocka_unit_test(what_is_no_text_becomes_javas),
        cmocka_unit_test(an_unknown_encoding_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
