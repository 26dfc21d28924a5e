/*
 * Request bodies: JSON text into typed values, as Jackson binds them to the JVM worker's classes,
 * with its messages (the caller answers them with 500).
 *
 * All functions: false leaves the outputs untouched and stores the message in `ret_error`, to be
 * freed.
 */
#ifndef CD_API_BIND_H
#define CD_API_BIND_H

#include "api/backend.h"

struct cd_create_body {
    bool is_null;             /* no body, or null */
    char *name;               /* NULL: absent or null */
    struct cd_config *config; /* NULL: absent or null */
    enum cd_api_target initial;
};
void cd_create_body_done(struct cd_create_body *body); /* fits CD_AUTO */
CD_MUST_CHECK bool cd_bind_create(struct cd_slice text, struct cd_create_body *ret,
                                  char **ret_error);

/* A map of texts; scalars become their text, null stays null. *ret NULL: no body, or null. */
CD_MUST_CHECK bool cd_bind_config(struct cd_slice text, struct cd_config **ret, char **ret_error);

/* {"offsets":[{"partition":{},"offset":{}}]} into `request`. An absent or empty list is a count of
 * 0. `ret_null`: no body, or null. */
CD_MUST_CHECK bool cd_bind_offsets(struct cd_slice text, struct cd_request *request, bool *ret_null,
                                   char **ret_error);

/* An array of maps of texts into `request`. */
CD_MUST_CHECK bool cd_bind_task_configs(struct cd_slice text, struct cd_request *request,
                                        char **ret_error);

#endif
