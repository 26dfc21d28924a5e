/* The whole surface as one table: request, status, what the reply holds. Rows build on each other,
 * top down. */
#include "rig.h"

#include "api/router.h"

struct row {
    const char *method;
    const char *target;
    const char *headers; /* NULL: JSON when there is a body */
    const char *body;
    int status;
    const char *holds; /* of the body; NULL: it is empty */
};

#define SINK "\"connector.class\":\"FileStreamSink\",\"topics\":\"t\""
#define ERROR_BODY(code, text) "{\"error_code\":" #code ",\"message\":\"" text "\"}"
#define NOT_FOUND ERROR_BODY(404, "HTTP 404 Not Found")
#define NOT_ALLOWED ERROR_BODY(405, "HTTP 405 Method Not Allowed")
#define NOT_JSON ERROR_BODY(415, "HTTP 415 Unsupported Media Type")
#define MUST_STOP "Connectors must be in the STOPPED state before their offsets can be modified."

static const struct row rows[] = {
    {"GET", "/", NULL, NULL, 200,
     "{\"version\":\"4.1.1\",\"commit\":\"0123456789abcdef\",\"kafka_cluster_id\":\"fake-"
     "cluster\"}"},
    {"GET", "/health", NULL, NULL, 200,
     "{\"status\":\"healthy\",\"message\":\"Worker has completed startup and is ready to handle "
     "requests.\"}"},
    {"GET", "/livez", NULL, NULL, 200, "alive"},
    {"GET", "/readyz", NULL, NULL, 200, "healthy"},
    {"GET", "/metrics", NULL, NULL, 200, "fake_up 1"},
    {"GET", "/openapi.yaml", NULL, NULL, 200, "openapi: 3"},
    {"GET", "/nope", NULL, NULL, 404, NOT_FOUND},
    {"GET", "/%63onnectors", NULL, NULL, 404, NOT_FOUND},
    {"GET", "/connectors/a/b/c/d/e/f/g/h/i/j", NULL, NULL, 404, NOT_FOUND},
    {"PUT", "/connectors", NULL, "{}", 405, NOT_ALLOWED},
    {"TRACE", "/connectors", NULL, NULL, 405, NOT_ALLOWED},
    {"BREW", "/connectors", NULL, NULL, 405, NOT_ALLOWED},
    {"GET", "/connectors/x/pause", NULL, NULL, 405, NOT_ALLOWED},
    {"HEAD", "/connectors", NULL, NULL, 200, NULL},
    {"HEAD", "/connectors/x/restart", NULL, NULL, 405, NULL},
    {"OPTIONS", "/connectors", NULL, NULL, 200, "HEAD, POST, GET, OPTIONS"},
    {"OPTIONS", "/connectors/x/config", NULL, NULL, 200, "HEAD, GET, OPTIONS, PUT, PATCH"},
    {"OPTIONS", "/connectors", "Accept: application/json\r\n", NULL, 200, NULL},
    {"OPTIONS", "/connector-plugins/X/validate", NULL, NULL, 404, NOT_FOUND},
    {"GET", "/connectors//config", NULL, NULL, 400, ERROR_BODY(400, "Ambiguous URI empty segment")},
    {"GET", "/connectors/%00", NULL, NULL, 400, "Bad Request"},
    {"GET", "/connectors", "Accept: text/html\r\n", NULL, 406,
     ERROR_BODY(406, "HTTP 406 Not Acceptable")},
    {"GET", "/connectors", "Content-Type: text/plain\r\n", NULL, 415, NOT_JSON},
    {"POST", "/connectors", "Content-Type: text/plain\r\n", "{}", 415, NOT_JSON},
    {"POST", "/connectors", "", "{}", 415, NOT_JSON},
    {"POST", "/connectors", "Content-Type: garbage\r\n", "{}", 400, "Bad Request"},

    {"GET", "/connectors", NULL, NULL, 200, "[]"},
    {"GET", "/connectors?expand=status", NULL, NULL, 200, "{}"},
    {"POST", "/connectors", NULL, "{\"name\":\"a\",\"config\":{" SINK "}}", 201,
     "{\"name\":\"a\",\"config\":{" SINK
     ",\"name\":\"a\"},\"tasks\":[{\"connector\":\"a\",\"task\":"
     "0}],\"type\":\"sink\"}"},
    {"POST", "/connectors", NULL, "{\"name\":\"a\",\"config\":{" SINK "}}", 409,
     ERROR_BODY(409, "Connector a already exists")},
    {"POST", "/connectors", NULL, "{\"name\":\" b \",\"config\":{" SINK "}}", 201,
     "{\"name\":\"b\""},
    {"POST", "/connectors", NULL, "{\"name\":\"b\",\"config\":{" SINK ",\"name\":\"c\"}}", 400,
     ERROR_BODY(400, "Connector name configuration (c) doesn't match connector name in the URL "
                     "(b)")},
    {"POST", "/connectors", NULL, "{\"config\":{" SINK ",\"name\":\"c\"}}", 400,
     "in the URL ()\"}"},
    {"POST", "/connectors", NULL, "{\"config\":{" SINK "}}", 400,
     "Invalid value  for configuration name: String may not be empty"},
    {"POST", "/connectors", NULL, "{\"name\":\"x\\u0001y\",\"config\":{" SINK "}}", 400,
     "control sequences"},
    {"POST", "/connectors", NULL, "{\"name\":\"d\",\"config\":{\"password\":\"secret\"}}", 400,
     ERROR_BODY(400, "Connector config {password, name} contains no connector type")},
    {"POST", "/connectors", NULL, "{\"name\":\"d\",\"config\":{\"connector.class\":\"X\"}}", 400,
     "Failed to find any class that implements Connector and which name matches X"},
    {"POST", "/connectors", NULL, "{\"name\":\"d\",\"config\":{" SINK ",\"tasks.max\":\"0\"}}", 400,
     "the following 1 error(s):\\nInvalid value 0 for configuration tasks.max: Value must be at "
     "least 1\\nYou can also find the above list of errors at the endpoint "
     "`/connector-plugins/{connectorType}/config/validate`\"}"},
    {"POST", "/connectors", NULL, "{\"name\":\"d\",\"config\":null}", 500, "'config' is missing"},
    {"POST", "/connectors", NULL, "null", 500, "body is missing or null"},
    {"POST", "/connectors", NULL, "{bad}", 500, "Unexpected character ('b' (code 98))"},
    {"POST", "/connectors", NULL, "{\"name\":\"a/b%\",\"config\":{" SINK "}}", 201,
     "{\"name\":\"a/b%\""},
    {"GET", "/connectors/a%2Fb%25", NULL, NULL, 200, "{\"name\":\"a/b%\""},
    {"DELETE", "/connectors/a%2Fb%25", NULL, NULL, 204, NULL},
    {"GET", "/connectors/", NULL, NULL, 200, "[\"a\",\"b\"]"},
    {"GET", "/connectors?expand=info,status", NULL, NULL, 200, "{\"a\":{},\"b\":{}}"},
    {"GET", "/connectors?expand=", NULL, NULL, 200, "{\"a\":{},\"b\":{}}"},
    {"GET", "/connectors?expand=status", NULL, NULL, 200,
     "{\"a\":{\"status\":{\"name\":\"a\",\"connector\":{\"state\":\"RUNNING\",\"worker_id\":\"127."
     "0."
     "0.1:8083\",\"version\":\"4.1.1\"},\"tasks\":[{\"id\":0,\"state\":\"RUNNING\",\"worker_id\":"
     "\"127.0.0.1:8083\",\"version\":\"4.1.1\"}],\"type\":\"sink\"}},\"b\":"},
    {"GET", "/connectors?expand=info&expand=status", NULL, NULL, 200, ",\"info\":{\"name\":\"a\""},
    {"GET", "/connectors/none", NULL, NULL, 404, ERROR_BODY(404, "Connector none not found")},
    {"GET", "/connectors/none/config", NULL, NULL, 404, "Connector none not found"},
    {"GET", "/connectors/none/tasks", NULL, NULL, 404, "Connector none not found"},
    {"GET", "/connectors/none/offsets", NULL, NULL, 404, "Connector none not found"},
    {"GET", "/connectors/none/status", NULL, NULL, 404,
     ERROR_BODY(404, "No status found for connector none")},
    {"GET", "/connectors/a/tasks/99/status", NULL, NULL, 404,
     ERROR_BODY(404, "No status found for task a-99")},
    {"GET", "/connectors/a/tasks/-1/status", NULL, NULL, 404, "No status found for task a--1"},
    {"GET", "/connectors/a/tasks/xyz/status", NULL, NULL, 404, NOT_FOUND},
    {"GET", "/connectors/a/tasks-config", NULL, NULL, 404, NOT_FOUND},
    {"GET", "/connectors/a/config", NULL, NULL, 200, "{" SINK ",\"name\":\"a\"}"},
    {"GET", "/connectors/a;v=1/tasks", NULL, NULL, 200,
     "[{\"id\":{\"connector\":\"a\",\"task\":0},\"config\":{\"task.class\":\"FileStreamTask\"}}]"},
    {"GET", "/connectors/a/tasks/0/status", NULL, NULL, 200, "{\"id\":0,\"state\":\"RUNNING\""},

    {"PUT", "/connectors/n/config", NULL, "{" SINK "}", 201, "{\"name\":\"n\""},
    {"PUT", "/connectors/n/config", NULL, "{" SINK ",\"name\":null}", 200, "\"name\":\"n\"}"},
    {"PUT", "/connectors/n/config", NULL, "{" SINK ",\"name\":\"m\"}", 400, "(m) doesn't match"},
    {"PATCH", "/connectors/n/config", NULL, "{\"file\":\"f\",\"tasks.max\":\"2\"}", 200,
     "\"file\":\"f\""},
    {"PATCH", "/connectors/n/config", NULL, "{\"file\":null}", 200, "\"tasks.max\":\"2\"}"},
    {"PATCH", "/connectors/n/config", NULL, "{\"name\":\"m\"}", 400, "(m) doesn't match"},
    {"PATCH", "/connectors/n/config", NULL, "{\"tasks.max\":\"0\"}", 400, "Value must be at least"},
    {"PATCH", "/connectors/none/config", NULL, "{}", 404, "Connector none not found"},
    {"DELETE", "/connectors/n", NULL, NULL, 204, NULL},
    {"DELETE", "/connectors/n", NULL, NULL, 404, "Connector n not found"},

    {"PUT", "/connectors/a/pause", NULL, NULL, 202, NULL},
    {"PUT", "/connectors/a/pause", "Content-Type: application/x-www-form-urlencoded\r\n", NULL, 202,
     NULL},
    {"PUT", "/connectors/a/pause", JSON_TYPE, "", 202, NULL},
    {"GET", "/connectors/a/status", NULL, NULL, 200, "\"state\":\"PAUSED\""},
    {"PUT", "/connectors/a/resume", NULL, NULL, 202, NULL},
    {"PUT", "/connectors/none/pause", NULL, NULL, 404, ERROR_BODY(404, "Unknown connector none")},
    {"POST", "/connectors/a/restart", NULL, NULL, 204, NULL},
    {"POST", "/connectors/a/restart?includeTasks=yes", NULL, NULL, 204, NULL},
    {"POST", "/connectors/a/restart?includeTasks=True", NULL, NULL, 202,
     "\"state\":\"RESTARTING\""},
    {"POST", "/connectors/a/restart?onlyFailed=true", NULL, NULL, 202, "\"state\":\"RUNNING\""},
    {"POST", "/connectors/none/restart", NULL, NULL, 404, "Unknown connector: none"},
    {"POST", "/connectors/a/tasks/0/restart", NULL, NULL, 204, NULL},
    {"POST", "/connectors/a/tasks/99/restart", NULL, NULL, 404, "Unknown task: a-99"},
    {"POST", "/connectors/a/tasks", NULL, "[{}]", 400, "missing required signature"},
    {"POST", "/connectors/a/tasks", NULL, "{}", 500, "Cannot deserialize value of type"},
    {"PUT", "/connectors/a/fence", NULL, NULL, 400, "missing required signature"},

    {"GET", "/connectors/a/topics", NULL, NULL, 200, "{\"a\":{\"topics\":[]}}"},
    {"GET", "/connectors/none/topics", NULL, NULL, 200, "{\"none\":{\"topics\":[]}}"},
    {"PUT", "/connectors/none/topics/reset", NULL, NULL, 202, NULL},

    {"PATCH", "/connectors/a/offsets", NULL, "{}", 400,
     "Partitions / offsets need to be provided for an alter offsets request"},
    {"PATCH", "/connectors/none/offsets", NULL, "{\"offsets\":[{}]}", 404, "none not found"},
    {"PATCH", "/connectors/a/offsets", NULL, "{\"offsets\":[{}]}", 400, MUST_STOP},
    {"DELETE", "/connectors/a/offsets", NULL, NULL, 400, MUST_STOP},
    {"PUT", "/connectors/a/stop", NULL, NULL, 204, NULL},
    {"GET", "/connectors/a/status", NULL, NULL, 200, "\"tasks\":[],\"type\":\"sink\"}"},
    {"PATCH", "/connectors/a/offsets", NULL, "{\"offsets\":[{}]}", 400,
     "The partition for a sink connector offset cannot be null or missing"},
    {"PATCH", "/connectors/a/offsets", NULL,
     "{\"offsets\":[{\"partition\":{\"kafka_topic\":\"t\",\"kafka_partition\":\"0\"},\"offset\":{"
     "\"kafka_offset\":\"7\"}}]}",
     200, "{\"message\":\"The offsets for this connector have been altered successfully\"}"},
    {"GET", "/connectors/a/offsets", NULL, NULL, 200,
     "{\"offsets\":[{\"partition\":{\"kafka_topic\":\"t\",\"kafka_partition\":0},\"offset\":{"
     "\"kafka_offset\":7}}]}"},
    {"DELETE", "/connectors/a/offsets", NULL, NULL, 200, "have been reset successfully\"}"},
    {"GET", "/connectors/a/offsets", NULL, NULL, 200, "{\"offsets\":[]}"},
    {"PATCH", "/connectors/a/offsets", NULL, "null", 500, "body is missing or null"},

    {"GET", "/connector-plugins", NULL, NULL, 200,
     "[{\"class\":\"org.apache.kafka.connect.file.FileStreamSinkConnector\",\"type\":\"sink\","
     "\"version\":\"4.1.1\"},{\"class\":\"org.apache.kafka.connect.file."
     "FileStreamSourceConnector\","
     "\"type\":\"source\",\"version\":\"4.1.1\"}]"},
    {"GET", "/connector-plugins?connectorsOnly=false", NULL, NULL, 200,
     "{\"class\":\"org.example.NoVersion\",\"type\":\"transformation\"},{\"class\":\"org.apache."
     "kafka."
     "connect.json.JsonConverter\",\"type\":\"converter\",\"version\":\"4.1.1\"},{\"class\":\"org."
     "apache.kafka.connect.json.JsonConverter\",\"type\":\"header_converter\",\"version\":\"4.1."
     "1\"}]"},
    {"GET", "/connector-plugins/FileStreamSink/config", NULL, NULL, 200,
     "[{\"name\":\"name\",\"type\":\"STRING\",\"required\":true,\"default_value\":null"},
    {"GET", "/connector-plugins/Nope/config", NULL, NULL, 404,
     ERROR_BODY(404, "Unknown plugin "
                     "Nope.")},
    {"PUT", "/connector-plugins/FileStreamSink/config/validate", NULL, "{" SINK "}", 200,
     "{\"name\":\"FileStreamSink\",\"error_count\":1,"},
    {"PUT", "/connector-plugins/FileStreamSink/config/validate", NULL,
     "{" SINK ",\"name\":\"x\",\"secret\":\"abc\"}", 200, "\"value\":\"[hidden]\""},
    {"PUT", "/connector-plugins/FileStreamSource/config/validate", NULL, "{" SINK "}", 400,
     "Included connector type FileStreamSink does not match request type FileStreamSource"},
    {"PUT", "/connector-plugins/Sink/config/validate", NULL, "{" SINK "}", 200, "error_count"},
    {"PUT", "/connector-plugins/X/config/validate", NULL, "{\"password\":\"p\"}", 500,
     "org.apache.kafka.connect.runtime.rest.errors.BadRequestException: Connector config "
     "{password} "
     "contains no connector type"},
    {"PUT", "/connector-plugins/X/config/validate", NULL, "{\"connector.class\":\"X\"}", 500,
     "Failed to find any class"},
    {"PUT", "/connector-plugins/X/config/validate", NULL, "", 500, "body is missing or null"},

    {"PUT", "/admin/loggers/u.v", NULL, "{\"level\":\" debug \"}", 200, "[\"u.v\"]"},
    {"PUT", "/admin/loggers/u.v", NULL, "{\"level\":\"DEBUG\"}", 200, "[]"},
    {"GET", "/admin/loggers/u.v", NULL, NULL, 200, "{\"level\":\"DEBUG\",\"last_modified\":1"},
    {"GET", "/admin/loggers", NULL, NULL, 200, "\"u.v\":{\"level\":\"DEBUG\""},
    {"GET", "/admin/loggers/ROOT", NULL, NULL, 200, "{\"level\":\"WARN\""},
    {"GET", "/admin/loggers/no.such", NULL, NULL, 404,
     ERROR_BODY(404, "Logger no.such not found.")},
    {"PUT", "/admin/loggers/u.v?scope=CLUSTER", NULL, "{\"level\":\"ALL\"}", 204, NULL},
    {"PUT", "/admin/loggers/u.v?scope=weird", NULL, "{\"level\":\"all\"}", 200, "[\"u.v\"]"},
    {"PUT", "/admin/loggers/u.v", NULL, "{}", 400,
     "Desired 'level' parameter was not specified in request."},
    {"PUT", "/admin/loggers/u.v", NULL, "{\"level\":\"HIGH\"}", 404, "invalid log level 'HIGH'."},
    {"PUT", "/admin/loggers/u.v", NULL, "{\"level\":\"\"}", 404, "invalid log level ''."},
    {"PUT", "/admin/loggers/u.v", NULL, "[]", 500, "Cannot deserialize"},
};

