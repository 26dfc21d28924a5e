/* The cluster as the worker will see it: credentials, brokers, internal topics, rights. */
#include "base/alloc.h"
#include "base/log.h"
#include "daemon/doctor.h"
#include "kafka/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 10000 };

static bool is(const struct cd_error *err, const char *native)
{
    return strcmp(err->native, native) == 0;
}

static const char *setting(const struct cd_doctor *doctor, const char *key)
{
    return cd_config_get(doctor->setup->expanded, key);
}

/* ---- credentials and brokers ---- */

/* False: nobody lets us in. */
static bool log_in(struct cd_doctor *doctor)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_config *java CD_AUTO(cd_config_freep) =
        cd_settings_layers(CD_ROLE_WORKER_ADMIN, doctor->setup->expanded, NULL, NULL);
    doctor->admin = cd_admin_open(java, "connectd-doctor", &doctor->log, &err);
    CD_AUTO_FREE char *id =
        doctor->admin == NULL ? NULL : cd_admin_cluster_id(doctor->admin, CALL_MS, &err);
    if (id != NULL) {
        cd_doctor_say(doctor, CD_FINE, "login", NULL,
                      "the cluster lets the worker in; its id is %s", id);
        return true;
    }
    cd_doctor_say(doctor, CD_PROBLEM, "login",
                  "look at security.protocol, sasl.* and ssl.* of the worker file", "%s", err.msg);
    return false;
}

static void try_broker(void *arg, int32_t id, const char *host, int port)
{
    struct cd_doctor *doctor = arg;
    doctor->brokers++;
    if (cd_doctor_reachable(doctor, "advertised broker", host, port))
        cd_doctor_say(doctor, CD_FINE, "brokers", NULL, "broker %d at %s:%d accepts connections",
                      (int)id, host, port);
    else
        cd_doctor_say(doctor, CD_PROBLEM, "brokers",
                      "set advertised.listeners of the broker to an address that is reachable from "
                      "here",
                      "broker %d advertises %s:%d, which cannot be reached", (int)id, host, port);
}

static void brokers(struct cd_doctor *doctor)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_admin_brokers(doctor->admin, CALL_MS, try_broker, doctor, &err))
        cd_doctor_say(doctor, CD_PROBLEM, "brokers", NULL, "%s", err.msg);
}

static void versions(struct cd_doctor *doctor)
{
    const char *mechanism = setting(doctor, "sasl.mechanism");
    const char *library = cd_kafka_library_version();
    int major = 0;
    int minor = 0;
    /* NOLINTNEXTLINE(cert-err34-c): the library's own version */
    if (sscanf(library, "%d.%d", &major, &minor) == 2 && (major < 2 || (major == 2 && minor < 6)) &&
        mechanism != NULL && strncmp(mechanism, "SCRAM", 5) == 0)
        cd_doctor_say(doctor, CD_DOUBT, "versions",
                      "use librdkafka 2.6.1 or newer (Debian 13), or another mechanism",
                      "librdkafka %s cannot log in to brokers of version 4 by %s", library,
                      mechanism);
    else
        cd_doctor_say(doctor, CD_FINE, "versions", NULL, "connectd %s, librdkafka %s", CD_VERSION,
                      library);
}

/* ---- internal topics ---- */

struct internal_topic {
    const char *prefix; /* of its settings */
    const char *name;
    int32_t partitions;
    int16_t replication;
    bool one_partition;
};

void cd_doctor_may_create(struct cd_doctor *doctor, const char *why,
                          const struct cd_topic_spec *spec)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_topic_spec question = *spec;
    question.only_ask = true;
    if (cd_admin_create(doctor->admin, &question, CALL_MS, &err) != CD_TOPIC_FAILED) {
        cd_doctor_say(doctor, CD_NOTE, "topics", NULL, "%s '%s' does not exist and can be created",
                      why, spec->name);
        return;
    }
    CD_AUTO_FREE char *fix = NULL;
    if (spec->replication > 0 && (size_t)spec->replication > doctor->brokers)
        fix = cd_asprintf("there are %zu brokers: set the replication factor to at most that",
                          doctor->brokers);
    cd_doctor_say(doctor, CD_PROBLEM, "topics",
                  fix == NULL ? "create it yourself, or grant the right to create it" : fix,
                  "%s '%s' does not exist and cannot be created: %s", why, spec->name, err.msg);
}

