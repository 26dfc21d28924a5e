#include "daemon/topic_creation.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/map.h"
#include "compat/regex.h"
#include "config/connector_keys.h"
#include "config/worker_keys.h"
#include "kafka/admin.h"

#define ASK_MS 60000

struct known {
    char *name;
    bool passed; /* records may go there */
    bool used;   /* since the active topics were last forgotten */
    bool told;
};

struct cd_topic_creation {
    struct cd_topic_creation_options options;
    bool active;
    struct cd_arena arena; /* texts of the groups */
    struct cd_topic_groups groups;
    struct cd_strmap known;
    const struct known *last;
    bool news; /* some known topic is not told yet */
    struct cd_async *asked;
    struct known *asked_for;
};

static void free_known(void *value)
{
    struct known *known = value;
    free(known->name);
    free(known);
}

struct cd_topic_creation *cd_topic_creation_new(const struct cd_topic_creation_options *options,
                                                struct cd_error *err)
{
    struct cd_topic_creation *topics = cd_new(struct cd_topic_creation);
    topics->options = *options;
    cd_arena_init(&topics->arena, SIZE_MAX, SIZE_MAX);
    cd_strmap_init(&topics->known, free_known);
    if (!options->worker->config->topic_creation_enable)
        return topics; /* the keys are ignored, whatever they say */
    if (!cd_topic_groups_parse(options->config, &topics->arena, &topics->groups, err)) {
        cd_topic_creation_free(topics);
        return NULL;
    }
    topics->active = topics->groups.count > 0;
    return topics;
}

void cd_topic_creation_free(struct cd_topic_creation *topics)
{
    if (topics == NULL)
        return;
    cd_async_drop(topics->asked);
    cd_topic_groups_done(&topics->groups);
    cd_strmap_done(&topics->known);
    cd_arena_done(&topics->arena);
    free(topics);
}

/* ---- the group a topic belongs to ---- */

static bool any_matches(const struct cd_strings *patterns, const char *topic, bool *ret,
                        struct cd_error *err)
{
    *ret = false;
    for (size_t i = 0; i < patterns->count && !*ret; i++) {
        struct cd_regex *regex = cd_regex_new(cd_slice(patterns->items[i]), err);
        if (regex == NULL)
            return false;
        bool ok = cd_regex_matches(regex, cd_slice(topic), ret, err);
        cd_regex_free(regex);
        if (!ok)
            return false;
    }
    return true;
}

/* Groups are listed with the default first; it takes what no other includes. */
static const struct cd_topic_group *group_of(const struct cd_topic_groups *groups,
                                             const char *topic, struct cd_error *err)
{
    for (size_t i = 1; i < groups->count; i++) {
        bool included;
        bool excluded;
        if (!any_matches(&groups->groups[i].include, topic, &included, err) ||
            !any_matches(&groups->groups[i].exclude, topic, &excluded, err))
            return NULL;
        if (included && !excluded)
            return &groups->groups[i];
    }
    return &groups->groups[0];
}

/* ---- asking the cluster, on a pool thread ---- */

struct ask {
    struct cd_config *java;
    char *client_id;
    char *topic;
    char *group;
    int32_t partitions;
    int16_t replication;
    struct cd_config *settings;
    struct cd_logger log;
};

static void free_ask(void *arg)
{
    struct ask *ask = arg;
    cd_config_free(ask->java);
    cd_config_free(ask->settings);
    free(ask->client_id);
    free(ask->topic);
    free(ask->group);
    free(ask);
}

static bool create(struct cd_admin *admin, const struct ask *ask, struct cd_error *err)
{
    const struct cd_topic_spec spec = {
        .name = ask->topic,
        .partitions = ask->partitions,
        .replication = ask->replication,
        .settings = ask->settings,
    };
    cd_log_info(&ask->log, "Creating topic '%s'", ask->topic);
    switch (cd_admin_create(admin, &spec, ASK_MS, err)) {
    case CD_TOPIC_CREATED:
        cd_log_info(&ask->log, "Created topic '%s' using creation group %s", ask->topic,
                    ask->group);
        return true;
    case CD_TOPIC_EXISTED:
        cd_log_info(&ask->log, "Topic '%s' already exists", ask->topic);
        return true;
    case CD_TOPIC_FAILED:
        break;
    }
    return cd_fail_while(err,
                         "Task failed to create new topic '%s' (creation group %s). Ensure that "
                         "the task is authorized to create topics or that the topic exists",
                         ask->topic, ask->group);
}

