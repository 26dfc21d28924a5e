#include "kafka/library.h"

#include "base/clock.h"

/* Codes not named here are the broker's trouble and may pass. */
struct meaning {
    rd_kafka_resp_err_t code;
    enum cd_code class;
    bool retriable;
    const char *hint; /* what would be right; NULL: the text says it */
};

#define E(name) RD_KAFKA_RESP_ERR_##name

static const struct meaning meanings[] = {
    /* ours or the record's */
    {E(MSG_SIZE_TOO_LARGE), CD_ERR_DATA, false,
     "raise max.request.size of the producer, and max.message.bytes of the topic"},
    {E(RECORD_LIST_TOO_LARGE), CD_ERR_DATA, false, NULL},
    {E(INVALID_RECORD), CD_ERR_DATA, false, NULL},
    {E(INVALID_TIMESTAMP), CD_ERR_DATA, false, NULL},
    {E(INVALID_MSG_SIZE), CD_ERR_DATA, false, NULL},
    {E(TOPIC_EXCEPTION), CD_ERR_DATA, false,
     "a topic's name has at most 249 of the characters a-z A-Z 0-9 . _ -"},
    {E(_BAD_MSG), CD_ERR_DATA, false, NULL},
    {E(_AUTO_OFFSET_RESET), CD_ERR_STATE, false,
     "the group has no usable offset and auto.offset.reset is none"},
    {E(OFFSET_OUT_OF_RANGE), CD_ERR_STATE, false, NULL},
    {E(_UNKNOWN_PARTITION), CD_ERR_DATA, false, "the topic has fewer partitions"},

    /* configuration */
    {E(_INVALID_ARG), CD_ERR_CONFIG, false, NULL},
    {E(_CONFLICT), CD_ERR_CONFIG, false, NULL},
    {E(INVALID_CONFIG), CD_ERR_CONFIG, false, NULL},
    {E(POLICY_VIOLATION), CD_ERR_CONFIG, false, NULL},
    {E(INVALID_PARTITIONS), CD_ERR_CONFIG, false, NULL},
    {E(INVALID_REPLICATION_FACTOR), CD_ERR_CONFIG, true, "are all brokers up?"},
    {E(INVALID_REQUIRED_ACKS), CD_ERR_CONFIG, false, NULL},
    {E(INVALID_REQUEST), CD_ERR_CONFIG, false, NULL},
    {E(UNSUPPORTED_COMPRESSION_TYPE), CD_ERR_CONFIG, false, NULL},
    {E(INCONSISTENT_GROUP_PROTOCOL), CD_ERR_CONFIG, false,
     "the other members of the group use another partition.assignment.strategy"},
    {E(INVALID_SESSION_TIMEOUT), CD_ERR_CONFIG, false, NULL},
    {E(INVALID_TRANSACTION_TIMEOUT), CD_ERR_CONFIG, false, NULL},

    /* time */
    {E(_TIMED_OUT), CD_ERR_TIMEOUT, true, NULL},
    {E(_MSG_TIMED_OUT), CD_ERR_TIMEOUT, true, "delivery.timeout.ms has passed"},
    {E(_TIMED_OUT_QUEUE), CD_ERR_TIMEOUT, true, NULL},
    {E(REQUEST_TIMED_OUT), CD_ERR_TIMEOUT, true, NULL},

    /* rights */
    {E(_AUTHENTICATION), CD_ERR_REMOTE, false, NULL},
    {E(_SSL), CD_ERR_REMOTE, false, NULL},
    {E(SASL_AUTHENTICATION_FAILED), CD_ERR_REMOTE, false, NULL},
    {E(UNSUPPORTED_SASL_MECHANISM), CD_ERR_REMOTE, false, NULL},
    {E(ILLEGAL_SASL_STATE), CD_ERR_REMOTE, false, NULL},
    {E(TOPIC_AUTHORIZATION_FAILED), CD_ERR_REMOTE, false, NULL},
    {E(GROUP_AUTHORIZATION_FAILED), CD_ERR_REMOTE, false, NULL},
    {E(CLUSTER_AUTHORIZATION_FAILED), CD_ERR_REMOTE, false, NULL},
    {E(TRANSACTIONAL_ID_AUTHORIZATION_FAILED), CD_ERR_REMOTE, false, NULL},
    {E(SECURITY_DISABLED), CD_ERR_REMOTE, false, NULL},
    {E(UNSUPPORTED_VERSION), CD_ERR_REMOTE, false, NULL},
    {E(_UNSUPPORTED_FEATURE), CD_ERR_REMOTE, false, NULL},
    {E(_FATAL), CD_ERR_REMOTE, false, NULL},

    /* another one took over */
    {E(_FENCED), CD_ERR_STATE, false, "another producer uses this transactional.id"},
    {E(PRODUCER_FENCED), CD_ERR_STATE, false, "another producer uses this transactional.id"},
    {E(INVALID_PRODUCER_EPOCH), CD_ERR_STATE, false, NULL},
    {E(FENCED_INSTANCE_ID), CD_ERR_STATE, false, "another member uses this group.instance.id"},
    {E(NON_EMPTY_GROUP), CD_ERR_STATE, false, "the group still has members"},
    {E(GROUP_SUBSCRIBED_TO_TOPIC), CD_ERR_STATE, false, "the group still has members"},
    {E(TOPIC_ALREADY_EXISTS), CD_ERR_STATE, false, NULL},
    {E(_STATE), CD_ERR_STATE, false, NULL},
    {E(INVALID_TXN_STATE), CD_ERR_STATE, false, NULL},

    {E(_PURGE_QUEUE), CD_ERR_CANCELLED, false, NULL},
    {E(_PURGE_INFLIGHT), CD_ERR_CANCELLED, false, NULL},
    {E(_DESTROY), CD_ERR_CANCELLED, false, NULL},
    {E(_QUEUE_FULL), CD_ERR_FULL, true, NULL},
    {E(_UNKNOWN_TOPIC), CD_ERR_REMOTE, true, "does the topic exist, and may it be created?"},
    {E(UNKNOWN_TOPIC_OR_PART), CD_ERR_REMOTE, true, "does the topic exist, and may it be created?"},
};

