/*
 * What a person reads in a status, a log or a dead letter: the JVM's form of an exception, so that
 * tools that cut traces apart find what they look for.
 *
 *   org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler
 *       at connectd.VALUE_CONVERTER(orders-0)
 *   Caused by: org.apache.kafka.connect.errors.DataException: ...
 *       at connectd.VALUE_CONVERTER(org.apache.kafka.connect.json.JsonConverter)
 */
#ifndef CD_DAEMON_TRACE_H
#define CD_DAEMON_TRACE_H

#include "base/buffer.h"

/* `stage` names what was being done ("connector.start", "sink.put"). Valid UTF-8 whatever the
 * message holds. The caller frees. */
char *cd_trace(const struct cd_error *err, const char *stage);

struct cd_trace {
    const char *outer;      /* message of a ConnectException around the error; NULL: none */
    const char *stage;      /* as above */
    const char *task;       /* "orders-0"; NULL: nobody in particular */
    const char *class_name; /* the plugin that failed; NULL: none in particular */
};

/* The same with more to say. Appends. */
void cd_trace_text(const struct cd_trace *trace, const struct cd_error *err, struct cd_buffer *out);
/* "2026-03-01T12:00:00.000Z", as the log writes it. Appends. */
void cd_trace_time(int64_t wall_ms, struct cd_buffer *out);
/* The error's Java class, full name: by what it is called natively, else by its code. Appends. */
void cd_trace_class(const struct cd_error *err, struct cd_buffer *out);

#endif
