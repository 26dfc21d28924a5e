/*
 * Hot paths a record takes, each alone: without Kafka, without threads, with the same work in every
 * run, so that the instructions of a run can be counted and compared (bench/smoke).
 *
 * A path's `open` makes all that a task makes once, `run` is what is counted.
 */
#ifndef BENCH_PATH_H
#define BENCH_PATH_H

#include <stddef.h>

/* `run` is asked for a multiple of this, as a task gets its records in batches. */
#define BENCH_BATCH 500

struct bench_path {
    const char *name;
    void (*open)(void);
    void (*run)(long records);
    void (*close)(void);
};

struct bench_paths {
    const struct bench_path *list;
    size_t count;
};

extern const struct bench_paths bench_converters;
extern const struct bench_paths bench_chain;
extern const struct bench_paths bench_batches;
extern const struct bench_paths bench_files;

/* What this program has; ends with NULL. */
extern const struct bench_paths *const bench_all[];

struct cd_error;

/* A name of its own in the symbol table: counting is switched on and off by it. */
__attribute__((noinline)) void bench_measured(const struct bench_path *path, long records);

/* The benchmark's own way out: nothing here may fail. */
void bench_must(int ok, const struct cd_error *err);

#endif
