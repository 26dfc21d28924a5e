#include "daemon/trace.h"

#include "compat/utf.h"

struct java_class {
    const char *native; /* as struct cd_error has it */
    const char *full;
};

/* What users filter dead letters and alerts by. */
static const struct java_class classes[] = {
    {"ConnectException", "org.apache.kafka.connect.errors.ConnectException"},
    {"DataException", "org.apache.kafka.connect.errors.DataException"},
    {"RetriableException", "org.apache.kafka.connect.errors.RetriableException"},
    {"SchemaBuilderException", "org.apache.kafka.connect.errors.SchemaBuilderException"},
    {"SchemaProjectorException", "org.apache.kafka.connect.errors.SchemaProjectorException"},
    {"IllegalWorkerStateException", "org.apache.kafka.connect.errors.IllegalWorkerStateException"},
    {"NotFoundException", "org.apache.kafka.connect.errors.NotFoundException"},
    {"ConfigException", "org.apache.kafka.common.config.ConfigException"},
    {"SerializationException", "org.apache.kafka.common.errors.SerializationException"},
    {"InvalidConfigurationException",
     "org.apache.kafka.common.errors.InvalidConfigurationException"},
    {"VersionedPluginLoadingException",
     "org.apache.kafka.connect.runtime.isolation.VersionedPluginLoadingException"},
    {"NumberFormatException", "java.lang.NumberFormatException"},
    {"IllegalArgumentException", "java.lang.IllegalArgumentException"},
    {"IllegalStateException", "java.lang.IllegalStateException"},
    {"NullPointerException", "java.lang.NullPointerException"},
    {"ClassCastException", "java.lang.ClassCastException"},
    {"ArithmeticException", "java.lang.ArithmeticException"},
    {"IndexOutOfBoundsException", "java.lang.IndexOutOfBoundsException"},
    {"NoSuchElementException", "java.util.NoSuchElementException"},
    {"UnsupportedOperationException", "java.lang.UnsupportedOperationException"},
    /* Kafka's own codes. */
    {"MSG_SIZE_TOO_LARGE", "org.apache.kafka.common.errors.RecordTooLargeException"},
    {"UNKNOWN_TOPIC_OR_PART", "org.apache.kafka.common.errors.UnknownTopicOrPartitionException"},
    {"UNKNOWN_TOPIC", "org.apache.kafka.common.errors.UnknownTopicOrPartitionException"},
    {"TOPIC_AUTHORIZATION_FAILED", "org.apache.kafka.common.errors.TopicAuthorizationException"},
    {"GROUP_AUTHORIZATION_FAILED", "org.apache.kafka.common.errors.GroupAuthorizationException"},
    {"CLUSTER_AUTHORIZATION_FAILED",
     "org.apache.kafka.common.errors.ClusterAuthorizationException"},
    {"POLICY_VIOLATION", "org.apache.kafka.common.errors.PolicyViolationException"},
    {"INVALID_RECORD", "org.apache.kafka.common.errors.InvalidRecordException"},
    {"INVALID_REPLICATION_FACTOR",
     "org.apache.kafka.common.errors.InvalidReplicationFactorException"},
};

static const char *class_by_code(const struct cd_error *err)
{
    if (err->retriable)
        return "org.apache.kafka.connect.errors.RetriableException";
    switch (err->code) {
    case CD_ERR_CONFIG:
        return "org.apache.kafka.common.config.ConfigException";
    case CD_ERR_DATA:
        return "org.apache.kafka.connect.errors.DataException";
    case CD_ERR_TIMEOUT:
        return "org.apache.kafka.common.errors.TimeoutException";
    case CD_ERR_STATE:
        return "java.lang.IllegalStateException";
    case CD_OK:
    case CD_ERR_REMOTE:
    case CD_ERR_FULL:
    case CD_ERR_CANCELLED:
    case CD_ERR_BUG:
        break;
    }
    return "org.apache.kafka.connect.errors.ConnectException";
}

static const char *known_class(const struct cd_error *err)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strcmp(classes[i].native, err->native) == 0)
            return classes[i].full;
    return NULL;
}

static bool is_java_name(const char *native)
{
    size_t len = strlen(native);
    return len > 9 && strcmp(native + len - 9, "Exception") == 0;
}

void cd_trace_class(const struct cd_error *err, struct cd_buffer *out)
{
    const char *known = known_class(err);
    if (known != NULL)
        cd_buffer_text(out, known);
    else if (!is_java_name(err->native))
        cd_buffer_text(out, class_by_code(err));
    else if (strchr(err->native, '.') != NULL)
        cd_buffer_text(out, err->native);
    else
        cd_buffer_printf(out, "org.apache.kafka.connect.errors.%s", err->native);
}

/* The other system's own code, where no class says it. */
static void add_native(const struct cd_error *err, struct cd_buffer *out)
{
    if (err->native[0] != '\0' && known_class(err) == NULL && !is_java_name(err->native))
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

char *cd_trace(const struct cd_error *err, const char *stage)
{
    struct cd_buffer text = CD_BUFFER_INIT;
    cd_trace_text(&(struct cd_trace){.stage = stage}, err, &text);
    return cd_buffer_steal(&text);
}
