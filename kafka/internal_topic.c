#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kafka/admin.h"
#include "kafka/library.h"

/* Between two tries at what may pass, such as brokers that still join. */
#define RETRY_PAUSE_MS 200
/* One try of a call that is repeated until the deadline. */
#define TRY_MS 5000

struct making {
    struct cd_admin *admin;
    const struct cd_topic_spec *topic;
    const char *prefix; /* of its settings in the worker's file: "offset.storage." */
    int64_t deadline_ms;
};

static int64_t try_ms(const struct making *m)
{
    int64_t left_ms = m->deadline_ms - cd_clock_ms();
    return left_ms < 1 ? 1 : left_ms < TRY_MS ? left_ms : TRY_MS;
}

static bool is(const struct cd_error *err, const char *native)
{
    return strcmp(err->native, native) == 0;
}

/* As in the JVM: who may not create or cannot be asked is taken to have made the topic already. */
static bool counts_as_existing(const struct cd_error *err)
{
    return is(err, "TOPIC_AUTHORIZATION_FAILED") || is(err, "CLUSTER_AUTHORIZATION_FAILED") ||
           is(err, "UNSUPPORTED_VERSION") || is(err, "_UNSUPPORTED_FEATURE");
}

/* The broker names its setting; the user knows the line of his file. */
static void name_the_line(const struct making *m, struct cd_error *err)
{
    static const char said[] = "Unknown topic config name: ";
    const char *at = strstr(err->msg, said);
    if (at == NULL)
        return;
    char setting[128];
    (void)snprintf(setting, sizeof(setting), "%.*s", (int)strcspn(at + sizeof(said) - 1, " ;"),
                   at + sizeof(said) - 1); /* a cut name is still recognised */
    (void)cd_fail_while(
        err,
        "Invalid key %s%s: '%s' is no setting of a topic, so this line must go from "
        "the worker's configuration",
        m->prefix, setting, setting);
}

static bool create(const struct making *m, struct cd_error *err)
{
    struct cd_topic_spec spec = *m->topic;
    CD_AUTO(cd_config_freep)
    struct cd_config *settings =
        spec.settings == NULL ? cd_config_new() : cd_config_copy(spec.settings);
    cd_config_set(settings, "cleanup.policy", "compact");
    spec.settings = settings;
    if (cd_admin_create(m->admin, &spec, try_ms(m), err) != CD_TOPIC_FAILED ||
        counts_as_existing(err))
        return true;
    name_the_line(m, err);
    return false;
}

/* One look; creates what is missing. A topic that was just made is there at the next look. */
static bool look_and_create(const struct making *m, struct cd_topic_info *ret, struct cd_error *err)
{
    return cd_admin_describe(m->admin, m->topic->name, try_ms(m), ret, err) &&
           (ret->exists || create(m, err));
}

static bool ensure_exists(const struct making *m, struct cd_topic_info *ret, struct cd_error *err)
{
    struct cd_error last = CD_ERROR_INIT; /* what went wrong before time itself ran out */
    for (;;) {
        struct cd_error trouble = CD_ERROR_INIT;
        bool good = look_and_create(m, ret, &trouble);
        if (good && ret->exists)
            return true;
        bool late = cd_clock_ms() >= m->deadline_ms;
        if (good && late)
            return cd_fail(err, CD_ERR_TIMEOUT,
                           "topic '%s' does not exist and could not be created in time: has the "
                           "worker the right to create it?",
                           m->topic->name);
        if (!good && (last.code == CD_OK || trouble.code != CD_ERR_TIMEOUT))
            last = trouble;
        if (!good && (late || !trouble.retriable)) {
            *err = last;
            return false;
        }
        cd_kafka_pause(RETRY_PAUSE_MS);
    }
}

/* What the JVM calls the content of each. */
static const char *purpose(const char *prefix)
{
    static const char *const names[][2] = {
        {"offset.storage.", "source connector offsets"},
        {"config.storage.", "connector configurations"},
        {"status.storage.", "connector and task statuses"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(prefix, names[i][0]) == 0)
            return names[i][1];
    return "its records";
}

static bool check_policy(const struct making *m, struct cd_error *err)
{
    struct cd_error trouble = CD_ERROR_INIT;
    const char *topic = m->topic->name;
    CD_AUTO_FREE char *policy =
        cd_admin_topic_setting(m->admin, topic, "cleanup.policy", try_ms(m), &trouble);
    if (policy == NULL && (counts_as_existing(&trouble) || cd_clock_ms() >= m->deadline_ms))
        return true; /* not to be known, as in the JVM */
    if (policy == NULL) {
        *err = trouble;
        return false;
    }
    if (strcmp(policy, "compact") == 0)
        return true;
    return cd_fail_as(
        err, CD_ERR_CONFIG, "ConfigException",
        "Topic '%s' supplied via the '%stopic' property is required to have "
        "'cleanup.policy=compact' to guarantee consistency and durability of %s, but found the "
        "topic currently has 'cleanup.policy=%s'. Continuing would likely result in eventually "
        "losing %s and problems restarting this Connect cluster in the future. Change the "
        "'%stopic' property in the Connect worker configurations to use a topic with "
        "'cleanup.policy=compact'.",
        topic, m->prefix, purpose(m->prefix), policy, purpose(m->prefix), m->prefix);
}

static bool check_partitions(const struct making *m, int32_t found, int32_t exact,
                             struct cd_error *err)
{
    if (exact <= 0 || found == exact)
        return true;
    if (exact == 1)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Topic '%s' supplied via the '%stopic' property is required to have a "
                          "single partition in order to guarantee consistency of %s, but found %d "
                          "partitions.",
                          m->topic->name, m->prefix, purpose(m->prefix), (int)found);
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Topic '%s' supplied via the '%stopic' property is required to have %d "
                      "partitions, but found %d.",
                      m->topic->name, m->prefix, (int)exact, (int)found);
}

bool cd_admin_internal_topic(struct cd_admin *admin, const struct cd_topic_spec *topic,
                             int32_t partitions_exact, const char *setting_prefix,
                             int64_t timeout_ms, struct cd_error *err)
{
    const struct making m = {admin, topic, setting_prefix, cd_clock_ms() + timeout_ms};
    struct cd_topic_info info = {false, 0};
    if (!ensure_exists(&m, &info, err))
        return false;
    return check_policy(&m, err) && check_partitions(&m, info.partitions, partitions_exact, err);
}
