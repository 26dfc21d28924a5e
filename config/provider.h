/*
 * ${provider:path:key} inside values. Connector and task configurations are stored with variables
 * unexpanded and expanded each time the worker uses them, so resolved values never reach topics,
 * REST or logs.
 *
 * A provider is a plugin; this module knows a provider only as a table of functions, so that
 * config/ does not depend on plugins/ (plugins/providers.h opens them).
 *
 * Thread: built by one, immutable afterwards; expand from any.
 */
#ifndef CD_CONFIG_PROVIDER_H
#define CD_CONFIG_PROVIDER_H

#include "config/properties.h"
#include "connectd/plugin.h"

struct cd_resolver;

struct cd_resolver *cd_resolver_new(void);
void cd_resolver_free(struct cd_resolver *resolver); /* closes the providers */
/* `state` is opened; `release(owner)` closes and frees it when the resolver goes. A later provider
 * of the same name replaces an earlier one. */
void cd_resolver_add(struct cd_resolver *resolver, const char *name,
                     const struct cd_provider *provider, void *state, void (*release)(void *owner),
                     void *owner);
/* Does the text hold a variable of the form ${x:y}? */
bool cd_resolver_mentions(const char *value);
/* A copy of `config` with variables expanded once: what a provider answers is not looked at again.
 * What names an unknown provider or a key that is not there stays as it is written. `ret_ttl_ms`
 * (NULL allowed) gets the shortest time to live or -1. NULL: a provider could not read its source.
 * `resolver` NULL: a plain copy. */
struct cd_config *cd_resolver_expand(const struct cd_resolver *resolver,
                                     const struct cd_config *config, int64_t *ret_ttl_ms,
                                     struct cd_error *err);
/* One text; freed by the caller. */
char *cd_resolver_expand_text(const struct cd_resolver *resolver, const char *text,
                              int64_t *ret_ttl_ms, struct cd_error *err);

#endif
