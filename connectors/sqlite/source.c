#include "connectors/sqlite/source.h"

#include "connectors/sql/calendar.h"
#include "connectors/sql/table_list.h"

#include <stdlib.h>

/* ---- opening and closing ---- */

static bool prepare(struct cd_lite_source *src, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_lite_source_cfg(src);
    if (!cd_sql_source_check(cfg, err))
        return false;
    src->zone = cd_zone_open(cfg->connection.timezone, err);
    if (src->zone == NULL)
        return false;
    src->time_mapping = cd_column_mapping_new("timestamp.columns.mapping", cfg->timestamp_mapping,
                                              /* brackets = */ true, err);
    src->id_mapping = cd_column_mapping_new("incrementing.column.mapping",
                                            cfg->incrementing_mapping, /* brackets = */ false, err);
    if (src->time_mapping == NULL || src->id_mapping == NULL)
        return false;
    src->mode = cd_sql_mode(cfg);
    src->native = strcmp(cfg->sqlite_types, "native") == 0;
    src->start_ms = src->base.host->wall_ms();
    /* The attempts are counted with the first one. */
    src->base.host->retry(src->base.handle, cfg->connection.attempts - 1,
                          cfg->connection.backoff_ms);
    return cd_lite_db_init(&src->db, cfg->connection.url, err);
}

static void set_initial(struct cd_lite_source *src, struct cd_lite_table *table)
{
    const struct cd_sql_source_config *cfg = cd_lite_source_cfg(src);
    bool given = src->base.host->setting(src->base.handle, "timestamp.initial") != NULL;
    int64_t ms = given ? cfg->timestamp_initial : cfg->timestamp_initial_ms;
    if (given && ms == -1)
        ms = src->start_ms;
    table->offset = (struct cd_sql_offset){
        .has_timestamp = (given || ms != 0) && cd_mode_has_timestamp(src->mode),
        .seconds = cd_floor_div(ms, 1000),
        .nanos = (int32_t)cd_floor_mod(ms, 1000) * 1000000,
    };
}

static bool add_table(struct cd_lite_source *src, const struct cd_table_id *id,
                      struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_lite_source_cfg(src);
    struct cd_lite_table *table = &src->tables[src->table_count++];
    struct cd_sql_text topic = {0};
    cd_sql_add(&topic, cfg->topic_prefix);
    table->data_version = -1;
    if (id != NULL) {
        struct cd_sql_text relation = {0};
        table->id = cd_table_id_copy(id);
        cd_sql_add_name(&relation, cd_slice(id->table), cd_sql_quoted(&cfg->connection));
        table->relation = cd_sql_text_steal(&relation);
        cd_sql_add(&topic, id->table);
    }
    table->topic = cd_sql_text_steal(&topic);
    table->partition = cd_sql_partition(&src->base, src->mode, id, err);
    if (table->partition == NULL)
        return false;
    if (src->mode == CD_MODE_BULK)
        return true;
    if (!cd_sql_offset_find(&src->base, id, NULL, &table->offset, &table->has_offset, err))
        return false;
    if (!table->has_offset)
        set_initial(src, table);
    return true;
}

static bool add_tables(struct cd_lite_source *src, struct cd_error *err)
{
    struct cd_table_list list CD_AUTO(cd_table_list_done) = {0};
    if (cd_sql_query(cd_lite_source_cfg(src)) != NULL) {
        src->tables = cd_sql_new(sizeof(*src->tables));
        return add_table(src, NULL, err);
    }
    const char *text = src->base.host->setting(src->base.handle, "tables");
    if (!cd_table_list_parse(text ? text : "", &list, err))
        return false;
    if (list.count == 0)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "the task has no tables: check table.whitelist and table.types");
    src->tables = cd_sql_new(list.count * sizeof(*src->tables));
    for (size_t i = 0; i < list.count; i++)
        if (!add_table(src, &list.items[i], err))
            return false;
    return true;
}

static enum cd_step source_open(void *task, struct cd_wait *wait, struct cd_error *err)
{
    struct cd_lite_source *src = task;
    (void)wait;
    if (src->zone == NULL && !prepare(src, err))
        return CD_STEP_FAILED;
    if (src->db.handle == NULL && !cd_lite_db_open(&src->db, /* create = */ false, err))
        return CD_STEP_FAILED;
    return add_tables(src, err) ? CD_STEP_DONE : CD_STEP_FAILED;
}

static void close_statement(struct cd_lite_source *src)
{
    (void)sqlite3_finalize(src->stmt); /* repeats the last step's answer */
    src->stmt = NULL;
}

