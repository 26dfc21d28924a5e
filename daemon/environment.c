#include "daemon/environment.h"

#include "base/alloc.h"
#include "compat/utf.h"
#include "kafka/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 256 };

/* Longest first: the first that fits decides. */
static const struct {
    const char *prefix; /* of the variable */
    const char *key;    /* put before the rest */
} prefixes[] = {
    {"KAFKA_CONNECT_", ""},
    {"KAFKA_", ""},
    {"CONNECTD_", "connectd."},
    {"CONNECT_", ""},
};

/* For the scripts of other images, or of ours; no settings of a worker. */
static const char *const not_settings[] = {
    "CONNECTD_CONFIG", "CONNECTD_CONNECTORS", "CONNECTD_HEALTH_URL",
    "CONNECTD_BUILD",  "KAFKA_HEAP_OPTS",     "KAFKA_OPTS",
    "KAFKA_HOME",      "KAFKA_VERSION",       "KAFKA_CONNECT_METRICS_ENABLED",
};
static const char *const not_prefixes[] = {
    "KAFKA_JVM_",   "KAFKA_GC_",    "KAFKA_JMX_",
    "KAFKA_LOG4J_", "KAFKA_DEBUG",  "CONNECT_LOG4J_APPENDER",
    "CONNECT_JMX_", "CONNECT_CUB_", "CONNECT_LOG4J_TOOLS",
};

/* Names that mean a setting of another name. */
static const struct {
    const char *name;
    const char *key;
} renamed[] = {
    {"CONNECT_LOG4J_ROOT_LOGLEVEL", "connectd.log.level"},
    {"CONNECT_LOG4J_LOGGERS", "connectd.log.levels"},
    {"KAFKA_CONNECT_LOGGING_LEVEL", "connectd.log.level"},
    /* Debezium's image */
    {"BOOTSTRAP_SERVERS", "bootstrap.servers"},
    {"GROUP_ID", "group.id"},
    {"CONFIG_STORAGE_TOPIC", "config.storage.topic"},
    {"OFFSET_STORAGE_TOPIC", "offset.storage.topic"},
    {"STATUS_STORAGE_TOPIC", "status.storage.topic"},
    {"KEY_CONVERTER", "key.converter"},
    {"VALUE_CONVERTER", "value.converter"},
    {"OFFSET_FLUSH_INTERVAL_MS", "offset.flush.interval.ms"},
    {"OFFSET_FLUSH_TIMEOUT_MS", "offset.flush.timeout.ms"},
    {"SHUTDOWN_TIMEOUT", "task.shutdown.graceful.timeout.ms"},
};

static const char whole_text[] = "KAFKA_CONNECT_CONFIGURATION";
static const char file_suffix[] = "_FILE";

static bool is_for_scripts(const char *name)
{
    for (size_t i = 0; i < sizeof(not_settings) / sizeof(not_settings[0]); i++)
        if (strcmp(name, not_settings[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof(not_prefixes) / sizeof(not_prefixes[0]); i++)
        if (strncmp(name, not_prefixes[i], strlen(not_prefixes[i])) == 0)
            return true;
    return false;
}

/* "SASL_JAAS_CONFIG" to "sasl.jaas.config"; false: too long for any key. */
static bool key_of_rest(const char *rest, const char *before, char *key)
{
    size_t used = strlen(before);
    memcpy(key, before, used);
    for (const char *c = rest; *c != '\0'; used++) {
        if (used + 1 >= KEY_BYTES)
            return false;
        size_t run = strspn(c, "_");
        if (run == 0) {
            key[used] = (char)tolower((unsigned char)*c++);
            continue;
        }
        size_t taken = run < 3 ? run : 3;
        key[used] = taken == 1 ? '.' : taken == 2 ? '_' : '-';
        c += taken;
    }
    key[used] = '\0';
    return used > strlen(before);
}

/* Whose word counts: a variable of a later rank goes over one of an earlier. */
enum { RANK_NONE, RANK_BARE, RANK_KAFKA, RANK_CONNECT, RANKS };

static int rank_of(const char *name, char *key)
{
    if (is_for_scripts(name))
        return RANK_NONE;
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        if (strcmp(name, renamed[i].name) != 0)
            continue;
        strcpy(key, renamed[i].key); /* ours: short */
        return strncmp(name, "CONNECT_", 8) == 0 ? RANK_CONNECT : RANK_BARE;
    }
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t len = strlen(prefixes[i].prefix);
        if (strncmp(name, prefixes[i].prefix, len) == 0)
            return !key_of_rest(name + len, prefixes[i].key, key) ? RANK_NONE
                   : name[0] == 'K'                               ? RANK_KAFKA
                                                                  : RANK_CONNECT;
    }
    return RANK_NONE;
}

