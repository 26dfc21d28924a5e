#include "kafka/ledger_private.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"

/* ---- the thread's life ---- */

struct cd_ledgers *cd_ledgers_start(const struct cd_logger *log, struct cd_error *err)
{
    struct cd_ledgers *ledgers = cd_new(struct cd_ledgers);
    if (log != NULL)
        ledgers->log = *log;
    else
        cd_logger_init(&ledgers->log, "kafka", NULL, -1);
    cd_mutex_init(&ledgers->lock);
    cd_cond_init(&ledgers->news);
    cd_cond_init(&ledgers->done);
    cd_list_init(&ledgers->ledgers);
    if (cd_thread_start(&ledgers->thread, "ledger", 0, cd_ledgers_run, ledgers, err))
        return ledgers;
    cd_ledgers_stop(ledgers);
    return NULL;
}

void cd_ledgers_stop(struct cd_ledgers *ledgers)
{
    if (ledgers == NULL)
        return;
    assert(cd_list_empty(&ledgers->ledgers));
    cd_mutex_lock(&ledgers->lock);
    ledgers->stop = true;
    cd_cond_signal(&ledgers->news);
    cd_mutex_unlock(&ledgers->lock);
    cd_thread_join(&ledgers->thread);
    cd_cond_done(&ledgers->news);
    cd_cond_done(&ledgers->done);
    cd_mutex_done(&ledgers->lock);
    free(ledgers);
}

/* ---- opening and closing ---- */

static void free_ledger(struct cd_ledger *ledger)
{
    cd_ledger_handles_close(ledger);
    cd_mutex_done(&ledger->write_lock);
    free(ledger->start);
    free(ledger->topic);
    free(ledger);
}

struct opening {
    struct cd_ledgers *ledgers;
    bool finished; /* guarded by ledgers->lock */
    struct cd_error err;
};

static void on_opened(void *arg, const struct cd_error *err)
{
    struct opening *opening = arg;
    cd_mutex_lock(&opening->ledgers->lock);
    opening->finished = true;
    opening->err = *err;
    cd_cond_broadcast(&opening->ledgers->done);
    cd_mutex_unlock(&opening->ledgers->lock);
}

/* Gives the ledger to the thread and waits until it has read what was there. */
static bool read_to_start(struct cd_ledger *ledger, int64_t *ends, int64_t deadline_ms,
                          struct cd_error *err)
{
    struct cd_ledgers *ledgers = ledger->owner;
    struct opening opening = {.ledgers = ledgers, .err = CD_ERROR_INIT};
    struct cd_barrier *barrier = cd_new(struct cd_barrier);
    *barrier = (struct cd_barrier){.deadline_ms = deadline_ms,
                                   .ends = ends,
                                   .opening = true,
                                   .done = on_opened,
                                   .arg = &opening};
    cd_mutex_lock(&ledgers->lock);
    cd_list_push_back(&ledger->new_barriers, &barrier->link);
    cd_list_push_back(&ledgers->ledgers, &ledger->link);
    ledgers->woken = true;
    cd_cond_signal(&ledgers->news);
    while (!opening.finished)
        (void)cd_cond_wait(&ledgers->done, &ledgers->lock, INT64_MAX); /* the barrier has the */
    cd_mutex_unlock(&ledgers->lock);                                   /* deadline */
    if (opening.err.code == CD_OK)
        return true;
    *err = opening.err;
    return false;
}

