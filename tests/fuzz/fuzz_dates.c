/*
 * Date patterns. The input is a line with a pattern and a text to be parsed by it; the text's first
 * eight bytes are a moment to be printed, too. Whatever it holds, each call answers or refuses with
 * a reason, and what was printed is a text that parsing may be asked about.
 */
#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "compat/date.h"
#include "tests/fuzz/fuzz.h"

const char *const cd_fuzz_seeds[] = {
    "yyyy-MM-dd HH:mm:ss.SSS XX\n2017-01-03 12:00:01.123 +0200",
    "EEE, d MMM yyyy 'at' hh:mm a z\nTue, 3 Jan 2017 at 10:11 PM GMT",
    "YYYY-'W'ww-u D F W k K G yy Z\n2017-W01-2 3 1 1 24 0 AD 17 -0130",
    "yyyyMMddHHmmss\n20170103063001",
    "yyyy\n2019-13-45",
    NULL,
};

static void parse(const struct cd_date_format *format, struct cd_slice text)
{
    struct cd_error err = CD_ERROR_INIT;
    int64_t ms;
    if (!cd_date_parse(format, text, &ms, &err))
        assert(err.code == CD_ERR_DATA && strcmp(err.native, "ParseException") == 0);
}

static void print_and_parse(const struct cd_date_format *format, struct cd_slice text)
{
    struct cd_buffer printed CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    int64_t ms = 0;
    memcpy(&ms, text.ptr, text.len < sizeof(ms) ? text.len : sizeof(ms));
    cd_date_print(format, ms, &printed);
    parse(format, cd_buffer_view(&printed));
    cd_buffer_clear(&printed);
    cd_date_header_text(ms, &printed);
    (void)cd_date_header_parse(cd_buffer_view(&printed), &ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_slice pattern = cd_slice_of(data == NULL ? (const uint8_t *)"" : data, size);
    const char *end = size == 0 ? NULL : memchr(pattern.ptr, '\n', size);
    struct cd_slice text = cd_slice("");
    int64_t ms;
    if (end != NULL) {
        pattern.len = (size_t)(end - pattern.ptr);
        text = cd_slice_of(end + 1, size - pattern.len - 1);
    }
    (void)cd_date_header_parse(text, &ms);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_date_format *format = cd_date_format_new(pattern, NULL, &err);
    if (format == NULL) {
        assert(err.code == CD_ERR_CONFIG && err.msg[0] != '\0');
        return 0;
    }
    parse(format, text);
    print_and_parse(format, text);
    cd_date_format_free(format);
    return 0;
}
