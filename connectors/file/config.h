/* The settings of the two file connectors; config.c describes them. */
#ifndef CONNECTORS_FILE_CONFIG_H
#define CONNECTORS_FILE_CONFIG_H

#include "connectd/plugin.h"

struct file_source_config {
    const char *file;        /* NULL or empty: standard input, unless `files` is given */
    struct cd_strings files; /* paths and patterns */
    const char *topic;
    int32_t batch_size;
    bool rotation;
    bool identity;
    int64_t rotation_wait_ms;
    int64_t poll_ms;
    int32_t task_index; /* set by the connector when `files` is split */
    int32_t task_count;
};

struct file_sink_config {
    const char *file; /* NULL or empty: standard output */
};

extern const struct cd_source file_source;
extern const struct cd_sink file_sink;
extern const struct cd_connector file_source_connector;

#endif
