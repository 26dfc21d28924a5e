#include "api/snapshot.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *cd_api_state_name(enum cd_api_state state)
{
    static const char *const names[] = {
        [CD_API_UNASSIGNED] = "UNASSIGNED", [CD_API_RUNNING] = "RUNNING",
        [CD_API_PAUSED] = "PAUSED",         [CD_API_STOPPED] = "STOPPED",
        [CD_API_FAILED] = "FAILED",         [CD_API_RESTARTING] = "RESTARTING",
    };
    return names[state];
}

const char *cd_api_type_name(enum cd_api_type type)
{
    static const char *const names[] = {
        [CD_TYPE_UNKNOWN] = "unknown", [CD_TYPE_SOURCE] = "source", [CD_TYPE_SINK] = "sink"};
    return names[type];
}

/* ---- views ---- */

struct cd_connector_view *cd_view_new(const char *name)
{
    struct cd_connector_view *view = cd_new(struct cd_connector_view);
    atomic_init(&view->refs, 1);
    for (int i = 0; i < CD_VIEW_TEXTS; i++)
        atomic_init(&view->text[i], NULL);
    view->name = cd_strdup(name);
    return view;
}

void cd_view_tasks(struct cd_connector_view *view, size_t count)
{
    assert(view->tasks == NULL);
    view->tasks = cd_new_array(count, struct cd_task_view);
    view->task_count = count;
    for (size_t i = 0; i < count; i++)
        view->tasks[i].id = (int32_t)i;
}

static void drop_status(struct cd_status_view *status)
{
    free(status->worker_id);
    free(status->trace);
    free(status->version);
}

void cd_view_status(struct cd_status_view *status, enum cd_api_state state, const char *worker_id,
                    const char *trace, const char *version)
{
    struct cd_status_view old = *status;
    *status = (struct cd_status_view){
        .known = true,
        .state = state,
        .worker_id = cd_strdup(worker_id),
        .trace = cd_strdup(trace),
        .version = cd_strdup(version),
    };
    drop_status(&old); /* last: the texts may have been its own */
}

void cd_view_topic(struct cd_connector_view *view, const char *topic)
{
    view->topics = cd_realloc_array(view->topics, view->topic_count + 1, sizeof(*view->topics));
    view->topics[view->topic_count++] = cd_strdup(topic);
}

static void copy_status(struct cd_status_view *to, const struct cd_status_view *from)
{
    if (!from->known)
        return;
    cd_view_status(to, from->state, from->worker_id, from->trace, from->version);
    to->since_ms = from->since_ms;
}

struct cd_connector_view *cd_view_copy(const struct cd_connector_view *view)
{
    struct cd_connector_view *copy = cd_view_new(view->name);
    copy->type = view->type;
    copy->config = cd_config_copy(view->config);
    copy->target = view->target;
    copy_status(&copy->status, &view->status);
    cd_view_tasks(copy, view->task_count);
    for (size_t i = 0; i < view->task_count; i++) {
        copy->tasks[i].id = view->tasks[i].id;
        copy->tasks[i].config = cd_config_copy(view->tasks[i].config);
        copy_status(&copy->tasks[i].status, &view->tasks[i].status);
    }
    for (size_t i = 0; i < view->topic_count; i++)
        cd_view_topic(copy, view->topics[i]);
    return copy;
}

/* References are counted in objects that are otherwise constant: the only writes through a const
 * pointer. */
static _Atomic(uint32_t) *view_refs(const struct cd_connector_view *view)
{
    return &((struct cd_connector_view *)(uintptr_t)view)->refs;
}

const struct cd_connector_view *cd_view_ref(const struct cd_connector_view *view)
{
    atomic_fetch_add_explicit(view_refs(view), 1, memory_order_relaxed);
    return view;
}

static void view_free(struct cd_connector_view *view)
{
    for (size_t i = 0; i < view->task_count; i++) {
        drop_status(&view->tasks[i].status);
        cd_config_free(view->tasks[i].config);
    }
    for (size_t i = 0; i < view->topic_count; i++)
        free(view->topics[i]);
    for (int i = 0; i < CD_VIEW_TEXTS; i++)
        free(atomic_load(&view->text[i]));
    drop_status(&view->status);
    cd_config_free(view->config);
    free(view->tasks);
    free(view->topics);
    free(view->name);
    free(view);
}

void cd_view_unref(const struct cd_connector_view *view)
{
    if (view != NULL && atomic_fetch_sub_explicit(view_refs(view), 1, memory_order_acq_rel) == 1)
        view_free((struct cd_connector_view *)(uintptr_t)view);
}

const struct cd_task_view *cd_view_find_task(const struct cd_connector_view *view, int32_t id)
{
    for (size_t i = 0; i < view->task_count; i++)
        if (view->tasks[i].id == id)
            return &view->tasks[i];
    return NULL;
}

