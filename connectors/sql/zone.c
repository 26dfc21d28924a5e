#include "connectors/sql/zone.h"

#include "connectors/sql/calendar.h"
#include "connectors/sql/text.h"

#include <ctype.h>
#include <stdlib.h>

/* When daylight saving changes in years that the file does not list (RFC 9636's footer). */
struct rule {
    char form; /* 'M', 'J' or '0' (a day counted from 0) */
    int32_t month, week, day;
    int32_t seconds; /* of the local day */
};

struct cd_zone {
    bool fixed;
    int32_t offset_s; /* of a fixed zone, and standard time after the last transition */
    size_t count;
    int64_t *at;      /* transitions, ascending */
    int32_t *offsets; /* in force from at[i] on */
    int32_t before_s; /* before the first transition */
    bool has_dst;     /* the footer names two offsets */
    int32_t dst_s;
    struct rule begin; /* of daylight saving */
    struct rule end;
};

/* Java's three-letter names that mean a place. */
static const char *const short_names[][2] = {
    {"ACT", "Australia/Darwin"},
    {"AET", "Australia/Sydney"},
    {"AGT", "America/Argentina/Buenos_Aires"},
    {"ART", "Africa/Cairo"},
    {"AST", "America/Anchorage"},
    {"BET", "America/Sao_Paulo"},
    {"BST", "Asia/Dhaka"},
    {"CAT", "Africa/Harare"},
    {"CNT", "America/St_Johns"},
    {"CST", "America/Chicago"},
    {"CTT", "Asia/Shanghai"},
    {"EAT", "Africa/Addis_Ababa"},
    {"ECT", "Europe/Paris"},
    {"EST", "-05:00"},
    {"HST", "-10:00"},
    {"IET", "America/Indiana/Indianapolis"},
    {"IST", "Asia/Kolkata"},
    {"JST", "Asia/Tokyo"},
    {"MIT", "Pacific/Apia"},
    {"MST", "-07:00"},
    {"NET", "Asia/Yerevan"},
    {"NST", "Pacific/Auckland"},
    {"PLT", "Asia/Karachi"},
    {"PNT", "America/Phoenix"},
    {"PRT", "America/Puerto_Rico"},
    {"PST", "America/Los_Angeles"},
    {"SST", "Pacific/Guadalcanal"},
    {"VST", "Asia/Ho_Chi_Minh"},
};

/* ---- the footer: EST5EDT,M3.2.0,M11.1.0 ---- */

static bool skip_name(const char **at)
{
    const char *p = *at;
    if (*p == '<') {
        p = strchr(p, '>');
        if (p == NULL)
            return false;
        p++;
    } else {
        while (isalpha((unsigned char)*p))
            p++;
    }
    bool moved = p > *at;
    *at = p;
    return moved;
}

/* [+-]h[h][:mm[:ss]] */
static bool take_clock(const char **at, int32_t *ret)
{
    const char *p = *at;
    int32_t sign = 1;
    if (*p == '+' || *p == '-')
        sign = *p++ == '-' ? -1 : 1;
    if (!isdigit((unsigned char)*p))
        return false;
    int32_t parts[3] = {0};
    for (int i = 0; i < 3; i++) {
        char *end;
        parts[i] = (int32_t)strtol(p, &end, 10);
        p = end;
        if (*p != ':')
            break;
        p++;
    }
    *ret = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    *at = p;
    return true;
}

static bool take_rule(const char **at, struct rule *rule)
{
    const char *p = *at;
    if (*p++ != ',')
        return false;
    int used = 0;
    rule->seconds = 7200;
    /* NOLINTBEGIN(cert-err34-c): what is out of its range is refused below */
    if (sscanf(p, "M%d.%d.%d%n", &rule->month, &rule->week, &rule->day, &used) == 3)
        rule->form = 'M';
    else if (sscanf(p, "J%d%n", &rule->day, &used) == 1)
        rule->form = 'J';
    else if (sscanf(p, "%d%n", &rule->day, &used) == 1)
        rule->form = '0';
    else
        return false;
    /* NOLINTEND(cert-err34-c) */
    p += used;
    if (*p == '/') {
        p++;
        if (!take_clock(&p, &rule->seconds))
            return false;
    }
    *at = p;
    return true;
}

