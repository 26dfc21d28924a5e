/* Renames topics: if the regular expression matches the whole name, its first find is replaced. */
#include "compat/regex.h"
#include "plugins/operand.h"
#include "plugins/topic_regex.h"
#include "plugins/transform_list.h"

struct router_config {
    const char *regex;
    const char *replacement;
};

struct router {
    struct cd_task_base base;
    struct cd_topic_regex regex;
    struct cd_buffer renamed; /* the new name of the regex' last topic, if that matched */
};

static bool router_open(void *state, struct cd_error *err)
{
    struct router *router = state;
    const struct router_config *cfg = router->base.cfg;
    return cd_topic_regex_init(&router->regex, cfg->regex, err);
}

static void router_close(void *state)
{
    struct router *router = state;
    cd_topic_regex_done(&router->regex);
    cd_buffer_done(&router->renamed);
}

/* What matches as a whole and what is found first may differ: "(a+?)" of "aaa" is replaced in part,
 * as on the JVM. */
static bool learn(struct router *router, struct cd_slice topic, struct cd_error *err)
{
    const struct router_config *cfg = router->base.cfg;
    if (topic.ptr == NULL)
        return cd_fail_as(err, CD_ERR_DATA, "NullPointerException",
                          "a record without a topic cannot be routed by '%s'", cfg->regex);
    if (!cd_topic_regex_ask(&router->regex, topic, err))
        return false;
    cd_buffer_clear(&router->renamed);
    if (!router->regex.matches ||
        cd_regex_replace_first(router->regex.regex, topic, cd_slice(cfg->replacement),
                               &router->renamed, err))
        return true;
    router->regex.known = false;
    return false;
}

/* The name is copied for each record, since the batch may outlive this state. */
static enum cd_verdict_on_record router_apply(void *state, struct cd_batch *out,
                                              struct cd_record *rec, struct cd_error *err)
{
    struct router *router = state;
    if (!cd_topic_regex_knows(&router->regex, rec->topic) && !learn(router, rec->topic, err))
        return CD_RECORD_FAILED;
    if (!router->regex.matches)
        return CD_RECORD_KEEP;
    struct cd_slice topic = router->base.host->copy(out, cd_buffer_view(&router->renamed), err);
    if (topic.ptr == NULL)
        return CD_RECORD_FAILED;
    rec->topic = topic;
    return CD_RECORD_KEEP;
}

static const struct cd_transform router_table = {
    .size = sizeof(struct cd_transform),
    .state_size = sizeof(struct router),
    .open = router_open,
    .apply = router_apply,
    .close = router_close,
};

static const struct cd_key router_keys[] = {
    {
        .name = "regex",
        .type = CD_STRING,
        .check = cd_check_regex,
        .offset = offsetof(struct router_config, regex),
        .importance = CD_HIGH,
        .doc = "Regular expression to use for matching.",
    },
    {
        .name = "replacement",
        .type = CD_STRING,
        .offset = offsetof(struct router_config, replacement),
        .importance = CD_HIGH,
        .doc = "Replacement string.",
    },
};

const struct cd_plugin cd_regex_router_plugin = CD_TRANSFORM_PLUGIN(
    "RegexRouter",
    "Update the record topic using the configured regular expression and replacement string.<p/>"
    "Under the hood, the regex is compiled to a <code>java.util.regex.Pattern</code>. If the "
    "pattern matches the input topic, <code>java.util.regex.Matcher#replaceFirst()</code> is used "
    "with the replacement string to obtain the new topic.",
    struct router_config, router_keys, router_table);
