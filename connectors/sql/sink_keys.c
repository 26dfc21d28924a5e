/* The descriptors of a database sink, and the rules between them. */
#include "connectors/sql/key_checks.h"
#include "connectors/sql/rules.h"
#include "connectors/sql/sink_config.h"

#include <strings.h>

#define AT(member) .offset = offsetof(struct cd_sql_sink_config, member)
#define CONNECTION .group = "Connection"
#define WRITES .group = "Writes"
#define MAPPING .group = "Data Mapping"
#define DDL .group = "DDL Support"
#define RETRIES .group = "Retries"

static const char *const calendars[] = {"LEGACY", "PROLEPTIC_GREGORIAN", NULL};
static const char *const quotes[] = {"always", "never", NULL};
static const char *const tombstones[] = {"fail", "skip", NULL};
static const char *const sqlite_upserts[] = {"replace", "update", NULL};
static const char *const journals[] = {"wal", "unchanged", NULL};

CD_SQL_ONE_CASE(check_insert_mode, "insert", "upsert", "update")
CD_SQL_ONE_CASE(check_insert_mode_aiven, "insert", "multi", "upsert", "update")
CD_SQL_ONE_CASE(check_pk_mode, "none", "kafka", "record_key", "record_value")
CD_SQL_ONE_CASE(check_date_timezone, "DB_TIMEZONE", "UTC")
CD_SQL_ONE_CASE(check_precision, "microseconds", "nanoseconds")

