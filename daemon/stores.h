/*
 * The three stores of a worker, opened as its mode says: the one place where standalone and
 * distributed differ in what they keep where.
 *
 * Thread: main's.
 */
#ifndef CD_DAEMON_STORES_H
#define CD_DAEMON_STORES_H

#include "daemon/config_store.h"
#include "daemon/offset_store.h"
#include "daemon/setup.h"
#include "daemon/status_store.h"

struct cd_stores {
    struct cd_ledgers *ledgers; /* NULL: nothing is kept in Kafka */
    struct cd_record_log *config_log;
    struct cd_record_log *status_log;
    struct cd_config_store *configs;
    struct cd_status_store *statuses;
    struct cd_offset_store *offsets;
};

/* Makes missing topics; returns when all of it has been read to its end. On failure nothing is
 * left. */
CD_MUST_CHECK bool cd_stores_open(struct cd_stores *stores, const struct cd_setup *setup,
                                  const char *worker_id, const struct cd_config_events *events,
                                  const struct cd_logger *log, struct cd_error *err);
void cd_stores_close(struct cd_stores *stores, int64_t deadline_ms);

#endif
