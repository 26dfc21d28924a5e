#include "compat/murmur2.h"

#include <string.h>

#define SEED 0x9747b28cu
#define M 0x5bd1e995u

int32_t cd_murmur2(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint32_t h = SEED ^ (uint32_t)len;
    for (; len >= 4; len -= 4, at += 4) {
        uint32_t k =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        k *= M;
        k ^= k >> 24;
        h = h * M ^ k * M;
    }
    if (len > 0) {
        for (size_t i = 0; i < len; i++)
            h ^= (uint32_t)at[i] << (8 * i);
        h *= M;
    }
    h ^= h >> 13;
    h *= M;
    h ^= h >> 15;
    return (int32_t)h;
}
