#include "base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn static void out_of_memory(size_t size)
{
    (void)fprintf(stderr, "out of memory: %zu bytes could not be had\n", size);
    abort();
}

static size_t product(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory(SIZE_MAX);
    return bytes;
}

void *cd_alloc(size_t size)
{
    void *ptr = calloc(1, size == 0 ? 1 : size);
    if (ptr == NULL)
        out_of_memory(size);
    return ptr;
}

void *cd_alloc_array(size_t count, size_t size)
{
    return cd_alloc(product(count, size));
}

void *cd_realloc_array(void *ptr, size_t count, size_t size)
{
    size_t bytes = product(count, size);
    void *grown = realloc(ptr, bytes == 0 ? 1 : bytes);
    if (grown == NULL)
        out_of_memory(bytes);
    return grown;
}

char *cd_strdup(const char *text)
{
    return text == NULL ? NULL : cd_strndup(text, strlen(text));
}

char *cd_strndup(const char *ptr, size_t len)
{
    if (len == SIZE_MAX)
        out_of_memory(len);
    char *copy = cd_alloc(len + 1);
    if (len > 0)
        memcpy(copy, ptr, len);
    return copy;
}

char *cd_slice_dup(struct cd_slice slice)
{
    return slice.ptr == NULL ? NULL : cd_strndup(slice.ptr, slice.len);
}

char *cd_asprintf(const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    if (len < 0)
        out_of_memory(strlen(fmt));
    return text;
}

void cd_free_ptr(void *address_of_pointer)
{
    void *ptr;
    memcpy(&ptr, address_of_pointer, sizeof(ptr)); /* it may be a pointer of any type */
    free(ptr);
}
