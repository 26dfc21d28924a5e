#include "kafka/consumer_private.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"

/* How long the same complaint (a missing topic) stays unsaid. */
#define SAME_ERROR_MS 60000
#define SEEK_TIMEOUT_MS 5000

/* ---- opening ---- */

void cd_consumer_unref(void *arg)
{
    struct cd_consumer *consumer = arg;
    if (atomic_fetch_sub_explicit(&consumer->refs, 1, memory_order_acq_rel) != 1)
        return;
    int flags = consumer->closed_first ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE;
    rd_kafka_destroy_flags(consumer->rk, flags);
    cd_client_done(&consumer->client);
    free(consumer);
}

static void on_queue(rd_kafka_t *rk, void *arg)
{
    struct cd_consumer *consumer = arg;
    (void)rk;
    consumer->wake(consumer->wake_arg);
}

static bool create(struct cd_consumer *consumer, const struct cd_consumer_options *options,
                   struct cd_error *err)
{
    struct cd_client_options client = {
        .kind = CD_CLIENT_CONSUMER,
        .java = options->java,
        .client_id = options->client_id,
        .log = options->log,
        .events = RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_OFFSET_COMMIT,
    };
    rd_kafka_conf_t *conf = cd_client_configure(&consumer->client, &client, err);
    if (conf == NULL)
        return false;
    cd_client_bound_queue(&consumer->client, conf, options->java, options->bytes_max);
    consumer->fetch_bytes_max = options->bytes_max / 4;
    consumer->rk = cd_client_create(&consumer->client, RD_KAFKA_CONSUMER, conf, err);
    if (consumer->rk == NULL)
        return false;
    (void)rd_kafka_poll_set_consumer(consumer->rk); /* fails only without a group: checked before */
    return true;
}

static void open_queues(struct cd_consumer *consumer)
{
    consumer->events = rd_kafka_queue_get_consumer(consumer->rk);
    consumer->messages = rd_kafka_queue_new(consumer->rk);
    if (consumer->wake == NULL)
        return;
    rd_kafka_queue_cb_event_enable(consumer->events, on_queue, consumer);
    rd_kafka_queue_cb_event_enable(consumer->messages, on_queue, consumer);
}

static bool subscribe(struct cd_consumer *consumer, const struct cd_strings *topics,
                      struct cd_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)topics->count);
    for (size_t i = 0; i < topics->count; i++)
        (void)rd_kafka_topic_partition_list_add(list, topics->items[i], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           cd_kafka_fail(err, &consumer->client, code, NULL) || cd_fail_while(err, "subscribing");
}

static bool follow_pattern(struct cd_consumer *consumer, const struct cd_consumer_options *options,
                           struct cd_error *err)
{
    struct cd_pattern_options pattern = {
        .rk = consumer->rk,
        .regex = options->topics_regex,
        .java = options->java,
        .log = &consumer->client.log,
        .release = cd_consumer_unref,
        .arg = consumer,
    };
    (void)atomic_fetch_add(&consumer->refs, 1);
    consumer->pattern = cd_pattern_start(&pattern, err);
    if (consumer->pattern == NULL)
        cd_consumer_unref(consumer);
    return consumer->pattern != NULL;
}

struct cd_consumer *cd_consumer_open(const struct cd_consumer_options *options,
                                     struct cd_error *err)
{
    const char *group = cd_config_get(options->java, "group.id");
    if (group == NULL || group[0] == '\0') {
        (void)cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                         "Invalid value null for configuration group.id: a consumer needs a group");
        return NULL;
    }
    struct cd_consumer *consumer = cd_new(struct cd_consumer);
    consumer->wake = options->wake;
    consumer->wake_arg = options->wake_arg;
    atomic_init(&consumer->refs, 1);
    if (!create(consumer, options, err)) {
        free(consumer);
        return NULL;
    }
    open_queues(consumer);
    bool good = options->topics_regex != NULL ? follow_pattern(consumer, options, err)
                                              : subscribe(consumer, options->topics, err);
    if (good)
        return consumer;
    cd_consumer_free(consumer);
    return NULL;
}

/* ---- closing ---- */

static void silence(rd_kafka_queue_t *queue)
{
    if (queue != NULL)
        rd_kafka_queue_cb_event_enable(queue, NULL, NULL);
}

