#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kafka/ledger_private.h"

/* One blocking question to the brokers; repeated until the deadline of who asked. */
#define ASK_MS 2000
#define RETRY_MS 100
#define STEP_MESSAGES 256u
/* So that one large topic does not keep the others waiting. */
#define STEPS_MAX 32

/* librdkafka holds a lock of the queue here, so nothing may call it while holding ours. */
void cd_ledgers_wake(struct cd_ledgers *ledgers)
{
    cd_mutex_lock(&ledgers->lock);
    ledgers->woken = true;
    cd_cond_signal(&ledgers->news);
    cd_mutex_unlock(&ledgers->lock);
}

/* ---- writes ---- */

static void tell(struct cd_ledger_group *group)
{
    if (!group->told)
        group->done(group->arg, &group->err);
    group->told = true;
}

/* The first failure is told at once; the group lives until its last record is settled. */
static void settle(struct cd_ledger *ledger, struct cd_ledger_group *group,
                   rd_kafka_resp_err_t code)
{
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && group->err.code == CD_OK) {
        (void)cd_kafka_fail(&group->err, &ledger->write_client, code, NULL);
        (void)cd_fail_while(&group->err, "writing to topic '%s'", ledger->topic);
    }
    group->left--;
    if (group->left == 0 || group->err.code != CD_OK)
        tell(group);
    if (group->left == 0)
        free(group);
    if (atomic_fetch_sub(&ledger->writing, 1) != 1)
        return;
    cd_mutex_lock(&ledger->owner->lock);
    cd_cond_broadcast(&ledger->owner->done); /* cd_ledger_close may wait for it */
    cd_mutex_unlock(&ledger->owner->lock);
}

static void take_reports(struct cd_ledger *ledger)
{
    rd_kafka_event_t *event = NULL;
    while ((event = rd_kafka_queue_poll(ledger->reports, 0)) != NULL) {
        const rd_kafka_message_t *message = NULL;
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
            while ((message = rd_kafka_event_message_next(event)) != NULL)
                settle(ledger, message->_private, message->err);
        rd_kafka_event_destroy(event); /* other events are complaints, which the log has */
    }
}

static void take_groups(struct cd_ledger *ledger)
{
    for (;;) {
        cd_mutex_lock(&ledger->owner->lock);
        struct cd_link *link = cd_list_pop_front(&ledger->groups);
        cd_mutex_unlock(&ledger->owner->lock);
        if (link == NULL)
            return;
        struct cd_ledger_group *group = CD_CONTAINER_OF(link, struct cd_ledger_group, link);
        rd_kafka_resp_err_t refusal = group->refusal;
        for (size_t unsent = group->unsent; unsent > 0; unsent--)
            settle(ledger, group, refusal);
        settle(ledger, group, RD_KAFKA_RESP_ERR_NO_ERROR); /* the writer's own count */
    }
}

/* ---- reading ---- */

static void apply(struct cd_ledger *ledger, const rd_kafka_message_t *message, bool replayed)
{
    const struct cd_ledger_record record = {
        .key = cd_slice_of(message->key, message->key_len),
        .value = cd_slice_of(message->payload, message->len),
        .partition = message->partition,
        .offset = message->offset,
        .timestamp_ms = rd_kafka_message_timestamp(message, NULL),
        .replayed = replayed,
    };
    ledger->apply(ledger->arg, &record);
    if (message->partition == 0)
        atomic_store(&ledger->position, message->offset + 1);
}

static size_t apply_all(struct cd_ledger *ledger, rd_kafka_message_t **messages, size_t count,
                        bool replayed)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        if (messages[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            apply(ledger, messages[i], replayed);
        else
            cd_log_warn(&ledger->owner->log, "reading on topic=%s partition=%d: %s", ledger->topic,
                        (int)messages[i]->partition, rd_kafka_message_errstr(messages[i]));
        bytes += messages[i]->len + messages[i]->key_len;
        rd_kafka_message_destroy(messages[i]);
    }
    return bytes;
}

