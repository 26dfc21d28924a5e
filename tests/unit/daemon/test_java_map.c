#include "daemon/java_map.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* cmocka wants these first */
#include <cmocka.h>

struct seen {
    char keys[64][32];
    char values[64][32];
    bool nulls[64];
    size_t count;
};

static void remember(void *arg, struct cd_slice key, struct cd_slice value)
{
    struct seen *seen = arg;
    memcpy(seen->keys[seen->count], key.ptr, key.len);
    seen->nulls[seen->count] = value.ptr == NULL;
    if (value.ptr != NULL)
        memcpy(seen->values[seen->count], value.ptr, value.len);
    seen->count++;
}

/* One entry, as a JVM wrote it: ["local-file-source",{"filename":"test.txt"}] -> {"position":22}.
 */
static void one_entry_is_written_as_the_jvm_writes_it(void **state)
{
    (void)state;
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    struct cd_java_map_writer writer;
    cd_java_map_begin(&writer, &out, 1);
    cd_java_map_entry(&writer, cd_slice("[\"local-file-source\",{\"filename\":\"test.txt\"}]"),
                      cd_slice("{\"position\":22}"));
    cd_java_map_end(&writer);
    assert_int_equal(out.len, 175);
    const uint8_t first_array[] = {0x75, 0x72, 0x00, 0x02, '[', 'B', 0xAC, 0xF3, 0x17};
    assert_memory_equal(out.ptr + 0x51, first_array, sizeof(first_array));
    const uint8_t second_array[] = {0x75, 0x71, 0x00, 0x7E, 0x00, 0x02, 0x00, 0x00, 0x00, 0x0F};
    assert_memory_equal(out.ptr + 0x51 + 23 + 45, second_array, sizeof(second_array));
    assert_int_equal((uint8_t)out.ptr[174], 0x78);
}

static void an_empty_map_has_82_bytes(void **state)
{
    (void)state;
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    struct cd_java_map_writer writer;
    cd_java_map_begin(&writer, &out, 0);
    cd_java_map_end(&writer);
    const uint8_t tail[] = {0x77, 0x08, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x78};
    assert_int_equal(out.len, 82);
    assert_memory_equal(out.ptr + out.len - sizeof(tail), tail, sizeof(tail));
}

static void write_many(struct cd_buffer *out, size_t count)
{
    struct cd_java_map_writer writer;
    cd_java_map_begin(&writer, out, count);
    for (size_t i = 0; i < count; i++) {
        CD_AUTO_FREE char *key = cd_asprintf("key %zu", i);
        CD_AUTO_FREE char *value = cd_asprintf("value %zu", i);
        cd_java_map_entry(&writer, cd_slice(key), cd_slice(i % 3 == 2 ? NULL : value));
    }
    cd_java_map_end(&writer);
}

static void what_is_written_is_read_again_nulls_included(void **state)
{
    (void)state;
    for (size_t count = 0; count < 40; count++) {
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        struct cd_error err = CD_ERROR_INIT;
        struct seen seen = {.count = 0};
        write_many(&out, count);
        assert_true(cd_java_map_read(cd_buffer_view(&out), remember, &seen, &err));
        assert_int_equal(seen.count, count);
        for (size_t i = 0; i < count; i++) {
            CD_AUTO_FREE char *value = cd_asprintf("value %zu", i);
            assert_int_equal(seen.nulls[i], i % 3 == 2);
            if (!seen.nulls[i])
                assert_string_equal(seen.values[i], value);
        }
    }
}

static void capacity_doubles_when_three_quarters_are_passed(void **state)
{
    (void)state;
    const struct {
        size_t count;
        uint8_t capacity;
        uint8_t threshold;
    } rows[] = {{1, 16, 12}, {12, 16, 12}, {13, 32, 24}, {24, 32, 24}, {25, 64, 48}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        write_many(&out, rows[i].count);
        assert_int_equal((uint8_t)out.ptr[0x46], rows[i].threshold);
        assert_int_equal((uint8_t)out.ptr[0x4C], rows[i].capacity);
    }
}

static void ignore(void *arg, struct cd_slice key, struct cd_slice value)
{
    (void)arg;
    (void)key;
    (void)value;
}

/* The JVM takes a cut file for an empty one: every offset would be lost without a word. */
static void a_file_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    write_many(&out, 5);
    for (size_t len = 0; len < out.len; len++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_false(cd_java_map_read(cd_slice_of(out.ptr, len), ignore, NULL, &err));
        assert_int_equal(err.code, CD_ERR_CONFIG);
    }
}

static void bytes_behind_the_map_are_refused(void **state)
{
    (void)state;
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    struct cd_error err = CD_ERROR_INIT;
    write_many(&out, 2);
    cd_buffer_char(&out, 'x');
    assert_false(cd_java_map_read(cd_buffer_view(&out), ignore, NULL, &err));
}

static void garbage_never_crashes(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int turn = 0; turn < 20000; turn++) {
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        struct cd_error err = CD_ERROR_INIT;
        write_many(&out, 4);
        for (int change = 0; change < 3; change++) {
            seed = seed * 1664525u + 1013904223u;
            out.ptr[seed % out.len] = (char)(seed >> 24);
        }
        bool understood = cd_java_map_read(cd_buffer_view(&out), ignore, NULL, &err);
        assert_int_equal(understood, err.code == CD_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_entry_is_written_as_the_jvm_writes_it),
        cmocka_unit_test(an_empty_map_has_82_bytes),
        cmocka_unit_test(what_is_written_is_read_again_nulls_included),
        cmocka_unit_test(capacity_doubles_when_three_quarters_are_passed),
        cmocka_unit_test(a_file_cut_off_anywhere_is_refused),
        cmocka_unit_test(bytes_behind_the_map_are_refused),
        cmocka_unit_test(garbage_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
