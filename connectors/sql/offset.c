#include "connectors/sql/offset.h"

#include "connectors/sql/calendar.h"

#include <stdlib.h>

#define NAME(text)                                                                                 \
    {                                                                                              \
        .kind = CD_KIND_STRING, .count = sizeof(text) - 1, .as.string = (text)                     \
    }

static const struct cd_value key_table = NAME("table");
static const struct cd_value key_query = NAME("query");
static const struct cd_value key_protocol = NAME("protocol");
static const struct cd_value protocol_1 = NAME("1");
static const struct cd_value key_nanos = NAME("timestamp_nanos");
static const struct cd_value key_timestamp = NAME("timestamp");
static const struct cd_value key_incrementing = NAME("incrementing");

int cd_sql_offset_compare_time(const struct cd_sql_offset *a, const struct cd_sql_offset *b)
{
    if (!a->has_timestamp || !b->has_timestamp)
        return (int)a->has_timestamp - (int)b->has_timestamp;
    if (a->seconds != b->seconds)
        return a->seconds < b->seconds ? -1 : 1;
    return (a->nanos > b->nanos) - (a->nanos < b->nanos);
}

/* ---- offsets ---- */

static bool read_integer(struct cd_value value, int64_t *ret)
{
    if (value.kind >= CD_KIND_INT8 && value.kind <= CD_KIND_INT64) {
        *ret = value.as.integer;
        return true;
    }
    if (value.kind == CD_KIND_FLOAT64 && value.as.float64 > -9e18 && value.as.float64 < 9e18) {
        *ret = (int64_t)value.as.float64;
        return true;
    }
    if (value.kind != CD_KIND_STRING || value.count == 0 || value.count > 20)
        return false;
    char text[24] = "";
    char *end;
    memcpy(text, value.as.string, value.count);
    *ret = strtoll(text, &end, 10);
    return *end == '\0';
}

void cd_sql_offset_read(struct cd_value map, struct cd_sql_offset *ret)
{
    int64_t ms, nanos;
    *ret = (struct cd_sql_offset){0};
    ret->has_incrementing = read_integer(cd_map_get(map, "incrementing"), &ret->incrementing);
    if (!read_integer(cd_map_get(map, "timestamp"), &ms))
        return;
    ret->has_timestamp = true;
    ret->seconds = cd_floor_div(ms, 1000);
    ret->nanos = (int32_t)cd_floor_mod(ms, 1000) * 1000000;
    if (read_integer(cd_map_get(map, "timestamp_nanos"), &nanos) && nanos >= 0 &&
        nanos < 1000000000)
        ret->nanos = (int32_t)nanos; /* it includes the milliseconds */
}

struct cd_value cd_sql_offset_write(const struct cd_host *host, struct cd_batch *batch,
                                    enum cd_mode mode, const struct cd_sql_offset *offset)
{
    if (mode == CD_MODE_BULK)
        return cd_null();
    if (mode == CD_MODE_INCREMENTING)
        return host->map1(batch, "incrementing", cd_int64(offset->incrementing));
    struct cd_error ignored = CD_ERROR_INIT; /* three entries are below any limit */
    struct cd_map_entry *entries = host->alloc(batch, 3 * sizeof(*entries), &ignored);
    if (entries == NULL)
        return cd_null();
    uint32_t count = 0;
    if (offset->has_timestamp)
        entries[count++] = (struct cd_map_entry){key_nanos, cd_int64(offset->nanos)};
    if (mode == CD_MODE_TIMESTAMP_INCREMENTING && offset->has_incrementing)
        entries[count++] = (struct cd_map_entry){key_incrementing, cd_int64(offset->incrementing)};
    if (offset->has_timestamp)
        entries[count++] = (struct cd_map_entry){
            key_timestamp, cd_int64(offset->seconds * 1000 + offset->nanos / 1000000)};
    return cd_map(entries, count);
}

/* ---- partitions ---- */

static struct cd_partition *intern(const struct cd_task_base *task, bool protocol,
                                   struct cd_value name, const char *value, struct cd_error *err)
{
    struct cd_map_entry entries[2];
    uint32_t count = 0;
    if (protocol)
        entries[count++] = (struct cd_map_entry){key_protocol, protocol_1};
    entries[count++] = (struct cd_map_entry){name, cd_string(cd_slice(value))};
    return task->host->partition(task->handle, cd_map(entries, count), err);
}

static struct cd_partition *intern_table(const struct cd_task_base *task, const char *database,
                                         const struct cd_table_id *table, struct cd_error *err)
{
    struct cd_sql_text name CD_AUTO(cd_sql_text_done) = {0};
    if (database != NULL)
        cd_sql_addf(&name, "%s.", database);
    cd_table_id_add(&name, table, /* quoted = */ false);
    return intern(task, /* protocol = */ true, key_table, cd_sql_text_get(&name), err);
}

struct cd_partition *cd_sql_partition(const struct cd_task_base *task, enum cd_mode mode,
                                      const struct cd_table_id *table, struct cd_error *err)
{
    if (table == NULL)
        return intern(task, false, key_query, "query", err);
    if (mode == CD_MODE_BULK)
        return intern(task, false, key_table, table->table, err);
    return intern_table(task, NULL, table, err);
}

static bool look_up(const struct cd_task_base *task, struct cd_partition *partition,
                    struct cd_sql_offset *ret, bool *ret_found)
{
    if (partition == NULL)
        return false;
    struct cd_value stored = task->host->offset(task->handle, partition);
    *ret_found = stored.kind == CD_KIND_MAP;
    if (*ret_found)
        cd_sql_offset_read(stored, ret);
    return true;
}

bool cd_sql_offset_find(const struct cd_task_base *task, const struct cd_table_id *table,
                        const char *database, struct cd_sql_offset *ret, bool *ret_found,
                        struct cd_error *err)
{
    *ret = (struct cd_sql_offset){0};
    *ret_found = false;
    if (table == NULL)
        return look_up(task, intern(task, false, key_query, "query", err), ret, ret_found);
    if (!look_up(task, intern_table(task, NULL, table, err), ret, ret_found))
        return false;
    if (!*ret_found && database != NULL && table->schema != NULL &&
        !look_up(task, intern_table(task, database, table, err), ret, ret_found))
        return false;
    if (*ret_found)
        return true;
    return look_up(task, intern(task, false, key_table, table->table, err), ret, ret_found);
}

/* ---- alterOffsets ---- */

static bool is_text(struct cd_value value)
{
    return value.kind == CD_KIND_STRING;
}

bool cd_sql_check_offset(const struct cd_connector_call *call, struct cd_value partition,
                         struct cd_value offset, struct cd_error *err)
{
    (void)call;
    if (!is_text(cd_map_get(partition, "table")) && !is_text(cd_map_get(partition, "query")))
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "a partition is {\"protocol\":\"1\",\"table\":\"schema.table\"} or "
                          "{\"query\":\"query\"}");
    static const char *const members[] = {"incrementing", "timestamp", "timestamp_nanos"};
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        struct cd_value member = cd_map_get(offset, members[i]);
        int64_t number;
        if (!cd_is_null(member) && !read_integer(member, &number))
            return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                              "'%s' of an offset must be an integer", members[i]);
    }
    return true;
}
