#include "rig.h"

#include "base/buffer.h"
#include "base/clock.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#define SINK "{\"connector.class\":\"FileStreamSink\",\"topics\":\"t\"}"

static void want(uint16_t port, const char *method, const char *target, const char *headers,
                 const char *body, int status, const char *holds)
{
    struct cd_http_reply reply = cd_http_call(port, method, target, headers, body);
    if (reply.status != status || (holds != NULL && strstr(reply.body, holds) == NULL))
        fail_msg("%s %s: %d %s", method, target, reply.status,
                 reply.body == NULL ? "" : reply.body);
    cd_http_reply_done(&reply);
}

/* The header of a reply to GET target; NULL: absent. */
static const char *header_of(uint16_t port, const char *method, const char *target,
                             const char *headers, const char *name)
{
    struct cd_http_reply reply = cd_http_call(port, method, target, headers, NULL);
    const char *value = cd_http_header(&reply, name);
    cd_http_reply_done(&reply);
    return value;
}

static void send_text(int fd, const char *text)
{
    assert_true(cd_http_send(fd, text, strlen(text)));
}

/* ---- waiting ---- */

static void a_request_without_an_answer_times_out_and_may_be_answered_later(void **state)
{
    (void)state;
    struct rig rig = rig_start_with(NULL, &(struct cd_api_options){.request_timeout_ms = 50});
    cd_fake_backend_hold(rig.fake, true);
    want(rig.port, "PUT", "/connectors/a/config", JSON_TYPE, SINK, 500,
         "{\"error_code\":500,\"message\":\"Request timed out\"}");
    cd_fake_backend_set_stage(rig.fake, "The worker is currently reading, which began at 1");
    want(rig.port, "PUT", "/connectors/b/config", JSON_TYPE, SINK, 500,
         "\"Request timed out. The worker is currently reading, which began at 1.\"}");
    want(rig.port, "PUT", "/connector-plugins/FileStreamSink/config/validate", JSON_TYPE, SINK, 500,
         "which began at 1\"}");
    cd_fake_backend_hold(rig.fake, false); /* they are answered to nobody */
    want(rig.port, "PUT", "/connectors/c/config", JSON_TYPE, SINK, 201, NULL);
    want(rig.port, "GET", "/connectors", NULL, NULL, 200, "[\"a\",\"b\",\"c\"]");
    rig_stop(&rig);
}

static void health_tells_a_worker_that_starts_from_one_that_is_stuck(void **state)
{
    (void)state;
    struct rig rig = rig_start_with(NULL, &(struct cd_api_options){.health_timeout_ms = 50});
    cd_fake_backend_set_started(rig.fake, false);
    want(rig.port, "GET", "/health", NULL, NULL, 503, "{\"status\":\"starting\"");
    cd_fake_backend_hold(rig.fake, true);
    want(rig.port, "GET", "/health", NULL, NULL, 503, "Worker is still starting up.\"}");
    cd_fake_backend_set_started(rig.fake, true);
    cd_fake_backend_set_stage(rig.fake, "The worker is currently waiting, which began at 1");
    want(rig.port, "GET", "/health", NULL, NULL, 500,
         "{\"status\":\"unhealthy\",\"message\":\"Worker was unable to handle this request and may "
         "be "
         "unable to handle other requests. The worker is currently waiting, which began at 1.\"}");
    cd_fake_backend_hold(rig.fake, false);
    want(rig.port, "GET", "/health", NULL, NULL, 200, "healthy");
    rig_stop(&rig);
}

