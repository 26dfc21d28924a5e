/*
 * The quoted texts of JSON: finding their end, undoing their escapes. The inside of json_reader.
 *
 * Jackson decodes UTF-8 by itself and checks little: overlong forms and surrogates in three bytes
 * pass and are what they say. A text that is proper UTF-8 without escapes is a slice of the input.
 */
#ifndef CD_DATA_JSON_TEXT_H
#define CD_DATA_JSON_TEXT_H

#include "base/arena.h"

#define CD_EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* How many of the eight bytes come before the first control character, quote, backslash or byte
 * beyond ASCII. A borrow between the bytes makes a byte suspect only behind one that is. */
static inline size_t cd_json_plain(const char *at)
{
    uint64_t w;
    memcpy(&w, at, sizeof(w));
    uint64_t quote = w ^ CD_EACH_BYTE(0x22);
    uint64_t backslash = w ^ CD_EACH_BYTE(0x5c);
    uint64_t suspect =
        (w - CD_EACH_BYTE(0x20)) | (quote - CD_EACH_BYTE(1)) | (backslash - CD_EACH_BYTE(1)) | w;
    suspect &= CD_EACH_BYTE(0x80);
    if (suspect == 0)
        return 8;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (size_t)__builtin_ctzll(suspect) / 8;
#else
    return 0; /* the callers look at each byte from there */
#endif
}

/* *at is the opening quote, and moves behind the closing one. False: `ret_why` says what was wrong,
 * or is NULL when the arena refused, as `err` says. */
CD_MUST_CHECK bool cd_json_text(const char **at, const char *end, bool is_name,
                                struct cd_arena *arena, struct cd_slice *ret, const char **ret_why,
                                struct cd_error *err);

#endif
