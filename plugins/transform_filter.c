/* Drops every record it is asked about: meant to stand behind a predicate. */
#include "plugins/operand.h"
#include "plugins/transform_list.h"

struct filter {
    struct cd_task_base base;
};

static enum cd_verdict_on_record filter_apply(void *state, struct cd_batch *out,
                                              struct cd_record *rec, struct cd_error *err)
{
    (void)state;
    (void)out;
    (void)rec;
    (void)err;
    return CD_RECORD_DROP;
}

static const struct cd_transform filter_table = {
    .size = sizeof(struct cd_transform),
    .state_size = sizeof(struct filter),
    .apply = filter_apply,
};

const struct cd_plugin cd_filter_plugin =
    CD_BARE_PLUGIN(CD_PLUGIN_TRANSFORM, CD_TRANSFORM_PACKAGE "Filter",
                   "Drops all records, filtering them from subsequent transformations in the "
                   "chain. This is intended to be used conditionally to filter out records "
                   "matching (or not matching) a particular Predicate.",
                   filter_table);
