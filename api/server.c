#include "api/server.h"
#include "api/access_log.h"
#include "api/auth.h"
#include "api/desk.h"
#include "api/exchange.h"
#include "api/listener.h"
#include "api/response_headers.h"
#include "api/router.h"
#include "api/server_internal.h"
#include "api/tls.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/thread.h"

#include <microhttpd.h>

#include <assert.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXCHANGE_MAGIC 0x45584348u /* "EXCH" */
#define TICK_MS 1000               /* how exactly slow clients are timed */
#define DRAIN_MS 2000              /* for replies to leave when stopping */

static const struct cd_logger logger = {.component = "api", .task = -1};

/* One listening address and what serves it. */
struct door {
    struct cd_api *api; /* borrowed */
    struct cd_listener listener;
    struct cd_tls tls;
    struct MHD_Daemon *daemon;
};

/* A client's connection, for the time a request may take to arrive. */
struct cd_connection {
    struct cd_link link; /* guarded by the server's lock */
    int fd;
    _Atomic(int64_t) deadline_ms; /* for the next request to be here; INT64_MAX: it is */
};

struct cd_api {
    struct cd_api_config *config;
    struct cd_auth *auth; /* NULL: everyone may */
    struct cd_response_headers *headers;
    struct cd_api_options options;
    const struct cd_backend *backend; /* borrowed; NULL: not started */
    struct door *doors;
    size_t door_count;
    char *worker_id;
    struct cd_desk *desk;
    struct cd_thread timer;
    _Atomic(bool) stopping;

    struct cd_mutex lock;
    struct cd_cond hurry;   /* the timer's */
    struct cd_cond drained; /* guarded by lock: */
    struct cd_link connections;
    size_t exchanges; /* requests that are being worked on */
    bool timer_stops;
};

const struct cd_api_config *cd_api_config(const struct cd_api *api)
{
    return api->config;
}

struct cd_desk *cd_api_desk(struct cd_api *api)
{
    return api->desk;
}

const struct cd_auth *cd_api_auth(const struct cd_api *api)
{
    return api->auth;
}

bool cd_api_stopping(const struct cd_api *api)
{
    return atomic_load(&api->stopping);
}

int64_t cd_api_timeout_ms(const struct cd_api *api, enum cd_request_kind kind)
{
    return kind == CD_ASK_HEALTH ? api->options.health_timeout_ms : api->options.request_timeout_ms;
}

/* ---- exchanges ---- */

