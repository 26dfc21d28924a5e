/*
 * Test vectors: the machine-readable agreements with the JVM in tests/vectors, in the notation that
 * the files themselves explain. Turns that notation into schemas and values, and compares.
 *
 * Tests run in the root of the source tree.
 */
#ifndef CD_TESTS_FAKE_VECTORS_H
#define CD_TESTS_FAKE_VECTORS_H

#include <jansson.h>

#include "base/buffer.h"
#include "connectd/error.h"
#include "connectd/value.h"
#include "data/batch.h"

/* The whole file ("converters.json"); the caller drops it. Ends the test with a message when it
 * cannot be read. The vectors are json_object_get(root, "vectors"). */
json_t *cd_vectors_load(const char *name);

/* A text member, or NULL. */
const char *cd_vector_text(const json_t *vector, const char *member);

/*
 * `into` gets all memory and keeps all schemas; use one batch a vector. Broken notation ends the
 * test; false is an answer: the schema or value breaks a rule of Connect (err->native says which).
 */

/* JSON null (or NULL) gives NULL: schemaless. */
CD_MUST_CHECK bool cd_vector_schema(struct cd_batch *into, const json_t *notation,
                                    const struct cd_schema **ret, struct cd_error *err);
/* `schema` is the one beside the value (NULL: schemaless): a struct needs it, unless the notation
 * names its own (struct_schema). Schemaless maps are in the order given, not flagged hashed. */
CD_MUST_CHECK bool cd_vector_value(struct cd_batch *into, const struct cd_schema *schema,
                                   const json_t *notation, struct cd_value *ret,
                                   struct cd_error *err);
/* {"bytes_hex": ...} beside others: ptr NULL for null. */
struct cd_slice cd_vector_bytes(struct cd_batch *into, const json_t *object);

/* Is this the schema and the value the vector wants? Maps are compared without order. If not,
 * `why` gets a line for people. */
bool cd_vector_same(struct cd_batch *into, const struct cd_schema *schema, struct cd_value value,
                    const json_t *schema_notation, const json_t *value_notation,
                    struct cd_buffer *why);
/* Is `err` the error the vector wants ({"class": "org...DataException", ...}), by simple name? */
bool cd_vector_same_error(const struct cd_error *err, const json_t *wanted);

/* For messages: the text of any value or schema. */
void cd_vector_print_value(struct cd_value value, struct cd_buffer *out);
void cd_vector_print_schema(const struct cd_schema *schema, struct cd_buffer *out);

#endif
