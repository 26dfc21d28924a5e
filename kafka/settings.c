#include "kafka/settings_walk.h"

#include <ctype.h>
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <strings.h>

#include "base/alloc.h"
#include "kafka/jaas.h"
#include "kafka/tls.h"

static unsigned bit(enum cd_client_kind kind)
{
    return 1u << (unsigned)kind; /* in the order of CD_KINDS_P, C, A */
}

static const char *const kind_names[] = {"producer", "consumer", "admin client"};

/* ---- what rows may use ---- */

const char *cd_walk_given(const struct cd_walk *walk, const char *java_key)
{
    const char *value = cd_config_get(walk->java, java_key);
    if (value == NULL)
        return NULL;
    return value[strspn(value, " \t")] == '\0' ? NULL : value;
}

int64_t cd_walk_number(const struct cd_walk *walk, const char *java_key, int64_t fallback)
{
    const char *value = cd_walk_given(walk, java_key);
    return value == NULL ? fallback : strtoll(value, NULL, 10);
}

void cd_walk_set(struct cd_walk *walk, const char *native_key, const char *value)
{
    cd_config_set(walk->result->native, native_key, value);
}

void cd_walk_format(struct cd_walk *walk, const char *native_key, const char *fmt, ...)
{
    char text[64];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args); /* numbers only */
    va_end(args);
    cd_walk_set(walk, native_key, text);
}

void cd_walk_note(struct cd_walk *walk, const char *java_key, const char *why)
{
    struct cd_settings_result *result = walk->result;
    result->notes = cd_realloc_array(result->notes, result->note_count + 1, sizeof(*result->notes));
    result->notes[result->note_count++] = (struct cd_setting_note){java_key, why};
}

bool cd_walk_refuse(struct cd_walk *walk, const char *java_key, const char *value, const char *fmt,
                    ...)
{
    char what[600];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, args); /* a cut message is still a message */
    va_end(args);
    return cd_fail_as(walk->err, CD_ERR_CONFIG, "ConfigException",
                      "Invalid value %s for configuration %s: %s",
                      cd_settings_secret(java_key) ? "[hidden]" : value, java_key, what);
}

/* ---- the walk over the table ---- */

static const struct cd_setting_row *find_row(enum cd_client_kind kind, const char *java_key)
{
    size_t count = 0;
    const struct cd_setting_row *rows = cd_setting_rows(&count);
    for (size_t i = 0; i < count; i++)
        if ((rows[i].kinds & bit(kind)) != 0 && strcmp(rows[i].java, java_key) == 0)
            return &rows[i];
    return NULL;
}

static char *trimmed(const char *value)
{
    value += strspn(value, " \t\r\n");
    size_t len = strlen(value);
    while (len > 0 && isspace((unsigned char)value[len - 1]))
        len--;
    return cd_strndup(value, len);
}

/* Java refuses what is no number or below its range; librdkafka's own range is met half-way. */
static bool put_number(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    char *end = NULL;
    errno = 0;
    int64_t number = strtoll(value, &end, 10);
    if (value[0] == '\0' || *end != '\0' || errno == ERANGE)
        return cd_walk_refuse(walk, row->java, value, "Not a number of type %s",
                              row->max > INT32_MAX ? "LONG" : "INT");
    if (number < 0 && row->min >= 0)
        return cd_walk_refuse(walk, row->java, value, "Value must be at least 0");
    int64_t used = number < row->min ? row->min : number > row->max ? row->max : number;
    if (used != number)
        cd_walk_note(walk, row->java, "the nearest value that librdkafka takes is used");
    char text[32];
    (void)snprintf(text, sizeof(text), "%lld", (long long)used);
    if (row->translate != NULL)
        return row->translate(walk, row, text);
    cd_walk_set(walk, row->native, text);
    return true;
}

static bool put(struct cd_walk *walk, const struct cd_setting_row *row, const char *value)
{
    if (row->newer > rd_kafka_version()) {
        cd_walk_note(walk, row->java, row->why);
        return true;
    }
    if (row->max > 0)
        return put_number(walk, row, value);
    if (row->translate != NULL)
        return row->translate(walk, row, value);
    if (row->native == NULL)
        cd_walk_note(walk, row->java, row->why);
    else if (value[0] != '\0')
        cd_walk_set(walk, row->native, value);
    return true;
}

