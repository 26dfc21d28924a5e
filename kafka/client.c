#include "kafka/library.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

/* Brokers that are away make librdkafka repeat itself ten times a second. */
#define SAME_LINE_MS 30000
/* A question that may take long looks this often whether it is in vain. */
#define LOOK_MS 200

/* ---- librdkafka's log ---- */

/* Without "[thrd:...]: ", which tells nothing to people. */
static const char *plain_text(const char *text)
{
    const char *end = strncmp(text, "[thrd:", 6) == 0 ? strstr(text, "]: ") : NULL;
    return end == NULL ? text : end + 3;
}

/* Its levels are syslog's. What it calls an error is a connection it will try again. */
static enum cd_level level_of(int level, const char *fac, const char *text)
{
    if (strcmp(fac, "CONFWARN") == 0 || strcmp(fac, "AUTOCREATE") == 0)
        return CD_LOG_DEBUG; /* settings that mean nothing to this kind of client or broker */
    if (level <= 4 || strstr(text, "security.protocol") != NULL) /* a guess, but a good one */
        return CD_LOG_WARN;
    return level == 5 ? CD_LOG_INFO : CD_LOG_DEBUG;
}

/* Tells why brokers are away, and is not only a summary of that. */
static bool is_reason(const char *fac, enum cd_level level, const char *text)
{
    return (strcmp(fac, "FAIL") == 0 || level >= CD_LOG_WARN) &&
           strstr(text, "brokers are down") == NULL;
}

/* True if the line is to be written; then `ret_repeated` lines were left out before it. */
static bool admit_line(struct cd_client *client, const char *fac, uint64_t *ret_repeated)
{
    int64_t now_ms = cd_clock_ms();
    cd_mutex_lock(&client->lock);
    bool same = strcmp(client->last_fac, fac) == 0 && now_ms - client->last_line_ms < SAME_LINE_MS;
    *ret_repeated = same ? 0 : client->repeated;
    client->repeated = same ? client->repeated + 1 : 0;
    if (!same) {
        (void)snprintf(client->last_fac, sizeof(client->last_fac), "%s", fac);
        client->last_line_ms = now_ms;
    }
    cd_mutex_unlock(&client->lock);
    return !same;
}

static void keep_reason(struct cd_client *client, const char *text)
{
    cd_mutex_lock(&client->lock);
    (void)snprintf(client->reason, sizeof(client->reason), "%s", text); /* may be cut */
    cd_mutex_unlock(&client->lock);
}

static void on_log(const rd_kafka_t *rk, int level, const char *fac, const char *text)
{
    struct cd_client *client = cd_client_of(rk);
    const char *plain = plain_text(text);
    enum cd_level ours = level_of(level, fac, plain);
    uint64_t repeated = 0;
    if (is_reason(fac, ours, plain))
        keep_reason(client, plain);
    if (!cd_log_enabled(&client->log, ours))
        return;
    if (ours == CD_LOG_WARN && !admit_line(client, fac, &repeated))
        return;
    const char *hint = cd_kafka_hint(plain);
    const char *between = hint == NULL ? "" : "; ";
    if (hint == NULL)
        hint = "";
    if (repeated > 0)
        cd_log(&client->log, ours, "%s%s%s client=%s repeated=%llu", plain, between, hint,
               client->name, (unsigned long long)repeated);
    else
        cd_log(&client->log, ours, "%s%s%s client=%s", plain, between, hint, client->name);
}

/* ---- counting ---- */

/* Counters of the process: a metric has no owner to ask. */
static atomic_int open_connections[CD_CLIENT_ADMIN + 1];
static atomic_uint_least64_t received_bytes;

int cd_kafka_connections(enum cd_client_kind kind)
{
    return atomic_load(&open_connections[kind]);
}

uint64_t cd_kafka_received_bytes(void)
{
    return atomic_load_explicit(&received_bytes, memory_order_relaxed);
}

void cd_client_received(size_t bytes)
{
    (void)atomic_fetch_add_explicit(&received_bytes, bytes, memory_order_relaxed);
}

static int on_socket(int domain, int type, int protocol, void *opaque)
{
    struct cd_client *client = opaque;
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
    if (fd >= 0) {
        (void)atomic_fetch_add(&client->connections, 1);
        (void)atomic_fetch_add(&open_connections[client->kind], 1);
    }
    return fd;
}