static struct cd_config *topic_settings(const struct cd_doctor *doctor,
                                        const struct internal_topic *topic)
{
    static const char *const ours[] = {"topic", "replication.factor", "partitions", "file.filename",
                                       "cleanup.policy"};
    struct cd_config *settings = cd_config_strip(doctor->setup->expanded, topic->prefix);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        cd_config_remove(settings, ours[i]);
    cd_config_set(settings, "cleanup.policy", "compact");
    return settings;
}

static void missing_topic(struct cd_doctor *doctor, const struct internal_topic *topic)
{
    struct cd_config *settings CD_AUTO(cd_config_freep) = topic_settings(doctor, topic);
    CD_AUTO_FREE char *why = cd_asprintf("%stopic", topic->prefix);
    const struct cd_topic_spec spec = {.name = topic->name,
                                       .partitions = topic->partitions,
                                       .replication = topic->replication,
                                       .settings = settings};
    cd_doctor_may_create(doctor, why, &spec);
}

static void policy(struct cd_doctor *doctor, const struct internal_topic *topic)
{
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO_FREE char *found =
        cd_admin_topic_setting(doctor->admin, topic->name, "cleanup.policy", CALL_MS, &err);
    if (found == NULL)
        cd_doctor_say(doctor, CD_DOUBT, "topics", "grant DescribeConfigs on the topic",
                      "the settings of '%s' may not be looked at: %s", topic->name, err.msg);
    else if (strcmp(found, "compact") != 0)
        cd_doctor_say(doctor, CD_PROBLEM, "topics",
                      "kafka-configs --alter --add-config cleanup.policy=compact, or another topic",
                      "%stopic '%s' has cleanup.policy=%s: it would forget configurations or "
                      "offsets",
                      topic->prefix, topic->name, found);
    else
        cd_doctor_say(doctor, CD_FINE, "topics", NULL, "%stopic '%s' is compacted", topic->prefix,
                      topic->name);
}

static void internal_topic(struct cd_doctor *doctor, const struct internal_topic *topic)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_topic_info info = {.exists = false};
    if (!cd_admin_describe(doctor->admin, topic->name, CALL_MS, &info, &err)) {
        cd_doctor_say(doctor, CD_PROBLEM, "rights",
                      is(&err, "TOPIC_AUTHORIZATION_FAILED")
                          ? "grant Describe, Read, Write, Create and DescribeConfigs on the topic"
                          : NULL,
                      "%stopic '%s': %s", topic->prefix, topic->name, err.msg);
        return;
    }
    if (!info.exists) {
        missing_topic(doctor, topic);
        return;
    }
    if (topic->one_partition && info.partitions != 1)
        cd_doctor_say(doctor, CD_PROBLEM, "topics", "it needs exactly one: use another topic",
                      "%stopic '%s' has %d partitions", topic->prefix, topic->name,
                      (int)info.partitions);
    policy(doctor, topic);
}

static void internal_topics(struct cd_doctor *doctor)
{
    const struct cd_worker_config *config = doctor->setup->config;
    const struct internal_topic topics[] = {
        {"config.storage.", config->config_topic, 1, config->config_replication, true},
        {"offset.storage.", config->offset_topic, config->offset_partitions,
         config->offset_replication, false},
        {"status.storage.", config->status_topic, config->status_partitions,
         config->status_replication, false},
    };
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
        if (topics[i].name != NULL && topics[i].name[0] != '\0')
            internal_topic(doctor, &topics[i]);
}

static void group(struct cd_doctor *doctor)
{
    const char *name = doctor->setup->config->group_id;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_assignment offsets = {0};
    if (doctor->setup->mode != CD_DISTRIBUTED || name == NULL)
        return;
    if (cd_admin_group_offsets(doctor->admin, name, CALL_MS, &offsets, &err))
        cd_doctor_say(doctor, CD_FINE, "rights", NULL, "group '%s' may be looked at", name);
    else
        cd_doctor_say(doctor, CD_PROBLEM, "rights", "grant Read and Describe on the group",
                      "group '%s': %s", name, err.msg);
    cd_assignment_done(&offsets);
}

void cd_doctor_kafka(struct cd_doctor *doctor)
{
    versions(doctor);
    if (!log_in(doctor)) {
        cd_admin_free(doctor->admin);
        doctor->admin = NULL;
        return;
    }
    brokers(doctor);
    internal_topics(doctor);
    group(doctor);
}
