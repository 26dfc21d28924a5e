/* Copies or moves fields of the key or value to headers, which are appended. */

#include "plugins/map_edit.h"
#include "plugins/operand.h"
#include "plugins/projection.h"
#include "plugins/transform_list.h"

struct header_from_config {
    struct cd_strings fields;
    struct cd_strings headers;
    const char *operation;
    bool replace_null;
};

struct header_from {
    struct cd_task_base base;
    enum cd_role role;
    bool move;
    struct cd_rebuilder rebuilder; /* of what a move leaves behind */
};

static bool build_rest(void *state, struct cd_projector *projector, struct cd_batch *out,
                       struct cd_error *err)
{
    (void)out;
    (void)err;
    const struct header_from *self = state;
    const struct header_from_config *cfg = self->base.cfg;
    cd_projector_copy_basics(projector);
    for (uint32_t i = 0; i < projector->input->field_count; i++)
        if (!cd_strings_have(cfg->fields, projector->input->fields[i].name))
            cd_projector_copy(projector, i);
    return true;
}

static bool header_from_open(struct header_from *self, enum cd_role role, struct cd_error *err)
{
    const struct header_from_config *cfg = self->base.cfg;
    self->role = role;
    self->move = strcmp(cfg->operation, "move") == 0;
    cd_rebuilder_init(&self->rebuilder, self->base.host);
    self->rebuilder.build = build_rest;
    self->rebuilder.state = self;
    self->rebuilder.purpose = self->move ? "header move" : "header copy";
    self->rebuilder.replace_null = cfg->replace_null;
    return cfg->fields.count == cfg->headers.count ||
           cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "'fields' config must have the same number of elements as 'headers' config.");
}

static void header_from_close(void *state)
{
    struct header_from *self = state;
    cd_rebuilder_done(&self->rebuilder);
}

/* What ConnectHeaders.add does. The name must live as long as the batch. */
static bool set_header(const struct header_from *self, size_t which, struct cd_batch *out,
                       struct cd_header *header, struct cd_error *err)
{
    const struct header_from_config *cfg = self->base.cfg;
    const struct cd_host *host = self->base.host;
    char label[CD_SCHEMA_LABEL_BYTES];
    if (header->schema != NULL && cd_is_null(header->value) && !header->schema->optional)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "A null value requires an optional schema but was %s",
                          cd_schema_label(header->schema, label));
    header->name = host->copy(out, cd_slice(cfg->headers.items[which]), err);
    host->keep(out, header->schema);
    return header->name.ptr != NULL;
}

/* ---- with schema ---- */

static bool field_to_header(const struct header_from *self, size_t which,
                            const struct cd_struct *from, struct cd_batch *out,
                            struct cd_header *header, struct cd_error *err)
{
    const struct header_from_config *cfg = self->base.cfg;
    int32_t index = cd_schema_field(from->schema, cd_slice(cfg->fields.items[which]));
    if (index < 0)
        return cd_fail_as(err, CD_ERR_DATA, "NullPointerException",
                          "There is no field '%s' to make the header '%s' of",
                          cfg->fields.items[which], cfg->headers.items[which]);
    header->schema = from->schema->fields[index].schema;
    header->value = cd_field_value(self->base.host, out, from, (uint32_t)index, cfg->replace_null);
    return set_header(self, which, out, header, err);
}

static bool drop_fields(struct header_from *self, struct cd_batch *out, struct cd_operand part,
                        struct cd_error *err)
{
    const struct cd_projection *how;
    struct cd_struct *rest =
        cd_rebuild(&self->rebuilder, *part.schema, *part.value, out, &how, err);
    if (rest == NULL)
        return false;
    *part.schema = how->output;
    *part.value = cd_struct(rest);
    return true;
}

static bool fields_to_headers(struct header_from *self, struct cd_batch *out,
                              struct cd_operand part, struct cd_header *header,
                              struct cd_error *err)
{
    const struct header_from_config *cfg = self->base.cfg;
    if (!cd_require_struct(*part.schema, *part.value, self->rebuilder.purpose, err))
        return false;
    for (size_t i = 0; i < cfg->fields.count; i++)
        if (!field_to_header(self, i, part.value->as.structure, out, header++, err))
            return false;
    return !self->move || drop_fields(self, out, part, err);
}

