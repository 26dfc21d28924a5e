/* What the library exports. */
#include "connectors/sql/plugin_rows.h"
#include "connectors/sqlite/jobs.h"
#include "connectors/sqlite/sink.h"
#include "connectors/sqlite/source.h"

#define READS "Reads the tables and queries of a SQLite file into topics."
#define WRITES "Writes topics into the tables of a SQLite file."

static const struct cd_plugin plugins[] = {
    CD_SQL_SOURCE_ROW("connectd.sqlite.SqliteSourceConnector", native, READS, &cd_lite_source_table,
                      &cd_lite_source_jobs),
    CD_SQL_SOURCE_ROW(CD_CONFLUENT_SOURCE, confluent, READS, &cd_lite_source_table,
                      &cd_lite_source_jobs_jdbc),
    CD_SQL_SOURCE_ROW(CD_AIVEN_SOURCE, aiven, READS, &cd_lite_source_table,
                      &cd_lite_source_jobs_jdbc),
    CD_SQL_SINK_ROW("connectd.sqlite.SqliteSinkConnector", native, WRITES, &cd_lite_sink_table,
                    &cd_lite_sink_jobs),
    CD_SQL_SINK_ROW(CD_CONFLUENT_SINK, confluent, WRITES, &cd_lite_sink_table,
                    &cd_lite_sink_jobs_jdbc),
    CD_SQL_SINK_ROW(CD_AIVEN_SINK, aiven, WRITES, &cd_lite_sink_table, &cd_lite_sink_jobs_jdbc),
};

CD_EXPORT const struct cd_plugin_set connectd_plugins = CD_PLUGIN_SET(plugins);
