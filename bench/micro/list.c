#include "bench/micro/path.h"

const struct bench_paths *const bench_all[] = {
    &bench_converters, &bench_chain, &bench_batches, &bench_files, NULL,
};
