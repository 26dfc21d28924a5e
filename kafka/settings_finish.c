#include <stdlib.h>
#include <strings.h>

#include "kafka/jaas.h"
#include "kafka/settings_walk.h"
#include "kafka/tls.h"

static int64_t native_number(const struct cd_walk *walk, const char *key, int64_t fallback)
{
    const char *value = cd_config_get(walk->result->native, key);
    return value == NULL ? fallback : strtoll(value, NULL, 10);
}

/* ---- producer ---- */

/* Java's producer is idempotent unless told otherwise, and gives that up by itself when another
 * setting speaks against it. */
static bool wants_idempotence(const struct cd_walk *walk, const char **conflict)
{
    const char *acks = cd_config_get(walk->result->native, "acks");
    *conflict = NULL;
    if (strcasecmp(acks, "all") != 0 && strcmp(acks, "-1") != 0)
        *conflict = "acks=all";
    else if (native_number(walk, "retries", INT32_MAX) < 1)
        *conflict = "retries of at least 1";
    else if (native_number(walk, "max.in.flight.requests.per.connection", 5) > 5)
        *conflict = "max.in.flight.requests.per.connection of at most 5";
    const char *given = cd_walk_given(walk, "enable.idempotence");
    if (given == NULL)
        return *conflict == NULL;
    return strcasecmp(given, "true") == 0;
}

static bool finish_idempotence(struct cd_walk *walk)
{
    const char *conflict = NULL;
    bool transactional = cd_walk_given(walk, "transactional.id") != NULL;
    bool wanted = wants_idempotence(walk, &conflict);
    if (transactional && !wanted)
        return cd_walk_refuse(walk, "enable.idempotence", "false",
                              "transactional.id needs an idempotent producer");
    if (wanted && conflict != NULL)
        return cd_walk_refuse(walk, "enable.idempotence", "true", "needs %s", conflict);
    cd_walk_set(walk, "enable.idempotence", wanted ? "true" : "false");
    return true;
}

/* librdkafka refuses to wait longer for a record or a request than for its transaction. */
static void finish_transaction(struct cd_walk *walk)
{
    if (cd_walk_given(walk, "transactional.id") == NULL)
        return;
    int64_t limit_ms = native_number(walk, "transaction.timeout.ms", 60000);
    int64_t delivery_ms = native_number(walk, "message.timeout.ms", 0);
    if (delivery_ms == 0 || delivery_ms > limit_ms)
        cd_walk_format(walk, "message.timeout.ms", "%lld", (long long)limit_ms);
    if (native_number(walk, "socket.timeout.ms", 0) > limit_ms)
        cd_walk_format(walk, "socket.timeout.ms", "%lld", (long long)limit_ms);
}

/* Where a topic is missing Java's send blocks for max.block.ms (in a task: for ever) and goes on
 * when somebody makes it. librdkafka would refuse the record after 30 s. */
static void finish_missing_topic(struct cd_walk *walk)
{
    /* librdkafka allows an hour, but multiplies by 1000 in 32 bits: beyond 35 minutes it would not
     * wait at all. */
    enum { LONGEST_MS = 2100000 };
    int64_t wait_ms = cd_walk_number(walk, "max.block.ms", 60000);
    wait_ms = wait_ms < 0 ? 0 : wait_ms > LONGEST_MS ? LONGEST_MS : wait_ms;
    cd_walk_format(walk, "topic.metadata.propagation.max.ms", "%lld", (long long)wait_ms);
}

static bool finish_producer(struct cd_walk *walk)
{
    int64_t delivery_ms = native_number(walk, "message.timeout.ms", 0);
    int64_t linger_ms = native_number(walk, "linger.ms", 0);
    if (delivery_ms > 0 && delivery_ms <= linger_ms)
        return cd_walk_refuse(walk, "delivery.timeout.ms",
                              cd_config_get(walk->result->native, "message.timeout.ms"),
                              "should be equal to or larger than linger.ms + request.timeout.ms");
    if (!finish_idempotence(walk))
        return false;
    finish_transaction(walk);
    finish_missing_topic(walk);
    /* The budgets of kafka/producer.c take the place of librdkafka's limits, which count payload
     * only. */
    cd_walk_set(walk, "queue.buffering.max.messages", "0");
    cd_walk_set(walk, "queue.buffering.max.kbytes", "2147483647");
    return true;
}

/* ---- consumer ---- */

