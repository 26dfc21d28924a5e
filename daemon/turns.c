#include "daemon/turns.h"

#include "base/alloc.h"

#include <stdlib.h>

struct turn {
    struct cd_link waiting; /* struct waiting */
};

struct waiting {
    struct cd_link link;
    struct cd_request *request;
    void (*start)(struct cd_herder *, struct cd_request *);
};

void cd_turn_take(struct cd_herder *herder, struct cd_request *request,
                  void (*start)(struct cd_herder *, struct cd_request *))
{
    struct turn *turn = cd_strmap_get(&herder->turns, request->connector);
    if (turn == NULL) {
        turn = cd_new(struct turn);
        cd_list_init(&turn->waiting);
        (void)cd_strmap_put(&herder->turns, request->connector, turn); /* the map keeps the name */
        start(herder, request);
        return;
    }
    struct waiting *waiting = cd_new(struct waiting);
    waiting->request = request;
    waiting->start = start;
    cd_list_push_back(&turn->waiting, &waiting->link);
}

void cd_turn_end(struct cd_herder *herder, const char *connector)
{
    struct turn *turn = cd_strmap_get(&herder->turns, connector);
    if (turn == NULL)
        return;
    struct cd_link *link = cd_list_pop_front(&turn->waiting);
    if (link == NULL) {
        (void)cd_strmap_remove(&herder->turns, connector); /* it was there */
        return;
    }
    struct waiting *next = CD_CONTAINER_OF(link, struct waiting, link);
    struct cd_request *request = next->request;
    void (*start)(struct cd_herder *, struct cd_request *) = next->start;
    free(next);
    start(herder, request);
}

void cd_turn_free(void *arg)
{
    struct turn *turn = arg;
    for (struct cd_link *link; (link = cd_list_pop_front(&turn->waiting)) != NULL;) {
        struct waiting *waiting = CD_CONTAINER_OF(link, struct waiting, link);
        cd_answer_fail(&waiting->request->answer, 503, "The worker is shutting down.");
        cd_request_done(waiting->request);
        free(waiting);
    }
    free(turn);
}
