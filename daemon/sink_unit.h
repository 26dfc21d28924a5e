/*
 * Everything a sink task has put since the last flush, or still has to: the unit of retry.
 *
 * Batches are put one after another; a flush makes all of them durable and lets them go. After a
 * failure the unit is rewound and put again: whole, without a record, or in halves. A half is put
 * and flushed before the next, and only when the last half is flushed is the unit done.
 *
 * Thread: the step of its task. Memory: owns batches from push until done.
 */
#ifndef CD_DAEMON_SINK_UNIT_H
#define CD_DAEMON_SINK_UNIT_H

#include "data/batch.h"
#include "kafka/consumer.h"

struct cd_sink_unit {
    struct cd_link batches; /* of the piece at hand, in order */
    struct cd_link *next;   /* to be put; the head: all are */
    size_t records;         /* in `batches` */
    size_t bytes;           /* their memory, messages included */
    int64_t began_ms;       /* when the first was pushed */
    struct cd_link pieces;  /* after the one at hand, in order */
    struct cd_link sources; /* what pieces borrow their records' memory from */
    struct cd_link spares;  /* empty batches whose memory is used again */
    size_t spare_count;
};

/* The messages a batch was made from; they go with it (batch->release). */
struct cd_sink_messages {
    struct cd_fetch *fetch;
    size_t count;
    size_t bytes; /* payloads and what a message costs beside */
};
/* Takes over `fetch`. */
void cd_sink_messages_attach(struct cd_batch *batch, struct cd_fetch *fetch, size_t count);
const struct cd_sink_messages *cd_sink_messages_of(const struct cd_batch *batch);

void cd_sink_unit_init(struct cd_sink_unit *unit);
void cd_sink_unit_drop(struct cd_sink_unit *unit); /* empty afterwards */
/* Also without spares. */
void cd_sink_unit_done(struct cd_sink_unit *unit);
/* It is idle: the spares go. */
void cd_sink_unit_trim(struct cd_sink_unit *unit);
/* An empty batch that was used before, for the caller; NULL: there is none. */
struct cd_batch *cd_sink_unit_spare(struct cd_sink_unit *unit);
bool cd_sink_unit_empty(const struct cd_sink_unit *unit);

/* Takes over `batch`. No pieces are waiting. */
void cd_sink_unit_push(struct cd_sink_unit *unit, struct cd_batch *batch, int64_t now_ms);
/* What is to be put next; NULL: all of the piece at hand was put. */
struct cd_batch *cd_sink_unit_next(const struct cd_sink_unit *unit);
void cd_sink_unit_put(struct cd_sink_unit *unit);
/* Everything of the piece at hand is to be put again. */
void cd_sink_unit_rewind(struct cd_sink_unit *unit);
/* The piece at hand is durable. True: so is all of it; false: the next piece is at hand. */
bool cd_sink_unit_flushed(struct cd_sink_unit *unit);

/* Cuts the piece at hand in two. At least two records are in it. */
void cd_sink_unit_split(struct cd_sink_unit *unit);
/* The record with this number, from 1, in the piece at hand; NULL: there are not so many. */
const struct cd_record *cd_sink_unit_record(const struct cd_sink_unit *unit, uint64_t number);
void cd_sink_unit_remove(struct cd_sink_unit *unit, uint64_t number);
/* The message a record was made from; NULL: the task made it itself. */
const struct cd_incoming *cd_sink_unit_message(const struct cd_sink_unit *unit,
                                               const struct cd_record *rec);

#endif
