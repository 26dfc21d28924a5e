#include "base/thread.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"

#define DEFAULT_STACK_BYTES ((size_t)256 * 1024)

/* Sanitizers put large red zones around every local variable. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_FACTOR 8u
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_FACTOR 8u
#endif
#endif
#ifndef STACK_FACTOR
#define STACK_FACTOR 1u
#endif

#ifdef __SANITIZE_THREAD__
/* Takes base/tsan.c out of its archive. */
extern const int cd_tsan_linked;
extern const int *const cd_tsan_wanted;
const int *const cd_tsan_wanted = &cd_tsan_linked;
#endif

struct start {
    void (*run)(void *);
    void *arg;
    char name[16];
};

static void *begin(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    (void)pthread_setname_np(pthread_self(), start.name); /* only for people who look */
    start.run(start.arg);
    return NULL;
}

static int create_with_signals_blocked(pthread_t *id, const pthread_attr_t *attr,
                                       struct start *start)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* fails only for a wrong first argument */
    int code = pthread_create(id, attr, begin, start);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

static size_t stack_size(size_t wanted)
{
    size_t bytes = (wanted == 0 ? DEFAULT_STACK_BYTES : wanted) * STACK_FACTOR;
    return bytes < (size_t)PTHREAD_STACK_MIN ? (size_t)PTHREAD_STACK_MIN : bytes;
}

bool cd_thread_start(struct cd_thread *thread, const char *name, size_t stack_bytes,
                     void (*run)(void *), void *arg, struct cd_error *err)
{
    struct start *start = cd_new(struct start);
    *start = (struct start){.run = run, .arg = arg};
    (void)snprintf(start->name, sizeof(start->name), "%s", name);

    pthread_attr_t attr;
    (void)pthread_attr_init(&attr); /* cannot fail on Linux */
    int code = pthread_attr_setstacksize(&attr, stack_size(stack_bytes));
    if (code == 0)
        code = create_with_signals_blocked(&thread->id, &attr, start);
    (void)pthread_attr_destroy(&attr);
    thread->started = code == 0;
    if (code == 0)
        return true;
    free(start);
    return cd_fail_as(err, CD_ERR_REMOTE, strerrorname_np(code), "starting thread '%s': %s", name,
                      strerrordesc_np(code));
}

void cd_thread_join(struct cd_thread *thread)
{
    if (!thread->started)
        return;
    int code = pthread_join(thread->id, NULL);
    assert(code == 0);
    (void)code;
    thread->started = false;
}

void cd_thread_detach(struct cd_thread *thread)
{
    if (!thread->started)
        return;
    int code = pthread_detach(thread->id);
    assert(code == 0);
    (void)code;
    thread->started = false;
}

static uintptr_t self(void)
{
    return (uintptr_t)pthread_self();
}

void cd_mutex_init(struct cd_mutex *mutex)
{
    int code = pthread_mutex_init(&mutex->lock, NULL);
    assert(code == 0);
    (void)code;
    atomic_init(&mutex->holder, 0);
}

void cd_mutex_done(struct cd_mutex *mutex)
{
    int code = pthread_mutex_destroy(&mutex->lock);
    assert(code == 0);
    (void)code;
}

void cd_mutex_lock(struct cd_mutex *mutex)
{
    assert(!cd_mutex_held(mutex));
    int code = pthread_mutex_lock(&mutex->lock);
    assert(code == 0);
    (void)code;
    atomic_store_explicit(&mutex->holder, self(), memory_order_relaxed);
}

void cd_mutex_unlock(struct cd_mutex *mutex)
{
    assert(cd_mutex_held(mutex));
    atomic_store_explicit(&mutex->holder, 0, memory_order_relaxed);
    int code = pthread_mutex_unlock(&mutex->lock);
    assert(code == 0);
    (void)code;
}

bool cd_mutex_held(const struct cd_mutex *mutex)
{
    return atomic_load_explicit(&mutex->holder, memory_order_relaxed) == self();
}

void cd_cond_init(struct cd_cond *cond)
{
    pthread_condattr_t attr;
    (void)pthread_condattr_init(&attr); /* neither can fail on Linux with this clock */
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    int code = pthread_cond_init(&cond->cond, &attr);
    assert(code == 0);
    (void)code;
    (void)pthread_condattr_destroy(&attr);
}

void cd_cond_done(struct cd_cond *cond)
{
    int code = pthread_cond_destroy(&cond->cond);
    assert(code == 0);
    (void)code;
}

void cd_cond_signal(struct cd_cond *cond)
{
    (void)pthread_cond_signal(&cond->cond); /* never fails */
}

void cd_cond_broadcast(struct cd_cond *cond)
{
    (void)pthread_cond_broadcast(&cond->cond); /* never fails */
}

/* The deadline on the kernel's clock. Under a faked clock what is left of it is waited for in real
 * time. */
static struct timespec real_deadline(int64_t deadline_ms)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* exists on every Linux */
    int64_t at_ms = cd_clock_ms();
    int64_t left_ms = deadline_ms <= at_ms ? 0 : deadline_ms - at_ms;
    int64_t ns = now.tv_nsec + left_ms % 1000 * 1000000;
    now.tv_sec += (time_t)(left_ms / 1000 + ns / 1000000000);
    now.tv_nsec = (long)(ns % 1000000000);
    return now;
}

bool cd_cond_wait(struct cd_cond *cond, struct cd_mutex *mutex, int64_t deadline_ms)
{
    assert(cd_mutex_held(mutex));
    atomic_store_explicit(&mutex->holder, 0, memory_order_relaxed);
    int code;
    if (deadline_ms == INT64_MAX) {
        code = pthread_cond_wait(&cond->cond, &mutex->lock);
    } else {
        struct timespec until = real_deadline(deadline_ms);
        code = pthread_cond_timedwait(&cond->cond, &mutex->lock, &until);
    }
    assert(code == 0 || code == ETIMEDOUT);
    atomic_store_explicit(&mutex->holder, self(), memory_order_relaxed);
    return code == 0;
}
