/*
 * What the API may read without asking: all connectors and their tasks at one moment.
 *
 * A snapshot is an immutable, reference-counted array of references to immutable, reference-counted
 * views, one view a connector, sorted by name. A change makes a new view of the connector concerned
 * and a new array of pointers; the other views are shared. Rendered JSON is kept in the view and in
 * the snapshot it belongs to (made by the first reader), so an unchanged connector is rendered
 * once.
 *
 * Thread: building belongs to one thread; what was published is read by any. Memory: a view owns
 * all it points at; nobody changes it after cd_snapshot_with or cd_snapshot_of took it.
 */
#ifndef CD_API_SNAPSHOT_H
#define CD_API_SNAPSHOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/thread.h"
#include "config/properties.h"

/* As REST names them; STOPPED is never a task's state. */
enum cd_api_state {
    CD_API_UNASSIGNED,
    CD_API_RUNNING,
    CD_API_PAUSED,
    CD_API_STOPPED,
    CD_API_FAILED,
    CD_API_RESTARTING,
};
const char *cd_api_state_name(enum cd_api_state state);

enum cd_api_target { CD_TARGET_STARTED, CD_TARGET_PAUSED, CD_TARGET_STOPPED };

enum cd_api_type { CD_TYPE_UNKNOWN, CD_TYPE_SOURCE, CD_TYPE_SINK };
const char *cd_api_type_name(enum cd_api_type type);

/* One entry of the status topic. */
struct cd_status_view {
    bool known; /* false: no status yet; GET status answers 404 */
    enum cd_api_state state;
    char *worker_id;
    char *trace;      /* NULL: none */
    char *version;    /* of the plugin; NULL: left out */
    int64_t since_ms; /* wall: when this state began; 0: unknown */
};

struct cd_task_view {
    int32_t id;
    struct cd_status_view status;
    struct cd_config *config; /* raw, with task.class; NULL: a status without a configuration */
};

enum { CD_VIEW_TEXT_INFO, CD_VIEW_TEXT_STATUS, CD_VIEW_TEXTS };

struct cd_connector_view {
    _Atomic(uint32_t) refs;
    _Atomic(char *) text[CD_VIEW_TEXTS]; /* render.c's */
    char *name;
    enum cd_api_type type;
    struct cd_config *config; /* raw: as submitted, plus `name` */
    enum cd_api_target target;
    struct cd_status_view status;
    struct cd_task_view *tasks; /* ascending by id */
    size_t task_count;
    char **topics; /* the active ones, in the order to show */
    size_t topic_count;
};

/* One reference, everything else zero. The builder fills the fields in, then only shares it. */
struct cd_connector_view *cd_view_new(const char *name);
/* Room for `count` tasks numbered from 0 (change the ids if they differ). Once a view. */
void cd_view_tasks(struct cd_connector_view *view, size_t count);
/* Copies its texts; an older status is freed. */
void cd_view_status(struct cd_status_view *status, enum cd_api_state state, const char *worker_id,
                    const char *trace, const char *version);
void cd_view_topic(struct cd_connector_view *view, const char *topic);
/* A new view with the same content, to be changed before it is shared. */
struct cd_connector_view *cd_view_copy(const struct cd_connector_view *view);
const struct cd_connector_view *cd_view_ref(const struct cd_connector_view *view);
void cd_view_unref(const struct cd_connector_view *view); /* NULL is allowed */
/* NULL: no such task. */
const struct cd_task_view *cd_view_find_task(const struct cd_connector_view *view, int32_t id);

struct cd_snapshot {
    _Atomic(uint32_t) refs;
    _Atomic(char *) text; /* of GET /connectors; render.c's */
    size_t count;
    const struct cd_connector_view *views[]; /* sorted by name, bytewise */
};

/* Takes over one reference of each of the views, given in any order; names are distinct. */
const struct cd_snapshot *cd_snapshot_of(const struct cd_connector_view *const *views,
                                         size_t count);
/* `old` with `view` in the place of the one of its name, or added; takes over the reference of
 * `view`. `old` keeps its own reference. */
const struct cd_snapshot *cd_snapshot_with(const struct cd_snapshot *old,
                                           const struct cd_connector_view *view);
const struct cd_snapshot *cd_snapshot_without(const struct cd_snapshot *old, const char *name);
const struct cd_snapshot *cd_snapshot_ref(const struct cd_snapshot *snapshot);
void cd_snapshot_unref(const struct cd_snapshot *snapshot);   /* NULL is allowed */
void cd_snapshot_unrefp(const struct cd_snapshot **snapshot); /* for CD_AUTO */
/* Lends the view; NULL: no such connector. */
const struct cd_connector_view *cd_snapshot_find(const struct cd_snapshot *snapshot,
                                                 const char *name);

/* Where the owner publishes and readers take: the newest snapshot. */
struct cd_snapshot_slot {
    struct cd_mutex lock;
    const struct cd_snapshot *newest; /* guarded by lock: */
};

void cd_snapshot_slot_init(struct cd_snapshot_slot *slot); /* holds an empty snapshot */
void cd_snapshot_slot_done(struct cd_snapshot_slot *slot);
/* Takes over the reference. */
void cd_snapshot_publish(struct cd_snapshot_slot *slot, const struct cd_snapshot *snapshot);
/* Gives a reference to the newest. */
const struct cd_snapshot *cd_snapshot_newest(struct cd_snapshot_slot *slot);

#endif
