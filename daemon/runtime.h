/*
 * A running worker: everything of connectd between a worker file and a signal.
 *
 * Built and taken down by one table of stages, started top to bottom, stopped bottom to top, all
 * within one deadline.
 *
 * Thread: main's.
 */
#ifndef CD_DAEMON_RUNTIME_H
#define CD_DAEMON_RUNTIME_H

#include "config/worker_keys.h"
#include "connectd/error.h"

struct cd_runtime;

/* What the process's exit status says (runtime.md 1.1). */
enum cd_exit {
    CD_EXIT_OK = 0,
    CD_EXIT_USAGE = 1,
    CD_EXIT_CONFIG = 2,  /* the worker file, or building the worker */
    CD_EXIT_SERVICE = 3, /* starting services, or creating a connector from a file */
};

/* NULL: `err` says why and `ret_exit` what to exit with; whatever had been started is stopped
 * again. */
struct cd_runtime *cd_runtime_start(enum cd_mode mode, const char *worker_file,
                                    const char *const *connector_files, size_t connector_count,
                                    enum cd_exit *ret_exit, struct cd_error *err);
/* Has the main loop answered since the last call? Asks it anew. The first answer is yes. */
bool cd_runtime_alive(struct cd_runtime *runtime);
void cd_runtime_stop(struct cd_runtime *runtime);

#endif
