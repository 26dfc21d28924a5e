/* Kafka Connect's texts: a sample of value 1 whose label holds the state, the class, the version.
 */
#include "daemon/metrics_scrape.h"
#include "kafka/client.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 200 };

struct cd_state_text cd_scrape_state(const struct cd_status_view *status)
{
    struct cd_state_text lower = {"unassigned"};
    if (status == NULL || !status->known)
        return lower;
    const char *name = cd_api_state_name(status->state);
    size_t i = 0;
    for (; i < sizeof(lower.text) - 1 && name[i] != '\0'; i++)
        lower.text[i] = (char)tolower((unsigned char)name[i]);
    lower.text[i] = '\0';
    return lower;
}

enum text { TEXT_STATUS, TEXT_CLASS, TEXT_TYPE, TEXT_VERSION, TEXTS };

static const struct {
    const char *label;
    const char *doc;
} texts[TEXTS] = {
    [TEXT_STATUS] = {"status", "State of the connector, as a label."},
    [TEXT_CLASS] = {"connector_class", "Class of the connector, as a label."},
    [TEXT_TYPE] = {"connector_type", "source or sink, as a label."},
    [TEXT_VERSION] = {"connector_version", "Version of the connector's plugin, as a label."},
};

/* The full name where a task tells it; a configuration may have an alias. */
static const char *class_of(const struct cd_scrape *scrape, const struct cd_connector_view *view)
{
    for (size_t i = 0; i < scrape->task_count; i++)
        if (scrape->tasks[i].view == view)
            return scrape->tasks[i].entry->class_name;
    return cd_config_get(view->config, "connector.class");
}

static void sample_text(const struct cd_scrape *scrape, const struct cd_connector_view *view,
                        enum text which, const char *name)
{
    struct cd_state_text state = cd_scrape_state(&view->status);
    const char *value = state.text;
    if (which == TEXT_CLASS)
        value = class_of(scrape, view);
    if (which == TEXT_TYPE)
        value = cd_api_type_name(view->type);
    if (which == TEXT_VERSION)
        value = view->status.version == NULL ? "unknown" : view->status.version;
    const struct cd_label labels[] = {
        {"connector", view->name}, {texts[which].label, value}, {NULL, NULL}};
    cd_sample(scrape->out, name, "", labels, 1);
}

/* `pattern` takes the label's name. */
static void render_texts(const struct cd_scrape *scrape, const char *pattern)
{
    for (int which = 0; which < TEXTS; which++) {
        char name[NAME_BYTES] = "";
        const char *at = strchr(pattern, '*');
        snprintf(name, sizeof(name), "%.*s%s%s", (int)(at - pattern), pattern, texts[which].label,
                 at + 1);
        cd_family(scrape->out, name, CD_GAUGE, texts[which].doc);
        for (size_t i = 0; i < scrape->snapshot->count; i++)
            sample_text(scrape, scrape->snapshot->views[i], (enum text)which, name);
    }
}

static void render_task_states(const struct cd_scrape *scrape, const char *name)
{
    cd_family(scrape->out, name, CD_GAUGE, "State of the task, as a label.");
    for (size_t i = 0; i < scrape->task_count; i++) {
        const struct cd_scraped_task *task = &scrape->tasks[i];
        struct cd_state_text state = cd_scrape_state(task->status);
        const struct cd_label labels[] = {{"connector", task->entry->connector},
                                          {"task", task->id},
                                          {"status", state.text},
                                          {NULL, NULL}};
        cd_sample(scrape->out, name, "", labels, 1);
    }
}

static void render_rebalance_texts(const struct cd_scrape *scrape, const char *prefix,
                                   const char *suffix)
{
    if (!scrape->metrics->distributed)
        return;
    const struct {
        const char *name;
        const char *value;
    } rows[] = {{"leader_name", scrape->cluster.leader},
                {"connect_protocol", scrape->cluster.protocol}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[NAME_BYTES];
        const struct cd_label labels[] = {{rows[i].name, rows[i].value}, {NULL, NULL}};
        snprintf(name, sizeof(name), "%s_%s%s", prefix, rows[i].name, suffix);
        cd_family(scrape->out, name, CD_GAUGE, "Of the group of workers, as a label.");
        cd_sample(scrape->out, name, "", labels, 1);
    }
}

/* Confluent's rules put all texts of an MBean under one name. */
static void render_confluent_texts(const struct cd_scrape *scrape)
{
    static const char name[] = "kafka_connect_connector_metrics";
    cd_family(scrape->out, name, CD_GAUGE, "Texts of the connector, as labels.");
    for (int which = 0; which < TEXTS; which++)
        for (size_t i = 0; i < scrape->snapshot->count; i++)
            sample_text(scrape, scrape->snapshot->views[i], (enum text)which, name);
    render_task_states(scrape, "kafka_connect_connector_task_metrics");
}

