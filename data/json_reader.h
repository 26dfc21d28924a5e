/*
 * Reads one JSON text token by token, accepting and refusing what Jackson does (seen with 2.16
 * and 2.19) under Kafka's settings: leading zeros are fine, bytes after the first complete value
 * are not looked at, UTF-16 and UTF-32 are recognised, there are limits (depth 1000, numbers 1000
 * digits, names 50,000 bytes, texts 20,000,000 characters).
 *
 * No tree is built. A text without escapes is a slice of the input; the others are decoded into the
 * arena. Every refusal is one error: code CD_ERR_DATA, DataException, with Kafka's words in front.
 *
 * Members may repeat (the JVM: the last one wins): that is left to the caller.
 *
 * Thread: one owner. Memory: nothing to free.
 */
#ifndef CD_DATA_JSON_READER_H
#define CD_DATA_JSON_READER_H

#include "base/arena.h"
#include "connectd/value.h"
#include "data/json_writer.h"

enum cd_json_token {
    CD_JSON_BAD,     /* see err; nothing may be read any more */
    CD_JSON_MISSING, /* the text is empty or blank */
    CD_JSON_OBJECT,
    CD_JSON_OBJECT_END,
    CD_JSON_ARRAY,
    CD_JSON_ARRAY_END,
    CD_JSON_NAME, /* of a member; its value is the next token */
    CD_JSON_STRING,
    CD_JSON_INTEGER,
    CD_JSON_FRACTION, /* a number with a point or an exponent */
    CD_JSON_TRUE,
    CD_JSON_FALSE,
    CD_JSON_NULL,
};

/* Elements of containers that are not complete yet: kept from text to text, so that reading
 * allocates nothing. A zeroed one is ready. */
struct cd_json_stack {
    struct cd_map_entry *items;
    size_t used;
    size_t capacity;
};
void cd_json_stack_done(struct cd_json_stack *stack); /* fits CD_AUTO */
/* The pointer is valid until the next push. */
struct cd_map_entry *cd_json_push(struct cd_json_stack *stack);
/* Takes everything from `base` on off the stack, into the arena: an array of the values, or a map
 * flagged CD_MAP_HASHED. Of equal keys the first keeps its place and gets the last value. */
CD_MUST_CHECK bool cd_json_pop_array(struct cd_json_stack *stack, size_t base,
                                     struct cd_arena *arena, struct cd_value *ret,
                                     struct cd_error *err);
CD_MUST_CHECK bool cd_json_pop_map(struct cd_json_stack *stack, size_t base, struct cd_arena *arena,
                                   struct cd_value *ret, struct cd_error *err);

struct cd_json_reader {
    const char *at;
    const char *end;
    struct cd_arena *arena; /* borrowed */
    struct cd_error *err;   /* borrowed */

    /* Of the newest token: */
    enum cd_json_token token;
    bool fits_int32;
    bool fits_int64;
    int64_t integer;      /* INTEGER: its low 64 bits, as Java's longValue */
    struct cd_slice text; /* NAME, STRING: decoded; numbers: as written */

    uint32_t depth;
    uint8_t expects; /* private */
    uint64_t in_object[(CD_JSON_DEPTH_MAX + 63) / 64];
};

/* Recognises the encoding; what is not UTF-8 is decoded into the arena. False: see err. */
CD_MUST_CHECK bool cd_json_reader_init(struct cd_json_reader *json, struct cd_slice text,
                                       struct cd_arena *arena, struct cd_error *err);
enum cd_json_token cd_json_next(struct cd_json_reader *json);
/* Passes over the value whose first token is the newest one. */
CD_MUST_CHECK bool cd_json_skip(struct cd_json_reader *json);

/* A place to come back to: between a NAME and its value, or before an element. Valid as long as no
 * container that was open there is left for good. */
struct cd_json_mark {
    const char *at;
    uint32_t depth;
    uint8_t expects;
};
struct cd_json_mark cd_json_mark(const struct cd_json_reader *json);
void cd_json_return(struct cd_json_reader *json, struct cd_json_mark mark);
/* After a NAME: is the value, an object, written with exactly these bytes? If so it is passed over.
 */
bool cd_json_take_object(struct cd_json_reader *json, struct cd_slice bytes);

/* The newest token, a number, as Java converts it: the fraction is dropped, the low 64 bits kept;
 * correctly rounded; exact with the text's own scale. */
int64_t cd_json_long(const struct cd_json_reader *json);
double cd_json_double(const struct cd_json_reader *json);
float cd_json_float(const struct cd_json_reader *json);
CD_MUST_CHECK bool cd_json_decimal(struct cd_json_reader *json, struct cd_value *ret);

/* Fails as every refused text does: "Converting byte[] to Kafka Connect data failed ...: <why>". */
enum cd_json_token cd_json_refuse(struct cd_json_reader *json, const char *why);

/* A value without a schema, whose first token is the newest one, as JsonConverter reads it: int64,
 * float64, text, arrays, maps flagged CD_MAP_HASHED. Texts may borrow from the input. Whatever the
 * depth, it does not recurse. */
CD_MUST_CHECK bool cd_json_get_value(struct cd_json_reader *json, struct cd_json_stack *stack,
                                     struct cd_value *ret);

#endif
