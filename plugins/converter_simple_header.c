/* SimpleHeaderConverter: Connect's text form of values (data/value_text.h), as UTF-8. */
#include "base/buffer.h"
#include "compat/charset.h"
#include "compat/utf.h"
#include "data/batch.h"
#include "data/value_text.h"
#include "plugins/converter_list.h"

struct header_converter {
    struct cd_task_base base;
    struct cd_buffer text;  /* reused for each header */
    struct cd_buffer bytes; /* likewise */
};

static void header_close(void *state)
{
    struct header_converter *c = state;
    cd_buffer_done(&c->text);
    cd_buffer_done(&c->bytes);
}

static bool header_write(void *state, struct cd_batch *out, struct cd_slice topic,
                         const struct cd_schema *schema, struct cd_value value,
                         struct cd_slice *ret, struct cd_error *err)
{
    (void)topic;
    (void)schema;
    struct header_converter *c = state;
    if (cd_is_null(value)) {
        *ret = (struct cd_slice){NULL, 0};
        return true;
    }
    cd_buffer_clear(&c->text);
    cd_value_header_text(value, &c->text);
    struct cd_slice text = cd_buffer_view(&c->text);
    if (!cd_utf8_valid(text)) {
        cd_buffer_clear(&c->bytes);
        cd_java_utf8_encode(text, &c->bytes);
        text = cd_buffer_view(&c->bytes);
    }
    struct cd_slice copy = cd_arena_copy(&out->arena, text, err);
    if (copy.ptr == NULL)
        return false;
    *ret = copy;
    return true;
}

static bool header_read(void *state, struct cd_batch *out, struct cd_slice topic,
                        struct cd_slice bytes, const struct cd_schema **ret_schema,
                        struct cd_value *ret, struct cd_error *err)
{
    (void)topic;
    struct header_converter *c = state;
    if (bytes.ptr == NULL) {
        *ret_schema = NULL;
        *ret = cd_null();
        return true;
    }
    if (!cd_utf8_valid(bytes)) {
        cd_buffer_clear(&c->text);
        cd_java_utf8_decode(bytes, &c->text);
        bytes = cd_arena_copy(&out->arena, cd_buffer_view(&c->text), err);
        if (bytes.ptr == NULL)
            return false;
    }
    return cd_value_header_parse(out, bytes, ret_schema, ret, err);
}

const struct cd_converter cd_converter_simple_header = {
    .size = sizeof(struct cd_converter),
    .state_size = sizeof(struct header_converter),
    .write = header_write,
    .read = header_read,
    .close = header_close,
};
