#include "kafka/settings_walk.h"

#include <stdlib.h>
#include <strings.h>

#include "kafka/tls.h"

#define P CD_KINDS_P
#define C CD_KINDS_C
#define A CD_KINDS_A
#define ALL CD_KINDS_ALL
#define MAX32 INT32_MAX
#define VERSION(major, minor, patch) (((major) << 24) | ((minor) << 16) | ((patch) << 8))

static const char no_jvm_class[] = "a Java class, which only a JVM can load";
static const char no_metrics[] = "Java's own metrics; connectd's are under /metrics";
static const char no_tuning[] = "tunes something that librdkafka does its own way";
static const char bytes_only[] = "connectd's converters make the bytes";

static const char *simple_name(const char *class_name)
{
    const char *dot = strrchr(class_name, '.');
    return dot == NULL ? class_name : dot + 1;
}

static bool is_true(const char *value)
{
    return strcasecmp(value, "true") == 0;
}

/* ---- producer ---- */

static bool delivery_timeout(struct cd_walk *walk, const struct cd_setting_row *row,
                             const char *value)
{
    /* Java's largest int means for ever here and there, and librdkafka's word for it is 0. */
    long ms = strtol(value, NULL, 10);
    cd_walk_format(walk, row->native, "%ld", ms >= MAX32 ? 0 : ms);
    return true;
}

/* On the broker's side for a producer, on the wire for every client. */
static bool request_timeout(struct cd_walk *walk, const struct cd_setting_row *row,
                            const char *value)
{
    long ms = strtol(value, NULL, 10);
    (void)row;
    if (walk->kind == CD_CLIENT_PRODUCER)
        cd_walk_format(walk, "request.timeout.ms", "%ld", ms > 900000 ? 900000 : ms);
    cd_walk_format(walk, "socket.timeout.ms", "%ld", ms < 10 ? 10 : ms > 300000 ? 300000 : ms);
    return true;
}

static bool batch_size(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    if (strtol(value, NULL, 10) > 0)
        cd_walk_set(walk, row->native, value);
    else
        cd_walk_set(walk, "batch.num.messages", "1"); /* Java's 0: no batches */
    return true;
}

/* The level of the codec in use. */
static bool compression_level(struct cd_walk *walk, const struct cd_setting_row *row,
                              const char *value)
{
    static const struct {
        const char *key;
        const char *codec;
        long min;
        long max;
    } levels[] = {
        {"compression.gzip.level", "gzip", -1, 9},
        {"compression.lz4.level", "lz4", 0, 12},
        {"compression.zstd.level", "zstd", -1, 12},
    };
    const char *codec = cd_walk_given(walk, "compression.type");
    char *end = NULL;
    long level = strtol(value, &end, 10);
    if (*end != '\0')
        return cd_walk_refuse(walk, row->java, value, "Not a number of type INT");
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (strcmp(levels[i].key, row->java) != 0)
            continue;
        if (codec == NULL || strcmp(levels[i].codec, codec) != 0)
            return true;
        long used = level < levels[i].min   ? levels[i].min
                    : level > levels[i].max ? levels[i].max
                                            : level;
        if (used != level)
            cd_walk_note(walk, row->java, "the nearest level that librdkafka has is used");
        cd_walk_format(walk, "compression.level", "%ld", used);
    }
    return true;
}

static bool partitioner(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    static const struct {
        const char *java;
        const char *key;
        const char *value;
    } known[] = {
        {"", "partitioner", "murmur2_random"},
        {"DefaultPartitioner", "partitioner", "murmur2_random"},
        {"BuiltInPartitioner", "partitioner", "murmur2_random"},
        {"UniformStickyPartitioner", "partitioner", "random"},
        {"RoundRobinPartitioner", "connectd.partitioner", "roundrobin"},
    };
    const char *ignore = cd_walk_given(walk, "partitioner.ignore.keys");
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].java, simple_name(value)) != 0)
            continue;
        bool keyless = i == 0 && ignore != NULL && is_true(ignore);
        cd_walk_set(walk, known[i].key, keyless ? "random" : known[i].value);
        return true;
    }
    return cd_walk_refuse(walk, row->java, value,
                          "a Java class; use none (murmur2 of the key), RoundRobinPartitioner or "
                          "UniformStickyPartitioner");
}

