/*
 * Names, ports and TLS, by hand: librdkafka only ever says that a connection ended, and Java reads
 * a TLS alert as a message of 352 MB.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/doctor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 5000, ANSWER_MS = 3000, HOST_BYTES = 256, ANSWER_BYTES = 1024 };

/* ---- sockets with deadlines ---- */

static bool wait_for(int fd, short events, int64_t until_ms)
{
    struct pollfd watched = {.fd = fd, .events = events};
    int64_t left_ms = until_ms - cd_clock_ms();
    return left_ms > 0 && poll(&watched, 1, (int)left_ms) == 1;
}

/* -1: errno says why. */
static int connect_one(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int failure = 0;
    socklen_t size = sizeof(failure);
    if (connect(fd, at->ai_addr, at->ai_addrlen) != 0 && errno == EINPROGRESS) {
        failure = ETIMEDOUT;
        if (wait_for(fd, POLLOUT, cd_clock_ms() + CONNECT_MS))
            (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size); /* the socket is good */
    } else if (errno != EINPROGRESS && errno != 0) {
        failure = errno;
    }
    if (failure == 0)
        return fd;
    (void)close(fd);
    errno = failure;
    return -1;
}

static int connect_any(const struct addrinfo *list)
{
    int fd = -1;
    for (const struct addrinfo *at = list; at != NULL && fd < 0; at = at->ai_next) {
        errno = 0;
        fd = connect_one(at);
    }
    return fd;
}

static struct addrinfo *resolve(const char *host, int port, int *ret_failure)
{
    char service[16];
    snprintf(service, sizeof(service), "%d", port);
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    *ret_failure = getaddrinfo(host, service, &wanted, &list);
    return *ret_failure == 0 ? list : NULL;
}

/* Up to `size` bytes of the first answer; 0: none, or the connection was closed. */
static size_t ask(const struct addrinfo *list, const uint8_t *question, size_t len, uint8_t *answer,
                  size_t size)
{
    int fd = connect_any(list);
    if (fd < 0)
        return 0;
    ssize_t got = 0;
    if (send(fd, question, len, MSG_NOSIGNAL) == (ssize_t)len &&
        wait_for(fd, POLLIN, cd_clock_ms() + ANSWER_MS))
        got = recv(fd, answer, size, 0);
    (void)close(fd);
    return got < 0 ? 0 : (size_t)got;
}

/* ---- what does the port speak? ---- */

enum speech { SPEAKS_NOTHING, SPEAKS_TLS, SPEAKS_KAFKA };

/* A ClientHello of TLS 1.2. Whatever a TLS server thinks of it, its answer begins with a record. */
static const uint8_t client_hello[] = {
    0x16, 0x03, 0x01, 0x00, 0x4f, /* record: handshake, 79 bytes */
    0x01, 0x00, 0x00, 0x4b,       /* ClientHello, 75 bytes */
    0x03, 0x03,                   /* TLS 1.2 */
    'c',  'o',  'n',  'n',  'e',  'c',  't',  'd',  ' ',  'd',  'o',  'c',
    't',  'o',  'r',  ' ',  'c',  'o',  'n',  'n',  'e',  'c',  't',  'd',
    ' ',  'd',  'o',  'c',  't',  'o',  'r',  ' ',  0x00,       /* no session */
    0x00, 0x0c, 0xc0, 0x2f, 0xc0, 0x30, 0xc0, 0x2b, 0xc0, 0x2c, /* ciphers */
    0x00, 0x9c, 0x00, 0x9d, 0x01, 0x00,                         /* no compression */
    0x00, 0x16,                                                 /* extensions, 22 bytes */
    0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x17, 0x00, 0x18, /* groups */
    0x00, 0x0d, 0x00, 0x08, 0x00, 0x06, 0x04, 0x03, 0x08, 0x04, 0x04, 0x01, /* signatures */
};

/* ApiVersions, version 0, correlation id 0x0cd0c001, client id "doctor": allowed before SASL. */
static const uint8_t api_versions[] = {
    0x00, 0x00, 0x00, 0x10, 0x00, 0x12, 0x00, 0x00, 0x0c, 0xd0,
    0xc0, 0x01, 0x00, 0x06, 'd',  'o',  'c',  't',  'o',  'r',
};

/* SaslHandshake, version 1, correlation id 0x0cd0c001, client id "doctor", mechanism "?". */
static const uint8_t sasl_handshake[] = {
    0x00, 0x00, 0x00, 0x13, 0x00, 0x11, 0x00, 0x01, 0x0c, 0xd0, 0xc0, 0x01,
    0x00, 0x06, 'd',  'o',  'c',  't',  'o',  'r',  0x00, 0x01, '?',
};

static const uint8_t correlation[] = {0x0c, 0xd0, 0xc0, 0x01};
enum { AT_CORRELATION = 4, AT_ERROR = 8, AT_COUNT = 10, AT_NAMES = 14 };

