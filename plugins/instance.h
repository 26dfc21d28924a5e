/*
 * One living object of a plugin: its zeroed state, its typed configuration, and the handle its host
 * calls carry. Used for tasks, converters, transforms, predicates and providers alike.
 *
 * The state begins with struct cd_task_base, filled in here, before the plugin's own open.
 *
 * Memory: freed by cd_instance_free. Thread: as the plugin kind says; this module has none.
 */
#ifndef CD_PLUGINS_INSTANCE_H
#define CD_PLUGINS_INSTANCE_H

#include "config/properties.h"
#include "plugins/host.h"
#include "plugins/registry.h"

struct cd_instance {
    const struct cd_registered *plugin; /* borrowed */
    void *state;                        /* zeroed but for its struct cd_task_base */
    void *cfg;                          /* the typed configuration: the plugin's own struct */
    struct cd_arena arena;              /* what the configuration's texts live in */
    bool opened;                        /* by cd_instance_open: free will close */
};

/* Parses `config` (variables expanded, prefix stripped) by the plugin's keys. `handle` is borrowed
 * and outlives the instance. NULL: the first problem of the configuration, in the JVM's words. */
struct cd_instance *cd_instance_new(const struct cd_registered *plugin,
                                    const struct cd_config *config, struct cd_handle *handle,
                                    struct cd_error *err);
/* new, then the plugin's own open, for what opens in one call: converters (told their `role`),
 * transforms, predicates, providers. A failed open is closed and freed. */
struct cd_instance *cd_instance_open(const struct cd_registered *plugin, enum cd_role role,
                                     const struct cd_config *config, struct cd_handle *handle,
                                     struct cd_error *err);
/* Closes what cd_instance_open opened. A task's close is a call of its own and is the caller's.
 * NULL is allowed. */
void cd_instance_free(struct cd_instance *instance);
void cd_instance_freep(struct cd_instance **instance); /* for CD_AUTO */

/* The typed configuration alone, for connector jobs (cd_connector_call.cfg): an instance without a
 * state. */
struct cd_instance *cd_instance_config(const struct cd_registered *plugin,
                                       const struct cd_config *config, struct cd_error *err);

#endif
