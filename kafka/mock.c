#include "kafka/mock.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdlib.h>
#include <strings.h>

#include "base/alloc.h"

#define ERRORS_MAX 1000

struct cd_mock {
    rd_kafka_t *rk; /* only carries the cluster */
    rd_kafka_mock_cluster_t *cluster;
    int brokers;
};

static void no_log(const rd_kafka_t *rk, int level, const char *fac, const char *text)
{
    (void)rk; /* its clients log for themselves */
    (void)level;
    (void)fac;
    (void)text;
}

struct cd_mock *cd_mock_start(int brokers, struct cd_error *err)
{
    char text[256] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, no_log);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        (void)cd_fail(err, CD_ERR_REMOTE, "starting the mock broker: %s", text);
        return NULL;
    }
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(rk, brokers);
    if (cluster == NULL) {
        rd_kafka_destroy(rk);
        (void)cd_fail(err, CD_ERR_REMOTE, "starting the mock broker failed");
        return NULL;
    }
    struct cd_mock *mock = cd_new(struct cd_mock);
    *mock = (struct cd_mock){rk, cluster, brokers};
    return mock;
}

void cd_mock_stop(struct cd_mock *mock)
{
    if (mock == NULL)
        return;
    rd_kafka_mock_cluster_destroy(mock->cluster);
    rd_kafka_destroy(mock->rk);
    free(mock);
}

const char *cd_mock_bootstrap(const struct cd_mock *mock)
{
    return rd_kafka_mock_cluster_bootstraps(mock->cluster);
}

/* ---- commands ---- */

#define WORDS_MAX 4

struct words {
    char *word[WORDS_MAX]; /* the rest NULL */
    int count;
};

static bool number_of(const char *word, long min, long *ret, struct cd_error *err)
{
    char *end = NULL;
    long number = strtol(word, &end, 10);
    if (end == word || *end != '\0' || number < min)
        return cd_fail(err, CD_ERR_CONFIG, "'%s' is not a number of at least %ld", word, min);
    *ret = number;
    return true;
}

static bool check(rd_kafka_resp_err_t code, const char *what, struct cd_error *err)
{
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           cd_fail_as(err, CD_ERR_REMOTE, rd_kafka_err2name(code), "%s: %s", what,
                      rd_kafka_err2str(code));
}

static bool make_topic(struct cd_mock *mock, const struct words *w, struct cd_error *err)
{
    long partitions = 0;
    return number_of(w->word[2], 1, &partitions, err) &&
           check(rd_kafka_mock_topic_create(mock->cluster, w->word[1], (int)partitions,
                                            mock->brokers),
                 w->word[1], err);
}

/* The protocol's names, as people write them. */
static const struct {
    const char *name;
    int16_t key;
} requests[] = {
    {"Produce", 0},          {"Fetch", 1},           {"ListOffsets", 2},
    {"Metadata", 3},         {"OffsetCommit", 8},    {"OffsetFetch", 9},
    {"FindCoordinator", 10}, {"JoinGroup", 11},      {"Heartbeat", 12},
    {"LeaveGroup", 13},      {"SyncGroup", 14},      {"SaslHandshake", 17},
    {"ApiVersion", 18},      {"InitProducerId", 22}, {"AddPartitionsToTxn", 24},
    {"AddOffsetsToTxn", 25}, {"EndTxn", 26},         {"TxnOffsetCommit", 28},
};

static bool request_of(const char *word, int16_t *ret, struct cd_error *err)
{
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        if (strcasecmp(requests[i].name, word) == 0) {
            *ret = requests[i].key;
            return true;
        }
    return cd_fail(err, CD_ERR_CONFIG, "'%s' is no request the mock broker answers", word);
}

