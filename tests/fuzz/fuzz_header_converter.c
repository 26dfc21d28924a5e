/* Any bytes as a header: never refused, and what was understood can be written and read again. */
#include <stdlib.h>

#include "data/batch.h"
#include "data/schema.h"
#include "plugins/converter_list.h"
#include "tests/fuzz/fuzz.h"

const char *const cd_fuzz_seeds[] = {
    "[1,2.5,\"x\",[null],{\"a\":true}]",
    "{\"a\":1,\"b\":[2019-08-23T14:34:54.346Z,\"14:34:54.346Z\"]}",
    "2019-08-23",
    "14\\:34\\:54.346Z",
    "123456789012345678901234567890",
    "-1.5e-400",
    " true ",
    "{1:\"a\",300:\"b\",}",
    "[[[[[[[[1]]]]]]]]",
    "h\xc3\xa9 \xff \xed\xa0\x80",
    NULL,
};

static bool read_one(void *state, struct cd_batch *batch, struct cd_slice bytes,
                     const struct cd_schema **schema, struct cd_value *value)
{
    struct cd_error err = CD_ERROR_INIT;
    return cd_converter_simple_header.read(state, batch, cd_slice("t"), bytes, schema, value, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    void *state = calloc(1, cd_converter_simple_header.state_size);
    const struct cd_schema *schema;
    struct cd_value value;
    struct cd_slice written;
    if (state == NULL || !read_one(state, batch, cd_slice_of(data, size), &schema, &value))
        abort();
    if (!cd_is_null(value) && schema == NULL)
        abort();
    if (!cd_converter_simple_header.write(state, batch, cd_slice("t"), schema, value, &written,
                                          &err) ||
        !read_one(state, batch, written, &schema, &value))
        abort();
    cd_converter_simple_header.close(state);
    free(state);
    cd_batch_free(batch);
    if (cd_schema_alive() != 0)
        abort();
    return 0;
}
