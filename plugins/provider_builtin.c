#include "plugins/provider_builtin.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "compat/regex.h"
#include "config/properties.h"

#define KAFKA_VERSION "4.1.1"
#define PACKAGE "org.apache.kafka.common.config.provider."

/* ---- what files and directories have in common: allowed.paths ---- */

struct paths_config {
    struct cd_strings allowed; /* empty: everywhere */
};

struct paths {
    struct cd_task_base base;
};

static const struct cd_key paths_keys[] = {
    {.name = "allowed.paths",
     .type = CD_LIST,
     .optional = true,
     .offset = offsetof(struct paths_config, allowed),
     .importance = CD_MEDIUM,
     .doc = "Paths below which files may be read; everything else is not found. Not set: any file "
            "the worker may read."},
};

/* Path.normalize of an absolute path: by text alone, without asking the file system. */
static char *normalize(const char *path)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_text(&out, "");
    while (*path != '\0') {
        size_t len = strcspn(path, "/");
        if (len == 2 && strncmp(path, "..", 2) == 0) {
            while (out.len > 0 && out.ptr[--out.len] != '/')
                continue;
            out.ptr[out.len] = '\0';
        } else if (len > 0 && !(len == 1 && *path == '.')) {
            cd_buffer_char(&out, '/');
            cd_buffer_append(&out, path, len);
        }
        path += len + (path[len] == '/');
    }
    return cd_buffer_steal(&out);
}

static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool is_allowed(const struct paths *state, const char *path)
{
    const struct paths_config *cfg = state->base.cfg;
    if (cfg->allowed.count == 0)
        return true;
    char *wanted CD_AUTO_FREE = normalize(path);
    for (size_t i = 0; path[0] == '/' && i < cfg->allowed.count; i++) {
        char *folder CD_AUTO_FREE = normalize(cfg->allowed.items[i]);
        if (is_below(wanted, folder))
            return true;
    }
    const struct cd_host *host = state->base.host;
    host->log(state->base.handle, CD_LOG_WARN,
              "variable not expanded: the path is outside allowed.paths path=%s", path);
    return false;
}

static bool open_paths(void *arg, struct cd_error *err)
{
    const struct paths *state = arg;
    const struct paths_config *cfg = state->base.cfg;
    for (size_t i = 0; i < cfg->allowed.count; i++) {
        const char *path = cfg->allowed.items[i];
        struct stat info;
        if (path[0] != '/')
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException", "Path %s is not absolute",
                              path);
        if (stat(path, &info) != 0)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException", "Path %s does not exist",
                              path);
    }
    return true;
}

/* ---- ${file:/path/to.properties:key} ---- */

/* The path as the user may open it. A variable of a worker that names allowed.paths must not leave
 * them through "..": what was judged is what is opened. */
static char *to_open(const struct paths *state, const char *path)
{
    const struct paths_config *cfg = state->base.cfg;
    return cfg->allowed.count == 0 ? cd_strdup(path) : normalize(path);
}

static bool file_get(void *arg, const char *path, const char *key, struct cd_provided *out,
                     struct cd_error *err)
{
    const struct paths *state = arg;
    if (path[0] == '\0' || !is_allowed(state, path))
        return true;
    struct cd_config *file CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_error why = CD_ERROR_INIT;
    char *name CD_AUTO_FREE = to_open(state, path);
    if (!cd_properties_load(name, /* utf8 = */ true, file, &why))
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Could not read properties from file %s: %s", path, why.msg);
    if (cd_config_get(file, key) != NULL)
        out->value(out, cd_config_get(file, key));
    return true;
}

/* ---- ${directory:/path:file} ---- */

static bool is_plain_name(const char *key)
{
    return key[0] != '\0' && strchr(key, '/') == NULL && strcmp(key, ".") != 0 &&
           strcmp(key, "..") != 0;
}

static bool warn_no_folder(const struct paths *state, const char *path)
{
    state->base.host->log(state->base.handle, CD_LOG_WARN,
                          "variable not expanded: the path is not a directory path=%s", path);
    return true;
}

