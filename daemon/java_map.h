/*
 * The JVM's standalone offset file: a Java-serialized java.util.HashMap from byte array to byte
 * array or null (runtime.md 2.6). Pure functions over bytes; the file itself is offset_file.c's
 * business.
 */
#ifndef CD_DAEMON_JAVA_MAP_H
#define CD_DAEMON_JAVA_MAP_H

#include "base/buffer.h"
#include "connectd/error.h"
#include "connectd/value.h"

/* Calls `each` for every entry in the file's order; `value.ptr` NULL is a null. Bytes that end too
 * early, that are something else than such a map, or that go on behind it are refused: what follows
 * would be a silent loss of offsets. */
CD_MUST_CHECK bool cd_java_map_read(struct cd_slice file,
                                    void (*each)(void *arg, struct cd_slice key,
                                                 struct cd_slice value),
                                    void *arg, struct cd_error *err);

/* Writes the map in pieces: begin with the number of entries, then each entry, then end. */
struct cd_java_map_writer {
    struct cd_buffer *out;
    bool array_class_written;
};
void cd_java_map_begin(struct cd_java_map_writer *writer, struct cd_buffer *out, size_t count);
void cd_java_map_entry(struct cd_java_map_writer *writer, struct cd_slice key,
                       struct cd_slice value);
void cd_java_map_end(struct cd_java_map_writer *writer);

#endif
