/* The file connectors: a file's blocks into lines with their offsets, and texts into a file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/micro/path.h"
#include "tests/fake/runner.h"

#define PACKAGE "org.apache.kafka.connect.file."
#define LINE                                                                                       \
    "000000042 the quick brown fox jumps over the lazy dog, the quick brown fox jumps over the "   \
    "lazy do"

extern const struct cd_plugin_set connectd_plugins; /* of connectors/file */

#define LINES 10000

static struct cd_runner *runner;
static struct cd_batch *batch;
static char path[64];

static void make_file(long lines)
{
    (void)snprintf(path, sizeof(path), "/tmp/connectd-paths.XXXXXX");
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    for (long i = 0; file != NULL && i < lines; i++)
        if (fputs(LINE "\n", file) < 0)
            abort();
    if (file == NULL || fclose(file) != 0)
        abort();
}

static void open_runner(const char *class_name, long lines)
{
    make_file(lines);
    runner = cd_runner_new(&connectd_plugins, class_name);
    cd_runner_set(runner, "file", path);
}

static void open_source(void)
{
    open_runner(PACKAGE "FileStreamSourceConnector", LINES);
    cd_runner_set(runner, "topic", "lines");
    bench_must(cd_runner_open(runner) == CD_STEP_DONE, cd_runner_error(runner));
}

/* Nothing is committed: opened again, it begins again. */
static void read_lines(long records)
{
    for (long done = 0; done < records;) {
        if (cd_runner_poll(runner) == CD_STEP_WAIT) {
            cd_runner_close(runner);
            bench_must(cd_runner_open(runner) == CD_STEP_DONE, cd_runner_error(runner));
        }
        done += (long)cd_runner_batch(runner)->count;
    }
}

static void open_sink(void)
{
    struct cd_error err = CD_ERROR_INIT;
    open_runner(PACKAGE "FileStreamSinkConnector", 0);
    bench_must(cd_runner_open(runner) == CD_STEP_DONE, cd_runner_error(runner));
    batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < BENCH_BATCH; i++) {
        struct cd_record *rec = cd_batch_add(batch, &err);
        bench_must(rec != NULL, &err);
        rec->value = cd_string(cd_slice(LINE));
    }
}

static void write_lines(long records)
{
    for (long done = 0; done < records; done += BENCH_BATCH)
        bench_must(cd_runner_put(runner, batch) == CD_STEP_DONE, cd_runner_error(runner));
}

static void close_runner(void)
{
    cd_runner_close(runner);
    cd_runner_free(runner);
    cd_batch_free(batch);
    (void)unlink(path); /* it is in the folder for what may vanish */
}

static const struct bench_path paths[] = {
    {"file-lines", open_source, read_lines, close_runner},
    {"file-texts", open_sink, write_lines, close_runner},
};

const struct bench_paths bench_files = {paths, sizeof(paths) / sizeof(paths[0])};
