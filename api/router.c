#include "api/router.h"
#include "api/auth.h"
#include "api/handlers.h"
#include "api/media.h"
#include "api/server_internal.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define C "/connectors/{c}"

static const struct cd_route routes[] = {
    {"/", CD_GET, cd_get_root, CD_ROUTE_ANY_TYPE},
    {"/health", CD_GET, cd_get_health, CD_ROUTE_ANY_TYPE | CD_ROUTE_EARLY},
    {"/livez", CD_GET, cd_get_livez, CD_ROUTE_ANY_TYPE | CD_ROUTE_EARLY | CD_ROUTE_OPEN},
    {"/readyz", CD_GET, cd_get_readyz, CD_ROUTE_ANY_TYPE | CD_ROUTE_EARLY | CD_ROUTE_OPEN},
    {"/metrics", CD_GET, cd_get_metrics, CD_ROUTE_ANY_TYPE | CD_ROUTE_EARLY},
    {"/openapi.yaml", CD_GET, cd_get_openapi, CD_ROUTE_ANY_TYPE},

    {"/connectors", CD_GET, cd_list_connectors, 0},
    {"/connectors", CD_POST, cd_create_connector, CD_ROUTE_BODY},
    {C, CD_GET, cd_get_connector, 0},
    {C, CD_DELETE, cd_delete_connector, 0},
    {C "/config", CD_GET, cd_get_config, 0},
    {C "/config", CD_PUT, cd_put_config, CD_ROUTE_BODY},
    {C "/config", CD_PATCH, cd_patch_config, CD_ROUTE_BODY},

    {C "/status", CD_GET, cd_get_status, 0},
    {C "/restart", CD_POST, cd_restart_connector, 0},
    {C "/pause", CD_PUT, cd_pause_connector, 0},
    {C "/resume", CD_PUT, cd_resume_connector, 0},
    {C "/stop", CD_PUT, cd_stop_connector, 0},
    {C "/topics", CD_GET, cd_get_topics, 0},
    {C "/topics/reset", CD_PUT, cd_reset_topics, 0},

    {C "/tasks", CD_GET, cd_get_tasks, 0},
    {C "/tasks", CD_POST, cd_put_tasks, CD_ROUTE_BODY | CD_ROUTE_ANY_TYPE | CD_ROUTE_OPEN},
    {C "/tasks/{n}/status", CD_GET, cd_get_task_status, 0},
    {C "/tasks/{n}/restart", CD_POST, cd_restart_task, 0},
    {C "/fence", CD_PUT, cd_put_fence, CD_ROUTE_ANY_TYPE | CD_ROUTE_OPEN},

    {C "/offsets", CD_GET, cd_get_offsets, 0},
    {C "/offsets", CD_PATCH, cd_alter_offsets, CD_ROUTE_BODY},
    {C "/offsets", CD_DELETE, cd_reset_offsets, 0},

    {"/connector-plugins", CD_GET, cd_list_plugins, 0},
    {"/connector-plugins/{p}/config", CD_GET, cd_get_plugin_config, 0},
    {"/connector-plugins/{p}/config/validate", CD_PUT, cd_validate_config, CD_ROUTE_BODY},

    {"/admin/loggers", CD_GET, cd_list_loggers, CD_ROUTE_ADMIN},
    {"/admin/loggers/{l}", CD_GET, cd_get_logger, CD_ROUTE_ADMIN},
    {"/admin/loggers/{l}", CD_PUT, cd_put_logger, CD_ROUTE_ADMIN | CD_ROUTE_BODY},
};

#define ROUTES (sizeof(routes) / sizeof(routes[0]))

const struct cd_route *cd_routes(size_t *ret_count)
{
    *ret_count = ROUTES;
    return routes;
}

/* ---- matching ---- */

