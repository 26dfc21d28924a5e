#include "plugins/instance.h"

#include <stdlib.h>

#include "base/alloc.h"

/* The state's size, by kind. */
static size_t state_size(const struct cd_plugin *plugin)
{
    switch (plugin->kind) {
    case CD_PLUGIN_SOURCE:
        return plugin->source->task_size;
    case CD_PLUGIN_SINK:
        return plugin->sink->task_size;
    case CD_PLUGIN_CONVERTER:
    case CD_PLUGIN_HEADER_CONVERTER:
        return plugin->converter->state_size;
    case CD_PLUGIN_TRANSFORM:
        return plugin->transform->state_size;
    case CD_PLUGIN_PREDICATE:
        return plugin->predicate->state_size;
    case CD_PLUGIN_PROVIDER:
        return plugin->provider->state_size;
    case CD_PLUGIN_KINDS:
        break;
    }
    return 0;
}

static bool call_open(struct cd_instance *instance, enum cd_role role, struct cd_error *err)
{
    const struct cd_plugin *plugin = &instance->plugin->plugin;
    switch (plugin->kind) {
    case CD_PLUGIN_CONVERTER:
    case CD_PLUGIN_HEADER_CONVERTER:
        return plugin->converter->open == NULL ||
               plugin->converter->open(instance->state, role, err);
    case CD_PLUGIN_TRANSFORM:
        return plugin->transform->open == NULL || plugin->transform->open(instance->state, err);
    case CD_PLUGIN_PREDICATE:
        return plugin->predicate->open == NULL || plugin->predicate->open(instance->state, err);
    case CD_PLUGIN_PROVIDER:
        return plugin->provider->open == NULL || plugin->provider->open(instance->state, err);
    case CD_PLUGIN_SOURCE:
    case CD_PLUGIN_SINK:
    case CD_PLUGIN_KINDS:
        break;
    }
    return cd_fail(err, CD_ERR_BUG, "'%s' is opened by steps", plugin->class_name);
}

static void call_close(const struct cd_instance *instance)
{
    const struct cd_plugin *plugin = &instance->plugin->plugin;
    void (*close)(void *) = NULL;
    if (plugin->kind == CD_PLUGIN_CONVERTER || plugin->kind == CD_PLUGIN_HEADER_CONVERTER)
        close = plugin->converter->close;
    else if (plugin->kind == CD_PLUGIN_TRANSFORM)
        close = plugin->transform->close;
    else if (plugin->kind == CD_PLUGIN_PREDICATE)
        close = plugin->predicate->close;
    else if (plugin->kind == CD_PLUGIN_PROVIDER)
        close = plugin->provider->close;
    if (close != NULL)
        close(instance->state);
}

struct cd_instance *cd_instance_config(const struct cd_registered *plugin,
                                       const struct cd_config *config, struct cd_error *err)
{
    struct cd_instance *instance = cd_new(struct cd_instance);
    instance->plugin = plugin;
    cd_arena_init(&instance->arena, SIZE_MAX, SIZE_MAX);
    instance->cfg = cd_alloc(plugin->plugin.config_size);
    if (cd_keys_parse_first(plugin->keys, config, &instance->arena, instance->cfg, err))
        return instance;
    cd_instance_free(instance);
    return NULL;
}

struct cd_instance *cd_instance_new(const struct cd_registered *plugin,
                                    const struct cd_config *config, struct cd_handle *handle,
                                    struct cd_error *err)
{
    struct cd_instance *instance = cd_instance_config(plugin, config, err);
    if (instance == NULL)
        return NULL;
    size_t size = state_size(&plugin->plugin);
    assert(size >= sizeof(struct cd_task_base)); /* the registry has seen to it */
    instance->state = cd_alloc(size);
    struct cd_task_base *base = instance->state;
    base->host = cd_host();
    base->handle = handle;
    base->cfg = instance->cfg;
    return instance;
}

struct cd_instance *cd_instance_open(const struct cd_registered *plugin, enum cd_role role,
                                     const struct cd_config *config, struct cd_handle *handle,
                                     struct cd_error *err)
{
    struct cd_instance *instance = cd_instance_new(plugin, config, handle, err);
    if (instance == NULL)
        return NULL;
    instance->opened = true; /* close is owed even after an open that failed */
    if (call_open(instance, role, err))
        return instance;
    cd_instance_free(instance);
    return NULL;
}

void cd_instance_free(struct cd_instance *instance)
{
    if (instance == NULL)
        return;
    if (instance->opened)
        call_close(instance);
    cd_arena_done(&instance->arena);
    free(instance->cfg);
    free(instance->state);
    free(instance);
}

void cd_instance_freep(struct cd_instance **instance)
{
    cd_instance_free(*instance);
}
