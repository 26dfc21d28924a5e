/* An address that is listened on: "http://host:port" to a bound socket. */
#ifndef CD_API_LISTENER_H
#define CD_API_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "connectd/error.h"

struct cd_listener {
    bool is_tls;
    bool admin;
    char *host; /* as written, without brackets; empty: all addresses */
    uint16_t port;
    int fd; /* -1: not open */
};

/* `key` is the setting's name, for messages. */
CD_MUST_CHECK bool cd_listener_parse(const char *key, const char *text, struct cd_listener *ret,
                                     struct cd_error *err);
/* Binds and listens; a port of 0 becomes the one that was found. */
CD_MUST_CHECK bool cd_listener_open(struct cd_listener *listener, struct cd_error *err);
void cd_listener_done(struct cd_listener *listener); /* closes a socket that is still ours */

#endif
