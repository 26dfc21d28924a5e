/*
 * Variable providers from the worker file (config.providers, config.providers.<name>.class and
 * .param.*), opened and put into a resolver.
 *
 * The resolver expands the worker's own settings and every connector's.
 */
#ifndef CD_PLUGINS_PROVIDERS_H
#define CD_PLUGINS_PROVIDERS_H

#include "config/provider.h"
#include "plugins/registry.h"

/* NULL: a provider is unknown, or would not open. Frees with cd_resolver_free. */
struct cd_resolver *cd_providers_open(const struct cd_registry *registry,
                                      const struct cd_config *worker, struct cd_error *err);

#endif
