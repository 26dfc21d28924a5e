#include "api/desk.h"

#include "base/alloc.h"
#include "base/list.h"
#include "base/thread.h"

#include <assert.h>
#include <stdlib.h>

struct cd_desk {
    _Atomic(uint32_t) refs;
    void (*wake)(void *waiter);
    struct cd_mutex lock;
    struct cd_link waiting; /* guarded by lock: */
    bool closed;
};

struct cd_asked {
    struct cd_link link;
    struct cd_desk *desk; /* one reference */
    struct cd_request *request;
    int64_t deadline_ms;
    /* guarded by the desk's lock: */
    void *waiter;
    enum cd_outcome outcome;
    bool answered; /* the backend has handed the request back */
    bool dropped;  /* the waiter is through */
};

struct cd_desk *cd_desk_new(void (*wake)(void *waiter))
{
    struct cd_desk *desk = cd_new(struct cd_desk);
    atomic_init(&desk->refs, 1);
    desk->wake = wake;
    cd_mutex_init(&desk->lock);
    cd_list_init(&desk->waiting);
    return desk;
}

void cd_desk_unref(struct cd_desk *desk)
{
    if (desk == NULL || atomic_fetch_sub(&desk->refs, 1) != 1)
        return;
    cd_mutex_done(&desk->lock);
    free(desk);
}

static void asked_free(struct cd_asked *asked)
{
    struct cd_desk *desk = asked->desk;
    cd_request_free(asked->request);
    free(asked);
    cd_desk_unref(desk);
}

/* Ends the wait, once. The lock is held. */
static void settle(struct cd_asked *asked, enum cd_outcome outcome)
{
    assert(cd_mutex_held(&asked->desk->lock));
    if (asked->outcome != CD_WAITING)
        return;
    asked->outcome = outcome;
    cd_list_remove(&asked->link);
    asked->desk->wake(asked->waiter);
}

static void on_answer(struct cd_request *request)
{
    struct cd_asked *asked = request->owner;
    struct cd_desk *desk = asked->desk;
    cd_mutex_lock(&desk->lock);
    assert(!asked->answered);
    asked->answered = true;
    settle(asked, CD_ANSWERED);
    bool last = asked->dropped;
    cd_mutex_unlock(&desk->lock);
    if (last)
        asked_free(asked);
}

struct cd_asked *cd_desk_add(struct cd_desk *desk, struct cd_request *request, void *waiter)
{
    struct cd_asked *asked = cd_new(struct cd_asked);
    cd_list_init(&asked->link);
    asked->desk = desk;
    asked->request = request;
    asked->waiter = waiter;
    asked->deadline_ms = request->deadline_ms;
    request->owner = asked;
    request->done = on_answer;
    atomic_fetch_add(&desk->refs, 1);
    cd_mutex_lock(&desk->lock);
    bool closed = desk->closed;
    if (!closed)
        cd_list_push_back(&desk->waiting, &asked->link);
    cd_mutex_unlock(&desk->lock);
    if (!closed)
        return asked;
    asked_free(asked);
    return NULL;
}

enum cd_outcome cd_desk_outcome(struct cd_asked *asked, struct cd_request **ret_request)
{
    cd_mutex_lock(&asked->desk->lock);
    enum cd_outcome outcome = asked->outcome;
    cd_mutex_unlock(&asked->desk->lock);
    *ret_request = outcome == CD_ANSWERED ? asked->request : NULL;
    return outcome;
}

void cd_desk_drop(struct cd_asked *asked)
{
    struct cd_desk *desk = asked->desk;
    cd_mutex_lock(&desk->lock);
    asked->dropped = true;
    bool last = asked->answered;
    cd_mutex_unlock(&desk->lock);
    if (last)
        asked_free(asked);
}

static struct cd_asked *asked_of(struct cd_link *link)
{
    return CD_CONTAINER_OF(link, struct cd_asked, link);
}

int64_t cd_desk_expire(struct cd_desk *desk, int64_t now_ms)
{
    int64_t earliest = INT64_MAX;
    cd_mutex_lock(&desk->lock);
    struct cd_link *next;
    for (struct cd_link *link = desk->waiting.next; link != &desk->waiting; link = next) {
        struct cd_asked *asked = asked_of(link);
        next = link->next;
        if (asked->deadline_ms <= now_ms)
            settle(asked, CD_TIMED_OUT);
        else if (asked->deadline_ms < earliest)
            earliest = asked->deadline_ms;
    }
    cd_mutex_unlock(&desk->lock);
    return earliest;
}

void cd_desk_close(struct cd_desk *desk)
{
    cd_mutex_lock(&desk->lock);
    desk->closed = true;
    while (!cd_list_empty(&desk->waiting))
        settle(asked_of(desk->waiting.next), CD_CLOSED);
    cd_mutex_unlock(&desk->lock);
}
