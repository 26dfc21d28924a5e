/*
 * The partitions a sink task is assigned, and how far each has come: consumed (in the unit that is
 * being put), flushed (durable in the target), committed (known to Kafka).
 *
 * Thread: the step of its task.
 */
#ifndef CD_DAEMON_SINK_PARTITIONS_H
#define CD_DAEMON_SINK_PARTITIONS_H

#include "connectd/record.h"

/* All offsets are the next to read; -1: nothing was read since the assignment. */
struct cd_sink_partition {
    char *topic;
    int32_t partition;
    int64_t consumed;
    int64_t flushed;
    int64_t committed;
    int64_t committing; /* what the commit under way says; -1: not part of it */
    bool paused;        /* by the plugin */
    bool topic_told;
};

struct cd_sink_partitions {
    struct cd_sink_partition *items;
    size_t count;
    size_t capacity;
    size_t last; /* found last: messages come in runs */
};

void cd_sink_partitions_done(struct cd_sink_partitions *list);
/* NULL: not assigned. */
struct cd_sink_partition *cd_sink_partitions_find(struct cd_sink_partitions *list,
                                                  struct cd_slice topic, int32_t partition);
/* offset -1: unknown. Pointers to others are invalid afterwards. */
void cd_sink_partitions_add(struct cd_sink_partitions *list, const struct cd_topic_partition *what);
void cd_sink_partitions_remove(struct cd_sink_partitions *list,
                               const struct cd_topic_partition *what);
/* A message was read. */
void cd_sink_partition_seen(struct cd_sink_partition *partition, int64_t offset);
/* All that was consumed is durable. */
void cd_sink_partitions_flushed(struct cd_sink_partitions *list);
/* As an array, with the offsets `of` gives; those for which it answers -1 are left out unless
 * `all`. The caller frees; topics are borrowed. */
struct cd_topic_partition *cd_sink_partitions_list(const struct cd_sink_partitions *list,
                                                   int64_t (*of)(const struct cd_sink_partition *),
                                                   bool all, size_t *ret_count);
/* Consumed and not committed, summed. */
int64_t cd_sink_partitions_active(const struct cd_sink_partitions *list);

#endif
