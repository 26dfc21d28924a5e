/* The parts of connector_keys.h that are about topics to create and clients to override. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "compat/regex.h"
#include "compat/utf.h"
#include "config/connector_keys.h"

/* ---- topic.creation.* ---- */

#define PREFIX "topic.creation."
#define TOPIC(member) offsetof(struct cd_topic_group, member)

static bool check_minus_one_or_positive(const struct cd_key *key, const char *value,
                                        struct cd_error *err)
{
    int64_t number;
    if (!cd_parse_int64(value, &number, err))
        return false;
    if (number == -1 || number >= 1)
        return true;
    return strcmp(key->name, "partitions") == 0
               ? cd_fail(err, CD_ERR_CONFIG,
                         "Number of partitions must be positive, or -1 to use the broker's default")
               : cd_fail(err, CD_ERR_CONFIG,
                         "Replication factor must be positive and not larger than the number of "
                         "brokers in the Kafka cluster, or -1 to use the broker's default");
}

static bool check_patterns(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key;
    struct cd_arena arena CD_AUTO(cd_arena_done);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    struct cd_strings patterns;
    if (!cd_keys_split(value, &arena, &patterns, err))
        return false;
    for (size_t i = 0; i < patterns.count; i++) {
        struct cd_regex *regex = cd_regex_new(cd_slice(patterns.items[i]), err);
        if (regex == NULL)
            return cd_fail_while(err, "Syntax error in regular expression");
        cd_regex_free(regex);
    }
    return true;
}

/* Of the default group both numbers are required, of others they are the default group's. */
static const struct cd_key default_keys[] = {
    {.name = "replication.factor",
     .type = CD_INT16,
     .offset = TOPIC(replication),
     .check = check_minus_one_or_positive,
     .doc = "Replicas of topics created by this connector; -1: the broker's default."},
    {.name = "partitions",
     .type = CD_INT32,
     .offset = TOPIC(partitions),
     .check = check_minus_one_or_positive,
     .doc = "Partitions of topics created by this connector; -1: the broker's default."},
};

static const struct cd_key group_keys[] = {
    {.name = "include",
     .type = CD_LIST,
     .fallback = "",
     .offset = TOPIC(include),
     .check = check_patterns,
     .doc = "Regular expressions of the topics that belong to the group."},
    {.name = "exclude",
     .type = CD_LIST,
     .fallback = "",
     .offset = TOPIC(exclude),
     .check = check_patterns,
     .doc = "Regular expressions of topics that do not, although they are included."},
    {.name = "replication.factor",
     .type = CD_INT16,
     .optional = true,
     .offset = TOPIC(replication),
     .check = check_minus_one_or_positive,
     .doc = "Replicas; not set: as the default group."},
    {.name = "partitions",
     .type = CD_INT32,
     .optional = true,
     .offset = TOPIC(partitions),
     .check = check_minus_one_or_positive,
     .doc = "Partitions; not set: as the default group."},
};

struct cd_keys cd_topic_default_keys(void)
{
    return CD_KEYS(default_keys);
}

struct cd_keys cd_topic_group_keys(void)
{
    return CD_KEYS(group_keys);
}

static bool parse_group(const struct cd_config *config, const char *name, struct cd_keys keys,
                        struct cd_arena *arena, struct cd_topic_group *group, struct cd_error *err)
{
    static const char *const ours[] = {"include", "exclude", "replication.factor", "partitions"};
    char *prefix CD_AUTO_FREE = cd_asprintf(PREFIX "%s.", name);
    struct cd_config *settings = cd_config_strip(config, prefix);
    group->settings = settings; /* owned from here on, also after a failure */
    group->name = cd_arena_copy(arena, cd_slice(name), err).ptr;
    if (group->name == NULL || !cd_keys_parse_first(keys, settings, arena, group, err))
        return cd_fail_while(err, "topic creation group '%s'", name);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        cd_config_remove(settings, ours[i]);
    return true;
}

static bool parse_groups(const struct cd_config *config, const struct cd_strings *names,
                         struct cd_arena *arena, struct cd_topic_groups *ret, struct cd_error *err)
{
    ret->groups = cd_new_array(names->count + 1, struct cd_topic_group);
    ret->count = 1;
    struct cd_topic_group *first = &ret->groups[0];
    if (!parse_group(config, "default", CD_KEYS(default_keys), arena, first, err))
        return false;
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], "default") == 0)
            continue; /* it is there already */
        struct cd_topic_group *group = &ret->groups[ret->count++];
        group->replication = first->replication;
        group->partitions = first->partitions;
        if (!parse_group(config, names->items[i], CD_KEYS(group_keys), arena, group, err))
            return false;
    }
    return true;
}

bool cd_topic_groups_parse(const struct cd_config *config, struct cd_arena *arena,
                           struct cd_topic_groups *ret, struct cd_error *err)
{
    *ret = (struct cd_topic_groups){NULL, 0};
    bool wanted = false;
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);)
        wanted = wanted || strncmp(it.key, PREFIX, strlen(PREFIX)) == 0;
    if (!wanted)
        return true;
    const char *text = cd_config_get(config, PREFIX "groups");
    struct cd_strings names = {NULL, 0};
    if (text != NULL && !cd_keys_split(text, arena, &names, err))
        return false;
    if (parse_groups(config, &names, arena, ret, err))
        return true;
    cd_topic_groups_done(ret);
    return false;
}

void cd_topic_groups_done(struct cd_topic_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        cd_config_free(groups->groups[i].settings);
    free(groups->groups);
    *groups = (struct cd_topic_groups){NULL, 0};
}

/* ---- override policies ---- */

#define POLICY_SUFFIX "ConnectorClientConfigOverridePolicy"
#define POLICY_PACKAGE "org.apache.kafka.connect.connector.policy."

/* Full name, simple name, or the simple name without its suffix. */
static bool is_policy(const char *text, const char *name)
{
    if (strncmp(text, POLICY_PACKAGE, strlen(POLICY_PACKAGE)) == 0)
        text += strlen(POLICY_PACKAGE);
    size_t len = strlen(name);
    return strncmp(text, name, len) == 0 &&
           (text[len] == '\0' || strcmp(text + len, POLICY_SUFFIX) == 0);
}

static const char *without_prefix(const char *key)
{
    static const char *const prefixes[] = {"producer.override.", "consumer.override.",
                                           "admin.override."};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(key, prefixes[i], strlen(prefixes[i])) == 0)
            return key + strlen(prefixes[i]);
    return key;
}

bool cd_override_allowed(const char *policy, const char *key, struct cd_error *err)
{
    static const char *const principal[] = {"sasl.jaas.config", "sasl.mechanism",
                                            "security.protocol"};
    const char *name = without_prefix(key);
    const char *shown = policy;
    if (is_policy(policy, "All"))
        return true;
    if (is_policy(policy, "Principal")) {
        shown = "Principal";
        for (size_t i = 0; i < sizeof(principal) / sizeof(principal[0]); i++)
            if (strcmp(name, principal[i]) == 0)
                return true;
    } else if (is_policy(policy, "None")) {
        shown = "None";
    } else {
        return cd_fail(err, CD_ERR_CONFIG,
                       "connector.client.config.override.policy '%s' should be All, None or "
                       "Principal",
                       policy);
    }
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "The '%s' policy does not allow '%s' to be overridden in the connector "
                      "configuration.",
                      shown, name);
}
