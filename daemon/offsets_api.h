/*
 * Reading, altering and resetting a connector's offsets: source offsets in the offset store, sink
 * offsets in the consumer group. Changing them needs a connector that is STOPPED and has no task
 * left.
 *
 * Thread: the herder's.
 */
#ifndef CD_DAEMON_OFFSETS_API_H
#define CD_DAEMON_OFFSETS_API_H

#include "daemon/herder_private.h"

void cd_offsets_get(struct cd_herder *herder, struct cd_request *request);
void cd_offsets_alter(struct cd_herder *herder, struct cd_request *request);
void cd_offsets_reset(struct cd_herder *herder, struct cd_request *request);

#endif