/* ---- clients and application ---- */

static void render_app_info(const struct cd_scrape *scrape)
{
    static const char name[] = "kafka_connect_app_info";
    char started[32];
    snprintf(started, sizeof(started), "%lld", (long long)scrape->metrics->started_wall_ms);
    const char *id = scrape->metrics->client_id;
    cd_family(scrape->out, name, CD_GAUGE, "Version and start of the worker, as labels.");
    cd_sample(scrape->out, name, "",
              (const struct cd_label[]){{"client_id", id}, {"version", "4.1.1"}, {NULL, NULL}}, 1);
    cd_sample(
        scrape->out, name, "",
        (const struct cd_label[]){{"client_id", id}, {"start_time_ms", started}, {NULL, NULL}}, 1);
}

static uint64_t connections(enum cd_client_kind kind)
{
    int open = cd_kafka_connections(kind);
    return open < 0 ? 0 : (uint64_t)open;
}

static void render_clients(const struct cd_scrape *scrape)
{
    const struct cd_producer_stats *stats = &scrape->producers;
    const struct cd_dialects *dialects = &scrape->metrics->dialects;
    const char *id = scrape->metrics->client_id;
    const struct cd_label strimzi_label[] = {{"clientId", id}, {NULL, NULL}};
    const struct cd_label plain_label[] = {{"client_id", id}, {NULL, NULL}};
    const struct {
        bool enabled;
        const char *name;
        enum cd_family_type type;
        const struct cd_label *labels;
        uint64_t value;
        const char *doc;
    } rows[] = {
        {dialects->strimzi, "kafka_producer_connection_count", CD_UNTYPED, strimzi_label,
         stats->connections, "Connections of the producers."},
        {dialects->strimzi, "kafka_producer_outgoing_byte_total", CD_COUNTER, strimzi_label,
         stats->sent_bytes, "Payload sent by the producers, in bytes."},
        {dialects->strimzi, "kafka_producer_record_send_total", CD_COUNTER, strimzi_label,
         stats->sent_records, "Records sent by the producers."},
        {dialects->strimzi, "kafka_consumer_connection_count", CD_UNTYPED, strimzi_label,
         connections(CD_CLIENT_CONSUMER), "Connections of the consumers."},
        {dialects->strimzi, "kafka_consumer_incoming_byte_total", CD_COUNTER, strimzi_label,
         cd_kafka_received_bytes(), "Payload taken by the consumers, in bytes."},
        {dialects->strimzi, "kafka_admin_client_connection_count", CD_UNTYPED, strimzi_label,
         connections(CD_CLIENT_ADMIN), "Connections of the admin clients."},
        {dialects->reporter, "kafka_consumer_consumer_metrics_connection_count", CD_UNTYPED,
         plain_label, connections(CD_CLIENT_CONSUMER), "Connections of the consumers."},
        {dialects->reporter, "kafka_admin_client_admin_client_metrics_connection_count", CD_UNTYPED,
         plain_label, connections(CD_CLIENT_ADMIN), "Connections of the admin clients."},
        {dialects->reporter, "kafka_producer_producer_metrics_connection_count", CD_UNTYPED,
         plain_label, stats->connections, "Connections of the producers."},
        {dialects->reporter, "kafka_producer_producer_metrics_outgoing_byte_total", CD_COUNTER,
         plain_label, stats->sent_bytes, "Payload sent by the producers, in bytes."},
        {dialects->confluent, "kafka_connect_connect_metrics_connection_count", CD_UNTYPED,
         plain_label, stats->connections, "Connections of the worker's producers."},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!rows[i].enabled)
            continue;
        cd_family(scrape->out, rows[i].name, rows[i].type, rows[i].doc);
        cd_sample(scrape->out, rows[i].name, "", rows[i].labels, (double)rows[i].value);
    }
}

void cd_scrape_texts(const struct cd_scrape *scrape)
{
    const struct cd_dialects *dialects = &scrape->metrics->dialects;
    if (dialects->strimzi) {
        render_texts(scrape, "kafka_connect_connector_*");
        render_task_states(scrape, "kafka_connect_connector_task_status");
        render_rebalance_texts(scrape, "kafka_connect_worker_rebalance", "");
    }
    if (dialects->confluent) {
        render_confluent_texts(scrape);
        render_app_info(scrape);
    }
    if (dialects->reporter) {
        render_texts(scrape, "kafka_connect_connector_metrics_*_info");
        render_task_states(scrape, "kafka_connect_connector_task_metrics_status_info");
        render_rebalance_texts(scrape, "kafka_connect_connect_worker_rebalance_metrics", "_info");
    }
    render_clients(scrape);
}
