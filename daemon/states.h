/*
 * The states the herder reports, and which may follow which. Connectors and tasks have tables of
 * their own: STOPPED is never a task's state.
 */
#ifndef CD_DAEMON_STATES_H
#define CD_DAEMON_STATES_H

#include "api/snapshot.h"

bool cd_connector_may_become(enum cd_api_state from, enum cd_api_state to);
bool cd_task_may_become(enum cd_api_state from, enum cd_api_state to);

#endif
