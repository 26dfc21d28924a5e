/*
 * What the JVM worker calls our failures: dead letters carry the class in a header, and people
 * search for it. An error holds the simple name in `native`; this gives the class with its package.
 * Thread: any.
 */
#ifndef CD_COMPAT_EXCEPTION_H
#define CD_COMPAT_EXCEPTION_H

#include "connectd/error.h"

/* "DataException" -> "org.apache.kafka.connect.errors.DataException"; NULL: not one we know. */
const char *cd_exception_class(const char *simple_name);

/* The class of a failure: by its native name if that is an exception, else by its code. Never NULL.
 */
const char *cd_exception_of(const struct cd_error *err);

#endif