static struct meaning meaning_of(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].code == code)
            return meanings[i];
    return (struct meaning){code, CD_ERR_REMOTE, true, NULL};
}

/* ---- what would be right ---- */

/* Which rights are missing; brokers name neither the principal nor the operation. */
static const struct {
    rd_kafka_resp_err_t code;
    const char *rights;
} rights[] = {
    {E(TOPIC_AUTHORIZATION_FAILED),
     "Describe and, to produce, Write, to consume, Read, to create, Create on the topic"},
    {E(GROUP_AUTHORIZATION_FAILED), "Read and Describe on the group"},
    {E(CLUSTER_AUTHORIZATION_FAILED),
     "the operation on the cluster (Create, Describe, IdempotentWrite)"},
    {E(TRANSACTIONAL_ID_AUTHORIZATION_FAILED), "Write and Describe on the transactional id"},
};

/* Words of OpenSSL's and librdkafka's that tell a connection was made the wrong way. */
static const struct {
    const char *words;
    const char *hint;
} symptoms[] = {
    {"certificate verify failed",
     "ssl.truststore.location does not hold the authority that signed the broker's certificate, or "
     "the certificate is for another host name"},
    {"unexpected eof while reading", "does this port speak TLS? See security.protocol"},
    {"wrong version number", "does this port speak TLS? See security.protocol"},
    {"PLAINTEXT broker listener", "does this port speak TLS? See security.protocol"},
    {"connecting to a SSL listener", "this port seems to speak TLS: see security.protocol"},
    {"alert bad certificate", "the broker wants a client certificate: see ssl.keystore.location"},
    {"certificate required", "the broker wants a client certificate: see ssl.keystore.location"},
    {"current SASL state", "this port wants no SASL: see security.protocol"},
    {"Unsupported SASL mechanism", "see sasl.mechanism"},
};

const char *cd_kafka_hint(const char *reason)
{
    for (size_t i = 0; i < sizeof(symptoms) / sizeof(symptoms[0]); i++)
        if (strstr(reason, symptoms[i].words) != NULL)
            return symptoms[i].hint;
    return NULL;
}

/* Broker 4.x and librdkafka before 2.6.1: it repeats the client's nonce, which the broker calls
 * invalid credentials. */
