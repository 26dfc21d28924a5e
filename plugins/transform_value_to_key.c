/* Makes a new key of some fields of the value. */
#include "plugins/map_edit.h"
#include "plugins/operand.h"
#include "plugins/projection.h"
#include "plugins/transform_list.h"

#define PURPOSE "copying fields from value to key"

struct to_key_config {
    struct cd_strings fields;
    bool replace_null;
};

struct to_key {
    struct cd_task_base base;
    struct cd_rebuilder rebuilder;
};

static bool build_key(void *state, struct cd_projector *projector, struct cd_batch *out,
                      struct cd_error *err)
{
    (void)out;
    const struct to_key *to_key = state;
    const struct to_key_config *cfg = to_key->base.cfg;
    for (size_t i = 0; i < cfg->fields.count; i++) {
        int32_t from = cd_schema_field(projector->input, cd_slice(cfg->fields.items[i]));
        if (from < 0)
            return cd_fail_as(err, CD_ERR_DATA, "DataException", "Field does not exist: %s",
                              cfg->fields.items[i]);
        cd_projector_copy(projector, (uint32_t)from);
    }
    return true;
}

static bool to_key_open(void *state, struct cd_error *err)
{
    (void)err;
    struct to_key *to_key = state;
    const struct to_key_config *cfg = to_key->base.cfg;
    cd_rebuilder_init(&to_key->rebuilder, to_key->base.host);
    to_key->rebuilder.build = build_key;
    to_key->rebuilder.state = to_key;
    to_key->rebuilder.purpose = PURPOSE;
    to_key->rebuilder.replace_null = cfg->replace_null;
    return true;
}

static void to_key_close(void *state)
{
    struct to_key *to_key = state;
    cd_rebuilder_done(&to_key->rebuilder);
}

static bool key_of_struct(struct to_key *to_key, struct cd_batch *out, struct cd_record *rec,
                          struct cd_error *err)
{
    const struct cd_projection *how;
    struct cd_struct *key =
        cd_rebuild(&to_key->rebuilder, rec->value_schema, rec->value, out, &how, err);
    if (key == NULL)
        return false;
    rec->key_schema = how->output;
    rec->key = cd_struct(key);
    return true;
}

static bool key_of_map(const struct to_key *to_key, struct cd_batch *out, struct cd_record *rec,
                       struct cd_error *err)
{
    const struct to_key_config *cfg = to_key->base.cfg;
    struct cd_map_edit edit;
    if (!cd_require_map(rec->value, PURPOSE, err) ||
        !cd_map_edit_new(&edit, to_key->base.host, out, cfg->fields.count, err))
        return false;
    for (size_t i = 0; i < cfg->fields.count; i++) {
        const char *name = cfg->fields.items[i];
        if (!cd_map_edit_put(&edit, name, cd_map_value(rec->value, name), err))
            return false;
    }
    rec->key_schema = NULL;
    rec->key = cd_map_edit_hashed(&edit);
    return true;
}

static enum cd_verdict_on_record to_key_apply(void *state, struct cd_batch *out,
                                              struct cd_record *rec, struct cd_error *err)
{
    struct to_key *to_key = state;
    return cd_keep_if(rec->value_schema == NULL ? key_of_map(to_key, out, rec, err)
                                                : key_of_struct(to_key, out, rec, err));
}

static const struct cd_transform to_key_table = {
    .size = sizeof(struct cd_transform),
    .state_size = sizeof(struct to_key),
    .open = to_key_open,
    .apply = to_key_apply,
    .close = to_key_close,
};

static const struct cd_key to_key_keys[] = {
    {
        .name = "fields",
        .type = CD_LIST,
        .non_empty = true,
        .offset = offsetof(struct to_key_config, fields),
        .importance = CD_HIGH,
        .doc = "Field names on the record value to extract as the record key.",
    },
    CD_REPLACE_NULL_KEY(struct to_key_config),
};

const struct cd_plugin cd_value_to_key_plugin = CD_TRANSFORM_PLUGIN(
    "ValueToKey",
    "Replace the record key with a new key formed from a subset of fields in the record value.",
    struct to_key_config, to_key_keys, to_key_table);
