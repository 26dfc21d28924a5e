#include "config/connector_keys.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "compat/regex.h"
#include "compat/utf.h"

/* ---- validators ---- */

/* NonEmptyStringWithoutControlChars */
static bool check_name(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key; /* the engine names it */
    if (value[0] == '\0')
        return cd_fail(err, CD_ERR_CONFIG, "String may not be empty");
    struct cd_buffer found CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    const char *at = value;
    const char *end = value + strlen(value);
    while (at < end) {
        uint32_t c = cd_utf_next(&at, end);
        if (c <= 0x1F || (c >= 0x7F && c <= 0x9F))
            cd_buffer_printf(&found, "%s%u", found.len == 0 ? "" : ", ", c);
    }
    if (found.len == 0)
        return true;
    return cd_fail(err, CD_ERR_CONFIG,
                   "String may not contain control sequences but had the following ASCII chars: %s",
                   found.ptr);
}

static bool check_regex(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key;
    struct cd_error why = CD_ERROR_INIT;
    struct cd_regex *regex = cd_regex_new(cd_slice(value), &why);
    cd_regex_free(regex);
    return regex != NULL || cd_fail(err, CD_ERR_CONFIG, "Invalid regex: %s", why.msg);
}

/* ---- tables ---- */

static const char *const reload_actions[] = {"none", "restart", NULL};
static const char *const tolerances[] = {"none", "all", NULL};
static const char *const supports[] = {"requested", "required", NULL};
static const char *const boundaries[] = {"poll", "interval", "connector", NULL};

#define COMMON_GROUP "Common"
#define ERROR_GROUP "Error Handling"
#define ONCE_GROUP "Exactly Once Support"

#define COMMON(member) offsetof(struct cd_common_config, member)

/* The keys every connector has; a macro, because both kinds' tables begin with them and a table is
 * one array. */
