/* BooleanConverter: one byte, 01 or 00. */
#include "data/batch.h"
#include "data/schema.h"
#include "plugins/converter_list.h"

static bool boolean_write(void *state, struct cd_batch *out, struct cd_slice topic,
                          const struct cd_schema *schema, struct cd_value value,
                          struct cd_slice *ret, struct cd_error *err)
{
    (void)state;
    (void)out;
    (void)topic;
    static const char bytes[] = {0, 1};
    if (schema != NULL && schema->type != CD_TYPE_BOOLEAN)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Invalid schema type for BooleanConverter: %s",
                          cd_type_name(schema->type));
    if (!cd_is_null(value) && value.kind != CD_KIND_BOOL)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "BooleanConverter is not compatible with objects of type class %s",
                          cd_kind_java_class((enum cd_kind)value.kind));
    *ret =
        cd_is_null(value) ? (struct cd_slice){NULL, 0} : cd_slice_of(&bytes[value.as.boolean], 1);
    return true;
}

static bool boolean_read(void *state, struct cd_batch *out, struct cd_slice topic,
                         struct cd_slice bytes, const struct cd_schema **ret_schema,
                         struct cd_value *ret, struct cd_error *err)
{
    (void)state;
    (void)out;
    (void)topic;
    if (bytes.ptr != NULL && bytes.len != 1)
        return cd_fail_as(
            err, CD_ERR_DATA, "DataException",
            "Failed to deserialize boolean: Size of data received by BooleanDeserializer is not 1");
    if (bytes.ptr != NULL && (unsigned char)bytes.ptr[0] > 1)
        return cd_fail_as(
            err, CD_ERR_DATA, "DataException",
            "Failed to deserialize boolean: Unexpected byte received by BooleanDeserializer: %d",
            (signed char)bytes.ptr[0]);
    *ret = bytes.ptr == NULL ? cd_null() : cd_bool(bytes.ptr[0] != 0);
    *ret_schema = cd_schema_primitive(CD_TYPE_BOOLEAN, true);
    return true;
}

const struct cd_converter cd_converter_boolean = {
    .size = sizeof(struct cd_converter),
    .state_size = sizeof(struct cd_task_base),
    .write = boolean_write,
    .read = boolean_read,
};
