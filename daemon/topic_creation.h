/*
 * Which topics a source task may send to: those it has seen already, and new ones after they were
 * found or created (topic.creation.* groups). Without such groups, or when the worker forbids it,
 * every topic passes and the broker decides.
 *
 * Thread: the step of its task; asking the cluster runs as a pool job.
 */
#ifndef CD_DAEMON_TOPIC_CREATION_H
#define CD_DAEMON_TOPIC_CREATION_H

#include "daemon/async.h"
#include "daemon/worker.h"

struct cd_topic_creation;
struct cd_logger;

struct cd_topic_creation_options {
    const struct cd_worker *worker;
    const struct cd_config *config; /* the connector's, expanded */
    const char *connector;
    int32_t task;
    const struct cd_logger *log;
    struct cd_runnable *runnable; /* woken by the answer */
};

/* Everything of `options` is borrowed. NULL: the groups are wrong. */
struct cd_topic_creation *cd_topic_creation_new(const struct cd_topic_creation_options *options,
                                                struct cd_error *err);
void cd_topic_creation_free(struct cd_topic_creation *topics); /* NULL is allowed */

enum cd_topic_pass {
    CD_TOPIC_PASS,
    CD_TOPIC_ASKED, /* wait for the wake, then ask for the same topic again */
    CD_TOPIC_REFUSED,
};
/* May records go to `topic`? Cheap for the topic that was asked for last. */
enum cd_topic_pass cd_topic_creation_pass(struct cd_topic_creation *topics, struct cd_slice topic,
                                          struct cd_error *err);

/* The topic that was asked for last, for people; "": none. */
const char *cd_topic_creation_last(const struct cd_topic_creation *topics);

/* The next topic to which a record was sent and that was not told yet; NULL: none. The text lives
 * as long as `topics`. */
const char *cd_topic_creation_next_new(struct cd_topic_creation *topics);
/* The active topics were reset: each is told again with the next record to it. */
void cd_topic_creation_forget_told(struct cd_topic_creation *topics);

#endif
