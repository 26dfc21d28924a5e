/*
 * Drives a connector through its descriptor, as the daemon does: parses its keys, opens a task,
 * steps it with poll(2) between the steps, keeps offsets in memory. The host table is the real one.
 *
 * Everything that fails ends the test with the error's text, except where a `try_` form says so.
 */
#ifndef CD_FAKE_CONNECTOR_RIG_H
#define CD_FAKE_CONNECTOR_RIG_H

#include "connectd/plugin.h"
#include "data/batch.h"

struct cd_rig;

/* A row of connectd_plugins by class name, among those the settings are claimed by. `settings` are
 * pairs of key and value, NULL-terminated. */
struct cd_rig *cd_rig_new(const char *class_name, const char *const *settings);
void cd_rig_free(struct cd_rig *rig); /* closes the task */
void cd_rig_set(struct cd_rig *rig, const char *key, const char *value);
/* Stores an offset, both as JSON, for tasks opened from now on. */
void cd_rig_store_offset(struct cd_rig *rig, const char *partition, const char *offset);

/* ---- the connector ---- */

/* Problems as "key: message\n"; "" when there are none. Lent. */
const char *cd_rig_validate(struct cd_rig *rig);
/* The tasks' settings as "key=value;key=value\n" a task, or "error: ..." . Lent. */
const char *cd_rig_tasks(struct cd_rig *rig, int32_t tasks_max);
/* Splits for one task and takes its settings over, as a daemon would. */
void cd_rig_take_task(struct cd_rig *rig);

/* ---- a source task ---- */

/* Opens (false: see cd_rig_error), with the settings of the moment. */
bool cd_rig_try_open(struct cd_rig *rig);
void cd_rig_open(struct cd_rig *rig);
/* Closes the task and keeps the offsets of what it delivered: a clean stop. */
void cd_rig_close(struct cd_rig *rig);
/* Polls until `count` records have come (or, false, until a poll failed or `deadline_ms` passed).
 */
bool cd_rig_try_read(struct cd_rig *rig, size_t count, int64_t deadline_ms);
void cd_rig_read(struct cd_rig *rig, size_t count);
/* Steps for `ms` and fails the test when a record comes. */
void cd_rig_read_nothing(struct cd_rig *rig, int64_t ms);
/* Records read since the last clear. */
size_t cd_rig_count(const struct cd_rig *rig);
/* "topic value partition offset", as JSON, but Decimals plain and bytes
 * as x'00ff'. Lent. */
const char *cd_rig_line(const struct cd_rig *rig, size_t i);
/* The value alone. */
const char *cd_rig_value(const struct cd_rig *rig, size_t i);
const char *cd_rig_offset(const struct cd_rig *rig, size_t i);
/* "name: TYPE?, ..." of the last record's value, logical names short: "Decimal(2)". */
const char *cd_rig_schema(const struct cd_rig *rig);
void cd_rig_clear(struct cd_rig *rig);
/* Not to keep texts: for measuring. */
void cd_rig_count_only(struct cd_rig *rig);

/* ---- a sink task ---- */

/* The batch that the next put takes; fill it by cd_rig_add. */
struct cd_batch *cd_rig_batch(struct cd_rig *rig);
/* A record of `topic`, partition 0, offsets counted up; key and value null. */
struct cd_record *cd_rig_add(struct cd_rig *rig, const char *topic);
/* JSON text as a value without schema, in the batch. */
struct cd_value cd_rig_json(struct cd_rig *rig, const char *json);
/* Puts the batch and flushes; on failure rewinds, so that the next put starts anew. */
bool cd_rig_try_put(struct cd_rig *rig);
bool cd_rig_try_put_only(struct cd_rig *rig); /* no flush */
bool cd_rig_try_flush(struct cd_rig *rig);
void cd_rig_rewind(struct cd_rig *rig);
void cd_rig_put(struct cd_rig *rig);

/* Reads `count` records from a source and puts them, as they are, into a sink's `topic`. */
void cd_rig_pipe(struct cd_rig *source, struct cd_rig *sink, const char *topic, size_t count);

const struct cd_error *cd_rig_error(const struct cd_rig *rig);
const struct cd_host *cd_rig_host(void);
void *cd_rig_state(struct cd_rig *rig);

#endif
