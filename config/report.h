/*
 * What is right and wrong with a configuration, for REST and start-up alike: Connect's ConfigInfos
 * as a struct.
 *
 * A row is one key: its definition, its value, its errors. Rows keep the order in which they were
 * added; a second error for the same key joins the row.
 */
#ifndef CD_CONFIG_REPORT_H
#define CD_CONFIG_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "connectd/key.h"

struct cd_report_row {
    char *name;
    bool has_definition;
    struct cd_key
        def; /* texts borrowed from the plugin or the daemon's tables; def.name is the row's name */
    char *group;   /* NULL: none */
    char *display; /* NULL: the definition's */
    char *value;   /* NULL: null. Never a resolved secret */
    int32_t order; /* in the group; -1: none */
    bool is_secret;
    bool visible;
    bool counts_once; /* however many errors: how the JVM counts converters and overrides */
    char **errors;
    size_t error_count;
    char **recommended;
    size_t recommended_count;
};

struct cd_report {
    char *name; /* class, for ConfigInfos.name */
    struct cd_report_row *rows;
    size_t count;
    size_t capacity;
    char **groups;
    size_t group_count;
};

#define CD_REPORT_INIT                                                                             \
    {                                                                                              \
        0                                                                                          \
    }

void cd_report_done(struct cd_report *report); /* fits CD_AUTO */
/* Adds or finds the row; valid until the next is added. */
struct cd_report_row *cd_report_row(struct cd_report *report, const char *key);
/* Forgets what was said about the value: errors, recommendations, the value itself. */
void cd_report_forget(struct cd_report_row *row);
CD_PRINTF(3, 4)
void cd_report_error(struct cd_report *report, const char *key, const char *fmt, ...);
void cd_report_recommend(struct cd_report *report, const char *key, const char *value);
/* A display name that only this row has. */
CD_PRINTF(3, 4)
void cd_report_display(struct cd_report *report, const char *key, const char *fmt, ...);
void cd_report_group(struct cd_report *report, const char *group);
size_t cd_report_error_count(const struct cd_report *report);
/* {"name","error_count","groups","configs":[{"definition","value"}]}, member order as the JVM
 * writes it. */
json_t *cd_report_json(const struct cd_report *report);
/* One line a problem: "key 'a' = 'b': must be ...". For start-up and `connectd check`. */
void cd_report_print(const struct cd_report *report, FILE *out);
/* {"name","type","required",...} of a row that has a definition. */
json_t *cd_report_definition_json(const struct cd_report_row *row);
/* The JVM's text for a 400, as long as it takes; freed by the caller. */
char *cd_report_text(const struct cd_report *report);
/* All problems as one error, the JVM's text for a 400. True if there was none to tell. */
bool cd_report_fail(const struct cd_report *report, struct cd_error *err);

#endif
