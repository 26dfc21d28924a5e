#include "api/auth.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/map.h"
#include "base/thread.h"

#include <crypt.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EXTENSION                                                                                  \
    "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension"
#define LOGIN_MODULE "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule"

struct cd_auth {
    struct cd_strmap users; /* to a password, or to a hash */
    bool hashed;
    struct cd_mutex lock;
    struct cd_strmap proven; /* guarded by lock: headers whose password fitted its hash; hashing is
                                slow on purpose */
};

/* ---- files ---- */

static char *read_file(const char *path, struct cd_error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        (void)cd_fail(err, CD_ERR_CONFIG, "cannot open '%s': %s", path, strerror(errno));
        return NULL;
    }
    struct cd_buffer text = CD_BUFFER_INIT;
    char part[4096];
    size_t got;
    while ((got = fread(part, 1, sizeof(part), file)) > 0)
        cd_buffer_append(&text, part, got);
    bool ok = ferror(file) == 0;
    (void)fclose(file); /* only read */
    if (ok)
        return cd_buffer_steal(&text);
    cd_buffer_done(&text);
    (void)cd_fail(err, CD_ERR_CONFIG, "cannot read '%s': %s", path, strerror(errno));
    return NULL;
}

/* ---- JAAS ---- */

/* The next word or "quoted text" or single sign, comments skipped; empty at the end. */
static char *jaas_token(const char **at)
{
    for (;;) {
        *at += strspn(*at, " \t\r\n");
        if (strncmp(*at, "//", 2) == 0 || **at == '#') {
            *at += strcspn(*at, "\n");
        } else if (strncmp(*at, "/*", 2) == 0) {
            const char *end = strstr(*at + 2, "*/");
            *at = end == NULL ? *at + strlen(*at) : end + 2;
        } else {
            break;
        }
    }
    if (**at == '\0')
        return cd_strdup("");
    const char *from = *at;
    if (*from == '"') {
        size_t len = strcspn(from + 1, "\"");
        *at = from + 1 + len + (from[1 + len] == '"' ? 1 : 0);
        return cd_strndup(from + 1, len);
    }
    size_t len = strcspn(from, " \t\r\n{};=\"");
    *at = from + (len == 0 ? 1 : len);
    return cd_strndup(from, len == 0 ? 1 : len);
}

static bool next_is(const char **at, const char *text)
{
    char *token CD_AUTO_FREE = jaas_token(at);
    return strcmp(token, text) == 0;
}

/* Behind the `{` of the entry: module flag name=value ... ; */
static char *option_of_entry(const char *at, struct cd_error *err)
{
    char *module CD_AUTO_FREE = jaas_token(&at);
    if (strcmp(module, LOGIN_MODULE) != 0) {
        (void)cd_fail(
            err, CD_ERR_CONFIG,
            "the JAAS entry 'KafkaConnect' names the login module '%s'; only " LOGIN_MODULE
            " is known",
            module);
        return NULL;
    }
    for (;;) {
        char *name CD_AUTO_FREE = jaas_token(&at);
        if (*name == '\0' || *name == ';' || *name == '}')
            break;
        const char *ahead = at;
        if (!next_is(&ahead, "="))
            continue; /* the flag: required, ... */
        at = ahead;
        char *value CD_AUTO_FREE = jaas_token(&at);
        if (strcmp(name, "file") == 0)
            return cd_strdup(value);
    }
    (void)cd_fail(err, CD_ERR_CONFIG, "the JAAS entry 'KafkaConnect' has no option 'file'");
    return NULL;
}

char *cd_jaas_file_option(const char *jaas_text, struct cd_error *err)
{
    const char *at = jaas_text;
    for (int depth = 0;;) {
        char *token CD_AUTO_FREE = jaas_token(&at);
        if (*token == '\0')
            break;
        if (strcmp(token, "{") == 0)
            depth++;
        else if (strcmp(token, "}") == 0)
            depth--;
        else if (depth == 0 && strcmp(token, "KafkaConnect") == 0 && next_is(&at, "{"))
            return option_of_entry(at, err);
    }
    (void)cd_fail(err, CD_ERR_CONFIG, "there is no JAAS entry 'KafkaConnect'");
    return NULL;
}

/* As the JVM gets it: a system property on its command line. */
static char *jaas_path_from_environment(void)
{
    static const char option[] = "-Djava.security.auth.login.config=";
    const char *options = getenv("KAFKA_OPTS");
    const char *at = options == NULL ? NULL : strstr(options, option);
    if (at == NULL)
        return NULL;
    at += sizeof(option) - 1;
    return cd_strndup(at, strcspn(at, " \t"));
}

/* ---- users ---- */

static bool load_properties(struct cd_auth *auth, const char *path, struct cd_error *err)
{
    struct cd_config *users CD_AUTO(cd_config_freep) = cd_config_new();
    if (!cd_properties_load(path, /* utf8 = */ false, users, err))
        return false;
    for (struct cd_config_iter it = {0}; cd_config_next(users, &it);)
        (void)cd_strmap_put(&auth->users, it.key, cd_strdup(it.value == NULL ? "" : it.value));
    return true;
}

static bool load_jaas(struct cd_auth *auth, const struct cd_api_config *config,
                      struct cd_error *err)
{
    char *from_env CD_AUTO_FREE = config->jaas_file == NULL ? jaas_path_from_environment() : NULL;
    const char *path = config->jaas_file == NULL ? from_env : config->jaas_file;
    if (path == NULL)
        return cd_fail(
            err, CD_ERR_CONFIG,
            "rest.extension.classes names basic authentication, but there is no JAAS file: "
            "set connectd.rest.jaas.file, or connectd.rest.password.file");
    char *text CD_AUTO_FREE = read_file(path, err);
    char *file CD_AUTO_FREE = text == NULL ? NULL : cd_jaas_file_option(text, err);
    if (file == NULL)
        return cd_fail_while(err, "connectd.rest.jaas.file '%s'", path);
    return load_properties(auth, file, err) || cd_fail_while(err, "JAAS file '%s'", path);
}

