/*
 * Runs one task of a connector by its descriptor, as the daemon would: typed configuration, host
 * table, partitions with offsets that survive a restart, steps until the task waits.
 *
 * Every step gets a fresh error and wait. Thread: the test's.
 */
#ifndef CD_TESTS_FAKE_RUNNER_H
#define CD_TESTS_FAKE_RUNNER_H

#include "config/properties.h"
#include "connectd/plugin.h"
#include "data/batch.h"
#include "plugins/instance.h"

struct cd_runner;

/* `set` is what the library exports. Ends the test if it is refused. */
struct cd_runner *cd_runner_new(const struct cd_plugin_set *set, const char *class_name);
void cd_runner_free(struct cd_runner *runner);

void cd_runner_set(struct cd_runner *runner, const char *key, const char *value);
/* The offset a later start finds, as JSON ("{\"filename\":\"x\"}", "{\"position\":3}"). */
void cd_runner_store(struct cd_runner *runner, const char *partition, const char *offset);

/* Opens the task; what stepped calls answer is returned, waits included. */
enum cd_step cd_runner_open(struct cd_runner *runner);
void cd_runner_close(struct cd_runner *runner);

/* One call of poll into a new batch (the one before is freed); AGAIN is followed by the next call.
 * The batch is the runner's. */
enum cd_step cd_runner_poll(struct cd_runner *runner);
/* As poll, but waits for what the task waits for, at most `deadline_ms` in all, until a record has
 * come. False: none came. */
bool cd_runner_poll_until(struct cd_runner *runner, int64_t deadline_ms);
const struct cd_batch *cd_runner_batch(const struct cd_runner *runner);
/* Takes the offsets of the batch's records as committed: a later open finds them. */
void cd_runner_commit(struct cd_runner *runner);
/* The newest committed offset of the partition, as JSON; freed by the caller, NULL: none. */
char *cd_runner_offset(const struct cd_runner *runner, const char *partition);
/* The next batches have this limit. */
void cd_runner_limit(struct cd_runner *runner, size_t batch_bytes);

/* Sinks. `batch` is built by the test. */
enum cd_step cd_runner_put(struct cd_runner *runner, const struct cd_batch *batch);
enum cd_step cd_runner_flush(struct cd_runner *runner);
void cd_runner_rewind(struct cd_runner *runner);

const struct cd_error *cd_runner_error(const struct cd_runner *runner);
const struct cd_wait *cd_runner_waits(const struct cd_runner *runner);
const struct cd_registered *cd_runner_plugin(const struct cd_runner *runner);
struct cd_task_base *cd_runner_task(struct cd_runner *runner);

#endif
