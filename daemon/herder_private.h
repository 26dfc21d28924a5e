/* What herder.c, connector.c and requests.c share. All of it belongs to the herder's thread. */
#ifndef CD_DAEMON_HERDER_PRIVATE_H
#define CD_DAEMON_HERDER_PRIVATE_H

#include "base/mailbox.h"
#include "base/map.h"
#include "daemon/config_store.h"
#include "daemon/herder.h"
#include "daemon/status_store.h"

struct cd_deployment;

struct cd_herder {
    const struct cd_worker *worker;
    const struct cd_assignment_policy *assignment;
    struct cd_config_store *configs;
    struct cd_status_store *statuses;
    struct cd_logger log;
    struct cd_mailbox box;
    struct cd_thread thread;
    struct cd_strmap deployments; /* name to struct cd_deployment */
    struct cd_strmap turns;       /* name to struct cd_turn: whose operation is under way */
    struct cd_snapshot_slot published;
    uint64_t incarnations; /* of tasks; only grows */
    int64_t wake_at_ms;    /* the next moment that any connector waits for */
    atomic_bool ready;
    bool stopping;
};

/* Everything that reaches the herder: content and what to do with it. `run` owns the message. */
struct cd_message {
    struct cd_link link;
    void (*run)(struct cd_herder *herder, struct cd_message *message);
    void (*drop)(struct cd_message *message); /* instead of run, when the herder has ended */
};

/* Any thread. */
void cd_herder_tell(struct cd_herder *herder, struct cd_message *message);

/* The connector's actual state, or NULL. */
struct cd_deployment *cd_herder_find(struct cd_herder *herder, const char *name);
/* Looks at what is wanted now and reconciles; makes or drops the connector as needed. */
void cd_herder_refresh(struct cd_herder *herder, const char *name);
/* The herder will reconcile everything again no later than this. */
void cd_herder_wake_at(struct cd_herder *herder, int64_t at_ms);
/* The newest view of a connector, for answers; a reference; NULL: there is none. */
const struct cd_connector_view *cd_herder_view(struct cd_herder *herder, const char *name);

/* requests.c: runs on the herder's thread, answers sooner or later. */
void cd_herder_handle(struct cd_herder *herder, struct cd_request *request);

#endif