static bool load_line(struct cd_auth *auth, char *line, size_t number, const char *path,
                      struct cd_error *err)
{
    line[strcspn(line, "\r\n")] = '\0';
    if (*line == '\0' || *line == '#')
        return true;
    char *colon = strchr(line, ':');
    if (colon == NULL || colon == line || colon[1] != '$')
        return cd_fail(err, CD_ERR_CONFIG,
                       "connectd.rest.password.file '%s', line %zu: must be user:hash, the hash "
                       "beginning with '$' as `openssl passwd -6` prints it",
                       path, number);
    *colon = '\0';
    (void)cd_strmap_put(&auth->users, line, cd_strdup(colon + 1));
    return true;
}

static bool load_hashes(struct cd_auth *auth, const char *path, struct cd_error *err)
{
    char *text CD_AUTO_FREE = read_file(path, err);
    if (text == NULL)
        return cd_fail_while(err, "connectd.rest.password.file");
    auth->hashed = true;
    size_t number = 0;
    for (char *line = text; line != NULL && *line != '\0';) {
        char *next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (!load_line(auth, line, ++number, path, err))
            return false;
        line = next;
    }
    return true;
}

static bool known_extensions(const struct cd_api_config *config, struct cd_error *err)
{
    for (size_t i = 0; i < config->extensions.count; i++)
        if (strcmp(config->extensions.items[i], EXTENSION) != 0)
            return cd_fail(
                err, CD_ERR_CONFIG,
                "rest.extension.classes = '%s': the only REST extension there is is " EXTENSION
                "; Java classes cannot be loaded",
                config->extensions.items[i]);
    return true;
}

bool cd_auth_load(const struct cd_api_config *config, struct cd_auth **ret, struct cd_error *err)
{
    *ret = NULL;
    if (!known_extensions(config, err))
        return false;
    if (config->extensions.count == 0 && config->password_file == NULL)
        return true;
    struct cd_auth *auth = cd_new(struct cd_auth);
    cd_strmap_init(&auth->users, free);
    cd_strmap_init(&auth->proven, free);
    cd_mutex_init(&auth->lock);
    bool ok = config->password_file != NULL ? load_hashes(auth, config->password_file, err)
                                            : load_jaas(auth, config, err);
    if (ok)
        *ret = auth;
    else
        cd_auth_free(auth);
    return ok;
}

void cd_auth_free(struct cd_auth *auth)
{
    if (auth == NULL)
        return;
    cd_strmap_done(&auth->users);
    cd_strmap_done(&auth->proven);
    cd_mutex_done(&auth->lock);
    free(auth);
}

/* ---- a request ---- */

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

/* NULL when it is none. */
static char *base64_decode(const char *text)
{
    size_t len = strcspn(text, "= \t");
    char *out = cd_alloc(len + 1);
    size_t used = 0;
    unsigned bits = 0;
    int count = 0;
    for (size_t i = 0; i < len; i++) {
        int digit = base64_digit(text[i]);
        if (digit < 0) {
            free(out);
            return NULL;
        }
        bits = bits << 6 | (unsigned)digit;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        out[used++] = (char)(bits >> count);
        bits &= (1u << count) - 1;
    }
    return out;
}

/* In a time that does not depend on where they differ. */
static bool same_text(const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    unsigned difference = a_len != b_len;
    for (size_t i = 0; i < a_len; i++)
        difference |= (unsigned char)a[i] ^ (unsigned char)(b_len == 0 ? 1 : b[i % b_len]);
    return difference == 0;
}

/* One at a time, so that somebody who guesses passwords keeps one HTTP thread busy at most. */
static bool hash_fits(struct cd_auth *auth, const char *header, const char *password,
                      const char *hash)
{
    cd_mutex_lock(&auth->lock);
    bool fits = cd_strmap_get(&auth->proven, header) != NULL;
    if (!fits) {
        struct crypt_data *data = cd_new(struct crypt_data);
        const char *made = crypt_r(password, hash, data);
        fits = made != NULL && same_text(made, hash);
        if (fits)
            (void)cd_strmap_put(&auth->proven, header, cd_strdup(""));
        explicit_bzero(data, sizeof(*data));
        free(data);
    }
    cd_mutex_unlock(&auth->lock);
    return fits;
}

bool cd_auth_check(const struct cd_auth *auth, const char *header, char **ret_user)
{
    if (!auth->hashed && cd_strmap_count(&auth->users) == 0)
        return true; /* as the JVM: an empty file lets everyone in */
    if (header == NULL || strncasecmp(header, "Basic ", 6) != 0)
        return false;
    char *credentials CD_AUTO_FREE = base64_decode(header + 6 + strspn(header + 6, " "));
    char *colon = credentials == NULL ? NULL : strchr(credentials, ':');
    if (colon == NULL || colon == credentials)
        return false;
    *colon = '\0';
    const char *stored = cd_strmap_get(&auth->users, credentials);
    if (stored == NULL)
        return false;
    bool fits = auth->hashed
                    ? hash_fits((struct cd_auth *)(uintptr_t)auth, header, colon + 1, stored)
                    : same_text(colon + 1, stored);
    if (fits)
        *ret_user = cd_strdup(credentials);
    return fits;
}
