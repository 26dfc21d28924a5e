/*
 * Short, Integer, Long, Float and Double: big-endian bytes of one width, with an optional schema.
 * Numbers are never widened, and the schema beside a value is not looked at.
 */
#include <math.h>

#include "data/batch.h"
#include "data/schema.h"
#include "plugins/converter_list.h"

#define DOUBLE_NAN UINT64_C(0x7ff8000000000000)

struct form {
    const char *name; /* in the JVM's messages */
    const char *deserializer;
    enum cd_kind kind;
    enum cd_type type;
    size_t size;
};

static const struct form short_form = {"short", "ShortDeserializer", CD_KIND_INT16, CD_TYPE_INT16,
                                       2};
static const struct form integer_form = {"integer", "IntegerDeserializer", CD_KIND_INT32,
                                         CD_TYPE_INT32, 4};
static const struct form long_form = {"long", "LongDeserializer", CD_KIND_INT64, CD_TYPE_INT64, 8};
static const struct form float_form = {"float", "Deserializer", CD_KIND_FLOAT32, CD_TYPE_FLOAT32,
                                       4};
static const struct form double_form = {"double", "Deserializer", CD_KIND_FLOAT64, CD_TYPE_FLOAT64,
                                        8};

/* Float keeps the payload of a NaN, Double does not. */
static uint64_t bits_of(struct cd_value value)
{
    uint64_t bits = (uint64_t)value.as.integer;
    if (value.kind == CD_KIND_FLOAT64)
        return isnan(value.as.float64) ? DOUBLE_NAN : bits;
    if (value.kind == CD_KIND_FLOAT32) {
        uint32_t half;
        memcpy(&half, &value.as.float32, sizeof(half));
        return half;
    }
    return bits;
}

static bool number_write(const struct form *form, struct cd_batch *out, struct cd_value value,
                         struct cd_slice *ret, struct cd_error *err)
{
    if (cd_is_null(value)) {
        *ret = (struct cd_slice){NULL, 0};
        return true;
    }
    if (value.kind != form->kind)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Failed to serialize to %s (was class %s): ", form->name,
                          cd_kind_java_class((enum cd_kind)value.kind));
    unsigned char *bytes = cd_arena_alloc(&out->arena, form->size, 1, err);
    if (bytes == NULL)
        return false;
    uint64_t bits = bits_of(value);
    for (size_t i = form->size; i > 0; i--, bits >>= 8)
        bytes[i - 1] = (unsigned char)bits;
    *ret = cd_slice_of(bytes, form->size);
    return true;
}

static struct cd_value value_of(const struct form *form, uint64_t bits)
{
    struct cd_value value = {.kind = (uint8_t)form->kind};
    uint32_t half = (uint32_t)bits;
    if (form->kind == CD_KIND_FLOAT32)
        memcpy(&value.as.float32, &half, sizeof(half));
    else if (form->kind == CD_KIND_FLOAT64)
        memcpy(&value.as.float64, &bits, sizeof(bits));
    else if (form->size == 2)
        value.as.integer = (int16_t)bits;
    else if (form->size == 4)
        value.as.integer = (int32_t)bits;
    else
        value.as.integer = (int64_t)bits;
    return value;
}

static bool number_read(const struct form *form, struct cd_slice bytes,
                        const struct cd_schema **ret_schema, struct cd_value *ret,
                        struct cd_error *err)
{
    if (bytes.ptr != NULL && bytes.len != form->size)
        return cd_fail_as(err, CD_ERR_DATA, "DataException",
                          "Failed to deserialize %s: Size of data received by %s is not %zu",
                          form->name, form->deserializer, form->size);
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes.len; i++)
        bits = bits << 8 | (unsigned char)bytes.ptr[i];
    *ret = bytes.ptr == NULL ? cd_null() : value_of(form, bits);
    *ret_schema = cd_schema_primitive(form->type, true);
    return true;
}

#define NUMBER_CONVERTER(name)                                                                     \
    static bool name##_write(void *state, struct cd_batch *out, struct cd_slice topic,             \
                             const struct cd_schema *schema, struct cd_value value,                \
                             struct cd_slice *ret, struct cd_error *err)                           \
    {                                                                                              \
        (void)state;                                                                               \
        (void)topic;                                                                               \
        (void)schema;                                                                              \
        return number_write(&name##_form, out, value, ret, err);                                   \
    }                                                                                              \
    static bool name##_read(void *state, struct cd_batch *out, struct cd_slice topic,              \
                            struct cd_slice bytes, const struct cd_schema **ret_schema,            \
                            struct cd_value *ret, struct cd_error *err)                            \
    {                                                                                              \
        (void)state;                                                                               \
        (void)out;                                                                                 \
        (void)topic;                                                                               \
        return number_read(&name##_form, bytes, ret_schema, ret, err);                             \
    }                                                                                              \
    const struct cd_converter cd_converter_##name = {                                              \
        .size = sizeof(struct cd_converter),                                                       \
        .state_size = sizeof(struct cd_task_base),                                                 \
        .write = name##_write,                                                                     \
        .read = name##_read,                                                                       \
    }

NUMBER_CONVERTER(short);
NUMBER_CONVERTER(integer);
NUMBER_CONVERTER(long);
NUMBER_CONVERTER(float);
NUMBER_CONVERTER(double);
