#include "daemon/states.h"

#define TO(state) (1u << (state))

static const unsigned connector_moves[] = {
    [CD_API_UNASSIGNED] = TO(CD_API_RUNNING) | TO(CD_API_PAUSED) | TO(CD_API_STOPPED) |
                          TO(CD_API_FAILED) | TO(CD_API_RESTARTING),
    [CD_API_RUNNING] = TO(CD_API_UNASSIGNED) | TO(CD_API_PAUSED) | TO(CD_API_STOPPED) |
                       TO(CD_API_FAILED) | TO(CD_API_RESTARTING),
    [CD_API_PAUSED] = TO(CD_API_UNASSIGNED) | TO(CD_API_RUNNING) | TO(CD_API_STOPPED) |
                      TO(CD_API_FAILED) | TO(CD_API_RESTARTING),
    [CD_API_STOPPED] = TO(CD_API_UNASSIGNED) | TO(CD_API_RUNNING) | TO(CD_API_PAUSED) |
                       TO(CD_API_FAILED) | TO(CD_API_RESTARTING),
    /* A configuration change or a restart revives it; pause and resume do not. */
    [CD_API_FAILED] = TO(CD_API_UNASSIGNED) | TO(CD_API_RUNNING) | TO(CD_API_PAUSED) |
                      TO(CD_API_STOPPED) | TO(CD_API_FAILED) | TO(CD_API_RESTARTING),
    [CD_API_RESTARTING] = TO(CD_API_UNASSIGNED) | TO(CD_API_RUNNING) | TO(CD_API_PAUSED) |
                          TO(CD_API_STOPPED) | TO(CD_API_FAILED),
};

static const unsigned task_moves[] = {
    [CD_API_UNASSIGNED] =
        TO(CD_API_RUNNING) | TO(CD_API_PAUSED) | TO(CD_API_FAILED) | TO(CD_API_RESTARTING),
    [CD_API_RUNNING] =
        TO(CD_API_UNASSIGNED) | TO(CD_API_PAUSED) | TO(CD_API_FAILED) | TO(CD_API_RESTARTING),
    [CD_API_PAUSED] =
        TO(CD_API_UNASSIGNED) | TO(CD_API_RUNNING) | TO(CD_API_FAILED) | TO(CD_API_RESTARTING),
    [CD_API_STOPPED] = 0,
    /* Pause and resume leave it: only a start moves it. */
    [CD_API_FAILED] =
        TO(CD_API_RUNNING) | TO(CD_API_PAUSED) | TO(CD_API_FAILED) | TO(CD_API_RESTARTING),
    [CD_API_RESTARTING] =
        TO(CD_API_UNASSIGNED) | TO(CD_API_RUNNING) | TO(CD_API_PAUSED) | TO(CD_API_FAILED),
};

bool cd_connector_may_become(enum cd_api_state from, enum cd_api_state to)
{
    return (connector_moves[from] & TO(to)) != 0;
}

bool cd_task_may_become(enum cd_api_state from, enum cd_api_state to)
{
    return (task_moves[from] & TO(to)) != 0;
}
