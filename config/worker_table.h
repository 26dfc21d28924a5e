/* The rows behind worker_keys.h; inside config/ only. */
#ifndef CD_CONFIG_WORKER_TABLE_H
#define CD_CONFIG_WORKER_TABLE_H

#include "config/worker_keys.h"

struct cd_worker_row {
    struct cd_key key;   /* first: the rows are a table of keys with a stride */
    const char *ignored; /* why it means nothing here; NULL: it does mean something */
};

/* What the rows' offsets refer to: the worker's configuration and what is turned into members of it
 * afterwards. */
struct cd_worker_parsed {
    struct cd_worker_config config;
    const char *healing_text;
    const char *producer_sharing;
    union { /* values that nobody reads in typed form */
        const char *text;
        struct cd_strings list;
        int64_t number;
        double real;
    } elsewhere;
};

extern const struct cd_worker_row cd_worker_rows[];
extern const size_t cd_worker_row_count;

/* The rows of a mode are [first, end). */
size_t cd_worker_first_row(enum cd_mode mode);
size_t cd_worker_end_row(enum cd_mode mode);

#endif
