#include "daemon/runtime.h"

#include "api/server.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "config/provider.h"
#include "daemon/backend.h"
#include "daemon/command_files.h"
#include "daemon/metrics.h"
#include "daemon/retry.h"
#include "daemon/setup.h"
#include "daemon/stores.h"
#include "plugins/loader.h"
#include "plugins/providers.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct cd_runtime {
    struct cd_setup setup; /* files, plugins, settings */
    const char *const *connector_files;
    size_t connector_count;

    struct cd_worker worker;
    struct cd_api *api;
    char *cluster_id;
    struct cd_stores stores;
    struct cd_herder *herder;
    struct cd_backend_state *backend_state;
    struct cd_backend backend;
    struct cd_logger log;
    size_t started;         /* stages */
    atomic_bool unanswered; /* cd_runtime_alive's question */
};

enum {
    CLUSTER_ID_TIMEOUT_MS = 60000,
    STOP_EXTRA_MS = 5000, /* for what follows the tasks' own time-out */
};

/* ---- stages ---- */

static bool log_start(struct cd_runtime *rt, struct cd_error *err)
{
    if (!cd_setup_logging(&rt->setup, err))
        return false;
    cd_log_info(&rt->log, "Kafka Connect starting version=%s mode=%s", CD_VERSION,
                rt->setup.mode == CD_STANDALONE ? "standalone" : "distributed");
    return true;
}

static void nothing_to_stop(struct cd_runtime *rt)
{
    (void)rt;
}

static bool listeners_start(struct cd_runtime *rt, struct cd_error *err)
{
    const struct cd_api_options options = {.worker = rt->setup.expanded};
    rt->api = cd_api_open(&options, err);
    if (rt->api == NULL)
        return false;
    rt->worker.worker_id = cd_api_worker_id(rt->api);
    return true;
}

static void listeners_stop(struct cd_runtime *rt)
{
    cd_api_close(rt->api);
}

/* While no broker answers, a signal just ends the process, as the JVM's: there is nothing yet that
 * would have to be stopped. librdkafka's threads take none. */
static sigset_t admit_signals(void)
{
    sigset_t signals;
    sigset_t before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_UNBLOCK, &signals, &before); /* fails only for a bad `how` */
    return before;
}

/* Also the proof that there is a cluster: without one the JVM's worker does not start either. */
static bool cluster_start(struct cd_runtime *rt, struct cd_error *err)
{
    struct cd_config *java =
        cd_settings_layers(CD_ROLE_WORKER_ADMIN, rt->setup.expanded, NULL, NULL);
    sigset_t before = admit_signals();
    rt->cluster_id = cd_kafka_cluster_id(java, CLUSTER_ID_TIMEOUT_MS, &rt->log, err);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL); /* fails only for a bad `how` */
    cd_config_free(java);
    if (rt->cluster_id == NULL)
        return cd_fail_while(err,
                             "Failed to connect to and describe Kafka cluster, check the worker's "
                             "broker connection and "
                             "security properties: bootstrap.servers = '%s'",
                             cd_config_get(rt->setup.expanded, "bootstrap.servers"));
    rt->worker.kafka_cluster_id = rt->cluster_id;
    cd_log_info(&rt->log, "Kafka cluster ID: %s", rt->cluster_id);
    return true;
}

static void cluster_stop(struct cd_runtime *rt)
{
    free(rt->cluster_id);
}

static bool pool_start(struct cd_runtime *rt, struct cd_error *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    rt->worker.scheduler = cd_scheduler_start(cores < 1 ? 1 : (size_t)cores,
                                              (size_t)rt->setup.config->pool_threads_max, err);
    return rt->worker.scheduler != NULL;
}

/* The herder goes with the pool, whose last jobs may still tell it something; where threads are
 * left behind, so is what they may touch. */
static void pool_stop(struct cd_runtime *rt)
{
    if (cd_scheduler_stop(rt->worker.scheduler, cd_clock_ms() + STOP_EXTRA_MS))
        cd_herder_free(rt->herder);
    else
        cd_log_warn(&rt->log, "threads are stuck in foreign code and left behind");
}

static bool kafka_start(struct cd_runtime *rt, struct cd_error *err)
{
    (void)err;
    rt->worker.producers = cd_producers_new(&rt->log);
    rt->worker.breakers = cd_retry_breakers();
    return true;
}

static void kafka_stop(struct cd_runtime *rt)
{
    cd_producers_free(rt->worker.producers);
    cd_breakers_free(rt->worker.breakers);
}

static bool stores_start(struct cd_runtime *rt, struct cd_error *err)
{
    rt->worker.distributed = rt->setup.mode == CD_DISTRIBUTED;
    const struct cd_herder_options options = {.worker = &rt->worker,
                                              .assignment = &cd_assignment_everything};
    rt->herder = cd_herder_new(&options);
    const struct cd_config_events events = cd_herder_events(rt->herder);
    if (!cd_stores_open(&rt->stores, &rt->setup, rt->worker.worker_id, &events, &rt->log, err))
        return false;
    rt->worker.offsets = rt->stores.offsets;
    return true;
}

static void stores_stop(struct cd_runtime *rt)
{
    cd_stores_close(&rt->stores, cd_clock_ms() + STOP_EXTRA_MS);
}

/* Made before anything that counts, freed when everything else is gone. */
static bool metrics_start(struct cd_runtime *rt, struct cd_error *err)
{
    (void)err;
    const struct cd_metrics_options options = {.config = rt->setup.config,
                                               .distributed = rt->setup.mode == CD_DISTRIBUTED,
                                               .worker_id = rt->worker.worker_id};
    rt->worker.metrics = cd_metrics_new(&options);
    return true;
}