static void readers_do_not_wait_for_those_who_do(void **state)
{
    (void)state;
    enum { WAITING = 20 };
    struct rig rig = rig_start(NULL);
    cd_fake_backend_hold(rig.fake, true);
    int fds[WAITING];
    for (int i = 0; i < WAITING; i++) {
        fds[i] = cd_http_connect(rig.port);
        send_text(fds[i], "PUT /connectors/none/pause HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    for (int64_t end = cd_clock_ms() + 10000;
         cd_fake_backend_pending(rig.fake) < WAITING && cd_clock_ms() < end;)
        want(rig.port, "GET", "/connectors", NULL, NULL, 200, "[]");
    assert_int_equal(cd_fake_backend_pending(rig.fake), WAITING);
    want(rig.port, "GET", "/connectors", NULL, NULL, 200, "[]");
    cd_fake_backend_hold(rig.fake, false);
    for (int i = 0; i < WAITING; i++) {
        struct cd_http_reply reply = cd_http_receive(fds[i], false, 10000);
        assert_int_equal(reply.status, 404);
        cd_http_reply_done(&reply);
        close(fds[i]);
    }
    rig_stop(&rig);
}

static void stopping_answers_those_who_wait(void **state)
{
    (void)state;
    struct rig rig = rig_start(NULL);
    cd_fake_backend_hold(rig.fake, true);
    int fd = cd_http_connect(rig.port);
    send_text(fd, "PUT /connectors/none/pause HTTP/1.1\r\nHost: x\r\n\r\n");
    for (int64_t end = cd_clock_ms() + 10000;
         cd_fake_backend_pending(rig.fake) < 1 && cd_clock_ms() < end;)
        want(rig.port, "GET", "/connectors", NULL, NULL, 200, "[]");
    cd_api_stop(rig.api);
    struct cd_http_reply reply = cd_http_receive(fd, false, 10000);
    assert_int_equal(reply.status, 503);
    assert_non_null(strstr(reply.body, "shutting down"));
    cd_http_reply_done(&reply);
    close(fd);
    cd_api_close(rig.api);
    cd_fake_backend_hold(rig.fake, false); /* the answer comes when the server is gone */
    cd_fake_backend_free(rig.fake);
}

/* ---- connections ---- */

static void a_connection_serves_one_request_after_another(void **state)
{
    (void)state;
    struct rig rig = rig_start(NULL);
    int fd = cd_http_connect(rig.port);
    for (int i = 0; i < 5; i++) {
        send_text(fd, i % 2 == 0 ? "GET /connectors HTTP/1.1\r\nHost: x\r\n\r\n"
                                 : "PUT /connectors/x/pause HTTP/1.1\r\nHost: x\r\n\r\n");
        struct cd_http_reply reply = cd_http_receive(fd, false, 10000);
        assert_int_equal(reply.status, i % 2 == 0 ? 200 : 404);
        cd_http_reply_done(&reply);
    }
    close(fd);
    rig_stop(&rig);
}

static void a_thousand_idle_connections_disturb_nobody(void **state)
{
    (void)state;
    enum { IDLE = 1000 };
    static int fds[IDLE];
    struct rig rig = rig_start(NULL);
    int open = 0;
    while (open < IDLE && (fds[open] = cd_http_connect(rig.port)) >= 0)
        open++; /* the limit of open files may come first */
    assert_true(open > 400);
    int last = open - 5;
    for (int i = last; i < open; i++)
        close(fds[i]); /* room for what follows */
    for (int i = 0; i < 20; i++)
        want(rig.port, "GET", "/connectors", NULL, NULL, 200, "[]");
    for (int i = 0; i < last; i++)
        close(fds[i]);
    rig_stop(&rig);
}

static void a_client_that_dribbles_is_cut_off(void **state)
{
    (void)state;
    static const char *const starts[] = {
        "GET /connectors HTTP/1.1\r\nHost: x\r\n",
        "POST /connectors HTTP/1.1\r\nHost: x\r\n" JSON_TYPE "Content-Length: 100\r\n\r\n{",
    };
    struct rig rig = rig_start_with(NULL, &(struct cd_api_options){.receive_timeout_ms = 100});
    for (size_t i = 0; i < 2; i++) {
        int fd = cd_http_connect(rig.port);
        send_text(fd, starts[i]);
        bool closed = false;
        for (int64_t end = cd_clock_ms() + 10000; !closed && cd_clock_ms() < end;)
            closed = cd_http_closed(fd, 20) || !cd_http_send(fd, "X", 1);
        assert_true(closed);
        close(fd);
    }
    rig_stop(&rig);
}

/* ---- limits ---- */

static void a_body_beyond_the_limit_is_a_413(void **state)
{
    (void)state;
    struct rig rig = rig_start("connectd.rest.request.bytes.max=1024\n");
    int fd = cd_http_connect(rig.port);
    send_text(fd, "POST /connectors HTTP/1.1\r\nHost: x\r\n" JSON_TYPE
                  "Content-Length: 999999999\r\n\r\n");
    struct cd_http_reply reply = cd_http_receive(fd, false, 10000);
    assert_int_equal(reply.status, 413);
    assert_non_null(strstr(reply.body, "larger than 1024 bytes"));
    cd_http_reply_done(&reply);
    close(fd);

    char chunk[2048];
    memset(chunk, 'x', sizeof(chunk));
    fd = cd_http_connect(rig.port);
    send_text(fd, "POST /connectors HTTP/1.1\r\nHost: x\r\n" JSON_TYPE
                  "Transfer-Encoding: chunked\r\n\r\n800\r\n");
    assert_true(cd_http_send(fd, chunk, sizeof(chunk)));
    send_text(fd, "\r\n0\r\n\r\n");
    reply = cd_http_receive(fd, false, 10000);
    assert_int_equal(reply.status, 413);
    cd_http_reply_done(&reply);
    close(fd);
    rig_stop(&rig);
}

static void a_long_request_line_is_a_414(void **state)
{
    (void)state;
    struct rig rig = rig_start(NULL);
    char target[9000];
    memset(target, 'a', sizeof(target));
    target[0] = '/';
    target[sizeof(target) - 1] = '\0';
    want(rig.port, "GET", target, NULL, NULL, 414, "URI Too Long");
    rig_stop(&rig);
}

/* ---- headers ---- */

static void a_location_names_the_host_that_was_asked(void **state)
{
    (void)state;
    struct rig rig = rig_start(NULL);
    struct cd_http_reply reply =
        cd_http_call(rig.port, "PUT", "/connectors/a%20b%7B/config", JSON_TYPE, SINK);
    assert_int_equal(reply.status, 201);
    assert_string_equal(cd_http_header(&reply, "Location"), "http://test:8083/connectors/a%20b%7B");
    cd_http_reply_done(&reply);
    rig_stop(&rig);
}

static void browsers_of_allowed_origins_are_told(void **state)
{
    (void)state;
    static const char preflight[] =
        "Origin: http://a.example.com\r\nAccess-Control-Request-Method: PUT\r\n";
    static const char allowed[] = "Origin: http://a.example.com\r\n";
    struct rig rig =
        rig_start("access.control.allow.origin=http://b.com,http://.*[.]example[.]com\n"
                  "access.control.allow.methods=PUT\n");
    assert_string_equal(header_of(rig.port, "GET", "/", allowed, "Access-Control-Allow-Origin"),
                        "http://a.example.com");
    assert_string_equal(header_of(rig.port, "GET", "/nope", NULL, "Vary"), "Origin");
    assert_null(
        header_of(rig.port, "GET", "/", "Origin: http://x.com\r\n", "Access-Control-Allow-Origin"));
    assert_null(header_of(rig.port, "GET", "/", allowed, "Access-Control-Allow-Methods"));
    assert_string_equal(
        header_of(rig.port, "OPTIONS", "/connectors", preflight, "Access-Control-Allow-Methods"),
        "PUT");
    assert_string_equal(
        header_of(rig.port, "OPTIONS", "/connectors", preflight, "Access-Control-Max-Age"), "60");
    rig_stop(&rig);
}

static void rules_add_headers_to_every_response(void **state)
{
    (void)state;
    struct rig rig = rig_start("response.http.headers.config=add X-A: 1; mode=block, \"add "
                               "Cache-Control: no-cache, no-store\", setDate X-D: 0\n");
    static const char *const targets[] = {"/", "/nope"};
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(header_of(rig.port, "GET", targets[i], NULL, "X-A"), "1; mode=block");
        assert_string_equal(header_of(rig.port, "GET", targets[i], NULL, "Cache-Control"),
                            "no-cache, no-store");
        assert_non_null(strstr(header_of(rig.port, "GET", targets[i], NULL, "X-D"), " GMT"));
    }
    rig_stop(&rig);
}

