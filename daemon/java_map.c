#include "daemon/java_map.h"

#include "base/alloc.h"

#include <stdlib.h>

enum {
    TC_NULL = 0x70,
    TC_REFERENCE = 0x71,
    TC_ARRAY = 0x75,
    TC_BLOCKDATA = 0x77,
    TC_ENDBLOCKDATA = 0x78,
    ARRAY_CLASS_HANDLE = 0x7E0002, /* after the map's class and the map itself */
};

/* Magic, version, object, class java.util.HashMap with its two fields; then load factor, threshold,
 * block of eight. */
static const uint8_t head[] =
    "\xAC\xED\x00\x05\x73\x72\x00\x11java.util.HashMap\x05\x07\xDA\xC1\xC3\x16\x60\xD1\x03\x00\x02"
    "F\x00\x0AloadFactorI\x00\x09threshold\x78\x70";
static const uint8_t array_class[] =
    "\x72\x00\x02[B\xAC\xF3\x17\xF8\x06\x08\x54\xE0\x02\x00\x00\x78\x70";

enum { HEAD_BYTES = sizeof(head) - 1, ARRAY_CLASS_BYTES = sizeof(array_class) - 1 };

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    struct cd_slice *arrays; /* by order of appearance: what back references point at */
    size_t array_count;
    size_t array_capacity;
};

static bool cut_short(struct cd_error *err)
{
    return cd_fail(
        err, CD_ERR_CONFIG,
        "the offset file ends too early: it was cut off while being written. The JVM would take it "
        "for an empty one and lose every offset; restore a copy, or remove the file to start over");
}

static bool take(struct reader *in, size_t count, const uint8_t **ret, struct cd_error *err)
{
    if ((size_t)(in->end - in->at) < count)
        return cut_short(err);
    *ret = in->at;
    in->at += count;
    return true;
}

static bool expect(struct reader *in, const uint8_t *bytes, size_t count, struct cd_error *err)
{
    const uint8_t *got;
    if (!take(in, count, &got, err))
        return false;
    if (memcmp(got, bytes, count) != 0)
        return cd_fail(err, CD_ERR_CONFIG,
                       "the offset file is not a serialized java.util.HashMap of byte arrays, as a "
                       "standalone Connect worker "
                       "writes it");
    return true;
}

static bool take_u32(struct reader *in, uint32_t *ret, struct cd_error *err)
{
    const uint8_t *p;
    if (!take(in, 4, &p, err))
        return false;
    *ret = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return true;
}

static void remember_array(struct reader *in, struct cd_slice bytes)
{
    if (in->array_count == in->array_capacity) {
        in->array_capacity = in->array_capacity == 0 ? 64 : in->array_capacity * 2;
        in->arrays = cd_realloc_array(in->arrays, in->array_capacity, sizeof(*in->arrays));
    }
    in->arrays[in->array_count++] = bytes;
}

/* Behind TC_ARRAY: the class (spelled out or referred to), the length, the bytes. */
static bool read_array(struct reader *in, struct cd_slice *ret, struct cd_error *err)
{
    static const uint8_t class_reference[] = {TC_REFERENCE, 0x00, 0x7E, 0x00, 0x02};
    const uint8_t *form;
    if (!take(in, 1, &form, err))
        return false;
    in->at--;
    bool known = *form == TC_REFERENCE;
    if (!expect(in, known ? class_reference : array_class,
                known ? sizeof(class_reference) : (size_t)ARRAY_CLASS_BYTES, err))
        return false;
    uint32_t len;
    const uint8_t *bytes;
    if (!take_u32(in, &len, err) || !take(in, len, &bytes, err))
        return false;
    *ret = cd_slice_of(bytes, len);
    remember_array(in, *ret);
    return true;
}

static bool read_back_reference(struct reader *in, struct cd_slice *ret, struct cd_error *err)
{
    uint32_t handle;
    if (!take_u32(in, &handle, err))
        return false;
    uint32_t first = ARRAY_CLASS_HANDLE + 1;
    if (handle < first || handle - first >= in->array_count)
        return cd_fail(err, CD_ERR_CONFIG,
                       "the offset file refers to an object (handle 0x%X) it does not hold",
                       (unsigned)handle);
    *ret = in->arrays[handle - first];
    return true;
}

