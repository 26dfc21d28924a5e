/* The rule of a time zone for the future: the POSIX TZ text in the last line of a TZif file. For
 * zone.c alone. */
#ifndef CD_COMPAT_ZONE_RULE_H
#define CD_COMPAT_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "connectd/value.h"

struct cd_zone_time {
    char name[16];
    int32_t offset_s; /* added to UTC */
};

struct cd_zone_change {
    char kind; /* 'M': month, week, day; 'J': day of year without leap days; 'D': day of year from 0
                */
    int month, week, day;
    int32_t time_s; /* of the wall clock before the change */
};

struct cd_zone_rule {
    struct cd_zone_time standard;
    struct cd_zone_time summer;
    bool has_summer;
    struct cd_zone_change begin; /* of summer */
    struct cd_zone_change end;
};

/* "CET-1CEST,M3.5.0,M10.5.0/3", "<-03>3". False: not of that form. */
bool cd_zone_rule_parse(struct cd_slice text, struct cd_zone_rule *ret);
const struct cd_zone_time *cd_zone_rule_at(const struct cd_zone_rule *rule, int64_t at_s);

#endif
