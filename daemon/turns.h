/*
 * One operation a connector at a time: what changes a connector waits for its turn, so that two
 * clients never interleave a check and a write. Operations on different connectors run side by
 * side.
 *
 * Thread: the herder's.
 */
#ifndef CD_DAEMON_TURNS_H
#define CD_DAEMON_TURNS_H

#include "daemon/herder_private.h"

/* Runs `start` with the request now, or when the operations before it on the same connector have
 * ended. */
void cd_turn_take(struct cd_herder *herder, struct cd_request *request,
                  void (*start)(struct cd_herder *herder, struct cd_request *request));
/* The operation has been answered: the next one starts. */
void cd_turn_end(struct cd_herder *herder, const char *connector);

void cd_turn_free(void *turn); /* answers what still waits: for the map of turns */

#endif
