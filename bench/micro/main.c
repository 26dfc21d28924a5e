/*
 *   paths                     names all paths, one a line
 *   paths NAME [RECORDS]      runs one; prints nanoseconds a record
 *
 * bench/smoke counts the instructions of bench_measured under callgrind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/micro/path.h"
#include "connectd/error.h"

void bench_must(int ok, const struct cd_error *err)
{
    if (ok)
        return;
    (void)fprintf(stderr, "%s\n", err->msg);
    exit(1);
}

void bench_measured(const struct bench_path *path, long records)
{
    path->run(records);
}

static double now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* the clock exists */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(const struct bench_path *path, long records)
{
    path->open();
    path->run(BENCH_BATCH); /* caches filled, memory taken */
    double began = now_ns();
    bench_measured(path, records);
    (void)printf("%-22s %8.1f ns\n", path->name, (now_ns() - began) / (double)records);
    path->close();
}

int main(int argc, char **argv)
{
    long records = argc > 2 ? strtol(argv[2], NULL, 10) : 1000000;
    int found = 0;
    for (size_t i = 0; bench_all[i] != NULL; i++)
        for (size_t k = 0; k < bench_all[i]->count; k++) {
            const struct bench_path *path = &bench_all[i]->list[k];
            if (argc < 2)
                (void)puts(path->name);
            else if (strcmp(path->name, argv[1]) == 0 || strcmp("all", argv[1]) == 0)
                found = (measure(path, records), 1);
        }
    return argc < 2 || found ? 0 : 2;
}