static void check_row(uint16_t port, const struct row *row)
{
    const char *headers = row->headers != NULL ? row->headers
                          : row->body != NULL  ? JSON_TYPE
                                               : NULL;
    struct cd_http_reply reply = cd_http_call(port, row->method, row->target, headers, row->body);
    const char *body = reply.body == NULL ? "" : reply.body;
    if (reply.status != row->status)
        fail_msg("%s %s %s: %d %s", row->method, row->target, row->body == NULL ? "" : row->body,
                 reply.status, body);
    if (row->holds == NULL)
        assert_string_equal(body, "");
    else if (strstr(body, row->holds) == NULL)
        fail_msg("%s %s: '%s' is not in '%s'", row->method, row->target, row->holds, body);
    if (reply.status >= 400 && strcmp(row->method, "HEAD") != 0)
        assert_string_equal(cd_http_header(&reply, "Content-Type"), "application/json");
    cd_http_reply_done(&reply);
}

static void the_surface_answers_like_the_jvms_worker(void **state)
{
    (void)state;
    struct rig rig = rig_start(NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_row(rig.port, &rows[i]);
    rig_stop(&rig);
}

/* No row of the table above is missing for a route. */
static void every_route_is_in_the_table(void **state)
{
    (void)state;
    size_t count;
    const struct cd_route *routes = cd_routes(&count);
    for (size_t i = 0; i < count; i++) {
        size_t fixed = strcspn(routes[i].pattern, "{");
        bool found = false;
        for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]) && !found; r++)
            found = strncmp(rows[r].target, routes[i].pattern, fixed) == 0;
        assert_true(found);
    }
}

