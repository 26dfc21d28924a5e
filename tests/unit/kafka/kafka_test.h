/* What the tests of this folder share: a mock broker, settings, a flag that threads raise, reading
 * a topic back. */
#ifndef CD_TESTS_UNIT_KAFKA_TEST_H
#define CD_TESTS_UNIT_KAFKA_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"
#include "kafka/mock.h"
#include "kafka/settings.h"

#define PATIENCE_MS 20000

#define assert_good(call, err)                                                                     \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s: %s", #call, (err).msg);                                                  \
    } while (0)

static inline struct cd_mock *start_mock(int brokers)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_mock *mock = cd_mock_start(brokers, &err);
    assert_good(mock != NULL, err);
    return mock;
}

static inline void command(struct cd_mock *mock, const char *line)
{
    struct cd_error err = CD_ERROR_INIT;
    assert_good(cd_mock_command(mock, line, &err), err);
}

/* "key=value" texts, ended by NULL. */
static inline struct cd_config *config_of(const char *const *pairs)
{
    struct cd_config *config = cd_config_new();
    for (; *pairs != NULL; pairs++) {
        const char *equals = strchr(*pairs, '=');
        CD_AUTO_FREE char *key = cd_strndup(*pairs, (size_t)(equals - *pairs));
        cd_config_set(config, key, equals + 1);
    }
    return config;
}

#define CONFIG(...) config_of((const char *const[]){__VA_ARGS__, NULL})

/* Something other threads bring about and the test waits for. */
struct flag {
    struct cd_mutex lock;
    struct cd_cond raised;
    int count;
};

static inline void flag_init(struct flag *flag)
{
    cd_mutex_init(&flag->lock);
    cd_cond_init(&flag->raised);
    flag->count = 0;
}

static inline void flag_done(struct flag *flag)
{
    cd_mutex_done(&flag->lock);
    cd_cond_done(&flag->raised);
}

static inline void flag_raise(void *arg)
{
    struct flag *flag = arg;
    cd_mutex_lock(&flag->lock);
    flag->count++;
    cd_cond_broadcast(&flag->raised);
    cd_mutex_unlock(&flag->lock);
}

static inline int flag_count(struct flag *flag)
{
    cd_mutex_lock(&flag->lock);
    int count = flag->count;
    cd_mutex_unlock(&flag->lock);
    return count;
}

/* Waits until it was raised after the count was `seen`; returns the count. */
static inline int flag_wait(struct flag *flag, int seen)
{
    int64_t deadline_ms = cd_clock_ms() + PATIENCE_MS;
    cd_mutex_lock(&flag->lock);
    while (flag->count == seen)
        if (!cd_cond_wait(&flag->raised, &flag->lock, deadline_ms) && flag->count == seen) {
            cd_mutex_unlock(&flag->lock);
            fail_msg("nothing happened in %d ms", PATIENCE_MS);
        }
    int count = flag->count;
    cd_mutex_unlock(&flag->lock);
    return count;
}

static inline rd_kafka_t *open_reader(const char *bootstrap)
{
    char text[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, text, sizeof(text));
    (void)rd_kafka_conf_set(conf, "group.id", "reader", text, sizeof(text));
    (void)rd_kafka_conf_set(conf, "enable.auto.commit", "false", text, sizeof(text));
    (void)rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", text, sizeof(text));
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
    assert_non_null(rk);
    rd_kafka_poll_set_consumer(rk);
    return rk;
}

/* Calls back for `count` messages of the topic, from its beginning. */
static inline void read_topic(const char *bootstrap, const char *topic, int partitions, int count,
                              void (*each)(void *arg, const rd_kafka_message_t *message), void *arg)
{
    rd_kafka_t *rk = open_reader(bootstrap);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    for (int i = 0; i < partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    assert_int_equal(rd_kafka_assign(rk, list), 0);
    rd_kafka_topic_partition_list_destroy(list);
    int64_t deadline_ms = cd_clock_ms() + PATIENCE_MS;
    for (int seen = 0; seen < count;) {
        if (cd_clock_ms() > deadline_ms)
            fail_msg("%d of %d messages in %s", seen, count, topic);
        rd_kafka_message_t *message = rd_kafka_consumer_poll(rk, 100);
        if (message == NULL)
            continue;
        if (message->err == 0) {
            each(arg, message);
            seen++;
        }
        rd_kafka_message_destroy(message);
    }
    (void)rd_kafka_consumer_close(rk);
    rd_kafka_destroy(rk);
}

/* A mock group takes three seconds to gather its members, so tests that wait for it wait side by
 * side, each in a process of its own. Call it before there are threads. */
static inline int run_side_by_side(const struct CMUnitTest *tests, size_t count)
{
    struct {
        pid_t pid;
        FILE *output;
    } *children = cd_alloc(count * sizeof(*children));
    for (size_t i = 0; i < count; i++) {
        children[i].output = tmpfile();
        assert_non_null(children[i].output);
        children[i].pid = fork();
        assert_true(children[i].pid >= 0);
        if (children[i].pid > 0)
            continue;
        (void)dup2(fileno(children[i].output), STDOUT_FILENO);
        (void)dup2(fileno(children[i].output), STDERR_FILENO);
        free(children);
        exit(_cmocka_run_group_tests(tests[i].name, &tests[i], 1, NULL, NULL));
    }
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        int status = 0;
        char line[1024];
        (void)waitpid(children[i].pid, &status, 0);
        failed += status == 0 ? 0 : 1;
        rewind(children[i].output);
        while (fgets(line, sizeof(line), children[i].output) != NULL)
            (void)fputs(line, stdout);
        (void)fclose(children[i].output); /* was only read */
    }
    free(children);
    (void)printf("%zu test(s) run side by side, %d failed\n", count, failed);
    return failed;
}

#endif
