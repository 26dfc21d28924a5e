/* A client that sends exactly the bytes it is told to, for tests of the server. */
#ifndef CD_TESTS_FAKE_HTTP_H
#define CD_TESTS_FAKE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cd_http_reply {
    int status;    /* 0: the server closed the connection without a reply */
    char *headers; /* the whole head */
    char *body;
};

/* -1 when nobody listens. */
int cd_http_connect(uint16_t port);
/* Sends all of it; false when the server is gone. */
bool cd_http_send(int fd, const char *bytes, size_t len);
/* One reply; `head_only`: to a HEAD request. Waits `timeout_ms` at most: then the status is -1. */
struct cd_http_reply cd_http_receive(int fd, bool head_only, int timeout_ms);
void cd_http_reply_done(struct cd_http_reply *reply);
/* The value of a header, into a static buffer of the thread; NULL: absent. */
const char *cd_http_header(const struct cd_http_reply *reply, const char *name);

/* A whole exchange over a connection of its own. `headers`: lines ending in \r\n, or NULL; `body`
 * NULL: none. */
struct cd_http_reply cd_http_call(uint16_t port, const char *method, const char *target,
                                  const char *headers, const char *body);
/* Has the peer closed within `timeout_ms`? */
bool cd_http_closed(int fd, int timeout_ms);

#endif
