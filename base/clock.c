#include "base/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static atomic_bool faked;
static _Atomic(int64_t) fake_monotonic_ms;
static _Atomic(int64_t) fake_wall_ms;

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    (void)clock_gettime(id, &now); /* these clocks exist on every Linux */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool is_faked(void)
{
    return atomic_load_explicit(&faked, memory_order_acquire);
}

int64_t cd_clock_ms(void)
{
    return is_faked() ? atomic_load(&fake_monotonic_ms) : read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t cd_clock_us(void)
{
    return is_faked() ? atomic_load(&fake_monotonic_ms) * 1000 : read_us(CLOCK_MONOTONIC);
}

int64_t cd_wall_ms(void)
{
    return is_faked() ? atomic_load(&fake_wall_ms) : read_us(CLOCK_REALTIME) / 1000;
}

int64_t cd_thread_cpu_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

void cd_clock_fake(int64_t monotonic_ms, int64_t wall_ms)
{
    atomic_store(&fake_monotonic_ms, monotonic_ms);
    atomic_store(&fake_wall_ms, wall_ms);
    atomic_store_explicit(&faked, true, memory_order_release);
}

void cd_clock_advance(int64_t ms)
{
    atomic_fetch_add(&fake_monotonic_ms, ms);
    atomic_fetch_add(&fake_wall_ms, ms);
}

void cd_clock_real(void)
{
    atomic_store_explicit(&faked, false, memory_order_release);
}
