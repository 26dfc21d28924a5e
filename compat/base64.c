#include "compat/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t cd_base64_encode(const void *bytes, size_t len, char *out)
{
    const uint8_t *in = bytes;
    char *to = out;
    for (; len >= 3; len -= 3, in += 3, to += 4) {
        uint32_t three = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        to[0] = alphabet[three >> 18];
        to[1] = alphabet[three >> 12 & 63];
        to[2] = alphabet[three >> 6 & 63];
        to[3] = alphabet[three & 63];
    }
    if (len == 0)
        return (size_t)(to - out);
    uint32_t rest = (uint32_t)in[0] << 16 | (len == 2 ? (uint32_t)in[1] << 8 : 0);
    to[0] = alphabet[rest >> 18];
    to[1] = alphabet[rest >> 12 & 63];
    to[2] = len == 2 ? alphabet[rest >> 6 & 63] : '=';
    to[3] = '=';
    return (size_t)(to - out) + 4;
}

#define BAD 0xff
#define PAD 0xfe
#define REP8(x) x, x, x, x, x, x, x, x
#define REP16(x) REP8(x), REP8(x)
#define REP64(x) REP16(x), REP16(x), REP16(x), REP16(x)

/* What a character stands for. */
static const uint8_t values[256] = {
    REP16(BAD), REP16(BAD), REP8(BAD),  BAD, BAD, BAD, 62,  BAD, BAD, BAD, 63,  52,  53,  54,  55,
    56,         57,         58,         59,  60,  61,  BAD, BAD, BAD, PAD, BAD, BAD, BAD, 0,   1,
    2,          3,          4,          5,   6,   7,   8,   9,   10,  11,  12,  13,  14,  15,  16,
    17,         18,         19,         20,  21,  22,  23,  24,  25,  BAD, BAD, BAD, BAD, BAD, BAD,
    26,         27,         28,         29,  30,  31,  32,  33,  34,  35,  36,  37,  38,  39,  40,
    41,         42,         43,         44,  45,  46,  47,  48,  49,  50,  51,  BAD, BAD, BAD, BAD,
    BAD,        REP64(BAD), REP64(BAD),
};

static bool refuse(struct cd_slice text, size_t at, struct cd_error *err)
{
    if (at >= text.len)
        return cd_fail_as(err, CD_ERR_DATA, "IllegalArgumentException",
                          "base64 text ends in the middle of a group of four (padding is needed)");
    return cd_fail_as(err, CD_ERR_DATA, "IllegalArgumentException",
                      "base64 text has an illegal character (code 0x%02x) at position %zu",
                      (unsigned)(uint8_t)text.ptr[at], at);
}

/* Decodes the group of four at `at`; returns its bytes, or 0 with *ret_bad at the culprit. */
static size_t decode_group(struct cd_slice text, size_t at, uint8_t *out, size_t *ret_bad)
{
    uint8_t v[4] = {0};
    for (size_t i = 0; i < 4; i++) {
        *ret_bad = at + i;
        if (at + i >= text.len)
            return 0;
        v[i] = values[(uint8_t)text.ptr[at + i]];
        if (v[i] == BAD || (i < 2 && v[i] == PAD) || (i == 3 && v[2] == PAD && v[3] != PAD))
            return 0;
    }
    out[0] = (uint8_t)(v[0] << 2 | v[1] >> 4);
    if (v[2] == PAD)
        return 1;
    out[1] = (uint8_t)(v[1] << 4 | v[2] >> 2);
    if (v[3] == PAD)
        return 2;
    out[2] = (uint8_t)(v[2] << 6 | v[3]);
    return 3;
}

bool cd_base64_decode(struct cd_slice text, uint8_t *out, size_t *ret_len, struct cd_error *err)
{
    size_t len = 0;
    for (size_t at = 0; at < text.len;) {
        if ((uint8_t)text.ptr[at] <= ' ') {
            at++;
            continue;
        }
        size_t bad;
        size_t got = decode_group(text, at, out + len, &bad);
        if (got == 0)
            return refuse(text, bad, err);
        len += got;
        at += 4;
    }
    *ret_len = len;
    return true;
}