/* libmicrohttpd calls this with the request line, before anything else of the request is there. */
static void *begin_exchange(void *cls, const char *target, struct MHD_Connection *con)
{
    struct door *door = cls;
    struct cd_exchange *ex = cd_new(struct cd_exchange);
    ex->magic = EXCHANGE_MAGIC;
    ex->api = door->api;
    ex->backend = door->api->backend;
    ex->con = con;
    ex->admin_listener = door->listener.admin;
    ex->is_tls = door->listener.is_tls;
    ex->start_us = cd_clock_us();
    ex->target = cd_strdup(target);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(con, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    ex->connection = info == NULL ? NULL : info->socket_context;
    if (ex->connection != NULL)
        atomic_store(&ex->connection->deadline_ms,
                     cd_clock_ms() + door->api->options.receive_timeout_ms);
    cd_mutex_lock(&door->api->lock);
    door->api->exchanges++;
    cd_mutex_unlock(&door->api->lock);
    return ex;
}

static void exchange_free(struct cd_exchange *ex)
{
    if (ex->asked != NULL)
        cd_desk_drop(ex->asked);
    cd_buffer_done(&ex->body);
    cd_buffer_done(&ex->out);
    free(ex->target);
    free(ex->method);
    free(ex->protocol);
    free(ex->connector);
    free(ex->name);
    free(ex->user);
    free(ex->location);
    free(ex->allow);
    free(ex);
}

static void log_exchange(const struct cd_exchange *ex)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(ex->con, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    cd_access_log(&(struct cd_access){
        .client = info == NULL ? NULL : info->client_addr,
        .user = ex->user,
        .method = ex->method,
        .target = ex->target,
        .protocol = ex->protocol,
        .status = ex->status,
        .bytes = ex->out.len,
        .referer = cd_exchange_header(ex, "Referer"),
        .agent = cd_exchange_header(ex, "User-Agent"),
        .took_ms = (cd_clock_us() - ex->start_us) / 1000,
    });
}

/* Has the client closed its side already? */
static bool is_half_closed(const struct cd_connection *connection)
{
    char byte;
    return recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/*
 * How long the next request may take. When the end of the stream came together with this one, the
 * library has missed its event and would keep the connection until it is idle for too long: then
 * there is no next one, and the timer has to hurry.
 */
static bool wait_for_next(const struct door *door, struct cd_connection *connection)
{
    if (connection == NULL)
        return false;
    bool last = is_half_closed(connection);
    int64_t allowed_ms = door->api->config->idle_timeout_ms + door->api->options.receive_timeout_ms;
    atomic_store(&connection->deadline_ms, cd_clock_ms() + (last ? 0 : allowed_ms));
    return last;
}

static void end_exchange(void *cls, struct MHD_Connection *con, void **req_cls,
                         enum MHD_RequestTerminationCode code)
{
    (void)con;
    (void)code; /* a client that went away is logged like any other */
    struct door *door = cls;
    struct cd_exchange *ex = *req_cls;
    if (ex == NULL)
        return;
    assert(ex->magic == EXCHANGE_MAGIC);
    *req_cls = NULL;
    if (ex->replied && ex->method != NULL)
        log_exchange(ex);
    bool hurry = wait_for_next(door, ex->connection);
    exchange_free(ex);
    cd_mutex_lock(&door->api->lock);
    if (--door->api->exchanges == 0)
        cd_cond_broadcast(&door->api->drained);
    if (hurry)
        cd_cond_broadcast(&door->api->hurry);
    cd_mutex_unlock(&door->api->lock);
}

/* ---- sending ---- */

static void add_header(void *arg, const char *name, const char *value)
{
    /* Fails for what is no legal header; the others still go. */
    (void)MHD_add_response_header(arg, name, value);
}

static void add_headers(const struct cd_exchange *ex, struct MHD_Response *response)
{
    if (ex->content_type != NULL)
        add_header(response, "Content-Type", ex->content_type);
    if (ex->location != NULL)
        add_header(response, "Location", ex->location);
    if (ex->allow != NULL)
        add_header(response, "Allow", ex->allow);
    if (ex->challenge)
        add_header(response, "WWW-Authenticate", "Basic realm=\"connectd\", charset=\"UTF-8\"");
    if (ex->admin_listener)
        return; /* the JVM's rules hold for the regular listeners only */
    bool preflight = ex->method != NULL && strcmp(ex->method, "OPTIONS") == 0 &&
                     cd_exchange_header(ex, "Access-Control-Request-Method") != NULL;
    cd_response_headers_each(ex->api->headers, cd_exchange_header(ex, "Origin"), preflight,
                             add_header, response);
}

static enum MHD_Result send_reply(struct cd_exchange *ex)
{
    size_t len = ex->out.len;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, cd_buffer_steal(&ex->out), MHD_RESPMEM_MUST_FREE);
    ex->out.len = len; /* for the log */
    if (response == NULL)
        return MHD_NO;
    add_headers(ex, response);
    enum MHD_Result queued = MHD_queue_response(ex->con, (unsigned)ex->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* ---- receiving ---- */

static bool announces_too_much(const struct cd_exchange *ex)
{
    const char *length = cd_exchange_header(ex, "Content-Length");
    return length != NULL &&
           strtoull(length, NULL, 10) > (unsigned long long)ex->api->config->request_bytes_max;
}

/* The headers are here. A body that is announced as too large is refused before it is sent. */
static enum MHD_Result begin_request(struct door *door, struct cd_exchange *ex, const char *method,
                                     const char *version)
{
    if (!cd_tls_client_ok(door->tls.client_auth, ex->con))
        return MHD_NO;
    ex->method = cd_strdup(method);
    ex->protocol = cd_strdup(version);
    if (!announces_too_much(ex))
        return MHD_YES;
    ex->too_large = true;
    cd_route_dispatch(ex);
    return send_reply(ex);
}

static void take_body(struct cd_exchange *ex, const char *data, size_t len)
{
    ex->too_large =
        ex->too_large || ex->body.len + len > (size_t)ex->api->config->request_bytes_max;
    if (!ex->too_large)
        cd_buffer_append(&ex->body, data, len);
}

/* The exchange was resumed: whichever way the wait ended, there is a reply afterwards. */
static void collect_answer(struct cd_exchange *ex)
{
    struct cd_request *request;
    switch (cd_desk_outcome(ex->asked, &request)) {
    case CD_WAITING:
        cd_reply_error(ex, 500, "Request interrupted");
        return;
    case CD_CLOSED:
        cd_reply_error(ex, 503, "Worker is shutting down");
        return;
    case CD_TIMED_OUT:
        if (ex->finish_failures)
            ex->finish(ex, NULL);
        else
            cd_reply_timed_out(ex, /* full_stop = */ true);
        return;
    case CD_ANSWERED:
        break;
    }
    if (request->answer.err.code == CD_OK || ex->finish_failures)
        ex->finish(ex, request);
    else
        cd_reply_failure(ex, &request->answer);
}

static enum MHD_Result work_on(struct cd_exchange *ex)
{
    if (ex->suspended) {
        ex->suspended = false;
        if (!ex->replied)
            collect_answer(ex);
        return send_reply(ex);
    }
    if (ex->connection != NULL)
        atomic_store(&ex->connection->deadline_ms, INT64_MAX);
    cd_route_dispatch(ex);
    return ex->suspended ? MHD_YES : send_reply(ex);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *con, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_len, void **req_cls)
{
    (void)con;
    (void)url; /* decoded; the exchange has the raw one */
    struct cd_exchange *ex = *req_cls;
    assert(ex->magic == EXCHANGE_MAGIC);
    if (ex->method == NULL)
        return begin_request(cls, ex, method, version);
    if (*data_len > 0) {
        take_body(ex, data, *data_len);
        *data_len = 0;
        return MHD_YES;
    }
    return work_on(ex);
}

/* ---- connections ---- */

static void begin_connection(struct door *door, struct MHD_Connection *con, void **socket_context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct cd_connection *connection = cd_new(struct cd_connection);
    connection->fd = info == NULL ? -1 : info->connect_fd;
    atomic_init(&connection->deadline_ms, cd_clock_ms() + door->api->config->idle_timeout_ms +
                                              door->api->options.receive_timeout_ms);
    cd_mutex_lock(&door->api->lock);
    cd_list_push_back(&door->api->connections, &connection->link);
    cd_mutex_unlock(&door->api->lock);
    *socket_context = connection;
}

static void on_connection(void *cls, struct MHD_Connection *con, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct door *door = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        begin_connection(door, con, socket_context);
        return;
    }
    struct cd_connection *connection = *socket_context;
    *socket_context = NULL;
    if (connection == NULL)
        return;
    cd_mutex_lock(&door->api->lock);
    cd_list_remove(&connection->link);
    cd_mutex_unlock(&door->api->lock);
    free(connection);
}

/* libmicrohttpd closes what is idle, but a client that sends a byte now and then is never idle. */
static void cut_slow_clients(struct cd_api *api, int64_t now_ms)
{
    assert(cd_mutex_held(&api->lock));
    for (struct cd_link *link = api->connections.next; link != &api->connections;
         link = link->next) {
        struct cd_connection *connection = CD_CONTAINER_OF(link, struct cd_connection, link);
        if (atomic_load(&connection->deadline_ms) > now_ms)
            continue;
        atomic_store(&connection->deadline_ms, INT64_MAX);
        (void)shutdown(connection->fd, SHUT_RDWR); /* fails when the client was faster */
    }
}

/* ---- the timer ---- */

static void run_timer(void *arg)
{
    struct cd_api *api = arg;
    cd_mutex_lock(&api->lock);
    while (!api->timer_stops) {
        int64_t now_ms = cd_clock_ms();
        cut_slow_clients(api, now_ms);
        cd_mutex_unlock(&api->lock);
        int64_t next_ms = cd_desk_expire(api->desk, now_ms);
        cd_mutex_lock(&api->lock);
        int64_t tick_ms = now_ms + TICK_MS;
        if (!api->timer_stops)
            (void)cd_cond_wait(&api->hurry, &api->lock, next_ms < tick_ms ? next_ms : tick_ms);
    }
    cd_mutex_unlock(&api->lock);
}

void cd_api_waiting(struct cd_api *api)
{
    /* Time-outs shorter than the tick are the tests'. */
    if (api->options.request_timeout_ms >= TICK_MS && api->options.health_timeout_ms >= TICK_MS)
        return;
    cd_mutex_lock(&api->lock);
    cd_cond_broadcast(&api->hurry);
    cd_mutex_unlock(&api->lock);
}

static void wake_exchange(void *waiter)
{
    struct cd_exchange *ex = waiter;
    MHD_resume_connection(ex->con);
}

/* ---- opening ---- */

static bool add_door(struct cd_api *api, const char *key, const char *text, bool admin,
                     struct cd_error *err)
{
    struct cd_listener listener;
    if (*text == '\0')
        return cd_fail(err, CD_ERR_CONFIG, "%s: an item of the list is empty", key);
    if (!cd_listener_parse(key, text, &listener, err))
        return false;
    listener.admin = admin;
    api->doors = cd_realloc_array(api->doors, api->door_count + 1, sizeof(api->doors[0]));
    api->doors[api->door_count++] = (struct door){.api = api, .listener = listener};
    return true;
}

static bool add_doors(struct cd_api *api, const char *key, const struct cd_strings *texts,
                      bool admin, struct cd_error *err)
{
    for (size_t i = 0; i < texts->count; i++)
        if (!add_door(api, key, texts->items[i], admin, err))
            return false;
    return true;
}

static bool open_door(struct door *door, const struct cd_api_config *config, struct cd_error *err)
{
    if (door->listener.is_tls &&
        !cd_tls_load(door->listener.admin ? &config->admin_tls : &config->tls, &door->tls, err))
        return false;
    return cd_listener_open(&door->listener, err);
}

/* As the JVM: http unless there is only https, or rest.advertised.listener says so. */
static const struct door *advertised_door(const struct cd_api *api)
{
    const char *wanted = api->config->advertised_listener;
    const struct door *found = NULL;
    for (size_t i = 0; i < api->door_count; i++) {
        const struct door *door = &api->doors[i];
        if (door->listener.admin)
            continue;
        bool fits = wanted == NULL ? !door->listener.is_tls
                                   : door->listener.is_tls == (strcasecmp(wanted, "https") == 0);
        if (found == NULL || (fits && found->listener.is_tls != door->listener.is_tls))
            found = door;
        if (fits)
            break;
    }
    return found;
}

static char *own_address(void)
{
    char name[256] = "";
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char host[NI_MAXHOST] = "127.0.0.1";
    if (gethostname(name, sizeof(name) - 1) == 0 && getaddrinfo(name, NULL, &hints, &found) == 0) {
        (void)getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof(host), NULL, 0,
                          NI_NUMERICHOST); /* else the loopback address stays */
        freeaddrinfo(found);
    }
    return cd_strdup(host);
}

static char *make_worker_id(const struct cd_api *api)
{
    const struct door *door = advertised_door(api);
    const struct cd_api_config *config = api->config;
    bool named = config->advertised_host != NULL && *config->advertised_host != '\0';
    char *host CD_AUTO_FREE = named                          ? cd_strdup(config->advertised_host)
                              : *door->listener.host == '\0' ? own_address()
                                                             : cd_strdup(door->listener.host);
    int port = config->advertised_port >= 0 ? config->advertised_port : door->listener.port;
    return cd_asprintf("%s:%d", host, port);
}

static void set_options(struct cd_api *api, const struct cd_api_options *options)
{
    api->options = *options;
    api->options.worker = NULL;
    if (api->options.request_timeout_ms == 0)
        api->options.request_timeout_ms = 90000;
    if (api->options.health_timeout_ms == 0)
        api->options.health_timeout_ms = 10000;
    if (api->options.receive_timeout_ms == 0)
        api->options.receive_timeout_ms = 30000;
}

static bool load_settings(struct cd_api *api, const struct cd_config *worker, struct cd_error *err)
{
    struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
    api->config = cd_api_config_new(worker, &report);
    if (api->config == NULL) {
        const struct cd_report_row *row = NULL;
        for (size_t i = 0; i < report.count && row == NULL; i++)
            if (report.rows[i].error_count > 0)
                row = &report.rows[i];
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException", "%s",
                          row == NULL ? "bad settings" : row->errors[0]);
    }
    return add_doors(api, "listeners", &api->config->listeners, /* admin = */ false, err) &&
           add_doors(api, "admin.listeners", &api->config->admin_listeners, /* admin = */ true,
                     err) &&
           cd_auth_load(api->config, &api->auth, err) &&
           cd_response_headers_load(api->config, &api->headers, err);
}

