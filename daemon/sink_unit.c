#include "daemon/sink_unit.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"

/* What a message costs in librdkafka and here, beside its payload and its record. */
#define MESSAGE_COST 400u
#define SPARES_MAX 16u

/* ---- messages ---- */

static void release_messages(void *arg)
{
    struct cd_sink_messages *messages = arg;
    cd_fetch_free(messages->fetch);
    free(messages);
}

void cd_sink_messages_attach(struct cd_batch *batch, struct cd_fetch *fetch, size_t count)
{
    struct cd_sink_messages *messages = cd_new(struct cd_sink_messages);
    *messages = (struct cd_sink_messages){fetch, count, count * MESSAGE_COST};
    const struct cd_incoming *list = cd_fetch_messages(fetch);
    for (size_t i = 0; i < count; i++)
        messages->bytes += list[i].key.len + list[i].value.len;
    batch->release = release_messages;
    batch->release_arg = messages;
}

const struct cd_sink_messages *cd_sink_messages_of(const struct cd_batch *batch)
{
    return batch->release == release_messages ? batch->release_arg : NULL;
}

/* ---- lists ---- */

static struct cd_batch *batch_of(struct cd_link *link)
{
    return CD_CONTAINER_OF(link, struct cd_batch, link);
}

static void free_all(struct cd_link *head)
{
    for (struct cd_link *link; (link = cd_list_pop_front(head)) != NULL;)
        cd_batch_free(batch_of(link));
}

static void push_front(struct cd_link *head, struct cd_link *link)
{
    cd_list_push_back(head->next, link); /* behind the one before the first: that is in front */
}

void cd_sink_unit_init(struct cd_sink_unit *unit)
{
    *unit = (struct cd_sink_unit){0};
    cd_list_init(&unit->batches);
    cd_list_init(&unit->pieces);
    cd_list_init(&unit->sources);
    cd_list_init(&unit->spares);
    unit->next = &unit->batches;
}

void cd_sink_unit_drop(struct cd_sink_unit *unit)
{
    free_all(&unit->batches);
    free_all(&unit->pieces);
    free_all(&unit->sources); /* last: pieces borrow from them */
    unit->next = &unit->batches;
    unit->records = 0;
    unit->bytes = 0;
}

void cd_sink_unit_trim(struct cd_sink_unit *unit)
{
    free_all(&unit->spares);
    unit->spare_count = 0;
}

void cd_sink_unit_done(struct cd_sink_unit *unit)
{
    cd_sink_unit_drop(unit);
    cd_sink_unit_trim(unit);
}

struct cd_batch *cd_sink_unit_spare(struct cd_sink_unit *unit)
{
    struct cd_link *link = cd_list_pop_front(&unit->spares);
    if (link == NULL)
        return NULL;
    unit->spare_count--;
    return batch_of(link);
}

bool cd_sink_unit_empty(const struct cd_sink_unit *unit)
{
    return cd_list_empty(&unit->batches) && cd_list_empty(&unit->pieces);
}

/* ---- putting ---- */

static void add(struct cd_sink_unit *unit, struct cd_batch *batch)
{
    cd_list_push_back(&unit->batches, &batch->link);
    if (unit->next == &unit->batches)
        unit->next = &batch->link;
    unit->records += batch->count;
    unit->bytes += cd_batch_bytes(batch);
    const struct cd_sink_messages *messages = cd_sink_messages_of(batch);
    if (messages != NULL)
        unit->bytes += messages->bytes;
}

void cd_sink_unit_push(struct cd_sink_unit *unit, struct cd_batch *batch, int64_t now_ms)
{
    assert(cd_list_empty(&unit->pieces));
    if (cd_list_empty(&unit->batches))
        unit->began_ms = now_ms;
    add(unit, batch);
}

struct cd_batch *cd_sink_unit_next(const struct cd_sink_unit *unit)
{
    return unit->next == &unit->batches ? NULL : batch_of(unit->next);
}

void cd_sink_unit_put(struct cd_sink_unit *unit)
{
    unit->next = unit->next->next;
}

void cd_sink_unit_rewind(struct cd_sink_unit *unit)
{
    unit->next = unit->batches.next;
}

