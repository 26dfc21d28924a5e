/* Replaces the values of fields: by a nothing of their class, or by a configured text. */
#include "base/arena.h"
#include "compat/decimal.h"
#include "data/batch.h"
#include "data/value.h"
#include "plugins/map_edit.h"
#include "plugins/operand.h"
#include "plugins/projection.h"
#include "plugins/transform_list.h"

#define PURPOSE "mask fields"
#define KINDS (CD_KIND_INSTANT + 1)

enum action { MASK = CD_ACTION_NONE + 1 };

struct mask_config {
    struct cd_strings fields;
    const char *replacement;
    bool replace_null;
};

/* What a value of one kind becomes. */
enum outcome { REFUSED, NOT_A_NUMBER, MASKED };

struct masked {
    enum outcome outcome;
    struct cd_value value; /* in the transform's arena: copied to each batch */
};

struct mask {
    struct cd_task_base base;
    enum cd_role role;
    struct cd_arena arena;
    struct masked by_kind[KINDS];
    struct cd_rebuilder rebuilder;
};

/* ---- what takes the place of values ---- */

static bool mask_with_nothing(struct mask *mask, struct cd_error *err)
{
    const struct cd_decimal *zero = cd_decimal_of_int64(0, 0, &mask->arena, err);
    if (zero == NULL)
        return false;
    struct masked *by_kind = mask->by_kind;
    by_kind[CD_KIND_BOOL] = (struct masked){MASKED, cd_bool(false)};
    by_kind[CD_KIND_INT8] = (struct masked){MASKED, cd_int8(0)};
    by_kind[CD_KIND_INT16] = (struct masked){MASKED, cd_int16(0)};
    by_kind[CD_KIND_INT32] = (struct masked){MASKED, cd_int32(0)};
    by_kind[CD_KIND_INT64] = (struct masked){MASKED, cd_int64(0)};
    by_kind[CD_KIND_FLOAT32] = (struct masked){MASKED, cd_float32(0)};
    by_kind[CD_KIND_FLOAT64] = (struct masked){MASKED, cd_float64(0)};
    by_kind[CD_KIND_STRING] = (struct masked){MASKED, cd_string(cd_slice(""))};
    by_kind[CD_KIND_INSTANT] = (struct masked){MASKED, cd_instant(0)};
    by_kind[CD_KIND_DECIMAL] = (struct masked){MASKED, cd_decimal(zero)};
    by_kind[CD_KIND_ARRAY] = (struct masked){MASKED, cd_array(NULL, 0)};
    by_kind[CD_KIND_MAP] = (struct masked){MASKED, cd_map(NULL, 0)};
    return true;
}

/* Integers are cut to their width, as Java's casts do. */
static void mask_with_number(struct mask *mask, const struct cd_decimal *number)
{
    int64_t integer = cd_java_decimal_long(number);
    double real = cd_java_decimal_double(number);
    struct masked *by_kind = mask->by_kind;
    by_kind[CD_KIND_INT8] = (struct masked){MASKED, cd_int8((int8_t)integer)};
    by_kind[CD_KIND_INT16] = (struct masked){MASKED, cd_int16((int16_t)integer)};
    by_kind[CD_KIND_INT32] = (struct masked){MASKED, cd_int32((int32_t)integer)};
    by_kind[CD_KIND_INT64] = (struct masked){MASKED, cd_int64(integer)};
    by_kind[CD_KIND_FLOAT32] = (struct masked){MASKED, cd_float32((float)real)};
    by_kind[CD_KIND_FLOAT64] = (struct masked){MASKED, cd_float64(real)};
    by_kind[CD_KIND_DECIMAL] = (struct masked){MASKED, cd_decimal(number)};
}

/* A text that is no number is refused by the first number it should replace, not before. */
static void mask_with_text(struct mask *mask, const char *text)
{
    static const enum cd_kind numbers[] = {CD_KIND_INT8,   CD_KIND_INT16,   CD_KIND_INT32,
                                           CD_KIND_INT64,  CD_KIND_FLOAT32, CD_KIND_FLOAT64,
                                           CD_KIND_DECIMAL};
    struct cd_error why = CD_ERROR_INIT;
    const struct cd_decimal *number = cd_java_parse_decimal(cd_slice(text), &mask->arena, &why);
    if (number != NULL)
        mask_with_number(mask, number);
    for (size_t i = 0; number == NULL && i < sizeof(numbers) / sizeof(numbers[0]); i++)
        mask->by_kind[numbers[i]].outcome = NOT_A_NUMBER;
    mask->by_kind[CD_KIND_STRING] = (struct masked){MASKED, cd_string(cd_slice(text))};
}

static bool fail_mask(const struct mask *mask, struct cd_value value, struct cd_error *err)
{
    const struct mask_config *cfg = mask->base.cfg;
    const char *what = CD_CLASS_OF(value);
    if (mask->by_kind[value.kind].outcome == NOT_A_NUMBER)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Unable to convert %s (class java.lang.String) to %snumber",
                          cfg->replacement, value.kind == CD_KIND_DECIMAL ? "" : "a ");
    if (cfg->replacement != NULL)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Cannot mask value of type class %s with custom replacement.", what);
    return cd_fail_as(err, CD_ERR_DATA, "DataException", "Cannot mask value of type: class %s",
                      what);
}

