/*
 * A bounded queue of messages between threads. The messages are the caller's structs with a link
 * inside; they own their content. A full mailbox is back-pressure and is counted.
 *
 * Thread: any may post; one takes.
 */
#ifndef CD_BASE_MAILBOX_H
#define CD_BASE_MAILBOX_H

#include "base/list.h"
#include "base/thread.h"

struct cd_mailbox {
    struct cd_mutex lock;
    struct cd_cond filled;
    struct cd_link messages; /* guarded by lock: */
    size_t count;
    size_t capacity;
    uint64_t refused; /* posts that found it full */
    bool closed;
};

void cd_mailbox_init(struct cd_mailbox *box, size_t capacity);
void cd_mailbox_done(struct cd_mailbox *box); /* must be empty */
/* False when full or closed: the message is still the caller's. */
CD_MUST_CHECK bool cd_mailbox_post(struct cd_mailbox *box, struct cd_link *message);
/* For what must not be lost or wait (a task's end, an answer): beyond the capacity if need be.
 * False only when closed. */
CD_MUST_CHECK bool cd_mailbox_force(struct cd_mailbox *box, struct cd_link *message);
/* The oldest message, or NULL when the deadline passed, or when closed and empty. */
struct cd_link *cd_mailbox_take(struct cd_mailbox *box, int64_t deadline_ms);
void cd_mailbox_close(struct cd_mailbox *box);

#endif
