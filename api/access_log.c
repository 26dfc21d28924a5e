#include "api/access_log.h"

#include "base/clock.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static const struct cd_logger access_logger = {
    .component = "org.apache.kafka.connect.runtime.rest.RestServer", .task = -1};

/* IPv4 clients of a listener for both families are shown as what they are. */
static void format_client(const struct sockaddr *client, char *out, size_t size)
{
    (void)snprintf(out, size, "-");
    if (client == NULL)
        return;
    if (client->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)client;
        (void)inet_ntop(AF_INET, &v4->sin_addr, out,
                        (socklen_t)size); /* the buffer is large enough */
    } else if (client->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)client;
        if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
            (void)inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], out, (socklen_t)size);
        else
            (void)inet_ntop(AF_INET6, &v6->sin6_addr, out, (socklen_t)size);
    }
}

/* What a client sends must not be able to forge a line or a field. */
static void copy_clean(const char *text, char *out, size_t size)
{
    size_t len = 0;
    for (; text != NULL && text[len] != '\0' && len + 1 < size; len++) {
        unsigned char c = (unsigned char)text[len];
        out[len] = c < 0x20 || c == 0x7f || c == '"' ? '?' : (char)c;
    }
    out[len] = '\0';
}

void cd_access_log(const struct cd_access *access)
{
    if (!cd_log_enabled(&access_logger, CD_LOG_INFO))
        return;
    char client[INET6_ADDRSTRLEN];
    char date[32];
    char user[128];
    char target[1024];
    char referer[512];
    char agent[512];
    time_t now = (time_t)(cd_wall_ms() / 1000);
    struct tm parts;
    (void)gmtime_r(&now, &parts);
    (void)strftime(date, sizeof(date), "%d/%b/%Y:%H:%M:%S +0000", &parts); /* the size fits */
    format_client(access->client, client, sizeof(client));
    copy_clean(access->user == NULL ? "-" : access->user, user, sizeof(user));
    copy_clean(access->target, target, sizeof(target));
    copy_clean(access->referer, referer, sizeof(referer));
    copy_clean(access->agent, agent, sizeof(agent));
    cd_log_info(&access_logger, "%s - %s [%s] \"%s %s %s\" %d %zu \"%s\" \"%s\" %lld", client, user,
                date, access->method, target, access->protocol, access->status, access->bytes,
                referer, agent, (long long)access->took_ms);
}
