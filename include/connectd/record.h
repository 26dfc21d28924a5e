/*
 * Records, headers and batches.
 *
 * Nobody frees a record: it lives in its batch, an arena with a byte limit that is handed over
 * whole. Records are reached by host->record(batch, i), whose stride is the host's: the struct
 * grows at its end only, and a plugin never copies one by sizeof.
 */
#ifndef CONNECTD_RECORD_H
#define CONNECTD_RECORD_H

#include "connectd/value.h"

#define CD_NO_TIMESTAMP INT64_MIN
#define CD_NO_PARTITION (-1)

struct cd_batch;
struct cd_partition; /* an interned source partition, see host->partition */

struct cd_header {
    struct cd_slice name;
    const struct cd_schema *schema; /* NULL: schemaless */
    struct cd_value value;
};

enum cd_timestamp_type { CD_TIMESTAMP_NONE, CD_TIMESTAMP_CREATE, CD_TIMESTAMP_APPEND };

struct cd_record {
    struct cd_slice topic; /* where it goes; a transform may change it */
    int64_t timestamp_ms;  /* CD_NO_TIMESTAMP: the producer's clock */
    int32_t partition;     /* CD_NO_PARTITION: the partitioner decides */
    uint32_t header_count;
    struct cd_header *headers;          /* ordered, names may repeat */
    const struct cd_schema *key_schema; /* NULL: schemaless */
    struct cd_value key;
    const struct cd_schema *value_schema;
    struct cd_value value;

    /* Sources: where it came from, and where to go on once it is safe. */
    struct cd_partition *source_partition; /* NULL: the null partition */
    struct cd_value source_offset; /* a map with string keys and primitive values, or null */

    /* Sinks: the coordinates in Kafka, untouched by transforms. */
    struct cd_slice kafka_topic;
    int64_t kafka_offset;
    int32_t kafka_partition;
    enum cd_timestamp_type timestamp_type;
};

struct cd_topic_partition {
    struct cd_slice topic;
    int32_t partition;
    int64_t offset; /* next to read; -1: unknown */
};

#endif
