/*
 * Wanted state: connectors, their tasks, target states, restart requests, logger levels. In the
 * config topic, in the JVM's exact bytes (runtime.md 2.2), or in memory.
 *
 * Writing and reading are the same path in both directions: a write becomes records, and only their
 * replay (config_replay.c, runtime.md 2.3) changes what is wanted. A kill between any two records
 * leaves the state before or after, never between: task records take effect with their commit
 * record.
 *
 * Thread: any. Events and `done` come from the log's thread (memory: the caller's) and must not
 * block.
 */
#ifndef CD_DAEMON_CONFIG_STORE_H
#define CD_DAEMON_CONFIG_STORE_H

#include "daemon/record_log.h"
#include "daemon/wanted.h"

struct cd_config_store;

struct cd_config_events {
    /* What is wanted of this connector has changed, or it was deleted. */
    void (*changed)(void *arg, const char *connector);
    /* Only those that arrive after the start. */
    void (*restart)(void *arg, const char *connector, bool include_tasks, bool only_failed);
    void (*logger)(void *arg, const char *logger, const char *level);
    void *arg;
};

/* Empty, not yet attached to a log: its apply function goes into the log's options first. */
struct cd_config_store *cd_config_store_new(const struct cd_config_events *events);
void cd_config_store_apply(void *store, const struct cd_ledger_record *record);
/* The log is borrowed. From here on restart requests and logger levels count. */
void cd_config_store_attach(struct cd_config_store *store, struct cd_record_log *log);
void cd_config_store_free(struct cd_config_store *store);

/* A reference, or NULL: no such connector (one without a configuration does not exist). */
const struct cd_wanted *cd_config_store_get(struct cd_config_store *store, const char *connector);
/* Calls back with each name, in no order. `each` must not call the store. */
void cd_config_store_each(struct cd_config_store *store, void (*each)(void *arg, const char *name),
                          void *arg);

/* Each is one operation; `done` when it is in force here. `initial` NULL: keep the target state. */
void cd_config_store_put(struct cd_config_store *store, const char *connector,
                         const struct cd_config *config, const enum cd_api_target *initial,
                         cd_ledger_done_fn *done, void *arg);
void cd_config_store_delete(struct cd_config_store *store, const char *connector,
                            cd_ledger_done_fn *done, void *arg);
void cd_config_store_put_tasks(struct cd_config_store *store, const char *connector,
                               struct cd_config *const *tasks, size_t count,
                               cd_ledger_done_fn *done, void *arg);
void cd_config_store_put_target(struct cd_config_store *store, const char *connector,
                                enum cd_api_target target, cd_ledger_done_fn *done, void *arg);
/* No tasks, then STOPPED. */
void cd_config_store_stop(struct cd_config_store *store, const char *connector,
                          cd_ledger_done_fn *done, void *arg);
void cd_config_store_restart(struct cd_config_store *store, const char *connector,
                             bool include_tasks, bool only_failed, cd_ledger_done_fn *done,
                             void *arg);
void cd_config_store_logger(struct cd_config_store *store, const char *logger, const char *level,
                            cd_ledger_done_fn *done, void *arg);

#endif
