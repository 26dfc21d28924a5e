#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kafka/ledger_private.h"

/* Internal topics are small: what is read ahead of `apply` need not be much. */
#define READ_AHEAD_BYTES ((size_t)4 * 1024 * 1024)
#define METADATA_MS 5000
#define RETRY_PAUSE_MS 200

static void on_queue(rd_kafka_t *rk, void *arg)
{
    (void)rk;
    cd_ledgers_wake(arg);
}

/* Without a group: the partitions are read by librdkafka's simple consumer, so that no rights on a
 * group are needed and nothing looks for a coordinator. */
static bool open_reader(struct cd_ledger *ledger, const struct cd_ledger_options *options,
                        struct cd_error *err)
{
    struct cd_client_options client = {.kind = CD_CLIENT_CONSUMER,
                                       .java = options->java_consumer,
                                       .client_id = options->client_id,
                                       .log = &ledger->owner->log,
                                       .events = RD_KAFKA_EVENT_ERROR};
    rd_kafka_conf_t *conf = cd_client_configure(&ledger->read_client, &client, err);
    if (conf == NULL)
        return false;
    cd_client_bound_queue(&ledger->read_client, conf, options->java_consumer, READ_AHEAD_BYTES);
    /* After an outage somebody waits for what was written. */
    (void)rd_kafka_conf_set(conf, "fetch.error.backoff.ms", "100", NULL, 0); /* is known */
    (void)rd_kafka_conf_set(conf, "allow.auto.create.topics", "false", NULL, 0);
    ledger->reader = cd_client_create(&ledger->read_client, RD_KAFKA_CONSUMER, conf, err);
    if (ledger->reader == NULL)
        return false;
    ledger->read_topic = rd_kafka_topic_new(ledger->reader, ledger->topic, NULL);
    ledger->messages = rd_kafka_queue_new(ledger->reader);
    ledger->complaints = rd_kafka_queue_get_main(ledger->reader);
    rd_kafka_queue_cb_event_enable(ledger->messages, on_queue, ledger->owner);
    rd_kafka_queue_cb_event_enable(ledger->complaints, on_queue, ledger->owner);
    return ledger->read_topic != NULL ||
           cd_kafka_fail(err, &ledger->read_client, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, NULL);
}

static bool open_writer(struct cd_ledger *ledger, const struct cd_ledger_options *options,
                        struct cd_error *err)
{
    CD_AUTO(cd_config_freep) struct cd_config *java = cd_config_copy(options->java_producer);
    cd_config_set(java, "linger.ms", "0"); /* somebody waits for each write */
    struct cd_client_options client = {.kind = CD_CLIENT_PRODUCER,
                                       .java = java,
                                       .client_id = options->client_id,
                                       .log = &ledger->owner->log,
                                       .events = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR};
    rd_kafka_conf_t *conf = cd_client_configure(&ledger->write_client, &client, err);
    if (conf == NULL)
        return false;
    /* For cd_ledger_ask_offsets: what the reader calls the end. */
    const char *isolation = cd_config_get(options->java_consumer, "isolation.level");
    (void)rd_kafka_conf_set(conf, "isolation.level", /* was good for the reader */
                            isolation == NULL ? "read_uncommitted" : isolation, NULL, 0);
    ledger->writer = cd_client_create(&ledger->write_client, RD_KAFKA_PRODUCER, conf, err);
    if (ledger->writer == NULL)
        return false;
    ledger->write_topic = rd_kafka_topic_new(ledger->writer, ledger->topic, NULL);
    ledger->reports = rd_kafka_queue_get_main(ledger->writer);
    rd_kafka_queue_cb_event_enable(ledger->reports, on_queue, ledger->owner);
    return ledger->write_topic != NULL;
}

/* ---- partitions and offsets ---- */

static int64_t try_ms(int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms - cd_clock_ms();
    return left_ms < 1 ? 1 : left_ms < METADATA_MS ? left_ms : METADATA_MS;
}

static bool count_partitions(struct cd_ledger *ledger, int64_t deadline_ms, struct cd_error *err)
{
    const rd_kafka_metadata_t *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(ledger->reader, 0, ledger->read_topic, &metadata,
                                                 (int)try_ms(deadline_ms));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return cd_kafka_fail(err, &ledger->read_client, code, NULL);
    code = metadata->topic_cnt == 0 ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
                                    : metadata->topics[0].err;
    ledger->partitions = metadata->topic_cnt == 0 ? 0 : metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return cd_kafka_fail(err, &ledger->read_client, code, NULL);
    return ledger->partitions > 0 ||
           cd_kafka_fail(err, &ledger->read_client, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, NULL);
}

