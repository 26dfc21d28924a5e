/*
 * The rules of replaying the config topic (runtime.md 2.3): records in, wanted state out.
 *
 * Task records are keyed, so a compacted topic holds only the latest of each: a reader may meet
 * task records newer than an older commit record. Hence nothing of them counts before a commit
 * record whose ids are all there.
 *
 * Thread: apply by one; reading by any (a lock inside). Events are called without the lock.
 */
#ifndef CD_DAEMON_CONFIG_REPLAY_H
#define CD_DAEMON_CONFIG_REPLAY_H

#include "daemon/config_store.h"

struct cd_config_replay;

struct cd_config_replay *cd_config_replay_new(const struct cd_config_events *events);
void cd_config_replay_free(struct cd_config_replay *replay);
void cd_config_replay_apply(struct cd_config_replay *replay, const struct cd_ledger_record *record);
const struct cd_wanted *cd_config_replay_get(struct cd_config_replay *replay,
                                             const char *connector);
void cd_config_replay_each(struct cd_config_replay *replay,
                           void (*each)(void *arg, const char *name), void *arg);

#endif
