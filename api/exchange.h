/*
 * One HTTP request and its reply, as handlers see it: parsed, routed, and answered by exactly one
 * cd_reply_* or cd_ask.
 *
 * Thread: the HTTP thread that runs the connection. While it waits for an answer the connection is
 * suspended and the exchange belongs to nobody; the answer arrives under the lock of api/asked.h.
 */
#ifndef CD_API_EXCHANGE_H
#define CD_API_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/backend.h"
#include "api/uri.h"
#include "base/buffer.h"

struct MHD_Connection;
struct cd_api;
struct cd_asked;
struct cd_connection;
struct cd_route;
struct cd_exchange;

typedef void (*cd_finish)(struct cd_exchange *ex, struct cd_request *request);

struct cd_exchange {
    uint32_t magic;
    struct cd_api *api;               /* borrowed */
    const struct cd_backend *backend; /* borrowed */
    struct MHD_Connection *con;       /* libmicrohttpd's */
    struct cd_connection *connection; /* server.c's */
    bool admin_listener;
    bool is_tls;
    int64_t start_us;

    /* The request. */
    char *target; /* as it came */
    char *method;
    char *protocol;
    struct cd_uri uri; /* into target */
    struct cd_buffer body;
    bool too_large;
    const struct cd_route *route;
    char *connector; /* {c}, decoded */
    char *name;      /* {p} or {l}, decoded */
    int32_t task;    /* {n} */
    char *user;      /* who was let in; NULL: nobody asked */

    /* While it waits. */
    bool suspended;
    struct cd_asked *asked;
    cd_finish finish;
    bool finish_failures; /* finish gets failures, too, and NULL after a time-out */

    /* The reply. */
    bool replied;
    int status;
    struct cd_buffer out;
    const char *content_type; /* NULL: none */
    char *location;
    char *allow;
    bool challenge; /* WWW-Authenticate */
};

/* A header of the request; NULL: absent. */
const char *cd_exchange_header(const struct cd_exchange *ex, const char *name);

void cd_reply_empty(struct cd_exchange *ex, int status);
/* Takes the text of `body`. */
void cd_reply_json(struct cd_exchange *ex, int status, struct cd_buffer *body);
void cd_reply_text(struct cd_exchange *ex, int status, const char *content_type, const char *text);
/* {"error_code","message"} */
CD_PRINTF(3, 4)
void cd_reply_error(struct cd_exchange *ex, int status, const char *fmt, ...);
/* As the answer's error says (backend.h). */
void cd_reply_failure(struct cd_exchange *ex, const struct cd_answer *answer);

/* 500, saying what the worker is busy with; validate leaves the full stop out. */
void cd_reply_timed_out(struct cd_exchange *ex, bool full_stop);

/* Posts the request and suspends the exchange; `finish` replies when the answer is there and was a
 * success, failures are replied to here. Takes over `request`. */
void cd_ask(struct cd_exchange *ex, struct cd_request *request, cd_finish finish);
/* A request with what each of them has: connector, forward, authorization. */
struct cd_request *cd_exchange_request(const struct cd_exchange *ex, enum cd_request_kind kind);

#endif
