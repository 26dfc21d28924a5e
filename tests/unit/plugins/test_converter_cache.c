#include "plugins/converter_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "data/schema.h"

static const struct cd_schema *numbered(int32_t version)
{
    struct cd_error err = CD_ERROR_INIT;
    return cd_schema_intern(
        &(struct cd_schema){.type = CD_TYPE_INT8, .has_version = true, .version = version}, &err);
}

static void a_schema_is_found_and_kept_alive(void **state)
{
    (void)state;
    struct cd_converter_cache cache;
    cd_converter_cache_init(&cache, CD_CACHE_BY_SCHEMA, 100);
    for (int32_t i = 0; i < 100; i++) {
        const struct cd_schema *schema = numbered(i);
        assert_null(cd_converter_cache_schema(&cache, schema));
        (void)cd_converter_cache_put(&cache, schema, cd_slice("text"));
        cd_schema_unref(schema);
    }
    assert_int_equal(cd_schema_alive(), 100);
    for (int32_t i = 0; i < 100; i++) {
        const struct cd_schema *schema = numbered(i);
        assert_ptr_equal(cd_converter_cache_schema(&cache, schema)->schema, schema);
        cd_schema_unref(schema);
    }
    cd_converter_cache_done(&cache);
    assert_int_equal(cd_schema_alive(), 0);
}

static void what_was_not_used_for_longest_is_forgotten(void **state)
{
    (void)state;
    struct cd_converter_cache cache;
    cd_converter_cache_init(&cache, CD_CACHE_BY_TEXT, 2);
    (void)cd_converter_cache_put(&cache, NULL, cd_slice("a"));
    (void)cd_converter_cache_put(&cache, NULL, cd_slice("b"));
    assert_non_null(cd_converter_cache_text(&cache, cd_slice("a")));
    (void)cd_converter_cache_put(&cache, NULL, cd_slice("c"));
    assert_non_null(cd_converter_cache_text(&cache, cd_slice("a")));
    assert_null(cd_converter_cache_text(&cache, cd_slice("b")));
    assert_non_null(cd_converter_cache_text(&cache, cd_slice("c")));
    cd_converter_cache_done(&cache);
}

static void texts_from_outside_are_bounded_in_bytes(void **state)
{
    (void)state;
    struct cd_converter_cache cache;
    cd_converter_cache_init(&cache, CD_CACHE_BY_TEXT, 1000);
    size_t len = 1024 * 1024;
    CD_AUTO_FREE char *text = cd_alloc(len + 1);
    memset(text, 'x', len);
    for (int i = 0; i < 64; i++) {
        text[0] = (char)i;
        (void)cd_converter_cache_put(&cache, NULL, cd_slice_of(text, len));
    }
    assert_true(cache.bytes <= 16 * len);
    assert_true(cache.count > 10);
    cd_converter_cache_done(&cache);
}

static void an_empty_cache_may_be_freed_twice(void **state)
{
    (void)state;
    struct cd_converter_cache cache = {0};
    cd_converter_cache_done(&cache);
    cd_converter_cache_done(&cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schema_is_found_and_kept_alive),
        cmocka_unit_test(what_was_not_used_for_longest_is_forgotten),
        cmocka_unit_test(texts_from_outside_are_bounded_in_bytes),
        cmocka_unit_test(an_empty_cache_may_be_freed_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
