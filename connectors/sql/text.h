/*
 * Growing text for statements, and small zeroed allocations.
 *
 * A connector links with nothing of the daemon, so the few helpers both databases need are here.
 * Memory that cannot be had stops the process: these are statements and names, not data.
 */
#ifndef CD_SQL_TEXT_H
#define CD_SQL_TEXT_H

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_sql_text {
    char *ptr; /* always terminated once anything was added; NULL: empty */
    size_t len;
    size_t capacity;
};

/* For declarations: struct cd_sql_text sql CD_AUTO(cd_sql_text_done) = {0}; */
void cd_sql_text_done(struct cd_sql_text *text);
void cd_sql_text_clear(struct cd_sql_text *text); /* keeps the memory */
/* The text, never NULL. Valid until the next change. */
const char *cd_sql_text_get(const struct cd_sql_text *text);
/* Hands the memory over; never NULL. */
char *cd_sql_text_steal(struct cd_sql_text *text);

void cd_sql_add(struct cd_sql_text *text, const char *piece);
void cd_sql_add_slice(struct cd_sql_text *text, struct cd_slice piece);
CD_PRINTF(2, 3) void cd_sql_addf(struct cd_sql_text *text, const char *fmt, ...);
/* "a""b"; unquoted when `quoted` is false. */
void cd_sql_add_name(struct cd_sql_text *text, struct cd_slice name, bool quoted);
/* 'it''s': standard strings, no escapes. */
void cd_sql_add_literal(struct cd_sql_text *text, struct cd_slice value);
/* Room for `size` more bytes at the end, which the caller fills and counts in `len`. */
char *cd_sql_text_room(struct cd_sql_text *text, size_t size);

void *cd_sql_new(size_t size); /* zeroed; freed by free */
void *cd_sql_resize(void *ptr, size_t count, size_t size);
char *cd_sql_dup(struct cd_slice text); /* terminated */

#endif
