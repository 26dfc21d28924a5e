/*
 * The files that standalone mode takes connectors from, in the three shapes the JVM accepts: a flat
 * JSON object, a JSON object like the REST create request, a properties file.
 */
#ifndef CD_CONFIG_CONNECTOR_FILE_H
#define CD_CONFIG_CONNECTOR_FILE_H

#include "config/properties.h"

struct cd_connector_file {
    char *name;
    struct cd_config *config; /* with `name` */
    char *initial_state;      /* "RUNNING", "PAUSED", "STOPPED"; NULL: not given */
};

/* On failure nothing is to be freed. */
CD_MUST_CHECK bool cd_connector_file_load(const char *path, struct cd_connector_file *ret,
                                          struct cd_error *err);
void cd_connector_file_done(struct cd_connector_file *file);

#endif
