#include "plugins/registry.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "plugins/row.h"

/* Some hundred rows at most, asked at configuration time only: a sorted array and plain scans. */
struct cd_registry {
    struct cd_row **rows; /* by kind, class name, version; equals in the order they came */
    size_t count;
    size_t capacity;
};

static const char *const kind_names[CD_PLUGIN_KINDS] = {
    [CD_PLUGIN_SOURCE] = "source",
    [CD_PLUGIN_SINK] = "sink",
    [CD_PLUGIN_CONVERTER] = "converter",
    [CD_PLUGIN_HEADER_CONVERTER] = "header_converter",
    [CD_PLUGIN_TRANSFORM] = "transformation",
    [CD_PLUGIN_PREDICATE] = "predicate",
    [CD_PLUGIN_PROVIDER] = "config_provider",
};

/* What a short name goes without. */
static const char *const suffixes[CD_PLUGIN_KINDS] = {
    [CD_PLUGIN_SOURCE] = "Connector",         [CD_PLUGIN_SINK] = "Connector",
    [CD_PLUGIN_CONVERTER] = "Converter",      [CD_PLUGIN_HEADER_CONVERTER] = "HeaderConverter",
    [CD_PLUGIN_TRANSFORM] = "Transformation", [CD_PLUGIN_PREDICATE] = "Predicate",
    [CD_PLUGIN_PROVIDER] = "ConfigProvider",
};

const char *cd_plugin_kind_name(enum cd_plugin_kind kind)
{
    return kind_names[kind];
}

struct cd_registry *cd_registry_new(void)
{
    return cd_new(struct cd_registry);
}

void cd_registry_free(struct cd_registry *registry)
{
    if (registry == NULL)
        return;
    for (size_t i = 0; i < registry->count; i++)
        cd_row_free(registry->rows[i]);
    free(registry->rows);
    free(registry);
}

/* ---- adding ---- */

static int compare_rows(const struct cd_row *left, const struct cd_row *right)
{
    const struct cd_plugin *a = &left->pub.plugin;
    const struct cd_plugin *b = &right->pub.plugin;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = strcmp(a->class_name, b->class_name);
    return order != 0 ? order : cd_version_compare(a->version, b->version);
}

static bool has_claims(const struct cd_row *row)
{
    return row->pub.plugin.connector != NULL && row->pub.plugin.connector->claims != NULL;
}

static bool refuse_duplicate(const struct cd_registry *registry, const struct cd_row *row,
                             struct cd_error *err)
{
    for (size_t i = 0; i < registry->count; i++) {
        const struct cd_row *other = registry->rows[i];
        if (compare_rows(other, row) != 0 || (has_claims(other) && has_claims(row)))
            continue;
        return cd_fail(err, CD_ERR_CONFIG, "'%s' version %s is already provided by %s",
                       row->pub.plugin.class_name, row->pub.plugin.version, other->location);
    }
    return true;
}

static void insert(struct cd_registry *registry, struct cd_row *row)
{
    if (registry->count == registry->capacity) {
        registry->capacity = registry->capacity == 0 ? 64 : registry->capacity * 2;
        registry->rows =
            cd_realloc_array(registry->rows, registry->capacity, sizeof(*registry->rows));
    }
    size_t at = registry->count++;
    for (; at > 0 && compare_rows(registry->rows[at - 1], row) > 0; at--)
        registry->rows[at] = registry->rows[at - 1];
    registry->rows[at] = row;
}

bool cd_registry_add(struct cd_registry *registry, const struct cd_plugin *plugin, size_t stride,
                     const char *location, struct cd_error *err)
{
    struct cd_row *row = cd_row_new(plugin, stride, location, err);
    if (row == NULL)
        return false;
    if (!refuse_duplicate(registry, row, err)) {
        cd_row_free(row);
        return false;
    }
    insert(registry, row);
    return true;
}

void cd_registry_remove(struct cd_registry *registry, const char *location)
{
    size_t kept = 0;
    for (size_t i = 0; i < registry->count; i++) {
        struct cd_row *row = registry->rows[i];
        if (strcmp(row->location, location) == 0)
            cd_row_free(row);
        else
            registry->rows[kept++] = row;
    }
    registry->count = kept;
}

/* ---- names ---- */

static bool is_of(const struct cd_row *row, unsigned kinds)
{
    return (kinds & CD_KIND_SET(row->pub.plugin.kind)) != 0;
}

/* A short name of `full`: without its package, or without the suffix of its kind, too. Java cuts at
 * the suffix wherever it stands last. */