/* The next segment of a pattern; false at its end. */
static bool next_part(const char **pattern, struct cd_slice *ret)
{
    if (**pattern == '/')
        (*pattern)++;
    if (**pattern == '\0')
        return false;
    *ret = cd_slice_of(*pattern, strcspn(*pattern, "/"));
    *pattern += ret->len;
    return true;
}

/* Fixed segments are compared undecoded. */
static bool matches(const char *pattern, const struct cd_uri *uri)
{
    struct cd_slice part;
    size_t at = 0;
    for (; next_part(&pattern, &part); at++) {
        if (at >= uri->count)
            return false;
        if (part.ptr[0] == '{' ? uri->segments[at].len == 0
                               : !cd_slice_equal(part, uri->segments[at]))
            return false;
    }
    return at == uri->count;
}

/* False when {n} is no number. */
static bool take_parameters(struct cd_exchange *ex)
{
    const char *pattern = ex->route->pattern;
    struct cd_slice part;
    for (size_t at = 0; next_part(&pattern, &part); at++) {
        struct cd_slice value = ex->uri.segments[at];
        if (part.ptr[0] != '{')
            continue;
        if (part.ptr[1] == 'c')
            ex->connector = cd_uri_decode(value);
        else if (part.ptr[1] != 'n')
            ex->name = cd_uri_decode(value);
        else if (!cd_uri_int(value, &ex->task))
            return false;
    }
    return true;
}

static enum cd_method method_of(const char *text)
{
    static const struct {
        const char *name;
        enum cd_method method;
    } methods[] = {{"GET", CD_GET}, {"HEAD", CD_GET},    {"POST", CD_POST},
                   {"PUT", CD_PUT}, {"PATCH", CD_PATCH}, {"DELETE", CD_DELETE}};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strcmp(methods[i].name, text) == 0)
            return methods[i].method;
    return 0;
}

static bool served_here(const struct cd_exchange *ex, const struct cd_route *route)
{
    bool separate = cd_api_config(ex->api)->admin_separate;
    if ((route->flags & CD_ROUTE_ADMIN) != 0)
        return ex->admin_listener == separate;
    return !ex->admin_listener;
}

static bool is_ready(const struct cd_exchange *ex, const struct cd_route *route)
{
    return (route->flags & CD_ROUTE_EARLY) != 0 || ex->backend->ready(ex->backend->state);
}

/* The methods that the path has; the exchange gets the route for its own. */
static unsigned find_route(struct cd_exchange *ex)
{
    enum cd_method wanted = method_of(ex->method);
    unsigned allowed = 0;
    for (size_t i = 0; i < ROUTES; i++) {
        const struct cd_route *route = &routes[i];
        if (!matches(route->pattern, &ex->uri) || !served_here(ex, route) || !is_ready(ex, route))
            continue;
        allowed |= route->method;
        if (route->method == wanted || ex->route == NULL)
            ex->route = route; /* for OPTIONS: any, for what it tells about authentication */
    }
    return allowed;
}

/* In the order in which the JVM's hash set gives them. */
static char *allow_text(unsigned methods, const char *between)
{
    static const struct {
        unsigned method;
        const char *name;
    } order[] = {{CD_GET, "HEAD"}, {CD_DELETE, "DELETE"}, {CD_POST, "POST"},  {CD_GET, "GET"},
                 {0, "OPTIONS"},   {CD_PUT, "PUT"},       {CD_PATCH, "PATCH"}};
    struct cd_buffer text = CD_BUFFER_INIT;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (order[i].method != 0 && (methods & order[i].method) == 0)
            continue;
        if (text.len > 0)
            cd_buffer_text(&text, between);
        cd_buffer_text(&text, order[i].name);
    }
    return cd_buffer_steal(&text);
}

/* ---- what is decided before the handler ---- */

