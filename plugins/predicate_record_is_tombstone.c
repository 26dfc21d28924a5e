/* True for a record whose value is null, whatever its key and its schema. */
#include "plugins/operand.h"
#include "plugins/transform_list.h"

struct tombstone {
    struct cd_task_base base;
};

static bool tombstone_test(void *state, const struct cd_record *rec, bool *ret,
                           struct cd_error *err)
{
    (void)state;
    (void)err;
    *ret = cd_is_null(rec->value);
    return true;
}

static const struct cd_predicate tombstone_table = {
    .size = sizeof(struct cd_predicate),
    .state_size = sizeof(struct tombstone),
    .test = tombstone_test,
};

const struct cd_plugin cd_record_is_tombstone_plugin = CD_BARE_PLUGIN(
    CD_PLUGIN_PREDICATE, CD_PREDICATE_PACKAGE "RecordIsTombstone",
    "A predicate which is true for records which are tombstones (i.e. have null value).",
    tombstone_table);
