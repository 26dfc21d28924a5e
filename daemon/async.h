/*
 * One question of a step to another thread, and its answer.
 *
 * The step asks (a store, a pool job), goes on waiting, and is woken by the answer. It may lose
 * interest (a deadline passed, the task ends) while the other side is still busy: the answer then
 * touches nothing of the asker. Each side holds a reference; the last one frees.
 *
 * Thread: ask, take and drop belong to the step; answer comes from anywhere, once.
 */
#ifndef CD_DAEMON_ASYNC_H
#define CD_DAEMON_ASYNC_H

#include "daemon/scheduler.h"

struct cd_async;

/* Wakes `runnable` when answered. Two references: the step's and the answerer's. */
struct cd_async *cd_async_new(struct cd_runnable *runnable);
/* The answerer's end: fits cd_offset_done_fn. `err` NULL or with CD_OK: it went well. */
void cd_async_answer(void *async, const struct cd_error *err);
/* Has the answer come? Then `*ret_ok` and, when not ok, `err` are filled in. */
bool cd_async_take(struct cd_async *async, bool *ret_ok, struct cd_error *err);
/* The step's end, whether answered or not. NULL is allowed. */
void cd_async_drop(struct cd_async *async);

/* A question that is answered by a blocking call on a pool thread. `call` gets `arg`, which it
 * shares with nobody while it runs; `done` frees `arg` after the last use, on whichever thread that
 * is. */
struct cd_async_call {
    bool (*call)(void *arg, struct cd_error *err);
    void (*done)(void *arg);
    void *arg;
};
struct cd_async *cd_async_submit(struct cd_runnable *runnable, const struct cd_async_call *call);

#endif
