/*
 * The order in which a java.util.HashMap iterates. Where the JVM worker holds a map in one
 * (CD_MAP_HASHED), bytes agree only if entries are written in that order.
 *
 * A map is filled in insertion order into a table of N buckets, N a power of two that doubles when
 * the count passes three quarters; iteration goes through the buckets. Not imitated: buckets of
 * more than eight entries in tables of 64 and more, which become trees (only crafted keys get
 * there).
 *
 * Thread: any. Memory: the caller's; nothing is allocated for up to 100 entries.
 */
#ifndef CD_COMPAT_HASH_H
#define CD_COMPAT_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectd/value.h"

/* hashCode of the JVM's classes. Text is WTF-8, hashed by its UTF-16 units. */
int32_t cd_java_string_hash(struct cd_slice text);
int32_t cd_java_long_hash(int64_t v);
int32_t cd_java_double_hash(double v);
int32_t cd_java_float_hash(float v);
int32_t cd_java_bool_hash(bool v);
/* Byte, Short and Integer are their own hash; null is 0. A value of a kind that is no hash key
 * gives 0. Byte arrays hash by identity on the JVM, so no order can be imitated for them. Lists,
 * maps, decimals and instants are done. */
int32_t cd_java_value_hash(struct cd_value v);

struct cd_hash_entry {
    int32_t hash;   /* hashCode; overwritten */
    uint32_t index; /* of the entry as inserted: 0, 1, 2 ... ; says afterwards who stands here */
};

/* First table sizes: of `new HashMap()`, of `new HashMap(map of count)`, of `new HashMap(count)`.
 */
#define CD_HASH_DEFAULT_CAPACITY 16u
uint32_t cd_java_copy_capacity(size_t count);
uint32_t cd_java_sized_capacity(size_t count);

/* Takes entries with different keys in insertion order; leaves them in iteration order. */
void cd_java_hash_order(struct cd_hash_entry *entries, size_t count, uint32_t capacity);

/* The same for string keys: ret_order[i] is the index of the key that comes i-th. */
void cd_java_string_order(const struct cd_slice *keys, size_t count, uint32_t capacity,
                          uint32_t *ret_order);

#endif
