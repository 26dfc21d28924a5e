/*
 * HTTP requests. The input goes over a socket to a server before a fake backend, and straight to
 * the parsers of its parts. Whatever it holds: the server goes on
 * serving others, and each parser answers or says what is wrong.
 */
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/auth.h"
#include "api/bind.h"
#include "api/media.h"
#include "api/server.h"
#include "api/uri.h"
#include "base/alloc.h"
#include "base/log.h"
#include "tests/fake/backend.h"
#include "tests/fake/http.h"
#include "tests/fuzz/fuzz.h"

#define HEAD "Host: x\r\nContent-Type: application/json\r\n"

const char *const cd_fuzz_seeds[] = {
    "GET /connectors?expand=info&expand=status HTTP/1.1\r\n" HEAD "\r\n",
    "POST /connectors HTTP/1.1\r\n" HEAD "Content-Length: 79\r\n\r\n"
    "{\"name\":\"a\",\"config\":{\"connector.class\":\"FileStreamSink\",\"topics\":\"t\",\"x\":1.5}"
    "}",
    "PUT /connectors/a%2Fb/config HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n"
    "2f\r\n{\"connector.class\":\"FileStreamSink\",\"topics\":\"\"}\r\n0\r\n\r\n",
    "PATCH /connectors/a/offsets HTTP/1.1\r\n" HEAD "Content-Length: 92\r\n\r\n"
    "{\"offsets\":[{\"partition\":{\"kafka_topic\":\"t\",\"kafka_partition\":0},\"offset\":{"
    "\"kafka_"
    "offset\":1}}]}",
    "PUT /connectors/a/stop HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "OPTIONS /connectors/a;v=1/ HTTP/1.1\r\nHost: x\r\nAccept: text/plain;q=0.5, */*\r\nOrigin: "
    "http://a\r\nAccess-Control-Request-Method: PUT\r\n\r\n",
    "PUT /connector-plugins/FileStreamSink/config/validate HTTP/1.0\r\n" HEAD
    "Content-Length: 36\r\n\r\n{\"connector.class\":\"FileStreamSink\"}",
    "PUT /admin/loggers/a.b?scope=worker HTTP/1.1\r\n" HEAD
    "Content-Length: 17\r\n\r\n{\"level\":\"DEBUG\"}",
    "POST /connectors/a/tasks HTTP/1.1\r\nHost: x\r\nX-Connect-Authorization: "
    "eHg=\r\nContent-Length: "
    "13\r\n\r\n[{\"a\":\"b\"},1]",
    "KafkaConnect { org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule "
    "required file=\"/x\"; };",
    "{\"initial_state\":\"paused\",\"config\":{\"\\u00e4\\ud83d\\ude00\":[1,{}]},\"name\":null}",
    NULL,
};

static struct cd_api *api;
static struct cd_fake_backend *fake;

static void stop(void)
{
    cd_api_stop(api);
    cd_fake_backend_free(fake);
    cd_api_close(api);
}

static uint16_t server_port(void)
{
    if (api != NULL)
        return cd_api_port(api, 0);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_config *worker CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(worker, "listeners", "http://127.0.0.1:0");
    cd_config_set(worker, "access.control.allow.origin", "http://a.*");
    cd_config_set(worker, "connectd.rest.request.bytes.max", "2048");
    (void)signal(SIGPIPE, SIG_IGN);
    cd_log_set_level("root", CD_LOG_OFF);
    fake = cd_fake_backend_new();
    api = cd_api_open(&(struct cd_api_options){.worker = worker, .receive_timeout_ms = 2000}, &err);
    bool started = api != NULL && cd_api_start(api, cd_fake_backend_table(fake), &err);
    assert(started);
    (void)atexit(stop);
    return cd_api_port(api, 0);
}

/* What is no whole request keeps the server waiting for more, until its time-out: nobody waits for
 * that here. */
static void ask_server(const uint8_t *data, size_t size)
{
    int fd = cd_http_connect(server_port());
    struct linger at_once = {.l_onoff = 1, .l_linger = 0}; /* or the ports run out */
    assert(fd >= 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    (void)cd_http_send(fd, (const char *)data, size); /* it may have closed already */
    (void)shutdown(fd, SHUT_WR);
    (void)cd_http_closed(fd, 5); /* what follows tells whether it lives */
    close(fd);
}

static void server_goes_on(void)
{
    static unsigned rounds;
    if (rounds++ % 100 != 0)
        return;
    struct cd_http_reply reply = cd_http_call(server_port(), "GET", "/connectors", NULL, NULL);
    assert(reply.status == 200);
    cd_http_reply_done(&reply);
}

static void bind_bodies(struct cd_slice text)
{
    struct cd_create_body body;
    struct cd_config *config = NULL;
    char *error = NULL;
    bool is_null;
    if (cd_bind_create(text, &body, &error))
        cd_create_body_done(&body);
    else
        assert(*error != '\0');
    free(error);
    error = NULL;
    if (cd_bind_config(text, &config, &error))
        cd_config_free(config);
    free(error);
    error = NULL;
    struct cd_request *request = cd_request_new(CD_ASK_OFFSETS_ALTER, "a");
    struct cd_sink_offset *offsets = NULL;
    size_t count = 0;
    if (cd_bind_offsets(text, request, &is_null, &error) &&
        cd_sink_offsets_parse(request, &offsets, &count, &request->answer))
        cd_sink_offsets_free(offsets, count);
    free(error);
    error = NULL;
    if (!cd_bind_task_configs(text, request, &error))
        assert(*error != '\0');
    free(error);
    cd_request_free(request);
}

static void parse_parts(const char *text)
{
    struct cd_uri uri;
    const char *problem;
    struct cd_error err = CD_ERROR_INIT;
    if (cd_uri_parse(text, &uri, &problem) == 0) {
        free(cd_uri_param(&uri, "expand", 0));
        for (size_t i = 0; i < uri.count && i < CD_URI_SEGMENTS_MAX; i++)
            free(cd_uri_decode(uri.segments[i]));
    }
    (void)cd_media_type(text);
    (void)cd_media_accepts(text, "application", "json");
    free(cd_jaas_file_option(text, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text CD_AUTO_FREE = cd_strndup((const char *)data, size);
    bind_bodies(cd_slice_of(data, size));
    parse_parts(text);
    const char *target = strchr(text, '/');
    if (target != NULL)
        parse_parts(target);
    const char *body = strchr(text, '{');
    if (body != NULL)
        bind_bodies(cd_slice(body));
    ask_server(data, size);
    server_goes_on();
    return 0;
}
