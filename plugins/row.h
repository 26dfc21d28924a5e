/*
 * One row of the registry: a plugin's descriptor, judged and copied to today's sizes.
 *
 * Inside plugins/ only. What is checked here is what would otherwise end in a crash later: missing
 * callbacks, states too small for their first member, keys that would be stored outside the
 * plugin's configuration.
 */
#ifndef CD_PLUGINS_ROW_H
#define CD_PLUGINS_ROW_H

#include "plugins/registry.h"

/* What each struct of the contract had when 1.0 was fixed: less is refused. */
#define CD_SIZE_UP_TO(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))
#define CD_PLUGIN_SIZE_1_0 CD_SIZE_UP_TO(struct cd_plugin, connector)
#define CD_KEY_SIZE_1_0 CD_SIZE_UP_TO(struct cd_key, deprecated)

struct cd_row {
    struct cd_registered pub; /* first */
    union {
        struct cd_source source;
        struct cd_sink sink;
        struct cd_converter converter;
        struct cd_transform transform;
        struct cd_predicate predicate;
        struct cd_provider provider;
    } table; /* what pub.plugin.table points at */
    struct cd_connector connector;
    char *location;
};

/* NULL: see err; the message does not name `location`. */
struct cd_row *cd_row_new(const struct cd_plugin *plugin, size_t stride, const char *location,
                          struct cd_error *err);
void cd_row_free(struct cd_row *row);

#endif
