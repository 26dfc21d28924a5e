/* What the library exports. */
#include "connectors/postgres/jobs.h"
#include "connectors/postgres/sink.h"
#include "connectors/postgres/source.h"
#include "connectors/sql/plugin_rows.h"

#define READS "Reads PostgreSQL's tables and queries into topics."
#define WRITES "Writes topics into PostgreSQL's tables."

static const struct cd_plugin plugins[] = {
    CD_SQL_SOURCE_ROW("connectd.postgres.PostgresSourceConnector", native, READS,
                      &cd_pg_source_table, &cd_pg_source_jobs),
    CD_SQL_SOURCE_ROW(CD_CONFLUENT_SOURCE, confluent, READS, &cd_pg_source_table,
                      &cd_pg_source_jobs_jdbc),
    CD_SQL_SOURCE_ROW(CD_AIVEN_SOURCE, aiven, READS, &cd_pg_source_table, &cd_pg_source_jobs_jdbc),
    CD_SQL_SINK_ROW("connectd.postgres.PostgresSinkConnector", native, WRITES, &cd_pg_sink_table,
                    &cd_pg_sink_jobs),
    CD_SQL_SINK_ROW(CD_CONFLUENT_SINK, confluent, WRITES, &cd_pg_sink_table, &cd_pg_sink_jobs_jdbc),
    CD_SQL_SINK_ROW(CD_AIVEN_SINK, aiven, WRITES, &cd_pg_sink_table, &cd_pg_sink_jobs_jdbc),
};

CD_EXPORT const struct cd_plugin_set connectd_plugins = CD_PLUGIN_SET(plugins);
