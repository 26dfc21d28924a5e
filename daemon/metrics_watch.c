/* The look at the table every few seconds: windows end, and who stands still is told. */
#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "daemon/metrics_private.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOOK_MS = 5000,
    IDLE_AFTER_MS =
        60000, /* a connector runs without tasks: some take a while to find their work */
};

/* ---- what is said once the lock is free ---- */

struct note {
    struct cd_link link;
    enum cd_level level;
    char *text;
};

CD_PRINTF(3, 4)
static void say(struct cd_link *notes, enum cd_level level, const char *fmt, ...)
{
    struct cd_buffer text = CD_BUFFER_INIT;
    va_list args;
    va_start(args, fmt);
    cd_buffer_vprintf(&text, fmt, args);
    va_end(args);
    struct note *note = cd_new(struct note);
    note->level = level;
    note->text = cd_buffer_steal(&text);
    cd_list_push_back(notes, &note->link);
}

static void write_notes(const struct cd_metrics *metrics, struct cd_link *notes)
{
    for (struct cd_link *link; (link = cd_list_pop_front(notes)) != NULL;) {
        struct note *note = CD_CONTAINER_OF(link, struct note, link);
        cd_log(&metrics->log, note->level, "%s", note->text);
        free(note->text);
        free(note);
    }
}

/* ---- tasks ---- */

static const struct cd_status_view *status_of(const struct cd_snapshot *snapshot,
                                              const struct cd_metrics_entry *entry)
{
    const struct cd_connector_view *view = cd_snapshot_find(snapshot, entry->connector);
    const struct cd_task_view *task = view == NULL ? NULL : cd_view_find_task(view, entry->id);
    return task == NULL ? NULL : &task->status;
}

/* What a running task has to do and does not; NULL: nothing. */
static const char *what_waits(const struct cd_metrics_entry *entry,
                              const struct cd_readings *readings, int64_t stalled_after_ms)
{
    if (entry->runnable != NULL && cd_runnable_stepping_ms(entry->runnable) >= stalled_after_ms)
        return "a call of the plugin does not return";
    if (entry->is_source)
        return readings->value[CD_READ_ACTIVE] > 0
                   ? "records were read and Kafka does not acknowledge them"
                   : NULL;
    if (readings->value[CD_READ_ACTIVE] > 0)
        return "records were consumed and are neither flushed nor committed";
    return readings->value[CD_READ_LAG_MAX] > 0 ? "records are waiting in Kafka" : NULL;
}

static void judge(const struct cd_metrics *metrics, struct cd_metrics_entry *entry,
                  const struct cd_status_view *status, int64_t now_ms, struct cd_link *notes)
{
    struct cd_readings readings;
    cd_metrics_entry_read(entry, now_ms, &readings);
    bool runs = status != NULL && status->known && status->state == CD_API_RUNNING;
    const char *why = runs ? what_waits(entry, &readings, metrics->stalled_after_ms) : NULL;
    int64_t progress_ms = readings.value[CD_READ_LAST_PROGRESS_MS];
    if (why == NULL || progress_ms != entry->progress_ms || entry->waiting_since_ms == 0) {
        if (entry->stalled)
            say(notes, CD_LOG_INFO, "task goes on connector=%s task=%d", entry->connector,
                (int)entry->id);
        entry->stalled = false;
        entry->progress_ms = progress_ms;
        entry->waiting_since_ms = why == NULL ? 0 : now_ms;
        return;
    }
    entry->stalled_why = why;
    if (entry->stalled || now_ms - entry->waiting_since_ms < metrics->stalled_after_ms)
        return;
    entry->stalled = true;
    say(notes, CD_LOG_WARN,
        "task stalled, it runs and makes no progress connector=%s task=%d for_ms=%lld: %s",
        entry->connector, (int)entry->id, (long long)(now_ms - entry->waiting_since_ms), why);
}

/* ---- connectors ---- */

static bool idle(const struct cd_connector_view *view)
{
    return view->status.known && view->status.state == CD_API_RUNNING && view->task_count == 0;
}

static void judge_connector(struct cd_metrics *metrics, const struct cd_connector_view *view,
                            int64_t now_ms, struct cd_link *notes)
{
    struct cd_idle *known = cd_strmap_get(&metrics->idle, view->name);
    if (!idle(view)) {
        if (known != NULL)
            (void)cd_strmap_remove(&metrics->idle, view->name); /* it is there */
        return;
    }
    if (known == NULL) {
        known = cd_new(struct cd_idle);
        known->since_ms = now_ms;
        (void)cd_strmap_put(&metrics->idle, view->name, known); /* the map has its own key */
    }
    if (known->said || now_ms - known->since_ms < IDLE_AFTER_MS)
        return;
    known->said = true;
    say(notes, CD_LOG_WARN,
        "connector runs without tasks, so it moves nothing connector=%s for_ms=%lld: it found no "
        "work to split (tables, files, topics)",
        view->name, (long long)(now_ms - known->since_ms));
}