/* ---- consumer ---- */

static bool offset_reset(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    static const char *const known[][2] = {
        {"earliest", "earliest"}, {"latest", "latest"}, {"none", "error"}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcasecmp(value, known[i][0]) == 0) {
            cd_walk_set(walk, row->native, known[i][1]);
            return true;
        }
    if (strncasecmp(value, "by_duration:", 12) == 0)
        return cd_walk_refuse(walk, row->java, value,
                              "librdkafka cannot start by age; use earliest, latest or none");
    return cd_walk_refuse(walk, row->java, value, "must be earliest, latest or none");
}

static bool no_auto_commit(struct cd_walk *walk, const struct cd_setting_row *row,
                           const char *value)
{
    cd_walk_set(walk, "enable.auto.commit", "false");
    cd_walk_set(walk, "enable.auto.offset.store", "false");
    if (is_true(value) && cd_walk_given(walk, row->java) != NULL)
        cd_walk_note(walk, row->java,
                     "offsets are committed only after the target has the records");
    return true;
}

static const char *assignor(const char *class_name, size_t len)
{
    static const char *const known[][2] = {
        {"RangeAssignor", "range"},
        {"RoundRobinAssignor", "roundrobin"},
        {"CooperativeStickyAssignor", "cooperative-sticky"},
        {"StickyAssignor", "cooperative-sticky"}, /* has no equal; the nearest */
        {"range", "range"},
        {"roundrobin", "roundrobin"},
        {"cooperative-sticky", "cooperative-sticky"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t known_len = strlen(known[i][0]);
        bool ends =
            len >= known_len && memcmp(class_name + len - known_len, known[i][0], known_len) == 0;
        if (ends && (len == known_len || class_name[len - known_len - 1] == '.'))
            return known[i][1];
    }
    return NULL;
}

/* librdkafka refuses eager and cooperative assignors side by side. Where Java's list has both (its
 * default), a group of its members settles on the eager one: so do we. */
static bool assignors(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    char list[64] = "";
    bool cooperative = false;
    for (const char *at = value; *at != '\0';) {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ", \t");
        const char *name = len == 0 ? "" : assignor(at, len);
        if (name == NULL)
            return cd_walk_refuse(walk, row->java, value,
                                  "%.*s is a Java class; use RangeAssignor, RoundRobinAssignor or "
                                  "CooperativeStickyAssignor",
                                  (int)len, at);
        at += len;
        bool eager = name[0] == 'r';
        cooperative = cooperative || name[0] == 'c';
        if (!eager || strstr(list, name) != NULL)
            continue;
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof(list) - used, "%s%s", used > 0 ? "," : "", name);
    }
    if (list[0] == '\0' && !cooperative)
        return cd_walk_refuse(walk, row->java, value, "must name an assignor");
    cd_walk_set(walk, row->native, list[0] == '\0' ? "cooperative-sticky" : list);
    return true;
}

static bool group_protocol(struct cd_walk *walk, const struct cd_setting_row *row,
                           const char *value)
{
    if (strcasecmp(value, "classic") == 0)
        return true;
    return cd_walk_refuse(walk, row->java, value, "connectd's consumers speak classic");
}

/* ---- all ---- */

static bool lower(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    char text[64];
    size_t len = strlen(value);
    if (len >= sizeof(text))
        return cd_walk_refuse(walk, row->java, value, "no such choice");
    for (size_t i = 0; i <= len; i++)
        text[i] = (char)(value[i] >= 'A' && value[i] <= 'Z' ? value[i] + 32 : value[i]);
    cd_walk_set(walk, row->native, text);
    return true;
}

static bool socket_buffer(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    long bytes = strtol(value, NULL, 10);
    cd_walk_format(walk, row->native, "%ld", bytes < 0 ? 0 : bytes > 100000000 ? 100000000 : bytes);
    return true;
}