static bool open_doors(struct cd_api *api, struct cd_error *err)
{
    for (size_t i = 0; i < api->door_count; i++)
        if (!open_door(&api->doors[i], api->config, err))
            return false;
    api->worker_id = make_worker_id(api);
    return true;
}

struct cd_api *cd_api_open(const struct cd_api_options *options, struct cd_error *err)
{
    struct cd_api *api = cd_new(struct cd_api);
    cd_mutex_init(&api->lock);
    cd_cond_init(&api->hurry);
    cd_cond_init(&api->drained);
    cd_list_init(&api->connections);
    api->desk = cd_desk_new(wake_exchange);
    set_options(api, options);
    if (load_settings(api, options->worker, err) && open_doors(api, err))
        return api;
    cd_api_close(api);
    return NULL;
}

const char *cd_api_worker_id(const struct cd_api *api)
{
    return api->worker_id;
}

uint16_t cd_api_port(const struct cd_api *api, size_t listener)
{
    return listener < api->door_count ? api->doors[listener].listener.port : 0;
}

/* ---- serving ---- */

CD_PRINTF(2, 0) static void log_of_library(void *cls, const char *fmt, va_list args)
{
    (void)cls;
    if (!cd_log_enabled(&logger, CD_LOG_DEBUG))
        return;
    char text[512];
    (void)vsnprintf(text, sizeof(text), fmt, args);
    text[strcspn(text, "\n")] = '\0';
    cd_log_debug(&logger, "%s", text); /* mostly clients that went away */
}

