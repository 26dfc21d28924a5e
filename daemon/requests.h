/*
 * The pieces that chains of steps are made of; requests.c has the chains for connectors,
 * offsets_api.c those for offsets.
 *
 * Thread: the herder's, but for what says otherwise.
 */
#ifndef CD_DAEMON_REQUESTS_H
#define CD_DAEMON_REQUESTS_H

#include "daemon/herder_private.h"

/* The next step of a request; `err` tells how the one before it ended. */
typedef void cd_request_step_fn(struct cd_herder *herder, struct cd_request *request,
                                const struct cd_error *err);

/* Hands the request back and gives its connector's turn to the next. */
void cd_herder_answer(struct cd_herder *herder, struct cd_request *request);
bool cd_request_changes_connector(enum cd_request_kind kind);

/* For callbacks of the stores: pass cd_herder_continued with what cd_herder_continue returns;
 * `next` follows on the herder's thread. cd_herder_continued may be called from any thread, exactly
 * once. */
void *cd_herder_continue(struct cd_herder *herder, struct cd_request *request,
                         cd_request_step_fn *next);
void cd_herder_continued(void *continuation, const struct cd_error *err);

/* Runs `work` on the pool, where it may block, then `next`. */
void cd_herder_job(struct cd_herder *herder, struct cd_request *request,
                   void (*work)(struct cd_herder *herder, struct cd_request *request,
                                struct cd_error *err),
                   cd_request_step_fn *next);

#endif