static bool metadata_age(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    long ms = strtol(value, NULL, 10);
    long refresh = ms < 1 ? 1 : ms > 3600000 ? 3600000 : ms;
    (void)row;
    cd_walk_format(walk, "topic.metadata.refresh.interval.ms", "%ld", refresh);
    /* How long an answer may be used if refreshing fails: librdkafka's own proportion. */
    cd_walk_format(walk, "metadata.max.age.ms", "%ld", refresh * 3);
    return true;
}

static bool host_name_check(struct cd_walk *walk, const struct cd_setting_row *row,
                            const char *value)
{
    if (value[0] != '\0' && strcasecmp(value, "https") != 0 && strcasecmp(value, "none") != 0)
        return cd_walk_refuse(walk, row->java, value, "must be https, or empty for no check");
    cd_walk_set(walk, row->native, strcasecmp(value, "https") == 0 ? "https" : "none");
    return true;
}

static bool ciphers(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    char *names = cd_tls_ciphers(value);
    if (names[0] != '\0')
        cd_walk_set(walk, row->native, names);
    free(names);
    return true;
}

static bool only_default(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    if (cd_walk_given(walk, row->java) != NULL && value[0] != '\0')
        cd_walk_note(walk, row->java, row->why);
    return true;
}

/* Read elsewhere in the daemon, or consumed by cd_settings_finish and cd_tls_translate. */
static bool elsewhere(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    (void)walk;
    (void)row;
    (void)value;
    return true;
}

