/*
 * JSON as Jackson reads and writes it: request bodies with the JVM's messages for what is wrong in
 * them, and texts of answers. Numbers keep the characters they were written with, because a
 * configuration value is a text.
 *
 * The reader is a stream of tokens, as Jackson's is: what is bound first is judged first, so a
 * wrong type is reported although the text ends in nonsense.
 */
#ifndef CD_API_JSON_H
#define CD_API_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "connectd/error.h"
#include "connectd/value.h"

/* Appends the text in quotes, escaped as Jackson does; NULL is null. */
void cd_json_string(struct cd_buffer *out, const char *text);
void cd_json_slice(struct cd_buffer *out, struct cd_slice text);

enum cd_body_token {
    CD_JSON_END, /* of the input */
    CD_JSON_OBJECT,
    CD_JSON_OBJECT_END,
    CD_JSON_ARRAY,
    CD_JSON_ARRAY_END,
    CD_JSON_FIELD,
    CD_JSON_STRING,
    CD_JSON_INT,
    CD_JSON_FLOAT,
    CD_JSON_TRUE,
    CD_JSON_FALSE,
    CD_JSON_NULL,
};

#define CD_JSON_DEPTH_MAX 128

struct cd_body_level {
    bool is_object;
    bool filled;  /* an entry was read */
    bool in_pair; /* a field name was read, its value is next */
    size_t start; /* of the bracket */
};

struct cd_body_reader {
    const char *text;
    size_t len;
    size_t at;
    enum cd_body_token token;
    size_t start;           /* where the token begins */
    struct cd_buffer value; /* of FIELD, STRING (unescaped) and numbers (verbatim) */
    struct cd_body_level levels[CD_JSON_DEPTH_MAX];
    size_t depth;
    struct cd_buffer error; /* the first problem */
    bool in_string; /* the problem is inside a string value, which Jackson reads while binding */
    bool failed;
};

/* `text` is borrowed. */
void cd_body_open(struct cd_body_reader *reader, const char *text, size_t len);
void cd_body_close(struct cd_body_reader *reader);

/* The next token; false when the input is wrong (see error). At the end: true with CD_JSON_END. */
CD_MUST_CHECK bool cd_body_next(struct cd_body_reader *reader);
/* Reads on to the end of the value whose first token is the current one. */
CD_MUST_CHECK bool cd_body_skip(struct cd_body_reader *reader);
/* The same, appending it as compact JSON. */
CD_MUST_CHECK bool cd_body_copy(struct cd_body_reader *reader, struct cd_buffer *out);
/* Always false. `at` is where it is wrong; the location is appended in Jackson's words. */
CD_PRINTF(3, 4)
bool cd_body_fail(struct cd_body_reader *reader, size_t at, const char *fmt, ...);

#endif
