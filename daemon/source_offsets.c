#include "daemon/source_offsets.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "data/value.h"

#define OFFSET_BYTES ((size_t)4 * 1024)
#define OFFSET_BYTES_MAX ((size_t)1024 * 1024)

/* An offset and the memory it lives in. */
struct held {
    struct cd_arena arena;
    struct cd_value offset;
    bool full; /* there is one; it may be a null: a tombstone */
};

struct cd_partition {
    struct cd_buffer key; /* ["connector",{partition}] */
    struct cd_value map;  /* in `lent` */
    struct cd_arena lent; /* lives as long as the task: what host->offset gave */
    struct held safe;
    struct held flushing;
    uint64_t batch; /* the batch that noted it last */
    size_t at;      /* its place in that batch */
};

struct cd_source_offsets {
    char *connector;
    struct cd_offset_store *store;
    struct cd_strmap partitions;    /* by key */
    struct cd_partition *partition; /* of records without one; NULL: none yet */
    uint64_t batch;
    size_t dirty; /* partitions with a safe offset */
};

static void free_partition(void *value)
{
    struct cd_partition *partition = value;
    cd_buffer_done(&partition->key);
    cd_arena_done(&partition->lent);
    cd_arena_done(&partition->safe.arena);
    cd_arena_done(&partition->flushing.arena);
    free(partition);
}

struct cd_source_offsets *cd_source_offsets_new(const char *connector,
                                                struct cd_offset_store *store)
{
    struct cd_source_offsets *offsets = cd_new(struct cd_source_offsets);
    offsets->connector = cd_strdup(connector);
    offsets->store = store;
    cd_strmap_init(&offsets->partitions, free_partition);
    return offsets;
}

void cd_source_offsets_free(struct cd_source_offsets *offsets)
{
    if (offsets == NULL)
        return;
    cd_strmap_done(&offsets->partitions);
    free(offsets->connector);
    free(offsets);
}

/* ---- interning ---- */

static struct cd_partition *new_partition(struct cd_value map, struct cd_error *err)
{
    struct cd_partition *partition = cd_new(struct cd_partition);
    cd_arena_init(&partition->lent, OFFSET_BYTES, OFFSET_BYTES_MAX);
    cd_arena_init(&partition->safe.arena, OFFSET_BYTES, OFFSET_BYTES_MAX);
    cd_arena_init(&partition->flushing.arena, OFFSET_BYTES, OFFSET_BYTES_MAX);
    if (cd_value_copy(&partition->lent, map, &partition->map, err))
        return partition;
    free_partition(partition);
    return NULL;
}

struct cd_partition *cd_source_offsets_intern(struct cd_source_offsets *offsets,
                                              struct cd_value map, struct cd_error *err)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer key = CD_BUFFER_INIT;
    if (!cd_offset_key(offsets->connector, map, &key, err))
        return NULL;
    struct cd_partition *partition =
        cd_strmap_get_slice(&offsets->partitions, cd_buffer_view(&key));
    if (partition != NULL)
        return partition;
    partition = new_partition(map, err);
    if (partition == NULL)
        return NULL;
    cd_buffer_slice(&partition->key, cd_buffer_view(&key));
    (void)cd_strmap_put(&offsets->partitions, partition->key.ptr, partition);
    return partition;
}

struct cd_value cd_source_offsets_stored(struct cd_source_offsets *offsets,
                                         const struct cd_partition *lent)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer json = CD_BUFFER_INIT;
    struct cd_partition *partition =
        cd_strmap_get_slice(&offsets->partitions, cd_buffer_view(&lent->key));
    struct cd_value value = cd_null();
    struct cd_error err = CD_ERROR_INIT;
    if (partition == NULL ||
        !cd_offset_store_get(offsets->store, cd_buffer_view(&partition->key), &json))
        return value;
    /* What the store holds was JSON when it was read from its topic or file. */
    if (!cd_value_from_json(&partition->lent, cd_buffer_view(&json), &value, &err))
        return cd_null();
    return value;
}

/* ---- noting ---- */

void cd_source_offsets_begin(struct cd_source_offsets *offsets)
{
    offsets->batch++;
}

/* Records may come without a source partition: all of those share the null one. */
static struct cd_partition *partition_of(struct cd_source_offsets *offsets,
                                         const struct cd_record *rec)
{
    if (rec->source_partition != NULL)
        return rec->source_partition;
    if (offsets->partition == NULL) {
        struct cd_error err = CD_ERROR_INIT;
        offsets->partition = cd_source_offsets_intern(offsets, cd_null(), &err);
        assert(offsets->partition != NULL); /* a null can always be rendered */
    }
    return offsets->partition;
}

