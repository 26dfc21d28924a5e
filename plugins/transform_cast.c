/* Casts fields, or the whole key or value, to another primitive type. */
#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "compat/utf.h"
#include "data/schema.h"
#include "plugins/cast_value.h"
#include "plugins/map_edit.h"
#include "plugins/operand.h"
#include "plugins/pairs.h"
#include "plugins/projection.h"
#include "plugins/transform_list.h"

#define PURPOSE "cast types"
#define TYPES (CD_TYPE_STRUCT + 1)

struct cast_config {
    struct cd_strings spec;
    bool replace_null;
};

struct field_cast {
    char *name;
    enum cd_type target;
};

struct casts {
    struct field_cast *list;
    size_t count;
    bool whole; /* the one cast is of the whole key or value, and has no name */
};

struct cast {
    struct cd_task_base base;
    enum cd_role role;
    struct casts casts;
    struct cd_rebuilder rebuilder; /* of structs */
    struct cd_schema_memo whole;   /* output schemas of whole values */
    struct cd_caster caster;
};

/* ---- the spec ---- */

static bool parse_target(const char *text, enum cd_type *ret, struct cd_error *err)
{
    struct cd_slice name = cd_java_trim(cd_slice(text));
    CD_AUTO_FREE char *upper = cd_slice_dup(name);
    for (char *c = upper; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    enum cd_type type = CD_TYPE_INT8;
    while (type < TYPES && strcmp(cd_type_name(type), upper) != 0)
        type++;
    if (type == TYPES)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Invalid value java.lang.IllegalArgumentException: No enum constant "
                          "org.apache.kafka.connect.data.Schema.Type.%s for configuration Invalid "
                          "type found in casting spec: %.*s",
                          upper, CD_SLICE_ARG(name));
    if (!cd_cast_reaches(type))
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Cast transformation does not support casting to %s; supported types "
                          "are " CD_CAST_OUTPUTS,
                          upper);
    *ret = type;
    return true;
}

static void casts_done(struct casts *casts)
{
    for (size_t i = 0; i < casts->count; i++)
        free(casts->list[i].name);
    free(casts->list);
    *casts = (struct casts){0};
}

static bool add_casts(struct casts *casts, const struct cd_pairs *pairs, struct cd_error *err)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const struct cd_pair *pair = &pairs->list[i];
        bool whole = pair->right == NULL;
        struct field_cast *made = &casts->list[casts->count++];
        if (!parse_target(whole ? pair->left : pair->right, &made->target, err))
            return false;
        made->name = whole ? NULL : cd_slice_dup(cd_java_trim(cd_slice(pair->left)));
        casts->whole = casts->whole || whole;
    }
    return !casts->whole || casts->count == 1 ||
           cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Cast transformations that specify a type to cast the entire value to may "
                      "only specify a single cast in their spec");
}

static bool parse_casts(struct casts *casts, struct cd_strings spec, struct cd_error *err)
{
    struct cd_pairs pairs CD_AUTO(cd_pairs_done) = {0};
    if (spec.count == 0)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Must specify at least one field to cast.");
    if (!cd_pairs_parse(&pairs, spec, /* parts_min = */ 1, err))
        return false;
    casts->list = cd_new_array(pairs.count, struct field_cast);
    if (add_casts(casts, &pairs, err))
        return true;
    casts_done(casts);
    return false;
}

static bool check_list(struct cd_strings list, struct cd_error *err)
{
    struct casts casts CD_AUTO(casts_done) = {0};
    return parse_casts(&casts, list, err);
}

static bool check_spec(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key;
    return cd_check_list(value, check_list, err);
}

/* The last cast of a field counts. */
static const struct field_cast *find_cast(const struct casts *casts, struct cd_slice name)
{
    for (size_t i = casts->count; i > 0; i--)
        if (cd_slice_is(name, casts->list[i - 1].name))
            return &casts->list[i - 1];
    return NULL;
}

/* ---- schemas ---- */

/* A bare schema of the type: what a cast field had beyond optional and default is dropped. NULL on
 * failure. */
static const struct cd_schema *cast_field_schema(struct cast *cast, const struct cd_schema *from,
                                                 enum cd_type target, struct cd_error *err)
{
    struct cd_schema draft = {.type = target, .optional = from->optional};
    struct cd_value fallback;
    if (from->fallback != NULL) {
        if (!cd_cast_value(&cast->caster, target, from, *from->fallback, &fallback, err))
            return NULL;
        draft.fallback = &fallback;
    }
    return cast->base.host->schema(&draft, err);
}

static bool build_output(void *state, struct cd_projector *projector, struct cd_batch *out,
                         struct cd_error *err)
{
    (void)out; /* the caster has it */
    struct cast *cast = state;
    const struct cd_schema *input = projector->input;
    cd_projector_copy_basics(projector);
    projector->draft.optional = input->optional;
    for (uint32_t i = 0; i < input->field_count; i++) {
        const struct cd_field *field = &input->fields[i];
        const struct field_cast *to = find_cast(&cast->casts, field->name);
        if (to == NULL) {
            cd_projector_copy(projector, i);
            continue;
        }
        const struct cd_schema *made = cast_field_schema(cast, field->schema, to->target, err);
        cd_projector_take(projector, field->name, made,
                          (struct cd_projected){i, CD_ACTION_NONE + 1 + to->target});
        if (made == NULL)
            return false;
    }
    return true;
}

