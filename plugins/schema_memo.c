#include "plugins/schema_memo.h"

#include "data/schema.h"

void cd_schema_memo_init(struct cd_schema_memo *memo, const struct cd_host *host,
                         void (*drop)(void *derived))
{
    *memo = (struct cd_schema_memo){.host = host, .drop = drop};
}

static void clear_slot(struct cd_schema_memo *memo, struct cd_schema_memo_slot *slot)
{
    if (slot->schema == NULL)
        return;
    memo->drop(slot->derived);
    memo->host->schema_unref(slot->schema);
    *slot = (struct cd_schema_memo_slot){0};
}

void cd_schema_memo_unref(void *schema)
{
    cd_schema_unref(schema);
}

void cd_schema_memo_done(struct cd_schema_memo *memo)
{
    for (size_t i = 0; i < CD_SCHEMA_MEMO_SLOTS; i++)
        clear_slot(memo, &memo->slots[i]);
}

void *cd_schema_memo_search(struct cd_schema_memo *memo, const struct cd_schema *schema)
{
    for (size_t i = 0; i < CD_SCHEMA_MEMO_SLOTS; i++)
        if (memo->slots[i].schema == schema) {
            memo->recent = i;
            return memo->slots[i].derived;
        }
    return NULL;
}

void cd_schema_memo_put(struct cd_schema_memo *memo, const struct cd_schema *schema, void *derived)
{
    struct cd_schema_memo_slot *slot = &memo->slots[memo->oldest];
    clear_slot(memo, slot);
    slot->schema = memo->host->schema_ref(schema);
    slot->derived = derived;
    memo->recent = memo->oldest;
    memo->oldest = (memo->oldest + 1) % CD_SCHEMA_MEMO_SLOTS;
}