static void forget_gone(struct cd_metrics *metrics, const struct cd_snapshot *snapshot)
{
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&metrics->idle, &it);)
        if (cd_snapshot_find(snapshot, it.key) == NULL)
            (void)cd_strmap_remove(&metrics->idle, it.key); /* it is there */
}

void cd_metrics_look(struct cd_metrics *metrics, const struct cd_snapshot *snapshot, int64_t now_ms)
{
    struct cd_link notes;
    cd_list_init(&notes);
    cd_mutex_lock(&metrics->lock);
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&metrics->entries, &it);) {
        struct cd_metrics_entry *entry = it.value;
        if (entry->live != NULL)
            cd_sampled_roll(&entry->sampled, entry->live, now_ms);
        judge(metrics, entry, status_of(snapshot, entry), now_ms, &notes);
    }
    for (size_t i = 0; i < snapshot->count; i++)
        judge_connector(metrics, snapshot->views[i], now_ms, &notes);
    forget_gone(metrics, snapshot);
    cd_mutex_unlock(&metrics->lock);
    write_notes(metrics, &notes);
}

char *cd_metrics_stalled(struct cd_metrics *metrics, const char *connector, int32_t id)
{
    if (metrics == NULL)
        return NULL;
    cd_mutex_lock(&metrics->lock);
    const struct cd_metrics_entry *entry = cd_metrics_find(metrics, connector, id);
    char *text = NULL;
    if (entry != NULL && entry->stalled)
        text =
            cd_asprintf("no progress for %lld ms: %s",
                        (long long)(cd_clock_ms() - entry->waiting_since_ms), entry->stalled_why);
    cd_mutex_unlock(&metrics->lock);
    return text;
}

char *cd_metrics_trouble(struct cd_metrics *metrics)
{
    struct cd_buffer text = CD_BUFFER_INIT;
    int64_t now_ms = cd_clock_ms();
    cd_mutex_lock(&metrics->lock);
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&metrics->entries, &it);) {
        const struct cd_metrics_entry *entry = it.value;
        if (entry->stalled)
            cd_buffer_printf(&text, "%s%s-%d makes no progress for %lld ms: %s",
                             text.len == 0 ? "" : "\n", entry->connector, (int)entry->id,
                             (long long)(now_ms - entry->waiting_since_ms), entry->stalled_why);
    }
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&metrics->idle, &it);) {
        const struct cd_idle *known = it.value;
        if (known->said)
            cd_buffer_printf(&text, "%s%s runs without tasks for %lld ms",
                             text.len == 0 ? "" : "\n", it.key,
                             (long long)(now_ms - known->since_ms));
    }
    cd_mutex_unlock(&metrics->lock);
    if (text.len > 0)
        return cd_buffer_steal(&text);
    cd_buffer_done(&text);
    return NULL;
}

/* ---- the runnable ---- */

static enum cd_step end(struct cd_metrics *metrics)
{
    cd_runnable_remove(&metrics->watch);
    cd_mutex_lock(&metrics->lock);
    metrics->ended = true;
    cd_cond_signal(&metrics->stopped);
    cd_mutex_unlock(&metrics->lock);
    return CD_STEP_DONE;
}

static enum cd_step step(struct cd_runnable *runnable, struct cd_wait *wait)
{
    struct cd_metrics *metrics = CD_CONTAINER_OF(runnable, struct cd_metrics, watch);
    if (atomic_load(&metrics->stop))
        return end(metrics);
    const struct cd_snapshot *snapshot = metrics->snapshot(metrics->snapshot_arg);
    int64_t now_ms = cd_clock_ms();
    cd_metrics_look(metrics, snapshot, now_ms);
    cd_snapshot_unref(snapshot);
    int64_t pause_ms = metrics->window_ms < LOOK_MS ? metrics->window_ms : LOOK_MS;
    return cd_wait_until(wait, now_ms + (pause_ms < 1 ? 1 : pause_ms));
}

void cd_metrics_watch(struct cd_metrics *metrics, struct cd_scheduler *scheduler,
                      const struct cd_snapshot *(*snapshot)(void *arg), void *arg)
{
    metrics->scheduler = scheduler;
    metrics->snapshot = snapshot;
    metrics->snapshot_arg = arg;
    metrics->watching = true;
    cd_runnable_init(&metrics->watch, scheduler, step);
    cd_runnable_wake(&metrics->watch);
}

void cd_metrics_unwatch(struct cd_metrics *metrics)
{
    if (metrics == NULL || !metrics->watching)
        return;
    atomic_store(&metrics->stop, true);
    cd_runnable_wake(&metrics->watch);
    cd_mutex_lock(&metrics->lock);
    while (!metrics->ended)
        (void)cd_cond_wait(&metrics->stopped, &metrics->lock, INT64_MAX); /* woken by the end */
    cd_mutex_unlock(&metrics->lock);
    metrics->watching = false;
}
