/*
 * The route table: path pattern, method, handler; and what is decided before a handler runs: 404,
 * 405, 415, 406, 401, in the JVM's order.
 */
#ifndef CD_API_ROUTER_H
#define CD_API_ROUTER_H

#include "api/exchange.h"

enum cd_method {
    CD_GET = 1,
    CD_POST = 2,
    CD_PUT = 4,
    CD_PATCH = 8,
    CD_DELETE = 16,
};

enum {
    CD_ROUTE_BODY = 1,     /* reads a body */
    CD_ROUTE_ANY_TYPE = 2, /* of request and reply */
    CD_ROUTE_OPEN = 4,     /* without authentication */
    CD_ROUTE_ADMIN = 8,    /* moves to admin.listeners when they exist */
    CD_ROUTE_EARLY = 16,   /* served before the backend is ready */
};

struct cd_route {
    const char *pattern; /* "/connectors/{c}/tasks/{n}/restart" */
    enum cd_method method;
    void (*handle)(struct cd_exchange *ex);
    unsigned flags;
};

/* Routes the exchange, whose request has arrived whole, and replies or runs its handler. */
void cd_route_dispatch(struct cd_exchange *ex);

/* For tests: the table. */
const struct cd_route *cd_routes(size_t *ret_count);

#endif
