#include "daemon/offset_store.h"

#include "base/alloc.h"
#include "daemon/offset_store_private.h"
#include "data/value.h"

#include <stdlib.h>

bool cd_offset_key(const char *connector, struct cd_value partition, struct cd_buffer *ret,
                   struct cd_error *err)
{
    cd_buffer_char(ret, '[');
    if (!cd_value_to_json(cd_string(cd_slice(connector)), ret, err))
        return false;
    cd_buffer_char(ret, ',');
    if (!cd_value_to_json(partition, ret, err))
        return false;
    cd_buffer_char(ret, ']');
    return true;
}

static void stored_free(void *arg)
{
    struct cd_stored *stored = arg;
    free(stored->value);
    free(stored);
}

void cd_offset_table_init(struct cd_offset_store *store, const struct cd_offset_store_ops *ops)
{
    store->ops = ops;
    cd_mutex_init(&store->lock);
    cd_strmap_init(&store->table, stored_free);
}

void cd_offset_table_done(struct cd_offset_store *store)
{
    cd_strmap_done(&store->table);
    cd_mutex_done(&store->lock);
}

void cd_offset_table_set(struct cd_offset_store *store, struct cd_slice key, struct cd_slice value)
{
    struct cd_stored *stored = cd_new(struct cd_stored);
    stored->value = cd_slice_dup(value);
    stored->len = value.len;
    char *text = cd_slice_dup(key);
    cd_mutex_lock(&store->lock);
    (void)cd_strmap_put(&store->table, text,
                        stored); /* the map's own copy of the key is of no use here */
    cd_mutex_unlock(&store->lock);
    free(text);
}

bool cd_offset_store_get(struct cd_offset_store *store, struct cd_slice key, struct cd_buffer *ret)
{
    cd_buffer_clear(ret);
    cd_mutex_lock(&store->lock);
    const struct cd_stored *stored = cd_strmap_get_slice(&store->table, key);
    bool found = stored != NULL && stored->value != NULL;
    if (found)
        cd_buffer_append(ret, stored->value, stored->len);
    cd_mutex_unlock(&store->lock);
    return found;
}

void cd_offset_store_each(struct cd_offset_store *store, const char *connector,
                          void (*each)(void *, struct cd_slice, struct cd_slice), void *arg)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer head = CD_BUFFER_INIT;
    struct cd_error ignored = CD_ERROR_INIT; /* a text always has a JSON form */
    cd_buffer_char(&head, '[');
    if (!cd_value_to_json(cd_string(cd_slice(connector)), &head, &ignored))
        return;
    cd_buffer_char(&head, ',');

    cd_mutex_lock(&store->lock);
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&store->table, &it);) {
        const struct cd_stored *stored = it.value;
        size_t len = strlen(it.key);
        if (stored->value == NULL || len < head.len + 1 ||
            memcmp(it.key, head.ptr, head.len) != 0 || it.key[len - 1] != ']')
            continue;
        each(arg, cd_slice_of(it.key + head.len, len - head.len - 1),
             cd_slice_of(stored->value, stored->len));
    }
    cd_mutex_unlock(&store->lock);
}

void cd_offset_store_barrier(struct cd_offset_store *store, int64_t deadline_ms,
                             cd_offset_done_fn *done, void *arg)
{
    store->ops->barrier(store, deadline_ms, done, arg);
}

void cd_offset_store_put(struct cd_offset_store *store, const struct cd_offset_entry *entries,
                         size_t count, cd_offset_done_fn *done, void *arg)
{
    store->ops->put(store, entries, count, done, arg);
}

void cd_offset_store_close(struct cd_offset_store *store, int64_t deadline_ms)
{
    if (store != NULL)
        store->ops->close(store, deadline_ms);
}
