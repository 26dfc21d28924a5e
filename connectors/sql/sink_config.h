/*
 * The settings of a database sink: the union of Confluent's and Aiven's JDBC sink keys, and our
 * own.
 */
#ifndef CD_SQL_SINK_CONFIG_H
#define CD_SQL_SINK_CONFIG_H

#include "connectors/sql/source_config.h"

enum cd_insert_mode { CD_INSERT, CD_UPSERT, CD_UPDATE };
enum cd_pk_mode { CD_PK_NONE, CD_PK_KAFKA, CD_PK_RECORD_KEY, CD_PK_RECORD_VALUE };

struct cd_sql_sink_config {
    struct cd_sql_connection connection;

    const char *insert_mode;
    int32_t batch_size;
    bool delete_enabled;
    struct cd_strings table_types;
    bool replace_null_with_default;
    const char *table_name_format;
    bool table_name_normalize;
    struct cd_strings topics_to_tables;
    const char *pk_mode;
    struct cd_strings pk_fields;
    struct cd_strings fields_whitelist;
    struct cd_strings fields_blacklist;
    const char *date_timezone;
    struct cd_strings timestamp_fields;
    const char *timestamp_precision;
    const char *string_value_column;
    bool auto_create;
    bool auto_evolve;
    bool holdlock;
    int32_t max_retries;
    int32_t retry_backoff_ms;
    bool trim_sensitive_log;

    const char *tombstones;    /* fail, skip: when deletes are off */
    const char *sqlite_upsert; /* replace, update */
    const char *sqlite_journal;
};

/* The descriptors, a table a vendor: what differs is defaults. */
enum { CD_SQL_SINK_KEYS = 37 };
extern const struct cd_key cd_sql_sink_keys_confluent[CD_SQL_SINK_KEYS];
extern const struct cd_key cd_sql_sink_keys_aiven[CD_SQL_SINK_KEYS];
extern const struct cd_key cd_sql_sink_keys_native[CD_SQL_SINK_KEYS];

enum cd_insert_mode cd_sql_insert_mode(const struct cd_sql_sink_config *cfg);
enum cd_pk_mode cd_sql_pk_mode(const struct cd_sql_sink_config *cfg);
bool cd_sql_has(struct cd_strings list, struct cd_slice name);

/* Every rule between keys to `verdict`. */
void cd_sql_sink_validate(const struct cd_sql_sink_config *cfg, struct cd_verdict *verdict);
/* The first of these problems, for tasks started without validation. */
CD_MUST_CHECK bool cd_sql_sink_check(const struct cd_sql_sink_config *cfg, struct cd_error *err);

#endif
