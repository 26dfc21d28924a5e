/* Random delays. Not for secrets: xorshift, one state an owner. */
#ifndef CD_DAEMON_JITTER_H
#define CD_DAEMON_JITTER_H

#include <stdint.h>

#include "base/clock.h"

static inline uint64_t cd_jitter_seed(const void *owner)
{
    uint64_t seed = (uint64_t)(uintptr_t)owner ^ (uint64_t)cd_clock_us() * 0x9e3779b97f4a7c15u;
    return seed == 0 ? 1 : seed;
}

/* Uniform in [0, end); 0 when end is not positive. */
static inline int64_t cd_jitter_below(uint64_t *state, int64_t end)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return end <= 0 ? 0 : (int64_t)(*state % (uint64_t)end);
}

#endif
