#include "daemon/stores.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "kafka/admin.h"

#include <stdlib.h>

enum {
    TOPIC_TIMEOUT_MS = 60000,
    READ_TIMEOUT_MS = 15 * 60 * 1000, /* as long as the JVM keeps trying at start */
};

/* What opening needs, once. */
struct opening {
    struct cd_stores *stores;
    const struct cd_setup *setup;
    const struct cd_logger *log;
    struct cd_config *producer; /* Java settings of the ledgers' clients */
    struct cd_config *consumer;
    struct cd_config *admin;
};

struct internal_topic {
    const char *prefix; /* of its settings: "offset.storage." */
    const char *name;
    int32_t partitions;
    int32_t partitions_exact; /* 0: as many as there are */
    int16_t replication;
    const char *client; /* suffix of the client ids */
};

static char *client_id(const struct opening *o, const char *suffix)
{
    const struct cd_worker_config *config = o->setup->config;
    const char *group = config->group_id == NULL ? "connectd" : config->group_id;
    bool named =
        config->client_id != NULL && config->client_id[strspn(config->client_id, " ")] != '\0';
    return named ? cd_asprintf("%s-%s-%s", group, config->client_id, suffix)
                 : cd_asprintf("%s-%s", group, suffix);
}

/* Every other key of the prefix is a setting of the topic; the ones of ours are taken out. */
static struct cd_config *topic_settings(const struct opening *o, const struct internal_topic *topic)
{
    static const char *const ours[] = {"topic", "replication.factor", "partitions",
                                       "file.filename"};
    struct cd_config *settings = cd_config_strip(o->setup->expanded, topic->prefix);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        cd_config_remove(settings, ours[i]);
    if (cd_config_has(settings, "cleanup.policy")) {
        cd_log_warn(o->log, "ignored, internal topics are always compacted key=%scleanup.policy",
                    topic->prefix);
        cd_config_remove(settings, "cleanup.policy");
    }
    return settings;
}

static bool make_topic(const struct opening *o, const struct internal_topic *topic,
                       struct cd_error *err)
{
    CD_AUTO_FREE char *id = client_id(o, "shared-admin");
    struct cd_admin *admin = cd_admin_open(o->admin, id, o->log, err);
    if (admin == NULL)
        return false;
    struct cd_config *settings = topic_settings(o, topic);
    const struct cd_topic_spec spec = {.name = topic->name,
                                       .partitions = topic->partitions,
                                       .replication = topic->replication,
                                       .settings = settings};
    bool ok = cd_admin_internal_topic(admin, &spec, topic->partitions_exact, topic->prefix,
                                      TOPIC_TIMEOUT_MS, err);
    cd_config_free(settings);
    cd_admin_free(admin);
    return ok || cd_fail_while(err, "%stopic = '%s'", topic->prefix, topic->name);
}

static struct cd_record_log *open_log(struct opening *o, const struct internal_topic *topic,
                                      cd_record_apply_fn *apply, void *arg, struct cd_error *err)
{
    if (o->setup->mode == CD_STANDALONE)
        return cd_record_log_memory(apply, arg);
    if (!make_topic(o, topic, err))
        return NULL;
    CD_AUTO_FREE char *id = client_id(o, topic->client);
    const struct cd_ledger_options options = {.topic = topic->name,
                                              .java_producer = o->producer,
                                              .java_consumer = o->consumer,
                                              .client_id = id,
                                              .apply = apply,
                                              .arg = arg};
    return cd_record_log_topic(o->stores->ledgers, &options, cd_clock_ms() + READ_TIMEOUT_MS, err);
}

