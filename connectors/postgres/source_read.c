/* Reading a page: COPY's rows, straight from libpq's buffer into the batch. */
#include "connectors/postgres/decode.h"
#include "connectors/postgres/failure.h"
#include "connectors/postgres/source.h"

#include <stdlib.h>

static const uint8_t signature[] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0};

static void drop_row(struct cd_pg_row *row)
{
    PQfreemem(row->memory);
    *row = (struct cd_pg_row){0};
}

void cd_pg_read_abort(struct cd_pg_source *src)
{
    drop_row(&src->row);
    drop_row(&src->next);
    free(src->guard_holders);
    src->guard_holders = NULL;
}

/* ---- starting a page ---- */

/* Description and data in one message: they see the same table, because the whole is one
 * transaction. */
static enum cd_step send_page(struct cd_pg_source *src, struct cd_error *err)
{
    struct cd_sql_text statement CD_AUTO(cd_sql_text_done) = {0};
    struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0};
    cd_pg_statement(src, src->table, &statement);
    cd_sql_addf(&sql, "SELECT * FROM (%s\n) AS connectd_page LIMIT 0;",
                cd_sql_text_get(&statement));
    cd_pg_layout_copy(&src->table->layout, cd_sql_text_get(&statement), &sql);
    src->rows = 0;
    src->seen_header = false;
    src->input_ended = false;
    src->phase = CD_PG_CONFIRM;
    return cd_pg_link_send(&src->link, cd_sql_text_get(&sql), err) ? CD_STEP_AGAIN : CD_STEP_FAILED;
}

static enum cd_step page_failed(struct cd_pg_source *src, PGresult *res, struct cd_error *err)
{
    (void)cd_pg_fail_result(res, src->link.terse, err, "reading a page");
    PQclear(res); /* what else is in the pipe goes with the connection: see after_failure */
    return CD_STEP_FAILED;
}

