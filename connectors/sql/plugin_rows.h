/*
 * The rows a database's library exports: its own names, and the JDBC connectors' names with their
 * defaults, which both databases have (the URL decides, see cd_connector.claims).
 */
#ifndef CD_SQL_PLUGIN_ROWS_H
#define CD_SQL_PLUGIN_ROWS_H

#include "connectors/sql/sink_config.h"

#define CD_SQL_VERSION CD_VERSION

#define CD_SQL_SOURCE_ROW(name, flavour, text, tasks, jobs)                                        \
    {                                                                                              \
        .kind = CD_PLUGIN_SOURCE, .class_name = (name), .version = CD_SQL_VERSION, .doc = (text),  \
        .keys = cd_sql_source_keys_##flavour, .key_count = CD_SQL_SOURCE_KEYS,                     \
        .key_size = sizeof(struct cd_key), .config_size = sizeof(struct cd_sql_source_config),     \
        .source = (tasks), .connector = (jobs),                                                    \
    }

#define CD_SQL_SINK_ROW(name, flavour, text, tasks, jobs)                                          \
    {                                                                                              \
        .kind = CD_PLUGIN_SINK, .class_name = (name), .version = CD_SQL_VERSION, .doc = (text),    \
        .keys = cd_sql_sink_keys_##flavour, .key_count = CD_SQL_SINK_KEYS,                         \
        .key_size = sizeof(struct cd_key), .config_size = sizeof(struct cd_sql_sink_config),       \
        .sink = (tasks), .connector = (jobs),                                                      \
    }

#define CD_CONFLUENT_SOURCE "io.confluent.connect.jdbc.JdbcSourceConnector"
#define CD_CONFLUENT_SINK "io.confluent.connect.jdbc.JdbcSinkConnector"
#define CD_AIVEN_SOURCE "io.aiven.connect.jdbc.JdbcSourceConnector"
#define CD_AIVEN_SINK "io.aiven.connect.jdbc.JdbcSinkConnector"

#endif
