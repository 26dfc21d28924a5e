/*
 * The built-in converters: every one of Apache Kafka 4.1, under the JVM's class names, as
 * converters of keys and values and as header converters.
 *
 *   org.apache.kafka.connect.json.JsonConverter
 *   org.apache.kafka.connect.storage.StringConverter, SimpleHeaderConverter (headers only)
 *   org.apache.kafka.connect.converters.ByteArrayConverter, BooleanConverter, ShortConverter,
 *   IntegerConverter, LongConverter, FloatConverter, DoubleConverter
 *
 * All but SimpleHeaderConverter have the required key `converter.type` (key, value or header), as
 * on the JVM: whoever opens one presets it, just as the JVM's framework does.
 */
#ifndef CD_PLUGINS_CONVERTERS_H
#define CD_PLUGINS_CONVERTERS_H

#include "connectd/plugin.h"

/* A converter known as both kinds has one row of each kind. */
extern const struct cd_plugin cd_builtin_converters[];
extern const size_t cd_builtin_converter_count;

#endif
