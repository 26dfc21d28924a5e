/*
 * The settings of a database source: the union of Confluent's and Aiven's JDBC source keys, and our
 * own. One struct; a table of descriptors a class name, since their defaults differ.
 */
#ifndef CD_SQL_SOURCE_CONFIG_H
#define CD_SQL_SOURCE_CONFIG_H

#include "connectd/plugin.h"

/* Whose defaults and whose details apply. */
enum cd_vendor { CD_VENDOR_CONFLUENT, CD_VENDOR_AIVEN, CD_VENDOR_NATIVE };

enum cd_mode {
    CD_MODE_BULK,
    CD_MODE_INCREMENTING,
    CD_MODE_TIMESTAMP,
    CD_MODE_TIMESTAMP_INCREMENTING,
};

/* What both directions know about reaching the database. */
struct cd_sql_connection {
    const char *url;
    const char *user;
    const char *password;
    int32_t attempts;
    int64_t backoff_ms;
    const char *credentials_class;
    const char *dialect;
    const char *quote;    /* always, never */
    bool quote_aiven;     /* the same as a boolean */
    const char *timezone; /* db.timezone */
    const char *calendar; /* LEGACY, PROLEPTIC_GREGORIAN */
    const char *vendor;
};

struct cd_sql_source_config {
    struct cd_sql_connection connection;

    const char *mode;
    const char *incrementing_column;
    struct cd_strings timestamp_columns;
    struct cd_strings timestamp_mapping;
    struct cd_strings incrementing_mapping;
    int64_t timestamp_initial;    /* only when host->setting has the key: null is not 0 */
    int64_t timestamp_initial_ms; /* Aiven's */
    int64_t incrementing_initial;
    bool validate_non_null;
    int64_t timestamp_delay_ms;
    const char *timestamp_granularity;

    struct cd_strings whitelist;
    struct cd_strings blacklist;
    struct cd_strings include;
    struct cd_strings exclude;
    const char *catalog_pattern;
    const char *schema_pattern;
    struct cd_strings table_types;
    bool names_qualify;
    const char *query;
    const char *query_masked;
    const char *query_suffix;
    const char *topic_prefix;

    int32_t poll_interval_ms;
    int64_t table_poll_interval_ms;
    int64_t table_startup_limit_ms;
    int32_t batch_max_rows;
    int32_t max_buffer_size;
    int64_t poll_linger_ms;
    int32_t query_retry_attempts;
    const char *isolation;
    bool numeric_precision_mapping;
    const char *numeric_mapping;
    int32_t shutdown_timeout_s;

    const char *unsupported_types; /* skip, string, fail */
    const char *guard;             /* none, locks */
    int64_t guard_max_wait_ms;
    const char *sqlite_types; /* jdbc, native */

    struct cd_strings tables; /* set by the connector for its tasks */
    const char *tables_fetched;
};

/* The descriptors, a table a vendor: what differs is defaults. */
enum { CD_SQL_SOURCE_KEYS = 52 };
extern const struct cd_key cd_sql_source_keys_confluent[CD_SQL_SOURCE_KEYS];
extern const struct cd_key cd_sql_source_keys_aiven[CD_SQL_SOURCE_KEYS];
extern const struct cd_key cd_sql_source_keys_native[CD_SQL_SOURCE_KEYS];

enum cd_vendor cd_sql_vendor(const struct cd_sql_connection *connection);
bool cd_sql_quoted(const struct cd_sql_connection *connection);
bool cd_sql_hybrid_calendar(const struct cd_sql_connection *connection);
/* query or query.masked; NULL in table mode. */
const char *cd_sql_query(const struct cd_sql_source_config *cfg);
enum cd_mode cd_sql_mode(const struct cd_sql_source_config *cfg);
static inline bool cd_mode_has_timestamp(enum cd_mode mode)
{
    return mode == CD_MODE_TIMESTAMP || mode == CD_MODE_TIMESTAMP_INCREMENTING;
}
static inline bool cd_mode_has_incrementing(enum cd_mode mode)
{
    return mode == CD_MODE_INCREMENTING || mode == CD_MODE_TIMESTAMP_INCREMENTING;
}

/* Every rule between keys (not the database's opinion) to `verdict`. */
void cd_sql_source_validate(const struct cd_sql_source_config *cfg, struct cd_verdict *verdict);
/* The first of these problems, for tasks started without validation. */
CD_MUST_CHECK bool cd_sql_source_check(const struct cd_sql_source_config *cfg,
                                       struct cd_error *err);

#endif
