/*
 * connection.url into libpq's parameters: JDBC's form with its own parameter names, or libpq's URI.
 */
#ifndef CD_PG_URL_H
#define CD_PG_URL_H

#include "connectd/plugin.h"
#include "connectors/sql/source_config.h"
#include "connectors/sql/text.h"

enum { CD_PG_PARAMETERS_MAX = 32 };

struct cd_pg_parameters {
    size_t count;
    char *names[CD_PG_PARAMETERS_MAX + 1]; /* terminated by NULL: PQconnectStartParams' form */
    char *values[CD_PG_PARAMETERS_MAX + 1];
    int64_t socket_timeout_ms; /* 0: none */
    int64_t login_timeout_ms;
};

/* `setting` answers connection.<parameter> keys (may be NULL). The URL wins over connection.user
 * and connection.password, as in JDBC. */
CD_MUST_CHECK bool cd_pg_parameters_init(struct cd_pg_parameters *parameters,
                                         const struct cd_sql_connection *connection,
                                         const char *(*setting)(void *arg, const char *key),
                                         void *arg, struct cd_error *err);
void cd_pg_parameters_done(struct cd_pg_parameters *parameters);
/* NULL when absent. The last one of a name wins. */
const char *cd_pg_parameter(const struct cd_pg_parameters *parameters, const char *name);
void cd_pg_parameter_set(struct cd_pg_parameters *parameters, const char *name, const char *value);
/* Is this URL ours? */
bool cd_pg_url_claims(const char *url);

#endif
