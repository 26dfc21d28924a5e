#include "daemon/setup.h"

#include "base/alloc.h"
#include "base/log.h"
#include "plugins/providers.h"

#include <stdlib.h>
#include <unistd.h>

static struct cd_logger plugin_log = {.component = "plugins", .task = -1};
static struct cd_logger config_log = {.component = "config", .task = -1};

static void library_refused(void *arg, const char *file, const struct cd_error *why)
{
    (void)arg;
    cd_log_error(&plugin_log, "plugin library refused file=%s: %s", file, why->msg);
}

bool cd_setup_plugins(struct cd_setup *setup, struct cd_error *err)
{
    setup->registry = cd_registry_new();
    if (!cd_registry_add_builtins(setup->registry, err))
        return false;
    setup->loader = cd_loader_new(setup->registry, library_refused, NULL);
    cd_loader_scan_default(setup->loader);
    const char *path = cd_config_get(setup->raw, "plugin.path");
    CD_AUTO_FREE char *copy = cd_strdup(path == NULL ? "" : path);
    char *rest = copy;
    for (char *entry; (entry = strsep(&rest, ",")) != NULL;) {
        entry += strspn(entry, " \t");
        size_t len = strlen(entry);
        while (len > 0 && strchr(" \t\r", entry[len - 1]) != NULL)
            entry[--len] = '\0';
        if (len > 0)
            cd_loader_scan(setup->loader, entry);
    }
    return true;
}

/* Every problem on a line of its own; `err` sums up. */
static void say_problems(const struct cd_report *report, const char *worker_file,
                         struct cd_error *err)
{
    for (size_t i = 0; i < report->count; i++)
        for (size_t e = 0; e < report->rows[i].error_count; e++)
            cd_log_error(&config_log, "%s", report->rows[i].errors[e]);
    size_t problems = cd_report_error_count(report);
    (void)cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                     "%zu problem%s in the settings of '%s': %s", problems,
                     problems == 1 ? "" : "s", worker_file,
                     problems == 1 ? "see the line above" : "see the lines above");
}

static bool parse(struct cd_setup *setup, const char *worker_file, struct cd_error *err)
{
    struct cd_report report = CD_REPORT_INIT;
    setup->config = cd_worker_config_new(setup->mode, setup->expanded, &report);
    if (setup->config == NULL)
        say_problems(&report, worker_file, err);
    cd_report_done(&report);
    return setup->config != NULL;
}

static bool load(struct cd_setup *setup, const char *worker_file, struct cd_error *err)
{
    setup->raw = cd_config_new();
    if (worker_file[0] != '\0' &&
        !cd_properties_load(worker_file, /* utf8 = */ false, setup->raw, err))
        return false;
    if (!cd_setup_plugins(setup, err))
        return false;
    setup->resolver = cd_providers_open(setup->registry, setup->raw, err);
    if (setup->resolver == NULL)
        return false;
    setup->expanded = cd_resolver_expand(setup->resolver, setup->raw, NULL, err);
    return setup->expanded != NULL && parse(setup, worker_file, err);
}

bool cd_setup_load(struct cd_setup *setup, enum cd_mode mode, const char *worker_file,
                   struct cd_error *err)
{
    *setup = (struct cd_setup){.mode = mode};
    if (load(setup, worker_file, err))
        return true;
    cd_setup_done(setup);
    return false;
}

void cd_setup_done(struct cd_setup *setup)
{
    cd_worker_config_free(setup->config);
    if (setup->resolver != NULL)
        cd_resolver_free(setup->resolver);
    cd_registry_free(setup->registry);
    cd_loader_free(setup->loader); /* last: the registry's tables live in the libraries */
    cd_config_free(setup->expanded);
    cd_config_free(setup->raw);
    *setup = (struct cd_setup){0};
}

static void say_ignored(void *arg, const char *key, const char *why)
{
    (void)arg;
    cd_log_info(&config_log, "setting has no effect here key=%s: %s", key, why);
}

static bool set_level(const char *component, const char *text, struct cd_error *err)
{
    enum cd_level level;
    if (!cd_log_parse_level(text, &level))
        return cd_fail(err, CD_ERR_CONFIG,
                       "connectd.log.levels: '%s' for '%s' is not a level: OFF, ERROR, WARN, INFO, "
                       "DEBUG or TRACE",
                       text, component);
    cd_log_set_level(component, level);
    return true;
}

bool cd_setup_logging(const struct cd_setup *setup, struct cd_error *err)
{
    const struct cd_worker_config *config = setup->config;
    cd_log_setup(STDERR_FILENO,
                 strcmp(config->log_format, "json") == 0 ? CD_LOG_JSON : CD_LOG_TEXT);
    if (config->log_level != NULL && !set_level("root", config->log_level, err))
        return false;
    for (size_t i = 0; i < config->log_levels.count; i++) {
        CD_AUTO_FREE char *pair = cd_strdup(config->log_levels.items[i]);
        char *equals = strchr(pair, '=');
        if (equals == NULL)
            return cd_fail(err, CD_ERR_CONFIG, "connectd.log.levels: '%s' must be component=LEVEL",
                           pair);
        *equals = '\0';
        if (!set_level(pair, equals + 1, err))
            return false;
    }
    cd_worker_ignored(setup->mode, setup->expanded, say_ignored, NULL);
    return true;
}