static bool open_offsets(struct opening *o, struct cd_error *err)
{
    const struct cd_worker_config *config = o->setup->config;
    struct cd_stores *stores = o->stores;
    if (config->offset_topic == NULL) {
        stores->offsets = cd_offset_file_open(config->offset_file, err);
        return stores->offsets != NULL;
    }
    const struct internal_topic topic = {.prefix = "offset.storage.",
                                         .name = config->offset_topic,
                                         .partitions = config->offset_partitions,
                                         .replication = config->offset_replication,
                                         .client = "offsets"};
    if (!make_topic(o, &topic, err))
        return false;
    CD_AUTO_FREE char *id = client_id(o, topic.client);
    stores->offsets = cd_offset_topic_open(stores->ledgers, topic.name, o->producer, o->consumer,
                                           id, cd_clock_ms() + READ_TIMEOUT_MS, err);
    return stores->offsets != NULL;
}

static bool open_statuses(struct opening *o, const char *worker_id, struct cd_error *err)
{
    const struct cd_worker_config *config = o->setup->config;
    struct cd_stores *stores = o->stores;
    const struct internal_topic topic = {.prefix = "status.storage.",
                                         .name = config->status_topic,
                                         .partitions = config->status_partitions,
                                         .replication = config->status_replication,
                                         .client = "statuses"};
    stores->statuses = cd_status_store_new(worker_id);
    stores->status_log = open_log(o, &topic, cd_status_store_apply, stores->statuses, err);
    if (stores->status_log == NULL)
        return false;
    cd_status_store_attach(stores->statuses, stores->status_log);
    return true;
}

static bool open_configs(struct opening *o, const struct cd_config_events *events,
                         struct cd_error *err)
{
    const struct cd_worker_config *config = o->setup->config;
    struct cd_stores *stores = o->stores;
    const struct internal_topic topic = {.prefix = "config.storage.",
                                         .name = config->config_topic,
                                         .partitions = 1,
                                         .partitions_exact = 1,
                                         .replication = config->config_replication,
                                         .client = "configs"};
    stores->configs = cd_config_store_new(events);
    stores->config_log = open_log(o, &topic, cd_config_store_apply, stores->configs, err);
    if (stores->config_log == NULL)
        return false;
    cd_config_store_attach(stores->configs, stores->config_log);
    return true;
}

static bool open_all(struct opening *o, const char *worker_id,
                     const struct cd_config_events *events, struct cd_error *err)
{
    const struct cd_worker_config *config = o->setup->config;
    if (o->setup->mode == CD_DISTRIBUTED || config->offset_topic != NULL) {
        o->stores->ledgers = cd_ledgers_start(o->log, err);
        if (o->stores->ledgers == NULL)
            return false;
    }
    return open_offsets(o, err) && open_statuses(o, worker_id, err) && open_configs(o, events, err);
}

bool cd_stores_open(struct cd_stores *stores, const struct cd_setup *setup, const char *worker_id,
                    const struct cd_config_events *events, const struct cd_logger *log,
                    struct cd_error *err)
{
    *stores = (struct cd_stores){0};
    struct opening o = {
        .stores = stores,
        .setup = setup,
        .log = log,
        .producer = cd_settings_layers(CD_ROLE_LEDGER_PRODUCER, setup->expanded, NULL, NULL),
        .consumer = cd_settings_layers(CD_ROLE_LEDGER_CONSUMER, setup->expanded, NULL, NULL),
        .admin = cd_settings_layers(CD_ROLE_WORKER_ADMIN, setup->expanded, NULL, NULL),
    };
    bool ok = open_all(&o, worker_id, events, err);
    cd_config_free(o.producer);
    cd_config_free(o.consumer);
    cd_config_free(o.admin);
    if (!ok)
        cd_stores_close(stores, cd_clock_ms());
    return ok;
}

void cd_stores_close(struct cd_stores *stores, int64_t deadline_ms)
{
    cd_record_log_close(stores->config_log, deadline_ms);
    cd_record_log_close(stores->status_log, deadline_ms);
    cd_offset_store_close(stores->offsets, deadline_ms);
    if (stores->ledgers != NULL)
        cd_ledgers_stop(stores->ledgers);
    cd_config_store_free(stores->configs);
    cd_status_store_free(stores->statuses);
    *stores = (struct cd_stores){0};
}
