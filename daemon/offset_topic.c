/* Offsets in a compacted topic, in the JVM's exact bytes: a ledger with a table on top. */
#include "base/alloc.h"
#include "base/log.h"
#include "daemon/offset_store_private.h"
#include "kafka/ledger.h"

#include <stdlib.h>

struct offset_topic {
    struct cd_offset_store store;
    struct cd_ledger *ledger;
};

static void apply(void *arg, const struct cd_ledger_record *record)
{
    struct offset_topic *topic = arg;
    if (record->key.ptr != NULL)
        cd_offset_table_set(&topic->store, record->key, record->value);
}

static void topic_put(struct cd_offset_store *store, const struct cd_offset_entry *entries,
                      size_t count, cd_offset_done_fn *done, void *arg)
{
    struct offset_topic *topic = (struct offset_topic *)store;
    struct cd_ledger_write *writes = cd_new_array(count == 0 ? 1 : count, struct cd_ledger_write);
    for (size_t i = 0; i < count; i++)
        writes[i] = (struct cd_ledger_write){entries[i].key, entries[i].value};
    cd_ledger_write(topic->ledger, writes, count, done, arg);
    free(writes);
}

static void topic_barrier(struct cd_offset_store *store, int64_t deadline_ms,
                          cd_offset_done_fn *done, void *arg)
{
    cd_ledger_read_to_end(((struct offset_topic *)store)->ledger, deadline_ms, done, arg);
}

static void topic_close(struct cd_offset_store *store, int64_t deadline_ms)
{
    struct offset_topic *topic = (struct offset_topic *)store;
    if (topic->ledger != NULL)
        cd_ledger_close(topic->ledger, deadline_ms);
    cd_offset_table_done(store);
    free(topic);
}

struct cd_offset_store *cd_offset_topic_open(struct cd_ledgers *ledgers, const char *topic_name,
                                             const struct cd_config *java_producer,
                                             const struct cd_config *java_consumer,
                                             const char *client_id, int64_t deadline_ms,
                                             struct cd_error *err)
{
    static const struct cd_offset_store_ops ops = {topic_put, topic_barrier, topic_close};
    struct offset_topic *topic = cd_new(struct offset_topic);
    cd_offset_table_init(&topic->store, &ops);
    const struct cd_ledger_options options = {.topic = topic_name,
                                              .java_producer = java_producer,
                                              .java_consumer = java_consumer,
                                              .client_id = client_id,
                                              .apply = apply,
                                              .arg = topic};
    topic->ledger = cd_ledger_open(ledgers, &options, deadline_ms, err);
    if (topic->ledger != NULL)
        return &topic->store;
    topic_close(&topic->store, 0);
    return NULL;
}