#define COMMON_KEYS                                                                                \
    {.name = "name",                                                                               \
     .type = CD_STRING,                                                                            \
     .offset = COMMON(name),                                                                       \
     .check = check_name,                                                                          \
     .doc = "Globally unique name to use for this connector.",                                     \
     .group = COMMON_GROUP,                                                                        \
     .order = 1,                                                                                   \
     .width = CD_WIDTH_MEDIUM,                                                                     \
     .display = "Connector name"},                                                                 \
        {.name = "connector.class",                                                                \
         .type = CD_STRING,                                                                        \
         .offset = COMMON(connector_class),                                                        \
         .doc = "Name or alias of the class for this connector. If the class is "                  \
                "org.apache.kafka.connect.file.FileStreamSinkConnector, you can give this full "   \
                "name, or FileStreamSink or FileStreamSinkConnector to make the configuration a "  \
                "bit shorter.",                                                                    \
         .group = COMMON_GROUP,                                                                    \
         .order = 2,                                                                               \
         .width = CD_WIDTH_LONG,                                                                   \
         .display = "Connector class"},                                                            \
        {.name = "connector.plugin.version",                                                       \
         .type = CD_STRING,                                                                        \
         .optional = true,                                                                         \
         .offset = COMMON(plugin_version),                                                         \
         .doc = "Version of the connector, or a range like [1.0,2.0); the newest is taken.",       \
         .importance = CD_MEDIUM,                                                                  \
         .group = COMMON_GROUP,                                                                    \
         .order = 3,                                                                               \
         .width = CD_WIDTH_MEDIUM,                                                                 \
         .display = "Connector version"},                                                          \
        {.name = "tasks.max",                                                                      \
         .type = CD_INT32,                                                                         \
         .fallback = "1",                                                                          \
         .min = 1,                                                                                 \
         .max = INT32_MAX,                                                                         \
         .offset = COMMON(tasks_max),                                                              \
         .doc = "Maximum number of tasks to use for this connector.",                              \
         .group = COMMON_GROUP,                                                                    \
         .order = 4,                                                                               \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Tasks max"},                                                                  \
        {.name = "tasks.max.enforce",                                                              \
         .type = CD_BOOL,                                                                          \
         .fallback = "true",                                                                       \
         .offset = COMMON(tasks_max_enforce),                                                      \
         .doc = "(Deprecated) Whether to fail a connector that makes more tasks than tasks.max.",  \
         .importance = CD_LOW,                                                                     \
         .group = COMMON_GROUP,                                                                    \
         .order = 5,                                                                               \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Enforce tasks max"},                                                          \
        {.name = "key.converter",                                                                  \
         .type = CD_CLASS,                                                                         \
         .optional = true,                                                                         \
         .offset = COMMON(key_converter),                                                          \
         .doc = "Converter class for the keys of records, instead of the worker's.",               \
         .importance = CD_LOW,                                                                     \
         .group = COMMON_GROUP,                                                                    \
         .order = 6,                                                                               \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Key converter class"},                                                        \
        {.name = "key.converter.plugin.version",                                                   \
         .type = CD_STRING,                                                                        \
         .optional = true,                                                                         \
         .offset = COMMON(key_converter_version),                                                  \
         .doc = "Version of the key converter, or a range of versions.",                           \
         .importance = CD_LOW,                                                                     \
         .group = COMMON_GROUP,                                                                    \
         .order = 7,                                                                               \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Key converter version"},                                                      \
        {.name = "value.converter",                                                                \
         .type = CD_CLASS,                                                                         \
         .optional = true,                                                                         \
         .offset = COMMON(value_converter),                                                        \
         .doc = "Converter class for the values of records, instead of the worker's.",             \
         .importance = CD_LOW,                                                                     \
         .group = COMMON_GROUP,                                                                    \
         .order = 8,                                                                               \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Value converter class"},                                                      \
        {.name = "value.converter.plugin.version",                                                 \
         .type = CD_STRING,                                                                        \
         .optional = true,                                                                         \
         .offset = COMMON(value_converter_version),                                                \
         .doc = "Version of the value converter, or a range of versions.",                         \
         .importance = CD_LOW,                                                                     \
         .group = COMMON_GROUP,                                                                    \
         .order = 9,                                                                               \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Value converter version"},                                                    \
        {.name = "header.converter",                                                               \
         .type = CD_CLASS,                                                                         \
         .optional = true,                                                                         \
         .offset = COMMON(header_converter),                                                       \
         .doc = "HeaderConverter class for the headers of records, instead of the worker's.",      \
         .importance = CD_LOW,                                                                     \
         .group = COMMON_GROUP,                                                                    \
         .order = 10,                                                                              \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Header converter class"},                                                     \
        {.name = "header.converter.plugin.version",                                                \
         .type = CD_STRING,                                                                        \
         .optional = true,                                                                         \
         .offset = COMMON(header_converter_version),                                               \
         .doc = "Version of the header converter, or a range of versions.",                        \
         .importance = CD_LOW,                                                                     \
         .group = COMMON_GROUP,                                                                    \
         .order = 11,                                                                              \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Header converter version"},                                                   \
        {.name = "transforms",                                                                     \
         .type = CD_LIST,                                                                          \
         .fallback = "",                                                                           \
         .offset = COMMON(transforms),                                                             \
         .check = cd_keys_check_unique,                                                            \
         .doc = "Aliases for the transformations to be applied to records.",                       \
         .importance = CD_LOW,                                                                     \
         .group = "Transforms",                                                                    \
         .order = 12,                                                                              \
         .width = CD_WIDTH_LONG,                                                                   \
         .display = "Transforms"},                                                                 \
        {.name = "predicates",                                                                     \
         .type = CD_LIST,                                                                          \
         .fallback = "",                                                                           \
         .offset = COMMON(predicates),                                                             \
         .check = cd_keys_check_unique,                                                            \
         .doc = "Aliases for the predicates used by transformations.",                             \
         .importance = CD_LOW,                                                                     \
         .group = "Predicates",                                                                    \
         .order = 13,                                                                              \
         .width = CD_WIDTH_LONG,                                                                   \
         .display = "Predicates"},                                                                 \
        {.name = "config.action.reload",                                                           \
         .type = CD_STRING,                                                                        \
         .fallback = "restart",                                                                    \
         .one_of = reload_actions,                                                                 \
         .offset = COMMON(reload_action),                                                          \
         .doc = "What to do when an external configuration provider changes what it answers: "     \
                "'none' or 'restart' the connector.",                                              \
         .importance = CD_LOW,                                                                     \
         .group = COMMON_GROUP,                                                                    \
         .order = 14,                                                                              \
         .width = CD_WIDTH_MEDIUM,                                                                 \
         .display = "Reload Action"},                                                              \
        {.name = "errors.retry.timeout",                                                           \
         .type = CD_INT64,                                                                         \
         .fallback = "0",                                                                          \
         .offset = COMMON(retry_timeout_ms),                                                       \
         .doc = "Milliseconds for which a failed operation is tried again; 0: not at all, -1: "    \
                "for ever.",                                                                       \
         .importance = CD_MEDIUM,                                                                  \
         .group = ERROR_GROUP,                                                                     \
         .order = 1,                                                                               \
         .width = CD_WIDTH_MEDIUM,                                                                 \
         .display = "Retry Timeout for Errors"},                                                   \
        {.name = "errors.retry.delay.max.ms",                                                      \
         .type = CD_INT64,                                                                         \
         .fallback = "60000",                                                                      \
         .offset = COMMON(retry_delay_max_ms),                                                     \
         .doc = "Longest pause between two tries, in milliseconds; the pauses are jittered.",      \
         .importance = CD_MEDIUM,                                                                  \
         .group = ERROR_GROUP,                                                                     \
         .order = 2,                                                                               \
         .width = CD_WIDTH_MEDIUM,                                                                 \
         .display = "Maximum Delay Between Retries for Errors"},                                   \
        {.name = "errors.tolerance",                                                               \
         .type = CD_STRING,                                                                        \
         .fallback = "none",                                                                       \
         .one_of = tolerances,                                                                     \
         .offset = COMMON(tolerance),                                                              \
         .doc = "'none': a record that fails makes the task fail; 'all': it is passed over.",      \
         .importance = CD_MEDIUM,                                                                  \
         .group = ERROR_GROUP,                                                                     \
         .order = 3,                                                                               \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Error Tolerance"},                                                            \
        {.name = "errors.log.enable",                                                              \
         .type = CD_BOOL,                                                                          \
         .fallback = "false",                                                                      \
         .offset = COMMON(log_errors),                                                             \
         .doc = "Log each failed operation, tolerated or not.",                                    \
         .importance = CD_MEDIUM,                                                                  \
         .group = ERROR_GROUP,                                                                     \
         .order = 4,                                                                               \
         .width = CD_WIDTH_SHORT,                                                                  \
         .display = "Log Errors"},                                                                 \
    {                                                                                              \
        .name = "errors.log.include.messages", .type = CD_BOOL, .fallback = "false",               \
        .offset = COMMON(log_messages),                                                            \
        .doc = "Say in the log which record failed: topic, partition, offset, timestamp.",         \
        .importance = CD_MEDIUM, .group = ERROR_GROUP, .order = 5, .width = CD_WIDTH_SHORT,        \
        .display = "Log Error Details"                                                             \
    }

static const struct cd_key source_keys[] = {
    COMMON_KEYS,
    {.name = "topic.creation.groups",
     .type = CD_LIST,
     .fallback = "",
     .offset = offsetof(struct cd_source_config, topic_creation_groups),
     .check = cd_keys_check_unique,
     .doc = "Groups of settings for topics created by source connectors.",
     .importance = CD_LOW,
     .group = "Topic Creation",
     .order = 1,
     .width = CD_WIDTH_LONG,
     .display = "Topic Creation Groups"},
    {.name = "exactly.once.support",
     .type = CD_STRING,
     .fallback = "requested",
     .one_of = supports,
     .any_case = true,
     .offset = offsetof(struct cd_source_config, exactly_once_support),
     .doc = "'required': refuse the configuration unless the connector can deliver exactly once; "
            "'requested': do not ask.",
     .importance = CD_MEDIUM,
     .group = ONCE_GROUP,
     .order = 2,
     .width = CD_WIDTH_SHORT,
     .display = "Exactly once support"},
    {.name = "transaction.boundary",
     .type = CD_STRING,
     .fallback = "poll",
     .one_of = boundaries,
     .any_case = true,
     .offset = offsetof(struct cd_source_config, transaction_boundary),
     .doc = "What a transaction holds: one 'poll', an 'interval', or what the 'connector' decides.",
     .importance = CD_MEDIUM,
     .group = ONCE_GROUP,
     .order = 3,
     .width = CD_WIDTH_SHORT,
     .display = "Transaction Boundary"},
    {.name = "transaction.boundary.interval.ms",
     .type = CD_INT64,
     .optional = true,
     .min = 0,
     .max = INT64_MAX,
     .offset = offsetof(struct cd_source_config, transaction_interval_ms),
     .doc = "With transaction.boundary=interval: how often transactions are committed; not set: "
            "the worker's offset.flush.interval.ms.",
     .importance = CD_LOW,
     .group = ONCE_GROUP,
     .order = 4,
     .width = CD_WIDTH_SHORT,
     .display = "Transaction boundary interval"},
    {.name = "offsets.storage.topic",
     .type = CD_STRING,
     .optional = true,
     .non_empty = true,
     .offset = offsetof(struct cd_source_config, offsets_topic),
     .doc = "A topic of its own for this connector's offsets. Without effect in standalone mode.",
     .importance = CD_LOW,
     .group = "offsets.topic",
     .order = 1,
     .width = CD_WIDTH_LONG,
     .display = "Offsets topic"},
};

static const struct cd_key sink_keys[] = {
    COMMON_KEYS,
    {.name = "topics",
     .type = CD_LIST,
     .fallback = "",
     .offset = offsetof(struct cd_sink_config, topics),
     .doc = "List of topics to consume, separated by commas.",
     .group = COMMON_GROUP,
     .order = 4,
     .width = CD_WIDTH_LONG,
     .display = "Topics"},
    {.name = "topics.regex",
     .type = CD_STRING,
     .fallback = "",
     .offset = offsetof(struct cd_sink_config, topics_regex),
     .check = check_regex,
     .doc = "Regular expression giving topics to consume; only one of topics and topics.regex may "
            "be given.",
     .group = COMMON_GROUP,
     .order = 4,
     .width = CD_WIDTH_LONG,
     .display = "Topics regex"},
    {.name = "errors.deadletterqueue.topic.name",
     .type = CD_STRING,
     .fallback = "",
     .offset = offsetof(struct cd_sink_config, dlq_topic),
     .doc = "Topic for records that failed; empty: they are not kept.",
     .importance = CD_MEDIUM,
     .group = ERROR_GROUP,
     .order = 6,
     .width = CD_WIDTH_MEDIUM,
     .display = "Dead Letter Queue Topic Name"},
    {.name = "errors.deadletterqueue.topic.replication.factor",
     .type = CD_INT16,
     .fallback = "3",
     .offset = offsetof(struct cd_sink_config, dlq_replication),
     .doc = "Replicas of the dead letter topic when it must be created.",
     .importance = CD_MEDIUM,
     .group = ERROR_GROUP,
     .order = 7,
     .width = CD_WIDTH_MEDIUM,
     .display = "Dead Letter Queue Topic Replication Factor"},
    {.name = "errors.deadletterqueue.context.headers.enable",
     .type = CD_BOOL,
     .fallback = "false",
     .offset = offsetof(struct cd_sink_config, dlq_headers),
     .doc = "Say in headers (__connect.errors.*) where a dead letter comes from and what failed.",
     .importance = CD_MEDIUM,
     .group = ERROR_GROUP,
     .order = 8,
     .width = CD_WIDTH_MEDIUM,
     .display = "Enable Error Context Headers"},
};

/* Type and version stand first, the other two are sorted among the plugin's own. */
static const struct cd_key transform_keys[] = {
    {.name = "type",
     .type = CD_CLASS,
     .offset = offsetof(struct cd_transform_config, type),
     .doc = "Class of the transformation.",
     .width = CD_WIDTH_LONG},
    {.name = "plugin.version",
     .type = CD_STRING,
     .optional = true,
     .offset = offsetof(struct cd_transform_config, version),
     .doc = "Version of the transformation, or a range of versions.",
     .width = CD_WIDTH_LONG},
    {.name = "predicate",
     .type = CD_STRING,
     .optional = true,
     .offset = offsetof(struct cd_transform_config, predicate),
     .doc = "The alias of a predicate used to determine whether to apply this transformation.",
     .importance = CD_MEDIUM},
    {.name = "negate",
     .type = CD_BOOL,
     .fallback = "false",
     .offset = offsetof(struct cd_transform_config, negate),
     .doc = "Whether the configured predicate should be negated.",
     .importance = CD_MEDIUM},
};

static const struct cd_key predicate_keys[] = {
    {.name = "type",
     .type = CD_CLASS,
     .offset = offsetof(struct cd_predicate_config, type),
     .doc = "Class of the predicate.",
     .width = CD_WIDTH_LONG},
    {.name = "plugin.version",
     .type = CD_STRING,
     .optional = true,
     .offset = offsetof(struct cd_predicate_config, version),
     .doc = "Version of the predicate, or a range of versions.",
     .width = CD_WIDTH_LONG},
};

struct cd_keys cd_source_config_keys(void)
{
    return CD_KEYS(source_keys);
}

struct cd_keys cd_sink_config_keys(void)
{
    return CD_KEYS(sink_keys);
}

struct cd_keys cd_transform_config_keys(void)
{
    return CD_KEYS(transform_keys);
}

struct cd_keys cd_predicate_config_keys(void)
{
    return CD_KEYS(predicate_keys);
}

/* ---- cross-checks of sinks ---- */

static bool is_blank(const char *text)
{
    return text == NULL || cd_java_trim(cd_slice(text)).len == 0;
}

static void error_on_topics(struct cd_report *report, const char *message)
{
    cd_report_error(report, "topics", "%s", message);
    cd_report_error(report, "topics.regex", "%s", message);
}

static bool regex_matches(const char *pattern, const char *text)
{
    struct cd_error why = CD_ERROR_INIT;
    struct cd_regex *regex = cd_regex_new(cd_slice(pattern), &why); /* told as "Invalid regex" */
    bool matches = false;
    if (regex != NULL && !cd_regex_matches(regex, cd_slice(text), &matches, &why))
        matches = false;
    cd_regex_free(regex);
    return matches;
}

static bool lists_topic(const struct cd_strings *list, const char *topic)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], topic) == 0)
            return true;
    return false;
}

