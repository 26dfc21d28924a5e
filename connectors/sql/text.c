#include "connectors/sql/text.h"

#include <stdlib.h>

void *cd_sql_new(size_t size)
{
    void *ptr = calloc(1, size);
    if (ptr == NULL)
        abort();
    return ptr;
}

void *cd_sql_resize(void *ptr, size_t count, size_t size)
{
    void *bigger = reallocarray(ptr, count, size);
    if (bigger == NULL && count > 0)
        abort();
    return bigger;
}

char *cd_sql_dup(struct cd_slice text)
{
    char *copy = cd_sql_new(text.len + 1);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

void cd_sql_text_done(struct cd_sql_text *text)
{
    free(text->ptr);
    *text = (struct cd_sql_text){0};
}

void cd_sql_text_clear(struct cd_sql_text *text)
{
    text->len = 0;
    if (text->ptr != NULL)
        text->ptr[0] = '\0';
}

const char *cd_sql_text_get(const struct cd_sql_text *text)
{
    return text->ptr == NULL ? "" : text->ptr;
}

char *cd_sql_text_steal(struct cd_sql_text *text)
{
    char *ptr = text->ptr == NULL ? cd_sql_new(1) : text->ptr;
    *text = (struct cd_sql_text){0};
    return ptr;
}

char *cd_sql_text_room(struct cd_sql_text *text, size_t size)
{
    if (text->capacity - text->len <= size) {
        size_t wanted = (text->len + size + 1) * 3 / 2;
        text->capacity = wanted < 128 ? 128 : wanted;
        text->ptr = cd_sql_resize(text->ptr, text->capacity, 1);
    }
    return text->ptr + text->len;
}

void cd_sql_add_slice(struct cd_sql_text *text, struct cd_slice piece)
{
    char *room = cd_sql_text_room(text, piece.len);
    if (piece.len > 0)
        memcpy(room, piece.ptr, piece.len);
    room[piece.len] = '\0';
    text->len += piece.len;
}

void cd_sql_add(struct cd_sql_text *text, const char *piece)
{
    cd_sql_add_slice(text, cd_slice(piece));
}

void cd_sql_addf(struct cd_sql_text *text, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int needed = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (needed < 0)
        abort(); /* a format of ours is wrong */
    char *room = cd_sql_text_room(text, (size_t)needed);
    va_start(args, fmt);
    (void)vsnprintf(room, (size_t)needed + 1, fmt, args);
    va_end(args);
    text->len += (size_t)needed;
}

static void add_doubling(struct cd_sql_text *text, struct cd_slice value, char quote)
{
    char *out = cd_sql_text_room(text, 2 * value.len + 2);
    size_t used = 0;
    out[used++] = quote;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == quote)
            out[used++] = quote;
        out[used++] = value.ptr[i];
    }
    out[used++] = quote;
    out[used] = '\0';
    text->len += used;
}

void cd_sql_add_name(struct cd_sql_text *text, struct cd_slice name, bool quoted)
{
    if (quoted)
        add_doubling(text, name, '"');
    else
        cd_sql_add_slice(text, name);
}

void cd_sql_add_literal(struct cd_sql_text *text, struct cd_slice value)
{
    add_doubling(text, value, '\'');
}
