/* Makes the topic's name of its old name and the record's timestamp. */
#include "base/buffer.h"
#include "compat/date.h"
#include "plugins/operand.h"
#include "plugins/transform_list.h"

struct stamp_config {
    const char *topic_format;
    const char *timestamp_format;
};

struct stamp {
    struct cd_task_base base;
    struct cd_date_format *format;
    struct cd_buffer date;  /* these three are scratch */
    struct cd_buffer half;  /* with the topic in place */
    struct cd_buffer topic; /* with the timestamp, too */
};

static bool stamp_open(void *state, struct cd_error *err)
{
    struct stamp *stamp = state;
    const struct stamp_config *cfg = stamp->base.cfg;
    stamp->format = cd_date_format_new(cd_slice(cfg->timestamp_format), NULL, err);
    return stamp->format != NULL;
}

static void stamp_close(void *state)
{
    struct stamp *stamp = state;
    cd_date_format_free(stamp->format);
    cd_buffer_done(&stamp->date);
    cd_buffer_done(&stamp->half);
    cd_buffer_done(&stamp->topic);
}

static void replace_all(struct cd_slice text, struct cd_slice what, struct cd_slice by,
                        struct cd_buffer *out)
{
    cd_buffer_clear(out);
    const char *found;
    while ((found = memmem(text.ptr, text.len, what.ptr, what.len)) != NULL) {
        size_t before = (size_t)(found - text.ptr);
        cd_buffer_append(out, text.ptr, before);
        cd_buffer_slice(out, by);
        text = cd_slice_of(found + what.len, text.len - before - what.len);
    }
    cd_buffer_slice(out, text);
}

/* One after the other: a topic that contains ${timestamp} is expanded, as on the JVM. */
static enum cd_verdict_on_record stamp_apply(void *state, struct cd_batch *out,
                                             struct cd_record *rec, struct cd_error *err)
{
    struct stamp *stamp = state;
    const struct stamp_config *cfg = stamp->base.cfg;
    if (rec->timestamp_ms == CD_NO_TIMESTAMP)
        return cd_keep_if(cd_fail_as(err, CD_ERR_DATA, "DataException",
                                     "Timestamp missing on record: topic '%.*s', partition %d",
                                     CD_SLICE_ARG(rec->topic), rec->partition));
    cd_buffer_clear(&stamp->date);
    cd_date_print(stamp->format, rec->timestamp_ms, &stamp->date);
    replace_all(cd_slice(cfg->topic_format), cd_slice("${topic}"), rec->topic, &stamp->half);
    replace_all(cd_buffer_view(&stamp->half), cd_slice("${timestamp}"),
                cd_buffer_view(&stamp->date), &stamp->topic);
    struct cd_slice topic = stamp->base.host->copy(out, cd_buffer_view(&stamp->topic), err);
    if (topic.ptr == NULL)
        return CD_RECORD_FAILED;
    rec->topic = topic;
    return CD_RECORD_KEEP;
}

/* The JVM notices a bad pattern at the first record only; here a configuration with one is refused.
 */
static bool check_format(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key;
    struct cd_date_format *format = cd_date_format_new(cd_slice(value), NULL, err);
    bool ok = format != NULL;
    cd_date_format_free(format);
    return ok;
}

static const struct cd_transform stamp_table = {
    .size = sizeof(struct cd_transform),
    .state_size = sizeof(struct stamp),
    .open = stamp_open,
    .apply = stamp_apply,
    .close = stamp_close,
};

static const struct cd_key stamp_keys[] = {
    {
        .name = "topic.format",
        .type = CD_STRING,
        .fallback = "${topic}-${timestamp}",
        .offset = offsetof(struct stamp_config, topic_format),
        .importance = CD_HIGH,
        .doc = "Format string which can contain <code>${topic}</code> and "
               "<code>${timestamp}</code> as placeholders for the topic and timestamp, "
               "respectively.",
    },
    {
        .name = "timestamp.format",
        .type = CD_STRING,
        .fallback = "yyyyMMdd",
        .check = check_format,
        .offset = offsetof(struct stamp_config, timestamp_format),
        .importance = CD_HIGH,
        .doc = "Format string for the timestamp that is compatible with "
               "<code>java.text.SimpleDateFormat</code>.",
    },
};

const struct cd_plugin cd_timestamp_router_plugin = CD_TRANSFORM_PLUGIN(
    "TimestampRouter",
    "Update the record's topic field as a function of the original topic value and the record "
    "timestamp.<p/>This is mainly useful for sink connectors, since the topic field is often used "
    "to determine the equivalent entity name in the destination system(e.g. database table or "
    "search index name).",
    struct stamp_config, stamp_keys, stamp_table);