static void check_dead_letters(const char *topics, const char *regex, const char *dlq,
                               struct cd_report *report)
{
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_strings list = {NULL, 0};
    char *name CD_AUTO_FREE = cd_slice_dup(cd_java_trim(cd_slice(dlq)));
    if (topics != NULL && !cd_keys_split(topics, &arena, &list, &err))
        return; /* never: the arena has no limit */
    if (lists_topic(&list, name)) {
        struct cd_buffer all CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
        for (size_t i = 0; i < list.count; i++)
            cd_buffer_printf(&all, "%s%s", i == 0 ? "" : ", ", list.items[i]);
        cd_report_error(report, "topics",
                        "The DLQ topic '%s' may not be included in the list of topics ('topics=[%s]"
                        "') consumed by the connector",
                        name, all.ptr);
    }
    if (!is_blank(regex) && regex_matches(regex, name))
        cd_report_error(report, "topics.regex",
                        "The DLQ topic '%s' may not be matched by the regex for the topics "
                        "('topics.regex=%s') consumed by the connector",
                        name, regex);
}

static void check_sink(const struct cd_config *config, struct cd_report *report)
{
    const char *topics = cd_config_get(config, "topics");
    const char *regex = cd_config_get(config, "topics.regex");
    const char *dlq = cd_config_get(config, "errors.deadletterqueue.topic.name");
    if (is_blank(topics) && is_blank(regex))
        error_on_topics(report, "Must configure one of topics or topics.regex");
    else if (!is_blank(topics) && !is_blank(regex))
        error_on_topics(report, "topics and topics.regex are mutually exclusive options, but both "
                                "are set.");
    else if (!is_blank(dlq))
        check_dead_letters(topics, regex, dlq, report);
}

