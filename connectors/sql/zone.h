/*
 * Time zones by name: wall clock to instant and back, as java.util.GregorianCalendar decides it.
 *
 * glibc knows one zone a process (TZ), and a connector may not touch that; so the zone files are
 * read here. Needs the system's tz database (/usr/share/zoneinfo, or TZDIR) for named zones only.
 */
#ifndef CD_SQL_ZONE_H
#define CD_SQL_ZONE_H

#include "connectd/error.h"

struct cd_zone;

/* Accepts what java.util.TimeZone does: tz names, Z, UTC, GMT, +02:00, UTC+2, and Java's short
 * names (PST). NULL with a ConfigException for anything else. */
struct cd_zone *cd_zone_open(const char *name, struct cd_error *err);
void cd_zone_free(struct cd_zone *zone); /* NULL is allowed */

/* Seconds east of UTC at an instant. */
int32_t cd_zone_offset(const struct cd_zone *zone, int64_t utc_seconds);
/* A wall clock that occurs twice means standard time; one that is skipped is moved forward. */
int64_t cd_zone_to_utc(const struct cd_zone *zone, int64_t local_seconds);
bool cd_zone_is_utc(const struct cd_zone *zone);

/* Microseconds since 1970, both ways. */
int64_t cd_zone_micros_to_utc(const struct cd_zone *zone, int64_t local_us);
int64_t cd_zone_micros_from_utc(const struct cd_zone *zone, int64_t utc_us);

#endif
