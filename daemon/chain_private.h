/* What chain.c (building) and chain_run.c (the way of a record) share. */
#ifndef CD_DAEMON_CHAIN_PRIVATE_H
#define CD_DAEMON_CHAIN_PRIVATE_H

#include "daemon/chain.h"
#include "plugins/instance.h"

/* A plugin of the chain and what its host calls carry. */
struct cd_chain_part {
    struct cd_handle handle;
    struct cd_config *config; /* the part's own settings, without prefix */
    struct cd_instance *instance;
};

struct cd_chain_transform {
    struct cd_chain_part transform;
    struct cd_chain_part predicate; /* instance NULL: always */
    bool negate;
};

struct cd_chain {
    struct cd_chain_part key;
    struct cd_chain_part value;
    struct cd_chain_part header;
    struct cd_chain_transform *transforms;
    size_t transform_count;

    /* The record under way: `at` counts its finished steps, 0: none is. */
    size_t at;
    struct cd_record rec;
    struct cd_outgoing out;
};

#endif