/* ---- snapshots ---- */

static struct cd_snapshot *snapshot_new(size_t count)
{
    struct cd_snapshot *snapshot = cd_alloc(sizeof(*snapshot) + count * sizeof(snapshot->views[0]));
    atomic_init(&snapshot->refs, 1);
    atomic_init(&snapshot->text, NULL);
    snapshot->count = count;
    return snapshot;
}

static int by_name(const void *a, const void *b)
{
    const struct cd_connector_view *const *left = a;
    const struct cd_connector_view *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

const struct cd_snapshot *cd_snapshot_of(const struct cd_connector_view *const *views, size_t count)
{
    struct cd_snapshot *snapshot = snapshot_new(count);
    for (size_t i = 0; i < count; i++)
        snapshot->views[i] = views[i];
    qsort(snapshot->views, count, sizeof(snapshot->views[0]), by_name);
    return snapshot;
}

/* The index of `name`, or where it would stand. */
static size_t place_of(const struct cd_snapshot *snapshot, const char *name, bool *ret_found)
{
    size_t low = 0;
    size_t high = snapshot->count;
    *ret_found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(snapshot->views[middle]->name, name);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct cd_snapshot *cd_snapshot_with(const struct cd_snapshot *old,
                                           const struct cd_connector_view *view)
{
    bool found;
    size_t at = place_of(old, view->name, &found);
    struct cd_snapshot *snapshot = snapshot_new(old->count + (found ? 0 : 1));
    size_t to = 0;
    for (size_t from = 0; from < at; from++)
        snapshot->views[to++] = cd_view_ref(old->views[from]);
    snapshot->views[to++] = view;
    for (size_t from = found ? at + 1 : at; from < old->count; from++)
        snapshot->views[to++] = cd_view_ref(old->views[from]);
    return snapshot;
}

const struct cd_snapshot *cd_snapshot_without(const struct cd_snapshot *old, const char *name)
{
    bool found;
    size_t at = place_of(old, name, &found);
    if (!found)
        return cd_snapshot_ref(old);
    struct cd_snapshot *snapshot = snapshot_new(old->count - 1);
    size_t to = 0;
    for (size_t from = 0; from < old->count; from++)
        if (from != at)
            snapshot->views[to++] = cd_view_ref(old->views[from]);
    return snapshot;
}

static _Atomic(uint32_t) *snapshot_refs(const struct cd_snapshot *snapshot)
{
    return &((struct cd_snapshot *)(uintptr_t)snapshot)->refs;
}

const struct cd_snapshot *cd_snapshot_ref(const struct cd_snapshot *snapshot)
{
    atomic_fetch_add_explicit(snapshot_refs(snapshot), 1, memory_order_relaxed);
    return snapshot;
}

void cd_snapshot_unref(const struct cd_snapshot *snapshot)
{
    if (snapshot == NULL ||
        atomic_fetch_sub_explicit(snapshot_refs(snapshot), 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < snapshot->count; i++)
        cd_view_unref(snapshot->views[i]);
    free(atomic_load(&snapshot->text));
    free((void *)(uintptr_t)snapshot);
}

void cd_snapshot_unrefp(const struct cd_snapshot **snapshot)
{
    cd_snapshot_unref(*snapshot);
}

const struct cd_connector_view *cd_snapshot_find(const struct cd_snapshot *snapshot,
                                                 const char *name)
{
    bool found;
    size_t at = place_of(snapshot, name, &found);
    return found ? snapshot->views[at] : NULL;
}

/* ---- the slot ---- */

void cd_snapshot_slot_init(struct cd_snapshot_slot *slot)
{
    cd_mutex_init(&slot->lock);
    slot->newest = snapshot_new(0);
}

void cd_snapshot_slot_done(struct cd_snapshot_slot *slot)
{
    cd_snapshot_unref(slot->newest);
    slot->newest = NULL;
    cd_mutex_done(&slot->lock);
}

void cd_snapshot_publish(struct cd_snapshot_slot *slot, const struct cd_snapshot *snapshot)
{
    cd_mutex_lock(&slot->lock);
    const struct cd_snapshot *old = slot->newest;
    slot->newest = snapshot;
    cd_mutex_unlock(&slot->lock);
    cd_snapshot_unref(old); /* outside the lock: it may be long to free */
}

const struct cd_snapshot *cd_snapshot_newest(struct cd_snapshot_slot *slot)
{
    cd_mutex_lock(&slot->lock);
    const struct cd_snapshot *snapshot = cd_snapshot_ref(slot->newest);
    cd_mutex_unlock(&slot->lock);
    return snapshot;
}
