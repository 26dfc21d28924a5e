/* The descriptors of a database source. Values and texts follow the JDBC connectors'. */
#include "connectors/sql/key_checks.h"
#include "connectors/sql/source_config.h"

#define AT(member) .offset = offsetof(struct cd_sql_source_config, member)
#define DATABASE .group = "Database"
#define MODE .group = "Mode"
#define CONNECTOR .group = "Connector"

static const char *const modes[] = {
    "", "bulk", "timestamp", "incrementing", "timestamp+incrementing", NULL,
};
static const char *const modes_given[] = {
    "bulk", "timestamp", "incrementing", "timestamp+incrementing", NULL,
};
static const char *const granularities[] = {
    "connect_logical",
    "micros_long",
    "micros_string",
    "micros_iso_datetime_string",
    "nanos_long",
    "nanos_string",
    "nanos_iso_datetime_string",
    NULL,
};
static const char *const isolations[] = {
    "DEFAULT",
    "READ_UNCOMMITTED",
    "READ_COMMITTED",
    "REPEATABLE_READ",
    "SERIALIZABLE",
    "SQL_SERVER_SNAPSHOT",
    NULL,
};
static const char *const calendars[] = {"LEGACY", "PROLEPTIC_GREGORIAN", NULL};
static const char *const quotes[] = {"always", "never", NULL};
static const char *const unsupported[] = {"skip", "string", "fail", NULL};
static const char *const guards[] = {"none", "locks", NULL};
static const char *const sqlite_types[] = {"jdbc", "native", NULL};

CD_SQL_ONE_CASE(check_numeric_mapping, "none", "precision_only", "best_fit",
                "best_fit_eager_double")

/* One row a key reads best as a table. */
/* clang-format off */
#define CONNECTION_KEYS(vendor_name, url_default) \
    {.name = "connection.url", .type = CD_STRING, .fallback = (url_default), AT(connection.url), DATABASE, .order = 1, .importance = CD_HIGH, .width = CD_WIDTH_LONG, .display = "JDBC URL", \
     .doc = "Where the database is: jdbc:postgresql://host:port/db, postgresql://host/db, jdbc:sqlite:/path or a path."}, \
    {.name = "connection.user", .type = CD_STRING, .optional = true, AT(connection.user), DATABASE, .order = 2, .importance = CD_HIGH, .width = CD_WIDTH_MEDIUM, .display = "JDBC User", \
     .doc = "User name. A user in the URL wins."}, \
    {.name = "connection.password", .type = CD_SECRET, .optional = true, AT(connection.password), DATABASE, .order = 3, .importance = CD_HIGH, .width = CD_WIDTH_SHORT, .display = "JDBC Password", \
     .doc = "Password. A password in the URL wins."}, \
    {.name = "connection.attempts", .type = CD_INT32, .fallback = "3", .min = 1, .max = INT32_MAX, AT(connection.attempts), DATABASE, .order = 4, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "JDBC connection attempts", \
     .doc = "How often to try before connecting has failed."}, \
    {.name = "connection.backoff.ms", .type = CD_INT64, .fallback = "10000", AT(connection.backoff_ms), DATABASE, .order = 5, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "JDBC connection backoff in milliseconds", \
     .doc = "Pause between connection attempts."}, \
    {.name = "jdbc.credentials.provider.class", .type = CD_STRING, .optional = true, .check = cd_sql_check_credentials, AT(connection.credentials_class), DATABASE, .order = 6, .importance = CD_LOW, .width = CD_WIDTH_LONG, .display = "JDBC credentials provider class", \
     .doc = "Accepted with its default only: Java classes cannot be loaded."}, \
    {.name = "dialect.name", .type = CD_STRING, .fallback = "", .check = cd_sql_check_dialect, AT(connection.dialect), DATABASE, .order = 7, .importance = CD_LOW, .width = CD_WIDTH_LONG, .display = "Database Dialect", \
     .doc = "Accepted; the library that reads the URL knows its database."}, \
    {.name = "quote.sql.identifiers", .type = CD_STRING, .fallback = "always", .one_of = quotes, .any_case = true, AT(connection.quote), DATABASE, .order = 8, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Quote Identifiers", \
     .doc = "When names in statements are quoted: always or never."}, \
    {.name = "sql.quote.identifiers", .type = CD_BOOL, .fallback = "true", AT(connection.quote_aiven), DATABASE, .order = 9, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Quote SQL Identifiers", \
     .doc = "The same as quote.sql.identifiers, in Aiven's spelling."}, \
    {.name = "db.timezone", .type = CD_STRING, .fallback = "UTC", .check = cd_sql_check_timezone, AT(connection.timezone), CONNECTOR, .order = 20, .importance = CD_MEDIUM, .width = CD_WIDTH_MEDIUM, .display = "DB time zone", \
     .doc = "The zone in which columns without a zone are meant."}, \
    {.name = "date.calendar.system", .type = CD_STRING, .fallback = "LEGACY", .one_of = calendars, AT(connection.calendar), CONNECTOR, .order = 21, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "Calendar system", \
     .doc = "How days before 1582-10-15 are counted: LEGACY as java.util.Date, or PROLEPTIC_GREGORIAN."}, {.name = "connectd.vendor", .type = CD_STRING, .fallback = (vendor_name), .internal = true, AT(connection.vendor), \
     .doc = "Whose details apply; follows from the class name." }