/* One row a key reads best as a table. */
/* clang-format off */
#define SINK_KEYS(vendor_name, insert_check) \
    {.name = "connection.url", .type = CD_STRING, AT(connection.url), CONNECTION, .order = 1, .importance = CD_HIGH, .width = CD_WIDTH_LONG, .display = "JDBC URL", \
     .doc = "Where the database is: jdbc:postgresql://host:port/db, postgresql://host/db, jdbc:sqlite:/path or a path."}, \
    {.name = "connection.user", .type = CD_STRING, .optional = true, AT(connection.user), CONNECTION, .order = 2, .importance = CD_HIGH, .width = CD_WIDTH_MEDIUM, .display = "JDBC User", \
     .doc = "User name. A user in the URL wins."}, \
    {.name = "connection.password", .type = CD_SECRET, .optional = true, AT(connection.password), CONNECTION, .order = 3, .importance = CD_HIGH, .width = CD_WIDTH_MEDIUM, .display = "JDBC Password", \
     .doc = "Password. A password in the URL wins."}, \
    {.name = "connection.attempts", .type = CD_INT32, .fallback = "3", .min = 1, .max = INT32_MAX, AT(connection.attempts), CONNECTION, .order = 4, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "JDBC connection attempts", \
     .doc = "How often to try before connecting has failed."}, \
    {.name = "connection.backoff.ms", .type = CD_INT64, .fallback = "10000", AT(connection.backoff_ms), CONNECTION, .order = 5, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "JDBC connection backoff in milliseconds", \
     .doc = "Pause between connection attempts."}, \
    {.name = "jdbc.credentials.provider.class", .type = CD_STRING, .optional = true, .check = cd_sql_check_credentials, AT(connection.credentials_class), CONNECTION, .order = 6, .importance = CD_LOW, .width = CD_WIDTH_LONG, .display = "JDBC credentials provider class", \
     .doc = "Accepted with its default only: Java classes cannot be loaded."}, \
    {.name = "dialect.name", .type = CD_STRING, .fallback = "", .check = cd_sql_check_dialect, AT(connection.dialect), CONNECTION, .order = 7, .importance = CD_LOW, .width = CD_WIDTH_LONG, .display = "Database Dialect", \
     .doc = "Accepted; the library that reads the URL knows its database."}, \
    {.name = "insert.mode", .type = CD_STRING, .fallback = "insert", .check = (insert_check), AT(insert_mode), WRITES, .order = 1, .importance = CD_HIGH, .width = CD_WIDTH_MEDIUM, .display = "Insert Mode", \
     .doc = "insert, upsert (insert, or update what has the same key) or update."}, \
    {.name = "batch.size", .type = CD_INT32, .fallback = "3000", .min = 0, .max = INT32_MAX, AT(batch_size), WRITES, .order = 2, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Batch Size", \
     .doc = "Rows of a table that one statement writes."}, \
    {.name = "delete.enabled", .type = CD_BOOL, .fallback = "false", AT(delete_enabled), WRITES, .order = 3, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Enable deletes", \
     .doc = "Tombstones delete their row. Needs pk.mode=record_key."}, \
    {.name = "table.types", .type = CD_LIST, .fallback = "TABLE", .non_empty = true, AT(table_types), WRITES, .order = 4, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "Table Types", \
     .doc = "What may be written to: TABLE, PARTITIONED TABLE, VIEW."}, \
    {.name = "replace.null.with.default", .type = CD_BOOL, .fallback = "true", AT(replace_null_with_default), WRITES, .order = 5, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Replace null with default", \
     .doc = "A null in a field whose schema has a default becomes the default."}, \
    {.name = "table.name.format", .type = CD_STRING, .fallback = "${topic}", .non_empty = true, AT(table_name_format), MAPPING, .order = 1, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Table Name Format", \
     .doc = "The table's name; ${topic} is replaced, dots separate schema and table."}, \
    {.name = "table.name.normalize", .type = CD_BOOL, .fallback = "false", AT(table_name_normalize), MAPPING, .order = 2, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Table Name Normalize", \
     .doc = "Everything but letters, digits and _ in the name becomes _."}, \
    {.name = "topics.to.tables.mapping", .type = CD_LIST, .optional = true, AT(topics_to_tables), MAPPING, .order = 3, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Topics To Tables Mapping", \
     .doc = "topic:table, ...; when given, the only rule for names."}, \
    {.name = "pk.mode", .type = CD_STRING, .fallback = "none", .check = check_pk_mode, AT(pk_mode), MAPPING, .order = 4, .importance = CD_HIGH, .width = CD_WIDTH_MEDIUM, .display = "Primary Key Mode", \
     .doc = "Where the key columns come from: none, kafka (topic, partition, offset), record_key or record_value."}, \
    {.name = "pk.fields", .type = CD_LIST, .fallback = "", AT(pk_fields), MAPPING, .order = 5, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Primary Key Fields", \
     .doc = "Names of the key columns; empty: all of them, or __connect_topic and its like."}, \
    {.name = "fields.whitelist", .type = CD_LIST, .fallback = "", AT(fields_whitelist), MAPPING, .order = 6, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Fields Whitelist", \
     .doc = "Value fields to write; empty: all. Key fields are always written."}, \
    {.name = "fields.blacklist", .type = CD_LIST, .fallback = "", AT(fields_blacklist), MAPPING, .order = 7, .importance = CD_LOW, .width = CD_WIDTH_LONG, .display = "Fields Blacklist", \
     .doc = "Value fields not to write."}, \
    {.name = "db.timezone", .type = CD_STRING, .fallback = "UTC", .check = cd_sql_check_timezone, AT(connection.timezone), MAPPING, .order = 8, .importance = CD_MEDIUM, .width = CD_WIDTH_MEDIUM, .display = "DB Time Zone", \
     .doc = "The zone in which columns without a zone are meant."}, \
    {.name = "date.timezone", .type = CD_STRING, .fallback = "DB_TIMEZONE", .check = check_date_timezone, AT(date_timezone), MAPPING, .order = 9, .importance = CD_MEDIUM, .width = CD_WIDTH_MEDIUM, .display = "Date Time Zone", \
     .doc = "The zone of dates: DB_TIMEZONE or UTC. West of UTC the first writes the day before."}, \
    {.name = "timestamp.fields.list", .type = CD_LIST, .fallback = "", AT(timestamp_fields), MAPPING, .order = 10, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Timestamp Fields List", \
     .doc = "INT64 or STRING fields with microseconds or nanoseconds since 1970 that become timestamps."}, \
    {.name = "timestamp.precision.mode", .type = CD_STRING, .fallback = "microseconds", .check = check_precision, AT(timestamp_precision), MAPPING, .order = 11, .importance = CD_MEDIUM, .width = CD_WIDTH_MEDIUM, .display = "Timestamp Precision Mode", \
     .doc = "The unit of timestamp.fields.list: microseconds or nanoseconds."}, \
    {.name = "date.calendar.system", .type = CD_STRING, .fallback = "LEGACY", .one_of = calendars, AT(connection.calendar), MAPPING, .order = 12, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "Calendar System", \
     .doc = "How days before 1582-10-15 are counted: LEGACY as java.util.Date, or PROLEPTIC_GREGORIAN."}, \
    {.name = "string.output.value.column.name", .type = CD_STRING, .fallback = "record_value", .non_empty = true, AT(string_value_column), MAPPING, .order = 13, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "String value column", \
     .doc = "The column for values that are plain strings."}, \
    {.name = "auto.create", .type = CD_BOOL, .fallback = "false", AT(auto_create), DDL, .order = 1, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Auto-Create", \
     .doc = "Create a missing table from the first record's schema."}, \
    {.name = "auto.evolve", .type = CD_BOOL, .fallback = "false", AT(auto_evolve), DDL, .order = 2, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Auto-Evolve", \
     .doc = "Add columns for new fields that are optional or have a default."}, \
    {.name = "quote.sql.identifiers", .type = CD_STRING, .fallback = "always", .one_of = quotes, .any_case = true, AT(connection.quote), DDL, .order = 3, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Quote Identifiers", \
     .doc = "When names in statements are quoted: always or never."}, \
    {.name = "sql.quote.identifiers", .type = CD_BOOL, .fallback = "true", AT(connection.quote_aiven), DDL, .order = 4, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Quote SQL Identifiers", \
     .doc = "The same as quote.sql.identifiers, in Aiven's spelling."}, \
    {.name = "mssql.use.merge.holdlock", .type = CD_BOOL, .fallback = "true", AT(holdlock), WRITES, .order = 9, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "SQL Server - Use HOLDLOCK in MERGE", \
     .doc = "Accepted without effect: of SQL Server."}, \
    {.name = "max.retries", .type = CD_INT32, .fallback = "10", .min = 0, .max = INT32_MAX, AT(max_retries), RETRIES, .order = 1, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Maximum Retries", \
     .doc = "How often a failed write is tried again."}, \
    {.name = "retry.backoff.ms", .type = CD_INT32, .fallback = "3000", .min = 0, .max = INT32_MAX, AT(retry_backoff_ms), RETRIES, .order = 2, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Retry Backoff (millis)", \
     .doc = "Pause before a failed write is tried again."}, \
    {.name = "trim.sensitive.log", .type = CD_BOOL, .fallback = "false", AT(trim_sensitive_log), RETRIES, .order = 3, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Trim sensitive log", \
     .doc = "Leave the database's details, which may hold values, out of errors."}, \
    {.name = "connectd.tombstones", .type = CD_STRING, .fallback = "fail", .one_of = tombstones, AT(tombstones), WRITES, .order = 30, .importance = CD_LOW, .width = CD_WIDTH_SHORT, \
     .doc = "What a tombstone does when deletes are off: fail the task, or skip."}, \
    {.name = "connectd.sqlite.upsert", .type = CD_STRING, .fallback = "replace", .one_of = sqlite_upserts, AT(sqlite_upsert), WRITES, .order = 31, .importance = CD_LOW, .width = CD_WIDTH_SHORT, \
     .doc = "replace: INSERT OR REPLACE as JDBC, columns the record lacks are reset. update: they keep their values."}, \
    {.name = "connectd.sqlite.journal", .type = CD_STRING, .fallback = "wal", .one_of = journals, AT(sqlite_journal), CONNECTION, .order = 32, .importance = CD_LOW, .width = CD_WIDTH_SHORT, \
     .doc = "wal: switch the file to write-ahead logging, so that readers and the writer do not stop each other. unchanged: leave it."}, {.name = "connectd.vendor", .type = CD_STRING, .fallback = (vendor_name), .internal = true, AT(connection.vendor), \
     .doc = "Whose details apply; follows from the class name." }

const struct cd_key cd_sql_sink_keys_confluent[CD_SQL_SINK_KEYS] = {SINK_KEYS("confluent", check_insert_mode)};
const struct cd_key cd_sql_sink_keys_aiven[CD_SQL_SINK_KEYS] = {SINK_KEYS("aiven", check_insert_mode_aiven)};
const struct cd_key cd_sql_sink_keys_native[CD_SQL_SINK_KEYS] = {SINK_KEYS("native", check_insert_mode)};
/* clang-format on */

enum cd_insert_mode cd_sql_insert_mode(const struct cd_sql_sink_config *cfg)
{
    if (strcasecmp(cfg->insert_mode, "upsert") == 0)
        return CD_UPSERT;
    if (strcasecmp(cfg->insert_mode, "update") == 0)
        return CD_UPDATE;
    return CD_INSERT; /* Aiven's multi too: it differs in speed only */
}

enum cd_pk_mode cd_sql_pk_mode(const struct cd_sql_sink_config *cfg)
{
    static const char *const names[] = {
        [CD_PK_KAFKA] = "kafka",
        [CD_PK_RECORD_KEY] = "record_key",
        [CD_PK_RECORD_VALUE] = "record_value",
    };
    for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(cfg->pk_mode, names[i]) == 0)
            return (enum cd_pk_mode)i;
    return CD_PK_NONE;
}