/* The library would decode the target; only the raw one is looked at. */
static size_t keep_escapes(void *cls, struct MHD_Connection *con, char *text)
{
    (void)cls;
    (void)con;
    return strlen(text);
}

static bool serve(struct door *door, struct cd_error *err)
{
    const struct cd_api_config *config = door->api->config;
    struct MHD_OptionItem tls[8];
    size_t count = 0;
    if (door->listener.is_tls) {
        tls[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, door->tls.key};
        tls[count++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, door->tls.certificates};
        tls[count++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, door->tls.priorities};
        if (door->tls.key_password != NULL)
            tls[count++] =
                (struct MHD_OptionItem){MHD_OPTION_HTTPS_KEY_PASSWORD, 0, door->tls.key_password};
        if (door->tls.trusted != NULL)
            tls[count++] =
                (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, door->tls.trusted};
    }
    tls[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (door->listener.is_tls ? MHD_USE_TLS : 0);
    door->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, door, MHD_OPTION_EXTERNAL_LOGGER, log_of_library, NULL,
        MHD_OPTION_LISTEN_SOCKET, door->listener.fd, MHD_OPTION_URI_LOG_CALLBACK, begin_exchange,
        door, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        end_exchange, door, MHD_OPTION_NOTIFY_CONNECTION, on_connection, door,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(32 * 1024), MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)config->connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)((config->idle_timeout_ms + 999) / 1000), MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)config->threads, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (door->daemon == NULL)
        return cd_fail(err, CD_ERR_CONFIG, "cannot serve on port %u%s", door->listener.port,
                       door->listener.is_tls ? ": are key and certificates right?" : "");
    return true;
}

