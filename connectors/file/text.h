/*
 * Values as the JVM's String.valueOf prints them: what its file sink writes. Bytes are the one
 * exception: the JVM prints the identity of an object, we write the bytes.
 */
#ifndef CONNECTORS_FILE_TEXT_H
#define CONNECTORS_FILE_TEXT_H

#include "connectd/value.h"

/* Growing bytes; `failed` once memory is gone. */
struct file_text {
    char *ptr;
    size_t len;
    size_t cap;
    bool failed;
};

void file_text_done(struct file_text *text);
void file_text_append(struct file_text *text, const void *bytes, size_t len);
void file_text_value(struct file_text *text, struct cd_value value);

#endif
