/* Any bytes: read without a schema, written, read again: the second reading gives the same bytes.
 */
#include <stdlib.h>

#include "base/buffer.h"
#include "data/value.h"
#include "tests/fuzz/fuzz.h"

const char *const cd_fuzz_seeds[] = {
    "{\"a\":1,\"b\":[true,false,null,{\"c\":\"d\"}],\"a\":-2.5e3}",
    "[\"\\u0041\\uD83D\\uDE00\\n\\\"\", \"h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\", "
    "\"\xed\xa0\x80\"]",
    "18446744073709551617",
    "-0.0",
    "1e400",
    "\xef\xbb\xbf{\"x\":[[[[[[1]]]]]]}",
    "{\"zeta\":1,\"alpha\":2,\"mid\":3,\"b\":4,\"a\":5,\"Aa\":6,\"BB\":7}",
    NULL,
};

static void write_again(struct cd_arena *arena, struct cd_slice text, struct cd_buffer *out)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_value value;
    if (!cd_value_from_json(arena, text, &value, &err) || !cd_value_to_json(value, out, &err))
        abort();
}

/* -0.0 is read as 0.0, and "NaN" stays a text, so one round more settles everything. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena;
    struct cd_value value;
    struct cd_buffer texts[3] = {CD_BUFFER_INIT, CD_BUFFER_INIT, CD_BUFFER_INIT};
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    if (cd_value_from_json(&arena, cd_slice_of(data, size), &value, &err)) {
        if (!cd_value_to_json(value, &texts[0], &err))
            abort();
        write_again(&arena, cd_buffer_view(&texts[0]), &texts[1]);
        write_again(&arena, cd_buffer_view(&texts[1]), &texts[2]);
        if (!cd_slice_equal(cd_buffer_view(&texts[1]), cd_buffer_view(&texts[2])))
            abort();
    } else if (err.code != CD_ERR_DATA || err.native[0] == '\0') {
        abort();
    }
    for (size_t i = 0; i < 3; i++)
        cd_buffer_done(&texts[i]);
    cd_arena_done(&arena);
    return 0;
}
