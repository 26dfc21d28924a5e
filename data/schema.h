/*
 * Schemas: immutable, shared, compared by content once and by pointer ever after.
 *
 * A draft (struct cd_schema filled in by hand) is looked up in a weak table of all schemas alive:
 * the same content gives the same pointer. The table does not keep schemas alive, references do; a
 * batch holds one reference for each distinct schema in it, a record none.
 *
 * Thread: any; the table has a mutex, so intern once per new schema, never per record.
 */
#ifndef CD_DATA_SCHEMA_H
#define CD_DATA_SCHEMA_H

#include "connectd/error.h"
#include "connectd/value.h"

/* The shared copy of `draft` (deep: names, fields, defaults), with a reference for the caller.
 * Inner schemas of the draft must be shared ones, and get references of their own. `logical` is
 * found by the name. NULL with native "SchemaBuilderException" when it breaks a rule of Connect's
 * builder. The default of a struct is one of the same schema without a default. An array or map may
 * lack inner schemas, as header texts like "[]" give. */
const struct cd_schema *cd_schema_intern(const struct cd_schema *draft, struct cd_error *err);
const struct cd_schema *cd_schema_ref(const struct cd_schema *schema);
void cd_schema_unref(const struct cd_schema *schema); /* NULL is allowed */
/* Schemas alive besides those of process lifetime, for leak tests. */
size_t cd_schema_alive(void);

/* Process lifetime; `type` is primitive. */
const struct cd_schema *cd_schema_primitive(enum cd_type type, bool optional);

/* The same for Date, Time and Timestamp (version 1, as their builders make them). */
const struct cd_schema *cd_schema_logical(enum cd_logical logical, bool optional);

const char *cd_type_name(enum cd_type type);       /* "INT8": Connect's, for messages */
const char *cd_kind_java_class(enum cd_kind kind); /* "java.lang.Byte" */

/* Connect's ConnectSchema.validateValue: is `value` acceptable for `schema`? Error text and class
 * as the JVM's. `where` is NULL or a field. */
CD_MUST_CHECK bool cd_schema_check(const struct cd_schema *schema, struct cd_value value,
                                   const char *where, struct cd_error *err);

#endif
