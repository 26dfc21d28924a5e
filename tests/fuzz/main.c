/* Feeds a target its seeds and random mutations of them: the same ones for the same numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define SIZE_LIMIT 4096u
#define ROUNDS 200000

static uint64_t state;

/* xorshift64*: small, and the same everywhere. */
static uint32_t pick(uint32_t below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 32) % below;
}

/* In memory of exactly its size, so that a sanitizer sees a look beyond. */
static void try(const unsigned char *bytes, size_t size)
{
    unsigned char *exact = malloc(size == 0 ? 1 : size);
    if (exact == NULL)
        abort();
    memcpy(exact, bytes, size);
    (void)LLVMFuzzerTestOneInput(exact, size); /* returns 0 by agreement */
    free(exact);
}

static const char *const no_seeds[] = {"", NULL};

static const char *const *seeds(void)
{
    return cd_fuzz_seeds == NULL ? no_seeds : cd_fuzz_seeds;
}

static const char *any_seed(void)
{
    uint32_t count = 0;
    while (seeds()[count] != NULL)
        count++;
    return seeds()[pick(count)];
}

static size_t insert(unsigned char *bytes, size_t size, size_t at, const char *what, size_t len)
{
    if (size + len > SIZE_LIMIT)
        return size;
    memmove(bytes + at + len, bytes + at, size - at);
    memcpy(bytes + at, what, len);
    return size + len;
}

static size_t mutate(unsigned char *bytes, size_t size)
{
    static const char interesting[] = "{}[]\",:\\-+.eE0123456789ntfu \t\xff\x80\xed\xf0\xc0";
    size_t at = pick((uint32_t)size + 1);
    size_t len = pick(8) + 1;
    const char *seed = any_seed();
    switch (pick(7)) {
    case 0: /* another byte */
        if (at < size)
            bytes[at] = (unsigned char)pick(256);
        return size;
    case 1:
        if (at < size)
            bytes[at] = (unsigned char)interesting[pick(sizeof(interesting) - 1)];
        return size;
    case 2:
        return insert(bytes, size, at, &interesting[pick(sizeof(interesting) - 1)], 1);
    case 3: /* less */
        len = len > size - at ? size - at : len;
        memmove(bytes + at, bytes + at + len, size - at - len);
        return size - len;
    case 4: /* cut */
        return at;
    case 5: { /* a piece of another */
        size_t from = pick((uint32_t)strlen(seed) + 1);
        size_t max = strlen(seed) - from;
        return insert(bytes, size, at, seed + from, max == 0 ? 0 : pick((uint32_t)max) + 1);
    }
    default: { /* again */
        char piece[8];
        len = len > size - at ? size - at : len;
        memcpy(piece, bytes + at, len);
        return insert(bytes, size, at, piece, len);
    }
    }
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? atol(argv[1]) : ROUNDS;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    state = state * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (const char *const *seed = seeds(); *seed != NULL; seed++)
        try((const unsigned char *)*seed, strlen(*seed));
    for (long i = 0; i < rounds; i++) {
        unsigned char bytes[SIZE_LIMIT];
        const char *seed = any_seed();
        size_t size = strlen(seed);
        memcpy(bytes, seed, size);
        for (uint32_t times = pick(6) + 1; times > 0; times--)
            size = mutate(bytes, size);
        try(bytes, size);
    }
    (void)printf("%s: %ld mutations\n", argv[0], rounds);
    return 0;
}
