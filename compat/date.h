/*
 * java.text.SimpleDateFormat with English names: a pattern is compiled once and then formats and
 * parses moments, given in milliseconds since 1970. Parsing is lenient as Java's: fields roll over,
 * text after the last field is ignored. Dates before 15 October 1582 are Julian, weeks begin on
 * Sunday, as in java.util.GregorianCalendar of the US.
 *
 * Thread: any, once it is made.
 */
#ifndef CD_COMPAT_DATE_H
#define CD_COMPAT_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_buffer;
struct cd_date_format;
struct cd_zone;

/* `zone` is borrowed; NULL is UTC. Two-digit years are taken to lie within 80 years before and 20
 * after now. NULL with CD_ERR_CONFIG, IllegalArgumentException: "Illegal pattern character 'b'". */
CD_MUST_CHECK struct cd_date_format *
cd_date_format_new(struct cd_slice pattern, const struct cd_zone *zone, struct cd_error *err);
void cd_date_format_free(struct cd_date_format *format); /* NULL is allowed */

/* Appends. */
void cd_date_print(const struct cd_date_format *format, int64_t ms, struct cd_buffer *out);

/* Fails with CD_ERR_DATA, ParseException: "Unparseable date: \"x\"". */
CD_MUST_CHECK bool cd_date_parse(const struct cd_date_format *format, struct cd_slice text,
                                 int64_t *ret_ms, struct cd_error *err);

/*
 * The text form of java.util.Date values in headers and casts (in UTC): "14:34:54.346Z" up to the
 * end of 1970's first day and for everything before, "2019-08-23" at midnight,
 * "2019-08-23T14:34:54.346Z" otherwise. Appends.
 */
void cd_date_header_text(int64_t ms, struct cd_buffer *out);

/* What a header text of exactly that form stands for. */
enum cd_date_form { CD_DATE_NONE, CD_DATE_DATE, CD_DATE_TIME, CD_DATE_TIMESTAMP };

/* Parses by the text's length (10, 13 or 24), leniently: "2019-13-45" is 2020-02-14. CD_DATE_NONE:
 * it is none. */
enum cd_date_form cd_date_header_parse(struct cd_slice text, int64_t *ret_ms);

#endif
