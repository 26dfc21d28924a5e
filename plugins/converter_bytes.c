/* ByteArrayConverter: bytes as they are. Nothing is copied in either direction. */
#include "data/batch.h"
#include "data/schema.h"
#include "plugins/converter_list.h"

static bool bytes_write(void *state, struct cd_batch *out, struct cd_slice topic,
                        const struct cd_schema *schema, struct cd_value value, struct cd_slice *ret,
                        struct cd_error *err)
{
    (void)state;
    (void)out;
    (void)topic;
    if (schema != NULL && schema->type != CD_TYPE_BYTES)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Invalid schema type for ByteArrayConverter: %s",
                          cd_type_name(schema->type));
    if (!cd_is_null(value) && value.kind != CD_KIND_BYTES)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "ByteArrayConverter is not compatible with objects of type class %s",
                          cd_kind_java_class((enum cd_kind)value.kind));
    if (cd_is_null(value))
        *ret = (struct cd_slice){NULL, 0};
    else
        *ret = value.count == 0 ? cd_slice("") : cd_value_slice(value); /* empty is not null */
    return true;
}

static bool bytes_read(void *state, struct cd_batch *out, struct cd_slice topic,
                       struct cd_slice bytes, const struct cd_schema **ret_schema,
                       struct cd_value *ret, struct cd_error *err)
{
    (void)state;
    (void)out;
    (void)topic;
    (void)err;
    *ret = bytes.ptr == NULL ? cd_null() : cd_bytes(bytes.ptr, bytes.len);
    *ret_schema = cd_schema_primitive(CD_TYPE_BYTES, true);
    return true;
}

const struct cd_converter cd_converter_bytes = {
    .size = sizeof(struct cd_converter),
    .state_size = sizeof(struct cd_task_base),
    .write = bytes_write,
    .read = bytes_read,
    .borrows = true,
};
