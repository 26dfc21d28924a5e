#include "daemon/validate.h"

#include "base/alloc.h"
#include "config/connector_keys.h"
#include "config/provider.h"
#include "config/worker_keys.h"
#include "plugins/instance.h"

#include <stdlib.h>

struct validation {
    const struct cd_worker *worker;
    struct cd_config *config; /* expanded */
    const struct cd_registered *plugin;
    struct cd_report *report;
    int64_t deadline_ms;
};

/* ---- classes and versions ---- */

static void recommend_class(void *arg, enum cd_plugin_kind kind, const struct cd_registered *row)
{
    struct cd_report_row *key = arg;
    (void)kind;
    for (size_t i = 0; i < key->recommended_count; i++)
        if (strcmp(key->recommended[i], row->plugin.class_name) == 0)
            return;
    key->recommended =
        cd_realloc_array(key->recommended, key->recommended_count + 1, sizeof(*key->recommended));
    key->recommended[key->recommended_count++] = cd_strdup(row->plugin.class_name);
}

static void show_version(struct validation *v, const char *key, const struct cd_registered *found)
{
    struct cd_report_row *row = cd_report_row(v->report, key);
    if (found == NULL) {
        row->visible = false;
        return;
    }
    row->def.fallback = found->plugin.version;
    if (row->value == NULL)
        row->value = cd_strdup(found->plugin.version);
    cd_report_recommend(v->report, key, found->plugin.version);
}

/* A converter key: the worker's class is the default, every class of the kind is recommended. */
static void describe_converter_class(struct validation *v, enum cd_plugin_kind kind,
                                     const char *key, const char *worker_class)
{
    CD_AUTO_FREE char *version_key = cd_asprintf("%s.plugin.version", key);
    const char *given = cd_config_get(v->config, key);
    const char *version = cd_config_get(v->config, version_key);
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_registered *found =
        cd_registry_find(v->worker->registry, CD_KIND_SET(kind),
                         given == NULL ? worker_class : given, version, &err);
    struct cd_report_row *row = cd_report_row(v->report, key);
    row->def.fallback = worker_class;
    if (row->value == NULL && given == NULL)
        row->value = cd_strdup(worker_class);
    cd_registry_each(v->worker->registry, kind, recommend_class, row);
    if (found == NULL && given != NULL) {
        cd_report_error(v->report, key, "Invalid value %s for configuration %s: %s", given, key,
                        err.msg);
        if (version != NULL && cd_registry_has(v->worker->registry, CD_KIND_SET(kind), given))
            cd_report_error(v->report, version_key, "%s", err.msg);
    }
    show_version(v, version_key, found);
}

static void describe_base(struct validation *v)
{
    const struct cd_worker_config *worker = v->worker->config;
    if (v->plugin->plugin.kind == CD_PLUGIN_SOURCE)
        cd_source_config_describe(v->config, v->report);
    else
        cd_sink_config_describe(v->config, v->report);
    describe_converter_class(v, CD_PLUGIN_CONVERTER, "key.converter", worker->key_converter);
    describe_converter_class(v, CD_PLUGIN_CONVERTER, "value.converter", worker->value_converter);
    describe_converter_class(v, CD_PLUGIN_HEADER_CONVERTER, "header.converter",
                             worker->header_converter);
    show_version(v, "connector.plugin.version", v->plugin);
}

/* ---- transforms and predicates ---- */

struct link_kind {
    enum cd_plugin_kind kind;
    const char *list;      /* the key that names the aliases */
    const char *interface; /* for people */
    void (*describe)(const char *alias, const struct cd_keys *plugin,
                     const struct cd_config *config, struct cd_report *report);
};

static const struct link_kind transforms = {CD_PLUGIN_TRANSFORM, "transforms", "Transformation",
                                            cd_transform_config_describe};
static const struct link_kind predicates = {CD_PLUGIN_PREDICATE, "predicates", "Predicate",
                                            cd_predicate_config_describe};

static void describe_link(struct validation *v, const struct link_kind *kind, const char *alias)
{
    CD_AUTO_FREE char *type_key = cd_asprintf("%s.%s.type", kind->list, alias);
    CD_AUTO_FREE char *version_key = cd_asprintf("%s.%s.plugin.version", kind->list, alias);
    const char *type = cd_config_get(v->config, type_key);
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_registered *found =
        type == NULL ? NULL
                     : cd_registry_find(v->worker->registry, CD_KIND_SET(kind->kind), type,
                                        cd_config_get(v->config, version_key), &err);
    kind->describe(alias, found == NULL ? NULL : &found->keys, v->config, v->report);
    cd_registry_each(v->worker->registry, kind->kind, recommend_class,
                     cd_report_row(v->report, type_key));
    if (type == NULL || found != NULL)
        return;
    if (cd_registry_has(v->worker->registry, CD_KIND_SET_ALL & ~CD_KIND_SET(kind->kind), type))
        cd_report_error(v->report, type_key, "Class class %s does not implement the %s interface",
                        type, kind->interface);
    else
        cd_report_error(v->report, type_key, "Invalid value %s for configuration %s: %s", type,
                        type_key, err.msg);
}

/* Calls back for each alias of a comma list. */
static void describe_links(struct validation *v, const struct link_kind *kind)
{
    const char *list = cd_config_get(v->config, kind->list);
    CD_AUTO_FREE char *copy = cd_strdup(list == NULL ? "" : list);
    char *rest = copy;
    for (char *alias; (alias = strsep(&rest, ",")) != NULL;) {
        alias += strspn(alias, " \t");
        size_t len = strlen(alias);
        while (len > 0 && (alias[len - 1] == ' ' || alias[len - 1] == '\t'))
            alias[--len] = '\0';
        if (len > 0)
            describe_link(v, kind, alias);
    }
}

