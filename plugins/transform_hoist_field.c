/* Wraps the key or value: into a struct with one field, or without schema into a map of one. */
#include "data/schema.h"
#include "plugins/operand.h"
#include "plugins/projection.h"
#include "plugins/transform_list.h"

struct hoist_config {
    const char *field;
};

struct hoist {
    struct cd_task_base base;
    enum cd_role role;
    struct cd_rebuilder wrapper;
};

static bool build_wrapper(void *state, struct cd_projector *projector, struct cd_batch *out,
                          struct cd_error *err)
{
    (void)out;
    (void)err;
    const struct hoist *hoist = state;
    const struct hoist_config *cfg = hoist->base.cfg;
    cd_projector_add(projector, cd_slice(cfg->field), projector->input,
                     (struct cd_projected){.from = CD_FROM_NOWHERE});
    return true;
}

static bool hoist_open(struct hoist *hoist, enum cd_role role, struct cd_error *err)
{
    (void)err;
    hoist->role = role;
    cd_rebuilder_init(&hoist->wrapper, hoist->base.host);
    hoist->wrapper.build = build_wrapper;
    hoist->wrapper.state = hoist;
    return true;
}

static void hoist_close(void *state)
{
    struct hoist *hoist = state;
    cd_rebuilder_done(&hoist->wrapper);
}

static bool hoist_typed(struct hoist *hoist, struct cd_batch *out, struct cd_operand part,
                        struct cd_error *err)
{
    const struct hoist_config *cfg = hoist->base.cfg;
    const struct cd_projection *made = cd_rebuilder_find(&hoist->wrapper, *part.schema, out, err);
    if (made == NULL || !cd_schema_check(*part.schema, *part.value, cfg->field, err))
        return false;
    struct cd_struct *wrapped = hoist->base.host->new_struct(out, made->output, err);
    if (wrapped == NULL)
        return false;
    wrapped->fields[0] = *part.value;
    *part.schema = made->output;
    *part.value = cd_struct(wrapped);
    return true;
}

static bool hoist_plain(const struct hoist *hoist, struct cd_batch *out, struct cd_operand part,
                        struct cd_error *err)
{
    const struct hoist_config *cfg = hoist->base.cfg;
    struct cd_value map = hoist->base.host->map1(out, cfg->field, *part.value);
    if (cd_is_null(map))
        return cd_fail(err, CD_ERR_DATA, "no room for the field '%s'", cfg->field);
    *part.value = map;
    return true;
}

static enum cd_verdict_on_record hoist_apply(void *state, struct cd_batch *out,
                                             struct cd_record *rec, struct cd_error *err)
{
    struct hoist *hoist = state;
    struct cd_operand part = cd_operand(rec, hoist->role);
    return cd_keep_if(*part.schema == NULL ? hoist_plain(hoist, out, part, err)
                                           : hoist_typed(hoist, out, part, err));
}

CD_KEY_AND_VALUE_TABLES(hoist);

static const struct cd_key hoist_keys[] = {
    {
        .name = "field",
        .type = CD_STRING,
        .offset = offsetof(struct hoist_config, field),
        .importance = CD_MEDIUM,
        .doc = "Field name for the single field that will be created in the resulting Struct or "
               "Map.",
    },
};

const struct cd_plugin cd_hoist_field_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "HoistField",
    "Wrap data using the specified field name in a Struct when schema present, or a Map in the "
    "case of schemaless data.<p/>Use the concrete transformation type designed for the record key "
    "(<code>org.apache.kafka.connect.transforms.HoistField$Key</code>) or value "
    "(<code>org.apache.kafka.connect.transforms.HoistField$Value</code>).",
    struct hoist_config, hoist_keys, hoist_tables);
