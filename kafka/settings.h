/*
 * Java's client settings for librdkafka: one table. Names, units, class names and defaults in which
 * the two differ.
 *
 * What has no counterpart is named once, by key, with why; nothing is dropped silently.
 */
#ifndef CD_KAFKA_SETTINGS_H
#define CD_KAFKA_SETTINGS_H

#include "base/log.h"
#include "config/properties.h"
#include "connectd/error.h"

enum cd_client_kind { CD_CLIENT_PRODUCER, CD_CLIENT_CONSUMER, CD_CLIENT_ADMIN };

/* What became of one Java key. */
struct cd_setting_note {
    const char *key;
    const char *why; /* for people */
};

struct cd_settings_result {
    struct cd_config *native; /* librdkafka keys and values; owned */
    struct cd_setting_note
        *notes; /* keys without counterpart; `key` owned by `native`'s source config: borrowed */
    size_t note_count;
};

/* Translates `java` (later keys having been merged over earlier ones by the caller), adding every
 * default in which librdkafka differs from Java's client. Problems name key, value and what would
 * be right. */
CD_MUST_CHECK bool cd_settings_translate(enum cd_client_kind kind, const struct cd_config *java,
                                         struct cd_settings_result *ret, struct cd_error *err);
void cd_settings_result_done(struct cd_settings_result *result);

/* Known to Java's client of that kind at all? For the walk over Java's own lists. */
bool cd_settings_known(enum cd_client_kind kind, const char *java_key);
/* Must the value be hidden when the effective settings are printed? */
bool cd_settings_secret(const char *key);

/* Which settings a client of the worker gets (runtime.md 1.7): the layers, before translation. */
enum cd_client_role {
    CD_ROLE_TASK_PRODUCER,
    CD_ROLE_TASK_CONSUMER,
    CD_ROLE_CONNECTOR_ADMIN,
    CD_ROLE_DLQ_PRODUCER,
    CD_ROLE_LEDGER_PRODUCER,
    CD_ROLE_LEDGER_CONSUMER,
    CD_ROLE_WORKER_ADMIN,
};
/* `connector` may be NULL for the worker's own clients. The client id is not set here. */
struct cd_config *cd_settings_layers(enum cd_client_role role, const struct cd_config *worker,
                                     const struct cd_config *connector, const char *connector_name);

#endif