bool cd_api_start(struct cd_api *api, const struct cd_backend *backend, struct cd_error *err)
{
    api->backend = backend;
    if (!cd_thread_start(&api->timer, "api-timer", 0, run_timer, api, err))
        return false;
    for (size_t i = 0; i < api->door_count; i++) {
        if (!serve(&api->doors[i], err)) {
            cd_api_stop(api);
            return false;
        }
        const struct cd_listener *listener = &api->doors[i].listener;
        cd_log_info(&logger, "listening scheme=%s host=%s port=%u%s",
                    listener->is_tls ? "https" : "http",
                    *listener->host == '\0' ? "*" : listener->host, listener->port,
                    listener->admin ? " admin=true" : "");
    }
    return true;
}

/* Replies that are on their way may still leave, within a bound. */
static void wait_for_exchanges(struct cd_api *api)
{
    int64_t deadline_ms = cd_clock_ms() + DRAIN_MS;
    cd_mutex_lock(&api->lock);
    while (api->exchanges > 0)
        if (!cd_cond_wait(&api->drained, &api->lock, deadline_ms))
            break;
    cd_mutex_unlock(&api->lock);
}

static void stop_timer(struct cd_api *api)
{
    cd_mutex_lock(&api->lock);
    api->timer_stops = true;
    cd_cond_broadcast(&api->hurry);
    cd_mutex_unlock(&api->lock);
    cd_thread_join(&api->timer);
}