/* ---- the connector's own ---- */

struct verdict {
    struct cd_verdict base;
    struct cd_report *report;
};

static void verdict_error(struct cd_verdict *verdict, const char *key, const char *message)
{
    cd_report_error(((struct verdict *)verdict)->report, key, "%s", message);
}

static void verdict_recommend(struct cd_verdict *verdict, const char *key, const char *value)
{
    cd_report_recommend(((struct verdict *)verdict)->report, key, value);
}

static void ask_connector(struct validation *v)
{
    const struct cd_connector *connector = v->plugin->plugin.connector;
    if (connector == NULL || connector->validate == NULL)
        return;
    struct cd_error unfit = CD_ERROR_INIT; /* its keys have said so already */
    struct cd_instance *typed = cd_instance_config(v->plugin, v->config, &unfit);
    if (typed == NULL)
        return;
    const char *name = cd_config_get(v->config, "name");
    struct cd_logger log;
    cd_logger_init(&log, "connector", name, -1);
    static const struct cd_handle_ops no_ops;
    struct cd_handle handle = {.magic = CD_HANDLE_MAGIC,
                               .task = -1,
                               .ops = &no_ops,
                               .name = name == NULL ? "" : name,
                               .log = &log,
                               .settings = v->config};
    const struct cd_connector_call call = {
        .host = cd_host(), .handle = &handle, .cfg = typed->cfg, .deadline_ms = v->deadline_ms};
    struct verdict verdict = {{verdict_error, verdict_recommend}, v->report};
    connector->validate(&call, &verdict.base);
    cd_instance_free(typed);
}

static void describe_connector(struct validation *v)
{
    size_t before = cd_report_error_count(v->report);
    cd_keys_describe(v->plugin->keys, "", NULL, 0, v->config, v->report);
    if (cd_report_error_count(v->report) == before)
        ask_connector(v);
}

/* ---- overrides and converters' own keys ---- */

static void check_overrides(struct validation *v)
{
    static const char *const prefixes[] = {"producer.override.", "consumer.override.",
                                           "admin.override."};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        for (struct cd_config_iter it = {0}; cd_config_next(v->config, &it);) {
            struct cd_error err = CD_ERROR_INIT;
            if (strncmp(it.key, prefixes[i], strlen(prefixes[i])) == 0 &&
                !cd_override_allowed(v->worker->config->override_policy, it.key, &err)) {
                cd_report_error(v->report, it.key, "%s", err.msg);
                cd_report_row(v->report, it.key)->counts_once = true;
            }
        }
    }
}

/* Only a converter that the connector names itself: the worker's settings are the worker's. */
static void describe_converter_keys(struct validation *v, enum cd_plugin_kind kind, const char *key,
                                    const char *role)
{
    const char *name = cd_config_get(v->config, key);
    struct cd_error unknown = CD_ERROR_INIT; /* reported at the class */
    const struct cd_registered *found =
        name == NULL
            ? NULL
            : cd_registry_find(v->worker->registry, CD_KIND_SET(kind), name, NULL, &unknown);
    if (found == NULL)
        return;
    CD_AUTO_FREE char *prefix = cd_asprintf("%s.", key);
    CD_AUTO_FREE char *type = cd_asprintf("%sconverter.type", prefix);
    cd_config_set(v->config, type, role); /* what the framework presets */
    size_t first = v->report->count;
    cd_keys_describe(found->keys, prefix, NULL, 0, v->config, v->report);
    for (size_t i = first; i < v->report->count; i++)
        v->report->rows[i].counts_once = true;
}

/* A null is a mistake for every key that the connector itself does not define. */
static void refuse_nulls(struct validation *v)
{
    for (struct cd_config_iter it = {0}; cd_config_next(v->config, &it);) {
        if (it.value != NULL)
            continue;
        struct cd_report_row *row = cd_report_row(v->report, it.key);
        for (size_t i = 0; i < row->error_count; i++)
            free(row->errors[i]);
        row->error_count = 0; /* it stands for "missing" */
        cd_report_error(v->report, it.key,
                        "Null value can not be supplied as the configuration value.");
    }
}

static void describe_all(struct validation *v)
{
    describe_base(v);
    describe_links(v, &transforms);
    describe_links(v, &predicates);
    refuse_nulls(v);
    describe_connector(v);
    check_overrides(v);
    describe_converter_keys(v, CD_PLUGIN_HEADER_CONVERTER, "header.converter", "header");
    describe_converter_keys(v, CD_PLUGIN_CONVERTER, "key.converter", "key");
    describe_converter_keys(v, CD_PLUGIN_CONVERTER, "value.converter", "value");
}

bool cd_validate(const struct cd_worker *worker, const struct cd_config *raw, int64_t deadline_ms,
                 struct cd_report *report, struct cd_error *err)
{
    struct cd_config *config = cd_resolver_expand(worker->resolver, raw, NULL, err);
    if (config == NULL)
        return false;
    struct validation v = {
        .worker = worker, .config = config, .report = report, .deadline_ms = deadline_ms};
    const char *class_name = cd_config_get(config, "connector.class");
    v.plugin =
        class_name == NULL
            ? NULL
            : cd_registry_choose(worker->registry, CD_KIND_SET_CONNECTORS, class_name,
                                 cd_config_get(config, "connector.plugin.version"), config, err);
    if (v.plugin != NULL) {
        report->name = cd_strdup(class_name);
        describe_all(&v);
    } else if (class_name == NULL) {
        (void)cd_fail_as(err, CD_ERR_CONFIG, "BadRequestException", "no connector.class");
    }
    cd_config_free(config);
    return v.plugin != NULL;
}
