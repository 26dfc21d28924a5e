#include "daemon/config_store.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "daemon/config_replay.h"

#include <jansson.h>
#include <stdlib.h>

enum { WRITE_TIMEOUT_MS = 30000 }; /* the JVM's bound of write and read-back */

struct cd_config_store {
    struct cd_config_replay *replay;
    struct cd_record_log *log; /* borrowed */
};

/* Records being put together; texts are owned until sent. */
struct draft {
    struct cd_ledger_write *writes;
    char **texts;
    size_t count;
    size_t capacity;
};

static void draft_add(struct draft *draft, char *key, char *value)
{
    if (draft->count == draft->capacity) {
        draft->capacity = draft->capacity == 0 ? 8 : draft->capacity * 2;
        draft->writes = cd_realloc_array(draft->writes, draft->capacity, sizeof(*draft->writes));
        draft->texts = cd_realloc_array(draft->texts, draft->capacity * 2, sizeof(*draft->texts));
    }
    draft->texts[draft->count * 2] = key;
    draft->texts[draft->count * 2 + 1] = value;
    draft->writes[draft->count++] = (struct cd_ledger_write){cd_slice(key), cd_slice(value)};
}

static void draft_send(struct draft *draft, struct cd_config_store *store, cd_ledger_done_fn *done,
                       void *arg)
{
    cd_record_log_write(store->log, draft->writes, draft->count, WRITE_TIMEOUT_MS, done, arg);
    for (size_t i = 0; i < draft->count * 2; i++)
        free(draft->texts[i]);
    free(draft->texts);
    free(draft->writes);
}

static char *dump(json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    json_decref(value);
    return text;
}

static char *properties_json(const struct cd_config *config)
{
    json_t *properties = json_object();
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);)
        json_object_set_new(properties, it.key,
                            it.value == NULL ? json_null() : json_string(it.value));
    return dump(json_pack("{s:o}", "properties", properties));
}

/* STOPPED is PAUSED to workers that do not know `state.v2`. */
static char *target_json(enum cd_api_target target)
{
    static const char *const names[] = {[CD_TARGET_STARTED] = "STARTED",
                                        [CD_TARGET_PAUSED] = "PAUSED",
                                        [CD_TARGET_STOPPED] = "STOPPED"};
    const char *old = target == CD_TARGET_STOPPED ? "PAUSED" : names[target];
    return dump(json_pack("{s:s,s:s}", "state", old, "state.v2", names[target]));
}

static void draft_commit(struct draft *draft, const char *connector, size_t tasks)
{
    draft_add(draft, cd_asprintf("commit-%s", connector),
              dump(json_pack("{s:I}", "tasks", (json_int_t)tasks)));
}

struct cd_config_store *cd_config_store_new(const struct cd_config_events *events)
{
    struct cd_config_store *store = cd_new(struct cd_config_store);
    store->replay = cd_config_replay_new(events);
    return store;
}

void cd_config_store_apply(void *store, const struct cd_ledger_record *record)
{
    cd_config_replay_apply(((struct cd_config_store *)store)->replay, record);
}

void cd_config_store_attach(struct cd_config_store *store, struct cd_record_log *log)
{
    store->log = log;
}

void cd_config_store_free(struct cd_config_store *store)
{
    if (store == NULL)
        return;
    cd_config_replay_free(store->replay);
    free(store);
}

const struct cd_wanted *cd_config_store_get(struct cd_config_store *store, const char *connector)
{
    return cd_config_replay_get(store->replay, connector);
}

void cd_config_store_each(struct cd_config_store *store, void (*each)(void *, const char *),
                          void *arg)
{
    cd_config_replay_each(store->replay, each, arg);
}

void cd_config_store_put(struct cd_config_store *store, const char *connector,
                         const struct cd_config *config, const enum cd_api_target *initial,
                         cd_ledger_done_fn *done, void *arg)
{
    struct draft draft = {0};
    if (initial != NULL)
        draft_add(&draft, cd_asprintf("target-state-%s", connector), target_json(*initial));
    draft_add(&draft, cd_asprintf("connector-%s", connector), properties_json(config));
    draft_send(&draft, store, done, arg);
}

void cd_config_store_delete(struct cd_config_store *store, const char *connector,
                            cd_ledger_done_fn *done, void *arg)
{
    struct draft draft = {0};
    draft_add(&draft, cd_asprintf("connector-%s", connector), NULL);
    draft_add(&draft, cd_asprintf("target-state-%s", connector), NULL);
    draft_send(&draft, store, done, arg);
}

void cd_config_store_put_tasks(struct cd_config_store *store, const char *connector,
                               struct cd_config *const *tasks, size_t count,
                               cd_ledger_done_fn *done, void *arg)
{
    struct draft draft = {0};
    for (size_t i = 0; i < count; i++)
        draft_add(&draft, cd_asprintf("task-%s-%zu", connector, i), properties_json(tasks[i]));
    draft_commit(&draft, connector, count);
    draft_send(&draft, store, done, arg);
}

void cd_config_store_put_target(struct cd_config_store *store, const char *connector,
                                enum cd_api_target target, cd_ledger_done_fn *done, void *arg)
{
    struct draft draft = {0};
    draft_add(&draft, cd_asprintf("target-state-%s", connector), target_json(target));
    draft_send(&draft, store, done, arg);
}

void cd_config_store_stop(struct cd_config_store *store, const char *connector,
                          cd_ledger_done_fn *done, void *arg)
{
    struct draft draft = {0};
    draft_commit(&draft, connector, 0);
    draft_add(&draft, cd_asprintf("target-state-%s", connector), target_json(CD_TARGET_STOPPED));
    draft_send(&draft, store, done, arg);
}

void cd_config_store_restart(struct cd_config_store *store, const char *connector,
                             bool include_tasks, bool only_failed, cd_ledger_done_fn *done,
                             void *arg)
{
    struct draft draft = {0};
    draft_add(
        &draft, cd_asprintf("restart-connector-%s", connector),
        dump(json_pack("{s:b,s:b}", "include-tasks", include_tasks, "only-failed", only_failed)));
    draft_send(&draft, store, done, arg);
}

void cd_config_store_logger(struct cd_config_store *store, const char *logger, const char *level,
                            cd_ledger_done_fn *done, void *arg)
{
    struct draft draft = {0};
    draft_add(&draft, cd_asprintf("logger-cluster-%s", logger),
              dump(json_pack("{s:s}", "level", level)));
    draft_send(&draft, store, done, arg);
}