/* Pieces are rare and not worth keeping: they have other limits. */
static void let_go(struct cd_sink_unit *unit)
{
    for (struct cd_link *link; (link = cd_list_pop_front(&unit->batches)) != NULL;) {
        struct cd_batch *batch = batch_of(link);
        if (cd_sink_messages_of(batch) == NULL || unit->spare_count == SPARES_MAX) {
            cd_batch_free(batch);
            continue;
        }
        cd_batch_reset(batch);
        cd_list_push_back(&unit->spares, link);
        unit->spare_count++;
    }
}

bool cd_sink_unit_flushed(struct cd_sink_unit *unit)
{
    let_go(unit);
    unit->next = &unit->batches;
    unit->records = 0;
    unit->bytes = 0;
    struct cd_link *piece = cd_list_pop_front(&unit->pieces);
    if (piece != NULL) {
        add(unit, batch_of(piece));
        return false;
    }
    free_all(&unit->sources);
    return true;
}

/* ---- halves ---- */

/* A batch of its own with copies of the record structs; what they point at stays where it is. */
static struct cd_batch *new_piece(void)
{
    return cd_batch_new(SIZE_MAX, SIZE_MAX);
}

static void copy_record(struct cd_batch *piece, const struct cd_record *rec)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_record *copy = cd_batch_add(piece, &err);
    assert(copy != NULL); /* it has no limits */
    *copy = *rec;
}

void cd_sink_unit_split(struct cd_sink_unit *unit)
{
    assert(unit->records > 1);
    size_t half = unit->records / 2;
    size_t done = 0;
    struct cd_batch *first = new_piece();
    struct cd_batch *second = new_piece();
    for (struct cd_link *link; (link = cd_list_pop_front(&unit->batches)) != NULL;) {
        struct cd_batch *batch = batch_of(link);
        for (size_t i = 0; i < batch->count; i++)
            copy_record(done++ < half ? first : second, &batch->records[i]);
        cd_list_push_back(&unit->sources, link);
    }
    unit->records = 0;
    unit->bytes = 0;
    unit->next = &unit->batches;
    add(unit, first);
    push_front(&unit->pieces, &second->link);
}

/* Where the record with this number is. */
static struct cd_batch *locate(const struct cd_sink_unit *unit, uint64_t number, size_t *ret_index)
{
    if (number == 0)
        return NULL;
    uint64_t before = 0;
    for (struct cd_link *at = unit->batches.next; at != &unit->batches; at = at->next) {
        struct cd_batch *batch = batch_of(at);
        if (number - before <= batch->count) {
            *ret_index = (size_t)(number - before - 1);
            return batch;
        }
        before += batch->count;
    }
    return NULL;
}

const struct cd_record *cd_sink_unit_record(const struct cd_sink_unit *unit, uint64_t number)
{
    size_t index;
    const struct cd_batch *batch = locate(unit, number, &index);
    return batch == NULL ? NULL : &batch->records[index];
}

void cd_sink_unit_remove(struct cd_sink_unit *unit, uint64_t number)
{
    size_t index;
    struct cd_batch *batch = locate(unit, number, &index);
    if (batch == NULL)
        return;
    memmove(&batch->records[index], &batch->records[index + 1],
            (batch->count - index - 1) * sizeof(batch->records[0]));
    batch->count--;
    unit->records--;
}

static const struct cd_incoming *message_in(const struct cd_link *head, const struct cd_record *rec)
{
    for (struct cd_link *at = head->next; at != head; at = at->next) {
        const struct cd_sink_messages *messages = cd_sink_messages_of(batch_of(at));
        const struct cd_incoming *list =
            messages == NULL ? NULL : cd_fetch_messages(messages->fetch);
        for (size_t i = 0; list != NULL && i < messages->count; i++)
            if (list[i].offset == rec->kafka_offset && list[i].partition == rec->kafka_partition &&
                cd_slice_equal(list[i].topic, rec->kafka_topic))
                return &list[i];
    }
    return NULL;
}

const struct cd_incoming *cd_sink_unit_message(const struct cd_sink_unit *unit,
                                               const struct cd_record *rec)
{
    const struct cd_incoming *message = message_in(&unit->batches, rec);
    return message != NULL ? message : message_in(&unit->sources, rec);
}
