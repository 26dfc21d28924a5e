#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

#define FIRST_BYTES 64u

void cd_buffer_done(struct cd_buffer *buf)
{
    free(buf->ptr);
    *buf = (struct cd_buffer)CD_BUFFER_INIT;
}

char *cd_buffer_reserve(struct cd_buffer *buf, size_t more)
{
    /* A length that wraps cannot be had: the allocator says so. */
    size_t needed = more >= SIZE_MAX / 2 - buf->len ? SIZE_MAX : buf->len + more + 1;
    if (buf->cap < needed) {
        size_t cap = buf->cap < FIRST_BYTES ? FIRST_BYTES : buf->cap * 2;
        buf->cap = cap < needed ? needed : cap;
        buf->ptr = cd_realloc_array(buf->ptr, buf->cap, 1);
        buf->ptr[buf->len] = '\0';
    }
    return buf->ptr + buf->len;
}

void cd_buffer_append(struct cd_buffer *buf, const void *bytes, size_t len)
{
    char *to = cd_buffer_reserve(buf, len);
    if (len > 0)
        memcpy(to, bytes, len);
    to[len] = '\0';
    buf->len += len;
}

void cd_buffer_slice(struct cd_buffer *buf, struct cd_slice slice)
{
    cd_buffer_append(buf, slice.ptr, slice.len);
}

void cd_buffer_text(struct cd_buffer *buf, const char *text)
{
    cd_buffer_append(buf, text, strlen(text));
}

void cd_buffer_char(struct cd_buffer *buf, char c)
{
    char *to = cd_buffer_reserve(buf, 1);
    to[0] = c;
    to[1] = '\0';
    buf->len++;
}

void cd_buffer_vprintf(struct cd_buffer *buf, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    char *to = cd_buffer_reserve(buf, FIRST_BYTES - 1);
    size_t room = buf->cap - buf->len;
    int len = vsnprintf(to, room, fmt, args);
    assert(len >= 0);
    if ((size_t)len >= room) {
        to = cd_buffer_reserve(buf, (size_t)len);
        (void)vsnprintf(to, (size_t)len + 1, fmt, again); /* the same text as above */
    }
    buf->len += (size_t)len;
    va_end(again);
}

void cd_buffer_printf(struct cd_buffer *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    cd_buffer_vprintf(buf, fmt, args);
    va_end(args);
}

char *cd_buffer_steal(struct cd_buffer *buf)
{
    char *text = buf->ptr == NULL ? cd_alloc(1) : buf->ptr;
    *buf = (struct cd_buffer)CD_BUFFER_INIT;
    return text;
}