/* A null stays null. */
static bool mask_value(const struct mask *mask, struct cd_batch *out, struct cd_value *value,
                       struct cd_error *err)
{
    if (cd_is_null(*value))
        return true;
    const struct masked *masked = &mask->by_kind[value->kind];
    if (masked->outcome != MASKED)
        return fail_mask(mask, *value, err);
    if (masked->value.kind == CD_KIND_STRING || masked->value.kind == CD_KIND_DECIMAL)
        return cd_value_copy(&out->arena, masked->value, value, err);
    *value = masked->value;
    return true;
}

/* ---- records ---- */

static bool build_same(void *state, struct cd_projector *projector, struct cd_batch *out,
                       struct cd_error *err)
{
    (void)out;
    (void)err;
    const struct mask *mask = state;
    const struct mask_config *cfg = mask->base.cfg;
    projector->draft = *projector->input;
    for (uint32_t i = 0; i < projector->input->field_count; i++) {
        const struct cd_field *field = &projector->input->fields[i];
        bool masked = cd_strings_have(cfg->fields, field->name);
        cd_projector_add(projector, field->name, field->schema,
                         (struct cd_projected){i, masked ? MASK : CD_ACTION_NONE});
    }
    return true;
}

static bool mask_open(struct mask *mask, enum cd_role role, struct cd_error *err)
{
    const struct mask_config *cfg = mask->base.cfg;
    mask->role = role;
    cd_arena_init(&mask->arena, SIZE_MAX, SIZE_MAX);
    cd_rebuilder_init(&mask->rebuilder, mask->base.host);
    mask->rebuilder.build = build_same;
    mask->rebuilder.state = mask;
    mask->rebuilder.purpose = PURPOSE;
    mask->rebuilder.replace_null = cfg->replace_null;
    if (cfg->replacement == NULL)
        return mask_with_nothing(mask, err);
    mask_with_text(mask, cfg->replacement);
    return true;
}

static void mask_close(void *state)
{
    struct mask *mask = state;
    cd_rebuilder_done(&mask->rebuilder);
    cd_arena_done(&mask->arena);
}

static bool mask_typed(struct mask *mask, struct cd_batch *out, struct cd_operand part,
                       struct cd_error *err)
{
    const struct cd_projection *how;
    struct cd_struct *made =
        cd_rebuild(&mask->rebuilder, *part.schema, *part.value, out, &how, err);
    if (made == NULL)
        return false;
    for (uint32_t i = 0; i < how->acted_count; i++)
        if (!mask_value(mask, out, &made->fields[how->acted[i]], err))
            return false;
    *part.value = cd_struct(made);
    return true;
}

static bool mask_plain(const struct mask *mask, struct cd_batch *out, struct cd_operand part,
                       struct cd_error *err)
{
    const struct mask_config *cfg = mask->base.cfg;
    struct cd_map_edit edit;
    if (!cd_require_map(*part.value, PURPOSE, err) ||
        !cd_map_edit_copy(&edit, mask->base.host, out, *part.value, cfg->fields.count, err))
        return false;
    for (size_t i = 0; i < cfg->fields.count; i++) {
        const char *name = cfg->fields.items[i];
        struct cd_value value = cd_map_value(*part.value, name);
        if (!mask_value(mask, out, &value, err) || !cd_map_edit_put(&edit, name, value, err))
            return false;
    }
    *part.value = cd_map_edit_hashed(&edit);
    return true;
}

static enum cd_verdict_on_record mask_apply(void *state, struct cd_batch *out,
                                            struct cd_record *rec, struct cd_error *err)
{
    struct mask *mask = state;
    struct cd_operand part = cd_operand(rec, mask->role);
    return cd_keep_if(*part.schema == NULL ? mask_plain(mask, out, part, err)
                                           : mask_typed(mask, out, part, err));
}

CD_KEY_AND_VALUE_TABLES(mask);

static const struct cd_key mask_keys[] = {
    {
        .name = "fields",
        .type = CD_LIST,
        .non_empty = true,
        .offset = offsetof(struct mask_config, fields),
        .importance = CD_HIGH,
        .doc = "Names of fields to mask.",
    },
    {
        .name = "replacement",
        .type = CD_STRING,
        .optional = true,
        .non_empty = true,
        .offset = offsetof(struct mask_config, replacement),
        .importance = CD_LOW,
        .doc = "Custom value replacement, that will be applied to all 'fields' values (numeric or "
               "non-empty string values only).",
    },
    CD_REPLACE_NULL_KEY(struct mask_config),
};

const struct cd_plugin cd_mask_field_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "MaskField",
    "Mask specified fields with a valid null value for the field type (i.e. 0, false, empty "
    "string, and so on).<p/>For numeric and string fields, an optional replacement value can be "
    "specified that is converted to the correct type.<p/>Use the concrete transformation type "
    "designed for the record key (<code>org.apache.kafka.connect.transforms.MaskField$Key</code>) "
    "or value (<code>org.apache.kafka.connect.transforms.MaskField$Value</code>).",
    struct mask_config, mask_keys, mask_tables);
