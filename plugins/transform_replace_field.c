/* Drops and renames fields. Filtering goes by the old names. */
#include "plugins/map_edit.h"
#include "plugins/operand.h"
#include "plugins/pairs.h"
#include "plugins/projection.h"
#include "plugins/transform_list.h"

#define PURPOSE "field replacement"

struct replace_config {
    struct cd_strings exclude;
    struct cd_strings include;
    struct cd_strings renames;
    bool replace_null;
};

struct replace {
    struct cd_task_base base;
    enum cd_role role;
    struct cd_pairs renames;
    struct cd_rebuilder rebuilder;
};

static bool passes(const struct replace *replace, struct cd_slice name)
{
    const struct replace_config *cfg = replace->base.cfg;
    return !cd_strings_have(cfg->exclude, name) &&
           (cfg->include.count == 0 || cd_strings_have(cfg->include, name));
}

static struct cd_slice renamed(const struct replace *replace, struct cd_slice name)
{
    const char *other = cd_pairs_get(&replace->renames, name);
    return other == NULL ? name : cd_slice(other);
}

static bool build_output(void *state, struct cd_projector *projector, struct cd_batch *out,
                         struct cd_error *err)
{
    (void)out;
    (void)err;
    const struct replace *replace = state;
    cd_projector_copy_basics(projector);
    for (uint32_t i = 0; i < projector->input->field_count; i++) {
        const struct cd_field *field = &projector->input->fields[i];
        if (passes(replace, field->name))
            cd_projector_add(projector, renamed(replace, field->name), field->schema,
                             (struct cd_projected){.from = i});
    }
    return true;
}

static bool replace_open(struct replace *replace, enum cd_role role, struct cd_error *err)
{
    const struct replace_config *cfg = replace->base.cfg;
    replace->role = role;
    cd_rebuilder_init(&replace->rebuilder, replace->base.host);
    replace->rebuilder.build = build_output;
    replace->rebuilder.state = replace;
    replace->rebuilder.purpose = PURPOSE;
    replace->rebuilder.replace_null = cfg->replace_null;
    return cd_pairs_parse_renames(&replace->renames, cfg->renames, err);
}

static void replace_close(void *state)
{
    struct replace *replace = state;
    cd_rebuilder_done(&replace->rebuilder);
    cd_pairs_done(&replace->renames);
}

static bool replace_typed(struct replace *replace, struct cd_batch *out, struct cd_operand part,
                          struct cd_error *err)
{
    const struct cd_projection *how;
    struct cd_struct *made =
        cd_rebuild(&replace->rebuilder, *part.schema, *part.value, out, &how, err);
    if (made == NULL)
        return false;
    *part.schema = how->output;
    *part.value = cd_struct(made);
    return true;
}

/* Keys that are no strings are neither excluded nor renamed. */
static bool replace_entry(const struct replace *replace, const struct cd_map_entry *entry,
                          struct cd_map_edit *edit, struct cd_error *err)
{
    const struct replace_config *cfg = replace->base.cfg;
    if (entry->key.kind != CD_KIND_STRING) {
        if (cfg->include.count == 0)
            cd_map_edit_put_key(edit, entry->key, entry->value);
        return true;
    }
    struct cd_slice name = cd_value_slice(entry->key);
    if (!passes(replace, name))
        return true;
    const char *other = cd_pairs_get(&replace->renames, name);
    if (other != NULL)
        return cd_map_edit_put(edit, other, entry->value, err);
    cd_map_edit_put_key(edit, entry->key, entry->value);
    return true;
}

static bool replace_plain(const struct replace *replace, struct cd_batch *out,
                          struct cd_operand part, struct cd_error *err)
{
    struct cd_map_edit edit;
    struct cd_value map;
    if (!cd_require_map(*part.value, PURPOSE, err) ||
        !cd_map_iterated(replace->base.host, out, *part.value, &map, err) ||
        !cd_map_edit_new(&edit, replace->base.host, out, map.count, err))
        return false;
    for (uint32_t i = 0; i < map.count; i++)
        if (!replace_entry(replace, &map.as.map[i], &edit, err))
            return false;
    *part.value = cd_map_edit_hashed(&edit);
    return true;
}

static enum cd_verdict_on_record replace_apply(void *state, struct cd_batch *out,
                                               struct cd_record *rec, struct cd_error *err)
{
    struct replace *replace = state;
    struct cd_operand part = cd_operand(rec, replace->role);
    if (cd_is_null(*part.value))
        return CD_RECORD_KEEP;
    return cd_keep_if(*part.schema == NULL ? replace_plain(replace, out, part, err)
                                           : replace_typed(replace, out, part, err));
}

CD_KEY_AND_VALUE_TABLES(replace);

static const struct cd_key replace_keys[] = {
    {
        .name = "exclude",
        .type = CD_LIST,
        .fallback = "",
        .offset = offsetof(struct replace_config, exclude),
        .importance = CD_MEDIUM,
        .doc = "Fields to exclude. This takes precedence over the fields to include.",
    },
    {
        .name = "include",
        .type = CD_LIST,
        .fallback = "",
        .offset = offsetof(struct replace_config, include),
        .importance = CD_MEDIUM,
        .doc = "Fields to include. If specified, only these fields will be used.",
    },
    {
        .name = "renames",
        .type = CD_LIST,
        .fallback = "",
        .check = cd_pairs_check_renames,
        .offset = offsetof(struct replace_config, renames),
        .importance = CD_MEDIUM,
        .doc = "Field rename mappings.",
    },
    CD_REPLACE_NULL_KEY(struct replace_config),
};

const struct cd_plugin cd_replace_field_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "ReplaceField",
    "Filter or rename fields.<p/>Use the concrete transformation type designed for the record key "
    "(<code>org.apache.kafka.connect.transforms.ReplaceField$Key</code>) or value "
    "(<code>org.apache.kafka.connect.transforms.ReplaceField$Value</code>).",
    struct replace_config, replace_keys, replace_tables);
