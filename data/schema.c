#include "data/schema.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/thread.h"
#include "data/value.h"

#define SHARED_MAGIC 0x63647363u /* "cdsc": an inner schema of a draft must be a shared one */

/* A piece of memory that goes with its schema. */
struct piece {
    struct piece *next;
    max_align_t bytes[];
};

struct shared {
    struct cd_schema schema; /* first: the public pointer is ours */
    uint32_t magic;
    atomic_size_t references;
    uint64_t hash;
    struct shared *next; /* in the bucket */
    struct piece *pieces;
    const struct cd_schema *default_schema; /* of a struct default: one without it; referenced */
};

/*
 * The table is a global because sharing is the point: a schema read by one task is the schema
 * another task's transform compares with. It holds no references. A schema whose last reference
 * goes leaves the table under the lock, so nobody finds a dying one.
 */
static struct cd_mutex lock = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct shared **buckets; /* guarded by lock */
static size_t bucket_count;     /* guarded by lock; a power of two */
static size_t alive;            /* guarded by lock */

/* Of process lifetime. */
static const struct cd_schema *primitives[CD_TYPE_BYTES + 1][2];
static const struct cd_schema *logicals[CD_LOGICAL_TIMESTAMP + 1][2];
static size_t permanent;
static pthread_once_t permanent_once = PTHREAD_ONCE_INIT;

static struct shared *shared_of(const struct cd_schema *schema)
{
    struct shared *shared = (struct shared *)(uintptr_t)schema;
    assert(shared->magic == SHARED_MAGIC);
    return shared;
}

/* ---- content ---- */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