/* ---- schemaless ---- */

static bool drop_entries(const struct header_from *self, struct cd_batch *out, struct cd_value *map,
                         struct cd_error *err)
{
    const struct header_from_config *cfg = self->base.cfg;
    struct cd_map_edit edit;
    if (!cd_map_edit_copy(&edit, self->base.host, out, *map, 0, err))
        return false;
    for (size_t i = 0; i < cfg->fields.count; i++)
        cd_map_edit_remove(&edit, cfg->fields.items[i]);
    *map = cd_map_edit_hashed(&edit);
    return true;
}

static bool entries_to_headers(struct header_from *self, struct cd_batch *out,
                               struct cd_operand part, struct cd_header *header,
                               struct cd_error *err)
{
    const struct header_from_config *cfg = self->base.cfg;
    if (!cd_require_map(*part.value, self->rebuilder.purpose, err))
        return false;
    for (size_t i = 0; i < cfg->fields.count; i++, header++) {
        *header = (struct cd_header){.value = cd_map_value(*part.value, cfg->fields.items[i])};
        if (!set_header(self, i, out, header, err))
            return false;
    }
    return !self->move || drop_entries(self, out, part.value, err);
}

static enum cd_verdict_on_record header_from_apply(void *state, struct cd_batch *out,
                                                   struct cd_record *rec, struct cd_error *err)
{
    struct header_from *self = state;
    const struct header_from_config *cfg = self->base.cfg;
    size_t more = cfg->fields.count;
    struct cd_operand part = cd_operand(rec, self->role);
    struct cd_header *headers = cd_headers_copy(self->base.host, out, rec, more, err);
    if (headers == NULL)
        return CD_RECORD_FAILED;
    struct cd_header *added = headers + rec->header_count;
    if (!(*part.schema == NULL ? entries_to_headers(self, out, part, added, err)
                               : fields_to_headers(self, out, part, added, err)))
        return CD_RECORD_FAILED;
    rec->headers = headers;
    rec->header_count += (uint32_t)more;
    return CD_RECORD_KEEP;
}

CD_KEY_AND_VALUE_TABLES(header_from);

static const char *const operations[] = {"move", "copy", NULL};

static const struct cd_key header_from_keys[] = {
    {
        .name = "fields",
        .type = CD_LIST,
        .non_empty = true,
        .offset = offsetof(struct header_from_config, fields),
        .importance = CD_HIGH,
        .doc = "Field names in the record whose values are to be copied or moved to headers.",
    },
    {
        .name = "headers",
        .type = CD_LIST,
        .non_empty = true,
        .offset = offsetof(struct header_from_config, headers),
        .importance = CD_HIGH,
        .doc = "Header names, in the same order as the field names listed in the fields "
               "configuration property.",
    },
    {
        .name = "operation",
        .type = CD_STRING,
        .one_of = operations,
        .offset = offsetof(struct header_from_config, operation),
        .importance = CD_HIGH,
        .doc = "Either <code>move</code> if the fields are to be moved to the headers (removed "
               "from the key/value), or <code>copy</code> if the fields are to be copied to the "
               "headers (retained in the key/value).",
    },
    CD_REPLACE_NULL_KEY(struct header_from_config),
};

const struct cd_plugin cd_header_from_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "HeaderFrom",
    "Moves or copies fields in the key/value of a record into that record's headers. Corresponding "
    "elements of <code>fields</code> and <code>headers</code> together identify a field and the "
    "header it should be moved or copied to. Use the concrete transformation type designed for the "
    "record key (<code>org.apache.kafka.connect.transforms.HeaderFrom$Key</code>) or value "
    "(<code>org.apache.kafka.connect.transforms.HeaderFrom$Value</code>).",
    struct header_from_config, header_from_keys, header_from_tables);
