/*
 * Class names to descriptors: every plugin there is, built in or loaded.
 *
 * What a library exports may be older than this daemon: smaller rows, shorter callback tables. The
 * registry keeps its own full-size copies with the members the plugin does not know being zero, so
 * everybody else tests members for NULL and never looks at sizes.
 *
 * A class is known by its full name, by the aliases its descriptor gives (full names of other
 * products), by its simple name and by its simple name without the suffix of its kind
 * ("FileStreamSource"). A short name that two classes share is not defined. Nested classes
 * ("Cast$Value") have no short name.
 *
 * Thread: filled at start by one thread, immutable afterwards. Memory: rows live until free.
 */
#ifndef CD_PLUGINS_REGISTRY_H
#define CD_PLUGINS_REGISTRY_H

#include "config/keys.h"
#include "connectd/plugin.h"

struct cd_registry;

/* One version of one class. */
struct cd_registered {
    struct cd_plugin plugin; /* our copy; the tables are full-size copies too */
    struct cd_keys keys;     /* the plugin's own descriptors */
    const char *location;    /* file, or "built-in" */
};

/* A set of kinds, for look-ups. */
#define CD_KIND_SET(kind) (1u << (kind))
#define CD_KIND_SET_CONNECTORS (CD_KIND_SET(CD_PLUGIN_SOURCE) | CD_KIND_SET(CD_PLUGIN_SINK))
#define CD_KIND_SET_ALL ((1u << CD_PLUGIN_KINDS) - 1)

struct cd_registry *cd_registry_new(void);
void cd_registry_free(struct cd_registry *registry); /* NULL is allowed */

/* Refused: no class name, no table, a required callback missing, the same class and version twice
 * (the message names both locations) unless both rows have `claims`. `plugin` is a row of `stride`
 * bytes. What
 * serves as ordinary and as header converter has a row of each kind. */
CD_MUST_CHECK bool cd_registry_add(struct cd_registry *registry, const struct cd_plugin *plugin,
                                   size_t stride, const char *location, struct cd_error *err);
/* Takes the rows of `location` back: a library is registered whole or not at all. */
void cd_registry_remove(struct cd_registry *registry, const char *location);
/* Every built-in plugin. A refusal here is a bug of ours: it stops the start. */
CD_MUST_CHECK bool cd_registry_add_builtins(struct cd_registry *registry, struct cd_error *err);

/* The class of one of `kinds` that goes by `name`, in the newest version that `version` allows
 * (NULL: any; "1.2" is exactly that, as the JVM has it; "[1,2)" a range). NULL: see err, whose text
 * is the JVM's: "Failed to find any class that implements Connector ..." for connectors, "Class x
 * could not be found." for others, "Plugin c not found that matches the version range ...". */
const struct cd_registered *cd_registry_find(const struct cd_registry *registry, unsigned kinds,
                                             const char *name, const char *version,
                                             struct cd_error *err);
/* The same where several libraries have a row for one class: the one that claims `config` (as
 * cd_connector.claims says), else the first. find is this with `config` NULL. */
const struct cd_registered *cd_registry_choose(const struct cd_registry *registry, unsigned kinds,
                                               const char *name, const char *version,
                                               const struct cd_config *config,
                                               struct cd_error *err);
/* Is there such a class, whatever the version? */
bool cd_registry_has(const struct cd_registry *registry, unsigned kinds, const char *name);

/* Calls back for each row of `kind`, by class name, older versions first. */
typedef void cd_registry_each_fn(void *arg, enum cd_plugin_kind kind,
                                 const struct cd_registered *row);
void cd_registry_each(const struct cd_registry *registry, enum cd_plugin_kind kind,
                      cd_registry_each_fn *each, void *arg);
/* The order of GET /connector-plugins: sinks, sources, and unless `connectors_only` the
 * transformations, predicates, converters, header converters. Providers are never listed. */
void cd_registry_list(const struct cd_registry *registry, bool connectors_only,
                      cd_registry_each_fn *each, void *arg);
/* "sink", "source", "transformation", "predicate", "converter", "header_converter",
 * "config_provider". */
const char *cd_plugin_kind_name(enum cd_plugin_kind kind);

/* Versions as Maven's ComparableVersion orders them: <0, 0, >0. */
int cd_version_compare(const char *a, const char *b);
/* Is `version` in `range` ("1.0", "[1,2)", "[1.5,]", "(,1.0],[1.2,)")? CD_ERR_CONFIG: no range. */
CD_MUST_CHECK bool cd_version_in(const char *version, const char *range, bool *ret,
                                 struct cd_error *err);

#endif
