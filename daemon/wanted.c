#include "daemon/wanted.h"

#include "base/alloc.h"

#include <stdlib.h>

struct cd_wanted *cd_wanted_new(const char *name)
{
    struct cd_wanted *wanted = cd_new(struct cd_wanted);
    atomic_init(&wanted->refs, 1);
    wanted->name = cd_strdup(name);
    wanted->target = CD_TARGET_STARTED;
    return wanted;
}

struct cd_wanted *cd_wanted_copy(const struct cd_wanted *wanted)
{
    struct cd_wanted *copy = cd_wanted_new(wanted->name);
    copy->config = cd_config_copy(wanted->config);
    copy->target = wanted->target;
    copy->task_count = wanted->task_count;
    if (wanted->tasks != NULL) {
        copy->tasks = cd_new_array(wanted->task_count + 1, struct cd_config *);
        for (size_t i = 0; i < wanted->task_count; i++)
            copy->tasks[i] = cd_config_copy(wanted->tasks[i]);
    }
    copy->inconsistent = wanted->inconsistent;
    copy->tasks_generation = wanted->tasks_generation;
    copy->applied = cd_config_copy(wanted->applied);
    return copy;
}

const struct cd_wanted *cd_wanted_ref(const struct cd_wanted *wanted)
{
    struct cd_wanted *shared = (struct cd_wanted *)(uintptr_t)wanted; /* only the count changes */
    atomic_fetch_add_explicit(&shared->refs, 1, memory_order_relaxed);
    return wanted;
}

void cd_wanted_clear_tasks(struct cd_wanted *wanted)
{
    for (size_t i = 0; wanted->tasks != NULL && i < wanted->task_count; i++)
        cd_config_free(wanted->tasks[i]);
    free(wanted->tasks);
    wanted->tasks = NULL;
    wanted->task_count = 0;
}

void cd_wanted_unref(const struct cd_wanted *wanted)
{
    struct cd_wanted *shared = (struct cd_wanted *)(uintptr_t)wanted;
    if (shared == NULL || atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) > 1)
        return;
    cd_wanted_clear_tasks(shared);
    cd_config_free(shared->config);
    cd_config_free(shared->applied);
    free(shared->name);
    free(shared);
}

bool cd_wanted_tasks_differ(const struct cd_wanted *wanted, struct cd_config *const *tasks,
                            size_t count)
{
    if (wanted->inconsistent || count != wanted->task_count)
        return true;
    if (wanted->applied == NULL || !cd_config_equal(wanted->applied, wanted->config))
        return true;
    for (size_t i = 0; i < count; i++)
        if (!cd_config_equal(wanted->tasks[i], tasks[i]))
            return true;
    return false;
}