struct cd_ledger *cd_ledger_open(struct cd_ledgers *ledgers,
                                 const struct cd_ledger_options *options, int64_t deadline_ms,
                                 struct cd_error *err)
{
    struct cd_ledger *ledger = cd_new(struct cd_ledger);
    ledger->owner = ledgers;
    ledger->topic = cd_strdup(options->topic);
    ledger->apply = options->apply;
    ledger->arg = options->arg;
    cd_mutex_init(&ledger->write_lock);
    cd_list_init(&ledger->link);
    cd_list_init(&ledger->barriers);
    cd_list_init(&ledger->new_barriers);
    cd_list_init(&ledger->groups);
    if (!cd_ledger_handles_open(ledger, options, deadline_ms, err)) {
        free_ledger(ledger);
        (void)cd_fail_while(err, "opening topic '%s'", options->topic);
        return NULL;
    }
    int64_t left_ms = deadline_ms - cd_clock_ms();
    int64_t *ends =
        cd_ledger_ask_offsets(ledger, RD_KAFKA_OFFSET_END, left_ms < 1 ? 1 : left_ms, err);
    if (ends == NULL) {
        free_ledger(ledger);
        (void)cd_fail_while(err, "opening topic '%s'", options->topic);
        return NULL;
    }
    if (read_to_start(ledger, ends, deadline_ms, err))
        return ledger;
    cd_ledger_close(ledger, 0);
    return NULL;
}

void cd_ledger_close(struct cd_ledger *ledger, int64_t deadline_ms)
{
    if (ledger == NULL)
        return;
    struct cd_ledgers *ledgers = ledger->owner;
    cd_mutex_lock(&ledgers->lock);
    while (atomic_load(&ledger->writing) > 0 &&
           cd_cond_wait(&ledgers->done, &ledgers->lock, deadline_ms))
        ;
    ledger->phase = CD_LEDGER_CLOSING;
    ledgers->woken = true;
    cd_cond_signal(&ledgers->news);
    while (ledger->phase != CD_LEDGER_ENDED)
        (void)cd_cond_wait(&ledgers->done, &ledgers->lock, INT64_MAX); /* the thread purges */
    cd_list_remove(&ledger->link);
    cd_mutex_unlock(&ledgers->lock);
    free_ledger(ledger);
}

/* ---- asking ---- */

static rd_kafka_resp_err_t produce(struct cd_ledger *ledger, const struct cd_ledger_write *record,
                                   struct cd_ledger_group *group)
{
    void *value = (void *)(uintptr_t)record->value.ptr; /* is copied */
    if (rd_kafka_produce(ledger->write_topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value,
                         record->value.len, record->key.ptr, record->key.len, group) == 0)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    return rd_kafka_last_error();
}

void cd_ledger_write(struct cd_ledger *ledger, const struct cd_ledger_write *writes, size_t count,
                     cd_ledger_done_fn *done, void *arg)
{
    struct cd_ledgers *ledgers = ledger->owner;
    struct cd_ledger_group *group = cd_new(struct cd_ledger_group);
    *group =
        (struct cd_ledger_group){.left = count + 1, .done = done, .arg = arg, .err = CD_ERROR_INIT};
    (void)atomic_fetch_add(&ledger->writing, count + 1);
    size_t sent = 0;
    cd_mutex_lock(&ledger->write_lock);
    for (; sent < count; sent++) {
        rd_kafka_resp_err_t code = produce(ledger, &writes[sent], group);
        group->refusal = code;
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
    }
    cd_mutex_unlock(&ledger->write_lock);
    group->unsent = count - sent;
    cd_mutex_lock(&ledgers->lock);
    cd_list_push_back(&ledger->groups, &group->link);
    ledgers->woken = true;
    cd_cond_signal(&ledgers->news);
    cd_mutex_unlock(&ledgers->lock);
}

void cd_ledger_read_to_end(struct cd_ledger *ledger, int64_t deadline_ms, cd_ledger_done_fn *done,
                           void *arg)
{
    struct cd_ledgers *ledgers = ledger->owner;
    struct cd_barrier *barrier = cd_new(struct cd_barrier);
    *barrier = (struct cd_barrier){.deadline_ms = deadline_ms, .done = done, .arg = arg};
    cd_mutex_lock(&ledgers->lock);
    cd_list_push_back(&ledger->new_barriers, &barrier->link);
    ledgers->woken = true;
    cd_cond_signal(&ledgers->news);
    cd_mutex_unlock(&ledgers->lock);
}

int64_t cd_ledger_position(const struct cd_ledger *ledger)
{
    return atomic_load(&ledger->position);
}
