/* Tasks on the real scheduler: plugins that block, and what the herder can do about it. Kafka is
 * the fake; its calls come from the step alone here. */
#define RIG_REAL_SCHEDULER
#include "base/thread.h"
#include "tests/unit/daemon/task_rig.h"

#define CLASS "test.Blocker"
#define DEADLINE_MS 10000

/* guarded by lock: */
static struct cd_mutex lock;
static struct cd_cond changed;
static int events[CD_TASK_HEALED + 1];
static bool in_poll;
static bool released;
static int interrupts;
static int closes;

static void change(int *counter)
{
    cd_mutex_lock(&lock);
    (*counter)++;
    cd_cond_broadcast(&changed);
    cd_mutex_unlock(&lock);
}

static bool reaches(const int *counter, int value)
{
    int64_t deadline_ms = cd_clock_ms() + DEADLINE_MS;
    cd_mutex_lock(&lock);
    bool in_time = true;
    while (*counter < value && in_time)
        in_time = cd_cond_wait(&changed, &lock, deadline_ms);
    bool reached = *counter >= value;
    cd_mutex_unlock(&lock);
    return reached;
}

static void block_in_poll(void)
{
    cd_mutex_lock(&lock);
    in_poll = true;
    cd_cond_broadcast(&changed);
    while (!released)
        (void)cd_cond_wait(&changed, &lock, INT64_MAX);
    in_poll = false;
    cd_mutex_unlock(&lock);
}

static bool polling(void)
{
    int64_t deadline_ms = cd_clock_ms() + DEADLINE_MS;
    cd_mutex_lock(&lock);
    while (!in_poll && cd_cond_wait(&changed, &lock, deadline_ms))
        continue;
    bool is = in_poll;
    cd_mutex_unlock(&lock);
    return is;
}

static void release(void)
{
    cd_mutex_lock(&lock);
    released = true;
    cd_cond_broadcast(&changed);
    cd_mutex_unlock(&lock);
}

static enum cd_step poll_blocks(void *state, struct cd_batch *batch, struct cd_wait *wait,
                                struct cd_error *err)
{
    (void)state;
    (void)batch;
    (void)err;
    block_in_poll();
    return cd_wait_forever(wait);
}

static void interrupt_releases(void *state)
{
    (void)state;
    change(&interrupts);
    release();
}

static void count_close(void *state)
{
    (void)state;
    change(&closes);
}

static const struct cd_source blocker = {.size = sizeof(struct cd_source),
                                         .task_size = sizeof(struct cd_task_base),
                                         .poll = poll_blocks,
                                         .interrupt = interrupt_releases,
                                         .close = count_close};
static const struct cd_source deaf = {.size = sizeof(struct cd_source),
                                      .task_size = sizeof(struct cd_task_base),
                                      .poll = poll_blocks,
                                      .close = count_close};

static const struct cd_plugin plugins[] = {
    {.kind = CD_PLUGIN_SOURCE,
     .class_name = CLASS,
     .version = "1",
     .config_size = 1,
     .key_size = sizeof(struct cd_key),
     .source = &blocker},
    {.kind = CD_PLUGIN_SOURCE,
     .class_name = "test.Deaf",
     .version = "1",
     .config_size = 1,
     .key_size = sizeof(struct cd_key),
     .source = &deaf},
};

static void take_event(void *arg, struct cd_task_event *event)
{
    (void)arg;
    change(&events[event->kind]);
    cd_task_event_free(event);
}

static int setup(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    cd_mutex_init(&lock);
    cd_cond_init(&changed);
    memset(events, 0, sizeof(events));
    in_poll = false;
    released = false;
    interrupts = 0;
    closes = 0;
    rig_open();
    rig.config->task_shutdown_timeout_ms = 200;
    rig.worker.scheduler = cd_scheduler_start(2, 16, &err);
    rig_register(&plugins[0]);
    rig_register(&plugins[1]);
    return rig.worker.scheduler == NULL;
}

static int teardown(void **state)
{
    (void)state;
    assert_true(cd_scheduler_stop(rig.worker.scheduler, cd_clock_ms() + DEADLINE_MS));
    rig.task = NULL;
    rig_close();
    cd_cond_done(&changed);
    cd_mutex_done(&lock);
    return 0;
}

static struct cd_task *begin(const char *class_name)
{
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO(cd_config_freep) struct cd_config *config = cd_config_new();
    cd_config_set(config, "name", "c");
    cd_config_set(config, "connector.class", class_name);
    const struct cd_task_options options = {
        .worker = &rig.worker,
        .connector = "c",
        .incarnation = 1,
        .plugin = cd_registry_find(rig.registry, CD_KIND_SET_CONNECTORS, class_name, NULL, &err),
        .connector_config = config,
        .task_config = config,
        .event = take_event,
    };
    assert_non_null(options.plugin);
    struct cd_task *task = cd_task_new(&options, &err);
    if (task == NULL)
        fail_msg("%s", err.msg);
    cd_task_start(task);
    return task;
}

static void a_step_that_outlasts_a_stop_is_interrupted(void **state)
{
    (void)state;
    struct cd_task *task = begin(CLASS);
    assert_true(polling());
    cd_task_stop(task);
    assert_true(reaches(&events[CD_TASK_STOPPED], 1));
    assert_true(interrupts >= 1);
    assert_int_equal(closes, 1);
    cd_task_free(task);
}

static void a_blocked_task_is_abandoned_and_frees_itself_when_it_ends(void **state)
{
    (void)state;
    struct cd_task *task = begin("test.Deaf");
    assert_true(polling());
    cd_task_stop(task);
    cd_task_abandon(task);
    release();
    assert_true(reaches(&closes, 1));
    assert_int_equal(events[CD_TASK_STOPPED], 0); /* muted */
}

static void a_stop_before_the_first_step_is_obeyed(void **state)
{
    (void)state;
    release();
    for (int i = 1; i <= 200; i++) {
        struct cd_task *task = begin(CLASS);
        cd_task_stop(task);
        assert_true(reaches(&events[CD_TASK_STOPPED], i));
        cd_task_free(task);
    }
}

static void abandoning_and_ending_may_meet(void **state)
{
    (void)state;
    release();
    for (int i = 0; i < 200; i++) {
        struct cd_task *task = begin(CLASS);
        cd_task_stop(task);
        cd_task_abandon(task); /* whoever comes second frees it */
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_step_that_outlasts_a_stop_is_interrupted),
        TEST(a_blocked_task_is_abandoned_and_frees_itself_when_it_ends),
        TEST(a_stop_before_the_first_step_is_obeyed),
        TEST(abandoning_and_ending_may_meet),
    };
    cd_log_set_level("root", CD_LOG_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
