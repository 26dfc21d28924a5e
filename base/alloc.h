/*
 * Small allocations of the control plane. When memory is gone the daemon stops with a line that
 * says so: Linux overcommits, so checking every malloc would be clutter that is never exercised.
 * What grows with data from outside uses cd_arena and its limit instead.
 */
#ifndef CD_BASE_ALLOC_H
#define CD_BASE_ALLOC_H

#include <stddef.h>

#include "connectd/error.h"
#include "connectd/value.h"

/* Zeroed memory; never NULL. Freed by free(). */
void *cd_alloc(size_t size);
void *cd_alloc_array(size_t count, size_t size); /* checks the product */
void *cd_realloc_array(void *ptr, size_t count, size_t size);
char *cd_strdup(const char *text); /* NULL gives NULL */
char *cd_strndup(const char *ptr, size_t len);
char *cd_slice_dup(struct cd_slice slice); /* terminated; an absent slice gives NULL */
CD_PRINTF(1, 2) char *cd_asprintf(const char *fmt, ...);

#define cd_new(type) ((type *)cd_alloc(sizeof(type)))
#define cd_new_array(count, type) ((type *)cd_alloc_array((count), sizeof(type)))

/* For CD_AUTO: frees what a `char *` or other pointer variable points at. */
void cd_free_ptr(void *address_of_pointer);
#define CD_AUTO_FREE CD_AUTO(cd_free_ptr)

#endif
