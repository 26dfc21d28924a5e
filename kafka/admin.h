/*
 * Topics and groups: create, describe, alter. Every call blocks up to its deadline: run it as a
 * pool job or on the ledger thread, never on the herder's or an HTTP thread.
 */
#ifndef CD_KAFKA_ADMIN_H
#define CD_KAFKA_ADMIN_H

#include "kafka/client.h"
#include "kafka/consumer.h"

struct cd_admin;

struct cd_admin *cd_admin_open(const struct cd_config *java, const char *client_id,
                               const struct cd_logger *log, struct cd_error *err);
void cd_admin_free(struct cd_admin *admin);

/* The caller frees. */
char *cd_admin_cluster_id(struct cd_admin *admin, int64_t timeout_ms, struct cd_error *err);

struct cd_topic_spec {
    const char *name;
    int32_t partitions;               /* -1: the broker's default */
    int32_t replication;              /* -1: the broker's default */
    const struct cd_config *settings; /* NULL: none */
    bool only_ask;                    /* would it be made? Nothing is */
};

enum cd_topic_created { CD_TOPIC_FAILED, CD_TOPIC_CREATED, CD_TOPIC_EXISTED };
enum cd_topic_created cd_admin_create(struct cd_admin *admin, const struct cd_topic_spec *topic,
                                      int64_t timeout_ms, struct cd_error *err);

/* The brokers as they advertise themselves, which is where clients connect to after the first
 * answer. `each` borrows the host. */
CD_MUST_CHECK bool cd_admin_brokers(struct cd_admin *admin, int64_t timeout_ms,
                                    void (*each)(void *arg, int32_t id, const char *host, int port),
                                    void *arg, struct cd_error *err);

struct cd_topic_info {
    bool exists;
    int32_t partitions;
};
CD_MUST_CHECK bool cd_admin_describe(struct cd_admin *admin, const char *topic, int64_t timeout_ms,
                                     struct cd_topic_info *ret, struct cd_error *err);
/* One setting of a topic, e.g. cleanup.policy; the caller frees; NULL with err (not authorised:
 * native "TOPIC_AUTHORIZATION_FAILED"). */
char *cd_admin_topic_setting(struct cd_admin *admin, const char *topic, const char *setting,
                             int64_t timeout_ms, struct cd_error *err);
CD_MUST_CHECK bool cd_admin_delete_topic(struct cd_admin *admin, const char *topic,
                                         int64_t timeout_ms, struct cd_error *err);

/* Group offsets: for REST. */
CD_MUST_CHECK bool cd_admin_group_offsets(struct cd_admin *admin, const char *group,
                                          int64_t timeout_ms, struct cd_assignment *ret,
                                          struct cd_error *err);
/* offset -1 removes that partition's offset. */
CD_MUST_CHECK bool cd_admin_set_group_offsets(struct cd_admin *admin, const char *group,
                                              const struct cd_topic_partition *list, size_t count,
                                              int64_t timeout_ms, struct cd_error *err);
CD_MUST_CHECK bool cd_admin_delete_group(struct cd_admin *admin, const char *group,
                                         int64_t timeout_ms, struct cd_error *err);

/* Makes an internal topic: creates it compacted if missing, refuses any other cleanup.policy with
 * the reason, waits for brokers still joining (until the deadline). `partitions_exact` > 0: an
 * existing topic must have as many. */
CD_MUST_CHECK bool cd_admin_internal_topic(struct cd_admin *admin,
                                           const struct cd_topic_spec *topic,
                                           int32_t partitions_exact, const char *setting_prefix,
                                           int64_t timeout_ms, struct cd_error *err);

#endif
