#include "daemon/sampled.h"

#include "base/alloc.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct cd_task_counters, member)

static const size_t reading_offsets[CD_READINGS] = {
    [CD_READ_POLLED] = AT(polled_records),
    [CD_READ_WRITTEN] = AT(written_records),
    [CD_READ_READ] = AT(read_records),
    [CD_READ_SENT] = AT(sent_records),
    [CD_READ_COMMIT_SUCCESSES] = AT(commit_successes),
    [CD_READ_COMMIT_FAILURES] = AT(commit_failures),
    [CD_READ_COMMIT_SEQUENCE] = AT(commit_sequence),
    [CD_READ_COMMIT_COMPLETIONS] = AT(commit_completions),
    [CD_READ_COMMIT_SKIPS] = AT(commit_skips),
    [CD_READ_FAILURES] = AT(failures),
    [CD_READ_ERRORS] = AT(errors),
    [CD_READ_SKIPPED] = AT(skipped),
    [CD_READ_RETRIES] = AT(retries),
    [CD_READ_LOGGED] = AT(logged),
    [CD_READ_DEAD_LETTER_REQUESTS] = AT(dead_letter_requests),
    [CD_READ_DEAD_LETTER_FAILURES] = AT(dead_letter_failures),
    [CD_READ_LAST_ERROR_MS] = AT(last_error_ms),
    [CD_READ_ACTIVE] = AT(active_count),
    [CD_READ_PARTITIONS] = AT(partition_count),
    [CD_READ_LAG_MAX] = AT(lag_max),
    [CD_READ_LAST_PROGRESS_MS] = AT(last_progress_ms),
    [CD_READ_DEGRADED_SINCE_MS] = AT(degraded_since_ms),
    [CD_READ_HEALED] = AT(healed),
    [CD_READ_FULL_WAITS] = AT(full_waits),
    [CD_READ_QUEUE_BYTES] = AT(queue_bytes),
};

static const size_t measure_offsets[CD_MEASURES] = {
    [CD_MEASURE_BATCH_RECORDS] = AT(batch_records),
    [CD_MEASURE_COMMIT_MS] = AT(commit_ms),
    [CD_MEASURE_POLL_US] = AT(poll_us),
    [CD_MEASURE_ACTIVE] = AT(active),
    [CD_MEASURE_TRANSACTION_RECORDS] = AT(transaction_records),
    [CD_MEASURE_PUT_US] = AT(put_us),
    [CD_MEASURE_FLUSH_US] = AT(flush_us),
};

/* Signed and unsigned counters have one representation, and none comes near 2^63. */
static int64_t read_at(const struct cd_task_counters *counters, size_t offset)
{
    const char *base = (const char *)counters;
    const cd_counter *counter = (const cd_counter *)(const void *)(base + offset);
    return (int64_t)atomic_load_explicit(counter, memory_order_relaxed);
}

static struct cd_measured measured_at(const struct cd_task_counters *counters, size_t offset)
{
    return (struct cd_measured){
        .count = (uint64_t)read_at(counters, offset + offsetof(struct cd_measure, count)),
        .sum = (uint64_t)read_at(counters, offset + offsetof(struct cd_measure, sum)),
        .max = (uint64_t)read_at(counters, offset + offsetof(struct cd_measure, max)),
    };
}

/* Closed periods, and the one under way. */
static void read_activity(struct cd_readings *ret, const struct cd_task_counters *counters,
                          int64_t now_ms)
{
    int64_t started_ms = atomic_load(&counters->started_ms);
    int activity = atomic_load(&counters->activity);
    int64_t open_ms = now_ms - atomic_load(&counters->activity_since_ms);
    ret->running_ms = (int64_t)atomic_load(&counters->running_ms);
    ret->paused_ms = (int64_t)atomic_load(&counters->paused_ms);
    if (activity == CD_ACTIVITY_RUNNING)
        ret->running_ms += open_ms;
    if (activity == CD_ACTIVITY_PAUSED)
        ret->paused_ms += open_ms;
    ret->lived_ms = started_ms == 0 ? 0 : now_ms - started_ms;
}

static void read_histogram(struct cd_histogram_view *ret, const struct cd_histogram *histogram)
{
    for (size_t i = 0; i < CD_HISTOGRAM_BUCKETS; i++)
        ret->buckets[i] = atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
    ret->sum_ms = atomic_load_explicit(&histogram->sum_ms, memory_order_relaxed);
}

