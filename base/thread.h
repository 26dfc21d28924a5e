/*
 * Named threads, mutexes that can assert who holds them, and conditions on the monotonic clock. All
 * threads are started with signals blocked: they are taken by sigwait in main.
 */
#ifndef CD_BASE_THREAD_H
#define CD_BASE_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "connectd/error.h"

struct cd_thread {
    pthread_t id;
    bool started;
};

/* `name` has at most 15 characters; `stack_bytes` 0: 256 KiB. */
CD_MUST_CHECK bool cd_thread_start(struct cd_thread *thread, const char *name, size_t stack_bytes,
                                   void (*run)(void *), void *arg, struct cd_error *err);
void cd_thread_join(struct cd_thread *thread); /* harmless when it never started */
void cd_thread_detach(struct cd_thread *thread);

struct cd_mutex {
    pthread_mutex_t lock;
    _Atomic(uintptr_t) holder;
};

/* For what lives as long as the process. */
#define CD_MUTEX_INIT                                                                              \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, 0                                                               \
    }

void cd_mutex_init(struct cd_mutex *mutex);
void cd_mutex_done(struct cd_mutex *mutex);
void cd_mutex_lock(struct cd_mutex *mutex);
void cd_mutex_unlock(struct cd_mutex *mutex);
bool cd_mutex_held(const struct cd_mutex *mutex); /* by this thread; for asserts */

struct cd_cond {
    pthread_cond_t cond;
};

void cd_cond_init(struct cd_cond *cond);
void cd_cond_done(struct cd_cond *cond);
void cd_cond_signal(struct cd_cond *cond);
void cd_cond_broadcast(struct cd_cond *cond);
/* False when the monotonic deadline passed. Spurious wake-ups happen: loop. INT64_MAX waits for
 * ever. */
bool cd_cond_wait(struct cd_cond *cond, struct cd_mutex *mutex, int64_t deadline_ms);

#endif
