/* Problems between keys, told to a verdict or turned into one error. */
#ifndef CD_SQL_RULES_H
#define CD_SQL_RULES_H

#include "connectd/plugin.h"

CD_PRINTF(3, 4)
void cd_sql_complain(struct cd_verdict *verdict, const char *key, const char *fmt, ...);

/* A verdict that keeps its first error; `base` is what rules get. */
struct cd_first_error {
    struct cd_verdict base;
    struct cd_error *err;
};
struct cd_first_error cd_first_error(struct cd_error *err);

#endif
