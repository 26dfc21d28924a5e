/*
 * Writes JSON as Jackson does (seen with 2.16 and 2.19), byte for byte: no blanks, upper-case
 * escapes, characters above U+FFFF as two escapes, Java's number texts.
 *
 * It only puts tokens behind each other: commas and colons are the caller's (cd_json_put_char). The
 * text grows in `out`, which may be kept for the next use by setting out.len to 0: then writing
 * allocates nothing.
 *
 * Thread: one owner. Memory: freed by done. A zeroed writer is ready.
 */
#ifndef CD_DATA_JSON_WRITER_H
#define CD_DATA_JSON_WRITER_H

#include "base/buffer.h"
#include "compat/hash.h"
#include "connectd/value.h"

#define CD_JSON_DEPTH_MAX 1000 /* Jackson's limit, for writing and reading */

struct cd_json_writer {
    struct cd_buffer out;
    uint32_t depth;              /* of containers that are open */
    struct cd_hash_entry *order; /* a stack: the orders of the hashed maps being written */
    size_t order_used;
    size_t order_capacity;
    struct cd_json_frame *frames; /* a stack: the schemaless containers being written */
    size_t frame_count;
    size_t frame_capacity;
};

void cd_json_writer_done(struct cd_json_writer *json); /* fits CD_AUTO */
/* An empty text, keeping memory up to a bound. */
void cd_json_writer_reset(struct cd_json_writer *json);

/* Room for `len` bytes; the caller adds what it used to out.len. */
static inline char *cd_json_room(struct cd_json_writer *json, size_t len)
{
    struct cd_buffer *out = &json->out;
    return len < out->cap - out->len ? out->ptr + out->len : cd_buffer_reserve(out, len);
}

static inline void cd_json_put_char(struct cd_json_writer *json, char c)
{
    *cd_json_room(json, 1) = c;
    json->out.len++;
}

/* Bytes that are JSON already. */
static inline void cd_json_put_raw(struct cd_json_writer *json, struct cd_slice bytes)
{
    char *to = cd_json_room(json, bytes.len);
    if (bytes.len > 0)
        memcpy(to, bytes.ptr, bytes.len);
    json->out.len += bytes.len;
}

#define CD_JSON_PUT_LITERAL(json, text)                                                            \
    cd_json_put_raw((json), cd_slice_of((text), sizeof(text) - 1))

/* A quoted and escaped text. Malformed bytes become U+FFFD. */
void cd_json_put_string(struct cd_json_writer *json, struct cd_slice text);
void cd_json_put_base64(struct cd_json_writer *json, struct cd_slice bytes);
void cd_json_put_int64(struct cd_json_writer *json, int64_t v);
/* NaN and the infinities are strings. */
void cd_json_put_float32(struct cd_json_writer *json, float v);
void cd_json_put_float64(struct cd_json_writer *json, double v);
void cd_json_put_decimal(struct cd_json_writer *json, const struct cd_decimal *v);

/* One container deeper; false with DataException beyond CD_JSON_DEPTH_MAX. */
CD_MUST_CHECK bool cd_json_enter(struct cd_json_writer *json, struct cd_error *err);
static inline void cd_json_leave(struct cd_json_writer *json)
{
    json->depth--;
}

/* The order in which to write a map's entries: Java's, if the map is flagged CD_MAP_HASHED. Begin,
 * then ask for the entries one by one, then end; maps inside maps nest. */
struct cd_json_order {
    size_t base; /* in the writer's stack; SIZE_MAX: as they stand */
};
struct cd_json_order cd_json_order_begin(struct cd_json_writer *json, struct cd_value map);
static inline const struct cd_map_entry *cd_json_order_at(const struct cd_json_writer *json,
                                                          struct cd_json_order order,
                                                          struct cd_value map, uint32_t i)
{
    return &map.as.map[order.base == SIZE_MAX ? i : json->order[order.base + i].index];
}
static inline void cd_json_order_end(struct cd_json_writer *json, struct cd_json_order order)
{
    if (order.base != SIZE_MAX)
        json->order_used = order.base;
}

/* A value without a schema, as JsonConverter writes it. DataException for what has no schemaless
 * type (decimals, instants, structs). Whatever the depth, it does not recurse. After a failure the
 * writer needs a reset. */
CD_MUST_CHECK bool cd_json_put_value(struct cd_json_writer *json, struct cd_value value,
                                     struct cd_error *err);

#endif