static bool is_kafka(const uint8_t *answer, size_t len)
{
    return len >= AT_COUNT &&
           memcmp(answer + AT_CORRELATION, correlation, sizeof(correlation)) == 0;
}

static enum speech listen_to(const struct addrinfo *list)
{
    uint8_t answer[ANSWER_BYTES] = {0};
    size_t len = ask(list, client_hello, sizeof(client_hello), answer, sizeof(answer));
    if (len >= 3 && (answer[0] == 0x15 || answer[0] == 0x16) && answer[1] == 0x03)
        return SPEAKS_TLS;
    len = ask(list, api_versions, sizeof(api_versions), answer, sizeof(answer));
    if (len >= 2 && answer[0] == 0x15 && answer[1] == 0x03)
        return SPEAKS_TLS;
    return is_kafka(answer, len) ? SPEAKS_KAFKA : SPEAKS_NOTHING;
}

/* ---- against what is configured ---- */

static const char *setting(const struct cd_doctor *doctor, const char *key, const char *fallback)
{
    const char *value = cd_config_get(doctor->setup->expanded, key);
    return value == NULL || value[0] == '\0' ? fallback : value;
}

static bool is_tls(const char *protocol)
{
    return strstr(protocol, "SSL") != NULL;
}

static bool is_sasl(const char *protocol)
{
    return strncmp(protocol, "SASL", 4) == 0;
}

static void judge_tls(struct cd_doctor *doctor, const char *at, enum speech speech,
                      const char *protocol)
{
    switch (speech) {
    case SPEAKS_TLS:
        if (is_tls(protocol))
            cd_doctor_say(doctor, CD_FINE, "tls", NULL, "%s speaks TLS", at);
        else
            cd_doctor_say(doctor, CD_PROBLEM, "tls",
                          is_sasl(protocol) ? "set security.protocol=SASL_SSL"
                                            : "set security.protocol=SSL (with credentials: "
                                              "SASL_SSL)",
                          "%s speaks TLS, but security.protocol = '%s': a plaintext client on a "
                          "TLS port",
                          at, protocol);
        return;
    case SPEAKS_KAFKA:
        if (is_tls(protocol))
            cd_doctor_say(doctor, CD_PROBLEM, "tls",
                          is_sasl(protocol) ? "set security.protocol=SASL_PLAINTEXT, or use the "
                                              "broker's TLS port"
                                            : "set security.protocol=PLAINTEXT, or use the "
                                              "broker's TLS port",
                          "%s speaks Kafka without TLS, but security.protocol = '%s': a TLS client "
                          "on a plaintext port",
                          at, protocol);
        else
            cd_doctor_say(doctor, CD_FINE, "tls", NULL, "%s speaks Kafka without TLS", at);
        return;
    case SPEAKS_NOTHING:
        cd_doctor_say(doctor, CD_DOUBT, "tls", "is this a Kafka broker's port?",
                      "%s accepts connections but answers neither TLS nor Kafka", at);
        return;
    }
}

/* ---- SASL: the broker lists what it offers ---- */

struct offer {
    int error;
    char mechanisms[256]; /* "PLAIN SCRAM-SHA-512" */
};

enum { KAFKA_UNSUPPORTED_MECHANISM = 33, KAFKA_ILLEGAL_SASL_STATE = 34 };

static bool read_offer(const uint8_t *answer, size_t len, struct offer *ret)
{
    if (!is_kafka(answer, len))
        return false;
    *ret = (struct offer){.error = answer[AT_ERROR] << 8 | answer[AT_ERROR + 1]};
    size_t used = 0;
    for (size_t at = AT_NAMES; at + 2 <= len;) {
        size_t size = (size_t)(answer[at] << 8 | answer[at + 1]);
        at += 2;
        if (size > len - at || used + size + 2 > sizeof(ret->mechanisms))
            break;
        used += (size_t)snprintf(ret->mechanisms + used, sizeof(ret->mechanisms) - used, "%s%.*s",
                                 used == 0 ? "" : " ", (int)size, (const char *)answer + at);
        at += size;
    }
    return true;
}