/* ---- parsing ---- */

static void finish_common(struct cd_common_config *common)
{
    common->tolerate_all = common->tolerance != NULL && strcmp(common->tolerance, "all") == 0;
}

bool cd_source_config_parse(const struct cd_config *config, struct cd_arena *arena,
                            struct cd_source_config *ret, struct cd_report *report)
{
    *ret = (struct cd_source_config){.transaction_interval_ms = CD_NOT_SET};
    bool ok = cd_keys_parse(CD_KEYS(source_keys), config, arena, ret, report);
    finish_common(&ret->common);
    return ok;
}

bool cd_sink_config_parse(const struct cd_config *config, struct cd_arena *arena,
                          struct cd_sink_config *ret, struct cd_report *report)
{
    *ret = (struct cd_sink_config){0};
    size_t before = cd_report_error_count(report);
    bool ok = cd_keys_parse(CD_KEYS(sink_keys), config, arena, ret, report);
    finish_common(&ret->common);
    check_sink(config, report);
    return ok && cd_report_error_count(report) == before;
}

bool cd_transform_config_parse(const struct cd_config *config, struct cd_arena *arena,
                               struct cd_transform_config *ret, struct cd_error *err)
{
    *ret = (struct cd_transform_config){0};
    return cd_keys_parse_first(CD_KEYS(transform_keys), config, arena, ret, err);
}

