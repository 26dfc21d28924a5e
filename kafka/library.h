/*
 * Inside kafka/ only: librdkafka's handles made from Java's settings, its errors in our terms, its
 * log in ours.
 */
#ifndef CD_KAFKA_LIBRARY_H
#define CD_KAFKA_LIBRARY_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>

#include "base/thread.h"
#include "kafka/client.h"

/* What belongs to one rd_kafka_t beside it; rd_kafka_opaque() of the handle. Lives until
 * cd_client_done, which comes after rd_kafka_destroy. */
struct cd_client {
    struct cd_logger log; /* a copy: the handle may outlive its maker */
    char *name;           /* client.id */
    enum cd_client_kind kind;
    char mechanism[32]; /* sasl.mechanism, for hints; empty: no SASL */
    char *username;     /* SASL credentials, for cd_client_taken; NULL: none */
    char *password;
    char *group;            /* group.id, for messages about missing rights; NULL: none */
    char *transactional_id; /* likewise */
    size_t poke_bytes;      /* likewise, a consumer's, by whoever reads its queue */
    size_t poke_messages;
    size_t taken_bytes;
    size_t taken_messages;
    size_t buffer_memory; /* a producer's budget */
    bool round_robin;     /* the partitioner that librdkafka does not have */
    atomic_int connections;
    atomic_uint_least64_t throttled;

    struct cd_mutex lock;
    /* guarded by lock: */
    char reason[300];  /* the last trouble with a broker, in librdkafka's words */
    char last_fac[16]; /* repeated log lines are counted, not written */
    int64_t last_line_ms;
    uint64_t repeated;
};

struct cd_client_options {
    enum cd_client_kind kind;
    const struct cd_config *java;
    const char *client_id; /* java's own wins */
    const struct cd_logger *log;
    int events; /* RD_KAFKA_EVENT_... to be delivered as events */
};

/* Fills `client` in and makes a configuration from the settings. NULL on failure, with nothing to
 * undo. What has no counterpart is logged here, once a handle. */
rd_kafka_conf_t *cd_client_configure(struct cd_client *client,
                                     const struct cd_client_options *options, struct cd_error *err);
/* Consumes `conf` in any case, and `client` on failure. */
rd_kafka_t *cd_client_create(struct cd_client *client, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                             struct cd_error *err);
void cd_client_done(struct cd_client *client);
struct cd_client *cd_client_of(const rd_kafka_t *rk);

/* Bounds what a consumer holds to about `bytes_max`, where the user did not bound it himself. */
void cd_client_bound_queue(struct cd_client *client, rd_kafka_conf_t *conf,
                           const struct cd_config *java, size_t bytes_max);
/* To be told what was taken from the queue, or it may stand still; see bounds.c. */
void cd_client_taken(struct cd_client *client, rd_kafka_t *rk, size_t messages, size_t bytes);

/* Counts for cd_kafka_received_bytes; taken does it. */
void cd_client_received(size_t bytes);

/* Classifies `code`. `detail` (NULL: librdkafka's text for the code) says more. Adds what is known
 * of the connection when the code only says "timed out". Always false. `client` may be NULL. */
bool cd_kafka_fail(struct cd_error *err, struct cd_client *client, rd_kafka_resp_err_t code,
                   const char *detail);
/* What would be right, when a connection's trouble is told in words that are known; else NULL. */
const char *cd_kafka_hint(const char *reason);
/* Is an error event of a handle the end of it, and not the weather between it and a broker? Refused
 * credentials and certificates are, as in the JVM; a broker that goes away while it greets is not,
 * although librdkafka uses the same codes. */
bool cd_kafka_is_final(rd_kafka_resp_err_t code, const char *text);
/* The same for an error object, which it destroys. */
bool cd_kafka_fail_error(struct cd_error *err, struct cd_client *client, rd_kafka_error_t *error);

/* The caller frees; NULL: no broker answers, or none lets us in. The handle has
 * RD_KAFKA_EVENT_ERROR. */
char *cd_client_cluster_id(struct cd_client *client, rd_kafka_t *rk, int64_t timeout_ms,
                           struct cd_error *err);
/* Complaints about brokers that came and went, which the log has: for handles without a thread. */
void cd_client_drop_complaints(rd_kafka_t *rk);
/* Between two tries of a blocking call: a wait that nobody ends early. */
void cd_kafka_pause(int64_t ms);

#endif
