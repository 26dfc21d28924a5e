#include "tests/fake/http.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

int cd_http_connect(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool cd_http_send(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* More bytes; 0: closed, -1: too late. */
static int read_some(int fd, struct cd_buffer *in, int64_t deadline_ms)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    int64_t left = deadline_ms - cd_clock_ms();
    if (left < 0 || poll(&poller, 1, (int)left) <= 0)
        return -1;
    ssize_t got = recv(fd, cd_buffer_reserve(in, 65536), 65536, 0);
    if (got <= 0)
        return 0;
    in->len += (size_t)got;
    in->ptr[in->len] = '\0';
    return 1;
}

static size_t body_length(const struct cd_http_reply *reply)
{
    const char *length = cd_http_header(reply, "Content-Length");
    return length == NULL ? 0 : (size_t)strtoull(length, NULL, 10);
}

struct cd_http_reply cd_http_receive(int fd, bool head_only, int timeout_ms)
{
    struct cd_http_reply reply = {0};
    struct cd_buffer in CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    int64_t deadline_ms = cd_clock_ms() + timeout_ms;
    int alive = 1;
    char *end = NULL;
    while (end == NULL && (alive = read_some(fd, &in, deadline_ms)) > 0)
        end = strstr(in.ptr, "\r\n\r\n");
    if (end == NULL) {
        reply.status = alive;
        return reply;
    }
    size_t head_len = (size_t)(end - in.ptr) + 4;
    reply.status = atoi(in.ptr + strcspn(in.ptr, " "));
    reply.headers = cd_strndup(in.ptr, head_len);
    size_t wanted = head_only ? 0 : body_length(&reply);
    while (in.len - head_len < wanted && read_some(fd, &in, deadline_ms) > 0)
        continue;
    reply.body = cd_strndup(in.ptr + head_len, in.len - head_len);
    return reply;
}

void cd_http_reply_done(struct cd_http_reply *reply)
{
    free(reply->headers);
    free(reply->body);
}

const char *cd_http_header(const struct cd_http_reply *reply, const char *name)
{
    static _Thread_local char value[1024];
    size_t len = strlen(name);
    for (const char *line = reply->headers; line != NULL && *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        if (end == NULL)
            break;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *from = line + len + 1 + strspn(line + len + 1, " ");
            (void)snprintf(value, sizeof(value), "%.*s", (int)(end - from), from);
            return value;
        }
        line = end + 2;
    }
    return NULL;
}

struct cd_http_reply cd_http_call(uint16_t port, const char *method, const char *target,
                                  const char *headers, const char *body)
{
    int fd = cd_http_connect(port);
    if (fd < 0)
        return (struct cd_http_reply){0};
    struct cd_buffer out CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    cd_buffer_printf(&out, "%s %s HTTP/1.1\r\nHost: test:8083\r\nConnection: close\r\n", method,
                     target);
    cd_buffer_text(&out, headers == NULL ? "" : headers);
    if (body != NULL)
        cd_buffer_printf(&out, "Content-Length: %zu\r\n", strlen(body));
    cd_buffer_printf(&out, "\r\n%s", body == NULL ? "" : body);
    (void)cd_http_send(fd, out.ptr, out.len); /* the reply tells */
    struct cd_http_reply reply = cd_http_receive(fd, strcmp(method, "HEAD") == 0, 10000);
    close(fd);
    return reply;
}

bool cd_http_closed(int fd, int timeout_ms)
{
    struct cd_buffer in CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    int64_t deadline_ms = cd_clock_ms() + timeout_ms;
    int alive;
    do
        alive = read_some(fd, &in, deadline_ms);
    while (alive > 0);
    return alive == 0;
}
