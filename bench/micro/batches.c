/* What every source does a record, and what the runtime does with a batch. */
#include "base/clock.h"
#include "bench/micro/path.h"
#include "daemon/inflight.h"
#include "plugins/host.h"

static struct cd_error err = CD_ERROR_INIT;
static struct cd_batch *batch;
static struct cd_inflight *ring;
static struct cd_batch *batches[8];

/* ---- add, map1 ---- */

static void open_batch(void)
{
    batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
}

static void add_records(long records)
{
    const struct cd_host *host = cd_host();
    for (long done = 0; done < records; done += BENCH_BATCH) {
        for (int i = 0; i < BENCH_BATCH; i++) {
            struct cd_record *rec = host->add(batch, &err);
            bench_must(rec != NULL, &err);
            rec->topic = cd_slice("numbers");
            rec->value_schema = host->primitives[CD_TYPE_INT64][0];
            rec->value = cd_int64(i);
            rec->source_offset = host->map1(batch, "count", cd_int64(i));
        }
        cd_batch_seal(batch);
        cd_batch_reset(batch);
    }
}

static void close_batch(void)
{
    cd_batch_free(batch);
}

/* ---- in-flight ring: a batch of one record each time, settled out of order ---- */

enum { DEPTH = sizeof(batches) / sizeof(batches[0]) };

static void open_ring(void)
{
    ring = cd_inflight_new(DEPTH, SIZE_MAX);
    for (int i = 0; i < DEPTH; i++)
        batches[i] = cd_batch_new(SIZE_MAX, SIZE_MAX);
}

static void turn_ring(long records)
{
    size_t popped;
    for (long done = 0; done < records; done += DEPTH) {
        for (int i = 0; i < DEPTH; i++) {
            atomic_store(&batches[i]->unsettled, 1);
            cd_inflight_push(ring, batches[i], 1);
        }
        for (int i = DEPTH - 1; i >= 0; i--) {
            atomic_store(&batches[i]->unsettled, 0);
            bench_must(cd_inflight_failed(ring) == NULL, &err);
            struct cd_batch *safe = cd_inflight_pop_settled(ring, &popped);
            bench_must((safe == NULL) == (i > 0), &err);
        }
        for (int i = 1; i < DEPTH; i++)
            bench_must(cd_inflight_pop_settled(ring, &popped) == batches[i], &err);
    }
}

static void close_ring(void)
{
    cd_inflight_free(ring);
    for (int i = 0; i < DEPTH; i++)
        cd_batch_free(batches[i]);
}

static const struct bench_path paths[] = {
    {"batch-add-map1", open_batch, add_records, close_batch},
    {"inflight-ring", open_ring, turn_ring, close_ring},
};

const struct bench_paths bench_batches = {paths, sizeof(paths) / sizeof(paths[0])};