static int on_close_socket(int fd, void *opaque)
{
    struct cd_client *client = opaque;
    (void)atomic_fetch_sub(&client->connections, 1);
    (void)atomic_fetch_sub(&open_connections[client->kind], 1);
    return close(fd);
}

static void on_throttle(rd_kafka_t *rk, const char *broker, int32_t broker_id, int throttle_ms,
                        void *opaque)
{
    struct cd_client *client = opaque;
    (void)rk;
    if (throttle_ms > 0)
        (void)atomic_fetch_add(&client->throttled, 1);
    cd_log_debug(&client->log, "throttled by a quota broker=%s id=%d ms=%d client=%s", broker,
                 (int)broker_id, throttle_ms, client->name);
}

/* ---- making handles ---- */

/* What is ours in the native settings: not for rd_kafka_conf_set. */
static bool take_own(struct cd_client *client, const char *key, const char *value)
{
    if (strncmp(key, "connectd.", 9) != 0)
        return false;
    if (strcmp(key, "connectd.buffer.memory") == 0)
        client->buffer_memory = (size_t)strtoull(value, NULL, 10);
    if (strcmp(key, "connectd.partitioner") == 0)
        client->round_robin = true;
    return true;
}

static bool set_all(rd_kafka_conf_t *conf, struct cd_client *client, const struct cd_config *native,
                    struct cd_error *err)
{
    for (struct cd_config_iter it = {0}; cd_config_next(native, &it);) {
        char text[512] = "";
        if (take_own(client, it.key, it.value))
            continue;
        if (rd_kafka_conf_set(conf, it.key, it.value, text, sizeof(text)) != RD_KAFKA_CONF_OK)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException", "%s", text);
    }
    return true;
}

static void log_notes(const struct cd_client *client, const struct cd_settings_result *settings)
{
    for (size_t i = 0; i < settings->note_count; i++)
        cd_log_info(&client->log, "setting without effect key=%s client=%s: %s",
                    settings->notes[i].key, client->name, settings->notes[i].why);
}

static void init_client(struct cd_client *client, const struct cd_client_options *options)
{
    const char *own_id = cd_config_get(options->java, "client.id");
    *client = (struct cd_client){.buffer_memory = SIZE_MAX, .kind = options->kind};
    if (options->log != NULL)
        client->log = *options->log;
    else
        cd_logger_init(&client->log, "kafka", NULL, -1);
    client->name = cd_strdup(own_id != NULL && own_id[0] != '\0' ? own_id : options->client_id);
    if (client->name == NULL)
        client->name = cd_strdup("connectd");
    cd_mutex_init(&client->lock);
}

static void set_callbacks(rd_kafka_conf_t *conf, struct cd_client *client)
{
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_socket_cb(conf, on_socket);
    rd_kafka_conf_set_closesocket_cb(conf, on_close_socket);
    rd_kafka_conf_set_throttle_cb(conf, on_throttle);
}

rd_kafka_conf_t *cd_client_configure(struct cd_client *client,
                                     const struct cd_client_options *options, struct cd_error *err)
{
    struct cd_settings_result settings;
    if (!cd_settings_translate(options->kind, options->java, &settings, err))
        return NULL;
    init_client(client, options);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    cd_config_set(settings.native, "client.id", client->name);
    const char *mechanism = cd_config_get(settings.native, "sasl.mechanism");
    if (mechanism != NULL)
        (void)snprintf(client->mechanism, sizeof(client->mechanism), "%s", mechanism);
    client->username = cd_strdup(cd_config_get(settings.native, "sasl.username"));
    client->password = cd_strdup(cd_config_get(settings.native, "sasl.password"));
    client->group = cd_strdup(cd_config_get(settings.native, "group.id"));
    client->transactional_id = cd_strdup(cd_config_get(settings.native, "transactional.id"));
    bool good = set_all(conf, client, settings.native, err);
    if (good)
        log_notes(client, &settings);
    cd_settings_result_done(&settings);
    if (!good) {
        rd_kafka_conf_destroy(conf);
        cd_client_done(client);
        return NULL;
    }
    set_callbacks(conf, client);
    rd_kafka_conf_set_events(conf, options->events);
    return conf;
}

