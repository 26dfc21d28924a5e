/* The variable providers of Apache Kafka: files, directories, the environment. */
#ifndef CD_PLUGINS_PROVIDER_BUILTIN_H
#define CD_PLUGINS_PROVIDER_BUILTIN_H

#include "connectd/plugin.h"

extern const struct cd_plugin cd_builtin_providers[];
extern const size_t cd_builtin_provider_count;

#endif