static void drop_queue(rd_kafka_queue_t *queue)
{
    if (queue != NULL)
        rd_kafka_queue_destroy(queue);
}

void cd_consumer_close(struct cd_consumer *consumer)
{
    cd_pattern_stop(consumer->pattern);
    consumer->pattern = NULL;
    if (consumer->closing != NULL)
        return;
    consumer->closing = rd_kafka_queue_new(consumer->rk);
    if (consumer->wake != NULL)
        rd_kafka_queue_cb_event_enable(consumer->closing, on_queue, consumer);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(consumer->rk, consumer->closing);
    if (error == NULL)
        return;
    rd_kafka_error_destroy(error); /* after a fatal error there is no group to leave */
    consumer->closed_first = true;
    if (consumer->wake != NULL)
        consumer->wake(consumer->wake_arg);
}

/* The task has flushed and committed already: what is assigned is given back. */
static void answer_last_rebalance(struct cd_consumer *consumer, rd_kafka_event_t *event)
{
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE)
        (void)rd_kafka_assign(consumer->rk, NULL); /* fails only if the group is gone */
    rd_kafka_event_destroy(event);
}

bool cd_consumer_closed(struct cd_consumer *consumer)
{
    if (consumer->closing == NULL || consumer->closed_first)
        return consumer->closed_first;
    rd_kafka_event_t *event = NULL;
    while ((event = rd_kafka_queue_poll(consumer->closing, 0)) != NULL)
        answer_last_rebalance(consumer, event);
    consumer->closed_first = rd_kafka_consumer_closed(consumer->rk) == 1;
    return consumer->closed_first;
}

void cd_consumer_free(struct cd_consumer *consumer)
{
    if (consumer == NULL)
        return;
    cd_pattern_stop(consumer->pattern);
    consumer->pattern = NULL;
    silence(consumer->events);
    silence(consumer->messages);
    silence(consumer->closing);
    drop_queue(consumer->events);
    drop_queue(consumer->messages);
    drop_queue(consumer->closing);
    while (consumer->errors != NULL) {
        struct cd_complaint *first = consumer->errors;
        consumer->errors = first->next;
        free(first);
    }
    cd_consumer_unref(consumer);
}

/* ---- events ---- */

void cd_assignment_done(struct cd_assignment *list)
{
    free(list->list); /* one block with its texts */
    *list = (struct cd_assignment){NULL, 0};
}

static struct cd_assignment copy_list(const rd_kafka_topic_partition_list_t *from)
{
    struct cd_assignment ret = {NULL, from == NULL ? 0 : (size_t)from->cnt};
    size_t texts = 0;
    for (size_t i = 0; i < ret.count; i++)
        texts += strlen(from->elems[i].topic) + 1;
    ret.list = cd_alloc(ret.count * sizeof(*ret.list) + texts + 1);
    char *text = (char *)(ret.list + ret.count);
    for (size_t i = 0; i < ret.count; i++) {
        size_t len = strlen(from->elems[i].topic);
        memcpy(text, from->elems[i].topic, len + 1);
        int64_t offset = from->elems[i].offset;
        ret.list[i] = (struct cd_topic_partition){cd_slice_of(text, len), from->elems[i].partition,
                                                  offset >= 0 ? offset : -1};
        text += len + 1;
    }
    return ret;
}

/* `missing` stands for an unknown offset. */
static rd_kafka_topic_partition_list_t *make_list(const struct cd_topic_partition *from,
                                                  size_t count, int64_t missing)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        CD_AUTO_FREE char *topic = cd_slice_dup(from[i].topic);
        rd_kafka_topic_partition_list_add(list, topic, from[i].partition)->offset =
            from[i].offset >= 0 ? from[i].offset : missing;
    }
    return list;
}

static rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; list != NULL && i < list->cnt; i++)
        if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return list->elems[i].err;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static void take_rebalance(struct cd_consumer *consumer, rd_kafka_event_t *event,
                           struct cd_consumer_message *ret)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    ret->partitions = copy_list(rd_kafka_event_topic_partition_list(event));
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        ret->event = CD_EVENT_ASSIGN;
    else if (rd_kafka_assignment_lost(consumer->rk) != 0)
        ret->event = CD_EVENT_LOST;
    else
        ret->event = CD_EVENT_REVOKE;
}

