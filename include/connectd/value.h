/*
 * The data model: slices, values and schemas. It is Kafka Connect's, so that conversions agree byte
 * for byte.
 *
 * A value is 16 bytes, copied freely, and owns nothing: what it points at lives in the arena of the
 * batch it belongs to, or in something that batch keeps alive. A struct's fields stand in an array
 * in schema order; no names and no hashing per record.
 */
#ifndef CONNECTD_VALUE_H
#define CONNECTD_VALUE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes somebody else owns; not terminated. `ptr == NULL` means absent, which is not the same as
 * empty. */
struct cd_slice {
    const char *ptr;
    size_t len;
};

static inline struct cd_slice cd_slice(const char *text)
{
    return (struct cd_slice){text, text == NULL ? 0 : strlen(text)};
}

static inline struct cd_slice cd_slice_of(const void *ptr, size_t len)
{
    return (struct cd_slice){(const char *)ptr, len};
}

static inline bool cd_slice_equal(struct cd_slice a, struct cd_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool cd_slice_is(struct cd_slice a, const char *text)
{
    return cd_slice_equal(a, cd_slice(text));
}

/* For printf's "%.*s". */
#define CD_SLICE_ARG(s) (int)(s).len, ((s).ptr == NULL ? "" : (s).ptr)

enum cd_kind {
    CD_KIND_NULL,
    CD_KIND_BOOL,
    CD_KIND_INT8,
    CD_KIND_INT16,
    CD_KIND_INT32,
    CD_KIND_INT64,
    CD_KIND_FLOAT32,
    CD_KIND_FLOAT64,
    CD_KIND_STRING, /* UTF-8; may hold lone surrogates in three bytes (WTF-8), because Java's
                       strings can */
    CD_KIND_BYTES,
    CD_KIND_ARRAY,
    CD_KIND_MAP,
    CD_KIND_STRUCT,
    CD_KIND_DECIMAL, /* java.math.BigDecimal */
    CD_KIND_INSTANT, /* java.util.Date: milliseconds since 1970 */
};

/* The map iterates in Java's hash order on the JVM: writers that must agree byte for byte sort it
 * first. */
#define CD_MAP_HASHED 1u

struct cd_schema;
struct cd_value;
struct cd_map_entry;
struct cd_struct;
struct cd_decimal;

struct cd_value {
    uint8_t kind;      /* enum cd_kind */
    uint8_t flags;     /* CD_MAP_HASHED */
    uint16_t reserved; /* of a hashed map: log2 of the HashMap's first table, 0: the usual 16 */
    uint32_t count;    /* bytes of a string or bytes; elements of an array; entries of a map */
    union {
        bool boolean;
        int64_t integer; /* int8 to int64, and the milliseconds of an instant */
        float float32;
        double float64;
        const char *string;
        const uint8_t *bytes;
        const struct cd_value *array;
        const struct cd_map_entry *map;
        const struct cd_struct *structure;
        const struct cd_decimal *decimal;
    } as;
};

static_assert(sizeof(struct cd_value) == 16, "a value never changes its size");

struct cd_map_entry {
    struct cd_value key;
    struct cd_value value;
};

/* One value a field, in schema order; a null stands for "not set". */
struct cd_struct {
    const struct cd_schema *schema;
    struct cd_value fields[];
};

struct cd_decimal {
    int32_t scale; /* may be negative */
    uint32_t len;
    uint8_t unscaled[]; /* two's complement, big-endian, fewest bytes */
};

enum cd_type {
    CD_TYPE_INT8,
    CD_TYPE_INT16,
    CD_TYPE_INT32,
    CD_TYPE_INT64,
    CD_TYPE_FLOAT32,
    CD_TYPE_FLOAT64,
    CD_TYPE_BOOLEAN,
    CD_TYPE_STRING,
    CD_TYPE_BYTES,
    CD_TYPE_ARRAY,
    CD_TYPE_MAP,
    CD_TYPE_STRUCT,
};

/* Recognised by the schema's name alone, as the JVM does. */
enum cd_logical {
    CD_LOGICAL_NONE,
    CD_LOGICAL_DECIMAL,   /* org.apache.kafka.connect.data.Decimal */
    CD_LOGICAL_DATE,      /* org.apache.kafka.connect.data.Date */
    CD_LOGICAL_TIME,      /* org.apache.kafka.connect.data.Time */
    CD_LOGICAL_TIMESTAMP, /* org.apache.kafka.connect.data.Timestamp */
};

struct cd_field {
    struct cd_slice name;
    const struct cd_schema *schema;
};

struct cd_parameter {
    struct cd_slice name;
    struct cd_slice value;
};

/*
 * Two roles. Filled in by hand it is a draft, as short-lived as its maker likes. What
 * host->schema(draft) returns is a shared, immutable copy: equal schemas are the same pointer, so
 * compare pointers. It lives until its last reference is dropped.
 */
struct cd_schema {
    enum cd_type type;
    bool optional;
    bool has_version;
    int32_t version;
    enum cd_logical logical; /* filled in by host->schema */
    uint32_t field_count;    /* struct only */
    uint32_t parameter_count;
    struct cd_slice name; /* ptr NULL: not set; likewise doc */
    struct cd_slice doc;
    const struct cd_value *fallback;       /* the default; NULL: none */
    const struct cd_field *fields;         /* struct */
    const struct cd_parameter *parameters; /* ordered */
    const struct cd_schema *key;           /* map */
    const struct cd_schema *element;       /* array: its elements; map: its values */
};

static inline struct cd_value cd_null(void)
{
    return (struct cd_value){.kind = CD_KIND_NULL};
}

static inline struct cd_value cd_bool(bool v)
{
    return (struct cd_value){.kind = CD_KIND_BOOL, .as.boolean = v};
}

static inline struct cd_value cd_int8(int8_t v)
{
    return (struct cd_value){.kind = CD_KIND_INT8, .as.integer = v};
}

static inline struct cd_value cd_int16(int16_t v)
{
    return (struct cd_value){.kind = CD_KIND_INT16, .as.integer = v};
}

static inline struct cd_value cd_int32(int32_t v)
{
    return (struct cd_value){.kind = CD_KIND_INT32, .as.integer = v};
}

static inline struct cd_value cd_int64(int64_t v)
{
    return (struct cd_value){.kind = CD_KIND_INT64, .as.integer = v};
}

static inline struct cd_value cd_float32(float v)
{
    return (struct cd_value){.kind = CD_KIND_FLOAT32, .as.float32 = v};
}

static inline struct cd_value cd_float64(double v)
{
    return (struct cd_value){.kind = CD_KIND_FLOAT64, .as.float64 = v};
}

/* Milliseconds since 1970-01-01T00:00Z: the in-memory form of Date, Time and Timestamp. */
static inline struct cd_value cd_instant(int64_t ms)
{
    return (struct cd_value){.kind = CD_KIND_INSTANT, .as.integer = ms};
}

/* `s` must live as long as the batch. An absent slice gives a null. */
static inline struct cd_value cd_string(struct cd_slice s)
{
    if (s.ptr == NULL)
        return cd_null();
    return (struct cd_value){.kind = CD_KIND_STRING, .count = (uint32_t)s.len, .as.string = s.ptr};
}

static inline struct cd_value cd_bytes(const void *ptr, size_t len)
{
    return (struct cd_value){
        .kind = CD_KIND_BYTES, .count = (uint32_t)len, .as.bytes = (const uint8_t *)ptr};
}

static inline struct cd_value cd_array(const struct cd_value *elements, size_t count)
{
    return (struct cd_value){.kind = CD_KIND_ARRAY, .count = (uint32_t)count, .as.array = elements};
}

static inline struct cd_value cd_map(const struct cd_map_entry *entries, size_t count)
{
    return (struct cd_value){.kind = CD_KIND_MAP, .count = (uint32_t)count, .as.map = entries};
}

static inline struct cd_value cd_struct(const struct cd_struct *s)
{
    return (struct cd_value){.kind = CD_KIND_STRUCT, .as.structure = s};
}

static inline struct cd_value cd_decimal(const struct cd_decimal *d)
{
    return (struct cd_value){.kind = CD_KIND_DECIMAL, .as.decimal = d};
}

static inline bool cd_is_null(struct cd_value v)
{
    return v.kind == CD_KIND_NULL;
}

/* The text of a string or the bytes of a bytes value. */
static inline struct cd_slice cd_value_slice(struct cd_value v)
{
    return (struct cd_slice){v.as.string, v.count};
}

/* The value under a string key, or a null. Linear: for small maps such as partitions and offsets.
 */
static inline struct cd_value cd_map_get(struct cd_value map, const char *name)
{
    for (uint32_t i = 0; map.kind == CD_KIND_MAP && i < map.count; i++) {
        const struct cd_map_entry *entry = &map.as.map[i];
        if (entry->key.kind == CD_KIND_STRING && cd_slice_is(cd_value_slice(entry->key), name))
            return entry->value;
    }
    return cd_null();
}

/* Position of a field, or -1. */
static inline int32_t cd_schema_field(const struct cd_schema *schema, struct cd_slice name)
{
    for (uint32_t i = 0; i < schema->field_count; i++)
        if (cd_slice_equal(schema->fields[i].name, name))
            return (int32_t)i;
    return -1;
}

#endif
