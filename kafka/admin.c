#include "kafka/admin.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kafka/library.h"

#define RETRY_PAUSE_MS 100

struct cd_admin {
    struct cd_client client;
    rd_kafka_t *rk;
};

struct cd_admin *cd_admin_open(const struct cd_config *java, const char *client_id,
                               const struct cd_logger *log, struct cd_error *err)
{
    struct cd_admin *admin = cd_new(struct cd_admin);
    struct cd_client_options options = {.kind = CD_CLIENT_ADMIN,
                                        .java = java,
                                        .client_id = client_id,
                                        .log = log,
                                        .events = RD_KAFKA_EVENT_ERROR};
    rd_kafka_conf_t *conf = cd_client_configure(&admin->client, &options, err);
    /* Looking at a topic must not make it. */
    if (conf != NULL)
        (void)rd_kafka_conf_set(conf, "allow.auto.create.topics", "false", NULL, 0); /* known */
    if (conf != NULL)
        admin->rk = cd_client_create(&admin->client, RD_KAFKA_PRODUCER, conf, err);
    if (admin->rk != NULL)
        return admin;
    free(admin);
    return NULL;
}

void cd_admin_free(struct cd_admin *admin)
{
    if (admin == NULL)
        return;
    rd_kafka_destroy(admin->rk);
    cd_client_done(&admin->client);
    free(admin);
}

static bool fail(struct cd_admin *admin, rd_kafka_resp_err_t code, const char *detail,
                 struct cd_error *err)
{
    return cd_kafka_fail(err, &admin->client, code, detail);
}

char *cd_admin_cluster_id(struct cd_admin *admin, int64_t timeout_ms, struct cd_error *err)
{
    return cd_client_cluster_id(&admin->client, admin->rk, timeout_ms, err);
}

/* librdkafka's mock cluster has no controller, and admin requests would wait for one in vain. Its
 * id gives it away. */
static bool refuse_mock(struct cd_admin *admin, int64_t timeout_ms, struct cd_error *err)
{
    static const char prefix[] = "mockCluster";
    char *id = rd_kafka_clusterid(admin->rk, (int)timeout_ms); /* known after the first metadata */
    bool mock = id != NULL && strncmp(id, prefix, sizeof(prefix) - 1) == 0;
    if (id != NULL)
        rd_kafka_mem_free(admin->rk, id);
    if (mock)
        (void)fail(admin, RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
                   "the throw-away broker has no administration", err);
    return mock;
}

/* ---- one request, one answer ---- */

struct call {
    rd_kafka_queue_t *queue;
    rd_kafka_AdminOptions_t *options;
    int timeout_ms;
};

static struct call begin_on(rd_kafka_t *rk, rd_kafka_admin_op_t op, int64_t timeout_ms)
{
    cd_client_drop_complaints(rk);
    struct call call = {
        .queue = rd_kafka_queue_new(rk),
        .options = rd_kafka_AdminOptions_new(rk, op),
        .timeout_ms = (int)(timeout_ms < 1         ? 1
                            : timeout_ms > 3600000 ? 3600000
                                                   : timeout_ms),
    };
    /* Out of range is not possible; without it librdkafka's own 60 s would hold. */
    (void)rd_kafka_AdminOptions_set_request_timeout(call.options, call.timeout_ms, NULL, 0);
    return call;
}

static struct call begin(struct cd_admin *admin, rd_kafka_admin_op_t op, int64_t timeout_ms)
{
    return begin_on(admin->rk, op, timeout_ms);
}

/* NULL with err: no answer, or none that holds more than an error. The caller destroys it. */
static rd_kafka_event_t *finish(struct cd_admin *admin, struct call *call, struct cd_error *err)
{
    /* A little longer than the request: its own time-out tells more. */
    rd_kafka_event_t *event = rd_kafka_queue_poll(call->queue, call->timeout_ms + 1000);
    rd_kafka_AdminOptions_destroy(call->options);
    rd_kafka_queue_destroy(call->queue);
    if (event == NULL) {
        (void)fail(admin, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL, err);
        return NULL;
    }
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return event;
    (void)fail(admin, code, rd_kafka_event_error_string(event), err);
    rd_kafka_event_destroy(event);
    return NULL;
}

/* ---- topics ---- */