bool cd_sql_has(struct cd_strings list, struct cd_slice name)
{
    for (size_t i = 0; i < list.count; i++)
        if (cd_slice_is(name, list.items[i]))
            return true;
    return false;
}

static void check_mapping(const struct cd_sql_sink_config *cfg, struct cd_verdict *verdict)
{
    for (size_t i = 0; i < cfg->topics_to_tables.count; i++) {
        const char *entry = cfg->topics_to_tables.items[i];
        if (strchr(entry, ':') == NULL || entry[0] == ':')
            cd_sql_complain(verdict, "topics.to.tables.mapping",
                            "Invalid topic to table mapping '%s': expected topic:table", entry);
        for (size_t k = 0; k < i; k++) {
            const char *other = cfg->topics_to_tables.items[k];
            size_t len = strcspn(entry, ":");
            if (len == strcspn(other, ":") && strncmp(entry, other, len) == 0)
                cd_sql_complain(verdict, "topics.to.tables.mapping",
                                "the topic of '%s' is listed twice", entry);
        }
    }
}

void cd_sql_sink_validate(const struct cd_sql_sink_config *cfg, struct cd_verdict *verdict)
{
    enum cd_pk_mode pk = cd_sql_pk_mode(cfg);
    if (cfg->delete_enabled && pk != CD_PK_RECORD_KEY)
        cd_sql_complain(verdict, "delete.enabled",
                        "Deletes are only supported for pk.mode record_key; pk.mode is %s",
                        cfg->pk_mode);
    if (cd_sql_insert_mode(cfg) == CD_UPDATE && pk == CD_PK_NONE)
        cd_sql_complain(verdict, "insert.mode",
                        "update with pk.mode none would overwrite every row of the table with each "
                        "record: set pk.mode and pk.fields");
    if (pk == CD_PK_KAFKA && cfg->pk_fields.count != 0 && cfg->pk_fields.count != 3)
        cd_sql_complain(verdict, "pk.fields",
                        "pk.mode kafka needs exactly three names, for topic, partition and offset, "
                        "or none; given are %zu",
                        cfg->pk_fields.count);
    check_mapping(cfg, verdict);
}