static void failed_states_carry_a_trace_and_running_ones_none(void **state)
{
    (void)state;
    struct rig rig = rig_start(NULL);
    cd_fake_backend_add(rig.fake, "a", "FileStreamSink");
    cd_fake_backend_break(rig.fake, "a", 0, "boom\n\tat x");
    check_row(rig.port,
              &(struct row){"GET", "/connectors/a/status", NULL, NULL, 200,
                            "{\"id\":0,\"state\":\"FAILED\",\"worker_id\":\"127.0.0.1:"
                            "8083\",\"trace\":\"boom\\n\\tat x\",\"version\":\"4.1.1\"}"});
    check_row(rig.port,
              &(struct row){"POST", "/connectors/a/restart?onlyFailed=true&includeTasks=true", NULL,
                            NULL, 202, "\"state\":\"RESTARTING\""});
    check_row(rig.port,
              &(struct row){"POST", "/connectors/a/tasks/0/restart", NULL, NULL, 204, NULL});
    struct cd_http_reply reply = cd_http_call(rig.port, "GET", "/connectors/a/status", NULL, NULL);
    assert_null(strstr(reply.body, "trace"));
    cd_http_reply_done(&reply);
    rig_stop(&rig);
}

static void topic_tracking_may_be_switched_off(void **state)
{
    (void)state;
    static const struct row off[] = {
        {"GET", "/connectors/x/topics", NULL, NULL, 403,
         ERROR_BODY(403, "Topic tracking is disabled.")},
        {"PUT", "/connectors/x/topics/reset", NULL, NULL, 403, "Topic tracking is disabled."},
    };
    struct rig rig = rig_start("topic.tracking.enable=false\ntopic.tracking.allow.reset=false\n");
    check_row(rig.port, &off[0]);
    check_row(rig.port, &off[1]);
    rig_stop(&rig);
    rig = rig_start("topic.tracking.allow.reset=false\n");
    check_row(rig.port, &(struct row){"GET", "/connectors/x/topics", NULL, NULL, 200, "topics"});
    check_row(rig.port, &(struct row){"PUT", "/connectors/x/topics/reset", NULL, NULL, 403,
                                      "Topic tracking reset is disabled."});
    rig_stop(&rig);
}

