/*
 * What every task of this process shares: services built once by main's stages, borrowed by
 * everybody else.
 */
#ifndef CD_DAEMON_WORKER_H
#define CD_DAEMON_WORKER_H

#include "config/properties.h"
#include "daemon/offset_store.h"
#include "daemon/scheduler.h"
#include "kafka/producer.h"

struct cd_breakers;
struct cd_metrics;
struct cd_registry;
struct cd_resolver;
struct cd_worker_config;

struct cd_worker {
    const struct cd_worker_config *config; /* typed */
    const struct cd_config *originals;     /* the worker's properties as text, variables expanded */
    const struct cd_resolver *resolver;    /* for connector configurations */
    const struct cd_registry *registry;
    struct cd_scheduler *scheduler;
    struct cd_producers *producers;
    struct cd_offset_store *offsets;
    struct cd_breakers *breakers; /* used when connectd.healing=on; NULL: each task for itself */
    struct cd_metrics *metrics;   /* NULL: nobody counts */
    bool distributed;
    const char *worker_id; /* host:port */
    const char *kafka_cluster_id;
};

#endif
