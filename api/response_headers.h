/* Headers that settings add to every response: response.http.headers.config and CORS. */
#ifndef CD_API_RESPONSE_HEADERS_H
#define CD_API_RESPONSE_HEADERS_H

#include "api/api_keys.h"

struct cd_response_headers;

CD_MUST_CHECK bool cd_response_headers_load(const struct cd_api_config *config,
                                            struct cd_response_headers **ret, struct cd_error *err);
void cd_response_headers_free(struct cd_response_headers *headers); /* NULL is allowed */

typedef void (*cd_header_sink)(void *arg, const char *name, const char *value);

/* Calls back with each header of a response to a request with this Origin (NULL: none);
 * `preflight`: an OPTIONS request with Access-Control-Request-Method. */
void cd_response_headers_each(const struct cd_response_headers *headers, const char *origin,
                              bool preflight, cd_header_sink sink, void *arg);

#endif
