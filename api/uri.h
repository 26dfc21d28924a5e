/*
 * Request targets. Segments are matched and split as they came, still percent-encoded, and only
 * then decoded one by one, so a name may hold an encoded slash. What the JVM's server refuses is
 * refused here, with exceptions that are noted in docs/differences.md: %2F, %25 and %5C are decoded
 * like any other character.
 */
#ifndef CD_API_URI_H
#define CD_API_URI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "connectd/value.h"

#define CD_URI_SEGMENTS_MAX 8
#define CD_URI_LENGTH_MAX 8192

/* Slices into the target. */
struct cd_uri {
    struct cd_slice segments[CD_URI_SEGMENTS_MAX]; /* undecoded, without path parameters */
    size_t count; /* one more than the array holds when there are too many: no route matches */
    struct cd_slice query; /* absent: ptr NULL */
};

/* 0, or the status to answer with `ret_problem`. */
int cd_uri_parse(const char *target, struct cd_uri *ret, const char **ret_problem);
/* A segment that cd_uri_parse let through; to be freed. */
char *cd_uri_decode(struct cd_slice segment);
/* A 32-bit number as Integer.valueOf reads it. */
bool cd_uri_int(struct cd_slice segment, int32_t *ret);

/* The n-th value of a query parameter, decoded ('+' is a space); NULL: there is none. To be freed.
 */
char *cd_uri_param(const struct cd_uri *uri, const char *name, size_t n);
/* The first value, ignoring case: "true" is true, blank is `blank`, anything else is false; absent
 * is `blank` too. */
bool cd_uri_flag(const struct cd_uri *uri, const char *name, bool blank);

/* Appends a connector's name as a path segment of Location. */
void cd_uri_encode_name(struct cd_buffer *out, const char *name);

#endif
