#include "compat/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "compat/zone_rule.h"

#define DATABASE "/usr/share/zoneinfo/"
#define FILE_BYTES_MAX ((size_t)1024 * 1024)
#define HEADER_BYTES ((size_t)44)

struct local_type {
    int32_t offset_s;
    uint8_t abbreviation; /* where it begins in `names` */
};

struct cd_zone {
    char name[64];
    size_t count; /* of transitions */
    int64_t *at_s;
    uint8_t *type_of; /* in force from at_s on */
    size_t type_count;
    struct local_type types[256];
    char names[256];
    bool has_rule; /* for everything after the last transition */
    struct cd_zone_rule rule;
};

/* ---- fixed offsets: "UTC", "GMT+2", "GMT+02:00", "+0200" ---- */

static bool starts_with(struct cd_slice text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.ptr, prefix, len) == 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Hours of one or two digits, then minutes of two, with or without a colon. */
static bool parse_offset(struct cd_slice text, int32_t *ret_s)
{
    int digits[4];
    size_t count = 0;
    size_t colon = 0;
    if (text.len < 2 || (text.ptr[0] != '+' && text.ptr[0] != '-'))
        return false;
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] == ':' && colon == 0 && count > 0) {
            colon = count;
            continue;
        }
        if (!is_digit(text.ptr[i]) || count == 4)
            return false;
        digits[count++] = text.ptr[i] - '0';
    }
    size_t minute_digits = count > 2 || colon > 0 ? 2 : 0;
    if (count <= minute_digits || (colon > 0 && colon != count - 2))
        return false;
    int hours = 0;
    for (size_t i = 0; i < count - minute_digits; i++)
        hours = hours * 10 + digits[i];
    int minutes = minute_digits == 2 ? digits[count - 2] * 10 + digits[count - 1] : 0;
    if (hours > 23 || minutes > 59)
        return false;
    *ret_s = (hours * 60 + minutes) * (text.ptr[0] == '-' ? -60 : 60);
    return true;
}

static bool fixed_offset(struct cd_slice name, int32_t *ret_s)
{
    static const char *const zeros[] = {"UTC", "GMT", "Z", "UT", "Etc/UTC", "Etc/GMT"};
    for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
        if (!cd_slice_is(name, zeros[i]))
            continue;
        *ret_s = 0;
        return true;
    }
    if (starts_with(name, "GMT") || starts_with(name, "UTC"))
        name = cd_slice_of(name.ptr + 3, name.len - 3);
    return parse_offset(name, ret_s);
}

/* ---- TZif files (RFC 8536) ---- */

static int64_t big_endian(const char *at, size_t size)
{
    uint64_t v = (uint8_t)at[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++)
        v = v << 8 | (uint8_t)at[i];
    return (int64_t)v;
}

struct counts {
    size_t utc, standard, leaps, transitions, types, name_bytes;
};

static bool read_counts(struct cd_slice file, struct counts *ret)
{
    if (file.len < HEADER_BYTES || memcmp(file.ptr, "TZif", 4) != 0)
        return false;
    size_t v[6];
    for (size_t i = 0; i < 6; i++) {
        int64_t count = big_endian(file.ptr + 20 + 4 * i, 4);
        if (count < 0 || count > 100000)
            return false;
        v[i] = (size_t)count;
    }
    *ret = (struct counts){v[0], v[1], v[2], v[3], v[4], v[5]};
    return true;
}

static size_t block_bytes(const struct counts *c, size_t time_bytes)
{
    return c->transitions * (time_bytes + 1) + c->types * 6 + c->name_bytes +
           c->leaps * (time_bytes + 4) + c->standard + c->utc;
}

static bool plausible(const struct counts *c)
{
    return c->types > 0 && c->types <= 256 && c->name_bytes > 0 && c->name_bytes <= 255;
}

/* The second block, with 64-bit times; `at` is its first transition. */
static bool read_block(struct cd_zone *zone, const struct counts *c, const char *at)
{
    zone->count = c->transitions;
    zone->at_s = cd_new_array(c->transitions, int64_t);
    zone->type_of = cd_new_array(c->transitions, uint8_t);
    for (size_t i = 0; i < c->transitions; i++, at += 8)
        zone->at_s[i] = big_endian(at, 8);
    for (size_t i = 0; i < c->transitions; i++, at++) {
        zone->type_of[i] = (uint8_t)*at;
        if (zone->type_of[i] >= c->types || (i > 0 && zone->at_s[i] <= zone->at_s[i - 1]))
            return false;
    }
    zone->type_count = c->types;
    for (size_t i = 0; i < c->types; i++, at += 6) {
        zone->types[i] = (struct local_type){(int32_t)big_endian(at, 4), (uint8_t)at[5]};
        if (zone->types[i].abbreviation >= c->name_bytes)
            return false;
    }
    memcpy(zone->names, at, c->name_bytes);
    return true;
}

