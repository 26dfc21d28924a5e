/*
 * Time zones of the system's tz database, as java.util.TimeZone answers for them. A zone is read
 * once and then constant; nothing of the process's own zone (TZ, tzset) plays a part.
 *
 * Thread: any, once it is made.
 */
#ifndef CD_COMPAT_ZONE_H
#define CD_COMPAT_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_zone;

/* "UTC", "Europe/Berlin", "GMT+02:00", "+02:00". NULL with CD_ERR_CONFIG when there is none of that
 * name (where java.util.TimeZone silently takes GMT). */
CD_MUST_CHECK struct cd_zone *cd_zone_new(struct cd_slice name, struct cd_error *err);
void cd_zone_free(struct cd_zone *zone); /* NULL is allowed */
const char *cd_zone_name(const struct cd_zone *zone);

/* Milliseconds to add to UTC at that moment. A NULL zone is UTC. */
int64_t cd_zone_offset(const struct cd_zone *zone, int64_t utc_ms);
/* The same for a wall clock's reading. As java.util.Calendar decides: what the clock skipped is
 * counted on with the old offset, what it showed twice is the later one. */
int64_t cd_zone_offset_of_local(const struct cd_zone *zone, int64_t local_ms);
/* "CET", "CEST", "UTC"; lent by the zone. */
const char *cd_zone_abbreviation(const struct cd_zone *zone, int64_t utc_ms);

#endif
