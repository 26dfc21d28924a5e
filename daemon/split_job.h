/*
 * A connector's own work, on the pool: read its configuration, split the work into tasks, watch for
 * a new split.
 *
 * It may contact the connector's system and block until its deadline, so it never runs on the
 * herder's thread; the result comes back as a message. Nothing here changes any state.
 */
#ifndef CD_DAEMON_SPLIT_JOB_H
#define CD_DAEMON_SPLIT_JOB_H

#include "daemon/herder_private.h"
#include "daemon/wanted.h"
#include "plugins/registry.h"

struct cd_split_result {
    struct cd_message message; /* `run` is the asker's */
    char *connector;
    uint64_t epoch;
    struct cd_error start; /* the configuration cannot be used at all: the connector fails */
    struct cd_error split; /* the work could not be split now: asked again later */
    bool too_many;         /* more than tasks.max: nothing is published, no retry */
    bool asked;            /* false: the monitor saw no change, so there is no split */
    struct cd_config **tasks;
    size_t count;
    int64_t monitor_ms; /* ask the monitor again after so long; 0: never */
    bool reconfigure;   /* the connector asked for a new split meanwhile */
};
void cd_split_result_free(struct cd_split_result *result);

struct cd_split_request {
    struct cd_herder *herder;
    const struct cd_wanted *wanted; /* a reference is taken */
    uint64_t epoch;
    bool monitor; /* only if the plugin's monitor sees a change */
    int64_t timeout_ms;
    void (*run)(struct cd_herder *herder, struct cd_message *message);
};
void cd_split_job_submit(const struct cd_split_request *request);

#endif
