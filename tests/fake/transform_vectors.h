/*
 * Runs the agreements with the JVM about transforms and predicates (tests/vectors/transforms.json)
 * against the built-in ones.
 *
 * Each record is transformed by an instance of its own, which is closed before the result is
 * looked at: what a batch holds must not point into the transform. The input is compared again
 * afterwards: a transform must not change what it was given.
 */
#ifndef CD_TESTS_FAKE_TRANSFORM_VECTORS_H
#define CD_TESTS_FAKE_TRANSFORM_VECTORS_H

#include <stddef.h>

#include "connectd/plugin.h"
#include "plugins/instance.h"

/* All vectors whose id begins with `prefix`; ends the test with their messages if any disagrees.
 * Returns how many there were. */
size_t cd_transform_vectors_run(const char *prefix);

/* ---- for tests of single sentences ---- */

/* A built-in transform or predicate, opened. `settings` are keys and values, NULL-terminated; the
 * class name may leave out the package. NULL: refused, see err. */
struct cd_instance *cd_test_open(const char *class_name, const char *const *settings,
                                 struct cd_error *err);
/* Applies a transform; CD_RECORD_FAILED leaves a reason in err. */
enum cd_verdict_on_record cd_test_apply(struct cd_instance *instance, struct cd_batch *out,
                                        struct cd_record *rec, struct cd_error *err);

#endif
