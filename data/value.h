/*
 * Values: comparing, copying, and their plain JSON, the form of offsets and of every internal
 * topic.
 */
#ifndef CD_DATA_VALUE_H
#define CD_DATA_VALUE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "connectd/value.h"

/* Deep equality as Java's Objects.equals would have it (bytes by content). Maps compare without
 * order. */
bool cd_value_equal(struct cd_value a, struct cd_value b);
/* A deep copy in `arena`; struct schemas are shared, and must be kept alive by the caller. */
CD_MUST_CHECK bool cd_value_copy(struct cd_arena *arena, struct cd_value value,
                                 struct cd_value *ret, struct cd_error *err);
/* A growing map for building offsets by hand: entries in insertion order. */
CD_MUST_CHECK bool cd_value_map(struct cd_arena *arena, const struct cd_map_entry *entries,
                                size_t count, struct cd_value *ret, struct cd_error *err);

/* The exact bytes of Connect's schemaless JSON (JsonConverter, schemas.enable=false). Hashed maps
 * are put in Java's order. */
CD_MUST_CHECK bool cd_value_to_json(struct cd_value value, struct cd_buffer *out,
                                    struct cd_error *err);
/* Reads one JSON text as the JVM does: integers are int64, other numbers float64, objects maps with
 * CD_MAP_HASHED. Copies everything. */
CD_MUST_CHECK bool cd_value_from_json(struct cd_arena *arena, struct cd_slice json,
                                      struct cd_value *ret, struct cd_error *err);

#endif
