#include "plugins/row.h"

#include <stdlib.h>

#include "base/alloc.h"

/* What the registry must know of each kind's callback table. All begin with size and state size. */
struct shape {
    const char *name;
    size_t size;     /* ours */
    size_t size_1_0; /* the least a plugin may have */
    size_t required; /* offset of the callback nothing works without */
    const char *required_name;
};

#define SHAPE(type, last, callback)                                                                \
    {                                                                                              \
        "struct " #type, sizeof(struct type), CD_SIZE_UP_TO(struct type, last),                    \
            offsetof(struct type, callback), #callback                                             \
    }

static const struct shape shapes[CD_PLUGIN_KINDS] = {
    [CD_PLUGIN_SOURCE] = SHAPE(cd_source, close, poll),
    [CD_PLUGIN_SINK] = SHAPE(cd_sink, close, put),
    [CD_PLUGIN_CONVERTER] = SHAPE(cd_converter, borrows, write),
    [CD_PLUGIN_HEADER_CONVERTER] = SHAPE(cd_converter, borrows, write),
    [CD_PLUGIN_TRANSFORM] = SHAPE(cd_transform, close, apply),
    [CD_PLUGIN_PREDICATE] = SHAPE(cd_predicate, close, test),
    [CD_PLUGIN_PROVIDER] = SHAPE(cd_provider, close, get),
};

#define CONNECTOR_SIZE_1_0 CD_SIZE_UP_TO(struct cd_connector, claims)

static const size_t value_sizes[] = {
    [CD_BOOL] = sizeof(bool),
    [CD_STRING] = sizeof(char *),
    [CD_INT16] = sizeof(int16_t),
    [CD_INT32] = sizeof(int32_t),
    [CD_INT64] = sizeof(int64_t),
    [CD_FLOAT64] = sizeof(double),
    [CD_LIST] = sizeof(struct cd_strings),
    [CD_CLASS] = sizeof(char *),
    [CD_SECRET] = sizeof(char *),
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool judge_names(const struct cd_plugin *plugin, struct cd_error *err)
{
    if ((unsigned)plugin->kind >= CD_PLUGIN_KINDS)
        return cd_fail(err, CD_ERR_CONFIG, "a plugin is of kind %d, which does not exist",
                       (int)plugin->kind);
    if (plugin->class_name == NULL || plugin->class_name[0] == '\0')
        return cd_fail(err, CD_ERR_CONFIG, "a plugin has no class name");
    if (plugin->table == NULL)
        return cd_fail(err, CD_ERR_CONFIG, "'%s' has no table of callbacks", plugin->class_name);
    return true;
}

static bool judge_key(const struct cd_plugin *plugin, const struct cd_key *key, uint32_t row,
                      struct cd_error *err)
{
    if (key->name == NULL)
        return cd_fail(err, CD_ERR_CONFIG, "key %u of '%s' has no name", row, plugin->class_name);
    if ((unsigned)key->type >= sizeof(value_sizes) / sizeof(value_sizes[0]))
        return cd_fail(err, CD_ERR_CONFIG, "key '%s' of '%s' has type %d, which does not exist",
                       key->name, plugin->class_name, (int)key->type);
    size_t size = value_sizes[key->type];
    if (key->offset > plugin->config_size || plugin->config_size - key->offset < size)
        return cd_fail(err, CD_ERR_CONFIG,
                       "key '%s' of '%s' would be stored at %zu, outside the configuration's %u "
                       "bytes",
                       key->name, plugin->class_name, key->offset, plugin->config_size);
    return true;
}

static bool judge_keys(const struct cd_plugin *plugin, struct cd_error *err)
{
    if (plugin->key_count == 0)
        return true;
    if (plugin->keys == NULL)
        return cd_fail(err, CD_ERR_CONFIG, "'%s' counts %u keys and has none", plugin->class_name,
                       plugin->key_count);
    if (plugin->key_size < CD_KEY_SIZE_1_0)
        return cd_fail(
            err, CD_ERR_CONFIG, "'%s' has keys of %u bytes, version %d.%d has at least %zu",
            plugin->class_name, plugin->key_size, CD_ABI_MAJOR, CD_ABI_MINOR, CD_KEY_SIZE_1_0);
    struct cd_keys keys = {plugin->keys, plugin->key_count, plugin->key_size};
    for (uint32_t i = 0; i < plugin->key_count; i++) {
        struct cd_key key = cd_keys_at(keys, i);
        if (!judge_key(plugin, &key, i, err))
            return false;
    }
    return true;
}

static uint32_t uint32_at(const void *table, size_t offset)
{
    uint32_t value;
    memcpy(&value, (const char *)table + offset, sizeof(value));
    return value;
}

static bool judge_size(const struct cd_plugin *plugin, const char *name, uint32_t size,
                       size_t least, struct cd_error *err)
{
    if (size >= least)
        return true;
    return cd_fail(err, CD_ERR_CONFIG, "'%s' has a %s of %u bytes, version %d.%d has at least %zu",
                   plugin->class_name, name, size, CD_ABI_MAJOR, CD_ABI_MINOR, least);
}

static bool judge_tables(const struct cd_plugin *plugin, struct cd_error *err)
{
    const struct shape *shape = &shapes[plugin->kind];
    if (!judge_size(plugin, shape->name, uint32_at(plugin->table, 0), shape->size_1_0, err))
        return false;
    uint32_t state = uint32_at(plugin->table, offsetof(struct cd_source, task_size));
    if (state < sizeof(struct cd_task_base))
        return cd_fail(err, CD_ERR_CONFIG,
                       "'%s' has a state of %u bytes, its first member alone has %zu",
                       plugin->class_name, state, sizeof(struct cd_task_base));
    void (*callback)(void);
    memcpy(&callback, (const char *)plugin->table + shape->required, sizeof(callback));
    if (callback == NULL)
        return cd_fail(err, CD_ERR_CONFIG, "'%s' has no '%s'", plugin->class_name,
                       shape->required_name);
    return plugin->connector == NULL ||
           judge_size(plugin, "struct cd_connector", plugin->connector->size, CONNECTOR_SIZE_1_0,
                      err);
}

static bool judge(const struct cd_plugin *plugin, struct cd_error *err)
{
    return judge_names(plugin, err) && judge_keys(plugin, err) && judge_tables(plugin, err);
}

struct cd_row *cd_row_new(const struct cd_plugin *plugin, size_t stride, const char *location,
                          struct cd_error *err)
{
    struct cd_plugin copy = {0};
    memcpy(&copy, plugin, smaller(stride, sizeof(copy)));
    if (!judge(&copy, err))
        return NULL;

    struct cd_row *row = cd_new(struct cd_row);
    const struct shape *shape = &shapes[copy.kind];
    memcpy(&row->table, copy.table, smaller(uint32_at(copy.table, 0), shape->size));
    copy.table = &row->table;
    if (copy.connector != NULL) {
        memcpy(&row->connector, copy.connector,
               smaller(copy.connector->size, sizeof(row->connector)));
        copy.connector = &row->connector;
    }
    if (copy.version == NULL)
        copy.version = "undefined"; /* as the JVM calls it */
    row->location = cd_strdup(location);
    row->pub = (struct cd_registered){
        .plugin = copy,
        .keys = {copy.keys, copy.key_count, copy.key_size},
        .location = row->location,
    };
    return row;
}

void cd_row_free(struct cd_row *row)
{
    if (row == NULL)
        return;
    free(row->location);
    free(row);
}