static bool add_settings(rd_kafka_NewTopic_t *topic, const struct cd_config *settings,
                         struct cd_error *err)
{
    for (struct cd_config_iter it = {0}; settings != NULL && cd_config_next(settings, &it);) {
        if (it.value == NULL)
            continue;
        rd_kafka_resp_err_t code = rd_kafka_NewTopic_set_config(topic, it.key, it.value);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
            return cd_kafka_fail(err, NULL, code, NULL);
    }
    return true;
}

static enum cd_topic_created created(struct cd_admin *admin, rd_kafka_event_t *event,
                                     struct cd_error *err)
{
    size_t count = 0;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    rd_kafka_resp_err_t code =
        count == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_topic_result_error(results[0]);
    enum cd_topic_created outcome = CD_TOPIC_CREATED;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        outcome = CD_TOPIC_EXISTED;
    } else if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)fail(admin, code, rd_kafka_topic_result_error_string(results[0]), err);
        outcome = CD_TOPIC_FAILED;
    }
    rd_kafka_event_destroy(event);
    return outcome;
}

enum cd_topic_created cd_admin_create(struct cd_admin *admin, const struct cd_topic_spec *topic,
                                      int64_t timeout_ms, struct cd_error *err)
{
    char text[256] = "";
    rd_kafka_NewTopic_t *native = rd_kafka_NewTopic_new(topic->name, topic->partitions,
                                                        topic->replication, text, sizeof(text));
    rd_kafka_event_t *event = NULL;
    if (native == NULL) {
        (void)cd_fail_as(err, CD_ERR_CONFIG, "InvalidPartitionsException", "%s", text);
    } else if (!refuse_mock(admin, timeout_ms, err) && add_settings(native, topic->settings, err)) {
        struct call call = begin(admin, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
        if (topic->only_ask) /* known to every version that we build with */
            (void)rd_kafka_AdminOptions_set_validate_only(call.options, 1, NULL, 0);
        rd_kafka_CreateTopics(admin->rk, &native, 1, call.options, call.queue);
        event = finish(admin, &call, err);
    }
    if (native != NULL)
        rd_kafka_NewTopic_destroy(native);
    enum cd_topic_created outcome = event == NULL ? CD_TOPIC_FAILED : created(admin, event, err);
    if (outcome == CD_TOPIC_FAILED)
        (void)cd_fail_while(err, "creating topic '%s'", topic->name);
    return outcome;
}

bool cd_admin_brokers(struct cd_admin *admin, int64_t timeout_ms,
                      void (*each)(void *arg, int32_t id, const char *host, int port), void *arg,
                      struct cd_error *err)
{
    const rd_kafka_metadata_t *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(admin->rk, 0, NULL, &metadata, (int)timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(admin, code, NULL, err) || cd_fail_while(err, "asking for the brokers");
    for (int i = 0; i < metadata->broker_cnt; i++)
        each(arg, metadata->brokers[i].id, metadata->brokers[i].host, metadata->brokers[i].port);
    rd_kafka_metadata_destroy(metadata);
    return true;
}

static bool read_info(struct cd_admin *admin, const rd_kafka_metadata_t *metadata,
                      struct cd_topic_info *ret, struct cd_error *err)
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    int partitions = 0;
    if (metadata->topic_cnt > 0) {
        code = metadata->topics[0].err;
        partitions = metadata->topics[0].partition_cnt;
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE &&
        code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        return fail(admin, code, NULL, err);
    ret->exists = code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    ret->partitions = ret->exists ? partitions : 0;
    return true;
}

bool cd_admin_describe(struct cd_admin *admin, const char *topic, int64_t timeout_ms,
                       struct cd_topic_info *ret, struct cd_error *err)
{
    const rd_kafka_metadata_t *metadata = NULL;
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(admin->rk, topic, NULL);
    if (rkt == NULL)
        return fail(admin, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, NULL, err) ||
               cd_fail_while(err, "describing topic '%s'", topic);
    rd_kafka_resp_err_t code = rd_kafka_metadata(admin->rk, 0, rkt, &metadata, (int)timeout_ms);
    rd_kafka_topic_destroy(rkt);
    bool good = code == RD_KAFKA_RESP_ERR_NO_ERROR ? read_info(admin, metadata, ret, err)
                                                   : fail(admin, code, NULL, err);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_metadata_destroy(metadata);
    return good || cd_fail_while(err, "describing topic '%s'", topic);
}

static char *find_setting(struct cd_admin *admin, rd_kafka_event_t *event, const char *setting,
                          struct cd_error *err)
{
    size_t count = 0;
    const rd_kafka_ConfigResource_t **resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event), &count);
    rd_kafka_resp_err_t code = count == 0 ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
                                          : rd_kafka_ConfigResource_error(resources[0]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)fail(admin, code,
                   count == 0 ? NULL : rd_kafka_ConfigResource_error_string(resources[0]), err);
        return NULL;
    }
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[0], &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), setting) == 0)
            return cd_strdup(rd_kafka_ConfigEntry_value(entries[i]));
    (void)cd_fail(err, CD_ERR_CONFIG, "there is no topic setting '%s'", setting);
    return NULL;
}