static bool read_bytes_or_null(struct reader *in, struct cd_slice *ret, struct cd_error *err)
{
    const uint8_t *tag;
    if (!take(in, 1, &tag, err))
        return false;
    switch (*tag) {
    case TC_NULL:
        *ret = (struct cd_slice){NULL, 0};
        return true;
    case TC_ARRAY:
        return read_array(in, ret, err);
    case TC_REFERENCE:
        return read_back_reference(in, ret, err);
    default:
        return cd_fail(
            err, CD_ERR_CONFIG,
            "the offset file holds an object (tag 0x%02X) that is neither a byte array nor null",
            *tag);
    }
}

static bool read_entries(struct reader *in, void (*each)(void *, struct cd_slice, struct cd_slice),
                         void *arg, struct cd_error *err)
{
    static const uint8_t block[] = {TC_BLOCKDATA, 8};
    static const uint8_t end[] = {TC_ENDBLOCKDATA};
    const uint8_t *ignored; /* load factor, threshold and capacity are Java's business */
    uint32_t count;
    if (!expect(in, head, HEAD_BYTES, err) || !take(in, 8, &ignored, err) ||
        !expect(in, block, sizeof(block), err) || !take(in, 4, &ignored, err) ||
        !take_u32(in, &count, err))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct cd_slice key;
        struct cd_slice value;
        if (!read_bytes_or_null(in, &key, err) || !read_bytes_or_null(in, &value, err))
            return cd_fail_while(err, "entry %u of %u", (unsigned)i + 1, (unsigned)count);
        if (key.ptr != NULL)
            each(arg, key, value);
    }
    return expect(in, end, sizeof(end), err);
}

bool cd_java_map_read(struct cd_slice file, void (*each)(void *, struct cd_slice, struct cd_slice),
                      void *arg, struct cd_error *err)
{
    const uint8_t *bytes = (const uint8_t *)file.ptr;
    struct reader in = {.at = bytes, .end = bytes + file.len};
    bool ok = read_entries(&in, each, arg, err);
    if (ok && in.at != in.end)
        ok = cd_fail(err, CD_ERR_CONFIG, "the offset file goes on for %zu bytes behind its map",
                     (size_t)(in.end - in.at));
    free(in.arrays);
    return ok;
}

static void put_u32(struct cd_buffer *out, uint32_t v)
{
    const uint8_t bytes[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    cd_buffer_append(out, bytes, sizeof(bytes));
}

void cd_java_map_begin(struct cd_java_map_writer *writer, struct cd_buffer *out, size_t count)
{
    writer->out = out;
    writer->array_class_written = false;
    uint32_t capacity = 16; /* Java doubles when three quarters are passed */
    while (count > capacity / 4 * 3)
        capacity *= 2;
    cd_buffer_append(out, head, HEAD_BYTES);
    put_u32(out, 0x3F400000); /* 0.75f */
    put_u32(out, count == 0 ? 0 : capacity / 4 * 3);
    cd_buffer_char(out, TC_BLOCKDATA);
    cd_buffer_char(out, 8);
    put_u32(out, capacity);
    put_u32(out, (uint32_t)count);
}

static void put_array(struct cd_java_map_writer *writer, struct cd_slice bytes)
{
    if (bytes.ptr == NULL) {
        cd_buffer_char(writer->out, TC_NULL);
        return;
    }
    cd_buffer_char(writer->out, TC_ARRAY);
    if (writer->array_class_written) {
        cd_buffer_char(writer->out, TC_REFERENCE);
        put_u32(writer->out, ARRAY_CLASS_HANDLE);
    } else {
        cd_buffer_append(writer->out, array_class, ARRAY_CLASS_BYTES);
        writer->array_class_written = true;
    }
    put_u32(writer->out, (uint32_t)bytes.len);
    cd_buffer_slice(writer->out, bytes);
}

void cd_java_map_entry(struct cd_java_map_writer *writer, struct cd_slice key,
                       struct cd_slice value)
{
    put_array(writer, key);
    put_array(writer, value);
}

void cd_java_map_end(struct cd_java_map_writer *writer)
{
    cd_buffer_char(writer->out, TC_ENDBLOCKDATA);
}