static bool offers(const struct offer *offer, const char *mechanism)
{
    size_t len = strlen(mechanism);
    for (const char *at = offer->mechanisms; (at = strstr(at, mechanism)) != NULL; at += len)
        if ((at == offer->mechanisms || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static void judge_sasl(struct cd_doctor *doctor, const char *at, const struct addrinfo *list,
                       const char *protocol)
{
    uint8_t answer[ANSWER_BYTES] = {0};
    struct offer offer;
    size_t len = ask(list, sasl_handshake, sizeof(sasl_handshake), answer, sizeof(answer));
    if (!read_offer(answer, len, &offer))
        return; /* an old broker, or something that is none: the client will tell */
    const char *mechanism = setting(doctor, "sasl.mechanism", "GSSAPI");
    bool wants_sasl = offer.error == KAFKA_UNSUPPORTED_MECHANISM;
    if (offer.error == KAFKA_ILLEGAL_SASL_STATE && is_sasl(protocol))
        cd_doctor_say(doctor, CD_PROBLEM, "sasl", "set security.protocol=PLAINTEXT",
                      "%s wants no SASL, but security.protocol = '%s'", at, protocol);
    else if (wants_sasl && !is_sasl(protocol))
        cd_doctor_say(doctor, CD_PROBLEM, "sasl",
                      "set security.protocol=SASL_PLAINTEXT, sasl.mechanism and sasl.jaas.config",
                      "%s wants SASL (%s), but security.protocol = '%s'", at, offer.mechanisms,
                      protocol);
    else if (wants_sasl && !offers(&offer, mechanism))
        cd_doctor_say(doctor, CD_PROBLEM, "sasl", "set sasl.mechanism to one of them",
                      "%s offers %s, but sasl.mechanism = '%s'", at, offer.mechanisms, mechanism);
    else if (wants_sasl)
        cd_doctor_say(doctor, CD_FINE, "sasl", NULL, "%s offers %s", at, mechanism);
}

/* ---- names and ports ---- */

static int reach(struct cd_doctor *doctor, const char *what, const char *at,
                 const struct addrinfo *list)
{
    int fd = connect_any(list);
    if (fd >= 0)
        return fd;
    int failure = errno;
    cd_doctor_say(doctor, CD_PROBLEM, "port",
                  failure == ECONNREFUSED ? "is it running, and is the port right?"
                                          : "is a firewall or a route in the way?",
                  "%s %s: %s", what, at, strerror(failure));
    return -1;
}

static struct addrinfo *look_up(struct cd_doctor *doctor, const char *what, const char *at,
                                const char *host, int port)
{
    int failure = 0;
    struct addrinfo *list = resolve(host, port, &failure);
    if (list == NULL)
        cd_doctor_say(doctor, CD_PROBLEM, "name",
                      "is the name right, and does this machine's DNS know it?",
                      "%s %s cannot be resolved: %s", what, at, gai_strerror(failure));
    return list;
}

bool cd_doctor_reachable(struct cd_doctor *doctor, const char *what, const char *host, int port)
{
    CD_AUTO_FREE char *at = cd_asprintf("%s:%d", host, port);
    struct addrinfo *list = look_up(doctor, what, at, host, port);
    int fd = list == NULL ? -1 : reach(doctor, what, at, list);
    if (fd >= 0)
        (void)close(fd);
    if (list != NULL)
        freeaddrinfo(list);
    return fd >= 0;
}

static bool split(const char *server, char *host, int *ret_port)
{
    const char *start = strstr(server, "://") == NULL ? server : strstr(server, "://") + 3;
    const char *colon = strrchr(start, ':');
    if (colon == NULL || colon == start || colon - start >= HOST_BYTES)
        return false;
    bool bracketed = start[0] == '[' && colon[-1] == ']';
    int len = (int)(colon - start) - (bracketed ? 2 : 0);
    snprintf(host, HOST_BYTES, "%.*s", len, start + (bracketed ? 1 : 0));
    char *end = NULL;
    long port = strtol(colon + 1, &end, 10);
    *ret_port = (int)port;
    return *end == '\0' && port > 0 && port < 65536;
}

/* True: it accepts connections and speaks what is configured, as far as can be seen. */
static bool try_server(struct cd_doctor *doctor, const char *server)
{
    char host[HOST_BYTES];
    int port = 0;
    if (!split(server, host, &port)) {
        cd_doctor_say(doctor, CD_PROBLEM, "name", "write host:port",
                      "bootstrap.servers has '%s', which is not host:port", server);
        return false;
    }
    struct addrinfo *list = look_up(doctor, "bootstrap server", server, host, port);
    int fd = list == NULL ? -1 : reach(doctor, "bootstrap server", server, list);
    if (fd >= 0) {
        const char *protocol = setting(doctor, "security.protocol", "PLAINTEXT");
        size_t problems = doctor->found[CD_PROBLEM];
        (void)close(fd);
        enum speech speech = listen_to(list);
        cd_doctor_say(doctor, CD_FINE, "port", NULL, "%s accepts connections", server);
        judge_tls(doctor, server, speech, protocol);
        if (speech == SPEAKS_KAFKA && !is_tls(protocol))
            judge_sasl(doctor, server, list, protocol);
        if (doctor->found[CD_PROBLEM] > problems)
            fd = -1;
    }
    if (list != NULL)
        freeaddrinfo(list);
    return fd >= 0;
}

bool cd_doctor_network(struct cd_doctor *doctor)
{
    const struct cd_strings *servers = &doctor->setup->config->bootstrap_servers;
    bool any = false;
    for (size_t i = 0; i < servers->count; i++)
        any = try_server(doctor, servers->items[i]) || any;
    return any;
}
