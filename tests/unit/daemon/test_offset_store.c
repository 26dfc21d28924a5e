#include "daemon/offset_store.h"

#include "base/alloc.h"
#include "base/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants these first */
#include <cmocka.h>

/* Waits for one callback of the store. */
struct outcome {
    struct cd_mutex lock;
    struct cd_cond told;
    bool done;
    struct cd_error err;
};

static void outcome_init(struct outcome *outcome)
{
    *outcome = (struct outcome){.done = false};
    cd_mutex_init(&outcome->lock);
    cd_cond_init(&outcome->told);
}

static void tell(void *arg, const struct cd_error *err)
{
    struct outcome *outcome = arg;
    cd_mutex_lock(&outcome->lock);
    outcome->err = *err;
    outcome->done = true;
    cd_cond_broadcast(&outcome->told);
    cd_mutex_unlock(&outcome->lock);
}

static bool await(struct outcome *outcome)
{
    cd_mutex_lock(&outcome->lock);
    while (!outcome->done)
        (void)cd_cond_wait(&outcome->told, &outcome->lock, INT64_MAX);
    cd_mutex_unlock(&outcome->lock);
    cd_cond_done(&outcome->told);
    cd_mutex_done(&outcome->lock);
    return outcome->err.code == CD_OK;
}

static bool put(struct cd_offset_store *store, const char *key, const char *value)
{
    struct outcome outcome;
    outcome_init(&outcome);
    const struct cd_offset_entry entry = {cd_slice(key), cd_slice(value)};
    cd_offset_store_put(store, &entry, 1, tell, &outcome);
    return await(&outcome);
}

static char *folder_new(void)
{
    char *folder = cd_strdup("/tmp/connectd-offsets-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static void assert_value(struct cd_offset_store *store, const char *key, const char *expected)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer value = CD_BUFFER_INIT;
    assert_int_equal(cd_offset_store_get(store, cd_slice(key), &value), expected != NULL);
    if (expected != NULL)
        assert_string_equal(value.ptr, expected);
}

static void the_key_is_connector_and_partition_as_json(void **state)
{
    (void)state;
    CD_AUTO(cd_buffer_done) struct cd_buffer key = CD_BUFFER_INIT;
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_map_entry entry = {cd_string(cd_slice("filename")),
                                       cd_string(cd_slice("/a\"b"))};
    assert_true(cd_offset_key("na\"me", cd_map(&entry, 1), &key, &err));
    assert_string_equal(key.ptr, "[\"na\\\"me\",{\"filename\":\"/a\\\"b\"}]");
    cd_buffer_clear(&key);
    assert_true(cd_offset_key("c", cd_null(), &key, &err));
    assert_string_equal(key.ptr, "[\"c\",null]");
}

static void what_was_put_is_there_after_reopening(void **state)
{
    (void)state;
    CD_AUTO_FREE char *folder = folder_new();
    CD_AUTO_FREE char *path = cd_asprintf("%s/offsets", folder);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_offset_store *store = cd_offset_file_open(path, &err);
    assert_non_null(store);
    assert_true(put(store, "[\"a\",{}]", "{\"p\":1}"));
    assert_true(put(store, "[\"b\",{}]", "{\"p\":2}"));
    assert_true(put(store, "[\"b\",{}]", NULL));
    cd_offset_store_close(store, 0);

    store = cd_offset_file_open(path, &err);
    assert_non_null(store);
    assert_value(store, "[\"a\",{}]", "{\"p\":1}");
    assert_value(store, "[\"b\",{}]", NULL);
    cd_offset_store_close(store, 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void count_each(void *arg, struct cd_slice partition, struct cd_slice offset)
{
    char *text = arg;
    CD_AUTO_FREE char *line =
        cd_asprintf("%.*s=%.*s;", CD_SLICE_ARG(partition), CD_SLICE_ARG(offset));
    strcat(text, line);
}

static void a_connectors_offsets_are_listed_without_those_of_others_or_removed_ones(void **state)
{
    (void)state;
    CD_AUTO_FREE char *folder = folder_new();
    CD_AUTO_FREE char *path = cd_asprintf("%s/offsets", folder);
    struct cd_error err = CD_ERROR_INIT;
    char text[256] = "";
    struct cd_offset_store *store = cd_offset_file_open(path, &err);
    assert_true(put(store, "[\"a\",{\"f\":1}]", "{\"p\":1}"));
    assert_true(put(store, "[\"a\",{\"f\":2}]", "{\"p\":2}"));
    assert_true(put(store, "[\"a\",{\"f\":2}]", NULL));
    assert_true(put(store, "[\"ab\",{}]", "{\"p\":3}"));
    cd_offset_store_each(store, "a", count_each, text);
    assert_string_equal(text, "{\"f\":1}={\"p\":1};");
    cd_offset_store_close(store, 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_cut_file_is_refused_by_name(void **state)
{
    (void)state;
    CD_AUTO_FREE char *folder = folder_new();
    CD_AUTO_FREE char *path = cd_asprintf("%s/offsets", folder);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_offset_store *store = cd_offset_file_open(path, &err);
    assert_true(put(store, "[\"a\",{}]", "{\"p\":1}"));
    cd_offset_store_close(store, 0);
    assert_int_equal(truncate(path, 100), 0);
    assert_null(cd_offset_file_open(path, &err));
    assert_non_null(strstr(err.msg, path));
    assert_non_null(strstr(err.msg, "too early"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* The old file stays whole, the caller hears of it, and the next put writes everything. */
static void a_write_that_fails_leaves_the_old_file_and_is_told(void **state)
{
    (void)state;
    CD_AUTO_FREE char *folder = folder_new();
    CD_AUTO_FREE char *path = cd_asprintf("%s/offsets", folder);
    CD_AUTO_FREE char *blocker = cd_asprintf("%s/offsets.tmp", folder);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_offset_store *store = cd_offset_file_open(path, &err);
    assert_true(put(store, "[\"a\",{}]", "{\"p\":1}"));
    assert_int_equal(mkdir(blocker, 0700), 0); /* nothing can be written to this name now */
    assert_false(put(store, "[\"a\",{}]", "{\"p\":2}"));

    struct cd_offset_store *reader = cd_offset_file_open(path, &err);
    assert_value(reader, "[\"a\",{}]", "{\"p\":1}");
    cd_offset_store_close(reader, 0);

    assert_int_equal(rmdir(blocker), 0);
    assert_true(put(store, "[\"b\",{}]", "{\"p\":3}"));
    cd_offset_store_close(store, 0);
    reader = cd_offset_file_open(path, &err);
    assert_value(reader, "[\"a\",{}]", "{\"p\":2}");
    cd_offset_store_close(reader, 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_is_connector_and_partition_as_json),
        cmocka_unit_test(what_was_put_is_there_after_reopening),
        cmocka_unit_test(a_connectors_offsets_are_listed_without_those_of_others_or_removed_ones),
        cmocka_unit_test(a_cut_file_is_refused_by_name),
        cmocka_unit_test(a_write_that_fails_leaves_the_old_file_and_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
