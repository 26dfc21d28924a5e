/*
 * C11 threads on top of pthreads, for builds with the thread sanitizer only.
 *
 * The sanitizer follows pthread_create and pthread_mutex_lock but not glibc's thrd_create and
 * mtx_lock, which librdkafka uses: its threads would crash at their first instrumented function,
 * and its locks would not be seen. These definitions take the place of glibc's for the whole
 * process.
 */
#include "connectd/error.h"

typedef int cd_tsan_unit; /* a translation unit must not be empty */

#if defined(__SANITIZE_THREAD__)
#define WITH_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif

#ifdef WITH_TSAN

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <threads.h>

/* base/thread.c names it, so that the linker takes this file out of its archive. */
extern const int cd_tsan_linked;
const int cd_tsan_linked = 1;

/* Foreign libraries only: their own atomics are not instrumented, so the order they make is not
 * seen. */
const char *__tsan_default_suppressions(void);
CD_EXPORT const char *__tsan_default_suppressions(void)
{
    return "race:librdkafka.so\n"
           "mutex:librdkafka.so\n";
}

/* glibc's types are its pthread types under another name. */
static pthread_mutex_t *mutex_of(mtx_t *mutex)
{
    return (pthread_mutex_t *)(void *)mutex;
}

static pthread_cond_t *cond_of(cnd_t *cond)
{
    return (pthread_cond_t *)(void *)cond;
}

static int result(int code)
{
    return code == 0 ? thrd_success : code == ETIMEDOUT ? thrd_timedout : thrd_error;
}

struct start {
    thrd_start_t run;
    void *arg;
};

static void *begin(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    return (void *)(intptr_t)start.run(start.arg);
}

CD_EXPORT int thrd_create(thrd_t *thread, thrd_start_t run, void *arg)
{
    struct start *start = malloc(sizeof(*start));
    if (start == NULL)
        return thrd_nomem;
    *start = (struct start){run, arg};
    return result(pthread_create(thread, NULL, begin, start));
}

CD_EXPORT int thrd_join(thrd_t thread, int *ret)
{
    void *value = NULL;
    int code = pthread_join(thread, &value);
    if (ret != NULL)
        *ret = (int)(intptr_t)value;
    return result(code);
}

CD_EXPORT int mtx_init(mtx_t *mutex, int type)
{
    pthread_mutexattr_t attr;
    (void)pthread_mutexattr_init(&attr);
    if ((type & mtx_recursive) != 0)
        (void)pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    return result(pthread_mutex_init(mutex_of(mutex), &attr));
}

CD_EXPORT int mtx_lock(mtx_t *mutex)
{
    return result(pthread_mutex_lock(mutex_of(mutex)));
}

CD_EXPORT int mtx_unlock(mtx_t *mutex)
{
    return result(pthread_mutex_unlock(mutex_of(mutex)));
}

CD_EXPORT void mtx_destroy(mtx_t *mutex)
{
    (void)pthread_mutex_destroy(mutex_of(mutex));
}

CD_EXPORT int cnd_init(cnd_t *cond)
{
    return result(pthread_cond_init(cond_of(cond), NULL));
}

CD_EXPORT int cnd_signal(cnd_t *cond)
{
    return result(pthread_cond_signal(cond_of(cond)));
}

CD_EXPORT int cnd_broadcast(cnd_t *cond)
{
    return result(pthread_cond_broadcast(cond_of(cond)));
}

CD_EXPORT int cnd_wait(cnd_t *cond, mtx_t *mutex)
{
    return result(pthread_cond_wait(cond_of(cond), mutex_of(mutex)));
}

CD_EXPORT int cnd_timedwait(cnd_t *cond, mtx_t *mutex, const struct timespec *until)
{
    return result(pthread_cond_timedwait(cond_of(cond), mutex_of(mutex), until));
}

CD_EXPORT void cnd_destroy(cnd_t *cond)
{
    (void)pthread_cond_destroy(cond_of(cond));
}

#endif
