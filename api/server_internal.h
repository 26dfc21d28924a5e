/* What the exchange, the router and the handlers need of the server; not for the daemon. */
#ifndef CD_API_SERVER_INTERNAL_H
#define CD_API_SERVER_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "api/api_keys.h"
#include "api/backend.h"

struct cd_api;
struct cd_desk;
struct cd_auth;
struct cd_buffer;

const struct cd_api_config *cd_api_config(const struct cd_api *api);
struct cd_desk *cd_api_desk(struct cd_api *api);
const struct cd_auth *cd_api_auth(const struct cd_api *api); /* NULL: everyone may */
int64_t cd_api_timeout_ms(const struct cd_api *api, enum cd_request_kind kind);
/* A request began to wait: the timer may have to look earlier. */
void cd_api_waiting(struct cd_api *api);
bool cd_api_stopping(const struct cd_api *api);

#endif
