/*
 * The built-in transforms and predicates: every one of Apache Kafka 4.1, under the JVM's class
 * names.
 *
 * Each file ends with its own descriptors, as a plugin out of tree does; the list only gathers
 * them. docs/transforms.md describes them for users.
 */
#ifndef CD_PLUGINS_TRANSFORMS_H
#define CD_PLUGINS_TRANSFORMS_H

#include "connectd/plugin.h"

extern const struct cd_plugin *const cd_builtin_transforms[];
extern const size_t cd_builtin_transform_count;

#endif
