/* A converter of texts and a transform that refuse what is bad. */
#include "faulty.h"

struct refuser_config {
    const char *kind;
    int64_t times;
};

struct refuser {
    struct cd_task_base base;
    int64_t failed; /* of the record at hand */
};

static const struct cd_key refuser_keys[] = {
    FAULTY_KIND_KEY(struct refuser_config, kind),
    {.name = "fail.times",
     .type = CD_INT64,
     .fallback = "-1",
     .offset = offsetof(struct refuser_config, times),
     .doc = "How often it fails before it passes; -1: always."},
};

static bool refuse(struct refuser *self, struct cd_slice text, struct cd_error *err)
{
    const struct refuser_config *cfg = self->base.cfg;
    if (!faulty_is_bad(text) || (cfg->times >= 0 && self->failed >= cfg->times)) {
        self->failed = 0;
        return true;
    }
    self->failed++;
    return faulty_fail(err, cfg->kind, text);
}

static bool converter_write(void *state, struct cd_batch *out, struct cd_slice topic,
                            const struct cd_schema *schema, struct cd_value value,
                            struct cd_slice *ret, struct cd_error *err)
{
    (void)topic;
    (void)schema;
    struct refuser *self = state;
    *ret = (struct cd_slice){NULL, 0};
    if (cd_is_null(value))
        return true;
    if (!refuse(self, cd_value_slice(value), err))
        return false;
    *ret = self->base.host->copy(out, cd_value_slice(value), err);
    return ret->ptr != NULL;
}

static bool converter_read(void *state, struct cd_batch *out, struct cd_slice topic,
                           struct cd_slice bytes, const struct cd_schema **ret_schema,
                           struct cd_value *ret_value, struct cd_error *err)
{
    (void)out;
    (void)topic;
    struct refuser *self = state;
    *ret_schema = self->base.host->primitives[CD_TYPE_STRING][1];
    *ret_value = cd_string(bytes);
    return bytes.ptr == NULL || refuse(self, bytes, err);
}

static const struct cd_converter converter = {
    .size = sizeof(struct cd_converter),
    .state_size = sizeof(struct refuser),
    .write = converter_write,
    .read = converter_read,
};

static enum cd_verdict_on_record transform_apply(void *state, struct cd_batch *out,
                                                 struct cd_record *rec, struct cd_error *err)
{
    (void)out;
    if (rec->value.kind != CD_KIND_STRING && rec->value.kind != CD_KIND_BYTES)
        return CD_RECORD_KEEP;
    return refuse(state, cd_value_slice(rec->value), err) ? CD_RECORD_KEEP : CD_RECORD_FAILED;
}

static const struct cd_transform transform = {
    .size = sizeof(struct cd_transform),
    .state_size = sizeof(struct refuser),
    .apply = transform_apply,
};

/* ---- the list ---- */

#define REFUSER_KEYS                                                                               \
    .keys = refuser_keys, .key_count = sizeof(refuser_keys) / sizeof(refuser_keys[0]),             \
    .key_size = sizeof(struct cd_key), .config_size = sizeof(struct refuser_config)

static const struct cd_plugin plugins[] = {
    {.kind = CD_PLUGIN_CONVERTER,
     .class_name = "test.FaultyConverter",
     .version = "1",
     .converter = &converter,
     REFUSER_KEYS},
    {.kind = CD_PLUGIN_HEADER_CONVERTER,
     .class_name = "test.FaultyConverter",
     .version = "1",
     .converter = &converter,
     REFUSER_KEYS},
    {.kind = CD_PLUGIN_TRANSFORM,
     .class_name = "test.FaultyTransform",
     .version = "1",
     .transform = &transform,
     REFUSER_KEYS},
};

CD_EXPORT const struct cd_plugin_set connectd_plugins = CD_PLUGIN_SET(plugins);
