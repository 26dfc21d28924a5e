/*
 * The regular expressions of table.include.list and its relatives: RE2's syntax as far as the C
 * library's extended expressions go (groups, classes, counts, alternatives, \d \w \s, (?:), (?i)).
 */
#ifndef CD_SQL_PATTERN_H
#define CD_SQL_PATTERN_H

#include "connectd/error.h"

struct cd_pattern;

/* NULL with a ConfigException naming `key`. */
struct cd_pattern *cd_pattern_new(const char *key, const char *text, struct cd_error *err);
void cd_pattern_free(struct cd_pattern *pattern); /* NULL is allowed */
/* The whole of `subject`, case counting. */
bool cd_pattern_matches(const struct cd_pattern *pattern, const char *subject);

#endif