void cd_api_stop(struct cd_api *api)
{
    if (api->backend == NULL)
        return;
    atomic_store(&api->stopping, true);
    for (size_t i = 0; i < api->door_count; i++)
        if (api->doors[i].daemon != NULL)
            (void)MHD_quiesce_daemon(api->doors[i].daemon); /* the socket stays ours to close */
    cd_desk_close(api->desk);
    wait_for_exchanges(api);
    stop_timer(api);
    for (size_t i = 0; i < api->door_count; i++) {
        if (api->doors[i].daemon != NULL)
            MHD_stop_daemon(api->doors[i].daemon);
        api->doors[i].daemon = NULL;
    }
    api->backend = NULL;
}

void cd_api_close(struct cd_api *api)
{
    if (api == NULL)
        return;
    cd_api_stop(api);
    for (size_t i = 0; i < api->door_count; i++) {
        cd_listener_done(&api->doors[i].listener);
        cd_tls_done(&api->doors[i].tls);
    }
    free(api->doors);
    free(api->worker_id);
    cd_auth_free(api->auth);
    cd_response_headers_free(api->headers);
    cd_desk_unref(api->desk);
    cd_api_config_free(api->config);
    cd_cond_done(&api->hurry);
    cd_cond_done(&api->drained);
    cd_mutex_done(&api->lock);
    free(api);
}

void cd_api_check(const struct cd_config *worker, struct cd_report *report)
{
    struct cd_api_config *config = cd_api_config_new(worker, report);
    struct cd_error err = CD_ERROR_INIT;
    for (size_t i = 0; config != NULL && i < config->listeners.count; i++) {
        struct cd_listener listener;
        cd_error_reset(&err);
        if (cd_listener_parse("listeners", config->listeners.items[i], &listener, &err))
            cd_listener_done(&listener);
        else
            cd_report_error(report, "listeners", "%s", err.msg);
    }
    cd_api_config_free(config);
}
