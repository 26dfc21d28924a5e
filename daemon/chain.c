#include "daemon/chain.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "config/worker_keys.h"
#include "daemon/chain_private.h"

/* Parts of a chain ask nothing of a task. */
static const struct cd_handle_ops no_ops;

struct builder {
    const struct cd_chain_options *options;
    struct cd_chain *chain;
    struct cd_error *err;
};

static void part_done(struct cd_chain_part *part)
{
    cd_instance_free(part->instance);
    cd_config_free(part->config);
}

void cd_chain_free(struct cd_chain *chain)
{
    if (chain == NULL)
        return;
    part_done(&chain->key);
    part_done(&chain->value);
    part_done(&chain->header);
    for (size_t i = 0; i < chain->transform_count; i++) {
        part_done(&chain->transforms[i].transform);
        part_done(&chain->transforms[i].predicate);
    }
    free(chain->transforms);
    free(chain);
}

/* ---- building ---- */

/* What is to be opened: `config` becomes the part's. */
struct wanted {
    enum cd_plugin_kind kind;
    enum cd_role role;
    const char *class_name;
    const char *version;
    struct cd_config *config;
};

static bool open_part(const struct builder *b, struct cd_chain_part *part,
                      const struct wanted *wanted)
{
    part->config = wanted->config;
    part->handle = (struct cd_handle){
        .magic = CD_HANDLE_MAGIC,
        .task = b->options->task,
        .ops = &no_ops,
        .name = b->options->connector,
        .log = b->options->log,
        .settings = part->config,
    };
    const struct cd_registered *plugin =
        cd_registry_find(b->options->worker->registry, CD_KIND_SET(wanted->kind),
                         wanted->class_name, wanted->version, b->err);
    if (plugin == NULL)
        return false;
    part->instance = cd_instance_open(plugin, wanted->role, part->config, &part->handle, b->err);
    return part->instance != NULL;
}

struct converter_row {
    const char *key;   /* "key.converter" */
    const char *words; /* for the log, and what converter.type says */
    enum cd_plugin_kind kind;
    enum cd_role role;
};

static bool open_converter(const struct builder *b, const struct converter_row *row,
                           const char *own_class, const char *own_version, const char *worker_class,
                           struct cd_chain_part *part)
{
    bool own = own_class != NULL;
    char prefix[64];
    (void)snprintf(prefix, sizeof(prefix), "%s.", row->key); /* the keys are known and short */
    const struct cd_config *from = own ? b->options->config : b->options->worker->originals;
    struct wanted wanted = {
        .kind = row->kind,
        .role = row->role,
        .class_name = own ? own_class : worker_class,
        .version = own ? own_version : cd_config_get(from, "plugin.version"),
        .config = cd_config_strip(from, prefix),
    };
    cd_config_set(wanted.config, "converter.type", row->words);
    if (!own)
        wanted.version = cd_config_get(wanted.config, "plugin.version");
    if (!open_part(b, part, &wanted))
        return cd_fail_while(b->err, "%s", row->key);
    cd_log_info(b->options->log,
                "Set up the %s converter class %s for task %s-%d using the %s config", row->words,
                part->instance->plugin->plugin.class_name, b->options->connector, b->options->task,
                own ? "connector" : "worker");
    return true;
}

static bool open_converters(const struct builder *b)
{
    static const struct converter_row key = {"key.converter", "key", CD_PLUGIN_CONVERTER,
                                             CD_ROLE_KEY};
    static const struct converter_row value = {"value.converter", "value", CD_PLUGIN_CONVERTER,
                                               CD_ROLE_VALUE};
    static const struct converter_row header = {"header.converter", "header",
                                                CD_PLUGIN_HEADER_CONVERTER, CD_ROLE_HEADER};
    const struct cd_common_config *own = b->options->common;
    const struct cd_worker_config *worker = b->options->worker->config;
    return open_converter(b, &key, own->key_converter, own->key_converter_version,
                          worker->key_converter, &b->chain->key) &&
           open_converter(b, &value, own->value_converter, own->value_converter_version,
                          worker->value_converter, &b->chain->value) &&
           open_converter(b, &header, own->header_converter, own->header_converter_version,
                          worker->header_converter, &b->chain->header);
}

static struct cd_config *strip_alias(const struct builder *b, const char *what, const char *alias)
{
    CD_AUTO_FREE char *prefix = cd_asprintf("%s.%s.", what, alias);
    return cd_config_strip(b->options->config, prefix);
}

/* The texts of `arena` are needed during this call only: instances copy theirs. */
static bool open_predicate(const struct builder *b, const char *alias, struct cd_arena *arena,
                           struct cd_chain_part *part)
{
    struct cd_config *config = strip_alias(b, "predicates", alias);
    struct cd_predicate_config typed;
    if (!cd_predicate_config_parse(config, arena, &typed, b->err)) {
        cd_config_free(config);
        return false;
    }
    struct wanted wanted = {.kind = CD_PLUGIN_PREDICATE,
                            .class_name = typed.type,
                            .version = typed.version,
                            .config = config};
    return open_part(b, part, &wanted);
}

static bool open_transform(const struct builder *b, const char *alias, struct cd_arena *arena,
                           struct cd_chain_transform *ret)
{
    struct cd_config *config = strip_alias(b, "transforms", alias);
    struct cd_transform_config typed;
    if (!cd_transform_config_parse(config, arena, &typed, b->err)) {
        cd_config_free(config);
        return false;
    }
    struct wanted wanted = {.kind = CD_PLUGIN_TRANSFORM,
                            .class_name = typed.type,
                            .version = typed.version,
                            .config = config};
    ret->negate = typed.negate;
    return open_part(b, &ret->transform, &wanted) &&
           (typed.predicate == NULL || open_predicate(b, typed.predicate, arena, &ret->predicate));
}

static bool open_transforms(const struct builder *b)
{
    const struct cd_strings *aliases = &b->options->common->transforms;
    if (aliases->count == 0)
        return true;
    b->chain->transforms = cd_new_array(aliases->count, struct cd_chain_transform);
    struct cd_arena arena;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    bool ok = true;
    for (size_t i = 0; ok && i < aliases->count; i++) {
        b->chain->transform_count = i + 1; /* also the half-built one is freed */
        ok = open_transform(b, aliases->items[i], &arena, &b->chain->transforms[i]) ||
             cd_fail_while(b->err, "transforms.%s", aliases->items[i]);
        if (ok)
            cd_log_info(b->options->log, "Initializing: transform %s of %s", aliases->items[i],
                        b->chain->transforms[i].transform.instance->plugin->plugin.class_name);
    }
    cd_arena_done(&arena);
    return ok;
}

struct cd_chain *cd_chain_new(const struct cd_chain_options *options, struct cd_error *err)
{
    struct builder b = {.options = options, .chain = cd_new(struct cd_chain), .err = err};
    if (open_converters(&b) && open_transforms(&b))
        return b.chain;
    cd_chain_free(b.chain);
    return NULL;
}

bool cd_chain_borrows(const struct cd_chain *chain)
{
    return chain->key.instance->plugin->plugin.converter->borrows ||
           chain->value.instance->plugin->plugin.converter->borrows;
}
