/* True for a record with at least one header of exactly this name. */
#include "plugins/operand.h"
#include "plugins/transform_list.h"

struct has_header_config {
    const char *name;
};

struct has_header {
    struct cd_task_base base;
    struct cd_slice name; /* the configuration's */
};

static bool has_header_open(void *state, struct cd_error *err)
{
    (void)err;
    struct has_header *predicate = state;
    const struct has_header_config *cfg = predicate->base.cfg;
    predicate->name = cd_slice(cfg->name);
    return true;
}

static bool has_header_test(void *state, const struct cd_record *rec, bool *ret,
                            struct cd_error *err)
{
    (void)err;
    const struct has_header *predicate = state;
    *ret = false;
    for (uint32_t i = 0; i < rec->header_count && !*ret; i++)
        *ret = cd_slice_equal(rec->headers[i].name, predicate->name);
    return true;
}

static const struct cd_predicate has_header_table = {
    .size = sizeof(struct cd_predicate),
    .state_size = sizeof(struct has_header),
    .open = has_header_open,
    .test = has_header_test,
};

static const struct cd_key has_header_keys[] = {
    {
        .name = "name",
        .type = CD_STRING,
        .non_empty = true,
        .offset = offsetof(struct has_header_config, name),
        .importance = CD_MEDIUM,
        .doc = "The header name.",
    },
};

const struct cd_plugin cd_has_header_key_plugin =
    CD_PREDICATE_PLUGIN("HasHeaderKey",
                        "A predicate which is true for records with at least one header with the "
                        "configured name.",
                        struct has_header_config, has_header_keys, has_header_table);