/* ---- listeners ---- */

static void several_listeners_serve_and_the_first_http_one_is_advertised(void **state)
{
    (void)state;
    struct rig rig = rig_start("listeners=HTTP://127.0.0.1:0,http://[::1]:0\n"
                               "rest.advertised.host.name=me.example\n");
    assert_int_not_equal(cd_api_port(rig.api, 0), 0);
    assert_int_not_equal(cd_api_port(rig.api, 1), 0);
    assert_int_equal(cd_api_port(rig.api, 2), 0);
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "me.example:%u", rig.port);
    assert_string_equal(cd_api_worker_id(rig.api), wanted);
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons(cd_api_port(rig.api, 1)),
                                   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    send_text(fd, "GET /connectors HTTP/1.1\r\nHost: x\r\n\r\n");
    struct cd_http_reply reply = cd_http_receive(fd, false, 10000);
    assert_int_equal(reply.status, 200);
    cd_http_reply_done(&reply);
    close(fd);
    rig_stop(&rig);
}

static void bad_settings_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *value;
        const char *problem;
    } settings[] = {
        {"listeners", "ftp://x:1",
         "Invalid value ftp://x:1 for configuration listeners: Listener protocol must be either "
         "\"http\" or \"https\"."},
        {"listeners", "http://x", "Listener doesn't have the right format"},
        {"listeners", "", "listeners"},
        {"listeners", "https://127.0.0.1:0", "ssl.keystore.location"},
        {"listeners", "http://no.such.host.invalid:0", "no.such.host.invalid"},
        {"rest.extension.classes", "org.example.X", "the only REST extension there is"},
        {"response.http.headers.config", "put X: y", "Invalid header config action: 'put'"},
        {"access.control.allow.origin", "http://(", "access.control.allow.origin"},
        {"connectd.rest.threads", "0", "connectd.rest.threads"},
        {"connectd.rest.password.file", "/no/such/file", "/no/such/file"},
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        struct cd_config *worker = cd_config_new();
        cd_config_set(worker, "listeners", "http://127.0.0.1:0");
        cd_config_set(worker, settings[i].key, settings[i].value);
        struct cd_error err = CD_ERROR_INIT;
        struct cd_api *api = cd_api_open(&(struct cd_api_options){.worker = worker}, &err);
        assert_null(api);
        if (strstr(err.msg, settings[i].problem) == NULL)
            fail_msg("'%s' is not in '%s'", settings[i].problem, err.msg);
        cd_config_free(worker);
    }
}

