/*
 * Plugins that fail on command, for scenarios. What is bad says so: texts that begin with "bad".
 * What then happens is the setting `fail.kind`.
 */
#ifndef FAULTY_H
#define FAULTY_H

#include <connectd/plugin.h>

/* How a fault is told to the runtime. */
static const struct faulty_kind {
    const char *name;
    enum cd_code code;
    bool retriable;
    const char *native;
} faulty_kinds[] = {
    {"data", CD_ERR_DATA, false, "DataException"},
    {"retriable", CD_ERR_DATA, true, "RetriableException"},
    {"remote", CD_ERR_REMOTE, false, "ECONNREFUSED"},
    {"remote-retriable", CD_ERR_REMOTE, true, "ECONNREFUSED"},
    {"timeout", CD_ERR_TIMEOUT, false, "ETIMEDOUT"},
    {"config", CD_ERR_CONFIG, false, "ConfigException"},
    {"bug", CD_ERR_BUG, false, ""},
};

static const char *const faulty_kind_names[] = {
    "data", "retriable", "remote", "remote-retriable", "timeout", "config", "bug", NULL};

#define FAULTY_KIND_KEY(config, member)                                                            \
    {                                                                                              \
        .name = "fail.kind", .type = CD_STRING, .fallback = "data", .one_of = faulty_kind_names,   \
        .offset = offsetof(config, member), .doc = "What happens to what begins with 'bad'."       \
    }

static inline bool faulty_is_bad(struct cd_slice text)
{
    return text.len >= 3 && memcmp(text.ptr, "bad", 3) == 0;
}

/* Always false. */
static inline bool faulty_fail(struct cd_error *err, const char *kind, struct cd_slice culprit)
{
    const struct faulty_kind *row = faulty_kinds;
    while (strcmp(row->name, kind) != 0)
        row++; /* the settings allow no other */
    (void)cd_fail_as(err, row->code, row->native, "refused '%.*s'", (int)culprit.len, culprit.ptr);
    err->retriable = row->retriable;
    return false;
}

#endif
