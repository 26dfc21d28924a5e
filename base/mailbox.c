#include "base/mailbox.h"

#include <assert.h>

void cd_mailbox_init(struct cd_mailbox *box, size_t capacity)
{
    *box = (struct cd_mailbox){.capacity = capacity};
    cd_mutex_init(&box->lock);
    cd_cond_init(&box->filled);
    cd_list_init(&box->messages);
}

void cd_mailbox_done(struct cd_mailbox *box)
{
    assert(cd_list_empty(&box->messages));
    cd_cond_done(&box->filled);
    cd_mutex_done(&box->lock);
}

static bool post(struct cd_mailbox *box, struct cd_link *message, size_t capacity)
{
    cd_mutex_lock(&box->lock);
    bool taken = !box->closed && box->count < capacity;
    if (taken) {
        cd_list_push_back(&box->messages, message);
        box->count++;
        /* While locked: whoever takes this message may be about to destroy the box. */
        cd_cond_signal(&box->filled);
    } else if (!box->closed) {
        box->refused++;
    }
    cd_mutex_unlock(&box->lock);
    return taken;
}

bool cd_mailbox_post(struct cd_mailbox *box, struct cd_link *message)
{
    return post(box, message, box->capacity);
}

bool cd_mailbox_force(struct cd_mailbox *box, struct cd_link *message)
{
    return post(box, message, SIZE_MAX);
}

struct cd_link *cd_mailbox_take(struct cd_mailbox *box, int64_t deadline_ms)
{
    cd_mutex_lock(&box->lock);
    bool in_time = true;
    while (cd_list_empty(&box->messages) && !box->closed && in_time)
        in_time = cd_cond_wait(&box->filled, &box->lock, deadline_ms);
    struct cd_link *message = cd_list_pop_front(&box->messages);
    if (message != NULL)
        box->count--;
    cd_mutex_unlock(&box->lock);
    return message;
}

void cd_mailbox_close(struct cd_mailbox *box)
{
    cd_mutex_lock(&box->lock);
    box->closed = true;
    cd_cond_broadcast(&box->filled);
    cd_mutex_unlock(&box->lock);
}