/* Everything but the type is kept, even a logical name. */
static const struct cd_schema *whole_schema(struct cast *cast, const struct cd_schema *schema,
                                            struct cd_error *err)
{
    struct cd_schema *known = cd_schema_memo_find(&cast->whole, schema);
    if (known != NULL)
        return known;
    struct cd_value fallback;
    struct cd_schema draft = cd_schema_basics(schema, cast->casts.list[0].target);
    draft.optional = schema->optional;
    if (schema->fallback != NULL) {
        if (!cd_cast_value(&cast->caster, draft.type, schema, *schema->fallback, &fallback, err))
            return NULL;
        draft.fallback = &fallback;
    }
    const struct cd_schema *made = cast->base.host->schema(&draft, err);
    if (made != NULL)
        cd_schema_memo_put(&cast->whole, schema, (void *)(uintptr_t)made);
    return made;
}

/* ---- opening ---- */

static bool cast_open(struct cast *cast, enum cd_role role, struct cd_error *err)
{
    const struct cast_config *cfg = cast->base.cfg;
    cast->role = role;
    cd_schema_memo_init(&cast->whole, cast->base.host, cd_schema_memo_unref);
    cd_rebuilder_init(&cast->rebuilder, cast->base.host);
    cast->rebuilder.build = build_output;
    cast->rebuilder.state = cast;
    cast->rebuilder.purpose = PURPOSE;
    cast->rebuilder.replace_null = cfg->replace_null;
    return parse_casts(&cast->casts, cfg->spec, err);
}

static void cast_close(void *state)
{
    struct cast *cast = state;
    cd_rebuilder_done(&cast->rebuilder);
    cd_schema_memo_done(&cast->whole);
    casts_done(&cast->casts);
    cd_buffer_done(&cast->caster.scratch);
}

/* ---- records ---- */

static bool cast_whole(struct cast *cast, struct cd_batch *out, struct cd_operand part,
                       struct cd_error *err)
{
    const struct cd_schema *schema = NULL;
    struct cd_value value;
    if (*part.schema != NULL) {
        schema = whole_schema(cast, *part.schema, err);
        if (schema == NULL)
            return false;
        cast->base.host->keep(out, schema);
    }
    if (!cd_cast_value(&cast->caster, cast->casts.list[0].target, *part.schema, *part.value, &value,
                       err))
        return false;
    *part.schema = schema;
    *part.value = value;
    return true;
}

static bool cast_typed(struct cast *cast, struct cd_batch *out, struct cd_operand part,
                       struct cd_error *err)
{
    const struct cd_projection *how;
    if (!cd_require_fields(*part.schema, err))
        return false;
    struct cd_struct *made =
        cd_rebuild(&cast->rebuilder, *part.schema, *part.value, out, &how, err);
    if (made == NULL)
        return false;
    for (uint32_t i = 0; i < how->acted_count; i++) {
        uint32_t at = how->acted[i];
        const struct cd_schema *from = how->input->fields[how->fields[at].from].schema;
        if (!cd_cast_value(&cast->caster, how->output->fields[at].schema->type, from,
                           made->fields[at], &made->fields[at], err))
            return false;
    }
    *part.schema = how->output;
    *part.value = cd_struct(made);
    return true;
}

static bool cast_plain(struct cast *cast, struct cd_batch *out, struct cd_operand part,
                       struct cd_error *err)
{
    struct cd_map_edit edit;
    if (!cd_require_map(*part.value, PURPOSE, err) ||
        !cd_map_edit_copy(&edit, cast->base.host, out, *part.value, cast->casts.count, err))
        return false;
    for (size_t i = 0; i < cast->casts.count; i++) {
        const struct field_cast *to = &cast->casts.list[i];
        struct cd_value value = cd_map_value(*part.value, to->name);
        if (!cd_cast_value(&cast->caster, to->target, NULL, value, &value, err) ||
            !cd_map_edit_put(&edit, to->name, value, err))
            return false;
    }
    *part.value = cd_map_edit_hashed(&edit);
    return true;
}

static enum cd_verdict_on_record cast_apply(void *state, struct cd_batch *out,
                                            struct cd_record *rec, struct cd_error *err)
{
    struct cast *cast = state;
    struct cd_operand part = cd_operand(rec, cast->role);
    if (cd_is_null(*part.value))
        return CD_RECORD_KEEP;
    cast->caster.out = out;
    if (cast->casts.whole)
        return cd_keep_if(cast_whole(cast, out, part, err));
    return cd_keep_if(*part.schema == NULL ? cast_plain(cast, out, part, err)
                                           : cast_typed(cast, out, part, err));
}

CD_KEY_AND_VALUE_TABLES(cast);

static const struct cd_key cast_keys[] = {
    {
        .name = "spec",
        .type = CD_LIST,
        .check = check_spec,
        .offset = offsetof(struct cast_config, spec),
        .importance = CD_HIGH,
        .doc = "List of fields and the type to cast them to of the form field1:type,field2:type to "
               "cast fields of Maps or Structs. A single type to cast the entire value. Valid "
               "types are int8, int16, int32, int64, float32, float64, boolean, and string. Note "
               "that binary fields can only be cast to string.",
    },
    CD_REPLACE_NULL_KEY(struct cast_config),
};

const struct cd_plugin cd_cast_plugins[] = CD_KEY_AND_VALUE_PLUGINS(
    "Cast",
    "Cast fields or the entire key or value to a specific type, e.g. to force an integer field to "
    "a smaller width. Cast from integers, floats, boolean and string to any other type, and cast "
    "binary to string (base64 encoded).<p/>Use the concrete transformation type designed for the "
    "record key (<code>org.apache.kafka.connect.transforms.Cast$Key</code>) or value "
    "(<code>org.apache.kafka.connect.transforms.Cast$Value</code>).",
    struct cast_config, cast_keys, cast_tables);
