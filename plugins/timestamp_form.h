/*
 * The representations of a moment that TimestampConverter knows, and the ways between them: always
 * by way of milliseconds since 1970.
 */
#ifndef CD_PLUGINS_TIMESTAMP_FORM_H
#define CD_PLUGINS_TIMESTAMP_FORM_H

#include "base/buffer.h"
#include "connectd/host.h"

enum cd_timestamp_form {
    CD_FORM_UNKNOWN, /* of a schema or value that is no timestamp */
    CD_FORM_STRING,
    CD_FORM_UNIX,
    CD_FORM_DATE,
    CD_FORM_TIME,
    CD_FORM_TIMESTAMP,
    CD_FORMS,
};

enum cd_unix_precision { CD_UNIX_SECONDS, CD_UNIX_MILLIS, CD_UNIX_MICROS, CD_UNIX_NANOS };

struct cd_date_format;

/* How texts and numbers are to be understood. */
struct cd_timestamp_style {
    enum cd_unix_precision precision;
    const char *pattern;
    struct cd_date_format *format; /* of the pattern; NULL: there is none */
    struct cd_buffer scratch;      /* freed by its owner */
};

/* By the names of the configuration. */
enum cd_timestamp_form cd_timestamp_form_named(const char *name);
enum cd_unix_precision cd_unix_precision_named(const char *name);
extern const char *const cd_timestamp_form_names[]; /* NULL-terminated choices */
extern const char *const cd_unix_precision_names[];

/* CD_FORM_UNKNOWN: none. A number is a unix time only if it is an int64. */
enum cd_timestamp_form cd_timestamp_form_of_schema(const struct cd_schema *schema);
enum cd_timestamp_form cd_timestamp_form_of_value(struct cd_value value);

/* A new schema of that form, with a reference for the caller. */
const struct cd_schema *cd_timestamp_schema(const struct cd_host *host, enum cd_timestamp_form form,
                                            bool optional, struct cd_error *err);

/* `value` must have the form `from`. What is finer than a millisecond is cut toward zero, what is
 * too large for its unit saturates. Texts are made in `out`. */
CD_MUST_CHECK bool cd_timestamp_convert(struct cd_timestamp_style *style,
                                        enum cd_timestamp_form from, enum cd_timestamp_form to,
                                        struct cd_value value, struct cd_batch *out,
                                        struct cd_value *ret, struct cd_error *err);

#endif