static const char *scram_hint(const struct cd_client *client, const char *reason)
{
    if (client == NULL || rd_kafka_version() >= 0x02060100 ||
        strncmp(client->mechanism, "SCRAM", 5) != 0 ||
        strstr(reason, "invalid credentials") == NULL)
        return NULL;
    return "SCRAM with brokers of version 4 needs librdkafka 2.6.1 or newer (Debian 13 has 2.8)";
}

/* What the right is missing on, where the client knows it and the message does not say. */
static const char *resource_of(const struct cd_client *client, rd_kafka_resp_err_t code)
{
    if (client == NULL)
        return NULL;
    return code == E(GROUP_AUTHORIZATION_FAILED)              ? client->group
           : code == E(TRANSACTIONAL_ID_AUTHORIZATION_FAILED) ? client->transactional_id
                                                              : NULL;
}

static void put_rights(const struct cd_client *client, rd_kafka_resp_err_t code, char *text,
                       size_t size)
{
    const char *user = client == NULL ? NULL : client->username;
    const char *resource = resource_of(client, code);
    const char *quote = resource == NULL ? "" : "'";
    for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
        if (rights[i].code == code)
            (void)snprintf(text, size, "grant %s%s %s%s%s%s%s", /* may be cut */
                           user == NULL ? "this client's principal" : "User:",
                           user == NULL ? "" : user, rights[i].rights, resource == NULL ? "" : " ",
                           quote, resource == NULL ? "" : resource, quote);
}

static void put_hint(const struct cd_client *client, struct meaning meaning, const char *reason,
                     char *text, size_t size)
{
    const char *hint = scram_hint(client, reason);
    if (hint == NULL)
        hint = cd_kafka_hint(reason);
    if (hint == NULL)
        hint = meaning.hint;
    (void)snprintf(text, size, "%s", hint == NULL ? "" : hint);
    put_rights(client, meaning.code, text, size);
}

static void copy_reason(struct cd_client *client, char *text, size_t size)
{
    text[0] = '\0';
    if (client == NULL)
        return;
    cd_mutex_lock(&client->lock);
    (void)snprintf(text, size, "%s", client->reason); /* a cut message is still a message */
    cd_mutex_unlock(&client->lock);
}

static bool says_little(rd_kafka_resp_err_t code)
{
    return code == E(_TIMED_OUT) || code == E(_TRANSPORT) || code == E(_ALL_BROKERS_DOWN) ||
           code == E(_TIMED_OUT_QUEUE);
}

bool cd_kafka_fail(struct cd_error *err, struct cd_client *client, rd_kafka_resp_err_t code,
                   const char *detail)
{
    struct meaning meaning = meaning_of(code);
    const char *text = detail == NULL ? rd_kafka_err2str(code) : detail;
    char reason[300];
    char hint[300];
    if (err->code != CD_OK)
        return false;
    copy_reason(says_little(code) ? client : NULL, reason, sizeof(reason));
    if (strstr(text, reason) != NULL)
        reason[0] = '\0'; /* said already */
    put_hint(client, meaning, reason[0] == '\0' ? text : reason, hint, sizeof(hint));
    (void)cd_fail_as(err, meaning.class, rd_kafka_err2name(code), "%s%s%s%s%s", text,
                     reason[0] == '\0' ? "" : ": ", reason, hint[0] == '\0' ? "" : "; ", hint);
    err->retriable = meaning.retriable;
    return false;
}

bool cd_kafka_is_final(rd_kafka_resp_err_t code, const char *text)
{
    if (code == E(_FATAL))
        return true;
    if (code == E(_AUTHENTICATION)) /* "Local: Broker transport failure" and the like */
        return strstr(text, "Local: ") == NULL && strstr(text, "isconnected") == NULL;
    if (strstr(text, "alert bad certificate") != NULL || /* whatever the code: TLS 1.3's refusal */
        strstr(text, "certificate required") != NULL)    /* comes after the handshake */
        return true;
    return code == E(_SSL) &&
           (strstr(text, "certificate") != NULL || strstr(text, "wrong version number") != NULL ||
            strstr(text, "handshake failure") != NULL || strstr(text, "no shared cipher") != NULL);
}

bool cd_kafka_fail_error(struct cd_error *err, struct cd_client *client, rd_kafka_error_t *error)
{
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    (void)cd_kafka_fail(err, client, code, rd_kafka_error_string(error));
    if (rd_kafka_error_is_fatal(error))
        err->retriable = false;
    rd_kafka_error_destroy(error);
    return false;
}
