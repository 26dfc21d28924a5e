/*
 * Fuzzing: one file a target, each with libFuzzer's entry point. Linked with libFuzzer it is an
 * endless search; linked with main.c it is a bounded one that any compiler and sanitizer runs.
 *
 *   fuzz_x [rounds [seed]]      tries the seeds, then that many mutations of them
 */
#ifndef CD_TESTS_FUZZ_FUZZ_H
#define CD_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Inputs to begin with; terminated by NULL. A target may do without. */
extern const char *const cd_fuzz_seeds[] __attribute__((weak));

#endif