/* True: there may be more. */
static bool read_some(struct cd_ledger *ledger, bool replayed)
{
    rd_kafka_message_t *messages[STEP_MESSAGES];
    for (int step = 0; step < STEPS_MAX; step++) {
        ssize_t count = rd_kafka_consume_batch_queue(ledger->messages, 0, messages, STEP_MESSAGES);
        if (count <= 0)
            return false;
        size_t bytes = apply_all(ledger, messages, (size_t)count, replayed);
        cd_client_taken(&ledger->read_client, ledger->reader, (size_t)count, bytes);
        if ((size_t)count < STEP_MESSAGES)
            return false;
    }
    return true;
}

static void drop_complaints(struct cd_ledger *ledger)
{
    rd_kafka_event_t *event = NULL;
    while ((event = rd_kafka_queue_poll(ledger->complaints, 0)) != NULL)
        rd_kafka_event_destroy(event); /* the log has them */
}

/* ---- barriers ---- */

static void finish_barrier(struct cd_ledger *ledger, struct cd_barrier *barrier,
                           const struct cd_error *err)
{
    cd_list_remove(&barrier->link);
    if (barrier->opening && err->code == CD_OK) {
        cd_mutex_lock(&ledger->owner->lock);
        if (ledger->phase == CD_LEDGER_READING)
            ledger->phase = CD_LEDGER_OPEN;
        cd_mutex_unlock(&ledger->owner->lock);
    }
    barrier->done(barrier->arg, err);
    free(barrier->ends);
    free(barrier);
}

static void take_new_barriers(struct cd_ledger *ledger)
{
    struct cd_link *link = NULL;
    cd_mutex_lock(&ledger->owner->lock);
    while ((link = cd_list_pop_front(&ledger->new_barriers)) != NULL)
        cd_list_push_back(&ledger->barriers, link);
    cd_mutex_unlock(&ledger->owner->lock);
}

static bool wants_to_ask(const struct cd_barrier *barrier, int64_t now_ms)
{
    return barrier->ends == NULL && barrier->retry_ms <= now_ms;
}

/* One answer serves all barriers that were there before the question. */
static void ask_ends(struct cd_ledger *ledger)
{
    int64_t now_ms = cd_clock_ms();
    int64_t timeout_ms = 0;
    for (struct cd_link *at = ledger->barriers.next; at != &ledger->barriers; at = at->next) {
        const struct cd_barrier *barrier = CD_CONTAINER_OF(at, struct cd_barrier, link);
        int64_t left_ms = barrier->deadline_ms - now_ms;
        if (wants_to_ask(barrier, now_ms) && left_ms > timeout_ms)
            timeout_ms = left_ms;
    }
    if (timeout_ms == 0)
        return;
    struct cd_error trouble = CD_ERROR_INIT; /* who asked is told at his deadline */
    int64_t *ends = cd_ledger_ask_offsets(ledger, RD_KAFKA_OFFSET_END,
                                          timeout_ms < ASK_MS ? timeout_ms : ASK_MS, &trouble);
    for (struct cd_link *at = ledger->barriers.next; at != &ledger->barriers; at = at->next) {
        struct cd_barrier *barrier = CD_CONTAINER_OF(at, struct cd_barrier, link);
        if (!wants_to_ask(barrier, now_ms))
            continue;
        barrier->retry_ms = cd_clock_ms() + RETRY_MS;
        if (ends == NULL)
            continue;
        barrier->ends = cd_new_array((size_t)ledger->partitions, int64_t);
        memcpy(barrier->ends, ends, (size_t)ledger->partitions * sizeof(*ends));
    }
    free(ends);
}

static void check_barriers(struct cd_ledger *ledger)
{
    for (struct cd_link *at = ledger->barriers.next; at != &ledger->barriers;) {
        struct cd_barrier *barrier = CD_CONTAINER_OF(at, struct cd_barrier, link);
        struct cd_error err = CD_ERROR_INIT;
        at = at->next;
        if (barrier->ends != NULL && cd_ledger_reached(ledger, barrier->ends)) {
            finish_barrier(ledger, barrier, &err);
        } else if (cd_clock_ms() >= barrier->deadline_ms) {
            (void)cd_kafka_fail(&err, &ledger->read_client, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL);
            (void)cd_fail_while(&err, "reading topic '%s' to its end", ledger->topic);
            finish_barrier(ledger, barrier, &err);
        }
    }
}

