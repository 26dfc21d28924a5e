#include "kafka/jaas.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"

#define KEY "sasl.jaas.config"

/* ---- the text: java.io.StreamTokenizer's quotes and escapes ---- */

struct scan {
    const char *at;
};

static void skip_blank(struct scan *scan)
{
    while (isspace((unsigned char)*scan->at))
        scan->at++;
}

static bool is_word(char c)
{
    return c != '\0' && c != ';' && c != '=' && c != '"' && c != '\'' && !isspace((unsigned char)c);
}

static void take_quoted(struct scan *scan, struct cd_buffer *out)
{
    char quote = *scan->at++;
    while (*scan->at != '\0' && *scan->at != quote) {
        if (*scan->at == '\\' && scan->at[1] != '\0') {
            scan->at++;
            char c = *scan->at;
            cd_buffer_char(out, (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c));
        } else {
            cd_buffer_char(out, *scan->at);
        }
        scan->at++;
    }
    if (*scan->at == quote)
        scan->at++;
}

/* A word or a quoted text; empty at anything else. */
static void take(struct scan *scan, struct cd_buffer *out)
{
    cd_buffer_clear(out);
    skip_blank(scan);
    if (*scan->at == '"' || *scan->at == '\'') {
        take_quoted(scan, out);
        return;
    }
    while (is_word(*scan->at))
        cd_buffer_char(out, *scan->at++);
}

static bool malformed(struct cd_error *err, const char *what)
{
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Invalid value [hidden] for configuration " KEY
                      ": %s; it must look like: <login module class> required key=\"value\" ... ;",
                      what);
}

static bool take_option(struct scan *scan, struct cd_config *options, struct cd_error *err)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer key = CD_BUFFER_INIT;
    CD_AUTO(cd_buffer_done) struct cd_buffer value = CD_BUFFER_INIT;
    take(scan, &key);
    skip_blank(scan);
    if (key.len == 0 || *scan->at != '=')
        return malformed(err, key.len == 0 ? "an option has no name" : "an option has no '='");
    scan->at++;
    take(scan, &value);
    cd_config_set(options, key.ptr, value.ptr == NULL ? "" : value.ptr);
    return true;
}

/* The first entry of the text; Kafka refuses a second one as well. */
static bool parse(const char *text, struct cd_buffer *module, struct cd_config *options,
                  struct cd_error *err)
{
    struct scan scan = {text};
    CD_AUTO(cd_buffer_done) struct cd_buffer flag = CD_BUFFER_INIT;
    take(&scan, module);
    if (module->len == 0)
        return malformed(err, "the login module class is missing");
    take(&scan, &flag);
    if (flag.len == 0)
        return malformed(err, "the control flag ('required') is missing");
    for (skip_blank(&scan); *scan.at != ';'; skip_blank(&scan)) {
        if (*scan.at == '\0')
            return malformed(err, "the closing ';' is missing");
        if (!take_option(&scan, options, err))
            return false;
    }
    scan.at++;
    skip_blank(&scan);
    return *scan.at == '\0' || malformed(err, "it holds more than one login module");
}

/* ---- the modules ---- */

struct option {
    const char *java;
    const char *native;
    bool required;
};

static const struct option password_options[] = {
    {"username", "sasl.username", true},
    {"password", "sasl.password", true},
    {NULL, NULL, false},
};

/* A scope may be missing; the rest of what Java takes (extensions) follows separately. */
static const struct option oauth_options[] = {
    {"clientId", "sasl.oauthbearer.client.id", true},
    {"clientSecret", "sasl.oauthbearer.client.secret", true},
    {"scope", "sasl.oauthbearer.scope", false},
    {NULL, NULL, false},
};

static const struct option kerberos_options[] = {
    {"keyTab", "sasl.kerberos.keytab", true},
    {"principal", "sasl.kerberos.principal", true},
    {"serviceName", "sasl.kerberos.service.name", false},
    {NULL, NULL, false},
};

static bool shell_safe(const char *java, const char *value, struct cd_error *err)
{
    for (const char *c = value; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("._/@-:+,=", *c) == NULL)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                              "Invalid value %s for %s in " KEY
                              ": only letters, digits and . _ / @ - : + , = are allowed here",
                              value, java);
    return true;
}

