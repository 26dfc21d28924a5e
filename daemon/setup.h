/*
 * What can be known before anything is started: the worker file, the plugins, the settings. Shared
 * by the worker and by `connectd check`.
 *
 * Thread: main's.
 */
#ifndef CD_DAEMON_SETUP_H
#define CD_DAEMON_SETUP_H

#include "config/provider.h"
#include "config/worker_keys.h"
#include "plugins/loader.h"

struct cd_setup {
    enum cd_mode mode;
    struct cd_config *raw;      /* the file's text */
    struct cd_config *expanded; /* variables replaced: never printed */
    struct cd_registry *registry;
    struct cd_loader *loader;
    struct cd_resolver *resolver;
    struct cd_worker_config *config;
};

/* An empty path is an empty file. Every problem of the settings is in `err`, a line each. On
 * failure nothing is left. */
CD_MUST_CHECK bool cd_setup_load(struct cd_setup *setup, enum cd_mode mode, const char *worker_file,
                                 struct cd_error *err);
void cd_setup_done(struct cd_setup *setup);

/* Only registry and loader, with an optional plugin.path: for `connectd plugins`. */
CD_MUST_CHECK bool cd_setup_plugins(struct cd_setup *setup, struct cd_error *err);

/* Format and levels as configured; says which keys mean nothing here. */
CD_MUST_CHECK bool cd_setup_logging(const struct cd_setup *setup, struct cd_error *err);

#endif
