/*
 * `connectd health`: one GET, for probes of images that have neither shell nor curl. Exit status 0:
 * 200 in time; 1: anything else.
 *
 * Without a URL: CONNECTD_HEALTH_URL, else the first http listener of CONNECT_LISTENERS or
 * KAFKA_LISTENERS, else port 8083 of this host. Only http is spoken: a worker whose listeners are
 * all https wants an admin.listeners entry for its probes.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/commands.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOST_BYTES = 256, ANSWER_BYTES = 4096, TIMEOUT_S = 5 };

struct target {
    char host[HOST_BYTES];
    char port[8];
    const char *path;
};

static const char scheme[] = "http://";

/* "http://host:port/path"; without a path it is /readyz. */
static bool parse_url(const char *url, struct target *ret)
{
    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0)
        return false;
    const char *host = url + sizeof(scheme) - 1;
    const char *slash = host + strcspn(host, "/");
    size_t len = (size_t)(slash - host);
    const char *colon = memrchr(host, ':', len);
    size_t host_len = colon == NULL ? len : (size_t)(colon - host);
    size_t port_len = colon == NULL ? 0 : (size_t)(slash - colon) - 1;
    if (host_len >= HOST_BYTES || port_len >= sizeof(ret->port))
        return false;
    /* No host, or all of them, is what a listener has: then this one. */
    bool any = host_len == 0 || (host_len == 7 && strncmp(host, "0.0.0.0", 7) == 0);
    snprintf(ret->host, HOST_BYTES, "%.*s", any ? 9 : (int)host_len, any ? "127.0.0.1" : host);
    snprintf(ret->port, sizeof(ret->port), "%.*s", port_len == 0 ? 2 : (int)port_len,
             port_len == 0 ? "80" : colon + 1);
    ret->path = *slash == '\0' || strcmp(slash, "/") == 0 ? "/readyz" : slash;
    return true;
}

/* The first http listener of a list; NULL: none. To be freed. */
static char *first_listener(const char *list)
{
    const char *at = list == NULL ? NULL : strcasestr(list, scheme);
    return at == NULL ? NULL : cd_strndup(at, strcspn(at, ", "));
}

static char *default_url(void)
{
    const char *own = getenv("CONNECTD_HEALTH_URL");
    if (own != NULL)
        return cd_strdup(own);
    char *url = first_listener(getenv("CONNECT_LISTENERS"));
    if (url == NULL)
        url = first_listener(getenv("KAFKA_LISTENERS"));
    return url != NULL ? url : cd_strdup("http://127.0.0.1:8083/readyz");
}

static bool wait_for(int fd, short events, int64_t until_ms)
{
    struct pollfd watched = {.fd = fd, .events = events};
    int64_t left_ms = until_ms - cd_clock_ms();
    return left_ms > 0 && poll(&watched, 1, (int)left_ms) == 1;
}

static int open_connection(const struct target *target, int64_t until_ms)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    if (getaddrinfo(target->host, target->port, &wanted, &list) != 0)
        return -1;
    int fd = -1;
    for (const struct addrinfo *at = list; at != NULL && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int failure = 0;
        socklen_t size = sizeof(failure);
        if (fd < 0 || connect(fd, at->ai_addr, at->ai_addrlen) == 0)
            continue;
        if (errno == EINPROGRESS && wait_for(fd, POLLOUT, until_ms) &&
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0)
            continue;
        (void)close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}

/* The whole answer, as far as there is room. */
static size_t receive(int fd, char *answer, size_t size, int64_t until_ms)
{
    size_t used = 0;
    while (used + 1 < size && wait_for(fd, POLLIN, until_ms)) {
        ssize_t got = recv(fd, answer + used, size - 1 - used, 0);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    answer[used] = '\0';
    return used;
}

/* The status of GET; 0: no answer. */
static int get(const struct target *target, char *answer, size_t size, int64_t until_ms)
{
    int status = 0;
    int fd = open_connection(target, until_ms);
    if (fd < 0)
        return 0;
    CD_AUTO_FREE char *request = cd_asprintf("GET %s HTTP/1.1\r\nHost: %s:%s\r\nAccept: */*\r\n"
                                             "Connection: close\r\n\r\n",
                                             target->path, target->host, target->port);
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request) &&
        receive(fd, answer, size, until_ms) > 12)
        status = strncmp(answer, "HTTP/1.", 7) == 0 ? (int)strtol(answer + 9, NULL, 10) : 0;
    (void)close(fd);
    return status;
}

static int usage(void)
{
    fprintf(stderr, "usage: connectd health [--timeout SECONDS] [http://HOST:PORT/PATH]\n");
    return 1;
}

int cd_command_health(int argc, char **argv)
{
    long seconds = TIMEOUT_S;
    int next = 1;
    if (argc > 2 && strcmp(argv[1], "--timeout") == 0) {
        char *end = NULL;
        seconds = strtol(argv[2], &end, 10);
        if (*end != '\0' || seconds < 1 || seconds > 3600)
            return usage();
        next = 3;
    }
    if (argc > next + 1 || (argc > next && argv[next][0] == '-'))
        return usage();
    CD_AUTO_FREE char *url = argc > next ? cd_strdup(argv[next]) : default_url();
    struct target target;
    char answer[ANSWER_BYTES] = "";
    if (!parse_url(url, &target))
        return usage();
    int status = get(&target, answer, sizeof(answer), cd_clock_ms() + seconds * 1000);
    const char *body = strstr(answer, "\r\n\r\n");
    if (status == 0)
        printf("no answer from %s:%s\n", target.host, target.port);
    else
        printf("%d %s\n", status, body == NULL ? "" : body + 4);
    return status == 200 ? 0 : 1;
}
