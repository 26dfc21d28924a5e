/* Sets the name, the version or both of a struct's schema. */
#include "plugins/operand.h"
#include "plugins/projection.h"
#include "plugins/transform_list.h"

#define PURPOSE "updating schema metadata"

struct metadata_config {
    const char *name;
    int32_t version;
    const char *version_text; /* tells an absent version from 0 */
    bool replace_null;
};

struct metadata {
    struct cd_task_base base;
    enum cd_role role;
    struct cd_rebuilder rebuilder;
};

/* Only structs: the JVM asks every schema for its fields, whatever its type. */
static bool build_output(void *state, struct cd_projector *projector, struct cd_batch *out,
                         struct cd_error *err)
{
    (void)out;
    const struct metadata *metadata = state;
    const struct metadata_config *cfg = metadata->base.cfg;
    if (!cd_require_fields(projector->input, err))
        return false;
    cd_projector_copy_basics(projector);
    projector->draft.optional = projector->input->optional;
    if (cfg->name != NULL)
        projector->draft.name = cd_slice(cfg->name);
    if (cfg->version_text != NULL) {
        projector->draft.has_version = true;
        projector->draft.version = cfg->version;
    }
    for (uint32_t i = 0; i < projector->input->field_count; i++)
        cd_projector_copy(projector, i);
    return true;
}

static bool metadata_open(struct metadata *metadata, enum cd_role role, struct cd_error *err)
{
    const struct metadata_config *cfg = metadata->base.cfg;
    metadata->role = role;
    cd_rebuilder_init(&metadata->rebuilder, metadata->base.host);
    metadata->rebuilder.build = build_output;
    metadata->rebuilder.state = metadata;
    metadata->rebuilder.purpose = PURPOSE;
    metadata->rebuilder.replace_null = cfg->replace_null;
    return cfg->name != NULL || cfg->version_text != NULL ||
           cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Neither schema name nor version configured");
}

static void metadata_close(void *state)
{
    struct metadata *metadata = state;
    cd_rebuilder_done(&metadata->rebuilder);
}

/* The schema changes for a null, too. */
static bool update(struct metadata *metadata, struct cd_batch *out, struct cd_operand part,
                   struct cd_error *err)
{
    const struct cd_projection *how =
        cd_rebuilder_find(&metadata->rebuilder, *part.schema, out, err);
    if (how == NULL)
        return false;
    if (!cd_is_null(*part.value)) {
        struct cd_struct *made =
            cd_rebuild(&metadata->rebuilder, *part.schema, *part.value, out, &how, err);
        if (made == NULL)
            return false;
        *part.value = cd_struct(made);
    }
    metadata->base.host->keep(out, how->output);
    *part.schema = how->output;
    return true;
}

static enum cd_verdict_on_record metadata_apply(void *state, struct cd_batch *out,
                                                struct cd_record *rec, struct cd_error *err)
{
    struct metadata *metadata = state;
    struct cd_operand part = cd_operand(rec, metadata->role);
    if (*part.schema != NULL)
        return cd_keep_if(update(metadata, out, part, err));
    if (cd_is_null(*part.value))
        return CD_RECORD_KEEP;
    return cd_keep_if(
        cd_fail_as(err, CD_ERR_DATA, "DataException", "Schema required for [" PURPOSE "]"));
}

CD_KEY_AND_VALUE_TABLES(metadata);

static const struct cd_key metadata_keys[] = {
    {
        .name = "schema.name",
        .type = CD_STRING,
        .optional = true,
        .offset = offsetof(struct metadata_config, name),
        .importance = CD_HIGH,
        .doc = "Schema name to set.",
    },
    {
        .name = "schema.version",
        .type = CD_INT32,
        .optional = true,
        .offset = offsetof(struct metadata_config, version),
        .importance = CD_HIGH,
        .doc = "Schema version to set.",
    },
    CD_REPLACE_NULL_KEY(struct metadata_config),
    {
        .name = "schema.version", /* the same text again: a number cannot be NULL */
        .type = CD_STRING,
        .optional = true,
        .internal = true,
        .offset = offsetof(struct metadata_config, version_text),
    },
};

const struct cd_plugin cd_set_schema_metadata_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "SetSchemaMetadata",
    "Set the schema name, version or both on the record's key "
    "(<code>org.apache.kafka.connect.transforms.SetSchemaMetadata$Key</code>) or value "
    "(<code>org.apache.kafka.connect.transforms.SetSchemaMetadata$Value</code>) schema.",
    struct metadata_config, metadata_keys, metadata_tables);