static bool parse_footer(struct cd_zone *zone, const char *text)
{
    int32_t west;
    if (!skip_name(&text) || !take_clock(&text, &west))
        return false;
    zone->offset_s = -west;
    if (*text == '\0')
        return true;
    if (!skip_name(&text))
        return false;
    zone->dst_s = zone->offset_s + 3600;
    if (*text != ',') {
        if (!take_clock(&text, &west))
            return false;
        zone->dst_s = -west;
    }
    zone->has_dst = take_rule(&text, &zone->begin) && take_rule(&text, &zone->end);
    return zone->has_dst;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Local seconds since 1970 at which the rule strikes in `year`. */
static int64_t rule_time(const struct rule *rule, int64_t year)
{
    int64_t first = cd_days_from_civil((struct cd_civil){year, 1, 1});
    int64_t day;
    if (rule->form == 'J') {
        day = first + rule->day - 1 + (is_leap(year) && rule->day >= 60);
    } else if (rule->form == '0') {
        day = first + rule->day;
    } else {
        day = cd_days_from_civil((struct cd_civil){year, rule->month, 1});
        int64_t weekday = cd_floor_mod(day + 4, 7); /* 1970-01-01 was a Thursday */
        day += cd_floor_mod(rule->day - weekday, 7) + 7 * (rule->week - 1);
        while (cd_civil_from_days(day).month != rule->month)
            day -= 7; /* week 5 means the last one */
    }
    return day * 86400 + rule->seconds;
}

static int32_t footer_offset(const struct cd_zone *zone, int64_t utc)
{
    if (!zone->has_dst)
        return zone->offset_s;
    int64_t year = cd_civil_from_days(cd_floor_div(utc + zone->offset_s, 86400)).year;
    int64_t begin = rule_time(&zone->begin, year) - zone->offset_s;
    int64_t end = rule_time(&zone->end, year) - zone->dst_s;
    bool dst = begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;
    return dst ? zone->dst_s : zone->offset_s;
}

/* ---- the file ---- */

static uint32_t big32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t big64(const uint8_t *p)
{
    return (int64_t)((uint64_t)big32(p) << 32 | big32(p + 4));
}

enum { HEADER = 44 };

struct counts {
    size_t isut, isstd, leap, time, type, chars;
};

static bool read_header(const uint8_t *data, size_t len, struct counts *ret)
{
    if (len < HEADER || memcmp(data, "TZif", 4) != 0)
        return false;
    *ret = (struct counts){big32(data + 20), big32(data + 24), big32(data + 28),
                           big32(data + 32), big32(data + 36), big32(data + 40)};
    return ret->time < 100000 && ret->type > 0 && ret->type < 256 && ret->leap < 10000;
}

static size_t body_size(const struct counts *n, size_t time_size)
{
    return n->time * time_size + n->time + n->type * 6 + n->chars + n->leap * (time_size + 4) +
           n->isstd + n->isut;
}

static bool parse_file(struct cd_zone *zone, const uint8_t *data, size_t len)
{
    struct counts n;
    if (!read_header(data, len, &n) || data[4] < '2')
        return false; /* version 1 alone has not been written since 2005 */
    size_t skip = HEADER + body_size(&n, 4);
    if (skip > len || !read_header(data + skip, len - skip, &n))
        return false;
    const uint8_t *times = data + skip + HEADER;
    if (body_size(&n, 8) > len - skip - HEADER)
        return false;
    const uint8_t *indexes = times + n.time * 8;
    const uint8_t *types = indexes + n.time;
    zone->count = n.time;
    zone->at = cd_sql_new((n.time + 1) * sizeof(int64_t));
    zone->offsets = cd_sql_new((n.time + 1) * sizeof(int32_t));
    zone->before_s = (int32_t)big32(types);
    for (size_t i = 0; i < n.time; i++) {
        if (indexes[i] >= n.type)
            return false;
        zone->at[i] = big64(times + i * 8);
        zone->offsets[i] = (int32_t)big32(types + (size_t)indexes[i] * 6);
    }
    zone->offset_s = n.time > 0 ? zone->offsets[n.time - 1] : zone->before_s;
    const uint8_t *footer = times + body_size(&n, 8);
    if (footer + 1 >= data + len)
        return true;
    char rule[128] = "";
    (void)sscanf((const char *)footer + 1, "%127[^\n]", rule); /* empty: nothing known beyond */
    return rule[0] == '\0' || parse_footer(zone, rule);
}

static bool load_file(struct cd_zone *zone, const char *name)
{
    if (name[0] == '/' || strstr(name, "..") != NULL || strlen(name) > 100)
        return false; /* a name, not a path */
    const char *folder = getenv("TZDIR");
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder ? folder : "/usr/share/zoneinfo", name);
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return false;
    enum { ROOM = 256 * 1024 };
    uint8_t *data = cd_sql_new(ROOM + 1);
    size_t len = fread(data, 1, ROOM, file);
    (void)fclose(file); /* only read from */
    bool ok = parse_file(zone, data, len);
    free(data);
    return ok;
}

