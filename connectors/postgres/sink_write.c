/* Writing one run: COPY, and the statement that merges what was staged. */
#include "connectors/postgres/failure.h"
#include "connectors/postgres/sink.h"

#include <stdlib.h>

enum { CHUNK_BYTES = 64 * 1024 };

static const char binary_header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
static const char binary_trailer[] = "\377\377";

void cd_pg_run_free(struct cd_pg_run *run)
{
    if (run == NULL)
        return;
    free(run->records);
    free(run->numbers);
    free(run);
}

static enum cd_step simple(struct cd_pg_sink *sink, const char *sql, const char *what,
                           struct cd_wait *wait, struct cd_error *err)
{
    PGresult *res = NULL;
    enum cd_step step = cd_pg_link_run(&sink->link, sql, what, &res, wait, err);
    PQclear(res);
    return step;
}

/* ---- COPY ---- */

static enum cd_step start_copy(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    PGresult *res = NULL;
    struct cd_pg_plan *plan = sink->queue->plan;
    if (!sink->link.sent && !cd_pg_link_send(&sink->link, plan->copy, err))
        return CD_STEP_FAILED;
    enum cd_step step = cd_pg_link_next(&sink->link, &res, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    cd_error_reset(&sink->parked);
    bool ok = PQresultStatus(res) == PGRES_COPY_IN ||
              cd_pg_fail_result(res, sink->link.terse, &sink->parked, "writing to %s",
                                plan->target->relation);
    PQclear(res);
    sink->row = 0;
    sink->header_sent = false;
    cd_sql_text_clear(&sink->buffer);
    sink->phase = ok ? CD_PG_W_ROWS : CD_PG_W_COPIED;
    return CD_STEP_AGAIN;
}

/* False: a record does not fit, see parked. */
static bool fill_buffer(struct cd_pg_sink *sink)
{
    const struct cd_pg_run *run = sink->queue;
    if (!sink->header_sent && run->plan->binary)
        cd_sql_add_slice(&sink->buffer, cd_slice_of(binary_header, sizeof(binary_header) - 1));
    sink->header_sent = true;
    while (sink->row < run->count && sink->buffer.len < CHUNK_BYTES) {
        size_t i = sink->row++;
        if (!cd_pg_plan_row(run->plan, &sink->encoding, run->records[i], (uint32_t)i, &sink->buffer,
                            &sink->parked)) {
            sink->parked.record = run->numbers[i];
            return false;
        }
    }
    if (sink->row == run->count && run->plan->binary)
        cd_sql_add_slice(&sink->buffer, cd_slice_of(binary_trailer, sizeof(binary_trailer) - 1));
    return true;
}

static enum cd_step connection_failed(struct cd_pg_sink *sink, struct cd_error *err)
{
    (void)cd_pg_fail_connection(sink->link.conn, err, "writing to %s",
                                sink->queue->plan->target->relation);
    return CD_STEP_FAILED;
}

/* Output that the socket does not take is waited for; input is read meanwhile, so that a server
 * that complains is heard. */
static enum cd_step drain_output(struct cd_pg_sink *sink, struct cd_wait *wait,
                                 struct cd_error *err)
{
    int left = PQflush(sink->link.conn);
    if (left == 0)
        return CD_STEP_DONE;
    if (left < 0 || PQconsumeInput(sink->link.conn) != 1)
        return connection_failed(sink, err);
    left = PQflush(sink->link.conn);
    if (left < 0)
        return connection_failed(sink, err);
    return left == 0 ? CD_STEP_DONE : cd_pg_link_wait(&sink->link, wait, err);
}

/* `reason` NULL: all rows are there. */
static enum cd_step end_rows(struct cd_pg_sink *sink, const char *reason, struct cd_wait *wait,
                             struct cd_error *err)
{
    int ended = PQputCopyEnd(sink->link.conn, reason);
    if (ended < 0)
        return connection_failed(sink, err);
    if (ended == 0)
        return cd_pg_link_wait(&sink->link, wait, err);
    sink->phase = CD_PG_W_COPIED;
    return CD_STEP_AGAIN;
}

static enum cd_step send_rows(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    for (;;) {
        enum cd_step step = drain_output(sink, wait, err);
        if (step != CD_STEP_DONE)
            return step;
        if (sink->parked.code != CD_OK)
            return end_rows(sink, "a record does not fit", wait, err);
        if (sink->buffer.len == 0 && sink->row == sink->queue->count && sink->header_sent)
            return end_rows(sink, NULL, wait, err);
        if (sink->buffer.len == 0 && !fill_buffer(sink))
            continue;
        int taken =
            PQputCopyData(sink->link.conn, cd_sql_text_get(&sink->buffer), (int)sink->buffer.len);
        if (taken < 0)
            return connection_failed(sink, err);
        if (taken == 0)
            return cd_pg_link_wait(&sink->link, wait, err);
        cd_sql_text_clear(&sink->buffer);
    }
}

static void name_culprit(const struct cd_pg_run *run, const PGresult *res, struct cd_error *err)
{
    uint64_t line = cd_pg_copy_line(res);
    if (line >= 1 && line <= run->count)
        err->record = run->numbers[line - 1];
    else if (run->count == 1)
        err->record = run->numbers[0];
}

/* To the last result, so that the connection can be used again after a failure. */
static enum cd_step finish_copy(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    for (;;) {
        PGresult *res = NULL;
        enum cd_step step = cd_pg_link_next(&sink->link, &res, wait, err);
        if (step != CD_STEP_DONE)
            return step;
        if (res == NULL)
            break;
        if (PQresultStatus(res) == PGRES_FATAL_ERROR && sink->parked.code == CD_OK) {
            (void)cd_pg_fail_result(res, sink->link.terse, &sink->parked, "writing to %s",
                                    sink->queue->plan->target->relation);
            name_culprit(sink->queue, res, &sink->parked);
        }
        PQclear(res);
        if (cd_pg_link_broken(&sink->link))
            break;
    }
    if (sink->parked.code != CD_OK) {
        *err = sink->parked;
        cd_error_reset(&sink->parked);
        return CD_STEP_FAILED;
    }
    if (cd_pg_link_broken(&sink->link))
        return connection_failed(sink, err);
    sink->phase = sink->queue->plan->deletes != NULL ? CD_PG_W_DELETE : CD_PG_W_MERGE;
    return CD_STEP_AGAIN;
}

/* ---- phases ---- */

static enum cd_step stage(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    const struct cd_pg_plan *plan = sink->queue->plan;
    if (plan->staged) {
        enum cd_step step = simple(sink, plan->create_stage, "making a staging table", wait, err);
        if (step != CD_STEP_DONE)
            return step;
    }
    sink->phase = CD_PG_W_COPY;
    return CD_STEP_AGAIN;
}

static void blame_single(const struct cd_pg_run *run, struct cd_error *err)
{
    if (run->count == 1)
        err->record = run->numbers[0];
}

static enum cd_step statement(struct cd_pg_sink *sink, const char *sql, enum cd_pg_write_phase next,
                              struct cd_wait *wait, struct cd_error *err)
{
    if (sql != NULL) {
        char what[200];
        (void)snprintf(what, sizeof(what), "writing to %s", sink->queue->plan->target->relation);
        enum cd_step step = simple(sink, sql, what, wait, err);
        if (step == CD_STEP_FAILED)
            blame_single(sink->queue, err);
        if (step != CD_STEP_DONE)
            return step;
    }
    sink->phase = next;
    return next == CD_PG_W_IDLE ? CD_STEP_DONE : CD_STEP_AGAIN;
}

static enum cd_step one_phase(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    const struct cd_pg_plan *plan = sink->queue->plan;
    switch (sink->phase) {
    case CD_PG_W_IDLE:
        sink->phase = plan->ready ? CD_PG_W_STAGE : CD_PG_W_LOAD;
        return CD_STEP_AGAIN;
    case CD_PG_W_LOAD:
    case CD_PG_W_CHECK:
    case CD_PG_W_DDL:
    case CD_PG_W_UNDO_DDL: {
        enum cd_step step = cd_pg_ddl_step(sink, wait, err);
        if (step == CD_STEP_FAILED && err->code == CD_ERR_DATA)
            blame_single(sink->queue, err);
        return step;
    }
    case CD_PG_W_STAGE:
        return stage(sink, wait, err);
    case CD_PG_W_COPY:
        return start_copy(sink, wait, err);
    case CD_PG_W_ROWS:
        return send_rows(sink, wait, err);
    case CD_PG_W_COPIED:
        return finish_copy(sink, wait, err);
    case CD_PG_W_DELETE:
        return statement(sink, plan->deletes, CD_PG_W_MERGE, wait, err);
    case CD_PG_W_MERGE:
        return statement(sink, plan->merge, CD_PG_W_IDLE, wait, err);
    }
    return CD_STEP_FAILED;
}

enum cd_step cd_pg_write_step(struct cd_pg_sink *sink, struct cd_wait *wait, struct cd_error *err)
{
    enum cd_step step;
    do
        step = one_phase(sink, wait, err);
    while (step == CD_STEP_AGAIN);
    if (step != CD_STEP_DONE)
        return step;
    struct cd_pg_run *run = sink->queue;
    sink->queue = run->next;
    if (sink->queue == NULL)
        sink->queue_end = &sink->queue;
    cd_pg_run_free(run);
    return CD_STEP_DONE;
}
