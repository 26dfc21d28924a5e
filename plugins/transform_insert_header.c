/* Adds one header, whose value is what a text in the configuration stands for. */
#include "data/batch.h"
#include "data/value.h"
#include "data/value_text.h"
#include "plugins/operand.h"
#include "plugins/transform_list.h"

struct insert_header_config {
    const char *header;
    const char *literal;
};

struct insert_header {
    struct cd_task_base base;
    struct cd_batch *literal; /* what the value points into */
    const struct cd_schema *schema;
    struct cd_value value;
};

static bool insert_header_open(void *state, struct cd_error *err)
{
    struct insert_header *self = state;
    const struct insert_header_config *cfg = self->base.cfg;
    self->literal = cd_batch_new(SIZE_MAX, SIZE_MAX);
    return cd_value_header_parse(self->literal, cd_slice(cfg->literal), &self->schema, &self->value,
                                 err);
}

static void insert_header_close(void *state)
{
    struct insert_header *self = state;
    cd_batch_free(self->literal);
}

/* All of it is copied, since the batch may outlive this state. */
static enum cd_verdict_on_record insert_header_apply(void *state, struct cd_batch *out,
                                                     struct cd_record *rec, struct cd_error *err)
{
    struct insert_header *self = state;
    const struct insert_header_config *cfg = self->base.cfg;
    const struct cd_host *host = self->base.host;
    struct cd_header *headers = cd_headers_copy(host, out, rec, 1, err);
    if (headers == NULL)
        return CD_RECORD_FAILED;
    struct cd_header *added = &headers[rec->header_count];
    added->schema = self->schema;
    added->name = host->copy(out, cd_slice(cfg->header), err);
    if (added->name.ptr == NULL || !cd_value_copy(&out->arena, self->value, &added->value, err))
        return CD_RECORD_FAILED;
    host->keep(out, self->schema);
    rec->headers = headers;
    rec->header_count++;
    return CD_RECORD_KEEP;
}

static const struct cd_transform insert_header_table = {
    .size = sizeof(struct cd_transform),
    .state_size = sizeof(struct insert_header),
    .open = insert_header_open,
    .apply = insert_header_apply,
    .close = insert_header_close,
};

static const struct cd_key insert_header_keys[] = {
    {
        .name = "header",
        .type = CD_STRING,
        .offset = offsetof(struct insert_header_config, header),
        .importance = CD_HIGH,
        .doc = "The name of the header.",
    },
    {
        .name = "value.literal",
        .type = CD_STRING,
        .offset = offsetof(struct insert_header_config, literal),
        .importance = CD_HIGH,
        .doc = "The literal value that is to be set as the header value on all records.",
    },
};

const struct cd_plugin cd_insert_header_plugin =
    CD_TRANSFORM_PLUGIN("InsertHeader", "Add a header to each record.", struct insert_header_config,
                        insert_header_keys, insert_header_table);
