/* True for a record whose whole topic matches a Java regular expression. */
#include "plugins/operand.h"
#include "plugins/topic_regex.h"
#include "plugins/transform_list.h"

struct topic_matches_config {
    const char *pattern;
};

struct topic_matches {
    struct cd_task_base base;
    struct cd_topic_regex regex;
};

static bool topic_matches_open(void *state, struct cd_error *err)
{
    struct topic_matches *predicate = state;
    const struct topic_matches_config *cfg = predicate->base.cfg;
    return cd_topic_regex_init(&predicate->regex, cfg->pattern, err);
}

static void topic_matches_close(void *state)
{
    struct topic_matches *predicate = state;
    cd_topic_regex_done(&predicate->regex);
}

/* No topic is no match. */
static bool topic_matches_test(void *state, const struct cd_record *rec, bool *ret,
                               struct cd_error *err)
{
    struct topic_matches *predicate = state;
    struct cd_topic_regex *regex = &predicate->regex;
    if (rec->topic.ptr != NULL && !cd_topic_regex_knows(regex, rec->topic) &&
        !cd_topic_regex_ask(regex, rec->topic, err))
        return false;
    *ret = rec->topic.ptr != NULL && regex->matches;
    return true;
}

static const struct cd_predicate topic_matches_table = {
    .size = sizeof(struct cd_predicate),
    .state_size = sizeof(struct topic_matches),
    .open = topic_matches_open,
    .test = topic_matches_test,
    .close = topic_matches_close,
};

static const struct cd_key topic_matches_keys[] = {
    {
        .name = "pattern",
        .type = CD_STRING,
        .non_empty = true,
        .check = cd_check_regex,
        .offset = offsetof(struct topic_matches_config, pattern),
        .importance = CD_MEDIUM,
        .doc = "A Java regular expression for matching against the name of a record's topic.",
    },
};

const struct cd_plugin cd_topic_name_matches_plugin =
    CD_PREDICATE_PLUGIN("TopicNameMatches",
                        "A predicate which is true for records with a topic name that matches the "
                        "configured regular expression.",
                        struct topic_matches_config, topic_matches_keys, topic_matches_table);