/* +02:00, -5, Z, and the same after UTC, GMT or UT. */
static bool parse_fixed(const char *name, int32_t *ret)
{
    static const char *const prefixes[] = {"UTC", "GMT", "UT"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t len = strlen(prefixes[i]);
        if (strncmp(name, prefixes[i], len) == 0) {
            name += len;
            break;
        }
    }
    *ret = 0;
    if (name[0] == '\0' || strcmp(name, "Z") == 0)
        return true;
    if (name[0] != '+' && name[0] != '-')
        return false;
    const char *at = name;
    if (strlen(name) == 5 && strspn(name + 1, "0123456789") == 4) { /* +0200 */
        int value = (int)strtol(name + 1, NULL, 10);
        *ret = (name[0] == '-' ? -1 : 1) * (value / 100 * 3600 + value % 100 * 60);
        return true;
    }
    return take_clock(&at, ret) && *at == '\0' && abs(*ret) <= 18 * 3600;
}

struct cd_zone *cd_zone_open(const char *name, struct cd_error *err)
{
    for (size_t i = 0; i < sizeof(short_names) / sizeof(short_names[0]); i++)
        if (strcmp(name, short_names[i][0]) == 0)
            name = short_names[i][1];
    struct cd_zone *zone = cd_sql_new(sizeof(*zone));
    if (name[0] != '\0' && parse_fixed(name, &zone->offset_s)) {
        zone->fixed = true;
        return zone;
    }
    if (name[0] != '\0' && load_file(zone, name))
        return zone;
    cd_zone_free(zone);
    (void)cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                     "Invalid value %s for configuration db.timezone: Invalid time zone identifier",
                     name);
    return NULL;
}

void cd_zone_free(struct cd_zone *zone)
{
    if (zone == NULL)
        return;
    free(zone->at);
    free(zone->offsets);
    free(zone);
}

int32_t cd_zone_offset(const struct cd_zone *zone, int64_t utc)
{
    if (zone->fixed)
        return zone->offset_s;
    if (zone->count == 0 || utc >= zone->at[zone->count - 1])
        return footer_offset(zone, utc);
    if (utc < zone->at[0])
        return zone->before_s;
    size_t low = 0, high = zone->count; /* at[low] <= utc < at[high] */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->at[middle] <= utc)
            low = middle;
        else
            high = middle;
    }
    return zone->offsets[low];
}

int64_t cd_zone_to_utc(const struct cd_zone *zone, int64_t local)
{
    if (zone->fixed)
        return local - zone->offset_s;
    int32_t before = cd_zone_offset(zone, local - 86400);
    int32_t after = cd_zone_offset(zone, local + 86400);
    if (before == after)
        return local - before;
    if (cd_zone_offset(zone, local - after) == after)
        return local - after; /* past the change, or standard time of an hour that comes twice */
    return local - before;
}

bool cd_zone_is_utc(const struct cd_zone *zone)
{
    return zone->fixed && zone->offset_s == 0;
}

int64_t cd_zone_micros_to_utc(const struct cd_zone *zone, int64_t local_us)
{
    if (zone->fixed)
        return local_us - zone->offset_s * INT64_C(1000000);
    int64_t seconds = cd_floor_div(local_us, 1000000);
    return local_us + (cd_zone_to_utc(zone, seconds) - seconds) * 1000000;
}

int64_t cd_zone_micros_from_utc(const struct cd_zone *zone, int64_t utc_us)
{
    if (zone->fixed)
        return utc_us + zone->offset_s * INT64_C(1000000);
    return utc_us + cd_zone_offset(zone, cd_floor_div(utc_us, 1000000)) * INT64_C(1000000);
}