char *cd_admin_topic_setting(struct cd_admin *admin, const char *topic, const char *setting,
                             int64_t timeout_ms, struct cd_error *err)
{
    if (refuse_mock(admin, timeout_ms, err)) {
        (void)cd_fail_while(err, "reading '%s' of topic '%s'", setting, topic);
        return NULL;
    }
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    struct call call = begin(admin, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms);
    rd_kafka_DescribeConfigs(admin->rk, &resource, 1, call.options, call.queue);
    rd_kafka_event_t *event = finish(admin, &call, err);
    rd_kafka_ConfigResource_destroy(resource);
    char *value = event == NULL ? NULL : find_setting(admin, event, setting, err);
    if (event != NULL)
        rd_kafka_event_destroy(event);
    if (value == NULL)
        (void)cd_fail_while(err, "reading '%s' of topic '%s'", setting, topic);
    return value;
}

bool cd_admin_delete_topic(struct cd_admin *admin, const char *topic, int64_t timeout_ms,
                           struct cd_error *err)
{
    rd_kafka_DeleteTopic_t *native = rd_kafka_DeleteTopic_new(topic);
    struct call call = begin(admin, RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout_ms);
    rd_kafka_DeleteTopics(admin->rk, &native, 1, call.options, call.queue);
    rd_kafka_event_t *event = finish(admin, &call, err);
    rd_kafka_DeleteTopic_destroy(native);
    if (event == NULL)
        return cd_fail_while(err, "deleting topic '%s'", topic);
    size_t count = 0;
    const rd_kafka_topic_result_t **results =
        rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
    rd_kafka_resp_err_t code =
        count == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_topic_result_error(results[0]);
    bool good = code == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!good) {
        (void)fail(admin, code, rd_kafka_topic_result_error_string(results[0]), err);
        (void)cd_fail_while(err, "deleting topic '%s'", topic);
    }
    rd_kafka_event_destroy(event);
    return good;
}

/* ---- groups ---- */

static struct cd_assignment copy_offsets(const rd_kafka_topic_partition_list_t *from)
{
    struct cd_assignment ret = {NULL, 0};
    size_t texts = 0;
    if (from == NULL)
        return ret;
    for (int i = 0; i < from->cnt; i++)
        texts += strlen(from->elems[i].topic) + 1;
    ret.list = cd_alloc((size_t)from->cnt * sizeof(*ret.list) + texts + 1);
    char *text = (char *)(ret.list + from->cnt);
    for (int i = 0; i < from->cnt; i++) {
        const rd_kafka_topic_partition_t *elem = &from->elems[i];
        size_t len = strlen(elem->topic);
        if (elem->offset < 0)
            continue; /* asked for, but not committed */
        memcpy(text, elem->topic, len + 1);
        ret.list[ret.count++] =
            (struct cd_topic_partition){cd_slice_of(text, len), elem->partition, elem->offset};
        text += len + 1;
    }
    return ret;
}

