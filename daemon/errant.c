#include "daemon/errant.h"

#include <inttypes.h>

#include "base/clock.h"
#include "daemon/dead_letter.h"
#include "daemon/trace.h"
#include "data/value.h"

#define QUIET_MS 10000

void cd_errant_failed_call(struct cd_errant *errant)
{
    cd_count(&errant->counters->failures, 1);
    atomic_store_explicit(&errant->counters->last_error_ms, cd_wall_ms(), memory_order_relaxed);
}

static const char *timestamp_type(enum cd_timestamp_type type)
{
    switch (type) {
    case CD_TIMESTAMP_CREATE:
        return "CreateTime";
    case CD_TIMESTAMP_APPEND:
        return "LogAppendTime";
    case CD_TIMESTAMP_NONE:
        break;
    }
    return NULL;
}

static void add_consumed(const struct cd_incoming *message, struct cd_buffer *out)
{
    cd_buffer_printf(out, ", where consumed record is {topic='%.*s', partition=%d, offset=%" PRId64,
                     CD_SLICE_ARG(message->topic), message->partition, message->offset);
    const char *type = timestamp_type(message->timestamp_type);
    if (type != NULL)
        cd_buffer_printf(out, ", timestamp=%" PRId64 ", timestampType=%s", message->timestamp_ms,
                         type);
    cd_buffer_char(out, '}');
}

/* Values that JSON cannot say are left out: this is for people. */
static void add_value(const char *name, struct cd_value value, struct cd_buffer *out)
{
    struct cd_error err = CD_ERROR_INIT;
    size_t before = out->len;
    cd_buffer_printf(out, ", %s=", name);
    if (!cd_value_to_json(value, out, &err))
        out->len = before;
}

static void add_source(const struct cd_record *rec, struct cd_buffer *out)
{
    cd_buffer_printf(out, ", where source record is = SourceRecord{topic='%.*s', kafkaPartition=",
                     CD_SLICE_ARG(rec->topic));
    if (rec->partition == CD_NO_PARTITION)
        cd_buffer_text(out, "null");
    else
        cd_buffer_printf(out, "%d", rec->partition);
    add_value("sourceOffset", rec->source_offset, out);
    add_value("key", rec->key, out);
    add_value("value", rec->value, out);
    if (rec->timestamp_ms != CD_NO_TIMESTAMP)
        cd_buffer_printf(out, ", timestamp=%" PRId64, rec->timestamp_ms);
    cd_buffer_char(out, '}');
}

/* The JVM's line, which operators grep for. */
static void log_record(const struct cd_errant *errant, const struct cd_errant_record *record)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    cd_buffer_printf(&text, "Error encountered in task %s-%d. Executing stage '%s' with class '%s'",
                     errant->connector, errant->task, cd_stage_name(record->stage),
                     record->class_name);
    if (errant->common->log_messages && record->consumed != NULL)
        add_consumed(record->consumed, &text);
    if (errant->common->log_messages && record->source != NULL)
        add_source(record->source, &text);
    cd_buffer_text(&text, ". ");
    const struct cd_trace trace = {.stage = cd_stage_name(record->stage),
                                   .class_name = record->class_name};
    cd_trace_text(&trace, record->err, &text);
    cd_log_error(errant->log, "%s", text.ptr);
    cd_count(&errant->counters->logged, 1);
}

static void log_summary(struct cd_errant *errant, const struct cd_errant_record *record)
{
    cd_count(&errant->unsaid, 1);
    int64_t now_ms = cd_clock_ms();
    int64_t quiet_ms = atomic_load(&errant->quiet_until_ms);
    if (now_ms < quiet_ms ||
        !atomic_compare_exchange_strong(&errant->quiet_until_ms, &quiet_ms, now_ms + QUIET_MS))
        return;
    uint64_t count = atomic_exchange(&errant->unsaid, 0);
    cd_log_warn(errant->log,
                "skipped records because errors.tolerance=all records=%" PRIu64
                " stage=%s class=%s error=\"%s\"",
                count, cd_stage_name(record->stage), record->class_name, record->err->msg);
}

bool cd_errant_report(struct cd_errant *errant, const struct cd_errant_record *record,
                      struct cd_error *err)
{
    cd_count(&errant->counters->errors, 1);
    if (record->tolerated)
        cd_count(&errant->counters->skipped, 1);
    if (errant->common->log_errors)
        log_record(errant, record);
    else if (record->tolerated)
        log_summary(errant, record);
    if (errant->dead_letters == NULL || record->consumed == NULL)
        return true;
    return cd_dead_letters_send(errant->dead_letters, record, err);
}
