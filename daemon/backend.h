/* Answers api/backend.h by asking the herder: the whole of the daemon that the API ever sees. */
#ifndef CD_DAEMON_BACKEND_H
#define CD_DAEMON_BACKEND_H

#include "daemon/herder.h"

struct cd_backend_state;

/* Both are borrowed. `stage` is the runtime's word on what it is doing; NULL: nothing. */
struct cd_backend_state *cd_backend_state_new(struct cd_herder *herder,
                                              const struct cd_worker *worker);
void cd_backend_state_free(struct cd_backend_state *state);
/* Borrows the state. */
struct cd_backend cd_backend_of(struct cd_backend_state *state);
/* The connectors named on the command line are all there (distributed: at once). Any thread. */
void cd_backend_set_ready(struct cd_backend_state *state);

#endif