static bool is_short_name(const char *full, const char *suffix, const char *name)
{
    const char *dot = strrchr(full, '.');
    const char *simple = dot == NULL ? full : dot + 1;
    if (strchr(simple, '$') != NULL)
        return false;
    if (strcmp(simple, name) == 0)
        return true;
    const char *cut = NULL;
    for (const char *at = simple + 1; (at = strstr(at, suffix)) != NULL; at++)
        cut = at;
    return cut != NULL && strlen(name) == (size_t)(cut - simple) &&
           strncmp(simple, name, (size_t)(cut - simple)) == 0;
}

static bool goes_by_full(const struct cd_row *row, const char *name)
{
    if (strcmp(row->pub.plugin.class_name, name) == 0)
        return true;
    for (const char *const *alias = row->pub.plugin.aliases; alias != NULL && *alias != NULL;
         alias++)
        if (strcmp(*alias, name) == 0)
            return true;
    return false;
}

/* A header converter that is also an ordinary one ("JsonConverter") has the short name of that. */
static const char *suffix_of(const struct cd_row *row, const char *full)
{
    const char *suffix = suffixes[row->pub.plugin.kind];
    if (row->pub.plugin.kind == CD_PLUGIN_HEADER_CONVERTER && strstr(full, suffix) == NULL)
        return suffixes[CD_PLUGIN_CONVERTER];
    return suffix;
}

static bool goes_by_short(const struct cd_row *row, const char *name)
{
    const char *full = row->pub.plugin.class_name;
    if (is_short_name(full, suffix_of(row, full), name))
        return true;
    for (const char *const *alias = row->pub.plugin.aliases; alias != NULL && *alias != NULL;
         alias++)
        if (is_short_name(*alias, suffix_of(row, *alias), name))
            return true;
    return false;
}

/* Rows that may be meant by a name. */
struct found {
    const struct cd_row **rows; /* owned */
    size_t count;
};

static void found_done(struct found *found)
{
    free(found->rows);
}

static void collect(const struct cd_registry *registry, unsigned kinds, const char *name,
                    bool (*goes_by)(const struct cd_row *, const char *), struct found *found)
{
    for (size_t i = 0; i < registry->count; i++)
        if (is_of(registry->rows[i], kinds) && goes_by(registry->rows[i], name))
            found->rows[found->count++] = registry->rows[i];
}

static bool same_class(const struct found *found)
{
    for (size_t i = 1; i < found->count; i++) {
        bool chosen_by_claim = has_claims(found->rows[0]) && has_claims(found->rows[i]);
        if (!chosen_by_claim && strcmp(found->rows[0]->pub.plugin.class_name,
                                       found->rows[i]->pub.plugin.class_name) != 0)
            return false;
    }
    return true;
}

/* Full names first: a short name is only looked at when no full one fits. */
static struct found find_rows(const struct cd_registry *registry, unsigned kinds, const char *name)
{
    struct found found = {cd_new_array(registry->count + 1, const struct cd_row *), 0};
    collect(registry, kinds, name, goes_by_full, &found);
    if (found.count == 0)
        collect(registry, kinds, name, goes_by_short, &found);
    return found;
}

bool cd_registry_has(const struct cd_registry *registry, unsigned kinds, const char *name)
{
    struct found found CD_AUTO(found_done) = find_rows(registry, kinds, name);
    return found.count > 0 && same_class(&found);
}

/* ---- choosing ---- */

static void name_all(const struct cd_registry *registry, unsigned kinds, struct cd_buffer *out)
{
    const char *between = "";
    for (size_t i = 0; i < registry->count; i++) {
        const struct cd_plugin *plugin = &registry->rows[i]->pub.plugin;
        if (!is_of(registry->rows[i], kinds))
            continue;
        cd_buffer_printf(out,
                         "%sPluginDesc{klass=class %s, name='%s', version='%s', "
                         "encodedVersion=%s, type=%s, typeName='%s', location='%s'}",
                         between, plugin->class_name, plugin->class_name, plugin->version,
                         plugin->version, kind_names[plugin->kind], kind_names[plugin->kind],
                         registry->rows[i]->location);
        between = ", ";
    }
}

static bool fail_unknown(const struct cd_registry *registry, unsigned kinds, const char *name,
                         struct cd_error *err)
{
    if ((kinds & CD_KIND_SET_CONNECTORS) == 0)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException", "Class %s could not be found.",
                          name);
    struct cd_buffer all CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    cd_buffer_text(&all, "");
    name_all(registry, kinds, &all);
    return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                      "Failed to find any class that implements Connector and which name matches "
                      "%s, available connectors are: %s",
                      name, all.ptr);
}

