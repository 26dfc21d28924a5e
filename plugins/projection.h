/*
 * How structs of one schema become structs of another: for each field of the new struct, where its
 * value comes from. Worked out once a schema, applied to every record.
 *
 * A projection only copies (with defaults in place of nulls, if asked to). A field may carry an
 * action, a number that means something to its transform, which then replaces the copied value.
 *
 * Memory: a projection belongs to whoever built it, as a rule to a memo.
 */
#ifndef CD_PLUGINS_PROJECTION_H
#define CD_PLUGINS_PROJECTION_H

#include "plugins/schema_memo.h"

#define CD_FROM_NOWHERE UINT32_MAX /* the transform fills the field in */
#define CD_ACTION_NONE 0u

struct cd_projected {
    uint32_t from; /* field of the input, or CD_FROM_NOWHERE */
    uint32_t action;
};

struct cd_projection {
    const struct cd_host *host;     /* borrowed */
    const struct cd_schema *input;  /* borrowed: whoever remembers the projection holds it */
    const struct cd_schema *output; /* a reference is held */
    uint32_t *acted;                /* the fields with an action */
    uint32_t acted_count;
    uint32_t count;
    struct cd_projected fields[]; /* one a field of the output */
};

void cd_projection_free(void *projection); /* fits a memo's drop; NULL is allowed */

/*
 * A new struct in `out`. A null without a default in a required field is refused, as Struct.put
 * does; fields from nowhere are null and unchecked. NULL on failure.
 */
struct cd_struct *cd_projection_apply(const struct cd_projection *projection,
                                      const struct cd_struct *input, bool replace_null,
                                      struct cd_batch *out, struct cd_error *err);

/* ---- building one ---- */

struct cd_projector_field;

/* The output schema as it grows. `draft` may be changed until finish. */
struct cd_projector {
    const struct cd_host *host;
    const struct cd_schema *input;
    struct cd_schema draft;
    struct cd_projector_field *fields;
    uint32_t count;
    uint32_t capacity;
};

/* The output begins as an unnamed, required struct without fields. */
void cd_projector_init(struct cd_projector *projector, const struct cd_host *host,
                       const struct cd_schema *input);
/* Name, version, doc and parameters of the input, but neither optional nor default: the JVM's
 * copySchemaBasics. */
void cd_projector_copy_basics(struct cd_projector *projector);
/* `name` and `schema` are borrowed until finish. */
void cd_projector_add(struct cd_projector *projector, struct cd_slice name,
                      const struct cd_schema *schema, struct cd_projected how);
/* Takes over the reference to `schema`; NULL (a failure of whoever made it) is left to finish. */
void cd_projector_take(struct cd_projector *projector, struct cd_slice name,
                       const struct cd_schema *schema, struct cd_projected how);
/* Field `from` of the input as it is. */
void cd_projector_copy(struct cd_projector *projector, uint32_t from);
/* Frees what the projector holds in any case. NULL: the fields do not make a schema, see err. */
struct cd_projection *cd_projector_finish(struct cd_projector *projector, struct cd_error *err);

/* A copy of the attributes that copySchemaBasics copies, with the type; a draft for host->schema.
 */
struct cd_schema cd_schema_basics(const struct cd_schema *schema, enum cd_type type);

/* Field `index` of the struct, with the default in place of a null if asked to. The batch keeps the
 * schema whose default was taken. */
struct cd_value cd_field_value(const struct cd_host *host, struct cd_batch *out,
                               const struct cd_struct *s, uint32_t index, bool replace_null);

/* ---- a transform's projections ---- */

/* Adds the output's fields to a projector. Memory for new defaults comes from `out`. */
typedef bool cd_projector_build(void *state, struct cd_projector *projector, struct cd_batch *out,
                                struct cd_error *err);

/* Rebuilds structs, remembering the projection of each schema met. */
struct cd_rebuilder {
    struct cd_schema_memo memo;
    cd_projector_build *build;
    void *state;         /* for build */
    const char *purpose; /* for errors */
    bool replace_null;
};

/* The rest is filled in by the caller. */
static inline void cd_rebuilder_init(struct cd_rebuilder *rebuilder, const struct cd_host *host)
{
    cd_schema_memo_init(&rebuilder->memo, host, cd_projection_free);
}

static inline void cd_rebuilder_done(struct cd_rebuilder *rebuilder)
{
    cd_schema_memo_done(&rebuilder->memo);
}

/* The slow path of find. */
const struct cd_projection *cd_rebuilder_learn(struct cd_rebuilder *rebuilder,
                                               const struct cd_schema *schema, struct cd_batch *out,
                                               struct cd_error *err);

/* The projection of `schema`; NULL: it cannot be transformed, see err. */
static inline const struct cd_projection *cd_rebuilder_find(struct cd_rebuilder *rebuilder,
                                                            const struct cd_schema *schema,
                                                            struct cd_batch *out,
                                                            struct cd_error *err)
{
    const struct cd_projection *found =
        (const struct cd_projection *)cd_schema_memo_find(&rebuilder->memo, schema);
    return found != NULL ? found : cd_rebuilder_learn(rebuilder, schema, out, err);
}

/* Demands a struct of `schema` and answers its projection, a new struct. NULL on failure. */
struct cd_struct *cd_rebuild(struct cd_rebuilder *rebuilder, const struct cd_schema *schema,
                             struct cd_value value, struct cd_batch *out,
                             const struct cd_projection **ret_how, struct cd_error *err);

#endif
