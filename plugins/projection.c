#include "plugins/projection.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "data/schema.h"
#include "plugins/operand.h"

struct cd_projector_field {
    struct cd_field field;
    struct cd_projected how;
    bool taken; /* the reference to the schema is ours */
};

/* ---- applying ---- */

struct cd_value cd_field_value(const struct cd_host *host, struct cd_batch *out,
                               const struct cd_struct *s, uint32_t index, bool replace_null)
{
    struct cd_value value = s->fields[index];
    const struct cd_schema *schema = s->schema->fields[index].schema;
    if (!cd_is_null(value) || !replace_null || schema->fallback == NULL)
        return value;
    host->keep(out, s->schema); /* the default lives in it */
    return *schema->fallback;
}

/* The rarely taken way of a null. */
static bool copy_null(const struct cd_projection *projection, const struct cd_struct *input,
                      uint32_t from, bool replace_null, struct cd_batch *out, struct cd_value *ret,
                      struct cd_error *err)
{
    const struct cd_field *field = &projection->input->fields[from];
    *ret = cd_field_value(projection->host, out, input, from, replace_null);
    return !cd_is_null(*ret) || cd_schema_check(field->schema, *ret, field->name.ptr, err);
}

struct cd_struct *cd_projection_apply(const struct cd_projection *projection,
                                      const struct cd_struct *input, bool replace_null,
                                      struct cd_batch *out, struct cd_error *err)
{
    assert(input->schema == projection->input);
    struct cd_struct *made = projection->host->new_struct(out, projection->output, err);
    if (made == NULL)
        return NULL;
    for (uint32_t i = 0; i < projection->count; i++) {
        uint32_t from = projection->fields[i].from;
        if (from == CD_FROM_NOWHERE)
            continue;
        made->fields[i] = input->fields[from];
        if (cd_is_null(made->fields[i]) &&
            !copy_null(projection, input, from, replace_null, out, &made->fields[i], err))
            return NULL;
    }
    return made;
}

/* ---- building ---- */

struct cd_schema cd_schema_basics(const struct cd_schema *schema, enum cd_type type)
{
    return (struct cd_schema){
        .type = type,
        .name = schema->name,
        .has_version = schema->has_version,
        .version = schema->version,
        .doc = schema->doc,
        .parameters = schema->parameters,
        .parameter_count = schema->parameter_count,
    };
}

void cd_projector_init(struct cd_projector *projector, const struct cd_host *host,
                       const struct cd_schema *input)
{
    *projector = (struct cd_projector){
        .host = host,
        .input = input,
        .draft = {.type = CD_TYPE_STRUCT},
    };
}

void cd_projector_copy_basics(struct cd_projector *projector)
{
    projector->draft = cd_schema_basics(projector->input, CD_TYPE_STRUCT);
}

static void append(struct cd_projector *projector, struct cd_projector_field field)
{
    if (projector->count == projector->capacity) {
        projector->capacity = projector->capacity == 0 ? 16 : projector->capacity * 2;
        projector->fields =
            cd_realloc_array(projector->fields, projector->capacity, sizeof(*projector->fields));
    }
    projector->fields[projector->count++] = field;
}

void cd_projector_add(struct cd_projector *projector, struct cd_slice name,
                      const struct cd_schema *schema, struct cd_projected how)
{
    append(projector, (struct cd_projector_field){{name, schema}, how, /* taken = */ false});
}

void cd_projector_take(struct cd_projector *projector, struct cd_slice name,
                       const struct cd_schema *schema, struct cd_projected how)
{
    append(projector, (struct cd_projector_field){{name, schema}, how, /* taken = */ true});
}

void cd_projector_copy(struct cd_projector *projector, uint32_t from)
{
    const struct cd_field *field = &projector->input->fields[from];
    cd_projector_add(projector, field->name, field->schema,
                     (struct cd_projected){from, CD_ACTION_NONE});
}

static const struct cd_schema *intern_output(struct cd_projector *projector, struct cd_error *err)
{
    struct cd_field *fields = cd_new_array(projector->count, struct cd_field);
    for (uint32_t i = 0; i < projector->count; i++)
        fields[i] = projector->fields[i].field;
    projector->draft.fields = fields;
    projector->draft.field_count = projector->count;
    const struct cd_schema *output = projector->host->schema(&projector->draft, err);
    free(fields);
    return output;
}

static struct cd_projection *make_projection(const struct cd_projector *projector,
                                             const struct cd_schema *output)
{
    uint32_t count = projector->count;
    struct cd_projection *made =
        cd_alloc(sizeof(*made) + count * (sizeof(made->fields[0]) + sizeof(made->acted[0])));
    made->host = projector->host;
    made->input = projector->input;
    made->output = output;
    made->count = count;
    made->acted = (uint32_t *)(void *)&made->fields[count];
    for (uint32_t i = 0; i < count; i++) {
        made->fields[i] = projector->fields[i].how;
        if (made->fields[i].action != CD_ACTION_NONE)
            made->acted[made->acted_count++] = i;
    }
    return made;
}

struct cd_projection *cd_projector_finish(struct cd_projector *projector, struct cd_error *err)
{
    const struct cd_schema *output = NULL;
    if (err->code == CD_OK)
        output = intern_output(projector, err);
    struct cd_projection *made = output == NULL ? NULL : make_projection(projector, output);
    for (uint32_t i = 0; i < projector->count; i++)
        if (projector->fields[i].taken)
            projector->host->schema_unref(projector->fields[i].field.schema);
    free(projector->fields);
    projector->fields = NULL;
    return made;
}

void cd_projection_free(void *projection)
{
    struct cd_projection *p = projection;
    if (p == NULL)
        return;
    p->host->schema_unref(p->output);
    free(p);
}

/* ---- rebuilding ---- */

const struct cd_projection *cd_rebuilder_learn(struct cd_rebuilder *rebuilder,
                                               const struct cd_schema *schema, struct cd_batch *out,
                                               struct cd_error *err)
{
    struct cd_projector projector;
    cd_projector_init(&projector, rebuilder->memo.host, schema);
    (void)rebuilder->build(rebuilder->state, &projector, out, err); /* finish looks at err */
    struct cd_projection *made = cd_projector_finish(&projector, err);
    if (made != NULL)
        cd_schema_memo_put(&rebuilder->memo, schema, made);
    return made;
}

struct cd_struct *cd_rebuild(struct cd_rebuilder *rebuilder, const struct cd_schema *schema,
                             struct cd_value value, struct cd_batch *out,
                             const struct cd_projection **ret_how, struct cd_error *err)
{
    if (!cd_require_struct(schema, value, rebuilder->purpose, err))
        return NULL;
    const struct cd_projection *how = cd_rebuilder_find(rebuilder, schema, out, err);
    if (how == NULL)
        return NULL;
    *ret_how = how;
    return cd_projection_apply(how, value.as.structure, rebuilder->replace_null, out, err);
}
