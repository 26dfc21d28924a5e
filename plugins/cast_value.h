/*
 * Java's conversions between primitive values, as the transform Cast uses them: casts that cut and
 * saturate, parsers that are strict, texts that are Java's.
 */
#ifndef CD_PLUGINS_CAST_VALUE_H
#define CD_PLUGINS_CAST_VALUE_H

#include "base/buffer.h"
#include "connectd/host.h"

/* Memory for what is made. */
struct cd_caster {
    struct cd_batch *out;     /* of the record at hand; set before each use */
    struct cd_buffer scratch; /* freed by its owner */
};

/*
 * `value` of `schema` (NULL: schemaless) as a value of `target`, any primitive but bytes. A null
 * stays null, a text may borrow from `value`. Logical types are encoded first, unless a text is
 * wanted. Failures are DataExceptions.
 */
CD_MUST_CHECK bool cd_cast_value(struct cd_caster *caster, enum cd_type target,
                                 const struct cd_schema *schema, struct cd_value value,
                                 struct cd_value *ret, struct cd_error *err);

/* May a cast end there? Not at bytes and not at a container. */
bool cd_cast_reaches(enum cd_type target);

#define CD_CAST_OUTPUTS "[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING]"
#define CD_CAST_INPUTS "[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]"

#endif