static bool run_ask(void *arg, struct cd_error *err)
{
    const struct ask *ask = arg;
    struct cd_admin *admin = cd_admin_open(ask->java, ask->client_id, &ask->log, err);
    if (admin == NULL)
        return false;
    struct cd_topic_info info;
    bool ok = cd_admin_describe(admin, ask->topic, ASK_MS, &info, err) ||
              cd_fail_while(err, "looking for topic '%s'", ask->topic);
    if (ok && info.exists)
        cd_log_info(&ask->log, "Topic '%s' already exists", ask->topic);
    else if (ok)
        ok = create(admin, ask, err);
    cd_admin_free(admin);
    return ok;
}

static bool begin_asking(struct cd_topic_creation *topics, struct known *known,
                         struct cd_error *err)
{
    const struct cd_topic_creation_options *options = &topics->options;
    const struct cd_topic_group *group = group_of(&topics->groups, known->name, err);
    if (group == NULL)
        return false;
    struct ask *ask = cd_new(struct ask);
    ask->java = cd_settings_layers(CD_ROLE_CONNECTOR_ADMIN, options->worker->originals,
                                   options->config, options->connector);
    ask->client_id = cd_asprintf("connector-adminclient-%s-%d", options->connector, options->task);
    ask->topic = cd_strdup(known->name);
    ask->group = cd_strdup(group->name);
    ask->partitions = group->partitions;
    ask->replication = group->replication;
    ask->settings = cd_config_copy(group->settings);
    ask->log = *options->log;
    const struct cd_async_call call = {.call = run_ask, .done = free_ask, .arg = ask};
    topics->asked = cd_async_submit(options->runnable, &call);
    topics->asked_for = known;
    return true;
}

/* ---- passing ---- */

static enum cd_topic_pass let_pass(struct cd_topic_creation *topics, struct known *known)
{
    if (!known->passed) {
        cd_log_info(topics->options.log,
                    "The task will send records to topic '%s' for the first time", known->name);
        known->passed = true;
    }
    if (!known->told)
        topics->news = true;
    known->used = true;
    topics->last = known;
    return CD_TOPIC_PASS;
}

static enum cd_topic_pass take_answer(struct cd_topic_creation *topics, struct cd_error *err)
{
    bool ok;
    if (!cd_async_take(topics->asked, &ok, err))
        return CD_TOPIC_ASKED;
    cd_async_drop(topics->asked);
    topics->asked = NULL;
    return ok ? let_pass(topics, topics->asked_for) : CD_TOPIC_REFUSED;
}

static struct known *find(struct cd_topic_creation *topics, struct cd_slice topic)
{
    struct known *known = cd_strmap_get_slice(&topics->known, topic);
    if (known != NULL)
        return known;
    known = cd_new(struct known);
    known->name = cd_slice_dup(topic);
    (void)cd_strmap_put(&topics->known, known->name, known);
    return known;
}

enum cd_topic_pass cd_topic_creation_pass(struct cd_topic_creation *topics, struct cd_slice topic,
                                          struct cd_error *err)
{
    if (topics->last != NULL && cd_slice_is(topic, topics->last->name))
        return CD_TOPIC_PASS;
    if (topic.ptr == NULL) {
        (void)cd_fail_as(err, CD_ERR_DATA, "ConnectException", "a record has no topic");
        return CD_TOPIC_REFUSED;
    }
    struct known *known = find(topics, topic);
    if (known->passed || !topics->active)
        return let_pass(topics, known);
    if (topics->asked == NULL && !begin_asking(topics, known, err))
        return CD_TOPIC_REFUSED;
    return take_answer(topics, err);
}

const char *cd_topic_creation_last(const struct cd_topic_creation *topics)
{
    return topics->last == NULL ? "" : topics->last->name;
}

void cd_topic_creation_forget_told(struct cd_topic_creation *topics)
{
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&topics->known, &it);) {
        struct known *known = it.value;
        known->used = false;
        known->told = false;
    }
    topics->last = NULL;
}

const char *cd_topic_creation_next_new(struct cd_topic_creation *topics)
{
    if (!topics->news)
        return NULL;
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&topics->known, &it);) {
        struct known *known = it.value;
        if (known->used && !known->told) {
            known->told = true;
            return known->name;
        }
    }
    topics->news = false;
    return NULL;
}
