/* A compiled pattern of SimpleDateFormat. For date.c and date_parse.c alone. */
#ifndef CD_COMPAT_DATE_PATTERN_H
#define CD_COMPAT_DATE_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "connectd/value.h"

struct cd_zone;

struct cd_date_element {
    char letter;             /* 0: a literal */
    int count;               /* of the letter */
    struct cd_slice literal; /* in `texts` */
};

struct cd_date_format {
    const struct cd_zone *zone; /* borrowed; NULL is UTC */
    int64_t century_begin_ms;   /* two-digit years are not before it */
    char *texts;                /* of all literals */
    size_t count;
    struct cd_date_element *elements;
};

/* Long names begin with the short ones, which are their first three letters. */
extern const char *const cd_month_names[12];
extern const char *const cd_weekday_names[7]; /* from Sunday */

struct cd_zone_name {
    const char *name;
    int minutes;
};

extern const struct cd_zone_name cd_zone_names[];
extern const size_t cd_zone_name_count;

#endif