/* HTML before the JVM's routes exist, and whatever is no media type; here it is always JSON. */
static bool check_content_type(struct cd_exchange *ex)
{
    const char *header = cd_exchange_header(ex, "Content-Type");
    if ((ex->route->flags & CD_ROUTE_ANY_TYPE) != 0)
        return true;
    bool reads_body = (ex->route->flags & CD_ROUTE_BODY) != 0;
    bool empty = ex->body.len == 0 && !ex->too_large;
    enum cd_media media = header == NULL ? CD_MEDIA_OTHER : cd_media_type(header);
    if (header == NULL ? !reads_body || empty : media == CD_MEDIA_JSON)
        return true;
    /* Some clients send a form's type with every empty PUT and POST; Kafka refuses those. */
    if (!reads_body && empty && ex->route->method != CD_GET && ex->route->method != CD_DELETE)
        return true;
    if (media == CD_MEDIA_BROKEN)
        cd_reply_error(ex, 400, "Bad Request");
    else
        cd_reply_error(ex, 415, "HTTP 415 Unsupported Media Type");
    return false;
}

static bool check_accept(struct cd_exchange *ex)
{
    const char *header = cd_exchange_header(ex, "Accept");
    if ((ex->route->flags & CD_ROUTE_ANY_TYPE) != 0 && strcmp(ex->route->pattern, "/") != 0 &&
        strcmp(ex->route->pattern, "/health") != 0)
        return true;
    if (header == NULL || cd_media_accepts(header, "application", "json"))
        return true;
    cd_reply_error(ex, 406, "HTTP 406 Not Acceptable");
    return false;
}

static bool check_user(struct cd_exchange *ex)
{
    const struct cd_auth *auth = cd_api_auth(ex->api);
    if (auth == NULL || ex->admin_listener || (ex->route->flags & CD_ROUTE_OPEN) != 0)
        return true;
    if (cd_auth_check(auth, cd_exchange_header(ex, "Authorization"), &ex->user))
        return true;
    cd_reply_text(ex, 401, "application/json", "User cannot access the resource.");
    ex->challenge = true;
    return false;
}

static bool check_size(struct cd_exchange *ex)
{
    if (!ex->too_large)
        return true;
    cd_reply_error(ex, 413,
                   "The request body is larger than %lld bytes "
                   "(connectd.rest.request.bytes.max)",
                   (long long)cd_api_config(ex->api)->request_bytes_max);
    return false;
}

static void reply_options(struct cd_exchange *ex, unsigned allowed)
{
    const char *accept = cd_exchange_header(ex, "Accept");
    bool plain = accept == NULL || cd_media_accepts(accept, "text", "plain");
    char *list CD_AUTO_FREE = allow_text(allowed, ", ");
    cd_reply_text(ex, 200, plain ? "text/plain" : "application/json", plain ? list : "");
    ex->allow = allow_text(allowed, ",");
}

void cd_route_dispatch(struct cd_exchange *ex)
{
    const char *problem;
    int status = cd_uri_parse(ex->target, &ex->uri, &problem);
    if (status != 0) {
        cd_reply_error(ex, status, "%s", problem);
        return;
    }
    unsigned allowed = find_route(ex);
    if (allowed == 0 || cd_api_stopping(ex->api)) {
        if (allowed == 0)
            cd_reply_error(ex, 404, "HTTP 404 Not Found");
        else
            cd_reply_error(ex, 503, "Worker is shutting down");
        return;
    }
    bool is_options = strcmp(ex->method, "OPTIONS") == 0;
    if (!is_options && (allowed & method_of(ex->method)) == 0) {
        cd_reply_error(ex, 405, "HTTP 405 Method Not Allowed");
        ex->allow = allow_text(allowed, ",");
        return;
    }
    if (is_options) {
        if (check_user(ex))
            reply_options(ex, allowed);
        return;
    }
    if (!check_content_type(ex) || !check_accept(ex) || !check_user(ex) || !check_size(ex))
        return;
    if (take_parameters(ex))
        ex->route->handle(ex);
    else
        cd_reply_error(ex, 404, "HTTP 404 Not Found");
}
