/* Source offsets on their way to the store: one commit at a time, bounded by
 * offset.flush.timeout.ms. A commit that fails never fails the task; its offsets wait for the next
 * one. */
#include "base/clock.h"
#include "daemon/source_task.h"

static void committed(void *arg, struct cd_partition *partition, struct cd_value offset)
{
    struct cd_source_task *src = arg;
    const struct cd_source *source = src->task.plugin->plugin.source;
    if (source->committed != NULL && src->task.close_owed)
        source->committed(src->task.instance->state, partition, offset);
}

static void finish(struct cd_source_task *src, bool ok, const struct cd_error *err)
{
    struct cd_task_counters *counters = &src->task.counters;
    int64_t now_ms = cd_clock_ms();
    int64_t took_ms = now_ms - src->commit_began_ms;
    cd_source_offsets_flushed(src->offsets, ok, committed, src);
    cd_count(ok ? &counters->commit_successes : &counters->commit_failures, 1);
    cd_measure(&counters->commit_ms, took_ms);
    cd_histogram_add(&counters->commit_latency, took_ms, 1);
    if (ok)
        cd_log_debug(&src->task.log, "%s{id=%s} Finished commitOffsets successfully took_ms=%lld",
                     src->task.table->jvm_name, src->task.name, (long long)took_ms);
    else
        cd_log_error(&src->task.log,
                     "%s{id=%s} Failed to commit offsets, will try again took_ms=%lld error=\"%s\"",
                     src->task.table->jvm_name, src->task.name, (long long)took_ms, err->msg);
    cd_async_drop(src->commit);
    src->commit = NULL;
    src->next_commit_ms = now_ms + src->task.worker->config->offset_flush_interval_ms;
}

void cd_source_commit_begin(struct cd_source_task *src)
{
    struct cd_error err = CD_ERROR_INIT;
    src->commit_began_ms = cd_clock_ms();
    src->commit_until_ms = src->commit_began_ms + src->task.worker->config->offset_flush_timeout_ms;
    if (!cd_source_offsets_dirty(src->offsets)) {
        finish(src, true, &err); /* nothing to write is a success, as in the JVM */
        return;
    }
    cd_log_info(&src->task.log, "%s{id=%s} Committing offsets for %zu acknowledged messages",
                src->task.table->jvm_name, src->task.name, src->acknowledged);
    src->acknowledged = 0;
    struct cd_async *commit = cd_async_new(&src->task.runnable);
    if (cd_source_offsets_flush(src->offsets, cd_async_answer, commit, &err)) {
        src->commit = commit;
        return;
    }
    cd_async_answer(commit, NULL); /* nobody else will */
    src->commit = commit;
    finish(src, false, &err);
}

void cd_source_commit_turn(struct cd_source_task *src)
{
    struct cd_error err = CD_ERROR_INIT;
    bool ok = false;
    if (src->commit == NULL) {
        if (cd_clock_ms() >= src->next_commit_ms)
            cd_source_commit_begin(src);
    } else if (cd_async_take(src->commit, &ok, &err)) {
        finish(src, ok, &err);
    } else if (cd_clock_ms() >= src->commit_until_ms) {
        /* Should it be written after all, the next commit only repeats it. */
        (void)cd_fail(&err, CD_ERR_TIMEOUT, "not written within offset.flush.timeout.ms = %lld",
                      (long long)src->task.worker->config->offset_flush_timeout_ms);
        finish(src, false, &err);
    }
}

int64_t cd_source_commit_due_ms(const struct cd_source_task *src)
{
    return src->commit != NULL ? src->commit_until_ms : src->next_commit_ms;
}