static bool put_row(struct cd_walk *walk, const struct cd_setting_row *row)
{
    const char *given = cd_config_get(walk->java, row->java);
    if (given == NULL)
        return row->fallback == NULL || put(walk, row, row->fallback);
    CD_AUTO_FREE char *value = trimmed(given);
    return put(walk, row, value);
}

static bool put_rows(struct cd_walk *walk)
{
    size_t count = 0;
    const struct cd_setting_row *rows = cd_setting_rows(&count);
    for (size_t i = 0; i < count; i++)
        if ((rows[i].kinds & bit(walk->kind)) != 0 && !put_row(walk, &rows[i]))
            return false;
    return true;
}

static void note_unknown(struct cd_walk *walk)
{
    for (struct cd_config_iter it = {0}; cd_config_next(walk->java, &it);)
        if (!cd_settings_known(walk->kind, it.key))
            cd_walk_note(walk, it.key,
                         walk->kind == CD_CLIENT_PRODUCER   ? "no setting of Java's producer"
                         : walk->kind == CD_CLIENT_CONSUMER ? "no setting of Java's consumer"
                                                            : "no setting of Java's admin client");
}

/* ---- asking librdkafka whether it takes the values ---- */

/* The Java key that a native one came from, for messages. */
static const char *java_name(enum cd_client_kind kind, const char *native_key)
{
    size_t count = 0;
    const struct cd_setting_row *rows = cd_setting_rows(&count);
    for (size_t i = 0; i < count; i++)
        if ((rows[i].kinds & bit(kind)) != 0 && rows[i].native != NULL &&
            strcmp(rows[i].native, native_key) == 0)
            return rows[i].java;
    return native_key;
}

/* Only the return code counts: 2.0.2 leaves a text behind for topic keys that it has accepted. */
static bool try_values(struct cd_walk *walk)
{
    rd_kafka_conf_t *scratch = rd_kafka_conf_new();
    bool good = true;
    for (struct cd_config_iter it = {0}; good && cd_config_next(walk->result->native, &it);) {
        char text[512] = "";
        if (strncmp(it.key, "connectd.", 9) == 0)
            continue;
        if (rd_kafka_conf_set(scratch, it.key, it.value, text, sizeof(text)) != RD_KAFKA_CONF_OK)
            good = cd_walk_refuse(walk, java_name(walk->kind, it.key), it.value, "%s", text);
    }
    rd_kafka_conf_destroy(scratch);
    return good;
}

/* ---- the public side ---- */

bool cd_settings_translate(enum cd_client_kind kind, const struct cd_config *java,
                           struct cd_settings_result *ret, struct cd_error *err)
{
    struct cd_settings_result result = {.native = cd_config_new()};
    struct cd_walk walk = {kind, java, &result, err};
    if (!put_rows(&walk) || !cd_settings_finish(&walk) || !try_values(&walk)) {
        cd_settings_result_done(&result);
        return cd_fail_while(err, "%s settings", kind_names[kind]);
    }
    note_unknown(&walk);
    *ret = result;
    return true;
}

void cd_settings_result_done(struct cd_settings_result *result)
{
    cd_config_free(result->native);
    free(result->notes);
    *result = (struct cd_settings_result){0};
}

bool cd_settings_known(enum cd_client_kind kind, const char *java_key)
{
    /* Connect's own marks on every client. */
    return find_row(kind, java_key) != NULL || strncmp(java_key, "metrics.context.", 16) == 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

bool cd_settings_secret(const char *key)
{
    static const char *const native[] = {
        "sasl.password", "sasl.oauthbearer.client.secret", "ssl.key.pem", "ssl.certificate.pem",
        "ssl.ca.pem",
    };
    size_t count = 0;
    const struct cd_setting_row *rows = cd_setting_rows(&count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].secret && ends_with(key, rows[i].java))
            return true;
    for (size_t i = 0; i < sizeof(native) / sizeof(native[0]); i++)
        if (ends_with(key, native[i]))
            return true;
    return false;
}