/* clang-format off */
static const struct cd_setting_row rows[] = {
    {"bootstrap.servers", ALL, .native = "bootstrap.servers"},
    {"bootstrap.controllers", A, .why = "librdkafka speaks to brokers only"},
    {"client.id", ALL, .translate = elsewhere},
    {"client.rack", C, .native = "client.rack"},
    {"client.dns.lookup", ALL, .native = "client.dns.lookup", .why = "this librdkafka tries all addresses of a host", .newer = VERSION(2, 2, 0)},
    {"group.id", C, .native = "group.id"},
    {"group.instance.id", C, .native = "group.instance.id"},

    /* producer; batch.size has no default here: Java's 16 KB costs librdkafka 1.7 times the CPU */
    {"key.serializer", P, .why = bytes_only},
    {"value.serializer", P, .why = bytes_only},
    {"acks", P, .native = "acks", .fallback = "all"},
    {"retries", P | A, .native = "retries", .max = MAX32},
    {"delivery.timeout.ms", P, .native = "message.timeout.ms", .fallback = "120000", .translate = delivery_timeout, .max = MAX32},
    {"max.block.ms", P, .translate = elsewhere},
    {"buffer.memory", P, .native = "connectd.buffer.memory", .fallback = "33554432", .min = 1, .max = INT64_MAX},
    {"batch.size", P, .native = "batch.size", .translate = batch_size, .max = MAX32},
    {"linger.ms", P, .native = "linger.ms", .fallback = "5", .max = 900000},
    {"max.request.size", P, .native = "message.max.bytes", .fallback = "1048576", .min = 1000, .max = 1000000000},
    {"max.in.flight.requests.per.connection", P, .native = "max.in.flight.requests.per.connection", .fallback = "5", .min = 1, .max = 1000000},
    {"enable.idempotence", P, .native = "enable.idempotence", .translate = elsewhere},
    {"transactional.id", P, .native = "transactional.id"},
    {"transaction.timeout.ms", P, .native = "transaction.timeout.ms", .min = 1000, .max = MAX32},
    {"transaction.two.phase.commit.enable", P, .why = "librdkafka has no two-phase commit"},
    {"compression.type", P, .native = "compression.type", .translate = lower},
    {"compression.gzip.level", P, .translate = compression_level},
    {"compression.lz4.level", P, .translate = compression_level},
    {"compression.zstd.level", P, .translate = compression_level},
    {"partitioner.class", P, .fallback = "", .translate = partitioner},
    {"partitioner.ignore.keys", P, .translate = elsewhere},
    {"partitioner.adaptive.partitioning.enable", P, .why = no_tuning},
    {"partitioner.availability.timeout.ms", P, .why = no_tuning},
    {"metadata.max.idle.ms", P, .why = no_tuning},

    /* consumer; fetch and queue bounds have no default here: they follow the task's budget */
    {"key.deserializer", C, .why = bytes_only},
    {"value.deserializer", C, .why = bytes_only},
    {"enable.auto.commit", C, .fallback = "true", .translate = no_auto_commit},
    {"auto.commit.interval.ms", C, .why = "offsets are committed every offset.flush.interval.ms"},
    {"auto.offset.reset", C, .native = "auto.offset.reset", .fallback = "latest", .translate = offset_reset},
    {"session.timeout.ms", C, .native = "session.timeout.ms", .min = 1, .max = 3600000},
    {"heartbeat.interval.ms", C, .native = "heartbeat.interval.ms", .min = 1, .max = 3600000},
    {"max.poll.interval.ms", C, .native = "max.poll.interval.ms", .min = 1, .max = 86400000},
    {"max.poll.records", C, .translate = elsewhere},
    {"fetch.min.bytes", C, .native = "fetch.min.bytes", .min = 1, .max = 100000000},
    {"fetch.max.wait.ms", C, .native = "fetch.wait.max.ms", .max = 300000},
    {"fetch.max.bytes", C, .native = "fetch.max.bytes", .min = 1024, .max = 2147483135},
    {"max.partition.fetch.bytes", C, .native = "max.partition.fetch.bytes", .min = 1, .max = 1000000000},
    {"isolation.level", C, .native = "isolation.level", .fallback = "read_uncommitted", .translate = lower},
    {"check.crcs", C, .native = "check.crcs", .fallback = "true", .translate = lower},
    {"allow.auto.create.topics", C, .native = "allow.auto.create.topics", .fallback = "true", .translate = lower},
    {"exclude.internal.topics", C, .translate = elsewhere},
    {"partition.assignment.strategy", C, .native = "partition.assignment.strategy", .fallback = "RangeAssignor,CooperativeStickyAssignor", .translate = assignors},
    {"group.protocol", C, .translate = group_protocol},
    {"group.remote.assignor", C, .why = "belongs to group.protocol=consumer"},
    {"internal.leave.group.on.close", C, .why = "a closing member leaves its group"},
    {"internal.throw.on.fetch.stable.offset.unsupported", C, .why = no_tuning},
    {"share.acknowledgement.mode", C, .why = "belongs to share groups"},

    /* timing and sockets */
    {"request.timeout.ms", ALL, .fallback = "30000", .translate = request_timeout, .min = 1, .max = MAX32},
    {"default.api.timeout.ms", C | A, .translate = elsewhere},
    {"metadata.max.age.ms", ALL, .fallback = "300000", .translate = metadata_age, .max = INT64_MAX},
    {"metadata.recovery.strategy", ALL, .native = "metadata.recovery.strategy", .why = "this librdkafka keeps to the brokers it knows and those of bootstrap.servers", .translate = lower, .newer = VERSION(2, 10, 0)},
    {"metadata.recovery.rebootstrap.trigger.ms", ALL, .native = "metadata.recovery.rebootstrap.trigger.ms", .why = "this librdkafka keeps to the brokers it knows and those of bootstrap.servers", .max = MAX32, .newer = VERSION(2, 11, 0)},
    {"reconnect.backoff.ms", ALL, .native = "reconnect.backoff.ms", .fallback = "50", .max = 3600000},
    {"reconnect.backoff.max.ms", ALL, .native = "reconnect.backoff.max.ms", .fallback = "1000", .max = 3600000},
    {"retry.backoff.ms", P, .native = "retry.backoff.ms", .min = 1, .max = 300000},
    {"retry.backoff.ms", C | A, .native = "retry.backoff.ms", .why = "this librdkafka has its own pauses for clients that do not produce", .min = 1, .max = 300000, .newer = VERSION(2, 3, 0)},
    {"retry.backoff.max.ms", ALL, .native = "retry.backoff.max.ms", .why = "this librdkafka pauses retry.backoff.ms each time", .min = 1, .max = 300000, .newer = VERSION(2, 3, 0)},
    {"socket.connection.setup.timeout.ms", ALL, .native = "socket.connection.setup.timeout.ms", .fallback = "10000", .min = 1000, .max = MAX32},
    {"socket.connection.setup.timeout.max.ms", ALL, .why = "librdkafka does not lengthen the time to connect"},
    {"connections.max.idle.ms", P | C, .native = "connections.max.idle.ms", .fallback = "540000", .max = MAX32},
    {"connections.max.idle.ms", A, .native = "connections.max.idle.ms", .fallback = "300000", .max = MAX32},
    /* no defaults: the kernel sizes buffers by itself, and better for lines with a delay */
    {"send.buffer.bytes", ALL, .native = "socket.send.buffer.bytes", .translate = socket_buffer, .min = -1, .max = MAX32},
    {"receive.buffer.bytes", ALL, .native = "socket.receive.buffer.bytes", .translate = socket_buffer, .min = -1, .max = MAX32},

    /* what a JVM would load or count */
    {"interceptor.classes", P | C, .why = no_jvm_class, .translate = only_default},
    {"metric.reporters", ALL, .why = no_metrics, .translate = only_default},
    {"metrics.num.samples", ALL, .why = no_metrics},
    {"metrics.recording.level", ALL, .why = no_metrics},
    {"metrics.sample.window.ms", ALL, .why = no_metrics},
    {"enable.metrics.push", ALL, .native = "enable.metrics.push", .why = "this librdkafka pushes no metrics to brokers", .translate = lower, .newer = VERSION(2, 5, 0)},
    {"auto.include.jmx.reporter", ALL, .why = no_metrics},
    {"security.providers", ALL, .why = no_jvm_class},

    /* security */
    {"security.protocol", ALL, .native = "security.protocol", .translate = lower},
    {"ssl.protocol", ALL, .why = "OpenSSL negotiates the best protocol both sides know"},
    {"ssl.enabled.protocols", ALL, .why = "OpenSSL's own configuration limits protocols (MinProtocol)"},
    {"ssl.provider", ALL, .why = no_jvm_class},
    {"ssl.cipher.suites", ALL, .native = "ssl.cipher.suites", .translate = ciphers},
    {"ssl.engine.factory.class", ALL, .why = no_jvm_class},
    {"ssl.keymanager.algorithm", ALL, .why = no_jvm_class},
    {"ssl.trustmanager.algorithm", ALL, .why = no_jvm_class},
    {"ssl.secure.random.implementation", ALL, .why = no_jvm_class},
    {"ssl.endpoint.identification.algorithm", ALL, .native = "ssl.endpoint.identification.algorithm", .fallback = "https", .translate = host_name_check},
    {"ssl.key.password", ALL, .translate = elsewhere, .secret = true},
    {"ssl.keystore.type", ALL, .translate = elsewhere},
    {"ssl.keystore.location", ALL, .translate = elsewhere},
    {"ssl.keystore.password", ALL, .translate = elsewhere, .secret = true},
    {"ssl.keystore.key", ALL, .translate = elsewhere, .secret = true},
    {"ssl.keystore.certificate.chain", ALL, .translate = elsewhere, .secret = true},
    {"ssl.truststore.type", ALL, .translate = elsewhere},
    {"ssl.truststore.location", ALL, .translate = elsewhere},
    {"ssl.truststore.password", ALL, .translate = elsewhere, .secret = true},
    {"ssl.truststore.certificates", ALL, .translate = elsewhere, .secret = true},
    {"sasl.mechanism", ALL, .translate = elsewhere},
    {"sasl.jaas.config", ALL, .translate = elsewhere, .secret = true},
    {"sasl.client.callback.handler.class", ALL, .why = no_jvm_class},
    {"sasl.login.callback.handler.class", ALL, .translate = elsewhere},
    {"sasl.login.class", ALL, .why = no_jvm_class},
    {"sasl.login.connect.timeout.ms", ALL, .why = no_tuning},
    {"sasl.login.read.timeout.ms", ALL, .why = no_tuning},
    {"sasl.login.refresh.buffer.seconds", ALL, .why = no_tuning},
    {"sasl.login.refresh.min.period.seconds", ALL, .why = no_tuning},
    {"sasl.login.refresh.window.factor", ALL, .why = no_tuning},
    {"sasl.login.refresh.window.jitter", ALL, .why = no_tuning},
    {"sasl.login.retry.backoff.ms", ALL, .why = no_tuning},
    {"sasl.login.retry.backoff.max.ms", ALL, .why = no_tuning},
    {"sasl.kerberos.service.name", ALL, .translate = elsewhere},
    {"sasl.kerberos.kinit.cmd", ALL, .why = "librdkafka's own kinit command is used", .translate = only_default},
    {"sasl.kerberos.min.time.before.relogin", ALL, .native = "sasl.kerberos.min.time.before.relogin", .max = 86400000},
    {"sasl.kerberos.ticket.renew.jitter", ALL, .why = no_tuning},
    {"sasl.kerberos.ticket.renew.window.factor", ALL, .why = no_tuning},
    {"sasl.oauthbearer.token.endpoint.url", ALL, .translate = elsewhere},
    {"sasl.oauthbearer.client.credentials.client.id", ALL, .translate = elsewhere},
    {"sasl.oauthbearer.client.credentials.client.secret", ALL, .translate = elsewhere, .secret = true},
    {"sasl.oauthbearer.scope", ALL, .translate = elsewhere},
    {"sasl.oauthbearer.scope.claim.name", ALL, .why = no_tuning},
    {"sasl.oauthbearer.sub.claim.name", ALL, .why = no_tuning},
    {"sasl.oauthbearer.header.urlencode", ALL, .why = no_tuning},
    {"sasl.oauthbearer.clock.skew.seconds", ALL, .why = no_tuning},
    {"sasl.oauthbearer.expected.audience", ALL, .why = "a token is judged by the broker"},
    {"sasl.oauthbearer.expected.issuer", ALL, .why = "a token is judged by the broker"},
    {"sasl.oauthbearer.jwks.endpoint.url", ALL, .why = "a token is judged by the broker"},
    {"sasl.oauthbearer.jwks.endpoint.refresh.ms", ALL, .why = "a token is judged by the broker"},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", ALL, .why = "a token is judged by the broker"},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", ALL, .why = "a token is judged by the broker"},
    {"sasl.oauthbearer.jwt.retriever.class", ALL, .why = no_jvm_class},
    {"sasl.oauthbearer.jwt.validator.class", ALL, .why = no_jvm_class},
    {"sasl.oauthbearer.assertion.algorithm", ALL, .why = "only client credentials are supported"},
    {"sasl.oauthbearer.assertion.claim.aud", ALL, .why = "only client credentials are supported"},
    {"sasl.oauthbearer.assertion.claim.exp.seconds", ALL, .why = "only client credentials are supported"},
    {"sasl.oauthbearer.assertion.claim.iss", ALL, .why = "only client credentials are supported"},
    {"sasl.oauthbearer.assertion.claim.jti.include", ALL, .why = "only client credentials are supported"},
    {"sasl.oauthbearer.assertion.claim.nbf.seconds", ALL, .why = "only client credentials are supported"},
    {"sasl.oauthbearer.assertion.claim.sub", ALL, .why = "only client credentials are supported"},
    {"sasl.oauthbearer.assertion.file", ALL, .why = "only client credentials are supported"},
    {"sasl.oauthbearer.assertion.private.key.file", ALL, .why = "only client credentials are supported"},
    {"sasl.oauthbearer.assertion.private.key.passphrase", ALL, .why = "only client credentials are supported", .secret = true},
    {"sasl.oauthbearer.assertion.template.file", ALL, .why = "only client credentials are supported"},

    /* ours: librdkafka's own words that help to look into it; harmless ones only, because a
     * connector's configuration may come from anybody who reaches REST */
    {"librdkafka.debug", ALL, .native = "debug"},
    {"librdkafka.broker.address.family", ALL, .native = "broker.address.family"},
    {"librdkafka.socket.keepalive.enable", ALL, .native = "socket.keepalive.enable"},
    {"librdkafka.queued.min.messages", C, .native = "queued.min.messages", .min = 1, .max = 10000000},
    {"librdkafka.queued.max.messages.kbytes", C, .native = "queued.max.messages.kbytes", .min = 1, .max = 2097151},
};
/* clang-format on */

const struct cd_setting_row *cd_setting_rows(size_t *ret_count)
{
    *ret_count = sizeof(rows) / sizeof(rows[0]);
    return rows;
}
