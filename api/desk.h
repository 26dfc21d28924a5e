/*
 * Where posted requests wait for their answers while their HTTP exchanges are suspended.
 *
 * Three things may end the wait: the answer, the time-out, the closing of the desk. The first one
 * wins, under the lock; the others then find nothing to do. A request lives until both sides are
 * through with it: a late answer frees what a time-out left, even after the server is gone, for
 * each request holds a reference to the desk.
 *
 * Thread: any.
 */
#ifndef CD_API_DESK_H
#define CD_API_DESK_H

#include "api/backend.h"

struct cd_desk;
struct cd_asked;

enum cd_outcome { CD_WAITING, CD_ANSWERED, CD_TIMED_OUT, CD_CLOSED };

/* `wake` is called with what was given to post, with the lock held: it may not call back. */
struct cd_desk *cd_desk_new(void (*wake)(void *waiter));
void cd_desk_unref(struct cd_desk *desk);

/* Takes over `request`, whose deadline_ms is set, and registers it. NULL when closed: the request
 * is freed. The caller then passes it to the backend. */
struct cd_asked *cd_desk_add(struct cd_desk *desk, struct cd_request *request, void *waiter);
/* How the wait ended. With CD_ANSWERED *ret_request lends the request until cd_desk_drop. */
enum cd_outcome cd_desk_outcome(struct cd_asked *asked, struct cd_request **ret_request);
/* The waiter is through with it. */
void cd_desk_drop(struct cd_asked *asked);

/* Wakes those whose deadline has passed; returns the earliest of the others, or INT64_MAX. */
int64_t cd_desk_expire(struct cd_desk *desk, int64_t now_ms);
/* Wakes all; nothing can be added any more. */
void cd_desk_close(struct cd_desk *desk);

#endif
