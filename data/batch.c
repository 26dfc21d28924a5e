#include "data/batch.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "data/schema.h"

#define FIRST_RECORDS 64u
#define FIRST_KEPT 16u
#define IDLE_RECORDS_MAX 16384u /* a reset batch keeps room for this many records */

struct cd_batch *cd_batch_new(size_t limit, size_t single_max)
{
    struct cd_batch *batch = cd_new(struct cd_batch);
    cd_list_init(&batch->link);
    cd_arena_init(&batch->arena, limit, single_max);
    return batch;
}

static void drop_kept(struct cd_batch *batch)
{
    for (size_t i = 0; batch->kept_count > 0 && i < batch->kept_capacity; i++) {
        if (batch->kept[i] == NULL)
            continue;
        cd_schema_unref(batch->kept[i]);
        batch->kept[i] = NULL;
        batch->kept_count--;
    }
}

/* What the batch holds besides memory: references, foreign memory, another batch. */
static void let_go(struct cd_batch *batch)
{
    if (batch->release != NULL)
        batch->release(batch->release_arg);
    batch->release = NULL;
    batch->release_arg = NULL;
    cd_batch_free(batch->parent);
    batch->parent = NULL;
    drop_kept(batch);
    free(batch->error);
    batch->error = NULL;
}

void cd_batch_free(struct cd_batch *batch)
{
    if (batch == NULL)
        return;
    let_go(batch);
    cd_arena_done(&batch->arena);
    free(batch->kept);
    free(batch->records);
    free(batch);
}

void cd_batch_reset(struct cd_batch *batch)
{
    let_go(batch);
    cd_arena_reset(&batch->arena);
    batch->count = 0;
    if (batch->capacity > IDLE_RECORDS_MAX) {
        free(batch->records);
        batch->records = NULL;
        batch->capacity = 0;
    }
    atomic_store_explicit(&batch->unsettled, 0, memory_order_relaxed);
    atomic_store_explicit(&batch->failed, 0, memory_order_relaxed);
    batch->sent_ms = 0;
}

bool cd_batch_full(const struct cd_batch *batch)
{
    return cd_arena_full(&batch->arena) ||
           (batch->count_max > 0 && batch->count >= batch->count_max);
}

size_t cd_batch_bytes(const struct cd_batch *batch)
{
    return batch->arena.used + batch->count * sizeof(struct cd_record);
}

static void grow_records(struct cd_batch *batch)
{
    batch->capacity = batch->capacity == 0 ? FIRST_RECORDS : batch->capacity * 2;
    batch->records = cd_realloc_array(batch->records, batch->capacity, sizeof(*batch->records));
}

struct cd_record *cd_batch_add(struct cd_batch *batch, struct cd_error *err)
{
    if (batch->count > 0 && cd_batch_full(batch)) {
        (void)cd_fail(err, CD_ERR_FULL, "the batch is full: %zu records, %zu bytes", batch->count,
                      cd_batch_bytes(batch));
        return NULL;
    }
    if (batch->count == batch->capacity)
        grow_records(batch);
    struct cd_record *rec = &batch->records[batch->count++];
    *rec = (struct cd_record){.timestamp_ms = CD_NO_TIMESTAMP,
                              .partition = CD_NO_PARTITION,
                              .kafka_partition = CD_NO_PARTITION};
    return rec;
}

void cd_batch_drop_last(struct cd_batch *batch)
{
    assert(batch->count > 0);
    batch->count--;
}

/* The arena knows numbers; people know the key. */
static void name_limit(const struct cd_batch *batch, size_t size, struct cd_error *err)
{
    if (size > batch->arena.single_max)
        (void)cd_fail_while(err, "connectd.record.bytes.max");
}

void *cd_batch_alloc(struct cd_batch *batch, size_t size, struct cd_error *err)
{
    void *bytes = cd_arena_alloc(&batch->arena, size, alignof(max_align_t), err);
    if (bytes == NULL)
        name_limit(batch, size, err);
    return bytes;
}

struct cd_slice cd_batch_copy(struct cd_batch *batch, struct cd_slice bytes, struct cd_error *err)
{
    struct cd_slice copy = cd_arena_copy(&batch->arena, bytes, err);
    if (copy.ptr == NULL && bytes.ptr != NULL)
        name_limit(batch, bytes.len + 1, err);
    return copy;
}

struct cd_struct *cd_batch_new_struct(struct cd_batch *batch, const struct cd_schema *schema,
                                      struct cd_error *err)
{
    assert(schema->type == CD_TYPE_STRUCT);
    size_t fields_size = schema->field_count * sizeof(struct cd_value);
    struct cd_struct *s =
        cd_arena_alloc(&batch->arena, sizeof(*s) + fields_size, alignof(struct cd_struct), err);
    if (s == NULL)
        return NULL;
    cd_batch_keep(batch, schema);
    s->schema = schema;
    memset(s->fields, 0, fields_size); /* CD_KIND_NULL is zero */
    return s;
}

/* Where `schema` is, or the free place where it would be. */
static size_t find_kept(const struct cd_batch *batch, const struct cd_schema *schema)
{
    size_t mask = batch->kept_capacity - 1;
    size_t at = (size_t)(((uintptr_t)schema >> 4) * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (batch->kept[at] != NULL && batch->kept[at] != schema)
        at = (at + 1) & mask;
    return at;
}

static void grow_kept(struct cd_batch *batch)
{
    struct cd_batch grown = {.kept_capacity =
                                 batch->kept_capacity == 0 ? FIRST_KEPT : batch->kept_capacity * 2};
    grown.kept = cd_new_array(grown.kept_capacity, const struct cd_schema *);
    for (size_t i = 0; i < batch->kept_capacity; i++)
        if (batch->kept[i] != NULL)
            grown.kept[find_kept(&grown, batch->kept[i])] = batch->kept[i];
    free(batch->kept);
    batch->kept = grown.kept;
    batch->kept_capacity = grown.kept_capacity;
}

void cd_batch_keep(struct cd_batch *batch, const struct cd_schema *schema)
{
    if (schema == NULL)
        return;
    if (batch->kept_count * 2 >= batch->kept_capacity)
        grow_kept(batch);
    size_t at = find_kept(batch, schema);
    if (batch->kept[at] == schema)
        return;
    batch->kept[at] = cd_schema_ref(schema);
    batch->kept_count++;
}

struct cd_value cd_batch_map1(struct cd_batch *batch, const char *name, struct cd_value value)
{
    struct cd_error ignored = CD_ERROR_INIT; /* the contract's answer is a null */
    size_t len = strlen(name);
    struct cd_map_entry *entry =
        cd_arena_alloc(&batch->arena, sizeof(*entry) + len, alignof(struct cd_map_entry), &ignored);
    if (entry == NULL)
        return cd_null();
    /* Copied: the name may be part of a configuration that goes before the batch does. */
    char *text = (char *)(entry + 1);
    memcpy(text, name, len);
    entry->key = cd_string(cd_slice_of(text, len));
    entry->value = value;
    return cd_map(entry, 1);
}

void cd_batch_seal(struct cd_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct cd_record *rec = &batch->records[i];
        cd_batch_keep(batch, rec->key_schema);
        cd_batch_keep(batch, rec->value_schema);
        for (uint32_t h = 0; h < rec->header_count; h++)
            cd_batch_keep(batch, rec->headers[h].schema);
    }
}