static void cancel_barriers(struct cd_ledger *ledger)
{
    while (!cd_list_empty(&ledger->barriers)) {
        struct cd_error err = CD_ERROR_INIT;
        (void)cd_fail(&err, CD_ERR_CANCELLED, "topic '%s' is being closed", ledger->topic);
        finish_barrier(ledger, CD_CONTAINER_OF(ledger->barriers.next, struct cd_barrier, link),
                       &err);
    }
}

/* ---- the thread ---- */

/* What is still unwritten has had its time. */
static void close_down(struct cd_ledger *ledger)
{
    if (!ledger->purged) {
        ledger->purged = true;
        (void)rd_kafka_purge(ledger->writer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    take_reports(ledger);
    if (atomic_load(&ledger->writing) > 0)
        return; /* their reports wake us */
    cancel_barriers(ledger);
    cd_mutex_lock(&ledger->owner->lock);
    ledger->owner->woken = true;     /* the round may have skipped one behind it */
    ledger->phase = CD_LEDGER_ENDED; /* from here on its closer may free it */
    cd_cond_broadcast(&ledger->owner->done);
    cd_mutex_unlock(&ledger->owner->lock);
}

static void serve(struct cd_ledger *ledger, enum cd_ledger_phase phase)
{
    drop_complaints(ledger);
    take_reports(ledger);
    take_groups(ledger);
    take_new_barriers(ledger);
    if (phase == CD_LEDGER_CLOSING) {
        close_down(ledger);
        return;
    }
    ask_ends(ledger);
    if (read_some(ledger, phase == CD_LEDGER_READING))
        cd_ledgers_wake(ledger->owner);
    check_barriers(ledger);
}

/* By index, because a closer may remove what has ended between two calls. */
static struct cd_ledger *next_ledger(struct cd_ledgers *ledgers, size_t index,
                                     enum cd_ledger_phase *ret_phase)
{
    struct cd_ledger *found = NULL;
    cd_mutex_lock(&ledgers->lock);
    for (struct cd_link *at = ledgers->ledgers.next; at != &ledgers->ledgers && found == NULL;
         at = at->next) {
        struct cd_ledger *ledger = CD_CONTAINER_OF(at, struct cd_ledger, link);
        if (ledger->phase == CD_LEDGER_ENDED || index-- > 0)
            continue;
        found = ledger;
        *ret_phase = ledger->phase;
    }
    cd_mutex_unlock(&ledgers->lock);
    return found;
}

/* When a barrier wants to be looked at without news. */
static int64_t next_look_ms(const struct cd_ledger *ledger)
{
    int64_t at_ms = INT64_MAX;
    for (const struct cd_link *at = ledger->barriers.next; at != &ledger->barriers; at = at->next) {
        const struct cd_barrier *barrier =
            (const struct cd_barrier *)(const void *)((const char *)at -
                                                      offsetof(struct cd_barrier, link));
        int64_t want_ms = barrier->deadline_ms;
        if (barrier->ends == NULL && barrier->retry_ms < want_ms)
            want_ms = barrier->retry_ms;
        at_ms = want_ms < at_ms ? want_ms : at_ms;
    }
    return at_ms;
}

static bool wait_for_news(struct cd_ledgers *ledgers, int64_t until_ms)
{
    cd_mutex_lock(&ledgers->lock);
    while (!ledgers->woken && !ledgers->stop &&
           cd_cond_wait(&ledgers->news, &ledgers->lock, until_ms))
        ;
    ledgers->woken = false;
    bool go_on = !ledgers->stop;
    cd_mutex_unlock(&ledgers->lock);
    return go_on;
}

void cd_ledgers_run(void *arg)
{
    struct cd_ledgers *ledgers = arg;
    int64_t until_ms = INT64_MAX;
    while (wait_for_news(ledgers, until_ms)) {
        until_ms = INT64_MAX;
        enum cd_ledger_phase phase = CD_LEDGER_READING;
        struct cd_ledger *ledger = NULL;
        for (size_t i = 0; (ledger = next_ledger(ledgers, i, &phase)) != NULL; i++) {
            serve(ledger, phase);
            if (phase == CD_LEDGER_CLOSING)
                continue; /* may be gone */
            int64_t look_ms = next_look_ms(ledger);
            until_ms = look_ms < until_ms ? look_ms : until_ms;
        }
    }
}