bool cd_predicate_config_parse(const struct cd_config *config, struct cd_arena *arena,
                               struct cd_predicate_config *ret, struct cd_error *err)
{
    *ret = (struct cd_predicate_config){0};
    return cd_keys_parse_first(CD_KEYS(predicate_keys), config, arena, ret, err);
}

/* ---- describing ---- */

static void describe_common_groups(struct cd_report *report)
{
    static const char *const groups[] = {COMMON_GROUP, "Transforms", "Predicates", ERROR_GROUP};
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        cd_report_group(report, groups[i]);
}

void cd_source_config_describe(const struct cd_config *config, struct cd_report *report)
{
    describe_common_groups(report);
    cd_keys_describe(CD_KEYS(source_keys), "", NULL, 0, config, report);
}

void cd_sink_config_describe(const struct cd_config *config, struct cd_report *report)
{
    describe_common_groups(report);
    cd_keys_describe(CD_KEYS(sink_keys), "", NULL, 0, config, report);
    check_sink(config, report);
}

/* Order 0 is what the type has, and what the engine takes for "none": set afterwards. */
static void describe_head(const struct cd_key *key, const char *prefix, const char *group,
                          int32_t order, const struct cd_config *config, struct cd_report *report)
{
    cd_key_describe(key, prefix, group, 0, config, report);
    char *name CD_AUTO_FREE = cd_asprintf("%s%s", prefix, key->name);
    cd_report_row(report, name)->order = order;
}

