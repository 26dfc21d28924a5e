/*
 * The hash by which Kafka's Java clients place records with a key. Thread: any.
 */
#ifndef CD_COMPAT_MURMUR2_H
#define CD_COMPAT_MURMUR2_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* org.apache.kafka.common.utils.Utils.murmur2 */
int32_t cd_murmur2(const void *bytes, size_t len);

/* The partition of a record with this key: what the JVM's default partitioner answers; `partitions`
 * > 0. */
static inline int32_t cd_murmur2_partition(const void *key, size_t len, int32_t partitions)
{
    assert(partitions > 0);
    return (cd_murmur2(key, len) & INT32_MAX) % partitions;
}

#endif
