/*
 * ${provider:path:key} inside values. Connector and task configurations are stored with variables
 * unexpanded and expanded each time the worker uses them, so resolved values never reach topics,
 * REST or logs.
 *
 * A provider is a plugin; this module knows a provider only as a function, so that config/ does not
 * depend on plugins/. The built-in File, Directory and EnvVar providers' reading is here, their
 * descriptors in plugins/.
 */
#ifndef CD_CONFIG_PROVIDER_H
#define CD_CONFIG_PROVIDER_H

#include "config/properties.h"
#include "connectd/plugin.h"

struct cd_resolver;

struct cd_resolver *cd_resolver_new(void);
void cd_resolver_free(struct cd_resolver *resolver); /* closes the providers */
/* Takes over `state`, opened. */
void cd_resolver_add(struct cd_resolver *resolver, const char *name,
                     const struct cd_provider *provider, void *state);
/* Does the text hold a variable of the form ${x:y}? */
bool cd_resolver_mentions(const char *value);
/* A copy of `config` with variables expanded. `ret_ttl_ms` (NULL allowed) gets the shortest TTL or
 * -1. Thread: any. */
struct cd_config *cd_resolver_expand(const struct cd_resolver *resolver,
                                     const struct cd_config *config, int64_t *ret_ttl_ms,
                                     struct cd_error *err);

#endif
