#include "kafka/pattern.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "compat/regex.h"

#define METADATA_TIMEOUT_MS 5000
#define RETRY_MS 1000
#define REFRESH_MS 300000 /* Java's metadata.max.age.ms */

struct cd_pattern {
    rd_kafka_t *rk;
    struct cd_logger log;
    struct cd_regex *regex;
    bool internal_too; /* exclude.internal.topics=false */
    int64_t refresh_ms;
    void (*release)(void *arg);
    void *arg;
    struct cd_thread thread;
    struct cd_mutex lock;
    struct cd_cond stopped;
    /* guarded by lock: */
    bool stop;
    rd_kafka_topic_partition_list_t *subscribed; /* sorted; NULL: not yet */
};

/* org.apache.kafka.common.internals.Topic.isInternal */
static bool is_internal(const char *topic)
{
    static const char *const names[] = {"__consumer_offsets", "__transaction_state",
                                        "__share_group_state"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(topic, names[i]) == 0)
            return true;
    return false;
}

static bool wanted(const struct cd_pattern *pattern, const rd_kafka_metadata_topic_t *topic)
{
    bool matches = false;
    struct cd_error err = CD_ERROR_INIT;
    if (topic->err != RD_KAFKA_RESP_ERR_NO_ERROR ||
        (!pattern->internal_too && is_internal(topic->topic)))
        return false;
    if (cd_regex_matches(pattern->regex, cd_slice(topic->topic), &matches, &err))
        return matches;
    cd_log_warn(&pattern->log, "topic left out topic=%s: %s", topic->topic, err.msg);
    return false;
}

static rd_kafka_topic_partition_list_t *matching_topics(const struct cd_pattern *pattern,
                                                        const rd_kafka_metadata_t *metadata)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (wanted(pattern, &metadata->topics[i]))
            (void)rd_kafka_topic_partition_list_add(list, metadata->topics[i].topic,
                                                    RD_KAFKA_PARTITION_UA);
    rd_kafka_topic_partition_list_sort(list, NULL, NULL);
    return list;
}

static bool same(const rd_kafka_topic_partition_list_t *a, const rd_kafka_topic_partition_list_t *b)
{
    if (a == NULL || a->cnt != b->cnt)
        return false;
    for (int i = 0; i < a->cnt; i++)
        if (strcmp(a->elems[i].topic, b->elems[i].topic) != 0)
            return false;
    return true;
}

static void drop(rd_kafka_topic_partition_list_t *list)
{
    if (list != NULL)
        rd_kafka_topic_partition_list_destroy(list);
}

/* Takes `list` over. Without a topic there is nothing to join the group for. */
static void subscribe(struct cd_pattern *pattern, rd_kafka_topic_partition_list_t *list)
{
    cd_mutex_lock(&pattern->lock);
    bool change = !pattern->stop && !same(pattern->subscribed, list) &&
                  (list->cnt > 0 || pattern->subscribed != NULL);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (change && list->cnt > 0)
        code = rd_kafka_subscribe(pattern->rk, list);
    else if (change)
        code = rd_kafka_unsubscribe(pattern->rk);
    if (change && code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        drop(pattern->subscribed);
        pattern->subscribed = list;
        list = NULL;
    }
    int count = pattern->subscribed == NULL ? 0 : pattern->subscribed->cnt;
    cd_mutex_unlock(&pattern->lock);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        cd_log_warn(&pattern->log, "subscription not changed: %s", rd_kafka_err2str(code));
    else if (change)
        cd_log_info(&pattern->log, "topics matching the pattern topics=%d", count);
    drop(list);
}

/* Returns when to look again. */
static int64_t look(struct cd_pattern *pattern)
{
    const rd_kafka_metadata_t *metadata = NULL;
    if (rd_kafka_metadata(pattern->rk, 1, NULL, &metadata, METADATA_TIMEOUT_MS) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return RETRY_MS < pattern->refresh_ms ? RETRY_MS : pattern->refresh_ms;
    subscribe(pattern, matching_topics(pattern, metadata));
    rd_kafka_metadata_destroy(metadata);
    return pattern->refresh_ms;
}

static void free_pattern(struct cd_pattern *pattern)
{
    cd_regex_free(pattern->regex);
    drop(pattern->subscribed);
    cd_cond_done(&pattern->stopped);
    cd_mutex_done(&pattern->lock);
    free(pattern);
}

static bool wait_until(struct cd_pattern *pattern, int64_t deadline_ms)
{
    cd_mutex_lock(&pattern->lock);
    while (!pattern->stop && cd_cond_wait(&pattern->stopped, &pattern->lock, deadline_ms))
        ;
    bool go_on = !pattern->stop;
    cd_mutex_unlock(&pattern->lock);
    return go_on;
}

static void watch(void *arg)
{
    struct cd_pattern *pattern = arg;
    while (wait_until(pattern, cd_clock_ms() + look(pattern)))
        ;
    pattern->release(pattern->arg);
    free_pattern(pattern);
}

struct cd_pattern *cd_pattern_start(const struct cd_pattern_options *options, struct cd_error *err)
{
    struct cd_regex *regex = cd_regex_new(cd_slice(options->regex), err);
    if (regex == NULL)
        return NULL;
    const char *age = cd_config_get(options->java, "metadata.max.age.ms");
    const char *exclude = cd_config_get(options->java, "exclude.internal.topics");
    struct cd_pattern *pattern = cd_new(struct cd_pattern);
    *pattern = (struct cd_pattern){
        .rk = options->rk,
        .log = *options->log,
        .regex = regex,
        .internal_too = exclude != NULL && strcmp(exclude, "false") == 0,
        .refresh_ms = age == NULL ? REFRESH_MS : strtoll(age, NULL, 10),
        .release = options->release,
        .arg = options->arg,
    };
    if (pattern->refresh_ms < 1)
        pattern->refresh_ms = 1;
    cd_mutex_init(&pattern->lock);
    cd_cond_init(&pattern->stopped);
    if (!cd_thread_start(&pattern->thread, "kafka-topics", 0, watch, pattern, err)) {
        free_pattern(pattern);
        return NULL;
    }
    return pattern;
}

void cd_pattern_stop(struct cd_pattern *pattern)
{
    if (pattern == NULL)
        return;
    struct cd_thread thread = pattern->thread;
    cd_mutex_lock(&pattern->lock);
    pattern->stop = true;
    cd_cond_broadcast(&pattern->stopped);
    cd_mutex_unlock(&pattern->lock);
    cd_thread_detach(&thread); /* the thread frees the pattern */
}
