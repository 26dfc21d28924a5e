/*
 * Runs the agreements with the JVM about transforms and predicates (tests/vectors/transforms.json)
 * against the built-in ones.
 *
 * Each record is transformed by an instance of its own, which is closed before the result is
 * looked at: what a batch holds must not point into the transform. The input is compared again
 * afterwards: a transform must not change what it was given. Before, it is run with too
 * little memory.
 */
#ifndef CD_TESTS_FAKE_TRANSFORM_VECTORS_H
#define CD_TESTS_FAKE_TRANSFORM_VECTORS_H

#include <stddef.h>

#include "connectd/plugin.h"
#include "data/batch.h"
#include "plugins/instance.h"

/* All vectors of a class by its simple name, of its $Key and $Value forms too; ends the test with
 * their messages if any disagrees. Returns how many there were. */
size_t cd_transform_vectors_run(const char *simple_name);

/* ---- for tests of single sentences ---- */

/* A built-in transform or predicate, opened. `settings` are keys and values, NULL-terminated; the
 * class name may leave out the package. NULL: refused, see err. */
struct cd_instance *cd_test_open(const char *class_name, const char *const *settings,
                                 struct cd_error *err);
/* A record in the notation of the vectors ("kind" left out: of a source). Apostrophes may stand for
 * quotes. */
struct cd_record *cd_test_record(struct cd_batch *into, const char *notation);
/* Ends the test unless the record is as the notation says. */
void cd_test_same(struct cd_batch *into, const struct cd_record *rec, const char *notation);

/* Applies a transform; CD_RECORD_FAILED leaves a reason in err. */
enum cd_verdict_on_record cd_test_apply(struct cd_instance *instance, struct cd_batch *out,
                                        struct cd_record *rec, struct cd_error *err);

/* The whole story: opens, transforms `input`, closes, and demands `output` (NULL: dropped). */
void cd_test_transform(const char *class_name, const char *const *settings, const char *input,
                       const char *output);
/* The same for a failure with this native name and a part of its message, by open or by apply. */
void cd_test_refused(const char *class_name, const char *const *settings, const char *input,
                     const char *native, const char *message);

#endif