static void take_commit(struct cd_consumer *consumer, rd_kafka_event_t *event,
                        struct cd_consumer_message *ret)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = first_error(rd_kafka_event_topic_partition_list(event));
    ret->event = CD_EVENT_COMMITTED;
    ret->sequence = (uint64_t)(uintptr_t)rd_kafka_event_opaque(event);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__NO_OFFSET)
        return;
    (void)cd_kafka_fail(&ret->err, &consumer->client, code, NULL);
    (void)cd_fail_while(&ret->err, "committing offsets");
}

/* Connections come and go: librdkafka has logged it and tries again. */
static bool is_weather(rd_kafka_resp_err_t code, const char *text)
{
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL)
        return !cd_kafka_is_final(code, text);
    return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
           code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
           code == RD_KAFKA_RESP_ERR__PARTITION_EOF;
}

/* A missing topic is reported with every metadata answer. */
static bool is_repetition(struct cd_consumer *consumer, rd_kafka_resp_err_t code)
{
    int64_t now_ms = cd_clock_ms();
    if (code == consumer->last_error && now_ms - consumer->last_error_ms < SAME_ERROR_MS)
        return true;
    consumer->last_error = code;
    consumer->last_error_ms = now_ms;
    return false;
}

bool cd_consumer_explain(struct cd_consumer *consumer, rd_kafka_resp_err_t code, const char *text,
                         struct cd_error *err)
{
    char fatal[512] = "";
    if (is_weather(code, text) || is_repetition(consumer, code))
        return false;
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        code = rd_kafka_fatal_error(consumer->rk, fatal, sizeof(fatal));
        text = fatal;
    }
    (void)cd_kafka_fail(err, &consumer->client, code, text);
    return true;
}

/* False: nothing for the task in it. */
static bool take_event(struct cd_consumer *consumer, rd_kafka_event_t *event,
                       struct cd_consumer_message *ret)
{
    rd_kafka_event_type_t type = rd_kafka_event_type(event);
    if (type == RD_KAFKA_EVENT_REBALANCE) {
        take_rebalance(consumer, event, ret);
        return true;
    }
    if (type == RD_KAFKA_EVENT_OFFSET_COMMIT) {
        take_commit(consumer, event, ret);
        return true;
    }
    if (type != RD_KAFKA_EVENT_ERROR ||
        !cd_consumer_explain(consumer, rd_kafka_event_error(event),
                             rd_kafka_event_error_string(event), &ret->err))
        return false;
    ret->event = CD_EVENT_ERROR;
    return true;
}

static bool take_pending(struct cd_consumer *consumer, struct cd_consumer_message *ret)
{
    struct cd_complaint *first = consumer->errors;
    if (first == NULL)
        return false;
    consumer->errors = first->next;
    ret->event = CD_EVENT_ERROR;
    ret->err = first->err;
    free(first);
    return true;
}

enum cd_consumer_event cd_consumer_event(struct cd_consumer *consumer,
                                         struct cd_consumer_message *ret)
{
    *ret = (struct cd_consumer_message){.event = CD_EVENT_NONE, .err = CD_ERROR_INIT};
    if (consumer->closing != NULL || take_pending(consumer, ret))
        return ret->event;
    rd_kafka_event_t *event = NULL;
    while (ret->event == CD_EVENT_NONE &&
           (event = rd_kafka_queue_poll(consumer->events, 0)) != NULL) {
        (void)take_event(consumer, event, ret);
        rd_kafka_event_destroy(event);
    }
    return ret->event;
}

/* ---- the assignment ---- */

static bool is_cooperative(const struct cd_consumer *consumer)
{
    const char *protocol = rd_kafka_rebalance_protocol(consumer->rk);
    return protocol != NULL && strcmp(protocol, "COOPERATIVE") == 0;
}

/* Before assigning: librdkafka respects a forward that is there already. */
static void forward(struct cd_consumer *consumer, const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++) {
        rd_kafka_queue_t *queue = rd_kafka_queue_get_partition(consumer->rk, list->elems[i].topic,
                                                               list->elems[i].partition);
        rd_kafka_queue_forward(queue, consumer->messages);
        rd_kafka_queue_destroy(queue);
    }
}

