/*
 * One reading of everything, while GET /metrics is rendered. Its parts are rendered by one file
 * each: Kafka's attributes, their texts, Debezium's names, our own.
 *
 * Thread: the one that renders; the table's lock is held.
 */
#ifndef CD_DAEMON_METRICS_SCRAPE_H
#define CD_DAEMON_METRICS_SCRAPE_H

#include "daemon/metrics_private.h"
#include "daemon/metrics_text.h"

/* One task at that moment. */
struct cd_scraped_task {
    const struct cd_metrics_entry *entry;
    struct cd_readings readings;
    const struct cd_connector_view *view; /* NULL: the connector has just gone */
    const struct cd_status_view *status;  /* NULL: likewise */
    char id[16];
};

struct cd_scrape {
    const struct cd_metrics *metrics;
    const struct cd_snapshot *snapshot;
    int64_t now_ms;
    int64_t wall_ms;
    struct cd_scraped_task *tasks;
    size_t task_count;
    struct cd_metrics_cluster cluster;
    struct cd_producer_stats producers;
    struct cd_scheduler_stats pool;
    struct cd_buffer *out;
};

/* A name in lower case, as labels have states. */
struct cd_state_text {
    char text[32];
};
struct cd_state_text cd_scrape_state(const struct cd_status_view *status); /* NULL: unassigned */

/* metrics_kafka.c: numbers. */
void cd_scrape_kafka(const struct cd_scrape *scrape);
/* metrics_texts.c: states, classes, versions, clients. */
void cd_scrape_texts(const struct cd_scrape *scrape);
/* metrics_debezium.c */
void cd_scrape_debezium(const struct cd_scrape *scrape);
/* metrics_own.c: connectd_*. */
void cd_scrape_own(const struct cd_scrape *scrape);

#endif