static enum cd_step confirm(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    PGresult *res = NULL;
    enum cd_step step = cd_pg_link_next(&src->link, &res, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return page_failed(src, res, err);
    bool same = cd_pg_layout_matches(&src->table->layout, res);
    PQclear(res);
    src->phase = CD_PG_BEGIN;
    if (same)
        return CD_STEP_AGAIN;
    /* The table has changed since the layout was made: begin again with a new one. */
    cd_pg_link_drop(&src->link);
    src->phase = CD_PG_COLUMNS;
    return CD_STEP_AGAIN;
}

static enum cd_step begin(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    PGresult *res = NULL;
    enum cd_step step = cd_pg_link_next(&src->link, &res, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    if (PQresultStatus(res) != PGRES_COPY_OUT)
        return page_failed(src, res, err);
    PQclear(res);
    src->phase = CD_PG_ROWS;
    return CD_STEP_AGAIN;
}

/* ---- rows ---- */

/* Moves past the header and the field count. False with CD_OK: no row in it. */
static bool open_row(struct cd_pg_source *src, struct cd_pg_row *row, struct cd_error *err)
{
    if (!src->seen_header) {
        size_t head = sizeof(signature) + 8;
        if (row->len < head || memcmp(row->data, signature, sizeof(signature)) != 0)
            return cd_fail(err, CD_ERR_REMOTE, "the server's answer is no binary COPY");
        head += cd_pg_get32(row->data + sizeof(signature) + 4); /* an extension area */
        if (head > row->len)
            return cd_fail(err, CD_ERR_REMOTE, "the server's answer is no binary COPY");
        row->data += head;
        row->len -= head;
        src->seen_header = true;
    }
    if (row->len < 2)
        return false;
    int16_t fields = (int16_t)cd_pg_get16(row->data);
    if (fields < 0)
        return false; /* the trailer */
    if ((uint32_t)fields != src->table->layout.wanted_count)
        return cd_fail(err, CD_ERR_REMOTE, "the server sent %d fields instead of %u", fields,
                       src->table->layout.wanted_count);
    row->data += 2;
    row->len -= 2;
    return true;
}

/* DONE: a row, or the end (input_ended). */
static enum cd_step fetch(struct cd_pg_source *src, struct cd_pg_row *row, struct cd_wait *wait,
                          struct cd_error *err)
{
    for (;;) {
        int len = PQgetCopyData(src->link.conn, &row->memory, /* async = */ 1);
        if (len == 0) {
            if (PQconsumeInput(src->link.conn) != 1) {
                (void)cd_pg_fail_connection(src->link.conn, err, "reading rows");
                return CD_STEP_FAILED;
            }
            len = PQgetCopyData(src->link.conn, &row->memory, /* async = */ 1);
            if (len == 0)
                return cd_pg_link_wait(&src->link, wait, err);
        }
        if (len == -1) {
            src->input_ended = true;
            return CD_STEP_DONE;
        }
        if (len < 0) {
            (void)cd_pg_fail_connection(src->link.conn, err, "reading rows");
            return CD_STEP_FAILED;
        }
        row->data = (const uint8_t *)row->memory;
        row->len = (size_t)len;
        if (open_row(src, row, err))
            return CD_STEP_DONE;
        drop_row(row);
        if (err->code != CD_OK)
            return CD_STEP_FAILED;
    }
}

static void set_time(struct cd_sql_offset *offset, int64_t us)
{
    offset->has_timestamp = true;
    offset->seconds = us >= 0 ? us / 1000000 : (us - 999999) / 1000000;
    offset->nanos = (int32_t)(us - offset->seconds * 1000000) * 1000;
}

/* The offset behind the row at hand. */
static bool advance(struct cd_pg_source *src, struct cd_sql_offset *offset, struct cd_error *err)
{
    struct cd_pg_layout *layout = &src->table->layout;
    int64_t us;
    *offset = src->table->offset;
    if (cd_mode_has_incrementing(src->mode)) {
        if (!cd_pg_layout_id(layout, &src->types.big, &offset->incrementing, err))
            return false;
        offset->has_incrementing = true;
    }
    if (!cd_mode_has_timestamp(src->mode))
        return true;
    if (!cd_pg_layout_instant(layout, src->zone, &us, err))
        return false;
    /* Equal times are a group, and an offset never points inside of one: a restart would lose its
     * rest. With a key beside the time every row has a position of its own. */
    bool last_of_group = src->next.memory == NULL || src->next_us > us;
    if (src->mode == CD_MODE_TIMESTAMP_INCREMENTING || last_of_group)
        set_time(offset, us);
    return true;
}

/* AGAIN: the row is a record. DONE: the batch is full, the row waits. */
static enum cd_step emit(struct cd_pg_source *src, struct cd_batch *batch, struct cd_error *err)
{
    const struct cd_host *host = src->base.host;
    struct cd_pg_table *table = src->table;
    struct cd_pg_row *row = &src->row;
    struct cd_sql_offset offset;
    if (!cd_pg_layout_split(&table->layout, row->data, row->len, err) ||
        (src->mode != CD_MODE_BULK && !advance(src, &offset, err)))
        return CD_STEP_FAILED;
    struct cd_record *rec = host->add(batch, err);
    if (rec == NULL) {
        bool full = cd_full(err);
        if (full)
            cd_error_reset(err);
        return full ? CD_STEP_DONE : CD_STEP_FAILED;
    }
    if (!cd_pg_layout_decode(&table->layout, &src->types, batch, rec, row->data, row->len, err)) {
        host->drop_last(batch);
        return CD_STEP_FAILED;
    }
    rec->topic = cd_slice(table->topic);
    rec->source_partition = table->partition;
    if (src->mode != CD_MODE_BULK) {
        rec->source_offset = cd_sql_offset_write(host, batch, src->mode, &offset);
        table->offset = offset;
    }
    src->rows++;
    return CD_STEP_AGAIN;
}

/* Mode timestamp needs the time of the row after the next. */
static enum cd_step look_ahead(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    if (src->mode != CD_MODE_TIMESTAMP || src->input_ended || src->next.memory != NULL)
        return CD_STEP_AGAIN;
    enum cd_step step = fetch(src, &src->next, wait, err);
    if (step != CD_STEP_DONE)
        return step;
    if (src->input_ended)
        return CD_STEP_AGAIN;
    struct cd_pg_layout *layout = &src->table->layout;
    bool ok = cd_pg_layout_split(layout, src->next.data, src->next.len, err) &&
              cd_pg_layout_instant(layout, src->zone, &src->next_us, err);
    return ok ? CD_STEP_AGAIN : CD_STEP_FAILED;
}

static enum cd_step read_rows(struct cd_pg_source *src, struct cd_batch *batch,
                              struct cd_wait *wait, struct cd_error *err)
{
    const struct cd_host *host = src->base.host;
    size_t most = (size_t)cd_pg_source_cfg(src)->batch_max_rows;
    for (;;) {
        enum cd_step step = CD_STEP_DONE;
        if (src->row.memory == NULL && !src->input_ended)
            step = fetch(src, &src->row, wait, err);
        if (step == CD_STEP_DONE && src->row.memory != NULL)
            step = look_ahead(src, wait, err);
        if (step == CD_STEP_WAIT || step == CD_STEP_FAILED)
            return step;
        if (src->row.memory == NULL)
            break;
        step = emit(src, batch, err);
        if (step != CD_STEP_AGAIN)
            return step;
        drop_row(&src->row);
        src->row = src->next;
        src->next = (struct cd_pg_row){0};
        if (host->count(batch) >= most)
            return CD_STEP_DONE;
    }
    src->phase = CD_PG_END;
    return CD_STEP_AGAIN;
}

/* ---- the end of a page ---- */

static enum cd_step end_page(struct cd_pg_source *src, struct cd_wait *wait, struct cd_error *err)
{
    for (;;) {
        PGresult *res = NULL;
        enum cd_step step = cd_pg_link_next(&src->link, &res, wait, err);
        if (step != CD_STEP_DONE)
            return step;
        if (res == NULL)
            break;
        if (PQresultStatus(res) == PGRES_FATAL_ERROR)
            return page_failed(src, res, err);
        PQclear(res);
    }
    src->table->failures = 0;
    int64_t page = cd_pg_page_rows(src, src->table);
    if (page > 0 && src->rows >= page) {
        src->phase = CD_PG_SEND;
        return CD_STEP_AGAIN;
    }
    src->table->due_ms = src->base.host->monotonic_ms() + cd_pg_source_cfg(src)->poll_interval_ms;
    src->table = NULL;
    src->phase = CD_PG_PICK;
    return CD_STEP_AGAIN;
}

enum cd_step cd_pg_read_step(struct cd_pg_source *src, struct cd_batch *batch, struct cd_wait *wait,
                             struct cd_error *err)
{
    switch (src->phase) {
    case CD_PG_SEND:
        return send_page(src, err);
    case CD_PG_CONFIRM:
        return confirm(src, wait, err);
    case CD_PG_BEGIN:
        return begin(src, wait, err);
    case CD_PG_ROWS:
        return read_rows(src, batch, wait, err);
    case CD_PG_END:
        return end_page(src, wait, err);
    case CD_PG_PICK:
    case CD_PG_CLOCK:
    case CD_PG_COLUMNS:
    case CD_PG_DESCRIBE:
    case CD_PG_TYPES:
    case CD_PG_GUARD_TOP:
    case CD_PG_GUARD_HOLDERS:
    case CD_PG_GUARD_WAIT:
        break;
    }
    (void)cd_fail(err, CD_ERR_BUG, "reading in phase %d", (int)src->phase);
    return CD_STEP_FAILED;
}
