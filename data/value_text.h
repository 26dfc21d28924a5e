/*
 * Texts of values, which are two things on the JVM: what toString gives, and Connect's own form for
 * headers (class Values), which can be parsed again.
 *
 * Thread: any.
 */
#ifndef CD_DATA_VALUE_TEXT_H
#define CD_DATA_VALUE_TEXT_H

#include "base/buffer.h"
#include "data/batch.h"

/* Java's toString: "[1, x]", "{a=1, b=null}", "Struct{id=1}", "Tue Jan 03 06:43:21 UTC 2017".
 * Appends. Bytes have no text that means anything: "[B@0". */
void cd_value_java_text(struct cd_value value, struct cd_buffer *out);

/* The header form: texts as they are, but quoted inside lists and maps; bytes as base64; dates by
 * cd_date_header_text. Appends WTF-8. A null is "null". */
void cd_value_header_text(struct cd_value value, struct cd_buffer *out);

/*
 * What a header text stands for (Values.parseString): null, a boolean, a date or time, the smallest
 * number type that fits, a list, a map, else a text. Never fails for what the text says: what is
 * none of these is a text.
 *
 * Memory comes from `into`, which keeps the schema; texts borrow from `text`. The schema is NULL
 * for null alone. Deeper than CD_HEADER_DEPTH_MAX it is a text (the JVM runs out of stack
 * somewhere).
 */
#define CD_HEADER_DEPTH_MAX 500
CD_MUST_CHECK bool cd_value_header_parse(struct cd_batch *into, struct cd_slice text,
                                         const struct cd_schema **ret_schema, struct cd_value *ret,
                                         struct cd_error *err);
/* The number in a text, as above; false without an error: it is none. */
bool cd_value_header_number(struct cd_batch *into, struct cd_slice text,
                            const struct cd_schema **ret_schema, struct cd_value *ret,
                            struct cd_error *err);

#endif
