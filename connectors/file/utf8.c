#include "connectors/file/utf8.h"

bool file_is_ascii(struct cd_slice bytes)
{
    const char *at = bytes.ptr;
    const char *end = bytes.ptr + bytes.len;
    uint64_t high = 0;
    for (; end - at >= 64 && high == 0; at += 64) {
        uint64_t words[8];
        memcpy(words, at, sizeof(words));
        for (int i = 0; i < 8; i++)
            high |= words[i] & 0x8080808080808080u;
    }
    for (; at < end; at++)
        high |= (uint8_t)*at & 0x80u;
    return high == 0;
}

static bool is_tail(const uint8_t *at, const uint8_t *end)
{
    return at < end && (*at & 0xC0) == 0x80;
}

/* How the second byte of a sequence is bounded, by the first: no overlong forms, no surrogates,
 * nothing above U+10FFFF. */
static bool is_second(uint8_t first, const uint8_t *at, const uint8_t *end)
{
    if (!is_tail(at, end))
        return false;
    switch (first) {
    case 0xE0:
        return *at >= 0xA0;
    case 0xED:
        return *at < 0xA0;
    case 0xF0:
        return *at >= 0x90;
    case 0xF4:
        return *at < 0x90;
    default:
        return true;
    }
}

/* Bytes of the well-formed sequence at `at`; 0: malformed, and *ret_bad bytes of it become one
 * U+FFFD, as Java's decoder counts them. */
static size_t sequence(const uint8_t *at, const uint8_t *end, size_t *ret_bad)
{
    uint8_t first = *at;
    size_t len = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    *ret_bad = 1;
    if (len <= 1)
        return len;
    if (first > 0xF4)
        return 0;
    if (first == 0xED && is_tail(at + 1, end) && at[1] >= 0xA0) {
        *ret_bad = is_tail(at + 2, end) ? 3 : 2; /* a surrogate is one error */
        return 0;
    }
    if (!is_second(first, at + 1, end))
        return 0;
    for (size_t i = 2; i < len; i++) {
        if (!is_tail(at + i, end)) {
            *ret_bad = i;
            return 0;
        }
    }
    return len;
}

bool file_is_utf8(struct cd_slice bytes)
{
    const uint8_t *at = (const uint8_t *)bytes.ptr;
    const uint8_t *end = at + bytes.len;
    size_t bad, len;
    for (; at < end; at += len) {
        len = sequence(at, end, &bad);
        if (len == 0)
            return false;
    }
    return true;
}

size_t file_repair_utf8(struct cd_slice bytes, char *out)
{
    const uint8_t *at = (const uint8_t *)bytes.ptr;
    const uint8_t *end = at + bytes.len;
    char *to = out;
    while (at < end) {
        size_t bad;
        size_t len = sequence(at, end, &bad);
        if (len == 0) {
            memcpy(to, "\xEF\xBF\xBD", 3);
            to += 3;
            at += bad;
            continue;
        }
        memcpy(to, at, len);
        to += len;
        at += len;
    }
    return (size_t)(to - out);
}

int64_t file_utf16_units(struct cd_slice bytes)
{
    const uint8_t *at = (const uint8_t *)bytes.ptr;
    const uint8_t *end = at + bytes.len;
    int64_t units = 0;
    while (at < end) {
        size_t bad;
        size_t len = sequence(at, end, &bad);
        units += len == 4 ? 2 : 1;
        at += len == 0 ? bad : len;
    }
    return units;
}
