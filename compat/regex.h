/*
 * java.util.regex by PCRE2. Patterns are translated where the two differ and refused where they
 * cannot be; a match that takes too long (nested repeats over a hostile text) fails instead of
 * running for ever.
 *
 * Texts are UTF-8; an unpaired surrogate is matched as U+FFFD.
 * Thread: any, once it is made. Memory: a match allocates nothing after a thread's first.
 */
#ifndef CD_COMPAT_REGEX_H
#define CD_COMPAT_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_buffer;
struct cd_regex;

/* Pattern.compile. NULL with CD_ERR_CONFIG, PatternSyntaxException. */
CD_MUST_CHECK struct cd_regex *cd_regex_new(struct cd_slice pattern, struct cd_error *err);
void cd_regex_free(struct cd_regex *regex); /* NULL is allowed */

/* matches(): the whole text. Fails (CD_ERR_DATA, StackOverflowError) only when the effort is beyond
 * the limit. */
CD_MUST_CHECK bool cd_regex_matches(const struct cd_regex *regex, struct cd_slice text,
                                    bool *ret_matches, struct cd_error *err);
/* find(): anywhere. */
CD_MUST_CHECK bool cd_regex_find(const struct cd_regex *regex, struct cd_slice text,
                                 bool *ret_found, struct cd_error *err);

/* replaceFirst and replaceAll. In `replacement` $n and ${name} stand for groups and \x for x.
 * Appends. Fails with IndexOutOfBoundsException "No group 3" or IllegalArgumentException, as Java
 * only when something is replaced. */
CD_MUST_CHECK bool cd_regex_replace_first(const struct cd_regex *regex, struct cd_slice text,
                                          struct cd_slice replacement, struct cd_buffer *out,
                                          struct cd_error *err);
CD_MUST_CHECK bool cd_regex_replace_all(const struct cd_regex *regex, struct cd_slice text,
                                        struct cd_slice replacement, struct cd_buffer *out,
                                        struct cd_error *err);

#endif
