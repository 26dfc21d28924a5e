/*
 * What one task counts, and nothing derived: rates, averages and shares are made by whoever reads
 * (metrics), from the difference of two readings.
 *
 * Written by the task's step with relaxed order, some by delivery threads; read by anybody at any
 * time. A `max` is the largest since it was last taken: the reader exchanges it for 0 at the end of
 * each of its windows.
 */
#ifndef CD_DAEMON_COUNTERS_H
#define CD_DAEMON_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef _Atomic(uint64_t) cd_counter;

/* Something that is measured now and then: enough for count, average and maximum. */
struct cd_measure {
    cd_counter count;
    cd_counter sum;
    cd_counter max;
};

/* Durations by their size. One observation may stand for many records: it is made once a batch. */
#define CD_HISTOGRAM_BUCKETS 16
struct cd_histogram {
    cd_counter buckets[CD_HISTOGRAM_BUCKETS]; /* not cumulative; the last: longer than all bounds */
    cd_counter sum_ms;
};

/* Bucket `i` holds what took at most so long; not for the last one. */
static inline int64_t cd_histogram_bound_ms(size_t i)
{
    static const int64_t bounds_ms[CD_HISTOGRAM_BUCKETS - 1] = {
        1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000};
    return bounds_ms[i];
}

enum cd_task_activity { CD_ACTIVITY_NONE, CD_ACTIVITY_RUNNING, CD_ACTIVITY_PAUSED };

struct cd_task_counters {
    bool is_source;

    /* Time in the states, for running-ratio and pause-ratio: closed periods in ms, the current
     * activity and when it began (monotonic; 0: not started). */
    _Atomic(int) activity;
    _Atomic(int64_t) activity_since_ms;
    _Atomic(int64_t) started_ms;
    cd_counter running_ms;
    cd_counter paused_ms;

    struct cd_measure batch_records; /* source: of each poll as sent; sink: of each put */
    struct cd_measure commit_ms;     /* offset commits, successful or not */
    cd_counter commit_successes;
    cd_counter commit_failures;

    /* Sources. */
    cd_counter polled_records;
    cd_counter written_records;    /* acknowledged, counted when their batch is settled */
    struct cd_measure poll_us;     /* polls that returned a batch */
    struct cd_measure active;      /* polled and not settled, looked at after each poll */
    _Atomic(int64_t) active_count; /* now; sinks: consumed and not committed */
    struct cd_measure transaction_records;

    /* Sinks. */
    cd_counter read_records;
    cd_counter sent_records; /* given to put; once, however often it was retried */
    struct cd_measure put_us;
    struct cd_measure flush_us;
    _Atomic(int64_t) partition_count;
    _Atomic(int64_t) lag_max; /* -1: unknown */
    cd_counter commit_sequence;
    cd_counter commit_completions; /* done well, or nothing to do */
    cd_counter commit_skips;       /* late answers ignored */

    /* Errors. */
    cd_counter failures; /* failed calls, retries included */
    cd_counter errors;   /* records that failed for good */
    cd_counter skipped;  /* of those, the tolerated ones */
    cd_counter retries;
    cd_counter logged;
    cd_counter dead_letter_requests;
    cd_counter dead_letter_failures;
    _Atomic(int64_t) last_error_ms; /* wall; 0: never */

    /* Beyond the JVM. */
    _Atomic(int64_t) last_progress_ms;  /* wall: a record acknowledged, flushed or committed */
    _Atomic(int64_t) degraded_since_ms; /* wall; 0: healthy */
    cd_counter healed;                  /* times it came back */
    cd_counter full_waits;              /* back-pressure: ring or producer full */
    _Atomic(int64_t) queue_bytes;       /* held and not acknowledged, or not flushed */
    struct cd_histogram latency;        /* of records: from their timestamp (without one: from the
                                           poll) to the acknowledgement or the flush */
    struct cd_histogram commit_latency;
};

static inline void cd_count(cd_counter *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* One writer at a time; the reader's exchange may come between: then the maximum counts for the
 * next window. */
static inline void cd_measure(struct cd_measure *measure, int64_t value)
{
    uint64_t v = value < 0 ? 0 : (uint64_t)value;
    cd_count(&measure->count, 1);
    cd_count(&measure->sum, v);
    if (v > atomic_load_explicit(&measure->max, memory_order_relaxed))
        atomic_store_explicit(&measure->max, v, memory_order_relaxed);
}

/* `n` things took so long; less than nothing (clocks differ) counts as nothing. */
static inline void cd_histogram_add(struct cd_histogram *histogram, int64_t took_ms, uint64_t n)
{
    size_t i = 0;
    while (i < CD_HISTOGRAM_BUCKETS - 1 && took_ms > cd_histogram_bound_ms(i))
        i++;
    cd_count(&histogram->buckets[i], n);
    cd_count(&histogram->sum_ms, took_ms < 0 ? 0 : (uint64_t)took_ms * n);
}

#endif
