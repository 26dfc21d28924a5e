/*
 * Configuration descriptors: one row describes an option once. From it come parsing, defaults,
 * range checks, the validate endpoint, --help, the reference page and the redaction of secrets.
 *
 * The parsed value is written at `offset` of the plugin's own configuration struct:
 *   CD_BOOL bool · CD_INT16/32/64 int16_t/int32_t/int64_t · CD_FLOAT64 double
 *   CD_STRING, CD_CLASS, CD_SECRET const char * (NULL: not set)
 *   CD_LIST struct cd_strings
 * All memory belongs to the host and lives as long as the configuration.
 */
#ifndef CONNECTD_KEY_H
#define CONNECTD_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectd/error.h"

enum cd_key_type {
    CD_BOOL,
    CD_STRING,
    CD_INT16,
    CD_INT32,
    CD_INT64,
    CD_FLOAT64,
    CD_LIST,
    CD_CLASS,
    CD_SECRET, /* Connect's PASSWORD: never printed, logged or returned */
};

enum cd_importance { CD_HIGH, CD_MEDIUM, CD_LOW };
enum cd_width { CD_WIDTH_NONE, CD_WIDTH_SHORT, CD_WIDTH_MEDIUM, CD_WIDTH_LONG };

struct cd_strings {
    const char *const *items; /* terminated texts */
    size_t count;
};

/* What a validator or recommender may look at: the other values as text; NULL if absent. */
struct cd_settings {
    const char *(*get)(const struct cd_settings *settings, const char *name);
};

/* Receives recommended values. */
struct cd_recommendations {
    void (*add)(struct cd_recommendations *out, const char *value);
};

struct cd_key {
    const char *name;
    enum cd_key_type type;
    const char *fallback; /* default as text; NULL and not `optional`: required */
    bool optional;        /* the default is null */
    bool internal;        /* set by the connector for its tasks: not part of validate or the docs */
    size_t offset;        /* in the configuration struct */

    /* Validators; all that are given apply. */
    int64_t min;               /* numbers; used when min < max or when has_min */
    int64_t max;               /* 0 with min 0: no range */
    const char *const *one_of; /* NULL-terminated choices */
    bool any_case;             /* of one_of */
    bool non_empty;            /* texts and lists */
    bool (*check)(const struct cd_key *key, const char *value, struct cd_error *err);

    /* For people. */
    const char *doc;
    enum cd_importance importance;
    const char *group;
    int32_t order; /* in the group; 0: none */
    enum cd_width width;
    const char *display;           /* NULL: the name */
    const char *const *dependents; /* NULL-terminated names of keys */
    void (*recommend)(const struct cd_settings *settings, struct cd_recommendations *out);
    bool (*visible)(const struct cd_settings *settings); /* NULL: always */
    const char *const *aliases; /* NULL-terminated older names of the same key */
    const char *deprecated;     /* what to use instead; NULL: not deprecated */
};

#endif