static bool directory_get(void *arg, const char *path, const char *key, struct cd_provided *out,
                          struct cd_error *err)
{
    const struct paths *state = arg;
    struct stat info;
    if (path[0] == '\0' || !is_allowed(state, path))
        return true;
    char *folder CD_AUTO_FREE = to_open(state, path);
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
        return warn_no_folder(state, path);
    char *file CD_AUTO_FREE = cd_asprintf("%s/%s", folder, key);
    if (!is_plain_name(key) || stat(file, &info) != 0 || !S_ISREG(info.st_mode))
        return true;
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    if (!cd_file_read(file, &text, err))
        return cd_fail_while(err, "Could not read file %s", file);
    if (strlen(text.ptr) != text.len)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "'%s' holds a NUL byte, so it is no text", file);
    out->value(out, text.ptr);
    return true;
}

/* ---- ${env:NAME} ---- */

struct env_config {
    const char *pattern;
};

struct env {
    struct cd_task_base base;
    struct cd_regex *pattern;
};

static const struct cd_key env_keys[] = {
    {.name = "allowlist.pattern",
     .type = CD_STRING,
     .fallback = ".*",
     .offset = offsetof(struct env_config, pattern),
     .importance = CD_LOW,
     .doc = "Regular expression that the whole name of a variable must match to be seen."},
};

static bool env_open(void *arg, struct cd_error *err)
{
    struct env *state = arg;
    const struct env_config *cfg = state->base.cfg;
    state->pattern = cd_regex_new(cd_slice(cfg->pattern), err);
    return state->pattern != NULL || cd_fail_while(err, "allowlist.pattern '%s'", cfg->pattern);
}

static bool env_get(void *arg, const char *path, const char *key, struct cd_provided *out,
                    struct cd_error *err)
{
    const struct env *state = arg;
    bool matches = false;
    if (path[0] != '\0')
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Path is not supported for EnvVarConfigProvider, invalid value '%s'",
                          path);
    const char *value = getenv(key);
    if (value == NULL)
        return true;
    if (!cd_regex_matches(state->pattern, cd_slice(key), &matches, err))
        return false;
    if (matches)
        out->value(out, value);
    return true;
}

static void env_close(void *arg)
{
    struct env *state = arg;
    cd_regex_free(state->pattern);
}

/* ---- descriptors ---- */

static const struct cd_provider file_provider = {.size = sizeof(struct cd_provider),
                                                 .state_size = sizeof(struct paths),
                                                 .open = open_paths,
                                                 .get = file_get};
static const struct cd_provider directory_provider = {.size = sizeof(struct cd_provider),
                                                      .state_size = sizeof(struct paths),
                                                      .open = open_paths,
                                                      .get = directory_get};
static const struct cd_provider env_provider = {.size = sizeof(struct cd_provider),
                                                .state_size = sizeof(struct env),
                                                .open = env_open,
                                                .get = env_get,
                                                .close = env_close};

#define KEYS(rows, config)                                                                         \
    .keys = (rows), .key_count = sizeof(rows) / sizeof((rows)[0]),                                 \
    .key_size = sizeof(struct cd_key), .config_size = sizeof(config)

const struct cd_plugin cd_builtin_providers[] = {
    {.kind = CD_PLUGIN_PROVIDER,
     .class_name = PACKAGE "FileConfigProvider",
     .version = KAFKA_VERSION,
     .doc = "Values of a properties file: ${file:/path/secrets.properties:key}.",
     KEYS(paths_keys, struct paths_config),
     .provider = &file_provider},
    {.kind = CD_PLUGIN_PROVIDER,
     .class_name = PACKAGE "DirectoryConfigProvider",
     .version = KAFKA_VERSION,
     .doc = "Whole files of a directory: ${directory:/run/secrets:password}.",
     KEYS(paths_keys, struct paths_config),
     .provider = &directory_provider},
    {.kind = CD_PLUGIN_PROVIDER,
     .class_name = PACKAGE "EnvVarConfigProvider",
     .version = KAFKA_VERSION,
     .doc = "Environment variables: ${env:PASSWORD}.",
     KEYS(env_keys, struct env_config),
     .provider = &env_provider},
};

const size_t cd_builtin_provider_count =
    sizeof(cd_builtin_providers) / sizeof(cd_builtin_providers[0]);
