/*
 * Where the config and status stores write their records and from where they are applied: a
 * compacted topic in distributed mode, nothing but memory in standalone. That is the whole
 * difference between the two modes for a store: the records and the rules of replaying them are the
 * same.
 */
#ifndef CD_DAEMON_RECORD_LOG_H
#define CD_DAEMON_RECORD_LOG_H

#include "kafka/ledger.h"

struct cd_record_log;

typedef void cd_record_apply_fn(void *arg, const struct cd_ledger_record *record);

/* Memory: a write is applied at once, in the caller's thread. */
struct cd_record_log *cd_record_log_memory(cd_record_apply_fn *apply, void *arg);
/* A topic that exists; read to its end before this returns. `options->apply` and `arg` are the
 * store's. */
struct cd_record_log *cd_record_log_topic(struct cd_ledgers *ledgers,
                                          const struct cd_ledger_options *options,
                                          int64_t deadline_ms, struct cd_error *err);
void cd_record_log_close(struct cd_record_log *log, int64_t deadline_ms); /* NULL is allowed */

/* All in order; `done` (NULL: nobody asks) once they are durable and applied here:
 * read-your-writes. Copies. Any thread; with memory `done` is called before this returns. */
void cd_record_log_write(struct cd_record_log *log, const struct cd_ledger_write *writes,
                         size_t count, int64_t timeout_ms, cd_ledger_done_fn *done, void *arg);

#endif
