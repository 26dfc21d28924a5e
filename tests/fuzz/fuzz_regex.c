/*
 * Regular expressions and their replacement texts. The input is three lines: pattern, replacement,
 * text. Whatever it holds, each call answers or refuses with a reason, in bounded time, and
 * replacing in a proper text that holds no match leaves it as it is.
 */
#include <assert.h>

#include "base/buffer.h"
#include "compat/regex.h"
#include "compat/utf.h"
#include "tests/fuzz/fuzz.h"

const char *const cd_fuzz_seeds[] = {
    "(.*)-(\\d\\d\\d\\d)\n$1\nindex-2017",
    "(?<n>a+?)[b-z&&[^c]]\\d*\n$1${n}\\$\naaabx12",
    "(?i)\\p{Alpha}++(?=x)|\\Q.*\\E\n$12\nABCx.*",
    NULL,
};

static struct cd_slice take_line(struct cd_slice *rest)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);
    struct cd_slice line =
        cd_slice_of(rest->ptr, end == NULL ? rest->len : (size_t)(end - rest->ptr));
    size_t used = line.len + (end != NULL);
    *rest = cd_slice_of(rest->ptr + used, rest->len - used);
    return line;
}

static void replace(const struct cd_regex *regex, struct cd_slice text, struct cd_slice by)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_buffer out CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    bool found = false;
    if (!cd_regex_find(regex, text, &found, &err))
        return;
    if (!cd_regex_replace_first(regex, text, by, &out, &err))
        assert(err.code != CD_OK && err.native[0] != '\0');
    else
        assert(found || !cd_wtf8_valid(text) || cd_slice_equal(cd_buffer_view(&out), text));
    cd_error_reset(&err);
    cd_buffer_clear(&out);
    if (!cd_regex_replace_all(regex, text, by, &out, &err))
        assert(err.code != CD_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_slice rest = cd_slice_of(data == NULL ? (const uint8_t *)"" : data, size);
    struct cd_slice pattern = take_line(&rest);
    struct cd_slice replacement = take_line(&rest);
    struct cd_error err = CD_ERROR_INIT;
    bool matches = false;
    struct cd_regex *regex = cd_regex_new(pattern, &err);
    if (regex == NULL) {
        assert(err.code == CD_ERR_CONFIG && err.msg[0] != '\0');
        return 0;
    }
    if (!cd_regex_matches(regex, rest, &matches, &err))
        assert(err.code != CD_OK);
    replace(regex, rest, replacement);
    cd_regex_free(regex);
    return 0;
}