static uint64_t mix_slice(uint64_t hash, struct cd_slice slice)
{
    if (slice.ptr == NULL)
        return mix(hash, 1);
    hash = mix(hash, slice.len + 2);
    for (size_t i = 0; i < slice.len; i++)
        hash = (hash ^ (unsigned char)slice.ptr[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t hash_draft(const struct cd_schema *draft)
{
    uint64_t hash = mix((uint64_t)draft->type, draft->optional);
    hash = mix(hash, draft->has_version ? (uint64_t)(uint32_t)draft->version + 1 : 0);
    hash = mix_slice(mix_slice(hash, draft->name), draft->doc);
    hash = mix(hash, draft->fallback == NULL ? 0 : draft->fallback->kind);
    for (uint32_t i = 0; i < draft->field_count; i++)
        hash = mix(mix_slice(hash, draft->fields[i].name), (uintptr_t)draft->fields[i].schema);
    uint64_t parameters = 0; /* their order is no part of equality */
    for (uint32_t i = 0; i < draft->parameter_count; i++)
        parameters +=
            mix_slice(mix_slice(0, draft->parameters[i].name), draft->parameters[i].value);
    hash = mix(mix(hash, parameters), (uintptr_t)draft->key);
    return mix(hash, (uintptr_t)draft->element);
}

static bool text_equal(struct cd_slice a, struct cd_slice b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && cd_slice_equal(a, b);
}

static bool fields_equal(const struct cd_schema *a, const struct cd_schema *b)
{
    if (a->field_count != b->field_count)
        return false;
    for (uint32_t i = 0; i < a->field_count; i++)
        if (a->fields[i].schema != b->fields[i].schema ||
            !cd_slice_equal(a->fields[i].name, b->fields[i].name))
            return false;
    return true;
}

static const struct cd_parameter *find_parameter(const struct cd_schema *schema,
                                                 struct cd_slice name)
{
    for (uint32_t i = 0; i < schema->parameter_count; i++)
        if (cd_slice_equal(schema->parameters[i].name, name))
            return &schema->parameters[i];
    return NULL;
}

static bool parameters_equal(const struct cd_schema *a, const struct cd_schema *b)
{
    if (a->parameter_count != b->parameter_count)
        return false;
    for (uint32_t i = 0; i < a->parameter_count; i++) {
        const struct cd_parameter *other = find_parameter(b, a->parameters[i].name);
        if (other == NULL || !cd_slice_equal(a->parameters[i].value, other->value))
            return false;
    }
    return true;
}

static bool fallbacks_equal(const struct cd_schema *a, const struct cd_schema *b)
{
    if (a->fallback == NULL || b->fallback == NULL)
        return a->fallback == b->fallback;
    return cd_value_equal(*a->fallback, *b->fallback);
}

static bool schemas_equal(const struct cd_schema *a, const struct cd_schema *b)
{
    return a->type == b->type && a->optional == b->optional && a->has_version == b->has_version &&
           (!a->has_version || a->version == b->version) && a->key == b->key &&
           a->element == b->element && text_equal(a->name, b->name) && text_equal(a->doc, b->doc) &&
           fields_equal(a, b) && parameters_equal(a, b) && fallbacks_equal(a, b);
}

/* ---- the shared copy ---- */

static void *keep_piece(struct shared *shared, size_t size)
{
    struct piece *piece = cd_alloc(sizeof(*piece) + size);
    piece->next = shared->pieces;
    shared->pieces = piece;
    return piece->bytes;
}

static struct cd_slice keep_text(struct shared *shared, struct cd_slice text)
{
    if (text.ptr == NULL)
        return text;
    char *copy = keep_piece(shared, text.len + 1); /* zeroed, hence terminated */
    memcpy(copy, text.ptr, text.len);
    return cd_slice_of(copy, text.len);
}

static struct cd_value keep_value(struct shared *shared, struct cd_value value);

/* The schemas of inner structs are kept alive by that of the outermost. */
static const struct cd_struct *keep_struct(struct shared *shared, const struct cd_struct *s)
{
    uint32_t count = s->schema->field_count;
    struct cd_struct *copy = keep_piece(shared, sizeof(*copy) + count * sizeof(struct cd_value));
    copy->schema = s->schema;
    for (uint32_t i = 0; i < count; i++)
        copy->fields[i] = keep_value(shared, s->fields[i]);
    return copy;
}

static struct cd_value keep_value(struct shared *shared, struct cd_value value)
{
    switch ((enum cd_kind)value.kind) {
    case CD_KIND_STRING:
    case CD_KIND_BYTES:
        value.as.string = keep_text(shared, cd_slice_of(value.as.string, value.count)).ptr;
        break;
    case CD_KIND_DECIMAL: {
        size_t size = sizeof(*value.as.decimal) + value.as.decimal->len;
        value.as.decimal = memcpy(keep_piece(shared, size), value.as.decimal, size);
        break;
    }
    case CD_KIND_ARRAY: {
        struct cd_value *copy = keep_piece(shared, value.count * sizeof(*copy));
        for (uint32_t i = 0; i < value.count; i++)
            copy[i] = keep_value(shared, value.as.array[i]);
        value.as.array = copy;
        break;
    }
    case CD_KIND_MAP: {
        struct cd_map_entry *copy = keep_piece(shared, value.count * sizeof(*copy));
        for (uint32_t i = 0; i < value.count; i++) {
            copy[i].key = keep_value(shared, value.as.map[i].key);
            copy[i].value = keep_value(shared, value.as.map[i].value);
        }
        value.as.map = copy;
        break;
    }
    case CD_KIND_STRUCT:
        value.as.structure = keep_struct(shared, value.as.structure);
        break;
    case CD_KIND_NULL:
    case CD_KIND_BOOL:
    case CD_KIND_INT8:
    case CD_KIND_INT16:
    case CD_KIND_INT32:
    case CD_KIND_INT64:
    case CD_KIND_FLOAT32:
    case CD_KIND_FLOAT64:
    case CD_KIND_INSTANT:
        break;
    }
    return value;
}

static void copy_fields(struct shared *shared, const struct cd_schema *draft)
{
    if (draft->field_count == 0)
        return;
    struct cd_field *fields = keep_piece(shared, draft->field_count * sizeof(*fields));
    for (uint32_t i = 0; i < draft->field_count; i++) {
        fields[i].name = keep_text(shared, draft->fields[i].name);
        fields[i].schema = cd_schema_ref(draft->fields[i].schema);
    }
    shared->schema.fields = fields;
}

static void copy_parameters(struct shared *shared, const struct cd_schema *draft)
{
    if (draft->parameter_count == 0)
        return;
    struct cd_parameter *copy = keep_piece(shared, draft->parameter_count * sizeof(*copy));
    for (uint32_t i = 0; i < draft->parameter_count; i++) {
        copy[i].name = keep_text(shared, draft->parameters[i].name);
        copy[i].value = keep_text(shared, draft->parameters[i].value);
    }
    shared->schema.parameters = copy;
}

static void copy_fallback(struct shared *shared, struct cd_value value)
{
    struct cd_value *fallback = keep_piece(shared, sizeof(*fallback));
    *fallback = keep_value(shared, value);
    shared->schema.fallback = fallback;
    if (value.kind == CD_KIND_STRUCT)
        shared->default_schema = cd_schema_ref(value.as.structure->schema);
}

static struct shared *make_shared(const struct cd_schema *draft, uint64_t hash)
{
    struct shared *shared = cd_new(struct shared);
    shared->magic = SHARED_MAGIC;
    atomic_init(&shared->references, 1);
    shared->hash = hash;
    shared->schema = *draft;
    shared->schema.fields = NULL;
    shared->schema.parameters = NULL;
    shared->schema.name = keep_text(shared, draft->name);
    shared->schema.doc = keep_text(shared, draft->doc);
    copy_fields(shared, draft);
    copy_parameters(shared, draft);
    if (draft->fallback != NULL)
        copy_fallback(shared, *draft->fallback);
    if (draft->key != NULL)
        (void)cd_schema_ref(draft->key); /* the copied pointer holds it */
    if (draft->element != NULL)
        (void)cd_schema_ref(draft->element);
    return shared;
}

static void free_shared(struct shared *shared)
{
    for (uint32_t i = 0; i < shared->schema.field_count; i++)
        cd_schema_unref(shared->schema.fields[i].schema);
    cd_schema_unref(shared->default_schema);
    cd_schema_unref(shared->schema.key);
    cd_schema_unref(shared->schema.element);
    while (shared->pieces != NULL) {
        struct piece *next = shared->pieces->next;
        free(shared->pieces);
        shared->pieces = next;
    }
    shared->magic = 0;
    free(shared);
}

/* ---- the table; all expect the lock ---- */

static void grow_table(void)
{
    assert(cd_mutex_held(&lock));
    size_t count = bucket_count == 0 ? 64 : bucket_count * 2;
    struct shared **grown = cd_new_array(count, struct shared *);
    for (size_t i = 0; i < bucket_count; i++)
        while (buckets[i] != NULL) {
            struct shared *shared = buckets[i];
            buckets[i] = shared->next;
            shared->next = grown[shared->hash & (count - 1)];
            grown[shared->hash & (count - 1)] = shared;
        }
    free(buckets);
    buckets = grown;
    bucket_count = count;
}

static struct shared *find_shared(const struct cd_schema *draft, uint64_t hash)
{
    assert(cd_mutex_held(&lock));
    if (bucket_count == 0)
        return NULL;
    struct shared *shared = buckets[hash & (bucket_count - 1)];
    while (shared != NULL && !(shared->hash == hash && schemas_equal(&shared->schema, draft)))
        shared = shared->next;
    return shared;
}

static void add_shared(struct shared *shared)
{
    assert(cd_mutex_held(&lock));
    if (alive >= bucket_count)
        grow_table();
    struct shared **bucket = &buckets[shared->hash & (bucket_count - 1)];
    shared->next = *bucket;
    *bucket = shared;
    alive++;
}

static void drop_shared(struct shared *shared)
{
    assert(cd_mutex_held(&lock));
    struct shared **at = &buckets[shared->hash & (bucket_count - 1)];
    while (*at != shared)
        at = &(*at)->next;
    *at = shared->next;
    alive--;
}

static const struct cd_schema *find_or_add(const struct cd_schema *draft)
{
    uint64_t hash = hash_draft(draft);
    cd_mutex_lock(&lock);
    struct shared *shared = find_shared(draft, hash);
    if (shared != NULL) {
        atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    } else {
        shared = make_shared(draft, hash);
        add_shared(shared);
    }
    cd_mutex_unlock(&lock);
    return &shared->schema;
}

/* ---- the rules of Connect's SchemaBuilder ---- */

static bool broken_rule(struct cd_error *err, const char *what, struct cd_slice which)
{
    return cd_fail_as(err, CD_ERR_DATA, "SchemaBuilderException", "%s%.*s", what,
                      CD_SLICE_ARG(which));
}

static int compare_names(const void *a, const void *b)
{
    struct cd_slice left = *(const struct cd_slice *)a;
    struct cd_slice right = *(const struct cd_slice *)b;
    if (left.len != right.len)
        return left.len < right.len ? -1 : 1;
    return memcmp(left.ptr, right.ptr, left.len);
}

/* By sorting: a schema from outside may have very many fields. */
static bool check_unique(const struct cd_schema *draft, struct cd_error *err)
{
    CD_AUTO_FREE struct cd_slice *names = cd_new_array(draft->field_count, struct cd_slice);
    for (uint32_t i = 0; i < draft->field_count; i++)
        names[i] = draft->fields[i].name;
    qsort(names, draft->field_count, sizeof(*names), compare_names);
    for (uint32_t i = 1; i < draft->field_count; i++)
        if (cd_slice_equal(names[i - 1], names[i]))
            return broken_rule(err, "Cannot create field because of field name duplication ",
                               names[i]);
    return true;
}

static bool check_fields(const struct cd_schema *draft, struct cd_error *err)
{
    for (uint32_t i = 0; i < draft->field_count; i++) {
        const struct cd_field *field = &draft->fields[i];
        if (field->name.ptr == NULL || field->name.len == 0)
            return broken_rule(err, "fieldName cannot be null or empty.", cd_slice(""));
        if (field->schema == NULL)
            return broken_rule(err, "fieldSchema for field cannot be null: ", field->name);
    }
    return check_unique(draft, err);
}

/* A struct cannot be of the schema that it is the default of, only of what that was before. */
static bool check_default_struct(const struct cd_schema *draft, struct cd_error *why)
{
    struct cd_schema bare = *draft;
    bare.fallback = NULL;
    const struct cd_schema *expected = find_or_add(&bare);
    bool ok = cd_schema_check(expected, *draft->fallback, NULL, why);
    cd_schema_unref(expected);
    return ok;
}

/* A null default of an optional schema is no default. */
static bool check_fallback(struct cd_schema *draft, struct cd_error *err)
{
    if (draft->fallback == NULL)
        return true;
    struct cd_error why = CD_ERROR_INIT;
    bool ok = draft->type == CD_TYPE_STRUCT && draft->fallback->kind == CD_KIND_STRUCT
                  ? check_default_struct(draft, &why)
                  : cd_schema_check(draft, *draft->fallback, NULL, &why);
    if (!ok)
        return cd_fail_as(err, CD_ERR_DATA, "SchemaBuilderException", "Invalid default value: %s",
                          why.msg);
    if (draft->fallback->kind == CD_KIND_NULL)
        draft->fallback = NULL;
    return true;
}

static const char *const logical_names[] = {
    [CD_LOGICAL_NONE] = "",
    [CD_LOGICAL_DECIMAL] = "org.apache.kafka.connect.data.Decimal",
    [CD_LOGICAL_DATE] = "org.apache.kafka.connect.data.Date",
    [CD_LOGICAL_TIME] = "org.apache.kafka.connect.data.Time",
    [CD_LOGICAL_TIMESTAMP] = "org.apache.kafka.connect.data.Timestamp",
};

static enum cd_logical logical_of(struct cd_slice name)
{
    for (enum cd_logical i = CD_LOGICAL_DECIMAL; i <= CD_LOGICAL_TIMESTAMP; i++)
        if (name.ptr != NULL && cd_slice_is(name, logical_names[i]))
            return i;
    return CD_LOGICAL_NONE;
}

/* ---- public ---- */

static void make_logical(enum cd_logical logical, bool optional)
{
    logicals[logical][optional] = find_or_add(
        &(struct cd_schema){.type = logical == CD_LOGICAL_TIMESTAMP ? CD_TYPE_INT64 : CD_TYPE_INT32,
                            .optional = optional,
                            .has_version = true,
                            .version = 1,
                            .logical = logical,
                            .name = cd_slice(logical_names[logical])});
}

static void make_permanent(void)
{
    for (int optional = 0; optional <= 1; optional++) {
        for (enum cd_type type = CD_TYPE_INT8; type <= CD_TYPE_BYTES; type++)
            primitives[type][optional] =
                find_or_add(&(struct cd_schema){.type = type, .optional = optional != 0});
        for (enum cd_logical i = CD_LOGICAL_DATE; i <= CD_LOGICAL_TIMESTAMP; i++)
            make_logical(i, optional != 0);
    }
    permanent = alive; /* nobody else shares schemas before this */
}

static void need_permanent(void)
{
    (void)pthread_once(&permanent_once, make_permanent); /* fails only for a bad argument */
}

const struct cd_schema *cd_schema_intern(const struct cd_schema *draft, struct cd_error *err)
{
    need_permanent();
    struct cd_schema clean = *draft;
    clean.logical = logical_of(draft->name);
    if (!clean.has_version)
        clean.version = 0;
    if (clean.type != CD_TYPE_STRUCT)
        clean.field_count = 0;
    if (!check_fields(&clean, err) || !check_fallback(&clean, err))
        return NULL;
    return find_or_add(&clean);
}

const struct cd_schema *cd_schema_ref(const struct cd_schema *schema)
{
    atomic_fetch_add_explicit(&shared_of(schema)->references, 1, memory_order_relaxed);
    return schema;
}

/* Counts down without the lock as long as it is not the last reference. */
static bool drop_one_of_many(struct shared *shared)
{
    size_t count = atomic_load_explicit(&shared->references, memory_order_relaxed);
    while (count > 1)
        if (atomic_compare_exchange_weak_explicit(&shared->references, &count, count - 1,
                                                  memory_order_release, memory_order_relaxed))
            return true;
    return false;
}

void cd_schema_unref(const struct cd_schema *schema)
{
    if (schema == NULL)
        return;
    struct shared *shared = shared_of(schema);
    if (drop_one_of_many(shared))
        return;
    cd_mutex_lock(&lock);
    bool last = atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) == 1;
    if (last)
        drop_shared(shared);
    cd_mutex_unlock(&lock);
    if (last)
        free_shared(shared);
}

size_t cd_schema_alive(void)
{
    need_permanent();
    cd_mutex_lock(&lock);
    size_t count = alive - permanent;
    cd_mutex_unlock(&lock);
    return count;
}

const struct cd_schema *cd_schema_primitive(enum cd_type type, bool optional)
{
    assert(type <= CD_TYPE_BYTES);
    need_permanent();
    return primitives[type][optional];
}

const struct cd_schema *cd_schema_logical(enum cd_logical logical, bool optional)
{
    assert(logical >= CD_LOGICAL_DATE);
    need_permanent();
    return logicals[logical][optional];
}