static bool copy_options(const struct option *options, const struct cd_config *given,
                         struct cd_config *native, struct cd_error *err)
{
    for (const struct option *o = options; o->java != NULL; o++) {
        const char *value = cd_config_get(given, o->java);
        if (value == NULL && o->required)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                              "Missing option %s in configuration " KEY, o->java);
        if (value == NULL)
            continue;
        if (options == kerberos_options && !shell_safe(o->java, value, err))
            return false;
        cd_config_set(native, o->native, value);
    }
    return true;
}

/* extension_a="b" becomes a=b of sasl.oauthbearer.extensions. */
static void copy_extensions(const struct cd_config *given, struct cd_config *native)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    for (struct cd_config_iter it = {0}; cd_config_next(given, &it);)
        if (strncmp(it.key, "extension_", 10) == 0)
            cd_buffer_printf(&text, "%s%s=%s", text.len > 0 ? "," : "", it.key + 10, it.value);
    if (text.len > 0)
        cd_config_set(native, "sasl.oauthbearer.extensions", text.ptr);
}

static bool use_kerberos(const struct cd_config *given, struct cd_config *native,
                         struct cd_error *err)
{
    const char *cache = cd_config_get(given, "useTicketCache");
    if (cache != NULL && strcmp(cache, "true") == 0 && !cd_config_has(given, "keyTab")) {
        /* Somebody else keeps the ticket fresh: librdkafka must not run kinit. */
        cd_config_set(native, "sasl.kerberos.kinit.cmd", "");
        return true;
    }
    return copy_options(kerberos_options, given, native, err);
}

static bool use_oauth(const struct cd_config *given, struct cd_config *native, struct cd_error *err)
{
    if (cd_config_has(given, "unsecuredLoginStringClaim_sub")) {
        CD_AUTO_FREE char *config =
            cd_asprintf("principal=%s", cd_config_get(given, "unsecuredLoginStringClaim_sub"));
        cd_config_set(native, "enable.sasl.oauthbearer.unsecure.jwt", "true");
        cd_config_set(native, "sasl.oauthbearer.config", config);
        return true;
    }
    /* Since 4.1 the credentials may stand in settings of their own. */
    if (cd_config_has(native, "sasl.oauthbearer.client.id") && cd_config_count(given) == 0)
        return true;
    copy_extensions(given, native);
    return copy_options(oauth_options, given, native, err);
}

static bool use_password(const struct cd_config *given, struct cd_config *native,
                         struct cd_error *err)
{
    return copy_options(password_options, given, native, err);
}

static const struct {
    const char *module; /* the class's simple name */
    const char *mechanisms;
    bool (*use)(const struct cd_config *, struct cd_config *, struct cd_error *);
} modules[] = {
    {"PlainLoginModule", "PLAIN", use_password},
    {"ScramLoginModule", "SCRAM-SHA-256 SCRAM-SHA-512", use_password},
    {"OAuthBearerLoginModule", "OAUTHBEARER", use_oauth},
    {"Krb5LoginModule", "GSSAPI", use_kerberos},
};

bool cd_jaas_translate(const char *text, const char *mechanism, struct cd_config *native,
                       struct cd_error *err)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer module = CD_BUFFER_INIT;
    CD_AUTO(cd_config_freep) struct cd_config *options = cd_config_new();
    if (!parse(text, &module, options, err))
        return false;
    const char *dot = strrchr(module.ptr, '.');
    const char *name = dot == NULL ? module.ptr : dot + 1;
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
        if (strcmp(name, modules[i].module) != 0)
            continue;
        if (strstr(modules[i].mechanisms, mechanism) == NULL)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                              "Invalid value [hidden] for configuration " KEY
                              ": %s is for sasl.mechanism %s, not for %s",
                              name, modules[i].mechanisms, mechanism);
        return modules[i].use(options, native, err);
    }
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Invalid value [hidden] for configuration " KEY
                      ": login module %s cannot run without a JVM; PlainLoginModule, "
                      "ScramLoginModule, OAuthBearerLoginModule and Krb5LoginModule can",
                      module.ptr);
}
