/* What connector.c and slots.c share. */
#ifndef CD_DAEMON_DEPLOYMENT_PRIVATE_H
#define CD_DAEMON_DEPLOYMENT_PRIVATE_H

#include "daemon/deployment.h"

/* Wanted, and the worker is not stopping. */
bool cd_deployment_is_wanted(const struct cd_deployment *deployment);
const char *cd_deployment_version(const struct cd_deployment *deployment);

/* For the status; `task` -1: the connector itself. The caller frees. */
char *cd_deployment_trace(const struct cd_deployment *deployment, int32_t task, const char *stage,
                          const struct cd_error *err);

void cd_slots_reconcile(struct cd_deployment *deployment);
void cd_slots_free(struct cd_deployment *deployment);
/* Says RESTARTING; the next reconcile stops and starts it. */
void cd_slot_restart(struct cd_deployment *deployment, struct cd_slot *slot);

#endif