static void loggers_move_to_the_admin_listener(void **state)
{
    (void)state;
    struct rig rig = rig_start("admin.listeners=http://127.0.0.1:0\n");
    uint16_t admin = cd_api_port(rig.api, 1);
    check_row(rig.port, &(struct row){"GET", "/admin/loggers", NULL, NULL, 404, NOT_FOUND});
    check_row(admin, &(struct row){"GET", "/admin/loggers", NULL, NULL, 200, "root"});
    check_row(admin, &(struct row){"GET", "/connectors", NULL, NULL, 404, NOT_FOUND});
    rig_stop(&rig);
    rig = rig_start("admin.listeners=\n");
    check_row(rig.port, &(struct row){"GET", "/admin/loggers", NULL, NULL, 404, NOT_FOUND});
    rig_stop(&rig);
}

static void before_the_worker_is_ready_only_its_health_can_be_asked(void **state)
{
    (void)state;
    struct rig rig = rig_start(NULL);
    cd_fake_backend_set_ready(rig.fake, false);
    check_row(rig.port, &(struct row){"GET", "/connectors", NULL, NULL, 404, NOT_FOUND});
    check_row(rig.port, &(struct row){"GET", "/livez", NULL, NULL, 200, "alive"});
    check_row(rig.port, &(struct row){"GET", "/health", NULL, NULL, 503,
                                      "{\"status\":\"starting\",\"message\":\"Worker is still "
                                      "starting up.\"}"});
    cd_fake_backend_set_ready(rig.fake, true);
    check_row(rig.port, &(struct row){"GET", "/connectors", NULL, NULL, 200, "[]"});
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_surface_answers_like_the_jvms_worker),
        cmocka_unit_test(every_route_is_in_the_table),
        cmocka_unit_test(failed_states_carry_a_trace_and_running_ones_none),
        cmocka_unit_test(topic_tracking_may_be_switched_off),
        cmocka_unit_test(loggers_move_to_the_admin_listener),
        cmocka_unit_test(before_the_worker_is_ready_only_its_health_can_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