/* The answers of the three calls about a group's offsets look alike. */
static bool check_group(struct cd_admin *admin, const rd_kafka_group_result_t *result,
                        struct cd_error *err)
{
    const rd_kafka_error_t *error = rd_kafka_group_result_error(result);
    if (error != NULL && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(admin, rd_kafka_error_code(error), rd_kafka_error_string(error), err);
    const rd_kafka_topic_partition_list_t *list = rd_kafka_group_result_partitions(result);
    for (int i = 0; list != NULL && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *elem = &list->elems[i];
        if (elem->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            continue;
        (void)fail(admin, elem->err, NULL, err);
        return cd_fail_while(err, "topic '%s' partition %d", elem->topic, (int)elem->partition);
    }
    return true;
}

struct group_call {
    struct cd_admin *admin;
    const char *group;
    const rd_kafka_topic_partition_list_t *list; /* to be set or removed */
    struct cd_assignment *ret;
};

/* librdkafka (2.0 to 2.10 at least, its issue 5040) takes a handle that reads a group's offsets for
 * a consumer when the coordinator has moved or just been made, and crashes where it is none: so it
 * is one, of that group, that never joins. */
static rd_kafka_t *open_reader(const struct group_call *c, struct cd_error *err)
{
    char text[256] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_dup(rd_kafka_conf(c->admin->rk));
    rd_kafka_conf_res_t set = rd_kafka_conf_set(conf, "group.id", c->group, text, sizeof(text));
    rd_kafka_t *rk =
        set != RD_KAFKA_CONF_OK ? NULL : rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
    if (rk != NULL)
        return rk;
    rd_kafka_conf_destroy(conf); /* rd_kafka_new takes it over on success only */
    (void)cd_fail(err, CD_ERR_CONFIG, "%s", text);
    return NULL;
}

static bool read_offsets_by(rd_kafka_t *rk, const struct group_call *c, int64_t timeout_ms,
                            struct cd_error *err)
{
    rd_kafka_ListConsumerGroupOffsets_t *ask =
        rd_kafka_ListConsumerGroupOffsets_new(c->group, NULL);
    struct call call = begin_on(rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeout_ms);
    rd_kafka_ListConsumerGroupOffsets(rk, &ask, 1, call.options, call.queue);
    rd_kafka_event_t *event = finish(c->admin, &call, err);
    rd_kafka_ListConsumerGroupOffsets_destroy(ask);
    if (event == NULL)
        return false;
    size_t count = 0;
    const rd_kafka_group_result_t **results = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
    bool good = count == 1 && check_group(c->admin, results[0], err);
    if (good)
        *c->ret = copy_offsets(rd_kafka_group_result_partitions(results[0]));
    rd_kafka_event_destroy(event);
    return good;
}

static bool read_offsets(const struct group_call *c, int64_t timeout_ms, struct cd_error *err)
{
    rd_kafka_t *rk = open_reader(c, err);
    bool good = rk != NULL && read_offsets_by(rk, c, timeout_ms, err);
    if (rk != NULL)
        rd_kafka_destroy(rk);
    return good;
}

static bool alter_offsets(const struct group_call *c, int64_t timeout_ms, struct cd_error *err)
{
    rd_kafka_AlterConsumerGroupOffsets_t *ask =
        rd_kafka_AlterConsumerGroupOffsets_new(c->group, c->list);
    struct call call = begin(c->admin, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, timeout_ms);
    rd_kafka_AlterConsumerGroupOffsets(c->admin->rk, &ask, 1, call.options, call.queue);
    rd_kafka_event_t *event = finish(c->admin, &call, err);
    rd_kafka_AlterConsumerGroupOffsets_destroy(ask);
    if (event == NULL)
        return false;
    size_t count = 0;
    const rd_kafka_group_result_t **results = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count);
    bool good = count == 1 && check_group(c->admin, results[0], err);
    rd_kafka_event_destroy(event);
    return good;
}

static bool remove_offsets(const struct group_call *c, int64_t timeout_ms, struct cd_error *err)
{
    rd_kafka_DeleteConsumerGroupOffsets_t *ask =
        rd_kafka_DeleteConsumerGroupOffsets_new(c->group, c->list);
    struct call call = begin(c->admin, RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, timeout_ms);
    rd_kafka_DeleteConsumerGroupOffsets(c->admin->rk, &ask, 1, call.options, call.queue);
    rd_kafka_event_t *event = finish(c->admin, &call, err);
    rd_kafka_DeleteConsumerGroupOffsets_destroy(ask);
    if (event == NULL)
        return false;
    size_t count = 0;
    const rd_kafka_group_result_t **results = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
        rd_kafka_event_DeleteConsumerGroupOffsets_result(event), &count);
    bool good = count == 1 && check_group(c->admin, results[0], err);
    rd_kafka_event_destroy(event);
    return good;
}

