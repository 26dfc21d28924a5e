#include "daemon/config_replay.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/map.h"

#include <jansson.h>
#include <stdlib.h>

struct entry {
    const struct cd_wanted *wanted; /* replaced, never changed */
    bool has_target;
    struct cd_strmap
        deferred; /* task id as text to struct cd_config: waits for its commit record */
};

struct cd_config_replay {
    struct cd_config_events events;
    struct cd_mutex lock;
    struct cd_strmap entries; /* guarded by lock: name to struct entry */
};

static struct cd_logger replay_log = {.component = "config-store", .task = -1};

static void config_free(void *config)
{
    cd_config_free(config);
}

static void entry_free(void *arg)
{
    struct entry *entry = arg;
    cd_wanted_unref(entry->wanted);
    cd_strmap_done(&entry->deferred);
    free(entry);
}

struct cd_config_replay *cd_config_replay_new(const struct cd_config_events *events)
{
    struct cd_config_replay *replay = cd_new(struct cd_config_replay);
    replay->events = *events;
    cd_mutex_init(&replay->lock);
    cd_strmap_init(&replay->entries, entry_free);
    return replay;
}

void cd_config_replay_free(struct cd_config_replay *replay)
{
    cd_strmap_done(&replay->entries);
    cd_mutex_done(&replay->lock);
    free(replay);
}

static struct entry *find_or_add(struct cd_config_replay *replay, const char *name)
{
    struct entry *entry = cd_strmap_get(&replay->entries, name);
    if (entry != NULL)
        return entry;
    entry = cd_new(struct entry);
    entry->wanted = cd_wanted_new(name);
    cd_strmap_init(&entry->deferred, config_free);
    (void)cd_strmap_put(&replay->entries, name, entry); /* the map's own key is of no use here */
    return entry;
}

/* Puts `changed` in the place of what was wanted. */
static void replace(struct entry *entry, struct cd_wanted *changed)
{
    cd_wanted_unref(entry->wanted);
    entry->wanted = changed;
}

/* NULL when the value is not {"properties": {...}} with texts or nulls. */
static struct cd_config *properties_of(json_t *value)
{
    json_t *properties = json_object_get(value, "properties");
    if (!json_is_object(properties))
        return NULL;
    struct cd_config *config = cd_config_new();
    const char *key;
    json_t *text;
    json_object_foreach(properties, key, text)
    {
        cd_config_set(config, key, json_string_value(text)); /* a null stays one */
    }
    return config;
}

static void refuse(const struct cd_ledger_record *record, const char *why)
{
    cd_log_error(&replay_log, "config topic record ignored: %s key=%.*s offset=%lld", why,
                 CD_SLICE_ARG(record->key), (long long)record->offset);
}

/* ---- one function a kind of record; `name` is what follows the prefix; each answers whether
 * something changed ---- */

struct input {
    struct cd_config_replay *replay;
    const struct cd_ledger_record *record;
    json_t *value; /* NULL: a tombstone */
};

static bool parse_target(json_t *value, enum cd_api_target *ret)
{
    static const char *const names[] = {"STARTED", "PAUSED", "STOPPED"};
    static const enum cd_api_target targets[] = {CD_TARGET_STARTED, CD_TARGET_PAUSED,
                                                 CD_TARGET_STOPPED};
    const char *text = json_string_value(json_object_get(value, "state.v2"));
    if (text == NULL)
        text = json_string_value(json_object_get(value, "state"));
    for (size_t i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = targets[i];
            return true;
        }
    }
    return false;
}

static bool apply_target(struct input *in, const char *name)
{
    enum cd_api_target target = CD_TARGET_STARTED;
    if (in->value != NULL && !parse_target(in->value, &target)) {
        refuse(in->record, "not a target state");
        return false;
    }
    struct entry *entry = find_or_add(in->replay, name);
    entry->has_target = in->value != NULL;
    if (entry->wanted->target == target)
        return false;
    struct cd_wanted *changed = cd_wanted_copy(entry->wanted);
    changed->target = target;
    replace(entry, changed);
    return changed->config != NULL;
}

static bool apply_connector(struct input *in, const char *name)
{
    struct cd_config *config = NULL;
    if (in->value != NULL && (config = properties_of(in->value)) == NULL) {
        refuse(in->record, "no properties");
        return false;
    }
    struct entry *entry = find_or_add(in->replay, name);
    bool existed = entry->wanted->config != NULL;
    struct cd_wanted *changed = cd_wanted_copy(entry->wanted);
    cd_config_free(changed->config);
    changed->config = config;
    if (config == NULL) {
        cd_wanted_clear_tasks(changed);
        cd_config_free(changed->applied);
        changed->applied = NULL;
        cd_strmap_clear(&entry->deferred);
    } else if (!entry->has_target) {
        changed->target = CD_TARGET_STARTED;
    }
    replace(entry, changed);
    return existed || config != NULL;
}

/* "task-" has been cut off: NAME-ID, the id being what follows the last dash. */
static bool apply_task(struct input *in, const char *name)
{
    const char *dash = strrchr(name, '-');
    char *end = NULL;
    long id = dash == NULL || dash[1] == '\0' ? -1 : strtol(dash + 1, &end, 10);
    if (id < 0 || *end != '\0') {
        refuse(in->record, "the key names no task");
        return false;
    }
    struct cd_config *config = in->value == NULL ? NULL : properties_of(in->value);
    if (config == NULL) {
        refuse(in->record, "no properties");
        return false;
    }
    CD_AUTO_FREE char *connector = cd_strndup(name, (size_t)(dash - name));
    CD_AUTO_FREE char *key = cd_asprintf("%ld", id);
    struct entry *entry = find_or_add(in->replay, connector);
    (void)cd_strmap_put(&entry->deferred, key, config); /* the map's own key is of no use here */
    return false;
}

