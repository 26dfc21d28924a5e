/*
 * What is read out of a task's counters, as one table, and what is made of it over time.
 *
 * Tasks only count (counters.h). A rate, an average or a largest value "over the last windows" is
 * the difference of two readings: Kafka keeps metrics.num.samples windows of
 * metrics.sample.window.ms each, and so does this. The hot path knows nothing of it.
 *
 * Thread: whoever owns the struct, one at a time. The counters may be written meanwhile.
 */
#ifndef CD_DAEMON_SAMPLED_H
#define CD_DAEMON_SAMPLED_H

#include "daemon/counters.h"

/* Plain counters and gauges, in the order of the table in sampled.c. */
enum cd_reading_kind {
    CD_READ_POLLED,
    CD_READ_WRITTEN,
    CD_READ_READ,
    CD_READ_SENT,
    CD_READ_COMMIT_SUCCESSES,
    CD_READ_COMMIT_FAILURES,
    CD_READ_COMMIT_SEQUENCE,
    CD_READ_COMMIT_COMPLETIONS,
    CD_READ_COMMIT_SKIPS,
    CD_READ_FAILURES,
    CD_READ_ERRORS,
    CD_READ_SKIPPED,
    CD_READ_RETRIES,
    CD_READ_LOGGED,
    CD_READ_DEAD_LETTER_REQUESTS,
    CD_READ_DEAD_LETTER_FAILURES,
    CD_READ_LAST_ERROR_MS,
    CD_READ_ACTIVE,
    CD_READ_PARTITIONS,
    CD_READ_LAG_MAX,
    CD_READ_LAST_PROGRESS_MS,
    CD_READ_DEGRADED_SINCE_MS,
    CD_READ_HEALED,
    CD_READ_FULL_WAITS,
    CD_READ_QUEUE_BYTES,
    CD_READINGS,
};

/* Things measured now and then: count, sum, largest. */
enum cd_measure_kind {
    CD_MEASURE_BATCH_RECORDS,
    CD_MEASURE_COMMIT_MS,
    CD_MEASURE_POLL_US,
    CD_MEASURE_ACTIVE,
    CD_MEASURE_TRANSACTION_RECORDS,
    CD_MEASURE_PUT_US,
    CD_MEASURE_FLUSH_US,
    CD_MEASURES,
};

struct cd_measured {
    uint64_t count;
    uint64_t sum;
    uint64_t max; /* of the window under way */
};

/* All counters at one moment. */
struct cd_readings {
    int64_t value[CD_READINGS];
    struct cd_measured measured[CD_MEASURES];
    int64_t running_ms;
    int64_t paused_ms;
    int64_t lived_ms; /* since the first of the two began */
    struct cd_histogram_view {
        uint64_t buckets[CD_HISTOGRAM_BUCKETS];
        uint64_t sum_ms;
    } latency, commit;
};

void cd_readings_take(struct cd_readings *ret, const struct cd_task_counters *counters,
                      int64_t now_ms);

struct cd_window {
    int64_t began_ms;
    int64_t value[CD_READINGS]; /* when it began */
    struct cd_measured measured[CD_MEASURES];
};

/* The last windows of one task. */
struct cd_sampled {
    int64_t window_ms;
    size_t count; /* windows kept, the one under way included */
    size_t used;
    struct cd_window *windows; /* oldest first */
};

void cd_sampled_init(struct cd_sampled *sampled, int64_t window_ms, size_t count, int64_t now_ms);
void cd_sampled_done(struct cd_sampled *sampled);
/* When the window under way ends. */
int64_t cd_sampled_due_ms(const struct cd_sampled *sampled);
/* Ends the window under way if it is over, and takes the largest values out of the counters. */
void cd_sampled_roll(struct cd_sampled *sampled, struct cd_task_counters *counters, int64_t now_ms);

/* Per second over the windows; as Kafka: the windows not there yet count as full ones, but for the
 * one under way. */
double cd_sampled_rate(const struct cd_sampled *sampled, const struct cd_readings *now,
                       enum cd_reading_kind kind, int64_t now_ms);
/* NAN when nothing was measured. */
double cd_sampled_avg(const struct cd_sampled *sampled, const struct cd_readings *now,
                      enum cd_measure_kind kind);
double cd_sampled_max(const struct cd_sampled *sampled, const struct cd_readings *now,
                      enum cd_measure_kind kind);
/* a / (a + b), of what was counted in the windows; 0 when nothing was. */
double cd_sampled_share(const struct cd_sampled *sampled, const struct cd_readings *now,
                        enum cd_reading_kind a, enum cd_reading_kind b);

#endif
