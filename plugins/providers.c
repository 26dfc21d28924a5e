#include "plugins/providers.h"

#include "base/alloc.h"
#include "plugins/instance.h"

/* Providers speak for the worker, not for a connector. */
static const struct cd_logger log_providers = {.component = "providers", .task = -1};
static const struct cd_handle_ops no_ops;
static struct cd_handle worker_handle = {
    .magic = CD_HANDLE_MAGIC, .task = -1, .ops = &no_ops, .name = "worker", .log = &log_providers};

static void release_instance(void *owner)
{
    cd_instance_free(owner);
}

static bool open_one(const struct cd_registry *registry, const struct cd_config *worker,
                     const char *name, struct cd_resolver *resolver, struct cd_error *err)
{
    char *class_key CD_AUTO_FREE = cd_asprintf("config.providers.%s.class", name);
    char *prefix CD_AUTO_FREE = cd_asprintf("config.providers.%s.param.", name);
    const char *class_name = cd_config_get(worker, class_key);
    if (class_name == NULL)
        return cd_fail(err, CD_ERR_CONFIG,
                       "config.providers names '%s', so '%s' must say which class it is", name,
                       class_key);
    const struct cd_registered *plugin =
        cd_registry_find(registry, CD_KIND_SET(CD_PLUGIN_PROVIDER), class_name, NULL, err);
    if (plugin == NULL)
        return cd_fail_while(err, "Invalid value %s for configuration %s", class_name, class_key);
    struct cd_config *params CD_AUTO(cd_config_freep) = cd_config_strip(worker, prefix);
    struct cd_instance *instance =
        cd_instance_open(plugin, CD_ROLE_VALUE, params, &worker_handle, err);
    if (instance == NULL)
        return cd_fail_while(err, "opening config provider '%s'", name);
    cd_resolver_add(resolver, name, plugin->plugin.provider, instance->state, release_instance,
                    instance);
    return true;
}

static bool open_all(const struct cd_registry *registry, const struct cd_config *worker,
                     struct cd_resolver *resolver, struct cd_error *err)
{
    const char *names = cd_config_get(worker, "config.providers");
    struct cd_strings list;
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    if (names == NULL)
        return true;
    if (!cd_keys_split(names, &arena, &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (!open_one(registry, worker, list.items[i], resolver, err))
            return false;
    return true;
}

struct cd_resolver *cd_providers_open(const struct cd_registry *registry,
                                      const struct cd_config *worker, struct cd_error *err)
{
    struct cd_resolver *resolver = cd_resolver_new();
    if (open_all(registry, worker, resolver, err))
        return resolver;
    cd_resolver_free(resolver);
    return NULL;
}
