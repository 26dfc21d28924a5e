/*
 * What runs where, told to the world: the status topic in the JVM's exact bytes (runtime.md 2.5),
 * or nothing in standalone.
 *
 * It is written, never asked: REST and metrics render the herder's table. Only at start is it read,
 * for what outlives a worker: the active topics of connectors, statuses of connectors that are
 * gone, and the largest generation, above which ours begins.
 *
 * Thread: apply by the log's thread, everything else by the herder.
 */
#ifndef CD_DAEMON_STATUS_STORE_H
#define CD_DAEMON_STATUS_STORE_H

#include "api/snapshot.h"
#include "daemon/record_log.h"

struct cd_status_store;

struct cd_status_store *cd_status_store_new(const char *worker_id);
void cd_status_store_apply(void *store, const struct cd_ledger_record *record);
void cd_status_store_attach(struct cd_status_store *store,
                            struct cd_record_log *log); /* borrowed */
void cd_status_store_free(struct cd_status_store *store);

enum { CD_STATUS_OF_CONNECTOR = -1 };

/* `task` CD_STATUS_OF_CONNECTOR: the connector itself. `trace` and `version` may be NULL. */
void cd_status_store_put(struct cd_status_store *store, const char *connector, int32_t task,
                         enum cd_api_state state, const char *trace, const char *version);
void cd_status_store_remove(struct cd_status_store *store, const char *connector, int32_t task);
void cd_status_store_put_topic(struct cd_status_store *store, const char *connector, int32_t task,
                               const char *topic);
void cd_status_store_remove_topic(struct cd_status_store *store, const char *connector,
                                  const char *topic);

/* Each status (topic NULL) and each active topic that was there at the start. */
struct cd_status_key {
    const char *connector;
    int32_t task; /* of a status */
    const char *topic;
};
void cd_status_store_each(struct cd_status_store *store,
                          void (*each)(void *arg, const struct cd_status_key *key), void *arg);

#endif
