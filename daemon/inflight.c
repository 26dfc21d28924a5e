#include "daemon/inflight.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kafka/producer.h"

struct entry {
    struct cd_batch *batch;
    size_t records;
    size_t bytes;
    int64_t pushed_ms;
};

struct cd_inflight {
    struct entry *entries;
    size_t capacity;
    size_t head; /* the oldest */
    size_t count;
    size_t records;
    size_t bytes;
    size_t bytes_max;
};

struct cd_inflight *cd_inflight_new(size_t batches_max, size_t bytes_max)
{
    struct cd_inflight *ring = cd_new(struct cd_inflight);
    ring->entries = cd_new_array(batches_max, struct entry);
    ring->capacity = batches_max;
    ring->bytes_max = bytes_max;
    return ring;
}

void cd_inflight_free(struct cd_inflight *ring)
{
    if (ring == NULL)
        return;
    for (struct cd_batch *batch; (batch = cd_inflight_pop_any(ring)) != NULL;) {
        assert(cd_batch_settled(batch));
        cd_batch_free(batch);
    }
    free(ring->entries);
    free(ring);
}

bool cd_inflight_full(const struct cd_inflight *ring)
{
    return ring->count == ring->capacity || ring->bytes >= ring->bytes_max;
}

bool cd_inflight_empty(const struct cd_inflight *ring)
{
    return ring->count == 0;
}

size_t cd_inflight_records(const struct cd_inflight *ring)
{
    return ring->records;
}

int64_t cd_inflight_oldest_ms(const struct cd_inflight *ring)
{
    return ring->count == 0 ? INT64_MAX : ring->entries[ring->head].pushed_ms;
}

void cd_inflight_push(struct cd_inflight *ring, struct cd_batch *batch, size_t records)
{
    assert(ring->count < ring->capacity);
    size_t bytes = cd_batch_bytes(batch);
    if (batch->parent != NULL)
        bytes += cd_batch_bytes(batch->parent);
    ring->entries[(ring->head + ring->count) % ring->capacity] =
        (struct entry){batch, records, bytes, cd_clock_ms()};
    ring->count++;
    ring->records += records;
    ring->bytes += bytes;
}

static const struct entry *oldest_settled(const struct cd_inflight *ring)
{
    const struct entry *oldest = &ring->entries[ring->head];
    return ring->count > 0 && cd_batch_settled(oldest->batch) ? oldest : NULL;
}

struct cd_batch *cd_inflight_failed(const struct cd_inflight *ring)
{
    const struct entry *oldest = oldest_settled(ring);
    return oldest != NULL && atomic_load(&oldest->batch->failed) > 0 ? oldest->batch : NULL;
}

static struct entry pop(struct cd_inflight *ring)
{
    struct entry oldest = ring->entries[ring->head];
    ring->head = (ring->head + 1) % ring->capacity;
    ring->count--;
    ring->records -= oldest.records;
    ring->bytes -= oldest.bytes;
    return oldest;
}

struct cd_batch *cd_inflight_pop_settled(struct cd_inflight *ring, size_t *ret_records)
{
    if (oldest_settled(ring) == NULL)
        return NULL;
    struct entry oldest = pop(ring);
    *ret_records = oldest.records;
    return oldest.batch;
}

struct cd_batch *cd_inflight_pop_any(struct cd_inflight *ring)
{
    return ring->count == 0 ? NULL : pop(ring).batch;
}
