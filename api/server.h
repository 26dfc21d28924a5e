/*
 * The HTTP server: listeners, connections, limits, and the way of a request to its handler and
 * back.
 *
 * Opening and serving are two steps. Opening reads the settings and binds the ports, so that a bad
 * setting or a taken port is known before anything else starts and the advertised address
 * (worker_id) is known to all. Serving starts the threads.
 *
 * Thread: open, start, stop and close belong to the daemon's main thread.
 */
#ifndef CD_API_SERVER_H
#define CD_API_SERVER_H

#include <stdint.h>

#include "api/backend.h"

struct cd_api;

struct cd_api_options {
    const struct cd_config
        *worker; /* the worker's properties, variables expanded; unknown keys are ignored */
    int64_t request_timeout_ms; /* 0: the JVM's 90 s */
    int64_t health_timeout_ms;  /* 0: the JVM's 10 s */
    int64_t receive_timeout_ms; /* for a whole request to arrive; 0: 30 s */
};

/* Binds all listeners. NULL with an error that names the key. */
CD_MUST_CHECK struct cd_api *cd_api_open(const struct cd_api_options *options,
                                         struct cd_error *err);
/* "host:port" as other workers and statuses see this one (rest.advertised.*). Lives as long as
 * `api`. */
const char *cd_api_worker_id(const struct cd_api *api);
/* Of the n-th of `listeners`; of admin.listeners after those. 0: no such listener. */
uint16_t cd_api_port(const struct cd_api *api, size_t listener);

/* Starts to serve. `backend` is borrowed until stop returns. */
CD_MUST_CHECK bool cd_api_start(struct cd_api *api, const struct cd_backend *backend,
                                struct cd_error *err);
/* No new requests; those that wait get a 503; returns when no thread of ours is in the backend any
 * more. Requests that the backend still holds may be handed back later. Harmless when not started.
 */
void cd_api_stop(struct cd_api *api);
void cd_api_close(struct cd_api *api); /* NULL is allowed */

/* All problems of the API's own settings, for `connectd check`. */
void cd_api_check(const struct cd_config *worker, struct cd_report *report);

#endif
