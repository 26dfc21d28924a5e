/*
 * One consumer a sink task: group membership, batches of messages, pause, seek, commit. Rebalances
 * arrive as messages of cd_consumer_poll and are answered by the task in its own step, never in a
 * foreign callback.
 *
 * Partition queues are forwarded to the consumer's own queue before assigning; batches are read
 * from that one. Thread: the step of its task; `wake` is called from librdkafka's threads.
 */
#ifndef CD_KAFKA_CONSUMER_H
#define CD_KAFKA_CONSUMER_H

#include "connectd/key.h"
#include "data/batch.h"
#include "kafka/client.h"

struct cd_consumer;

struct cd_consumer_options {
    const struct cd_config *java; /* merged layers; group.id among them */
    const char *client_id;
    const struct cd_strings *topics; /* one of the two */
    const char *topics_regex;        /* Java's syntax, full match; topics created later are found */
    size_t bytes_max;                /* fetch and queue bounds follow, unless the user set them */
    /* Something arrived where nothing was: so go on until both cd_consumer_event and
     * cd_consumer_fetch have nothing. Must not block, nor call back into the consumer. */
    void (*wake)(void *arg);
    void *wake_arg;
    const struct cd_logger *log;
};

struct cd_consumer *cd_consumer_open(const struct cd_consumer_options *options,
                                     struct cd_error *err);
/* Starts leaving the group, giving back what is assigned: flush and commit before. No more events
 * and messages come. cd_consumer_closed tells when it is done: ask at each wake, because asking
 * moves it on. Then free. */
void cd_consumer_close(struct cd_consumer *consumer);
bool cd_consumer_closed(struct cd_consumer *consumer);
/* Without closing first: the group notices by its session time-out. For abandoned tasks. No wake
 * follows. Fetched sets may outlive this; the last one takes the handle with it. */
void cd_consumer_free(struct cd_consumer *consumer);

/* A list whose topics live as long as the list. */
struct cd_assignment {
    struct cd_topic_partition *list;
    size_t count;
};
void cd_assignment_done(struct cd_assignment *list);

enum cd_consumer_event {
    CD_EVENT_NONE,
    CD_EVENT_ASSIGN,    /* `partitions` were given to us; answer with cd_consumer_assigned */
    CD_EVENT_REVOKE,    /* `partitions` are to be given back; answer with cd_consumer_revoked */
    CD_EVENT_LOST,      /* they are gone already: do not commit; answer with cd_consumer_revoked */
    CD_EVENT_ERROR,     /* see err: fatal (not retriable) or worth a log line (retriable) */
    CD_EVENT_COMMITTED, /* an asynchronous commit ended: err tells how; `sequence` which */
};

struct cd_consumer_message {
    enum cd_consumer_event event;
    struct cd_assignment partitions; /* owned by the receiver: cd_assignment_done */
    uint64_t sequence;
    struct cd_error err;
};

/* The next event; never waits. Also what keeps the group membership alive: call at least every
 * third of max.poll.interval.ms, also while paused or waiting. */
enum cd_consumer_event cd_consumer_event(struct cd_consumer *consumer,
                                         struct cd_consumer_message *ret);
/* Takes the assignment: positions are `offset` where >= 0 (from the target), else committed, else
 * auto.offset.reset. */
CD_MUST_CHECK bool cd_consumer_assigned(struct cd_consumer *consumer,
                                        const struct cd_assignment *partitions,
                                        struct cd_error *err);
CD_MUST_CHECK bool cd_consumer_revoked(struct cd_consumer *consumer,
                                       const struct cd_assignment *partitions,
                                       struct cd_error *err);

/* A message as it came; slices point into librdkafka's memory, which the fetched set keeps alive.
 */
struct cd_incoming {
    struct cd_slice topic;
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms; /* CD_NO_TIMESTAMP: none */
    enum cd_timestamp_type timestamp_type;
    struct cd_slice key;
    struct cd_slice value;
    void *message; /* for headers */
};

/* Up to `count_max` (max.poll.records) messages that are ready, not many more bytes than a quarter
 * of the consumer's `bytes_max`; never waits. Returns how many; 0: none, and no set. The set is
 * freed by cd_fetch_free: hand that to the batch (batch->release). */
struct cd_fetch;
size_t cd_consumer_fetch(struct cd_consumer *consumer, size_t count_max, struct cd_fetch **ret);
const struct cd_incoming *cd_fetch_messages(const struct cd_fetch *fetch);
/* The headers of one message, in `batch`'s arena: values are bytes or null, schemaless. */
CD_MUST_CHECK bool cd_fetch_headers(const struct cd_incoming *message, struct cd_batch *batch,
                                    struct cd_header **ret, uint32_t *ret_count,
                                    struct cd_error *err);
void cd_fetch_free(void *fetch);

void cd_consumer_pause(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                       size_t count);
void cd_consumer_resume(struct cd_consumer *consumer, const struct cd_topic_partition *list,
                        size_t count);
/* Also drops what was fetched of these partitions and not yet handed out. May take a moment inside
 * librdkafka: bounded. */
CD_MUST_CHECK bool cd_consumer_seek(struct cd_consumer *consumer,
                                    const struct cd_topic_partition *list, size_t count,
                                    struct cd_error *err);
/* Asynchronous; the outcome is a CD_EVENT_COMMITTED with this sequence. */
CD_MUST_CHECK bool cd_consumer_commit(struct cd_consumer *consumer,
                                      const struct cd_topic_partition *list, size_t count,
                                      uint64_t sequence, struct cd_error *err);
/* Consumer lag as far as librdkafka knows the high watermark: -1 unknown. */
int64_t cd_consumer_lag(struct cd_consumer *consumer, struct cd_slice topic, int32_t partition,
                        int64_t position);

#endif
