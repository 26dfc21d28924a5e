/*
 * The one owner of connectors and tasks: a reconciler behind a mailbox.
 *
 * It holds what is wanted (from the config store) and what is (its table of connectors), and takes
 * the next step that brings the second closer to the first. Each input - REST, a record in the
 * config topic, a task that died, a timer - only changes one of the two and runs the same reconcile
 * function. There is no second path for start-up, recovery or reconfiguration.
 *
 * Thread: one of its own. It never touches a record and never blocks: what may contact a system
 * runs as a job on the pool.
 */
#ifndef CD_DAEMON_HERDER_H
#define CD_DAEMON_HERDER_H

#include "api/backend.h"
#include "daemon/assignment.h"
#include "daemon/worker.h"

struct cd_herder;
struct cd_config_events;
struct cd_config_store;
struct cd_status_store;

struct cd_herder_options {
    const struct cd_worker *worker; /* borrowed; all of it is set when the herder starts */
    const struct cd_assignment_policy *assignment;
};

struct cd_herder *cd_herder_new(const struct cd_herder_options *options);
/* What the config store has to tell; for the store's constructor. */
struct cd_config_events cd_herder_events(struct cd_herder *herder);
/* Both stores are borrowed, and read to their ends. Everything in them is reconciled from here on.
 */
CD_MUST_CHECK bool cd_herder_start(struct cd_herder *herder, struct cd_config_store *configs,
                                   struct cd_status_store *statuses, struct cd_error *err);
/* Stops all tasks within the graceful time-out, writes the last statuses, ends the thread. */
void cd_herder_stop(struct cd_herder *herder);
void cd_herder_free(struct cd_herder *herder);

/* Any thread. */
void cd_herder_post(struct cd_herder *herder, struct cd_request *request);
const struct cd_snapshot *cd_herder_snapshot(struct cd_herder *herder);
/* Has the first pass over everything wanted been made? */
bool cd_herder_ready(const struct cd_herder *herder);

#endif
