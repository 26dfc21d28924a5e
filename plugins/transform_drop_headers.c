/* Removes every header whose name is in the list. */
#include "plugins/operand.h"
#include "plugins/transform_list.h"

struct drop_config {
    struct cd_strings headers;
};

struct drop {
    struct cd_task_base base;
};

static uint32_t count_kept(const struct drop_config *cfg, const struct cd_record *rec)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rec->header_count; i++)
        kept += !cd_strings_have(cfg->headers, rec->headers[i].name);
    return kept;
}

static enum cd_verdict_on_record drop_apply(void *state, struct cd_batch *out,
                                            struct cd_record *rec, struct cd_error *err)
{
    const struct drop *drop = state;
    const struct drop_config *cfg = drop->base.cfg;
    uint32_t kept = count_kept(cfg, rec);
    if (kept == rec->header_count)
        return CD_RECORD_KEEP;
    struct cd_header *headers = drop->base.host->alloc(out, kept * sizeof(*headers), err);
    if (headers == NULL)
        return CD_RECORD_FAILED;
    uint32_t used = 0;
    for (uint32_t i = 0; i < rec->header_count; i++)
        if (!cd_strings_have(cfg->headers, rec->headers[i].name))
            headers[used++] = rec->headers[i];
    rec->headers = headers;
    rec->header_count = used;
    return CD_RECORD_KEEP;
}

static const struct cd_transform drop_table = {
    .size = sizeof(struct cd_transform),
    .state_size = sizeof(struct drop),
    .apply = drop_apply,
};

static const struct cd_key drop_keys[] = {
    {
        .name = "headers",
        .type = CD_LIST,
        .non_empty = true,
        .offset = offsetof(struct drop_config, headers),
        .importance = CD_HIGH,
        .doc = "The name of the headers to be removed.",
    },
};

const struct cd_plugin cd_drop_headers_plugin =
    CD_TRANSFORM_PLUGIN("DropHeaders", "Removes one or more headers from each record.",
                        struct drop_config, drop_keys, drop_table);
