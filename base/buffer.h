/*
 * Growing bytes, for texts and messages whose length is not known beforehand. The content is always
 * followed by a NUL that `len` does not count.
 */
#ifndef CD_BASE_BUFFER_H
#define CD_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_buffer {
    char *ptr;
    size_t len;
    size_t cap;
};

#define CD_BUFFER_INIT                                                                             \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

void cd_buffer_done(struct cd_buffer *buf); /* fits CD_AUTO */
static inline void cd_buffer_clear(struct cd_buffer *buf)
{
    buf->len = 0;
    if (buf->ptr != NULL)
        buf->ptr[0] = '\0';
}
/* Room for `more` bytes and the NUL; returns where they go. The caller then adds to len. */
char *cd_buffer_reserve(struct cd_buffer *buf, size_t more);
void cd_buffer_append(struct cd_buffer *buf, const void *bytes, size_t len);
void cd_buffer_slice(struct cd_buffer *buf, struct cd_slice slice);
void cd_buffer_text(struct cd_buffer *buf, const char *text);
void cd_buffer_char(struct cd_buffer *buf, char c);
CD_PRINTF(2, 3) void cd_buffer_printf(struct cd_buffer *buf, const char *fmt, ...);
CD_PRINTF(2, 0) void cd_buffer_vprintf(struct cd_buffer *buf, const char *fmt, va_list args);
/* Gives the memory away (terminated, never NULL); the buffer is empty afterwards. */
char *cd_buffer_steal(struct cd_buffer *buf);
static inline struct cd_slice cd_buffer_view(const struct cd_buffer *buf)
{
    return cd_slice_of(buf->ptr == NULL ? "" : buf->ptr, buf->len);
}

#endif
