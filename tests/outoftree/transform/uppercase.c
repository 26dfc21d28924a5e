/*
 * A transform of one's own, outside connectd's tree: it turns the ASCII letters of one text field
 * into capitals. It includes nothing but the installed headers and links with nothing.
 *
 *   transforms=up
 *   transforms.up.type=com.example.Uppercase
 *   transforms.up.field=country
 */
#include "connectd/plugin.h"

struct uppercase_config {
    const char *field;
};

/* Zeroed before open. Used by one thread at a time, so nothing here needs a lock. */
struct uppercase {
    struct cd_task_base base;       /* first: host, handle and cfg are filled in */
    const struct cd_schema *schema; /* the last one met; a reference is held */
    int32_t index;                  /* of our field in it, or -1 */
};

static void uppercase_close(void *state)
{
    struct uppercase *self = state;
    self->base.host->schema_unref(self->schema); /* NULL is allowed */
}

/* Equal schemas are the same pointer, so a field is looked up once a schema, not once a record. The
 * reference keeps a new schema from getting the old one's address. */
static void learn(struct uppercase *self, const struct cd_schema *schema)
{
    const struct uppercase_config *cfg = self->base.cfg;
    const struct cd_host *host = self->base.host;
    host->schema_unref(self->schema);
    self->schema = host->schema_ref(schema);
    self->index =
        schema->type == CD_TYPE_STRUCT ? cd_schema_field(schema, cd_slice(cfg->field)) : -1;
}

/* Memory of the record is never written to: others may look at it, and a retry starts from it. */
static bool capitals(const struct uppercase *self, struct cd_batch *out, struct cd_value *text,
                     struct cd_error *err)
{
    char *copy = self->base.host->alloc(out, text->count, err);
    if (copy == NULL)
        return false;
    for (uint32_t i = 0; i < text->count; i++) {
        char c = text->as.string[i];
        copy[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    *text = cd_string(cd_slice_of(copy, text->count));
    return true;
}

static bool change_field(const struct uppercase *self, struct cd_batch *out, struct cd_value *value,
                         struct cd_error *err)
{
    const struct cd_struct *old = value->as.structure;
    struct cd_struct *copy = self->base.host->new_struct(out, old->schema, err);
    if (copy == NULL)
        return false;
    memcpy(copy->fields, old->fields, old->schema->field_count * sizeof(copy->fields[0]));
    if (!capitals(self, out, &copy->fields[self->index], err))
        return false;
    *value = cd_struct(copy);
    return true;
}

/* A record that has no such field passes as it is; one whose field is not a text is a data error,
 * and errors.tolerance decides what becomes of it. */
static enum cd_verdict_on_record uppercase_apply(void *state, struct cd_batch *out,
                                                 struct cd_record *rec, struct cd_error *err)
{
    struct uppercase *self = state;
    const struct uppercase_config *cfg = self->base.cfg;
    if (rec->value.kind != CD_KIND_STRUCT)
        return CD_RECORD_KEEP;
    const struct cd_struct *old = rec->value.as.structure;
    if (old->schema != self->schema)
        learn(self, old->schema);
    if (self->index < 0 || cd_is_null(old->fields[self->index]))
        return CD_RECORD_KEEP;
    if (old->fields[self->index].kind != CD_KIND_STRING) {
        (void)cd_fail_as(err, CD_ERR_DATA, "DataException", "field '%s' is not a text", cfg->field);
        return CD_RECORD_FAILED;
    }
    return change_field(self, out, &rec->value, err) ? CD_RECORD_KEEP : CD_RECORD_FAILED;
}

static const struct cd_transform uppercase_table = {
    .size = sizeof(struct cd_transform),
    .state_size = sizeof(struct uppercase),
    .apply = uppercase_apply,
    .close = uppercase_close,
};

static const struct cd_key uppercase_keys[] = {
    {
        .name = "field",
        .type = CD_STRING,
        .non_empty = true,
        .offset = offsetof(struct uppercase_config, field),
        .importance = CD_HIGH,
        .doc = "Top-level field whose letters become capitals.",
    },
};

static const struct cd_plugin plugins[] = {
    {
        .kind = CD_PLUGIN_TRANSFORM,
        .class_name = "com.example.Uppercase",
        .version = "1.0.0",
        .doc = "Turns the letters of a text field into capitals.",
        .keys = uppercase_keys,
        .key_count = sizeof(uppercase_keys) / sizeof(uppercase_keys[0]),
        .key_size = sizeof(struct cd_key),
        .config_size = sizeof(struct uppercase_config),
        .transform = &uppercase_table,
    },
};

const struct cd_plugin_set connectd_plugins = CD_PLUGIN_SET(plugins);
