#include "daemon/sink_partitions.h"

#include <stdlib.h>

#include "base/alloc.h"

void cd_sink_partitions_done(struct cd_sink_partitions *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].topic);
    free(list->items);
    *list = (struct cd_sink_partitions){0};
}

static bool is(const struct cd_sink_partition *item, struct cd_slice topic, int32_t partition)
{
    return item->partition == partition && cd_slice_is(topic, item->topic);
}

struct cd_sink_partition *cd_sink_partitions_find(struct cd_sink_partitions *list,
                                                  struct cd_slice topic, int32_t partition)
{
    if (list->last < list->count && is(&list->items[list->last], topic, partition))
        return &list->items[list->last];
    for (size_t i = 0; i < list->count; i++) {
        if (!is(&list->items[i], topic, partition))
            continue;
        list->last = i;
        return &list->items[i];
    }
    return NULL;
}

void cd_sink_partitions_add(struct cd_sink_partitions *list, const struct cd_topic_partition *what)
{
    if (cd_sink_partitions_find(list, what->topic, what->partition) != NULL)
        return;
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->items = cd_realloc_array(list->items, list->capacity, sizeof(*list->items));
    }
    list->items[list->count++] = (struct cd_sink_partition){
        .topic = cd_slice_dup(what->topic),
        .partition = what->partition,
        .consumed = what->offset,
        .flushed = what->offset,
        .committed = what->offset,
        .committing = -1,
    };
}

void cd_sink_partitions_remove(struct cd_sink_partitions *list,
                               const struct cd_topic_partition *what)
{
    struct cd_sink_partition *item = cd_sink_partitions_find(list, what->topic, what->partition);
    if (item == NULL)
        return;
    free(item->topic);
    *item = list->items[--list->count];
}

void cd_sink_partition_seen(struct cd_sink_partition *partition, int64_t offset)
{
    if (partition->flushed >= 0)
        return;
    /* Where it began: what Kafka has committed, or where auto.offset.reset led. */
    partition->consumed = offset;
    partition->flushed = offset;
    partition->committed = offset;
}

void cd_sink_partitions_flushed(struct cd_sink_partitions *list)
{
    for (size_t i = 0; i < list->count; i++)
        list->items[i].flushed = list->items[i].consumed;
}

struct cd_topic_partition *cd_sink_partitions_list(const struct cd_sink_partitions *list,
                                                   int64_t (*of)(const struct cd_sink_partition *),
                                                   bool all, size_t *ret_count)
{
    struct cd_topic_partition *array = cd_new_array(list->count + 1, struct cd_topic_partition);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct cd_sink_partition *item = &list->items[i];
        int64_t offset = of(item);
        if (offset < 0 && !all)
            continue;
        array[count++] =
            (struct cd_topic_partition){cd_slice(item->topic), item->partition, offset};
    }
    *ret_count = count;
    return array;
}

int64_t cd_sink_partitions_active(const struct cd_sink_partitions *list)
{
    int64_t sum = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].consumed > list->items[i].committed && list->items[i].committed >= 0)
            sum += list->items[i].consumed - list->items[i].committed;
    return sum;
}
