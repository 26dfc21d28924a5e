/* Any bytes: read by JsonConverter with and without envelopes, written, and read again. */
#include <stdlib.h>

#include "data/batch.h"
#include "data/schema.h"
#include "plugins/converter_list.h"
#include "tests/fuzz/fuzz.h"

#define SCHEMA(body) "{\"schema\":{" body "},\"payload\":"
#define LOGICAL(type, name)                                                                        \
    "\"type\":\"" type "\",\"name\":\"org.apache.kafka.connect.data." name "\""

const char *const cd_fuzz_seeds[] = {
    "{\"schema\":null,\"payload\":{\"a\":[1,2.5,\"x\"]}}",
    SCHEMA(
        "\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":true,\"default\":42,"
        "\"field\":\"a\"},{\"type\":\"string\",\"field\":\"b\"}],\"optional\":false,\"name\":"
        "\"n\",\"version\":2,\"doc\":\"d\",\"parameters\":{\"p\":\"q\"}") "{\"a\":1,\"b\":\"x\"}}",
    SCHEMA("\"type\":\"map\",\"keys\":{\"type\":\"int8\"},\"values\":{\"type\":\"array\",\"items\":"
           "{\"type\":\"float\",\"optional\":true}}") "[[1,[1.5]],[2,[null]]]}",
    SCHEMA(
        "\"type\":\"map\",\"keys\":{\"type\":\"string\"},\"values\":{\"type\":\"bytes\"}") "{\"a\":"
                                                                                           "\"aGVsb"
                                                                                           "G8=\","
                                                                                           "\"b\":"
                                                                                           "\"\"}}",
    SCHEMA(LOGICAL("bytes", "Decimal") ",\"parameters\":{\"scale\":\"2\"}") "\"AJw=\"}",
    SCHEMA(LOGICAL("bytes", "Decimal") ",\"parameters\":{\"scale\":\"2\"}") "1.50}",
    SCHEMA(LOGICAL("int32", "Date")) "10000}",
    SCHEMA(LOGICAL("int32", "Time") ",\"default\":5,\"optional\":true") "null}",
    SCHEMA(LOGICAL("int64", "Timestamp")) "4000000000}",
    SCHEMA("\"type\":\"struct\",\"fields\":[{\"type\":\"struct\",\"fields\":[{\"type\":\"boolean\","
           "\"field\":\"x\"}],\"field\":\"s\"},{\"type\":\"double\",\"field\":\"d\"},{\"type\":"
           "\"int64\",\"field\":\"l\"}]") " {\"s\":{\"x\":true},\"d\":1e300,\"l\":-1} }",
    SCHEMA("\"type\":\"array\",\"items\":{\"type\":\"int16\"}") "{\"a\":1,\"b\":2,\"a\":3}}",
    SCHEMA("\"type\":\"array\",\"items\":{\"type\":\"string\"}") "7}",
    SCHEMA(
        "\"type\":\"struct\",\"fields\":[{\"type\":\"string\",\"field\":\"b\"},{\"type\":"
        "\"array\",\"items\":{\"type\":\"bytes\"},\"field\":\"c\"}]") "{\"c\":[\"\"],\"b\":\"\"}}",
    SCHEMA("\"type\":\"struct\",\"fields\":[],\"default\":{}") "[]}",
    SCHEMA("\"type\":\"map\",\"keys\":null,\"values\":{\"type\":\"int8\"}") "{}}",
    "{ \"payload\" : [1] , \"schema\" : {\"type\":\"array\",\"items\":{\"type\":\"int16\"}} }",
    NULL,
};

static void *open_converter(struct cd_converter_json_config *cfg)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_task_base *state = calloc(1, cd_converter_json.state_size);
    if (state == NULL)
        abort();
    state->cfg = cfg;
    if (!cd_converter_json.open(state, CD_ROLE_VALUE, &err))
        abort();
    return state;
}

static bool read_one(void *state, struct cd_batch *batch, struct cd_slice bytes,
                     const struct cd_schema **schema, struct cd_value *value)
{
    struct cd_error err = CD_ERROR_INIT;
    bool ok = cd_converter_json.read(state, batch, cd_slice("t"), bytes, schema, value, &err);
    if (!ok && (err.code != CD_ERR_DATA || err.native[0] == '\0'))
        abort();
    return ok;
}

/* What was read can be written unless a null stands where none may, and read again. */
static void round_trip(void *state, struct cd_slice bytes)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    const struct cd_schema *schema;
    const struct cd_schema *schema_again;
    struct cd_value value;
    struct cd_slice written;
    if (read_one(state, batch, bytes, &schema, &value) &&
        cd_converter_json.write(state, batch, cd_slice("t"), schema, value, &written, &err) &&
        written.ptr != NULL) {
        if (!read_one(state, batch, written, &schema_again, &value) || schema_again != schema)
            abort();
    }
    cd_batch_free(batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cd_converter_json_config plain = {.decimal_format = "BASE64", .cache_size = 4};
    static struct cd_converter_json_config envelope = {
        .schemas = true, .decimal_format = "NUMERIC", .cache_size = 4, .replace_null = true};
    struct cd_converter_json_config *configs[] = {&plain, &envelope};
    for (size_t i = 0; i < 2; i++) {
        void *state = open_converter(configs[i]);
        round_trip(state, cd_slice_of(data, size));
        round_trip(state, cd_slice_of(data, size)); /* its schema is known now */
        cd_converter_json.close(state);
        free(state);
    }
    if (cd_schema_alive() != 0)
        abort();
    return 0;
}
