#include "daemon/trace.h"

#include "compat/exception.h"
#include "compat/utf.h"

#include <time.h>

void cd_trace_class(const struct cd_error *err, struct cd_buffer *out)
{
    cd_buffer_text(out, cd_exception_of(err));
}

/* The other system's own code, where no class says it. */
static void add_native(const struct cd_error *err, struct cd_buffer *out)
{
    static const char suffix[] = "Exception";
    size_t len = strlen(err->native);
    size_t tail = sizeof(suffix) - 1;
    bool is_class = len >= tail && strcmp(err->native + len - tail, suffix) == 0;
    if (len > 0 && !is_class && cd_exception_class(err->native) == NULL)
        cd_buffer_printf(out, " [%s]", err->native);
}

/* Messages quote what came from outside, and are cut anywhere. */
static void add_message(const struct cd_error *err, struct cd_buffer *out)
{
    if (err->msg[0] == '\0')
        return;
    cd_buffer_text(out, ": ");
    if (cd_utf8_valid(cd_slice(err->msg)))
        cd_buffer_text(out, err->msg);
    else
        cd_java_utf8_decode(cd_slice(err->msg), out);
}

static void add_place(const char *stage, const char *where, struct cd_buffer *out)
{
    cd_buffer_printf(out, "\n\tat connectd.%s", stage);
    if (where != NULL)
        cd_buffer_printf(out, "(%s)", where);
    cd_buffer_char(out, '\n');
}

void cd_trace_text(const struct cd_trace *trace, const struct cd_error *err, struct cd_buffer *out)
{
    if (trace->outer != NULL) {
        cd_buffer_printf(out, "org.apache.kafka.connect.errors.ConnectException: %s", trace->outer);
        add_place(trace->stage, trace->task, out);
        cd_buffer_text(out, "Caused by: ");
    }
    cd_trace_class(err, out);
    add_message(err, out);
    add_native(err, out);
    add_place(trace->stage, trace->class_name != NULL ? trace->class_name : trace->task, out);
}

void cd_trace_time(int64_t wall_ms, struct cd_buffer *out)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    (void)gmtime_r(&seconds, &utc); /* fails only beyond year 2^31 */
    cd_buffer_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(wall_ms % 1000));
}

char *cd_trace(const struct cd_error *err, const char *stage)
{
    struct cd_buffer text = CD_BUFFER_INIT;
    cd_trace_text(&(struct cd_trace){.stage = stage}, err, &text);
    return cd_buffer_steal(&text);
}