static void a_taken_port_is_told_before_anything_starts(void **state)
{
    (void)state;
    struct rig rig = rig_start(NULL);
    char listener[64];
    (void)snprintf(listener, sizeof(listener), "http://127.0.0.1:%u", rig.port);
    struct cd_config *worker = cd_config_new();
    cd_config_set(worker, "listeners", listener);
    struct cd_error err = CD_ERROR_INIT;
    assert_null(cd_api_open(&(struct cd_api_options){.worker = worker}, &err));
    assert_non_null(strstr(err.msg, "in use"));
    cd_config_free(worker);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_without_an_answer_times_out_and_may_be_answered_later),
        cmocka_unit_test(health_tells_a_worker_that_starts_from_one_that_is_stuck),
        cmocka_unit_test(readers_do_not_wait_for_those_who_do),
        cmocka_unit_test(stopping_answers_those_who_wait),
        cmocka_unit_test(a_connection_serves_one_request_after_another),
        cmocka_unit_test(a_thousand_idle_connections_disturb_nobody),
        cmocka_unit_test(a_client_that_dribbles_is_cut_off),
        cmocka_unit_test(a_body_beyond_the_limit_is_a_413),
        cmocka_unit_test(a_long_request_line_is_a_414),
        cmocka_unit_test(a_location_names_the_host_that_was_asked),
        cmocka_unit_test(browsers_of_allowed_origins_are_told),
        cmocka_unit_test(rules_add_headers_to_every_response),
        cmocka_unit_test(several_listeners_serve_and_the_first_http_one_is_advertised),
        cmocka_unit_test(bad_settings_are_named),
        cmocka_unit_test(a_taken_port_is_told_before_anything_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