static void source_close(void *task)
{
    struct cd_lite_source *src = task;
    close_statement(src);
    for (size_t i = 0; i < src->table_count; i++) {
        struct cd_lite_table *table = &src->tables[i];
        cd_lite_table_forget(table, src->base.host);
        cd_table_id_done(&table->id);
        free(table->relation);
        free(table->topic);
        free(table->id_column);
        for (size_t k = 0; k < table->time_count; k++)
            free(table->time_columns[k]);
        free(table->time_columns);
    }
    free(src->tables);
    cd_lite_db_done(&src->db);
    cd_column_mapping_free(src->time_mapping);
    cd_column_mapping_free(src->id_mapping);
    cd_zone_free(src->zone);
}

static void source_interrupt(void *task)
{
    struct cd_lite_source *src = task;
    if (src->db.handle != NULL)
        sqlite3_interrupt(src->db.handle);
}

/* ---- reading ---- */

static void end_table(struct cd_lite_source *src)
{
    src->table->due_ms = src->base.host->monotonic_ms() + cd_lite_source_cfg(src)->poll_interval_ms;
    src->table->failures = 0;
    src->table = NULL;
}

static enum cd_step pick_table(struct cd_lite_source *src, struct cd_wait *wait)
{
    struct cd_lite_table *best = NULL;
    for (size_t i = 0; i < src->table_count; i++)
        if (best == NULL || src->tables[i].due_ms < best->due_ms)
            best = &src->tables[i];
    if (best == NULL)
        return cd_wait_forever(wait);
    if (best->due_ms > src->base.host->monotonic_ms())
        return cd_wait_until(wait, best->due_ms);
    src->table = best;
    /* One database, one clock: the machine's. */
    src->end_ms = src->base.host->wall_ms() - cd_lite_source_cfg(src)->timestamp_delay_ms;
    return CD_STEP_AGAIN;
}

/* True: nobody wrote to the file since the table was read to its end by id, so there is nothing
 * new. (By time there may be: rows come due.) */
static bool unchanged(struct cd_lite_source *src, struct cd_error *err)
{
    int64_t version = 0;
    if (src->mode != CD_MODE_INCREMENTING)
        return false;
    if (!cd_lite_db_ask(&src->db, "PRAGMA data_version", 0, &version, err))
        return false;
    bool same = version == src->table->data_version;
    src->table->data_version = version;
    return same;
}

static enum cd_step begin_table(struct cd_lite_source *src, struct cd_error *err)
{
    if (src->page_rows == 0 && unchanged(src, err)) {
        end_table(src);
        return CD_STEP_AGAIN;
    }
    if (err->code != CD_OK || !cd_lite_choose_columns(src, src->table, err) ||
        !cd_lite_open_statement(src, src->table, err))
        return CD_STEP_FAILED;
    int rc = sqlite3_step(src->stmt);
    if (rc == SQLITE_DONE) {
        close_statement(src);
        end_table(src);
        return CD_STEP_AGAIN;
    }
    if (rc != SQLITE_ROW) {
        (void)cd_lite_fail(&src->db, rc, err, "reading %s",
                           src->table->relation ? src->table->relation : "the query");
        return CD_STEP_FAILED;
    }
    return cd_lite_plan_row(src, src->table, err) ? CD_STEP_AGAIN : CD_STEP_FAILED;
}

/* The row's own position; in mode timestamp the caller decides whether it may be used. */
static bool position(struct cd_lite_source *src, struct cd_sql_offset *ret, struct cd_error *err)
{
    *ret = src->table->offset;
    if (cd_mode_has_incrementing(src->mode)) {
        if (!cd_lite_row_id(src, src->table, &ret->incrementing, err))
            return false;
        ret->has_incrementing = true;
    }
    return !cd_mode_has_timestamp(src->mode) || cd_lite_row_time(src, src->table, ret, err);
}

/* Reads the row, then steps to the next one, because in mode timestamp only that tells whether the
 * row's group of equal times is complete. */