static bool delete_group(const struct group_call *c, int64_t timeout_ms, struct cd_error *err)
{
    rd_kafka_DeleteGroup_t *ask = rd_kafka_DeleteGroup_new(c->group);
    struct call call = begin(c->admin, RD_KAFKA_ADMIN_OP_DELETEGROUPS, timeout_ms);
    rd_kafka_DeleteGroups(c->admin->rk, &ask, 1, call.options, call.queue);
    rd_kafka_event_t *event = finish(c->admin, &call, err);
    rd_kafka_DeleteGroup_destroy(ask);
    if (event == NULL)
        return false;
    size_t count = 0;
    const rd_kafka_group_result_t **results =
        rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
    bool good = count == 1 && check_group(c->admin, results[0], err);
    rd_kafka_event_destroy(event);
    return good;
}

/* A coordinator that still loads its groups says so and is asked again, as Java's client does. */
static bool repeat(bool (*try)(const struct group_call *, int64_t, struct cd_error *),
                   const struct group_call *c, int64_t deadline_ms, struct cd_error *err)
{
    for (;;) {
        struct cd_error trouble = CD_ERROR_INIT;
        int64_t left_ms = deadline_ms - cd_clock_ms();
        if (try(c, left_ms < 1 ? 1 : left_ms, &trouble))
            return true;
        if (!trouble.retriable || trouble.code == CD_ERR_TIMEOUT || left_ms <= RETRY_PAUSE_MS) {
            *err = trouble;
            return false;
        }
        cd_kafka_pause(RETRY_PAUSE_MS);
    }
}

bool cd_admin_group_offsets(struct cd_admin *admin, const char *group, int64_t timeout_ms,
                            struct cd_assignment *ret, struct cd_error *err)
{
    const struct group_call call = {.admin = admin, .group = group, .ret = ret};
    return repeat(read_offsets, &call, cd_clock_ms() + timeout_ms, err) ||
           cd_fail_while(err, "reading the offsets of group '%s'", group);
}

/* The partitions of `list` that are to be set, or those to be removed. */
static rd_kafka_topic_partition_list_t *select_offsets(const struct cd_topic_partition *list,
                                                       size_t count, bool set)
{
    rd_kafka_topic_partition_list_t *native = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        if ((list[i].offset >= 0) != set)
            continue;
        CD_AUTO_FREE char *topic = cd_slice_dup(list[i].topic);
        rd_kafka_topic_partition_list_add(native, topic, list[i].partition)->offset =
            set ? list[i].offset : RD_KAFKA_OFFSET_INVALID;
    }
    return native;
}

bool cd_admin_set_group_offsets(struct cd_admin *admin, const char *group,
                                const struct cd_topic_partition *list, size_t count,
                                int64_t timeout_ms, struct cd_error *err)
{
    int64_t deadline_ms = cd_clock_ms() + timeout_ms;
    rd_kafka_topic_partition_list_t *set = select_offsets(list, count, /* set = */ true);
    rd_kafka_topic_partition_list_t *gone = select_offsets(list, count, /* set = */ false);
    const struct group_call alter = {.admin = admin, .group = group, .list = set};
    const struct group_call remove = {.admin = admin, .group = group, .list = gone};
    bool good = (set->cnt == 0 || repeat(alter_offsets, &alter, deadline_ms, err)) &&
                (gone->cnt == 0 || repeat(remove_offsets, &remove, deadline_ms, err));
    rd_kafka_topic_partition_list_destroy(set);
    rd_kafka_topic_partition_list_destroy(gone);
    return good || cd_fail_while(err, "changing the offsets of group '%s'", group);
}

bool cd_admin_delete_group(struct cd_admin *admin, const char *group, int64_t timeout_ms,
                           struct cd_error *err)
{
    const struct group_call call = {.admin = admin, .group = group};
    return repeat(delete_group, &call, cd_clock_ms() + timeout_ms, err) ||
           cd_fail_while(err, "deleting group '%s'", group);
}
