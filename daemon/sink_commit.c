/*
 * Kafka's offsets of a sink: only what is flushed, and only after every dead letter written before
 * is acknowledged. One commit at a time, asynchronous, told apart by its sequence number. A commit
 * that fails never fails the task: the next interval commits again.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/metrics.h"
#include "daemon/sink_task.h"

static int64_t to_commit(const struct cd_sink_partition *partition)
{
    return partition->flushed > partition->committed || partition->flushed < partition->committed
               ? partition->flushed
               : -1;
}

static int64_t interval_ms(const struct cd_sink_task *sink)
{
    return sink->task.worker->config->offset_flush_interval_ms;
}

static void mark(struct cd_sink_task *sink, const struct cd_topic_partition *list, size_t count)
{
    for (size_t i = 0; i < sink->partitions.count; i++)
        sink->partitions.items[i].committing = -1;
    for (size_t i = 0; i < count; i++)
        cd_sink_partitions_find(&sink->partitions, list[i].topic, list[i].partition)->committing =
            list[i].offset;
}

static void done(struct cd_sink_task *sink, bool ok, const struct cd_error *err)
{
    struct cd_task_counters *counters = &sink->task.counters;
    int64_t took_ms = cd_clock_ms() - sink->commit_began_ms;
    sink->committing = false;
    cd_measure(&counters->commit_ms, took_ms);
    cd_histogram_add(&counters->commit_latency, took_ms, 1);
    cd_count(ok ? &counters->commit_successes : &counters->commit_failures, 1);
    if (ok) {
        cd_count(&counters->commit_completions, 1);
        return;
    }
    cd_log_error(&sink->task.log,
                 "%s{id=%s} Commit of offsets threw an unexpected exception for sequence number "
                 "%llu, the next interval commits again error=\"%s\"",
                 sink->task.table->jvm_name, sink->task.name, (unsigned long long)sink->sequence,
                 err->msg);
}

static void watch_lag(struct cd_sink_task *sink)
{
    int64_t lag_max = -1;
    size_t known = 0;
    CD_AUTO_FREE struct cd_metrics_lag *lags =
        cd_new_array(sink->partitions.count, struct cd_metrics_lag);
    for (size_t i = 0; i < sink->partitions.count; i++) {
        const struct cd_sink_partition *p = &sink->partitions.items[i];
        int64_t lag = p->consumed < 0 ? -1
                                      : cd_consumer_lag(sink->consumer, cd_slice(p->topic),
                                                        p->partition, p->consumed);
        lag_max = lag > lag_max ? lag : lag_max;
        if (lag >= 0)
            lags[known++] = (struct cd_metrics_lag){p->topic, p->partition, lag};
    }
    cd_metrics_task_lags(sink->task.worker->metrics, sink->task.connector, sink->task.id, lags,
                         known);
    atomic_store_explicit(&sink->task.counters.lag_max, lag_max, memory_order_relaxed);
}

void cd_sink_commit_begin(struct cd_sink_task *sink)
{
    if (sink->committing || (sink->letters != NULL && cd_dead_letters_pending(sink->letters)))
        return;
    struct cd_error err = CD_ERROR_INIT;
    size_t count;
    CD_AUTO_FREE struct cd_topic_partition *list =
        cd_sink_partitions_list(&sink->partitions, to_commit, /* all = */ false, &count);
    sink->commit_began_ms = cd_clock_ms();
    sink->next_commit_ms = sink->commit_began_ms + interval_ms(sink);
    sink->commit_wanted = false;
    watch_lag(sink);
    if (sink->partitions.count == 0)
        return;
    sink->sequence++;
    atomic_store(&sink->task.counters.commit_sequence, sink->sequence);
    mark(sink, list, count);
    if (count == 0) {
        done(sink, true, &err); /* nothing has changed: a success, as in the JVM */
        return;
    }
    cd_log_info(&sink->task.log,
                "%s{id=%s} Committing offsets asynchronously using sequence number %llu: "
                "partitions=%zu",
                sink->task.table->jvm_name, sink->task.name, (unsigned long long)sink->sequence,
                count);
    sink->committing = true;
    if (!cd_consumer_commit(sink->consumer, list, count, sink->sequence, &err))
        done(sink, false, &err);
}

bool cd_sink_commit_due(const struct cd_sink_task *sink)
{
    return !sink->committing && (sink->commit_wanted || cd_clock_ms() >= sink->next_commit_ms);
}

void cd_sink_commit_answered(struct cd_sink_task *sink, const struct cd_consumer_message *message)
{
    if (message->sequence != sink->sequence) {
        cd_count(&sink->task.counters.commit_skips, 1);
        return;
    }
    bool ok = message->err.code == CD_OK;
    if (ok) /* a commit of nothing is no progress */
        atomic_store(&sink->task.counters.last_progress_ms, cd_wall_ms());
    for (size_t i = 0; ok && i < sink->partitions.count; i++) {
        struct cd_sink_partition *partition = &sink->partitions.items[i];
        if (partition->committing >= 0)
            partition->committed = partition->committing;
        partition->committing = -1;
    }
    atomic_store_explicit(&sink->task.counters.active_count,
                          cd_sink_partitions_active(&sink->partitions), memory_order_relaxed);
    done(sink, ok, &message->err); /* also one that came too late: it counts, as in the JVM */
}

static int64_t overdue_ms(const struct cd_sink_task *sink)
{
    return sink->commit_began_ms + sink->task.worker->config->offset_flush_timeout_ms;
}

void cd_sink_commit_turn(struct cd_sink_task *sink)
{
    if (!sink->committing || cd_clock_ms() < overdue_ms(sink))
        return;
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_fail(&err, CD_ERR_TIMEOUT, "Commit of offsets timed out");
    done(sink, false, &err);
}

int64_t cd_sink_commit_due_ms(const struct cd_sink_task *sink)
{
    if (sink->committing)
        return overdue_ms(sink);
    /* It begins after the plugin's call and the dead letters: their ends wake. */
    if (sink->call != CD_SINK_NO_CALL ||
        (sink->letters != NULL && cd_dead_letters_pending(sink->letters)))
        return INT64_MAX;
    return sink->next_commit_ms;
}