static void finish_consumer(struct cd_walk *walk)
{
    int64_t session_ms = native_number(walk, "session.timeout.ms", 45000);
    if (native_number(walk, "max.poll.interval.ms", 300000) < session_ms) {
        cd_walk_note(walk, "max.poll.interval.ms", "is raised to session.timeout.ms");
        cd_walk_format(walk, "max.poll.interval.ms", "%lld", (long long)session_ms);
    }
    /* A fetch may wait this long at the broker, and must not be taken for a dead connection. */
    int64_t fetch_ms = native_number(walk, "fetch.wait.max.ms", 500) + 1000;
    if (native_number(walk, "socket.timeout.ms", 30000) < fetch_ms)
        cd_walk_format(walk, "socket.timeout.ms", "%lld",
                       (long long)(fetch_ms > 300000 ? 300000 : fetch_ms));
    /* librdkafka wants fetch.max.bytes to be no less than its own message.max.bytes; a larger
     * message is fetched all the same. */
    int64_t fetch_bytes = native_number(walk, "fetch.max.bytes", 52428800);
    if (fetch_bytes < 1000000)
        cd_walk_format(walk, "message.max.bytes", "%lld",
                       (long long)(fetch_bytes < 1000 ? 1000 : fetch_bytes));
}

/* ---- security ---- */

static bool uses(const struct cd_walk *walk, const char *part)
{
    const char *protocol = cd_config_get(walk->result->native, "security.protocol");
    return protocol != NULL && strstr(protocol, part) != NULL;
}

static bool login_handler(struct cd_walk *walk)
{
    static const char key[] = "sasl.login.callback.handler.class";
    const char *handler = cd_walk_given(walk, key);
    /* This one only says: client credentials at a token endpoint. */
    if (handler == NULL || strstr(handler, "OAuthBearerLoginCallbackHandler") != NULL)
        return true;
    return cd_walk_refuse(walk, key, handler,
                          "a Java class, which only a JVM can load; PLAIN, SCRAM, GSSAPI and "
                          "OAUTHBEARER with client credentials work without one");
}

static void oauth_settings(struct cd_walk *walk)
{
    static const char *const keys[][2] = {
        {"sasl.oauthbearer.token.endpoint.url", "sasl.oauthbearer.token.endpoint.url"},
        {"sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.id"},
        {"sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.client.secret"},
        {"sasl.oauthbearer.scope", "sasl.oauthbearer.scope"},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (cd_walk_given(walk, keys[i][0]) != NULL)
            cd_walk_set(walk, keys[i][1], cd_walk_given(walk, keys[i][0]));
    if (cd_walk_given(walk, "sasl.oauthbearer.token.endpoint.url") != NULL)
        cd_walk_set(walk, "sasl.oauthbearer.method", "oidc");
}

static bool finish_sasl(struct cd_walk *walk)
{
    const char *mechanism = cd_walk_given(walk, "sasl.mechanism");
    const char *service = cd_walk_given(walk, "sasl.kerberos.service.name");
    const char *jaas = cd_walk_given(walk, "sasl.jaas.config");
    if (mechanism == NULL)
        mechanism = "GSSAPI";
    cd_walk_set(walk, "sasl.mechanism", mechanism);
    if (!login_handler(walk))
        return false;
    if (strcmp(mechanism, "OAUTHBEARER") == 0)
        oauth_settings(walk);
    if (jaas != NULL && !cd_jaas_translate(jaas, mechanism, walk->result->native, walk->err))
        return false;
    if (jaas == NULL && !cd_config_has(walk->result->native, "sasl.oauthbearer.client.id") &&
        strcmp(mechanism, "GSSAPI") != 0)
        return cd_walk_refuse(walk, "sasl.jaas.config", "null",
                              "sasl.mechanism %s needs the credentials", mechanism);
    if (service != NULL)
        cd_walk_set(walk, "sasl.kerberos.service.name", service);
    return true;
}

bool cd_settings_finish(struct cd_walk *walk)
{
    if (walk->kind == CD_CLIENT_PRODUCER && !finish_producer(walk))
        return false;
    if (walk->kind == CD_CLIENT_CONSUMER)
        finish_consumer(walk);
    int64_t backoff_ms = native_number(walk, "reconnect.backoff.ms", 50);
    if (native_number(walk, "reconnect.backoff.max.ms", 1000) < backoff_ms)
        cd_walk_format(walk, "reconnect.backoff.max.ms", "%lld", (long long)backoff_ms);
    if (uses(walk, "sasl") && !finish_sasl(walk))
        return false;
    return !uses(walk, "ssl") || cd_tls_translate(walk->java, walk->result->native, walk->err);
}