static bool read_file(struct cd_zone *zone, struct cd_slice file)
{
    struct counts first;
    struct counts second;
    if (!read_counts(file, &first) || file.ptr[4] < '2')
        return false;
    size_t skip = HEADER_BYTES + block_bytes(&first, 4);
    if (file.len < skip)
        return false;
    file = cd_slice_of(file.ptr + skip, file.len - skip);
    if (!read_counts(file, &second) || !plausible(&second) ||
        file.len < HEADER_BYTES + block_bytes(&second, 8) + 2)
        return false;
    if (!read_block(zone, &second, file.ptr + HEADER_BYTES))
        return false;
    const char *footer = file.ptr + HEADER_BYTES + block_bytes(&second, 8) + 1;
    size_t left = (size_t)(file.ptr + file.len - footer);
    const char *end = memchr(footer, '\n', left);
    if (end == NULL)
        return false;
    zone->has_rule = cd_zone_rule_parse(cd_slice_of(footer, (size_t)(end - footer)), &zone->rule);
    return zone->has_rule || end == footer;
}

/* Only names of the database, nothing that leaves its folder. */
static bool is_name(struct cd_slice name)
{
    if (name.len == 0 || name.len >= sizeof(((struct cd_zone *)NULL)->name) || name.ptr[0] == '/')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool good = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' ||
                    c == '_' || c == '+' || c == '-';
        if (!good)
            return false;
    }
    return true;
}

static bool load(struct cd_slice name, struct cd_buffer *file)
{
    CD_AUTO_FREE char *path = cd_asprintf(DATABASE "%.*s", CD_SLICE_ARG(name));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = -1;
    while (file->len < FILE_BYTES_MAX) {
        n = read(fd, cd_buffer_reserve(file, 16384), 16384);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        file->len += (size_t)n;
    }
    (void)close(fd); /* it was only read */
    return n == 0;
}

static bool fill(struct cd_zone *zone, struct cd_slice name)
{
    int32_t offset_s;
    if (fixed_offset(name, &offset_s)) {
        zone->type_count = 1;
        zone->types[0].offset_s = offset_s;
        (void)snprintf(zone->names, sizeof(zone->names), "%s", offset_s == 0 ? "UTC" : zone->name);
        return true;
    }
    CD_AUTO(cd_buffer_done) struct cd_buffer file = CD_BUFFER_INIT;
    return is_name(name) && load(name, &file) && read_file(zone, cd_buffer_view(&file));
}

struct cd_zone *cd_zone_new(struct cd_slice name, struct cd_error *err)
{
    struct cd_zone *zone = cd_new(struct cd_zone);
    (void)snprintf(zone->name, sizeof(zone->name), "%.*s", CD_SLICE_ARG(name));
    if (fill(zone, name))
        return zone;
    cd_zone_free(zone);
    (void)cd_fail(err, CD_ERR_CONFIG,
                  "'%.*s' is no time zone: expected a name like Europe/Berlin or an offset like "
                  "GMT+02:00",
                  CD_SLICE_ARG(name));
    return NULL;
}

void cd_zone_free(struct cd_zone *zone)
{
    if (zone == NULL)
        return;
    free(zone->at_s);
    free(zone->type_of);
    free(zone);
}

const char *cd_zone_name(const struct cd_zone *zone)
{
    return zone == NULL ? "UTC" : zone->name;
}

/* ---- questions ---- */

static int64_t floor_seconds(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

/* How many transitions have happened. */
static size_t passed(const struct cd_zone *zone, int64_t at_s)
{
    size_t low = 0;
    size_t high = zone->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (zone->at_s[mid] <= at_s)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* NULL: the rule decides. */
static const struct local_type *type_at(const struct cd_zone *zone, int64_t at_s)
{
    size_t index = passed(zone, at_s);
    if (index == zone->count && zone->has_rule)
        return NULL;
    return &zone->types[index == 0 ? 0 : zone->type_of[index - 1]];
}

int64_t cd_zone_offset(const struct cd_zone *zone, int64_t utc_ms)
{
    if (zone == NULL)
        return 0;
    int64_t at_s = floor_seconds(utc_ms);
    const struct local_type *type = type_at(zone, at_s);
    int32_t offset_s = type == NULL ? cd_zone_rule_at(&zone->rule, at_s)->offset_s : type->offset_s;
    return (int64_t)offset_s * 1000;
}

const char *cd_zone_abbreviation(const struct cd_zone *zone, int64_t utc_ms)
{
    if (zone == NULL)
        return "UTC";
    const struct local_type *type = type_at(zone, floor_seconds(utc_ms));
    if (type == NULL)
        return cd_zone_rule_at(&zone->rule, floor_seconds(utc_ms))->name;
    return zone->names + type->abbreviation;
}

static int64_t add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* At most one change lies within a day before and after; its two sides are what may hold. */
int64_t cd_zone_offset_of_local(const struct cd_zone *zone, int64_t local_ms)
{
    const int64_t day_ms = INT64_C(86400000);
    if (zone == NULL)
        return 0;
    int64_t before = cd_zone_offset(zone, add(local_ms, -day_ms));
    int64_t after = cd_zone_offset(zone, add(local_ms, day_ms));
    if (before == after || cd_zone_offset(zone, add(local_ms, -after)) == after)
        return after;
    return before;
}
