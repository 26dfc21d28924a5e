#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/thread.h"
#include "data/batch.h"
#include "plugins/host.h"

static int calls;

static void count_wake(struct cd_handle *handle)
{
    (void)handle;
    calls++;
}

static const struct cd_handle_ops no_ops;
static const struct cd_handle_ops wake_ops = {.wake = count_wake};

static void a_service_nobody_offers_does_nothing_or_fails(void **state)
{
    (void)state;
    const struct cd_host *host = cd_host();
    struct cd_error err = CD_ERROR_INIT;
    struct cd_handle handle = {.magic = CD_HANDLE_MAGIC, .task = 3, .ops = &no_ops, .name = "n"};
    host->wake(&handle);
    host->request_commit(&handle);
    host->seek(&handle, NULL);
    host->pause(&handle, NULL, 0);
    host->resume(&handle, NULL, 0);
    host->retry(&handle, 1, 1);
    host->reconfigure(&handle);
    host->log(&handle, CD_LOG_ERROR, "nobody hears %d", 1);
    assert_false(host->log_enabled(&handle, CD_LOG_ERROR));
    assert_true(cd_is_null(host->offset(&handle, NULL)));
    assert_null(host->partition(&handle, cd_null(), &err));
    assert_int_equal(err.code, CD_ERR_BUG);
    cd_error_reset(&err);
    assert_false(host->report(&handle, NULL, NULL, &err));
    assert_int_equal(err.code, CD_ERR_BUG);
    assert_string_equal(host->name(&handle), "n");
    assert_int_equal(host->task_id(&handle), 3);
    assert_null(host->setting(&handle, "x"));
}

static void a_call_reaches_the_owner_of_the_handle(void **state)
{
    (void)state;
    struct cd_handle handle = {.magic = CD_HANDLE_MAGIC, .ops = &wake_ops};
    calls = 0;
    cd_host()->wake(&handle);
    assert_int_equal(calls, 1);
}

static void settings_are_seen_as_text(void **state)
{
    (void)state;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "tasks.max", "2");
    struct cd_handle handle = {.magic = CD_HANDLE_MAGIC, .ops = &no_ops, .settings = config};
    assert_string_equal(cd_host()->setting(&handle, "tasks.max"), "2");
}

static void the_primitive_schemas_are_there(void **state)
{
    (void)state;
    for (int type = CD_TYPE_INT8; type <= CD_TYPE_BYTES; type++) {
        assert_int_equal(cd_host()->primitives[type][0]->type, type);
        assert_false(cd_host()->primitives[type][0]->optional);
        assert_true(cd_host()->primitives[type][1]->optional);
    }
}

static void records_are_reached_through_the_host(void **state)
{
    (void)state;
    const struct cd_host *host = cd_host();
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(4096, 4096);
    host->add(batch, &err)->value = cd_int64(1);
    host->add(batch, &err)->value = cd_int64(2);
    assert_int_equal(host->count(batch), 2);
    assert_int_equal(host->record(batch, 1)->value.as.integer, 2);
    host->drop_last(batch);
    assert_int_equal(host->count(batch), 1);
    cd_batch_free(batch);
}

static void ask_host(void *arg)
{
    *(const struct cd_host **)arg = cd_host();
}

/* For the thread sanitizer: the table is filled once. */
static void all_threads_get_the_one_table(void **state)
{
    (void)state;
    struct cd_thread threads[4] = {0};
    const struct cd_host *hosts[4];
    struct cd_error err = CD_ERROR_INIT;
    for (int i = 0; i < 4; i++)
        assert_true(cd_thread_start(&threads[i], "host", 0, ask_host, &hosts[i], &err));
    for (int i = 0; i < 4; i++) {
        cd_thread_join(&threads[i]);
        assert_ptr_equal(hosts[i], cd_host());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_nobody_offers_does_nothing_or_fails),
        cmocka_unit_test(a_call_reaches_the_owner_of_the_handle),
        cmocka_unit_test(settings_are_seen_as_text),
        cmocka_unit_test(the_primitive_schemas_are_there),
        cmocka_unit_test(records_are_reached_through_the_host),
        cmocka_unit_test(all_threads_get_the_one_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
