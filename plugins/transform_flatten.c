/* Takes the fields of inner structs (or maps, without schema) into the outermost, joining names. */
#include "base/buffer.h"
#include "data/schema.h"
#include "plugins/map_edit.h"
#include "plugins/operand.h"
#include "plugins/projection.h"
#include "plugins/schema_memo.h"
#include "plugins/transform_list.h"

#define PURPOSE "flattening"

struct flatten_config {
    const char *delimiter;
};

struct flatten {
    struct cd_task_base base;
    enum cd_role role;
    struct cd_schema_memo memo; /* output schemas */
    struct cd_buffer name;      /* of the struct or map the walk is in; empty between records */
};

/* A flat copy in the making, and what it is called with. */
struct flattening {
    struct flatten *flatten;
    struct cd_batch *out;
    struct cd_error *err;
};

static bool flatten_open(struct flatten *flatten, enum cd_role role, struct cd_error *err)
{
    (void)err;
    flatten->role = role;
    cd_schema_memo_init(&flatten->memo, flatten->base.host, cd_schema_memo_unref);
    return true;
}

static void flatten_close(void *state)
{
    struct flatten *flatten = state;
    cd_schema_memo_done(&flatten->memo);
    cd_buffer_done(&flatten->name);
}

/* Appends a name to the one we are in; returns the length to go back to. */
static size_t enter(struct flattening *f, struct cd_slice name)
{
    const struct flatten_config *cfg = f->flatten->base.cfg;
    size_t before = f->flatten->name.len;
    if (before > 0)
        cd_buffer_text(&f->flatten->name, cfg->delimiter);
    cd_buffer_slice(&f->flatten->name, name);
    return before;
}

static void leave(struct flattening *f, size_t before)
{
    f->flatten->name.len = before;
}

/* ---- the schema ---- */

static bool add_fields(struct flattening *f, struct cd_projector *projector,
                       const struct cd_schema *schema, bool optional);

/* The schema of a field, optional if anything around it is. */
static const struct cd_schema *loosen(struct flattening *f, const struct cd_schema *schema,
                                      bool optional)
{
    const struct cd_host *host = f->flatten->base.host;
    if (schema->optional || !optional)
        return host->schema_ref(schema);
    struct cd_schema draft = *schema;
    draft.optional = true;
    return host->schema(&draft, f->err);
}

static bool add_leaf(struct flattening *f, struct cd_projector *projector,
                     const struct cd_schema *schema, bool optional)
{
    const struct cd_schema *loose = loosen(f, schema, optional);
    struct cd_slice name =
        f->flatten->base.host->copy(f->out, cd_buffer_view(&f->flatten->name), f->err);
    cd_projector_take(projector, name, loose, (struct cd_projected){.from = CD_FROM_NOWHERE});
    return loose != NULL && name.ptr != NULL;
}

static bool add_field(struct flattening *f, struct cd_projector *projector,
                      const struct cd_schema *schema, bool optional)
{
    if (schema->type == CD_TYPE_STRUCT)
        return add_fields(f, projector, schema, optional);
    if (schema->type != CD_TYPE_MAP)
        return add_leaf(f, projector, schema, optional);
    return cd_fail_as(f->err, CD_ERR_DATA, "DataException",
                      "Flatten transformation does not support MAP for record with schemas (for "
                      "field %.*s).",
                      CD_SLICE_ARG(cd_buffer_view(&f->flatten->name)));
}

/* A struct has no default that could be passed on to its fields: Connect's builder refuses it. */
static bool add_fields(struct flattening *f, struct cd_projector *projector,
                       const struct cd_schema *schema, bool optional)
{
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct cd_schema *inner = schema->fields[i].schema;
        size_t before = enter(f, schema->fields[i].name);
        bool ok = add_field(f, projector, inner, optional || inner->optional);
        leave(f, before);
        if (!ok)
            return false;
    }
    return true;
}

static const struct cd_schema *flat_schema(struct flatten *flatten, const struct cd_schema *schema,
                                           struct cd_batch *out, struct cd_error *err)
{
    struct cd_schema *known = cd_schema_memo_find(&flatten->memo, schema);
    if (known != NULL)
        return known;
    struct flattening f = {.flatten = flatten, .out = out, .err = err};
    struct cd_projector projector;
    cd_projector_init(&projector, flatten->base.host, schema);
    cd_projector_copy_basics(&projector);
    (void)add_fields(&f, &projector, schema, schema->optional); /* finish looks at err */
    struct cd_projection *made = cd_projector_finish(&projector, err);
    if (made == NULL)
        return NULL;
    known = (struct cd_schema *)(uintptr_t)cd_schema_ref(made->output);
    cd_schema_memo_put(&flatten->memo, schema, known);
    cd_projection_free(made);
    return known;
}

/* ---- structs ---- */

static uint32_t count_leaves(const struct cd_schema *schema)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct cd_schema *inner = schema->fields[i].schema;
        count += inner->type == CD_TYPE_STRUCT ? count_leaves(inner) : 1;
    }
    return count;
}

/* The order of the flat fields is that of the walk. A null struct leaves its fields null. */
static bool copy_fields(struct flattening *f, const struct cd_struct *from, struct cd_struct *flat,
                        uint32_t *at)
{
    for (uint32_t i = 0; i < from->schema->field_count; i++) {
        const struct cd_schema *inner = from->schema->fields[i].schema;
        if (inner->type == CD_TYPE_STRUCT && cd_is_null(from->fields[i])) {
            *at += count_leaves(inner);
        } else if (inner->type == CD_TYPE_STRUCT) {
            if (!cd_require_struct(inner, from->fields[i], PURPOSE, f->err) ||
                !copy_fields(f, from->fields[i].as.structure, flat, at))
                return false;
        } else {
            const struct cd_field *field = &flat->schema->fields[*at];
            struct cd_value value =
                cd_field_value(f->flatten->base.host, f->out, from, i, /* replace_null = */ true);
            if (cd_is_null(value) &&
                !cd_schema_check(field->schema, value, field->name.ptr, f->err))
                return false;
            flat->fields[(*at)++] = value;
        }
    }
    return true;
}

