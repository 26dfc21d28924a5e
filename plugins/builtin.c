/* All that is built in, gathered: a file of its own, so that a test of the registry alone need not
 * link converters and transforms. */
#include "plugins/converters.h"
#include "plugins/provider_builtin.h"
#include "plugins/registry.h"
#include "plugins/transforms.h"

static bool add(struct cd_registry *registry, const struct cd_plugin *plugin, struct cd_error *err)
{
    return cd_registry_add(registry, plugin, sizeof(*plugin), "built-in", err);
}

bool cd_registry_add_builtins(struct cd_registry *registry, struct cd_error *err)
{
    for (size_t i = 0; i < cd_builtin_converter_count; i++)
        if (!add(registry, &cd_builtin_converters[i], err))
            return false;
    for (size_t i = 0; i < cd_builtin_transform_count; i++)
        if (!add(registry, cd_builtin_transforms[i], err))
            return false;
    for (size_t i = 0; i < cd_builtin_provider_count; i++)
        if (!add(registry, &cd_builtin_providers[i], err))
            return false;
    return true;
}
