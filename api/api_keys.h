/* The API's own settings out of the worker's properties: one table. */
#ifndef CD_API_API_KEYS_H
#define CD_API_API_KEYS_H

#include "config/keys.h"

/* One TLS context's keys, whatever prefix they had. */
struct cd_tls_config {
    const char *keystore_location;
    const char *keystore_password;
    const char *keystore_type;
    const char *keystore_key; /* PEM texts in the properties, as Kafka allows */
    const char *keystore_chain;
    const char *key_password;
    const char *truststore_location;
    const char *truststore_password;
    const char *truststore_type;
    const char *truststore_certificates;
    struct cd_strings enabled_protocols;
    struct cd_strings cipher_suites;
    const char *client_auth; /* none, requested, required */
};

struct cd_api_config {
    struct cd_strings listeners;
    struct cd_strings admin_listeners;
    bool admin_separate; /* admin.listeners is set; empty: nowhere */
    const char *advertised_host;
    int32_t advertised_port; /* -1: not set */
    const char *advertised_listener;
    struct cd_strings extensions;
    const char *cors_origin;
    const char *cors_methods;
    const char *response_headers;
    bool topic_tracking;
    bool topic_reset;
    struct cd_tls_config tls;
    struct cd_tls_config admin_tls;

    /* connectd.* */
    int32_t threads;
    int32_t connections_max;
    int64_t request_bytes_max;
    int64_t idle_timeout_ms;
    const char *jaas_file;     /* NULL: from KAFKA_OPTS */
    const char *password_file; /* with hashes */

    struct cd_arena arena;
};

/* NULL: every problem is in `report`. */
struct cd_api_config *cd_api_config_new(const struct cd_config *worker, struct cd_report *report);
void cd_api_config_free(struct cd_api_config *config); /* NULL is allowed */

struct cd_keys cd_api_keys(void);     /* all but TLS */
struct cd_keys cd_api_tls_keys(void); /* without prefix */

#endif