static enum cd_step emit(struct cd_lite_source *src, struct cd_batch *batch, struct cd_error *err)
{
    const struct cd_host *host = src->base.host;
    struct cd_lite_table *table = src->table;
    struct cd_sql_offset here = {0}, next;
    if (src->mode != CD_MODE_BULK && !position(src, &here, err))
        return CD_STEP_FAILED;
    struct cd_record *rec = host->add(batch, err);
    if (rec == NULL) {
        bool full = cd_full(err);
        if (full)
            cd_error_reset(err);
        return full ? CD_STEP_DONE : CD_STEP_FAILED;
    }
    if (!cd_lite_read_row(src, table, batch, rec, err)) {
        host->drop_last(batch);
        return CD_STEP_FAILED;
    }
    rec->topic = cd_slice(table->topic);
    rec->source_partition = table->partition;
    src->page_rows++;
    int rc = sqlite3_step(src->stmt);
    bool ended = rc == SQLITE_DONE;
    if (rc != SQLITE_ROW && !ended) {
        host->drop_last(batch); /* it comes again: its offset is not known */
        (void)cd_lite_fail(&src->db, rc, err, "reading %s",
                           table->relation ? table->relation : "the query");
        return CD_STEP_FAILED;
    }
    bool complete = ended || src->mode != CD_MODE_TIMESTAMP;
    if (!complete) {
        next = table->offset;
        if (!cd_lite_row_time(src, table, &next, err)) {
            host->drop_last(batch);
            return CD_STEP_FAILED;
        }
        complete = cd_sql_offset_compare_time(&next, &here) > 0;
    }
    if (complete)
        table->offset = here;
    if (src->mode != CD_MODE_BULK)
        rec->source_offset = cd_sql_offset_write(host, batch, src->mode, &table->offset);
    if (ended)
        close_statement(src);
    return CD_STEP_AGAIN;
}

/* A page that is not read to its end starts again behind the last row: nothing stays open while
 * Kafka is slow. */
static void leave_page(struct cd_lite_source *src)
{
    if (!src->paged)
        return;
    close_statement(src);
    src->page_rows = 0;
    src->table->data_version = -1;
}

static enum cd_step read_rows(struct cd_lite_source *src, struct cd_batch *batch,
                              struct cd_error *err)
{
    const struct cd_host *host = src->base.host;
    int64_t most = cd_lite_source_cfg(src)->batch_max_rows;
    while (src->stmt != NULL) {
        enum cd_step step = emit(src, batch, err);
        if (step == CD_STEP_FAILED)
            return step;
        bool enough = step == CD_STEP_DONE || (int64_t)host->count(batch) >= most;
        if (src->stmt != NULL && enough) {
            leave_page(src);
            return CD_STEP_DONE;
        }
    }
    bool more = src->paged && src->page_rows >= most;
    if (!more) {
        src->page_rows = 0;
        end_table(src);
    }
    return host->count(batch) > 0 ? CD_STEP_DONE : CD_STEP_AGAIN;
}

static enum cd_step read_table(struct cd_lite_source *src, struct cd_batch *batch,
                               struct cd_wait *wait, struct cd_error *err)
{
    if (src->table == NULL)
        return pick_table(src, wait);
    if (src->stmt == NULL)
        return begin_table(src, err);
    return read_rows(src, batch, err);
}

/* As in JDBC: an SQL error puts the table back in the queue; what the settings or a value make
 * impossible ends the task. */
static void after_failure(struct cd_lite_source *src, struct cd_error *err)
{
    const struct cd_sql_source_config *cfg = cd_lite_source_cfg(src);
    struct cd_lite_table *table = src->table;
    close_statement(src);
    src->table = NULL;
    src->page_rows = 0;
    if (table == NULL)
        return;
    table->data_version = -1;
    if (strncmp(err->native, "SQLITE", 6) != 0)
        return;
    table->failures++;
    table->due_ms = src->base.host->monotonic_ms() + cfg->poll_interval_ms;
    err->code = CD_ERR_REMOTE;
    err->retriable = cfg->query_retry_attempts <= 0 || table->failures < cfg->query_retry_attempts;
}

static enum cd_step source_poll(void *task, struct cd_batch *batch, struct cd_wait *wait,
                                struct cd_error *err)
{
    struct cd_lite_source *src = task;
    if (src->parked.code != CD_OK) {
        *err = src->parked;
        cd_error_reset(&src->parked);
        return CD_STEP_FAILED;
    }
    enum cd_step step;
    do
        step = read_table(src, batch, wait, err);
    while (step == CD_STEP_AGAIN);
    if (step != CD_STEP_FAILED) {
        src->db.busy_until_ms = 0;
        return step;
    }
    bool busy =
        strcmp(err->native, "SQLITE_BUSY") == 0 || strcmp(err->native, "SQLITE_LOCKED") == 0;
    bool at_start = src->stmt == NULL || src->page_rows == 0;
    if (busy && at_start && cd_lite_busy(&src->db, src->base.host, wait, err) == CD_STEP_WAIT) {
        close_statement(src);
        src->table->data_version = -1;
        return CD_STEP_WAIT;
    }
    after_failure(src, err);
    if (src->base.host->count(batch) == 0)
        return CD_STEP_FAILED;
    src->parked = *err; /* the rows before the failure are good, and the offsets count them */
    cd_error_reset(err);
    return CD_STEP_DONE;
}

const struct cd_source cd_lite_source_table = {
    .size = sizeof(struct cd_source),
    .task_size = sizeof(struct cd_lite_source),
    .open = source_open,
    .poll = source_poll,
    .interrupt = source_interrupt,
    .close = source_close,
};
