/*
 * The converters and transforms around one task, and the way of one record through them.
 *
 *   source: transforms, header converter, key converter, value converter -> ready bytes
 *   sink:   key converter, value converter, header converter -> record, transforms
 *
 * A call that fails leaves the record standing before the stage that failed: the same call again
 * goes on there, from the same input (retry.c decides whether). cd_chain_forget gives it up.
 *
 * Thread: the step of its task. Memory: what comes out lives in the batch it was written to, or in
 * the input.
 */
#ifndef CD_DAEMON_CHAIN_H
#define CD_DAEMON_CHAIN_H

#include "config/connector_keys.h"
#include "daemon/stage.h"
#include "daemon/worker.h"
#include "kafka/consumer.h"

struct cd_chain;
struct cd_logger;

struct cd_chain_options {
    const struct cd_worker *worker;
    const struct cd_config *config; /* the connector's, variables expanded */
    const struct cd_common_config *common;
    const char *connector; /* borrowed for as long as the chain lives */
    int32_t task;
    const struct cd_logger *log; /* likewise */
};

/* Converters: the connector's class with the connector's settings, or the worker's class with the
 * worker's settings, never mixed. NULL: a class is missing or will not be configured. */
struct cd_chain *cd_chain_new(const struct cd_chain_options *options, struct cd_error *err);
void cd_chain_free(struct cd_chain *chain); /* NULL is allowed */

/* Does what cd_chain_source writes lie in the input's memory? */
bool cd_chain_borrows(const struct cd_chain *chain);

enum cd_chain_verdict {
    CD_CHAIN_OUT,      /* there it is */
    CD_CHAIN_FILTERED, /* a transform dropped it: no error */
    CD_CHAIN_FAILED,   /* see err; cd_chain_stage and cd_chain_class tell where */
};

/* `ret` points into `out`, into the record's own memory, and, for headers, into the record. */
enum cd_chain_verdict cd_chain_source(struct cd_chain *chain, const struct cd_record *rec,
                                      struct cd_batch *out, struct cd_outgoing *ret,
                                      struct cd_error *err);
/* Appends one record to `out` when the verdict is OUT. */
enum cd_chain_verdict cd_chain_sink(struct cd_chain *chain, const struct cd_incoming *message,
                                    struct cd_batch *out, struct cd_error *err);
void cd_chain_forget(struct cd_chain *chain);

/* Where the record stands: after a failure, the stage and the class that failed. */
enum cd_stage cd_chain_stage(const struct cd_chain *chain);
const char *cd_chain_class(const struct cd_chain *chain);

/* The key or the value of a record that never was a message, for dead letters. */
CD_MUST_CHECK bool cd_chain_write_back(struct cd_chain *chain, const struct cd_record *rec,
                                       struct cd_batch *out, struct cd_outgoing *ret,
                                       struct cd_error *err);

#endif
