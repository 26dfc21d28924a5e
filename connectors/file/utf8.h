/*
 * The bytes of a file as a text: UTF-8, where what is malformed becomes U+FFFD as Java's decoder
 * has it. Nearly all blocks are ASCII, which is decided once a block and costs next to nothing.
 */
#ifndef CONNECTORS_FILE_UTF8_H
#define CONNECTORS_FILE_UTF8_H

#include "connectd/value.h"

bool file_is_ascii(struct cd_slice bytes);
bool file_is_utf8(struct cd_slice bytes);
/* `out` has three bytes for each of `bytes`; returns how many were written. */
size_t file_repair_utf8(struct cd_slice bytes, char *out);
/* UTF-16 units in `bytes`: how the JVM counts positions. */
int64_t file_utf16_units(struct cd_slice bytes);

#endif