rd_kafka_t *cd_client_create(struct cd_client *client, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                             struct cd_error *err)
{
    char text[512] = "";
    rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof(text));
    if (rk != NULL)
        return rk;
    rd_kafka_conf_destroy(conf); /* rd_kafka_new takes it over on success only */
    (void)cd_fail_as(err, CD_ERR_CONFIG, "ConfigException", "creating Kafka client '%s': %s",
                     client->name, text);
    cd_client_done(client);
    return NULL;
}

void cd_client_done(struct cd_client *client)
{
    free(client->name);
    free(client->username);
    free(client->password);
    free(client->group);
    free(client->transactional_id);
    client->name = NULL;
    cd_mutex_done(&client->lock);
}

struct cd_client *cd_client_of(const rd_kafka_t *rk)
{
    return rd_kafka_opaque(rk);
}

void cd_client_drop_complaints(rd_kafka_t *rk)
{
    rd_kafka_queue_t *events = rd_kafka_queue_get_main(rk);
    rd_kafka_event_t *event = NULL;
    while ((event = rd_kafka_queue_poll(events, 0)) != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(events);
}

void cd_kafka_pause(int64_t ms)
{
    struct cd_mutex lock;
    struct cd_cond never;
    int64_t deadline_ms = cd_clock_ms() + ms;
    cd_mutex_init(&lock);
    cd_cond_init(&never);
    cd_mutex_lock(&lock);
    while (cd_cond_wait(&never, &lock, deadline_ms))
        ;
    cd_mutex_unlock(&lock);
    cd_cond_done(&never);
    cd_mutex_done(&lock);
}

/* ---- the public side ---- */

/* True: `err` says why waiting is in vain. */
static bool has_given_up(struct cd_client *client, rd_kafka_queue_t *events, struct cd_error *err)
{
    rd_kafka_event_t *event = NULL;
    bool final = false;
    while (!final && (event = rd_kafka_queue_poll(events, 0)) != NULL) {
        rd_kafka_resp_err_t code = rd_kafka_event_error(event);
        const char *text = rd_kafka_event_error_string(event);
        final = cd_kafka_is_final(code, text);
        if (final)
            (void)cd_kafka_fail(err, client, code, text);
        rd_kafka_event_destroy(event);
    }
    return final;
}

char *cd_client_cluster_id(struct cd_client *client, rd_kafka_t *rk, int64_t timeout_ms,
                           struct cd_error *err)
{
    int64_t deadline_ms = cd_clock_ms() + timeout_ms;
    rd_kafka_queue_t *events = rd_kafka_queue_get_main(rk);
    char *id = NULL;
    bool vain = false;
    for (int64_t left_ms = timeout_ms; id == NULL && left_ms > 0 && !vain;
         left_ms = deadline_ms - cd_clock_ms()) {
        id = rd_kafka_clusterid(rk, (int)(left_ms < LOOK_MS ? left_ms : LOOK_MS));
        vain = id == NULL && has_given_up(client, events, err);
    }
    rd_kafka_queue_destroy(events);
    char *copy = cd_strdup(id);
    if (id != NULL)
        rd_kafka_mem_free(rk, id);
    else
        (void)cd_kafka_fail(err, client, RD_KAFKA_RESP_ERR__TIMED_OUT, /* unless it is known */
                            "no broker of bootstrap.servers answers");
    return copy;
}

char *cd_kafka_cluster_id(const struct cd_config *java_admin, int64_t timeout_ms,
                          const struct cd_logger *log, struct cd_error *err)
{
    struct cd_client client;
    struct cd_client_options options = {
        .kind = CD_CLIENT_ADMIN, .java = java_admin, .log = log, .events = RD_KAFKA_EVENT_ERROR};
    rd_kafka_conf_t *conf = cd_client_configure(&client, &options, err);
    rd_kafka_t *rk = conf == NULL ? NULL : cd_client_create(&client, RD_KAFKA_PRODUCER, conf, err);
    if (rk == NULL)
        return NULL;
    char *id = cd_client_cluster_id(&client, rk, timeout_ms, err);
    rd_kafka_destroy(rk);
    cd_client_done(&client);
    return id;
}

const char *cd_kafka_library_version(void)
{
    return rd_kafka_version_str();
}