static void metrics_stop(struct cd_runtime *rt)
{
    cd_metrics_free(rt->worker.metrics);
}

static const struct cd_snapshot *newest_snapshot(void *arg)
{
    return cd_herder_snapshot(arg);
}

static bool watch_start(struct cd_runtime *rt, struct cd_error *err)
{
    (void)err;
    cd_metrics_set_producers(rt->worker.metrics, rt->worker.producers);
    cd_metrics_set_breakers(rt->worker.metrics, rt->worker.breakers);
    cd_metrics_watch(rt->worker.metrics, rt->worker.scheduler, newest_snapshot, rt->herder);
    return true;
}

static void watch_stop(struct cd_runtime *rt)
{
    cd_metrics_unwatch(rt->worker.metrics);
}

static bool herder_start(struct cd_runtime *rt, struct cd_error *err)
{
    return cd_herder_start(rt->herder, rt->stores.configs, rt->stores.statuses, err);
}

static void herder_stop(struct cd_runtime *rt)
{
    cd_herder_stop(rt->herder);
}

static bool api_start(struct cd_runtime *rt, struct cd_error *err)
{
    rt->backend_state = cd_backend_state_new(rt->herder, &rt->worker);
    rt->backend = cd_backend_of(rt->backend_state);
    if (cd_api_start(rt->api, &rt->backend, err))
        return true;
    cd_backend_state_free(rt->backend_state);
    return false;
}

static void api_stop(struct cd_runtime *rt)
{
    cd_log_info(&rt->log, "Stopping REST server");
    cd_api_stop(rt->api);
    cd_backend_state_free(rt->backend_state);
    cd_log_info(&rt->log, "REST server stopped");
}

static bool files_start(struct cd_runtime *rt, struct cd_error *err)
{
    for (size_t i = 0; i < rt->connector_count; i++)
        if (!cd_command_file_create(rt->herder, rt->connector_files[i], err))
            return false;
    cd_backend_set_ready(rt->backend_state);
    return true;
}

struct stage {
    const char *name;
    enum cd_exit exit; /* when it fails */
    bool (*start)(struct cd_runtime *rt, struct cd_error *err);
    void (*stop)(struct cd_runtime *rt);
};

/* Started top to bottom, stopped bottom to top. */
static const struct stage stages[] = {
    {"log", CD_EXIT_CONFIG, log_start, nothing_to_stop},
    {"listeners", CD_EXIT_CONFIG, listeners_start, listeners_stop},
    {"cluster", CD_EXIT_CONFIG, cluster_start, cluster_stop},
    {"metrics", CD_EXIT_SERVICE, metrics_start, metrics_stop},
    {"kafka", CD_EXIT_SERVICE, kafka_start,
     kafka_stop}, /* handles may be needed until the pool has ended */
    {"pool", CD_EXIT_SERVICE, pool_start, pool_stop},
    {"stores", CD_EXIT_SERVICE, stores_start, stores_stop},
    {"metrics watch", CD_EXIT_SERVICE, watch_start, watch_stop},
    {"herder", CD_EXIT_SERVICE, herder_start,
     herder_stop},                                 /* stops polls, drains, commits offsets */
    {"api", CD_EXIT_SERVICE, api_start, api_stop}, /* first to stop: no new orders while draining */
    {"connector files", CD_EXIT_SERVICE, files_start, nothing_to_stop},
};

static const size_t stage_count = sizeof(stages) / sizeof(stages[0]);

struct cd_runtime *cd_runtime_start(enum cd_mode mode, const char *worker_file,
                                    const char *const *connector_files, size_t connector_count,
                                    enum cd_exit *ret_exit, struct cd_error *err)
{
    struct cd_runtime *rt = cd_new(struct cd_runtime);
    rt->connector_files = connector_files;
    rt->connector_count = connector_count;
    cd_logger_init(&rt->log, "worker", NULL, -1);
    *ret_exit = CD_EXIT_CONFIG;
    if (!cd_setup_load(&rt->setup, mode, worker_file, err)) {
        free(rt);
        return NULL;
    }
    rt->worker.config = rt->setup.config;
    rt->worker.originals = rt->setup.expanded;
    rt->worker.resolver = rt->setup.resolver;
    rt->worker.registry = rt->setup.registry;
    for (; rt->started < stage_count; rt->started++) {
        const struct stage *stage = &stages[rt->started];
        if (!stage->start(rt, err)) {
            *ret_exit = stage->exit;
            cd_runtime_stop(rt);
            return NULL;
        }
    }
    cd_log_info(&rt->log, "Kafka Connect started");
    return rt;
}

static void loop_answered(struct cd_request *request)
{
    struct cd_runtime *rt = request->owner;
    atomic_store(&rt->unanswered, false);
    cd_request_free(request);
}

/* The herder answers every request before it ends, so none outlives the runtime. */
bool cd_runtime_alive(struct cd_runtime *rt)
{
    if (atomic_exchange(&rt->unanswered, true))
        return false;
    struct cd_request *request = cd_request_new(CD_ASK_HEALTH, NULL);
    request->done = loop_answered;
    request->owner = rt;
    cd_herder_post(rt->herder, request);
    return true;
}

void cd_runtime_stop(struct cd_runtime *rt)
{
    cd_log_info(&rt->log, "Kafka Connect stopping");
    while (rt->started > 0)
        stages[--rt->started].stop(rt);
    cd_log_info(&rt->log, "Kafka Connect stopped");
    cd_setup_done(&rt->setup);
    free(rt);
}