static bool error_of(const char *word, rd_kafka_resp_err_t *ret, struct cd_error *err)
{
    const struct rd_kafka_err_desc *list = NULL;
    size_t count = 0;
    rd_kafka_get_err_descs(&list, &count);
    for (size_t i = 0; i < count; i++)
        if (list[i].name != NULL && strcasecmp(list[i].name, word) == 0) {
            *ret = list[i].code;
            return true;
        }
    return cd_fail(err, CD_ERR_CONFIG, "'%s' is no error of Kafka's, such as NOT_COORDINATOR",
                   word);
}

static bool push_errors(struct cd_mock *mock, const struct words *w, struct cd_error *err)
{
    int16_t request = 0;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    long count = 1;
    if (!request_of(w->word[1], &request, err) || !error_of(w->word[2], &code, err) ||
        (w->word[3] != NULL && !number_of(w->word[3], 1, &count, err)))
        return false;
    if (count > ERRORS_MAX)
        count = ERRORS_MAX;
    rd_kafka_resp_err_t *list = cd_new_array((size_t)count, rd_kafka_resp_err_t);
    for (long i = 0; i < count; i++)
        list[i] = code;
    rd_kafka_mock_push_request_errors_array(mock->cluster, request, (size_t)count, list);
    free(list);
    return true;
}

static bool broker_of(const struct cd_mock *mock, const char *word, int32_t *ret,
                      struct cd_error *err)
{
    long id = 0;
    if (!number_of(word, 1, &id, err))
        return false;
    if (id > mock->brokers)
        return cd_fail(err, CD_ERR_CONFIG, "there are brokers 1 to %d", mock->brokers);
    *ret = (int32_t)id;
    return true;
}

static bool set_rtt(struct cd_mock *mock, const struct words *w, struct cd_error *err)
{
    int32_t broker = 0;
    long ms = 0;
    return broker_of(mock, w->word[1], &broker, err) && number_of(w->word[2], 0, &ms, err) &&
           check(rd_kafka_mock_broker_set_rtt(mock->cluster, broker, (int)ms), "rtt", err);
}

static bool set_down(struct cd_mock *mock, const struct words *w, struct cd_error *err)
{
    int32_t broker = 0;
    return broker_of(mock, w->word[1], &broker, err) &&
           check(rd_kafka_mock_broker_set_down(mock->cluster, broker), "down", err);
}

static bool set_up(struct cd_mock *mock, const struct words *w, struct cd_error *err)
{
    int32_t broker = 0;
    return broker_of(mock, w->word[1], &broker, err) &&
           check(rd_kafka_mock_broker_set_up(mock->cluster, broker), "up", err);
}

static const struct {
    const char *name;
    int words_min;
    bool (*run)(struct cd_mock *, const struct words *, struct cd_error *);
    const char *usage;
} commands[] = {
    {"topic", 3, make_topic, "topic NAME PARTITIONS"},
    {"error", 3, push_errors, "error REQUEST ERROR [COUNT]"},
    {"rtt", 3, set_rtt, "rtt BROKER MS"},
    {"down", 2, set_down, "down BROKER"},
    {"up", 2, set_up, "up BROKER"},
};

static void split(char *line, struct words *w)
{
    *w = (struct words){{NULL}, 0};
    for (char *at = line + strspn(line, " \t\r\n"); *at != '\0' && w->count < WORDS_MAX;) {
        w->word[w->count++] = at;
        at += strcspn(at, " \t\r\n");
        if (*at != '\0')
            *at++ = '\0';
        at += strspn(at, " \t\r\n");
    }
}

bool cd_mock_command(struct cd_mock *mock, const char *line, struct cd_error *err)
{
    CD_AUTO_FREE char *copy = cd_strdup(line);
    struct words words;
    split(copy, &words);
    if (words.count == 0)
        return true;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, words.word[0]) != 0)
            continue;
        if (words.count < commands[i].words_min)
            return cd_fail(err, CD_ERR_CONFIG, "usage: %s", commands[i].usage);
        return commands[i].run(mock, &words, err);
    }
    return cd_fail(err, CD_ERR_CONFIG, "'%s' is none of: topic, error, rtt, down, up",
                   words.word[0]);
}