static bool fail_ambiguous(const struct found *found, const char *name, struct cd_error *err)
{
    struct cd_buffer all CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    for (size_t i = 0; i < found->count; i++)
        cd_buffer_printf(&all, "%s%s", i == 0 ? "" : ", ", found->rows[i]->pub.plugin.class_name);
    return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                      "More than one connector matches alias %s. Please use full package and class "
                      "name instead. Classes found: %s",
                      name, all.ptr);
}

static bool fail_version(const struct found *found, const char *version, struct cd_error *err)
{
    struct cd_buffer all CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    for (size_t i = 0; i < found->count; i++)
        cd_buffer_printf(&all, "%s%s", i == 0 ? "" : ", ", found->rows[i]->pub.plugin.version);
    bool range = version[0] == '[' || version[0] == '(';
    return cd_fail_as(err, CD_ERR_CONFIG, "VersionedPluginLoadingException",
                      "Plugin %s not found that matches the version range %s%s%s%s%s, available "
                      "versions: [%s]",
                      found->rows[0]->pub.plugin.class_name, range ? "" : "[", version,
                      range ? "" : ",", range ? "" : version, range ? "" : "]", all.ptr);
}

/* Drops the rows of other versions. */
static bool keep_version(struct found *found, const char *version, struct cd_error *err)
{
    if (version == NULL || strcmp(version, "latest") == 0)
        return true;
    size_t kept = 0;
    for (size_t i = 0; i < found->count; i++) {
        const struct cd_row *row = found->rows[i];
        bool in = false;
        if (!cd_version_in(row->pub.plugin.version, version, &in, err))
            return false;
        if (!in)
            continue;
        found->rows[i] = found->rows[kept]; /* a refused one: none is lost for the message */
        found->rows[kept++] = row;
    }
    if (kept == 0)
        return fail_version(found, version, err);
    found->count = kept;
    return true;
}

struct view {
    struct cd_settings base; /* first */
    const struct cd_config *config;
};

static const char *view_get(const struct cd_settings *settings, const char *name)
{
    return cd_config_get(((const struct view *)(const void *)settings)->config, name);
}

/* Drops the rows that do not claim `config`, unless that would be all. */
static void keep_claiming(struct found *found, const struct cd_config *config)
{
    struct view view = {{view_get}, config};
    size_t kept = 0;
    for (size_t i = 0; i < found->count; i++)
        if (!has_claims(found->rows[i]) || found->rows[i]->pub.plugin.connector->claims(&view.base))
            found->rows[kept++] = found->rows[i];
    if (kept > 0)
        found->count = kept;
}

static const struct cd_registered *newest(const struct found *found)
{
    const struct cd_row *best = found->rows[0];
    for (size_t i = 1; i < found->count; i++)
        if (cd_version_compare(found->rows[i]->pub.plugin.version, best->pub.plugin.version) > 0)
            best = found->rows[i];
    return &best->pub;
}

const struct cd_registered *cd_registry_choose(const struct cd_registry *registry, unsigned kinds,
                                               const char *name, const char *version,
                                               const struct cd_config *config, struct cd_error *err)
{
    struct found found CD_AUTO(found_done) = find_rows(registry, kinds, name);
    if (found.count == 0) {
        (void)fail_unknown(registry, kinds, name, err);
        return NULL;
    }
    if (!same_class(&found)) {
        (void)fail_ambiguous(&found, name, err);
        return NULL;
    }
    if (!keep_version(&found, version, err))
        return NULL;
    if (config != NULL)
        keep_claiming(&found, config);
    return newest(&found);
}

const struct cd_registered *cd_registry_find(const struct cd_registry *registry, unsigned kinds,
                                             const char *name, const char *version,
                                             struct cd_error *err)
{
    return cd_registry_choose(registry, kinds, name, version, NULL, err);
}

/* ---- listing ---- */

void cd_registry_each(const struct cd_registry *registry, enum cd_plugin_kind kind,
                      cd_registry_each_fn *each, void *arg)
{
    for (size_t i = 0; i < registry->count; i++)
        if (registry->rows[i]->pub.plugin.kind == kind)
            each(arg, kind, &registry->rows[i]->pub);
}

void cd_registry_list(const struct cd_registry *registry, bool connectors_only,
                      cd_registry_each_fn *each, void *arg)
{
    static const enum cd_plugin_kind order[] = {
        CD_PLUGIN_SINK,      CD_PLUGIN_SOURCE,    CD_PLUGIN_TRANSFORM,
        CD_PLUGIN_PREDICATE, CD_PLUGIN_CONVERTER, CD_PLUGIN_HEADER_CONVERTER,
    };
    size_t count = connectors_only ? 2 : sizeof(order) / sizeof(order[0]);
    for (size_t i = 0; i < count; i++)
        cd_registry_each(registry, order[i], each, arg);
}
