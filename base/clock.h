/* Monotonic and wall time. Tests may take the clock over and move it; waits of real threads are not
 * affected. */
#ifndef CD_BASE_CLOCK_H
#define CD_BASE_CLOCK_H

#include <stdint.h>

int64_t cd_clock_ms(void); /* monotonic */
int64_t cd_clock_us(void); /* monotonic */
int64_t cd_wall_ms(void);  /* since 1970 */
int64_t cd_thread_cpu_us(void);

/* For tests: from here on time stands still at these values and is moved by advance. */
void cd_clock_fake(int64_t monotonic_ms, int64_t wall_ms);
void cd_clock_advance(int64_t ms);
void cd_clock_real(void);

#endif