void cd_source_offsets_note(struct cd_source_offsets *offsets, struct cd_batch *sent,
                            const struct cd_record *rec)
{
    struct cd_partition *partition = partition_of(offsets, rec);
    if (partition->batch == offsets->batch) {
        sent->records[partition->at].source_offset = rec->source_offset;
        return;
    }
    struct cd_error err = CD_ERROR_INIT;
    struct cd_record *place = cd_batch_add(sent, &err);
    assert(place != NULL); /* the limits of such a batch are not about records */
    partition->batch = offsets->batch;
    partition->at = sent->count - 1;
    place->source_partition = partition;
    place->source_offset = rec->source_offset;
}

bool cd_source_offsets_seal(struct cd_batch *sent, bool copy, struct cd_error *err)
{
    for (size_t i = 0; copy && i < sent->count; i++)
        if (!cd_value_copy(&sent->arena, sent->records[i].source_offset,
                           &sent->records[i].source_offset, err))
            return false;
    return true;
}

/* ---- safe ---- */

static void empty(struct held *held)
{
    cd_arena_reset(&held->arena);
    held->full = false;
}

bool cd_source_offsets_safe(struct cd_source_offsets *offsets, const struct cd_batch *sent,
                            struct cd_error *err)
{
    for (size_t i = 0; i < sent->count; i++) {
        const struct cd_record *place = &sent->records[i];
        struct cd_partition *partition = place->source_partition;
        if (!partition->safe.full)
            offsets->dirty++;
        empty(&partition->safe);
        partition->safe.full = true;
        if (!cd_value_copy(&partition->safe.arena, place->source_offset, &partition->safe.offset,
                           err))
            return false;
    }
    return true;
}

bool cd_source_offsets_dirty(const struct cd_source_offsets *offsets)
{
    return offsets->dirty > 0;
}

/* ---- flushing ---- */

/* Connect's OffsetUtils.validateFormat. */
static bool check_offset(struct cd_value offset, struct cd_error *err)
{
    if (cd_is_null(offset))
        return true;
    if (offset.kind != CD_KIND_MAP)
        return cd_fail_as(err, CD_ERR_DATA, "DataException", "Offsets must be specified as a Map");
    for (uint32_t i = 0; i < offset.count; i++) {
        const struct cd_map_entry *entry = &offset.as.map[i];
        if (entry->key.kind != CD_KIND_STRING)
            return cd_fail_as(err, CD_ERR_DATA, "DataException",
                              "Offsets may only use String keys");
        if (entry->value.kind > CD_KIND_BYTES)
            return cd_fail_as(err, CD_ERR_DATA, "DataException",
                              "Offsets may only contain primitive types as values, but field %.*s "
                              "contains something else",
                              CD_SLICE_ARG(cd_value_slice(entry->key)));
    }
    return true;
}

/* Renders all that is safe: the values one after another in `text`. */
static bool render(struct cd_source_offsets *offsets, struct cd_offset_entry *entries,
                   struct cd_buffer *text, struct cd_error *err)
{
    size_t *ends = cd_new_array(offsets->dirty, size_t);
    size_t count = 0;
    bool ok = true;
    for (struct cd_strmap_iter it = {0}; ok && cd_strmap_next(&offsets->partitions, &it);) {
        const struct cd_partition *partition = it.value;
        if (!partition->safe.full)
            continue;
        ok = check_offset(partition->safe.offset, err) &&
             (cd_is_null(partition->safe.offset) ||
              cd_value_to_json(partition->safe.offset, text, err));
        entries[count].key = cd_buffer_view(&partition->key);
        ends[count++] = text->len;
    }
    for (size_t i = 0, began = 0; ok && i < count; began = ends[i++])
        entries[i].value = ends[i] == began ? (struct cd_slice){NULL, 0}
                                            : cd_slice_of(text->ptr + began, ends[i] - began);
    free(ends);
    return ok;
}

static void swap(struct cd_partition *partition)
{
    struct held held = partition->safe;
    partition->safe = partition->flushing;
    partition->flushing = held;
}

bool cd_source_offsets_flush(struct cd_source_offsets *offsets, cd_offset_done_fn *done, void *arg,
                             struct cd_error *err)
{
    size_t count = offsets->dirty;
    CD_AUTO(cd_buffer_done) struct cd_buffer text = CD_BUFFER_INIT;
    CD_AUTO_FREE struct cd_offset_entry *entries = cd_new_array(count, struct cd_offset_entry);
    if (!render(offsets, entries, &text, err))
        return false;
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&offsets->partitions, &it);) {
        struct cd_partition *partition = it.value;
        if (partition->safe.full)
            swap(partition);
    }
    offsets->dirty = 0;
    cd_offset_store_put(offsets->store, entries, count, done, arg);
    return true;
}

void cd_source_offsets_flushed(struct cd_source_offsets *offsets, bool ok,
                               cd_source_committed_fn *committed, void *arg)
{
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&offsets->partitions, &it);) {
        struct cd_partition *partition = it.value;
        if (!partition->flushing.full)
            continue;
        if (ok && committed != NULL)
            committed(arg, partition, partition->flushing.offset);
        if (!ok && !partition->safe.full) {
            swap(partition);
            offsets->dirty++;
        }
        empty(&partition->flushing);
    }
}