void cd_readings_take(struct cd_readings *ret, const struct cd_task_counters *counters,
                      int64_t now_ms)
{
    for (size_t i = 0; i < CD_READINGS; i++)
        ret->value[i] = read_at(counters, reading_offsets[i]);
    for (size_t i = 0; i < CD_MEASURES; i++)
        ret->measured[i] = measured_at(counters, measure_offsets[i]);
    read_activity(ret, counters, now_ms);
    read_histogram(&ret->latency, &counters->latency);
    read_histogram(&ret->commit, &counters->commit_latency);
}

/* ---- windows ---- */

void cd_sampled_init(struct cd_sampled *sampled, int64_t window_ms, size_t count, int64_t now_ms)
{
    *sampled = (struct cd_sampled){.window_ms = window_ms, .count = count, .used = 1};
    sampled->windows = cd_new_array(count, struct cd_window);
    sampled->windows[0].began_ms = now_ms;
}

void cd_sampled_done(struct cd_sampled *sampled)
{
    free(sampled->windows);
    sampled->windows = NULL;
}

int64_t cd_sampled_due_ms(const struct cd_sampled *sampled)
{
    return sampled->windows[sampled->used - 1].began_ms + sampled->window_ms;
}

static void take_max(struct cd_measured *measured, struct cd_task_counters *counters, size_t offset)
{
    char *base = (char *)counters;
    cd_counter *max = (cd_counter *)(void *)(base + offset + offsetof(struct cd_measure, max));
    measured->max = atomic_exchange_explicit(max, 0, memory_order_relaxed);
}

static struct cd_window *next_window(struct cd_sampled *sampled)
{
    if (sampled->used < sampled->count)
        return &sampled->windows[sampled->used++];
    memmove(sampled->windows, sampled->windows + 1,
            (sampled->count - 1) * sizeof(*sampled->windows));
    return &sampled->windows[sampled->count - 1];
}

void cd_sampled_roll(struct cd_sampled *sampled, struct cd_task_counters *counters, int64_t now_ms)
{
    if (now_ms < cd_sampled_due_ms(sampled))
        return;
    for (size_t i = 0; i < CD_MEASURES; i++)
        take_max(&sampled->windows[sampled->used - 1].measured[i], counters, measure_offsets[i]);
    struct cd_window *window = next_window(sampled);
    *window = (struct cd_window){.began_ms = now_ms};
    for (size_t i = 0; i < CD_READINGS; i++)
        window->value[i] = read_at(counters, reading_offsets[i]);
    for (size_t i = 0; i < CD_MEASURES; i++) {
        window->measured[i] = measured_at(counters, measure_offsets[i]);
        window->measured[i].max = 0;
    }
}

/* ---- what is made of them ---- */

static int64_t difference(const struct cd_sampled *sampled, const struct cd_readings *now,
                          enum cd_reading_kind kind)
{
    return now->value[kind] - sampled->windows[0].value[kind];
}

double cd_sampled_rate(const struct cd_sampled *sampled, const struct cd_readings *now,
                       enum cd_reading_kind kind, int64_t now_ms)
{
    int64_t elapsed_ms = now_ms - sampled->windows[0].began_ms;
    int64_t full = sampled->window_ms > 0 ? elapsed_ms / sampled->window_ms : 0;
    int64_t full_min = (int64_t)sampled->count - 1;
    if (full < full_min)
        elapsed_ms += (full_min - full) * sampled->window_ms;
    return elapsed_ms <= 0 ? 0 : (double)difference(sampled, now, kind) * 1000 / (double)elapsed_ms;
}

double cd_sampled_avg(const struct cd_sampled *sampled, const struct cd_readings *now,
                      enum cd_measure_kind kind)
{
    const struct cd_measured *oldest = &sampled->windows[0].measured[kind];
    uint64_t count = now->measured[kind].count - oldest->count;
    uint64_t sum = now->measured[kind].sum - oldest->sum;
    return count == 0 ? (double)NAN : (double)sum / (double)count;
}

double cd_sampled_max(const struct cd_sampled *sampled, const struct cd_readings *now,
                      enum cd_measure_kind kind)
{
    if (now->measured[kind].count == sampled->windows[0].measured[kind].count)
        return (double)NAN;
    uint64_t max = now->measured[kind].max;
    for (size_t i = 0; i + 1 < sampled->used; i++)
        if (sampled->windows[i].measured[kind].max > max)
            max = sampled->windows[i].measured[kind].max;
    return (double)max;
}

double cd_sampled_share(const struct cd_sampled *sampled, const struct cd_readings *now,
                        enum cd_reading_kind a, enum cd_reading_kind b)
{
    int64_t of_a = difference(sampled, now, a);
    int64_t of_b = difference(sampled, now, b);
    return of_a + of_b == 0 ? 0 : (double)of_a / (double)(of_a + of_b);
}
