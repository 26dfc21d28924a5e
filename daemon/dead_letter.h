/*
 * A sink's dead letters: the message as it was consumed, with why it failed in its headers.
 *
 * A dead letter is acknowledged before the consumer offset it covers is committed, so the task asks
 * whether any is on its way. One that Kafka refuses fails the task: the record would be lost.
 *
 * Thread: the step of its task.
 */
#ifndef CD_DAEMON_DEAD_LETTER_H
#define CD_DAEMON_DEAD_LETTER_H

#include "daemon/async.h"
#include "daemon/errant.h"
#include "daemon/worker.h"

struct cd_dead_letters;

struct cd_dead_letter_options {
    const struct cd_worker *worker;
    const struct cd_config *config; /* the connector's, expanded; for client settings */
    const struct cd_sink_config *sink;
    const char *connector;
    int32_t task;
    const struct cd_logger *log;
    struct cd_task_counters *counters;
    struct cd_runnable *runnable; /* woken when letters are settled */
};

/* Everything of `options` is borrowed. NULL: the producer cannot be had. */
struct cd_dead_letters *cd_dead_letters_new(const struct cd_dead_letter_options *options,
                                            struct cd_error *err);
/* Letters still on their way are left to the producer. NULL is allowed. */
void cd_dead_letters_free(struct cd_dead_letters *letters);

/* Creates the topic if it is missing (1 partition), in a pool job. */
struct cd_async *cd_dead_letters_prepare(struct cd_dead_letters *letters);

/* Copies the message. False: it cannot be sent (too large, fatal producer). */
CD_MUST_CHECK bool cd_dead_letters_send(struct cd_dead_letters *letters,
                                        const struct cd_errant_record *record,
                                        struct cd_error *err);
/* Sends what waited for room, looks at what was acknowledged. False: a letter was refused. */
CD_MUST_CHECK bool cd_dead_letters_turn(struct cd_dead_letters *letters, struct cd_error *err);
/* Is any on its way? */
bool cd_dead_letters_pending(const struct cd_dead_letters *letters);

#endif