/* Moves the deferred configurations of tasks 0 to count-1 into `changed`; false when one is
 * missing. */
static bool apply_deferred(struct entry *entry, struct cd_wanted *changed, size_t count)
{
    struct cd_config **tasks = cd_new_array(count + 1, struct cd_config *);
    for (size_t i = 0; i < count; i++) {
        CD_AUTO_FREE char *key = cd_asprintf("%zu", i);
        tasks[i] = cd_strmap_steal(&entry->deferred, key);
        if (tasks[i] != NULL)
            continue;
        for (size_t j = 0; j < i; j++)
            cd_config_free(tasks[j]);
        free(tasks);
        return false;
    }
    changed->tasks = tasks;
    changed->task_count = count;
    return true;
}

static bool apply_commit(struct input *in, const char *name)
{
    json_t *tasks = json_object_get(in->value, "tasks");
    if (!json_is_integer(tasks) || json_integer_value(tasks) < 0 ||
        json_integer_value(tasks) > INT32_MAX) {
        refuse(in->record, "not a number of tasks");
        return false;
    }
    size_t count = (size_t)json_integer_value(tasks);
    struct entry *entry = find_or_add(in->replay, name);
    if (entry->wanted->config == NULL) { /* deleted and compacted away: KAFKA-16838 */
        cd_strmap_clear(&entry->deferred);
        return false;
    }
    struct cd_wanted *changed = cd_wanted_copy(entry->wanted);
    cd_wanted_clear_tasks(changed);
    changed->inconsistent = !apply_deferred(entry, changed, count);
    if (changed->inconsistent) {
        cd_log_warn(
            &replay_log,
            "task configurations incomplete, they will be generated anew connector=%s tasks=%zu",
            name, count);
    } else {
        cd_config_free(changed->applied);
        changed->applied = cd_config_copy(changed->config);
    }
    changed->tasks_generation++;
    cd_strmap_clear(&entry->deferred);
    replace(entry, changed);
    return true;
}

static bool apply_restart(struct input *in, const char *name)
{
    const struct cd_config_events *events = &in->replay->events;
    if (!in->record->replayed && in->value != NULL)
        events->restart(events->arg, name,
                        json_is_true(json_object_get(in->value, "include-tasks")),
                        json_is_true(json_object_get(in->value, "only-failed")));
    return false;
}

static bool apply_logger(struct input *in, const char *name)
{
    const struct cd_config_events *events = &in->replay->events;
    const char *level = json_string_value(json_object_get(in->value, "level"));
    if (!in->record->replayed && level != NULL)
        events->logger(events->arg, name, level);
    return false;
}

/* Of clusters with several workers and of exactly-once: nothing to this worker, but known. */
static bool apply_nothing(struct input *in, const char *name)
{
    (void)in;
    (void)name;
    return false;
}

/* In the JVM's order of tests; `events_only` records change no table and are told without the lock.
 */
static const struct {
    const char *prefix;
    bool (*apply)(struct input *, const char *name);
    bool events_only;
} kinds[] = {
    {"target-state-", apply_target, false},
    {"connector-", apply_connector, false},
    {"task-", apply_task, false},
    {"commit-", apply_commit, false},
    {"restart-connector-", apply_restart, true},
    {"tasks-fencing-", apply_nothing, true},
    {"session-key", apply_nothing, true},
    {"logger-cluster-", apply_logger, true},
};

static void dispatch(struct input *in, const char *key)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t prefix = strlen(kinds[i].prefix);
        if (strncmp(key, kinds[i].prefix, prefix) != 0)
            continue;
        if (kinds[i].events_only) {
            (void)kinds[i].apply(in, key + prefix); /* has told whom it concerns */
            return;
        }
        cd_mutex_lock(&in->replay->lock);
        bool changed = kinds[i].apply(in, key + prefix);
        cd_mutex_unlock(&in->replay->lock);
        if (changed && !in->record->replayed)
            in->replay->events.changed(in->replay->events.arg, key + prefix);
        return;
    }
    refuse(in->record, "unknown key");
}

void cd_config_replay_apply(struct cd_config_replay *replay, const struct cd_ledger_record *record)
{
    struct input in = {.replay = replay, .record = record};
    if (record->key.ptr == NULL) {
        refuse(record, "no key");
        return;
    }
    if (record->value.ptr != NULL) {
        in.value = json_loadb(record->value.ptr, record->value.len, JSON_DECODE_ANY, NULL);
        if (in.value == NULL) {
            refuse(record, "the value is not JSON");
            return;
        }
    }
    CD_AUTO_FREE char *key = cd_slice_dup(record->key);
    dispatch(&in, key);
    json_decref(in.value);
}

const struct cd_wanted *cd_config_replay_get(struct cd_config_replay *replay, const char *connector)
{
    cd_mutex_lock(&replay->lock);
    const struct entry *entry = cd_strmap_get(&replay->entries, connector);
    const struct cd_wanted *wanted =
        entry == NULL || entry->wanted->config == NULL ? NULL : cd_wanted_ref(entry->wanted);
    cd_mutex_unlock(&replay->lock);
    return wanted;
}

void cd_config_replay_each(struct cd_config_replay *replay, void (*each)(void *, const char *),
                           void *arg)
{
    cd_mutex_lock(&replay->lock);
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&replay->entries, &it);) {
        const struct entry *entry = it.value;
        if (entry->wanted->config != NULL)
            each(arg, it.key);
    }
    cd_mutex_unlock(&replay->lock);
}