#define MODE_KEYS(mode_choices, mode_default) \
    {.name = "mode", .type = CD_STRING, .fallback = (mode_default), .one_of = (mode_choices), AT(mode), MODE, .order = 1, .importance = CD_HIGH, .width = CD_WIDTH_MEDIUM, .display = "Table Loading Mode", \
     .doc = "bulk: everything at each poll. incrementing: new rows by a growing column. timestamp: new and changed rows by a time. timestamp+incrementing: both, exact."}, \
    {.name = "incrementing.column.name", .type = CD_STRING, .fallback = "", AT(incrementing_column), MODE, .order = 2, .importance = CD_MEDIUM, .width = CD_WIDTH_MEDIUM, .display = "Incrementing Column Name", \
     .doc = "The growing column; empty: the table's identity, serial or autoincrement column."}, \
    {.name = "timestamp.column.name", .type = CD_LIST, .fallback = "", AT(timestamp_columns), MODE, .order = 3, .importance = CD_MEDIUM, .width = CD_WIDTH_MEDIUM, .display = "Timestamp Column Name", \
     .doc = "The columns with the time of the last change; the first that is not null counts."}, \
    {.name = "timestamp.columns.mapping", .type = CD_LIST, .fallback = "", AT(timestamp_mapping), MODE, .order = 4, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Timestamp column mapping", \
     .doc = "regex:[col1|col2] by table, with table.include.list."}, \
    {.name = "incrementing.column.mapping", .type = CD_LIST, .fallback = "", AT(incrementing_mapping), MODE, .order = 5, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Incrementing column mapping", \
     .doc = "regex:column by table, with table.include.list."}, \
    {.name = "timestamp.initial", .type = CD_INT64, .optional = true, AT(timestamp_initial), MODE, .order = 6, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "Unix time value of initial timestamp", \
     .doc = "Without a stored offset: start behind this time (milliseconds since 1970); -1: now."}, \
    {.name = "timestamp.initial.ms", .type = CD_INT64, .fallback = "0", AT(timestamp_initial_ms), MODE, .order = 7, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "Initial timestamp in milliseconds", \
     .doc = "The same in Aiven's spelling, without a value for now."}, \
    {.name = "incrementing.initial", .type = CD_INT64, .fallback = "-1", AT(incrementing_initial), MODE, .order = 8, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "Initial incrementing value", \
     .doc = "Without a stored offset: rows above this value are read."}, \
    {.name = "validate.non.null", .type = CD_BOOL, .fallback = "true", AT(validate_non_null), MODE, .order = 9, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Validate Non Null", \
     .doc = "Refuse tables whose incrementing column, or all of whose timestamp columns, may be null."}, \
    {.name = "timestamp.delay.interval.ms", .type = CD_INT64, .fallback = "0", AT(timestamp_delay_ms), MODE, .order = 10, .importance = CD_HIGH, .width = CD_WIDTH_MEDIUM, .display = "Delay Interval (ms)", \
     .doc = "Rows are read when they are older than this, so that slow transactions are not missed."}, \
    {.name = "timestamp.granularity", .type = CD_STRING, .fallback = "connect_logical", .one_of = granularities, AT(timestamp_granularity), MODE, .order = 11, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "Timestamp granularity", \
     .doc = "How timestamp columns appear in records."}, \
    {.name = "query", .type = CD_STRING, .fallback = "", AT(query), MODE, .order = 12, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Query", \
     .doc = "Read this statement instead of tables. It is wrapped as a subquery in the keyed modes, so it may hold WHERE."}, \
    {.name = "query.masked", .type = CD_SECRET, .fallback = "", AT(query_masked), MODE, .order = 13, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Query (masked)", \
     .doc = "The same, kept out of logs and read-backs."}, {.name = "query.suffix", .type = CD_STRING, .fallback = "", AT(query_suffix), MODE, .order = 14, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Query suffix", \
     .doc = "Text at the very end of each statement, such as LIMIT 1000 or FOR UPDATE." }

