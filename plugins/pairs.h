/*
 * Lists of colon-delimited pairs in a configuration: renames "old:new" and Cast's "field:type".
 *
 * Memory: freed by done.
 */
#ifndef CD_PLUGINS_PAIRS_H
#define CD_PLUGINS_PAIRS_H

#include "connectd/key.h"
#include "connectd/value.h"

struct cd_pair {
    char *left;
    char *right; /* NULL: there was no colon */
};

struct cd_pairs {
    struct cd_pair *list;
    size_t count;
};

/* Each element splits at its colons as String.split does (empty parts at the end do not count);
 * ConfigException unless that gives between `parts_min` and 2 parts, not more. */
CD_MUST_CHECK bool cd_pairs_parse(struct cd_pairs *pairs, struct cd_strings list, size_t parts_min,
                                  struct cd_error *err);
CD_MUST_CHECK bool cd_pairs_parse_renames(struct cd_pairs *pairs, struct cd_strings list,
                                          struct cd_error *err);
/* Harmless on zeroed pairs. */
void cd_pairs_done(struct cd_pairs *pairs);

/* The right part of the last pair with this left part, or NULL. */
const char *cd_pairs_get(const struct cd_pairs *pairs, struct cd_slice left);

/* A validator of keys. */
bool cd_pairs_check_renames(const struct cd_key *key, const char *value, struct cd_error *err);

/* Runs a validator that wants the list; the list is gone afterwards. */
bool cd_check_list(const char *value, bool (*check)(struct cd_strings list, struct cd_error *err),
                   struct cd_error *err);

#endif
