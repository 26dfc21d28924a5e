/* Powers of ten to 126 bits, for number.c alone. */
#ifndef CD_COMPAT_NUMBER_TABLE_H
#define CD_COMPAT_NUMBER_TABLE_H

#include <stdint.h>

#define CD_POWER_MIN (-324)
#define CD_POWER_MAX 292

/* For k in [CD_POWER_MIN, CD_POWER_MAX]: g = floor(10^-k * 2^-r) + 1 = high * 2^63 + low, with r
 * such that 2^125 <= 10^-k * 2^-r < 2^126. */
struct cd_power_of_ten {
    uint64_t high;
    uint64_t low;
};

extern const struct cd_power_of_ten cd_powers_of_ten[CD_POWER_MAX - CD_POWER_MIN + 1];

#endif
