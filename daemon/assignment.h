/*
 * Who does the work: the one question that standalone and distributed, one worker and several,
 * answer differently. The herder asks it of every connector and task; nothing else knows.
 */
#ifndef CD_DAEMON_ASSIGNMENT_H
#define CD_DAEMON_ASSIGNMENT_H

#include <stdbool.h>
#include <stdint.h>

struct cd_assignment_policy {
    bool (*owns_connector)(void *state, const char *connector);
    bool (*owns_task)(void *state, const char *connector, int32_t task);
    void *state;
};

/* Everything is mine: standalone, and distributed with one worker. */
extern const struct cd_assignment_policy cd_assignment_everything;

#endif
