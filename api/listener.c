#include "api/listener.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static bool bad(const char *key, const char *text, const char *reason, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Invalid value %s for configuration %s: %s", text, key, reason);
}

static bool parse_port(const char *text, uint16_t *ret)
{
    size_t len = strlen(text);
    if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
        return false;
    long port = strtol(text, NULL, 10);
    if (port > 65535)
        return false;
    *ret = (uint16_t)port;
    return true;
}

bool cd_listener_parse(const char *key, const char *text, struct cd_listener *ret,
                       struct cd_error *err)
{
    static const char format[] =
        "Listener doesn't have the right format (protocol://hostname:port).";
    const char *after = strstr(text, "://");
    const char *colon = strrchr(text, ':');
    if (after == NULL || colon < after + 3)
        return bad(key, text, format, err);
    size_t scheme_len = (size_t)(after - text);
    bool is_http = scheme_len == 4 && strncasecmp(text, "http", 4) == 0;
    bool is_https = scheme_len == 5 && strncasecmp(text, "https", 5) == 0;
    if (!is_http && !is_https)
        return bad(key, text, "Listener protocol must be either \"http\" or \"https\".", err);
    const char *host = after + 3;
    size_t host_len = (size_t)(colon - host);
    bool bracketed = host_len >= 2 && host[0] == '[' && host[host_len - 1] == ']';
    uint16_t port;
    if (!parse_port(colon + 1, &port) || (!bracketed && memchr(host, ':', host_len) != NULL))
        return bad(key, text, format, err);
    *ret = (struct cd_listener){
        .is_tls = is_https,
        .host = bracketed ? cd_strndup(host + 1, host_len - 2) : cd_strndup(host, host_len),
        .port = port,
        .fd = -1,
    };
    return true;
}

static int open_one(const struct addrinfo *address, bool every_family)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    int v6_only = every_family ? 0 : 1;
    /* These two are wishes: bind tells what matters. */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only));
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, 1024) == 0)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)&address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)(const void *)&address)->sin_port);
}

static int open_any_of(const struct addrinfo *addresses, bool every_family)
{
    static const int families[] = {AF_INET6, AF_INET};
    for (size_t f = 0; f < 2; f++)
        for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
            if (every_family && a->ai_family != families[f])
                continue;
            int fd = open_one(a, every_family);
            if (fd >= 0)
                return fd;
            if (errno == EADDRINUSE)
                return -1; /* another family would only hide it */
        }
    return -1;
}

bool cd_listener_open(struct cd_listener *listener, struct cd_error *err)
{
    bool every_family = *listener->host == '\0';
    char port[8];
    (void)snprintf(port, sizeof(port), "%u", listener->port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *addresses = NULL;
    int failed = getaddrinfo(every_family ? NULL : listener->host, port, &hints, &addresses);
    if (failed != 0)
        return cd_fail(err, CD_ERR_CONFIG, "listeners: cannot find the address of '%s': %s",
                       listener->host, gai_strerror(failed));
    errno = EADDRNOTAVAIL;
    listener->fd = open_any_of(addresses, every_family);
    int reason = errno;
    freeaddrinfo(addresses);
    if (listener->fd < 0)
        return cd_fail(err, CD_ERR_REMOTE, "listeners: cannot listen on '%s' port %u: %s",
                       listener->host, listener->port, strerror(reason));
    listener->port = bound_port(listener->fd);
    return true;
}

void cd_listener_done(struct cd_listener *listener)
{
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
    free(listener->host);
    listener->host = NULL;
}
