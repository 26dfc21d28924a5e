/*
 * Who may use the REST API: HTTP basic authentication, under the name of the JVM's extension
 * (rest.extension.classes = ...BasicAuthSecurityRestExtension) with its JAAS and properties files,
 * or from a file of user:hash lines.
 *
 * Thread: check is called from any. The files are read once, at start.
 */
#ifndef CD_API_AUTH_H
#define CD_API_AUTH_H

#include "api/api_keys.h"

struct cd_auth;

/* *ret NULL: nothing is configured, everyone may. */
CD_MUST_CHECK bool cd_auth_load(const struct cd_api_config *config, struct cd_auth **ret,
                                struct cd_error *err);
void cd_auth_free(struct cd_auth *auth); /* NULL is allowed */
/* `header`: of Authorization, or NULL. The user's name, to be freed, when there is one. */
bool cd_auth_check(const struct cd_auth *auth, const char *header, char **ret_user);

/* For tests: the `file` option of the entry `KafkaConnect`, to be freed. */
char *cd_jaas_file_option(const char *jaas_text, struct cd_error *err);

#endif