#define TABLE_KEYS \
    {.name = "table.whitelist", .type = CD_LIST, .fallback = "", AT(whitelist), DATABASE, .order = 10, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Table Whitelist", \
     .doc = "Exact names of the tables to read: table, schema.table or \"schema\".\"table\"."}, \
    {.name = "table.blacklist", .type = CD_LIST, .fallback = "", AT(blacklist), DATABASE, .order = 11, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Table Blacklist", \
     .doc = "Exact names of tables to leave out."}, \
    {.name = "table.include.list", .type = CD_LIST, .fallback = "", AT(include), DATABASE, .order = 12, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Table include list", \
     .doc = "Regular expressions for schema.table; the whole name must match."}, \
    {.name = "table.exclude.list", .type = CD_LIST, .fallback = "", AT(exclude), DATABASE, .order = 13, .importance = CD_MEDIUM, .width = CD_WIDTH_LONG, .display = "Table exclude list", \
     .doc = "Regular expressions for what the include list must not take."}, \
    {.name = "catalog.pattern", .type = CD_STRING, .optional = true, AT(catalog_pattern), DATABASE, .order = 14, .importance = CD_MEDIUM, .width = CD_WIDTH_SHORT, .display = "Schema pattern", \
     .doc = "Database name; accepted, a connection sees one database."}, \
    {.name = "schema.pattern", .type = CD_STRING, .optional = true, AT(schema_pattern), DATABASE, .order = 15, .importance = CD_HIGH, .width = CD_WIDTH_SHORT, .display = "Schema pattern", \
     .doc = "LIKE pattern for the schemas whose tables are seen."}, \
    {.name = "table.types", .type = CD_LIST, .fallback = "TABLE", AT(table_types), DATABASE, .order = 16, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "Table Types", \
     .doc = "TABLE, PARTITIONED TABLE, VIEW, MATERIALIZED VIEW, FOREIGN TABLE."}, {.name = "table.names.qualify", .type = CD_BOOL, .fallback = "true", AT(names_qualify), DATABASE, .order = 17, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Qualify table names", \
     .doc = "false: tables are handled by bare name, and the search path decides." }

#define PACE_KEYS(rows_default, prefix_default) \
    {.name = "topic.prefix", .type = CD_STRING, .fallback = (prefix_default), .check = cd_sql_check_topic_prefix, AT(topic_prefix), CONNECTOR, .order = 1, .importance = CD_HIGH, .width = CD_WIDTH_MEDIUM, .display = "Topic Prefix", \
     .doc = "Put before the table's name to make the topic; with a query it is the topic."}, \
    {.name = "poll.interval.ms", .type = CD_INT32, .fallback = "5000", AT(poll_interval_ms), CONNECTOR, .order = 2, .importance = CD_HIGH, .width = CD_WIDTH_SHORT, .display = "Poll Interval (ms)", \
     .doc = "From the end of one read of a table to the next."}, \
    {.name = "batch.max.rows", .type = CD_INT32, .fallback = (rows_default), .min = 1, .max = 10000000, AT(batch_max_rows), CONNECTOR, .order = 3, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Max Rows Per Batch", \
     .doc = "Records handed over at once."}, \
    {.name = "max.buffer.size", .type = CD_INT32, .fallback = "0", AT(max_buffer_size), CONNECTOR, .order = 4, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Max buffer size", \
     .doc = "Rows of a page in the keyed modes; 0: 4 times batch.max.rows."}, \
    {.name = "poll.linger.ms", .type = CD_INT64, .fallback = "5000", AT(poll_linger_ms), CONNECTOR, .order = 5, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Poll linger (ms)", \
     .doc = "Accepted without effect: waiting holds no thread."}, \
    {.name = "table.poll.interval.ms", .type = CD_INT64, .fallback = "60000", AT(table_poll_interval_ms), CONNECTOR, .order = 6, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Metadata Change Monitoring Interval (ms)", \
     .doc = "How often new, dropped and changed tables are looked for."}, \
    {.name = "table.monitoring.startup.polling.limit.ms", .type = CD_INT64, .fallback = "10000", AT(table_startup_limit_ms), CONNECTOR, .order = 7, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Table monitoring startup limit", \
     .doc = "Accepted without effect: tasks start when the list is there."}, \
    {.name = "query.retry.attempts", .type = CD_INT32, .fallback = "-1", AT(query_retry_attempts), CONNECTOR, .order = 8, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Query retry attempts", \
     .doc = "The task fails with this many failures of a table in a row; 0 or less: never."}, \
    {.name = "transaction.isolation.mode", .type = CD_STRING, .fallback = "DEFAULT", .one_of = isolations, AT(isolation), CONNECTOR, .order = 9, .importance = CD_LOW, .width = CD_WIDTH_MEDIUM, .display = "Transaction isolation mode", \
     .doc = "Isolation level of the reading transactions."}, \
    {.name = "numeric.precision.mapping", .type = CD_BOOL, .fallback = "false", AT(numeric_precision_mapping), CONNECTOR, .order = 10, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Map Numeric Values By Precision (deprecated)", .deprecated = "numeric.mapping", \
     .doc = "true is numeric.mapping=precision_only."}, \
    {.name = "numeric.mapping", .type = CD_STRING, .optional = true, .check = check_numeric_mapping, AT(numeric_mapping), CONNECTOR, .order = 11, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Map Numeric Values, Integral or Decimal, By Precision and Scale", \
     .doc = "none, precision_only, best_fit or best_fit_eager_double. A numeric without precision stays a Decimal in all."}, \
    {.name = "engine.shutdown.timeout", .type = CD_INT32, .fallback = "10", .min = 0, .max = 30, AT(shutdown_timeout_s), CONNECTOR, .order = 12, .importance = CD_LOW, .width = CD_WIDTH_SHORT, .display = "Engine shutdown timeout", \
     .doc = "Accepted without effect: no thread has to be waited for."}, \
    {.name = "connectd.unsupported.types", .type = CD_STRING, .fallback = "skip", .one_of = unsupported, AT(unsupported_types), CONNECTOR, .order = 30, .importance = CD_LOW, .width = CD_WIDTH_SHORT, \
     .doc = "Columns that JDBC leaves out (arrays, inet, interval, citext, ...): skip, string (their text), or fail."}, \
    {.name = "connectd.guard", .type = CD_STRING, .fallback = "none", .one_of = guards, AT(guard), CONNECTOR, .order = 31, .importance = CD_LOW, .width = CD_WIDTH_SHORT, \
     .doc = "locks: wait for transactions that may still commit smaller ids (PostgreSQL, incrementing)."}, \
    {.name = "connectd.guard.max.wait.ms", .type = CD_INT64, .fallback = "60000", AT(guard_max_wait_ms), CONNECTOR, .order = 32, .importance = CD_LOW, .width = CD_WIDTH_SHORT, \
     .doc = "After this long the guard goes on with a warning."}, \
    {.name = "connectd.sqlite.types", .type = CD_STRING, .fallback = "jdbc", .one_of = sqlite_types, AT(sqlite_types), CONNECTOR, .order = 33, .importance = CD_LOW, .width = CD_WIDTH_SHORT, \
     .doc = "jdbc: the types of the JDBC driver. native: INTEGER as INT64, REAL as FLOAT64, DATETIME as Timestamp."}, \
    {.name = "tables", .type = CD_LIST, .fallback = "", .internal = true, AT(tables), \
     .doc = "The tables of one task."}, {.name = "tables.fetched", .type = CD_STRING, .optional = true, .internal = true, AT(tables_fetched), \
     .doc = "Set by the JVM's connector; ignored." }

const struct cd_key cd_sql_source_keys_confluent[CD_SQL_SOURCE_KEYS] = { CONNECTION_KEYS("confluent", ""), MODE_KEYS(modes, ""), TABLE_KEYS, PACE_KEYS("1000", ""), };
const struct cd_key cd_sql_source_keys_aiven[CD_SQL_SOURCE_KEYS] = { CONNECTION_KEYS("aiven", NULL), MODE_KEYS(modes_given, NULL), TABLE_KEYS, PACE_KEYS("100", NULL), };
const struct cd_key cd_sql_source_keys_native[CD_SQL_SOURCE_KEYS] = { CONNECTION_KEYS("native", NULL), MODE_KEYS(modes_given, NULL), TABLE_KEYS, PACE_KEYS("1000", ""), };
/* clang-format on */
