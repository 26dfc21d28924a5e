/* Inside the translation of settings only: what a row's function may do. */
#ifndef CD_KAFKA_SETTINGS_WALK_H
#define CD_KAFKA_SETTINGS_WALK_H

#include "kafka/settings.h"

struct cd_walk {
    enum cd_client_kind kind;
    const struct cd_config *java;
    struct cd_settings_result *result;
    struct cd_error *err;
};

struct cd_setting_row;
/* `value` is trimmed and never NULL: what was given, or the row's default. */
typedef bool cd_setting_fn(struct cd_walk *walk, const struct cd_setting_row *row,
                           const char *value);

struct cd_setting_row {
    const char *java;
    unsigned kinds;       /* of clients that know it: CD_KINDS_... */
    const char *native;   /* NULL: none */
    const char *fallback; /* Java's default where librdkafka's differs; NULL: leave it alone */
    const char *why;      /* said when somebody set a key that has no counterpart; NULL: nothing */
    cd_setting_fn *translate; /* NULL: hand the text on */
    int64_t min;              /* numbers: what librdkafka takes; the nearest is used */
    int64_t max;              /* 0: not a number */
    int newer;                /* rd_kafka_version() from which librdkafka knows it; 0: always */
    bool secret;
};

#define CD_KINDS_P 1u
#define CD_KINDS_C 2u
#define CD_KINDS_A 4u
#define CD_KINDS_ALL 7u

const struct cd_setting_row *cd_setting_rows(size_t *ret_count);

/* The value as given, trimmed by the caller if need be; NULL: not set or empty. */
const char *cd_walk_given(const struct cd_walk *walk, const char *java_key);
/* A number that was given, or `fallback`. */
int64_t cd_walk_number(const struct cd_walk *walk, const char *java_key, int64_t fallback);
void cd_walk_set(struct cd_walk *walk, const char *native_key, const char *value);
CD_PRINTF(3, 4)
void cd_walk_format(struct cd_walk *walk, const char *native_key, const char *fmt, ...);
void cd_walk_note(struct cd_walk *walk, const char *java_key, const char *why);
/* "Invalid value v for configuration k: what would be right". Always false. */
CD_PRINTF(4, 5)
bool cd_walk_refuse(struct cd_walk *walk, const char *java_key, const char *value, const char *fmt,
                    ...);

/* What no single row can decide. */
CD_MUST_CHECK bool cd_settings_finish(struct cd_walk *walk);

#endif
