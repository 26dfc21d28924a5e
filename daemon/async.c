#include "daemon/async.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/thread.h"

struct cd_async {
    struct cd_mutex lock;
    /* guarded by lock: */
    struct cd_runnable *runnable; /* NULL: nobody is interested any more */
    int references;
    bool answered;
    struct cd_error err;
    /* of the step and the job, in turns: */
    struct cd_job job;
    struct cd_async_call call;
};

struct cd_async *cd_async_new(struct cd_runnable *runnable)
{
    struct cd_async *async = cd_new(struct cd_async);
    cd_mutex_init(&async->lock);
    async->runnable = runnable;
    async->references = 2;
    cd_error_reset(&async->err);
    return async;
}

static void unref_and_unlock(struct cd_async *async)
{
    bool last = --async->references == 0;
    cd_mutex_unlock(&async->lock);
    if (!last)
        return;
    if (async->call.done != NULL)
        async->call.done(async->call.arg);
    cd_mutex_done(&async->lock);
    free(async);
}

void cd_async_answer(void *arg, const struct cd_error *err)
{
    struct cd_async *async = arg;
    cd_mutex_lock(&async->lock);
    if (err != NULL)
        async->err = *err;
    async->answered = true;
    /* Under the lock: the step cannot end between this look and the wake. */
    if (async->runnable != NULL)
        cd_runnable_wake(async->runnable);
    unref_and_unlock(async);
}

bool cd_async_take(struct cd_async *async, bool *ret_ok, struct cd_error *err)
{
    cd_mutex_lock(&async->lock);
    bool answered = async->answered;
    if (answered) {
        *ret_ok = async->err.code == CD_OK;
        if (!*ret_ok && err->code == CD_OK)
            *err = async->err;
    }
    cd_mutex_unlock(&async->lock);
    return answered;
}

void cd_async_drop(struct cd_async *async)
{
    if (async == NULL)
        return;
    cd_mutex_lock(&async->lock);
    async->runnable = NULL;
    unref_and_unlock(async);
}

static void run_call(struct cd_job *job)
{
    struct cd_async *async = CD_CONTAINER_OF(job, struct cd_async, job);
    struct cd_error err = CD_ERROR_INIT;
    (void)async->call.call(async->call.arg, &err); /* `err` tells the same */
    cd_async_answer(async, &err);
}

struct cd_async *cd_async_submit(struct cd_runnable *runnable, const struct cd_async_call *call)
{
    struct cd_async *async = cd_async_new(runnable);
    async->call = *call;
    async->job.run = run_call;
    cd_scheduler_submit(runnable->scheduler, &async->job);
    return async;
}