static bool check_error(struct cd_consumer *consumer, rd_kafka_error_t *error, const char *what,
                        struct cd_error *err)
{
    if (error == NULL)
        return true;
    (void)cd_kafka_fail_error(err, &consumer->client, error);
    return cd_fail_while(err, "%s", what);
}

static bool check_code(struct cd_consumer *consumer, rd_kafka_resp_err_t code, const char *what,
                       struct cd_error *err)
{
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    (void)cd_kafka_fail(err, &consumer->client, code, NULL);
    return cd_fail_while(err, "%s", what);
}

bool cd_consumer_assigned(struct cd_consumer *consumer, const struct cd_assignment *partitions,
                          struct cd_error *err)
{
    static const char what[] = "taking partitions";
    rd_kafka_topic_partition_list_t *list =
        make_list(partitions->list, partitions->count, RD_KAFKA_OFFSET_INVALID);
    forward(consumer, list);
    bool good =
        is_cooperative(consumer)
            ? check_error(consumer, rd_kafka_incremental_assign(consumer->rk, list), what, err)
            : check_code(consumer, rd_kafka_assign(consumer->rk, list), what, err);
    rd_kafka_topic_partition_list_destroy(list);
    return good;
}

bool cd_consumer_revoked(struct cd_consumer *consumer, const struct cd_assignment *partitions,
                         struct cd_error *err)
{
    static const char what[] = "giving partitions back";
    if (!is_cooperative(consumer))
        return check_code(consumer, rd_kafka_assign(consumer->rk, NULL), what, err);
    rd_kafka_topic_partition_list_t *list =
        make_list(partitions->list, partitions->count, RD_KAFKA_OFFSET_INVALID);
    bool good = check_error(consumer, rd_kafka_incremental_unassign(consumer->rk, list), what, err);
    rd_kafka_topic_partition_list_destroy(list);
    return good;
}

void cd_consumer_pause(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                       size_t count)
{
    rd_kafka_topic_partition_list_t *native = make_list(list, count, RD_KAFKA_OFFSET_INVALID);
    (void)rd_kafka_pause_partitions(consumer->rk, native); /* a partition that is gone is paused */
    rd_kafka_topic_partition_list_destroy(native);
}

void cd_consumer_resume(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                        size_t count)
{
    rd_kafka_topic_partition_list_t *native = make_list(list, count, RD_KAFKA_OFFSET_INVALID);
    (void)rd_kafka_resume_partitions(consumer->rk, native); /* likewise */
    rd_kafka_topic_partition_list_destroy(native);
}

bool cd_consumer_seek(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                      size_t count, struct cd_error *err)
{
    static const char what[] = "seeking";
    rd_kafka_topic_partition_list_t *native = make_list(list, count, RD_KAFKA_OFFSET_BEGINNING);
    bool good = check_error(
        consumer, rd_kafka_seek_partitions(consumer->rk, native, SEEK_TIMEOUT_MS), what, err);
    if (good)
        good = check_code(consumer, first_error(native), what, err);
    rd_kafka_topic_partition_list_destroy(native);
    return good;
}

bool cd_consumer_commit(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                        size_t count, uint64_t sequence, struct cd_error *err)
{
    rd_kafka_topic_partition_list_t *native = make_list(list, count, RD_KAFKA_OFFSET_INVALID);
    rd_kafka_resp_err_t code = rd_kafka_commit_queue(consumer->rk, native, consumer->events, NULL,
                                                     (void *)(uintptr_t)sequence);
    rd_kafka_topic_partition_list_destroy(native);
    return check_code(consumer, code, "committing offsets", err);
}

int64_t cd_consumer_lag(struct cd_consumer *consumer, struct cd_slice topic, int32_t partition,
                        int64_t position)
{
    int64_t low = -1;
    int64_t high = -1;
    CD_AUTO_FREE char *name = cd_slice_dup(topic);
    if (rd_kafka_get_watermark_offsets(consumer->rk, name, partition, &low, &high) !=
            RD_KAFKA_RESP_ERR_NO_ERROR ||
        high < 0 || position < 0)
        return -1;
    return high > position ? high - position : 0;
}