static char *read_secret(const char *name, const char *path, struct cd_error *err)
{
    struct cd_buffer text = CD_BUFFER_INIT;
    if (!cd_file_read(path, &text, err)) {
        cd_buffer_done(&text);
        (void)cd_fail_while(err, "environment variable %s", name);
        return NULL;
    }
    while (text.len > 0 && strchr("\r\n", text.ptr[text.len - 1]) != NULL)
        text.ptr[--text.len] = '\0';
    return cd_buffer_steal(&text);
}

/* One variable, if it is of this rank. */
static bool take(const char *variable, int rank, struct cd_config *into, struct cd_error *err)
{
    char key[KEY_BYTES] = "";
    const char *equals = strchr(variable, '=');
    if (equals == NULL)
        return true;
    CD_AUTO_FREE char *name = cd_strndup(variable, (size_t)(equals - variable));
    size_t len = strlen(name);
    size_t suffix = sizeof(file_suffix) - 1;
    bool is_file = len > suffix && strcmp(name + len - suffix, file_suffix) == 0;
    CD_AUTO_FREE char *plain = cd_strndup(name, is_file ? len - suffix : len);
    if (rank_of(plain, key) != rank)
        return true;
    if (!is_file) {
        cd_config_set(into, key, equals + 1);
        return true;
    }
    CD_AUTO_FREE char *secret = read_secret(name, equals + 1, err);
    if (secret == NULL)
        return false;
    cd_config_set(into, key, secret);
    return true;
}

static bool take_whole_text(char *const *environment, struct cd_config *into, struct cd_error *err)
{
    size_t len = sizeof(whole_text) - 1;
    for (char *const *at = environment; *at != NULL; at++)
        if (strncmp(*at, whole_text, len) == 0 && (*at)[len] == '=')
            return cd_properties_parse(cd_slice(*at + len + 1), /* utf8 = */ true, into, err) ||
                   cd_fail_while(err, "environment variable %s", whole_text);
    return true;
}

bool cd_environment_read(char *const *environment, struct cd_config *into, struct cd_error *err)
{
    if (!take_whole_text(environment, into, err))
        return false;
    for (int rank = RANK_BARE; rank < RANKS; rank++)
        for (char *const *at = environment; *at != NULL; at++)
            if (strncmp(*at, whole_text, sizeof(whole_text) - 1) != 0 &&
                !take(*at, rank, into, err))
                return false;
    return true;
}

/* ---- defaults ---- */

bool cd_environment_is_distributed(const struct cd_config *config)
{
    return cd_config_get(config, "group.id") != NULL &&
           cd_config_get(config, "config.storage.topic") != NULL;
}

void cd_environment_defaults(struct cd_config *config)
{
    static const char json[] = "org.apache.kafka.connect.json.JsonConverter";
    static const char offsets[] = "/var/lib/connectd/offsets";
    if (!cd_config_has(config, "key.converter"))
        cd_config_set(config, "key.converter", json);
    if (!cd_config_has(config, "value.converter"))
        cd_config_set(config, "value.converter", json);
    if (!cd_environment_is_distributed(config) && !cd_config_has(config, "offset.storage.topic") &&
        !cd_config_has(config, "offset.storage.file.filename"))
        cd_config_set(config, "offset.storage.file.filename", offsets);
}

/* ---- as a file ---- */

static bool is_secret(const char *key)
{
    return cd_settings_secret(key) || strstr(key, "password") != NULL ||
           strstr(key, "jaas") != NULL || strstr(key, "secret") != NULL;
}

/* What java.util.Properties would read differently is escaped; the file is ISO-8859-1. */
static void escape(struct cd_buffer *out, const char *text, bool is_key)
{
    const char *end = text + strlen(text);
    for (const char *c = text; c < end;) {
        bool first = c == text;
        uint32_t code = cd_wtf8_next(&c, end);
        if (code > 0xffff)
            cd_buffer_printf(out, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
                             0xdc00 + ((code - 0x10000) & 0x3ff));
        else if (code < 0x20 || code >= 0x7f)
            cd_buffer_printf(out, "\\u%04x", code);
        else if (code == '\\' || (code == ' ' && (is_key || first)) ||
                 (is_key && strchr(":=#!", (int)code) != NULL))
            cd_buffer_printf(out, "\\%c", (int)code);
        else
            cd_buffer_char(out, (char)code);
    }
}

void cd_environment_write(const struct cd_config *config, bool hide, struct cd_buffer *out)
{
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);) {
        if (it.value == NULL)
            continue;
        escape(out, it.key, /* is_key = */ true);
        cd_buffer_char(out, '=');
        escape(out, hide && is_secret(it.key) ? "[hidden]" : it.value, /* is_key = */ false);
        cd_buffer_char(out, '\n');
    }
}
