/*
 * What becomes known of a record that failed for good: a log line, a dead letter, counters. Whether
 * it fails the task is decided elsewhere, before; it is reported in either case.
 *
 * A tolerated record never goes without a line: where errors.log.enable does not ask for one per
 * record, repeats are counted and summed up.
 *
 * Thread: the step of its task, and for produce failures the delivery thread (counters and log).
 */
#ifndef CD_DAEMON_ERRANT_H
#define CD_DAEMON_ERRANT_H

#include "base/log.h"
#include "config/connector_keys.h"
#include "daemon/counters.h"
#include "daemon/stage.h"
#include "kafka/consumer.h"

struct cd_dead_letters;

struct cd_errant {
    const struct cd_common_config *common; /* borrowed, like all here */
    const struct cd_logger *log;
    const char *connector;
    int32_t task;
    struct cd_task_counters *counters;
    struct cd_dead_letters *dead_letters; /* NULL: none */
    _Atomic(int64_t) quiet_until_ms;      /* monotonic: no summary before */
    cd_counter unsaid;                    /* tolerated records since the last summary */
};

struct cd_errant_record {
    enum cd_stage stage;
    const char *class_name;
    const struct cd_error *err;
    bool tolerated;
    const struct cd_incoming *consumed; /* a sink's message as it came; NULL: not a sink's */
    const struct cd_record *source;     /* a source's record as it was polled; NULL: not at hand */
};

/* Each failing call, also one that is retried. */
void cd_errant_failed_call(struct cd_errant *errant);
/* The record's end. False: the dead letter could not even be queued. */
CD_MUST_CHECK bool cd_errant_report(struct cd_errant *errant, const struct cd_errant_record *record,
                                    struct cd_error *err);

#endif
