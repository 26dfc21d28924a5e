/*
 * The daemon's own settings: every worker key of Kafka Connect 4.1, and connectd.*. One table; from
 * it come defaults, checks, the reference page and the line a key that means nothing here is
 * answered with.
 *
 * Unknown keys are no error, as with the JVM: they stay in the file's text, which is what Kafka
 * clients get (kafka/client.h).
 */
#ifndef CD_CONFIG_WORKER_KEYS_H
#define CD_CONFIG_WORKER_KEYS_H

#include "config/keys.h"

enum cd_mode { CD_STANDALONE, CD_DISTRIBUTED };

/* Texts live as long as the struct. NULL or -1 where the default is null. A list that is null has
 * items == NULL; an empty one has not. */
struct cd_worker_config {
    enum cd_mode mode;

    /* Both modes. */
    struct cd_strings bootstrap_servers;
    const char *key_converter; /* class or alias, as given */
    const char *value_converter;
    const char *header_converter;
    int64_t task_shutdown_timeout_ms;
    int64_t offset_flush_interval_ms;
    int64_t offset_flush_timeout_ms;
    struct cd_strings plugin_path;
    struct cd_strings config_providers;
    const char *override_policy;
    bool topic_creation_enable;
    bool topic_tracking_enable;
    bool topic_tracking_allow_reset;
    const char *client_id;
    const char *security_protocol;
    int64_t metrics_sample_window_ms;
    int32_t metrics_num_samples;

    /* REST. */
    struct cd_strings listeners;
    struct cd_strings admin_listeners; /* null: on `listeners`; empty: disabled */
    const char *rest_advertised_host;
    int32_t rest_advertised_port; /* -1: not set */
    const char *rest_advertised_listener;
    struct cd_strings rest_extension_classes;
    const char *cors_origin;
    const char *cors_methods;
    const char *response_headers;
    const char *ssl_client_auth;

    /* Standalone. */
    const char *offset_file;

    /* Distributed (offset_topic: optional in standalone, too). */
    const char *group_id;
    const char *config_topic;
    const char *offset_topic;
    const char *status_topic;
    int16_t config_replication;
    int16_t offset_replication;
    int16_t status_replication;
    int32_t offset_partitions;
    int32_t status_partitions;
    int32_t session_timeout_ms;
    int32_t heartbeat_interval_ms;
    int32_t rebalance_timeout_ms;
    int32_t worker_sync_timeout_ms;
    int32_t worker_unsync_backoff_ms;
    const char *connect_protocol;
    int32_t rebalance_delay_max_ms;
    const char *exactly_once_source;
    int32_t inter_worker_key_ttl_ms;
    int32_t inter_worker_key_size; /* -1: the algorithm's own */
    const char *inter_worker_key_algorithm;
    const char *inter_worker_signature_algorithm;
    struct cd_strings inter_worker_verification_algorithms;

    /* Ours. */
    bool healing;
    int64_t record_bytes_max;
    int64_t batch_bytes;
    int64_t task_memory_bytes;
    int32_t pool_threads_max;
    bool producer_per_task;
    const char *log_format; /* "text" or "json" */
    const char *log_level;
    struct cd_strings log_levels;       /* component=LEVEL */
    struct cd_strings metrics_dialects; /* beside our own names */
    int64_t stalled_after_ms;
    int32_t restart_max;        /* restarts of a failed task in the window; 0: never; -1: always */
    int64_t restart_backoff_ms; /* before the first, doubled each time */
    int64_t restart_backoff_max_ms;
    int64_t restart_window_ms; /* a task that ran this long starts counting again */
    int64_t secrets_check_ms;  /* 0: never */

    struct cd_arena arena;
};

/* The table for a mode: JVM keys, then connectd.*. */
struct cd_keys cd_worker_keys(enum cd_mode mode);

/* Parses the worker file's text (variables expanded). NULL: every problem is in `report`. */
struct cd_worker_config *cd_worker_config_new(enum cd_mode mode, const struct cd_config *config,
                                              struct cd_report *report);
void cd_worker_config_free(struct cd_worker_config *worker); /* NULL is allowed */

/* Calls back for each key that is set but means nothing here, with the reason; also for connectd.*
 * keys that do not exist (a typing error must not pass silently). */
void cd_worker_ignored(enum cd_mode mode, const struct cd_config *config,
                       void (*each)(void *arg, const char *key, const char *why), void *arg);

#endif
