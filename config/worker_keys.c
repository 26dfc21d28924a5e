#include "config/worker_keys.h"

#include <stdlib.h>
#include <strings.h>

#include "base/alloc.h"
#include "config/worker_table.h"

struct cd_keys cd_worker_keys(enum cd_mode mode)
{
    size_t first = cd_worker_first_row(mode);
    return (struct cd_keys){&cd_worker_rows[first].key, cd_worker_end_row(mode) - first,
                            sizeof(struct cd_worker_row)};
}

/* The offsets need a home: a file, or a topic as a distributed worker has it. */
static bool check_offsets_home(const struct cd_worker_config *worker, struct cd_report *report)
{
    if (worker->mode == CD_DISTRIBUTED || worker->offset_file != NULL ||
        worker->offset_topic != NULL)
        return true;
    cd_report_error(report, "offset.storage.file.filename",
                    "Missing required configuration \"offset.storage.file.filename\" which has no "
                    "default value.");
    return false;
}

static bool check_algorithms(const struct cd_worker_config *worker, struct cd_report *report)
{
    const struct cd_strings *list = &worker->inter_worker_verification_algorithms;
    if (worker->mode == CD_STANDALONE || strcasecmp(worker->connect_protocol, "sessioned") != 0)
        return true;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], worker->inter_worker_signature_algorithm) == 0)
            return true;
    cd_report_error(report, "inter.worker.signature.algorithm",
                    "Signature algorithm must be present in inter.worker.verification.algorithms "
                    "list");
    return false;
}

struct cd_worker_config *cd_worker_config_new(enum cd_mode mode, const struct cd_config *config,
                                              struct cd_report *report)
{
    struct cd_worker_config *worker = cd_new(struct cd_worker_config);
    cd_arena_init(&worker->arena, SIZE_MAX, SIZE_MAX);
    struct cd_worker_parsed parsed = {.config = *worker};
    parsed.config.mode = mode;
    parsed.config.rest_advertised_port = -1;
    parsed.config.inter_worker_key_size = -1;
    bool ok = cd_keys_parse(cd_worker_keys(mode), config, &worker->arena, &parsed, report);
    parsed.config.arena = worker->arena; /* it has grown */
    *worker = parsed.config;
    ok = ok && check_offsets_home(worker, report) && check_algorithms(worker, report);
    if (!ok) {
        cd_worker_config_free(worker);
        return NULL;
    }
    worker->healing = strcmp(parsed.healing_text, "on") == 0;
    worker->producer_per_task = strcmp(parsed.producer_sharing, "task") == 0;
    return worker;
}

void cd_worker_config_free(struct cd_worker_config *worker)
{
    if (worker == NULL)
        return;
    cd_arena_done(&worker->arena);
    free(worker);
}

/* NULL: not in the table. */
static const struct cd_worker_row *find_row(size_t first, size_t end, const char *name)
{
    for (size_t i = first; i < end; i++)
        if (strcmp(cd_worker_rows[i].key.name, name) == 0)
            return &cd_worker_rows[i];
    return NULL;
}

static const char *why_ignored(enum cd_mode mode, const char *name)
{
    const struct cd_worker_row *row =
        find_row(cd_worker_first_row(mode), cd_worker_end_row(mode), name);
    if (row != NULL)
        return row->ignored;
    if (find_row(0, cd_worker_row_count, name) != NULL)
        return mode == CD_STANDALONE ? "only distributed mode uses it"
                                     : "only standalone mode uses it: take it out of the file";
    if (strncmp(name, "connectd.", 9) == 0)
        return "there is no such setting";
    if (strncmp(name, "internal.key.converter.", 23) == 0 ||
        strncmp(name, "internal.value.converter.", 25) == 0)
        return "internal topics always hold JSON without an envelope";
    return NULL;
}

void cd_worker_ignored(enum cd_mode mode, const struct cd_config *config,
                       void (*each)(void *arg, const char *key, const char *why), void *arg)
{
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);) {
        const char *why = why_ignored(mode, it.key);
        if (why != NULL)
            each(arg, it.key, why);
    }
}