/* `shown` are display names, one a key of `heads`. */
struct alias {
    const char *prefix; /* "transforms." */
    const char *group;  /* "Transforms" */
    const char *noun;   /* "Transformation" */
    const struct cd_key *head;
    const struct cd_key *implicit;
    size_t implicit_count;
};

static const struct alias transform_alias = {"transforms.",  "Transforms",       "Transformation",
                                             transform_keys, transform_keys + 2, 2};
static const struct alias predicate_alias = {"predicates.",  "Predicates", "Predicate",
                                             predicate_keys, NULL,         0};

/* The plugin's own keys and the implicit ones, sorted as one table; the plugin's win. */
static void describe_body(const struct alias *kind, const struct cd_keys *plugin,
                          const char *prefix, const char *group, const struct cd_config *config,
                          struct cd_report *report)
{
    struct cd_key *all CD_AUTO_FREE =
        cd_new_array(plugin->count + kind->implicit_count + 1, struct cd_key);
    size_t count = 0;
    for (; count < plugin->count; count++)
        all[count] = cd_keys_at(*plugin, count);
    for (size_t i = 0; i < kind->implicit_count; i++)
        all[count++] = kind->implicit[i];
    cd_keys_describe((struct cd_keys){all, count, sizeof(*all)}, prefix, group, 2, config, report);
}

static void describe_alias(const struct alias *kind, const char *alias,
                           const struct cd_keys *plugin, const struct cd_config *config,
                           struct cd_report *report)
{
    char *prefix CD_AUTO_FREE = cd_asprintf("%s%s.", kind->prefix, alias);
    char *group CD_AUTO_FREE = cd_asprintf("%s: %s", kind->group, alias);
    describe_head(&kind->head[0], prefix, group, 0, config, report);
    describe_head(&kind->head[1], prefix, group, 1, config, report);
    char *type CD_AUTO_FREE = cd_asprintf("%stype", prefix);
    char *version CD_AUTO_FREE = cd_asprintf("%splugin.version", prefix);
    cd_report_display(report, type, "%s type for %s", kind->noun, alias);
    cd_report_display(report, version, "%s version for %s", kind->noun, alias);
    if (plugin != NULL)
        describe_body(kind, plugin, prefix, group, config, report);
}

void cd_transform_config_describe(const char *alias, const struct cd_keys *plugin,
                                  const struct cd_config *config, struct cd_report *report)
{
    describe_alias(&transform_alias, alias, plugin, config, report);
}

void cd_predicate_config_describe(const char *alias, const struct cd_keys *plugin,
                                  const struct cd_config *config, struct cd_report *report)
{
    describe_alias(&predicate_alias, alias, plugin, config, report);
}
