/*
 * One line a request, as the JVM's worker writes it: the NCSA format with referer, agent and
 * milliseconds, to the logger that people know for it.
 */
#ifndef CD_API_ACCESS_LOG_H
#define CD_API_ACCESS_LOG_H

#include <stddef.h>
#include <stdint.h>

struct sockaddr;

struct cd_access {
    const struct sockaddr *client;
    const char *user; /* NULL: nobody */
    const char *method;
    const char *target;
    const char *protocol;
    int status;
    size_t bytes;
    const char *referer; /* NULL: none */
    const char *agent;   /* NULL: none */
    int64_t took_ms;
};

void cd_access_log(const struct cd_access *access);

#endif