static rd_kafka_topic_partition_list_t *all_partitions(const struct cd_ledger *ledger,
                                                       int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(ledger->partitions);
    for (int32_t i = 0; i < ledger->partitions; i++)
        rd_kafka_topic_partition_list_add(list, ledger->topic, i)->offset = offset;
    return list;
}

static rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++) {
        if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return list->elems[i].err;
        if (list->elems[i].offset < 0)
            return RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Asked by the writer: a broker answers the requests of a connection one after the other, and on
 * the reader's there is always one that waits half a second for news. */
int64_t *cd_ledger_ask_offsets(struct cd_ledger *ledger, int64_t which, int64_t timeout_ms,
                               struct cd_error *err)
{
    rd_kafka_topic_partition_list_t *list = all_partitions(ledger, which);
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(ledger->writer, list, (int)timeout_ms);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = first_error(list);
    int64_t *offsets = NULL;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        offsets = cd_new_array((size_t)ledger->partitions, int64_t);
        for (int i = 0; i < list->cnt; i++)
            offsets[list->elems[i].partition] = list->elems[i].offset;
    } else {
        (void)cd_kafka_fail(err, &ledger->write_client, code, NULL);
    }
    rd_kafka_topic_partition_list_destroy(list);
    return offsets;
}

bool cd_ledger_reached(const struct cd_ledger *ledger, const int64_t *ends)
{
    rd_kafka_topic_partition_list_t *list = all_partitions(ledger, RD_KAFKA_OFFSET_INVALID);
    (void)rd_kafka_position(ledger->reader, list); /* fails a partition at a time: no offset */
    bool reached = true;
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *elem = &list->elems[i];
        int64_t at = elem->offset >= 0 ? elem->offset : ledger->start[elem->partition];
        reached = reached && at >= ends[elem->partition];
    }
    rd_kafka_topic_partition_list_destroy(list);
    return reached;
}

static bool start_reading(struct cd_ledger *ledger, struct cd_error *err)
{
    for (int32_t i = 0; i < ledger->partitions; i++)
        if (rd_kafka_consume_start_queue(ledger->read_topic, i, ledger->start[i],
                                         ledger->messages) != 0)
            return cd_kafka_fail(err, &ledger->read_client, rd_kafka_last_error(), NULL);
    atomic_store(&ledger->position, ledger->start[0]);
    return true;
}

/* What depends on brokers, tried until the deadline. */
static bool find_start(struct cd_ledger *ledger, int64_t deadline_ms, struct cd_error *err)
{
    for (;;) {
        struct cd_error trouble = CD_ERROR_INIT;
        if (count_partitions(ledger, deadline_ms, &trouble))
            ledger->start = cd_ledger_ask_offsets(ledger, RD_KAFKA_OFFSET_BEGINNING,
                                                  try_ms(deadline_ms), &trouble);
        if (ledger->start != NULL)
            return true;
        if (!trouble.retriable || cd_clock_ms() >= deadline_ms) {
            *err = trouble;
            return false;
        }
        cd_kafka_pause(RETRY_PAUSE_MS);
    }
}

bool cd_ledger_handles_open(struct cd_ledger *ledger, const struct cd_ledger_options *options,
                            int64_t deadline_ms, struct cd_error *err)
{
    return open_reader(ledger, options, err) && open_writer(ledger, options, err) &&
           find_start(ledger, deadline_ms, err) && start_reading(ledger, err);
}

static void drop_queue(rd_kafka_queue_t *queue)
{
    if (queue == NULL)
        return;
    rd_kafka_queue_cb_event_enable(queue, NULL, NULL);
    rd_kafka_queue_destroy(queue);
}

static void close_reader(struct cd_ledger *ledger)
{
    if (ledger->reader == NULL)
        return;
    drop_queue(ledger->messages);
    drop_queue(ledger->complaints);
    for (int32_t i = 0; ledger->start != NULL && i < ledger->partitions; i++)
        (void)rd_kafka_consume_stop(ledger->read_topic, i); /* fails only if it never started */
    if (ledger->read_topic != NULL)
        rd_kafka_topic_destroy(ledger->read_topic);
    rd_kafka_destroy(ledger->reader);
    cd_client_done(&ledger->read_client);
}

void cd_ledger_handles_close(struct cd_ledger *ledger)
{
    close_reader(ledger);
    if (ledger->writer == NULL)
        return;
    drop_queue(ledger->reports);
    if (ledger->write_topic != NULL)
        rd_kafka_topic_destroy(ledger->write_topic);
    rd_kafka_destroy(ledger->writer);
    cd_client_done(&ledger->write_client);
}