static bool flatten_typed(struct flatten *flatten, struct cd_batch *out, struct cd_operand part,
                          struct cd_error *err)
{
    struct flattening f = {.flatten = flatten, .out = out, .err = err};
    uint32_t at = 0;
    if (!cd_require_struct(*part.schema, *part.value, PURPOSE, err))
        return false;
    const struct cd_schema *schema = flat_schema(flatten, *part.schema, out, err);
    if (schema == NULL)
        return false;
    struct cd_struct *flat = flatten->base.host->new_struct(out, schema, err);
    if (flat == NULL || !copy_fields(&f, part.value->as.structure, flat, &at))
        return false;
    *part.schema = schema;
    *part.value = cd_struct(flat);
    return true;
}

/* ---- maps ---- */

static uint32_t count_entries(struct cd_value map)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < map.count; i++) {
        struct cd_value value = map.as.map[i].value;
        count += value.kind == CD_KIND_MAP ? count_entries(value) : 1;
    }
    return count;
}

/* Only what has a Connect type of its own may stand in schemaless data. */
static bool check_class(struct flattening *f, struct cd_value value)
{
    const char *what = CD_CLASS_OF(value);
    if (value.kind == CD_KIND_INSTANT || value.kind == CD_KIND_DECIMAL)
        return cd_fail_as(f->err, CD_ERR_DATA, "DataException",
                          "Flatten transformation was passed a value of type class %s which is not "
                          "supported by Connect's data API",
                          what);
    return value.kind != CD_KIND_STRUCT ||
           cd_fail_as(f->err, CD_ERR_DATA, "DataException",
                      "Flatten transformation does not support class %s for record without schemas "
                      "(for field %.*s).",
                      what, CD_SLICE_ARG(cd_buffer_view(&f->flatten->name)));
}

static bool copy_entries(struct flattening *f, struct cd_value map, struct cd_map_edit *edit);

static bool copy_entry(struct flattening *f, struct cd_value value, struct cd_map_edit *edit)
{
    if (value.kind == CD_KIND_MAP)
        return copy_entries(f, value, edit);
    return check_class(f, value) && cd_map_edit_put(edit, f->flatten->name.ptr, value, f->err);
}

/* The flat map keeps the order of insertion, which is that of the walk. */
static bool copy_entries(struct flattening *f, struct cd_value map, struct cd_map_edit *edit)
{
    if (!cd_map_iterated(f->flatten->base.host, f->out, map, &map, f->err))
        return false;
    for (uint32_t i = 0; i < map.count; i++) {
        const struct cd_map_entry *entry = &map.as.map[i];
        if (entry->key.kind != CD_KIND_STRING)
            return cd_fail_as(f->err, CD_ERR_DATA, "ClassCastException",
                              "a map key of class %s cannot become part of a field's name",
                              CD_CLASS_OF(entry->key));
        size_t before = enter(f, cd_value_slice(entry->key));
        bool ok = copy_entry(f, entry->value, edit);
        leave(f, before);
        if (!ok)
            return false;
    }
    return true;
}

static bool flatten_plain(struct flatten *flatten, struct cd_batch *out, struct cd_operand part,
                          struct cd_error *err)
{
    struct cd_map_edit edit;
    if (!cd_require_map(*part.value, PURPOSE, err) ||
        !cd_map_edit_new(&edit, flatten->base.host, out, count_entries(*part.value), err))
        return false;
    struct flattening f = {.flatten = flatten, .out = out, .err = err};
    if (!copy_entries(&f, *part.value, &edit))
        return false;
    *part.value = cd_map_edit_linked(&edit);
    return true;
}

static enum cd_verdict_on_record flatten_apply(void *state, struct cd_batch *out,
                                               struct cd_record *rec, struct cd_error *err)
{
    struct flatten *flatten = state;
    struct cd_operand part = cd_operand(rec, flatten->role);
    if (cd_is_null(*part.value))
        return CD_RECORD_KEEP;
    return cd_keep_if(*part.schema == NULL ? flatten_plain(flatten, out, part, err)
                                           : flatten_typed(flatten, out, part, err));
}

CD_KEY_AND_VALUE_TABLES(flatten);

static const struct cd_key flatten_keys[] = {
    {
        .name = "delimiter",
        .type = CD_STRING,
        .fallback = ".",
        .offset = offsetof(struct flatten_config, delimiter),
        .importance = CD_MEDIUM,
        .doc = "Delimiter to insert between field names from the input record when generating "
               "field names for the output record",
    },
};

const struct cd_plugin cd_flatten_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "Flatten",
    "Flatten a nested data structure, generating names for each field by concatenating the field "
    "names at each level with a configurable delimiter character. Applies to Struct when schema "
    "present, or a Map in the case of schemaless data. Array fields and their contents are not "
    "modified. The default delimiter is '.'.<p/>Use the concrete transformation type designed for "
    "the record key (<code>org.apache.kafka.connect.transforms.Flatten$Key</code>) or value "
    "(<code>org.apache.kafka.connect.transforms.Flatten$Value</code>).",
    struct flatten_config, flatten_keys, flatten_tables);
