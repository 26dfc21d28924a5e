/*
 * Inside kafka/ only: a producer handle with its delivery thread, shared by leases.
 *
 * Life: live, then retired (nothing new joins; whoever has nothing under way moves on), then purged
 * once no live lease has a batch in flight, then ended: librdkafka's part is destroyed, the struct
 * waits for its last lease to leave.
 */
#ifndef CD_KAFKA_PRODUCER_HANDLE_H
#define CD_KAFKA_PRODUCER_HANDLE_H

#include "base/map.h"
#include "kafka/library.h"
#include "kafka/producer.h"

struct cd_producers {
    struct cd_logger log;
    struct cd_mutex lock;
    struct cd_link handles; /* guarded by lock: all that is until freed is */
    /* Of handles that are gone; those alive are added when asked. */
    atomic_uint_least64_t throttled;
    atomic_uint_least64_t settled_records; /* the refused ones too */
    atomic_uint_least64_t sent_bytes;
    atomic_uint_least64_t refused_records;
    atomic_int retired; /* handles that still may hold records of a task that ended */
};

struct cd_shared {
    struct cd_link link;
    struct cd_producers *pool;
    char *key; /* NULL: nobody joins */
    struct cd_client client;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    struct cd_thread thread;
    size_t budget;
    atomic_size_t charged;
    atomic_int starving; /* leases that wait for room here */
    atomic_bool retired;
    atomic_bool hurry;
    atomic_bool failed;

    /* guarded by pool->lock: */
    struct cd_link leases;
    size_t lease_count;
    char **ghosts; /* client ids of tasks that left records behind */
    size_t ghost_count;
    bool ended;
    struct cd_error error; /* why `failed` */

    struct cd_mutex topics_lock;
    struct cd_strmap topics; /* guarded by topics_lock: name to rd_kafka_topic_t */
};

#define CD_TOPIC_CACHE 4

struct cd_cached_topic {
    const char *name; /* librdkafka's own copy */
    size_t len;
    rd_kafka_topic_t *rkt;
};

struct cd_producer {
    struct cd_link link; /* in handle->leases */
    struct cd_producers *pool;
    struct cd_shared *handle; /* changed by its task only, with nothing in flight */
    struct cd_config *java;
    char *client_id;
    bool exclusive;
    size_t bytes_max;
    void (*wake)(void *arg);
    void *wake_arg;
    void (*refused)(void *arg, struct cd_batch *batch, struct cd_slice topic,
                    const struct cd_error *err);

    atomic_size_t refs; /* the task's and one a batch in flight */
    atomic_size_t in_flight;
    atomic_size_t charged;
    atomic_bool waiting; /* wants a wake when the handle has room, or a ghost is gone */
    size_t unpublished;  /* charged, not yet added to the two sums */
    struct cd_cached_topic topics[CD_TOPIC_CACHE];

    struct cd_mutex lock;
    bool returned; /* guarded by lock, which is also held while calling back: so that
                      cd_producer_return can promise silence */
};

/* The handle for these settings: a shared one if there is, else a new one. Counts the lease in. */
struct cd_shared *cd_shared_join(struct cd_producers *pool, struct cd_producer *lease,
                                 struct cd_error *err);
/* Counts the lease out. `leaves_records`: the handle is retired and remembers whose they are. */
void cd_shared_leave(struct cd_producer *lease, bool leaves_records);
/* Does an ended task of this client id still have records in some handle? */
bool cd_shared_haunted(struct cd_producers *pool, const char *client_id);
/* Destroys what has ended and has no lease. */
void cd_shared_reap(struct cd_producers *pool);
rd_kafka_topic_t *cd_shared_topic(struct cd_shared *handle, struct cd_slice topic,
                                  struct cd_error *err);

/* One batch of the lease is settled: gives its charge back, tells who waits. */
void cd_lease_settled(struct cd_producer *lease, size_t charged, size_t records, bool tell);
void cd_lease_wake(struct cd_producer *lease);
void cd_lease_unref(struct cd_producer *lease);

/* cd_batch.unsettled: a batch that is being sent counts this much more, one given away has this
 * bit. */
#define CD_SENDING ((size_t)1 << 40)
#define CD_DISOWNED ((size_t)1 << 62)

#endif
