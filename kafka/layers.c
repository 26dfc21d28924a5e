
#include "base/alloc.h"
#include "kafka/settings.h"

/* One row a role; the facts are runtime.md 1.7's. */
struct layers {
    enum cd_client_kind kind;
    bool originals;       /* the worker's settings without a prefix, or only bootstrap.servers */
    const char *prefix;   /* of the worker's file; NULL: none */
    const char *override; /* of the connector's configuration; NULL: none */
    const char *const (*defaults)[2]; /* before the others */
    const char *const (*forced)[2];   /* after the others */
};

static const char *const task_producer[][2] = {
    {"max.block.ms", "9223372036854775807"},
    {"enable.idempotence", "false"},
    {"acks", "all"},
    {"max.in.flight.requests.per.connection", "1"},
    {"delivery.timeout.ms", "2147483647"},
    {NULL, NULL},
};

static const char *const task_consumer[][2] = {
    {"enable.auto.commit", "false"},
    {"auto.offset.reset", "earliest"},
    {NULL, NULL},
};

static const char *const ledger_producer[][2] = {
    {"acks", "all"},
    {"max.in.flight.requests.per.connection", "1"},
    {"enable.idempotence", "false"},
    {"delivery.timeout.ms", "2147483647"},
    {NULL, NULL},
};

static const char *const ledger_consumer[][2] = {
    {"enable.auto.commit", "false"},
    {"auto.offset.reset", "earliest"},
    {NULL, NULL},
};

static const struct layers layers_of[] = {
    [CD_ROLE_TASK_PRODUCER] = {CD_CLIENT_PRODUCER, false, "producer.", "producer.override.",
                               task_producer, NULL},
    [CD_ROLE_DLQ_PRODUCER] = {CD_CLIENT_PRODUCER, false, "producer.", "producer.override.",
                              task_producer, NULL},
    [CD_ROLE_TASK_CONSUMER] = {CD_CLIENT_CONSUMER, false, "consumer.", "consumer.override.",
                               task_consumer, NULL},
    [CD_ROLE_CONNECTOR_ADMIN] = {CD_CLIENT_ADMIN, true, "admin.", "admin.override.", NULL, NULL},
    [CD_ROLE_LEDGER_PRODUCER] = {CD_CLIENT_PRODUCER, true, NULL, NULL, NULL, ledger_producer},
    [CD_ROLE_LEDGER_CONSUMER] = {CD_CLIENT_CONSUMER, true, NULL, NULL, NULL, ledger_consumer},
    [CD_ROLE_WORKER_ADMIN] = {CD_CLIENT_ADMIN, true, NULL, NULL, NULL, NULL},
};

static void set_all(struct cd_config *config, const char *const (*pairs)[2])
{
    for (size_t i = 0; pairs != NULL && pairs[i][0] != NULL; i++)
        cd_config_set(config, pairs[i][0], pairs[i][1]);
}

/* In the worker's file these describe the worker, as a member of its own group. */
static bool is_the_workers_own(const char *key)
{
    static const char *const keys[] = {"client.id", "group.id", "group.instance.id",
                                       "transactional.id"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* Java hands all of the worker's settings on, to be ignored one by one; those that mean nothing to
 * the client stay here. */
static void add_originals(struct cd_config *config, enum cd_client_kind kind,
                          const struct cd_config *worker)
{
    for (struct cd_config_iter it = {0}; cd_config_next(worker, &it);)
        if (cd_settings_known(kind, it.key) && !is_the_workers_own(it.key))
            cd_config_set(config, it.key, it.value);
}

static void add_prefixed(struct cd_config *config, const struct cd_config *from, const char *prefix)
{
    if (from == NULL || prefix == NULL)
        return;
    CD_AUTO(cd_config_freep) struct cd_config *part = cd_config_strip(from, prefix);
    cd_config_merge(config, part);
}

struct cd_config *cd_settings_layers(enum cd_client_role role, const struct cd_config *worker,
                                     const struct cd_config *connector, const char *connector_name)
{
    const struct layers *layers = &layers_of[role];
    struct cd_config *config = cd_config_new();
    const char *bootstrap = cd_config_get(worker, "bootstrap.servers");
    cd_config_set(config, "bootstrap.servers", bootstrap == NULL ? "localhost:9092" : bootstrap);
    if (role == CD_ROLE_TASK_CONSUMER && connector_name != NULL) {
        CD_AUTO_FREE char *group = cd_asprintf("connect-%s", connector_name);
        cd_config_set(config, "group.id", group);
    }
    set_all(config, layers->defaults);
    if (layers->originals)
        add_originals(config, layers->kind, worker);
    add_prefixed(config, worker, layers->prefix);
    add_prefixed(config, connector, layers->override);
    set_all(config, layers->forced);
    return config;
}
