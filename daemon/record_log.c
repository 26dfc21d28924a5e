#include "daemon/record_log.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdlib.h>

struct cd_record_log {
    cd_record_apply_fn *apply;
    void *arg;
    int64_t next_offset;      /* memory */
    struct cd_ledger *ledger; /* NULL: memory */
};

/* A write on its way to durable, then to applied. */
struct written {
    struct cd_record_log *log;
    int64_t deadline_ms;
    cd_ledger_done_fn *done;
    void *arg;
};

struct cd_record_log *cd_record_log_memory(cd_record_apply_fn *apply, void *arg)
{
    struct cd_record_log *log = cd_new(struct cd_record_log);
    log->apply = apply;
    log->arg = arg;
    return log;
}

struct cd_record_log *cd_record_log_topic(struct cd_ledgers *ledgers,
                                          const struct cd_ledger_options *options,
                                          int64_t deadline_ms, struct cd_error *err)
{
    struct cd_record_log *log = cd_record_log_memory(options->apply, options->arg);
    log->ledger = cd_ledger_open(ledgers, options, deadline_ms, err);
    if (log->ledger != NULL)
        return log;
    cd_record_log_close(log, 0);
    return NULL;
}

void cd_record_log_close(struct cd_record_log *log, int64_t deadline_ms)
{
    if (log == NULL)
        return;
    if (log->ledger != NULL)
        cd_ledger_close(log->ledger, deadline_ms);
    free(log);
}

static void write_memory(struct cd_record_log *log, const struct cd_ledger_write *writes,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct cd_ledger_record record = {.key = writes[i].key,
                                                .value = writes[i].value,
                                                .offset = log->next_offset++,
                                                .timestamp_ms = cd_wall_ms()};
        log->apply(log->arg, &record);
    }
}

static void applied(void *arg, const struct cd_error *err)
{
    struct written *written = arg;
    written->done(written->arg, err);
    free(written);
}

static void durable(void *arg, const struct cd_error *err)
{
    struct written *written = arg;
    if (err->code != CD_OK)
        applied(arg, err);
    else
        cd_ledger_read_to_end(written->log->ledger, written->deadline_ms, applied, written);
}

static void nobody_asks(void *arg, const struct cd_error *err)
{
    (void)arg;
    (void)err; /* the ledger has logged it */
}

void cd_record_log_write(struct cd_record_log *log, const struct cd_ledger_write *writes,
                         size_t count, int64_t timeout_ms, cd_ledger_done_fn *done, void *arg)
{
    if (log->ledger == NULL) {
        const struct cd_error none = CD_ERROR_INIT;
        write_memory(log, writes, count);
        if (done != NULL)
            done(arg, &none);
        return;
    }
    if (done == NULL) {
        cd_ledger_write(log->ledger, writes, count, nobody_asks, NULL);
        return;
    }
    struct written *written = cd_new(struct written);
    *written = (struct written){log, cd_clock_ms() + timeout_ms, done, arg};
    cd_ledger_write(log->ledger, writes, count, durable, written);
}
