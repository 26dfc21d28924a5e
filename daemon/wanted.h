/*
 * What is wanted of one connector, as the config topic tells it: its configuration, its target
 * state, its tasks.
 *
 * Immutable and reference-counted: the store replaces it at each change, whoever holds one reads in
 * peace. Two moments are compared by pointer first.
 */
#ifndef CD_DAEMON_WANTED_H
#define CD_DAEMON_WANTED_H

#include <stdatomic.h>

#include "api/snapshot.h"
#include "config/properties.h"

struct cd_wanted {
    _Atomic(uint32_t) refs;
    char *name;
    struct cd_config *config; /* raw; NULL: only a target state or task records are known yet */
    enum cd_api_target target;
    /* The tasks in force. Compaction may have removed some of the records: then `inconsistent`,
     * none of them is run, and the set is generated anew. */
    struct cd_config **tasks;
    size_t task_count;
    bool inconsistent;
    uint64_t tasks_generation; /* changes whenever the set was committed anew */
    /* The connector's configuration when the tasks were committed; NULL: unknown. A difference asks
     * for new tasks even if their own configurations are the same (converters and transforms live
     * in the connector's). */
    struct cd_config *applied;
};

struct cd_wanted *cd_wanted_new(const char *name);
/* A deep copy with one reference, to be changed before it is shared. */
struct cd_wanted *cd_wanted_copy(const struct cd_wanted *wanted);
const struct cd_wanted *cd_wanted_ref(const struct cd_wanted *wanted);
void cd_wanted_unref(const struct cd_wanted *wanted); /* NULL is allowed */

/* Empties the task list. */
void cd_wanted_clear_tasks(struct cd_wanted *wanted);
/* Do these task configurations, generated from today's configuration, differ from what is in force?
 */
bool cd_wanted_tasks_differ(const struct cd_wanted *wanted, struct cd_config *const *tasks,
                            size_t count);

#endif
