/*
 * Lines in a block of bytes, as the JVM's connector sees them: ended by \n, \r or \r\n. A \r at the
 * end of the block may be half of \r\n, so that line is not complete yet.
 */
#ifndef CONNECTORS_FILE_LINES_H
#define CONNECTORS_FILE_LINES_H

#include "connectd/value.h"

struct file_lines {
    const char *at;      /* the next line begins here */
    const char *end;     /* of the block */
    const char *newline; /* the next ones at or behind `at`; end: none. Found once, not a line */
    const char *carriage;
    bool is_last; /* nothing will follow the block */
};

static inline const char *file_find(const char *at, const char *end, char c)
{
    const char *found = memchr(at, c, (size_t)(end - at));
    return found == NULL ? end : found;
}

static inline struct file_lines file_lines(const char *block, size_t len, bool is_last)
{
    const char *end = block + len;
    return (struct file_lines){block, end, file_find(block, end, '\n'), file_find(block, end, '\r'),
                               is_last};
}

/* False: no complete line is left; `at` is where the incomplete one begins. */
static inline bool file_next_line(struct file_lines *in, struct cd_slice *ret)
{
    if (in->newline < in->at)
        in->newline = file_find(in->at, in->end, '\n');
    if (in->carriage < in->at)
        in->carriage = file_find(in->at, in->end, '\r');
    const char *stop = in->newline < in->carriage ? in->newline : in->carriage;
    if (stop == in->end || (stop == in->end - 1 && *stop == '\r' && !in->is_last))
        return false;
    *ret = (struct cd_slice){in->at, (size_t)(stop - in->at)};
    in->at = stop + (*stop == '\r' && stop + 1 < in->end && stop[1] == '\n' ? 2 : 1);
    return true;
}

#endif
