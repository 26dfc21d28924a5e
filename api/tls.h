/*
 * What an https listener needs: key and certificates as PEM texts in memory, whatever files they
 * came from (PEM or PKCS12), and the check of clients' certificates.
 */
#ifndef CD_API_TLS_H
#define CD_API_TLS_H

#include "api/api_keys.h"

struct MHD_Connection;

enum cd_client_auth { CD_CLIENT_NONE, CD_CLIENT_REQUESTED, CD_CLIENT_REQUIRED };

struct cd_tls {
    char *key;
    char *certificates;
    char *trusted; /* NULL: clients are not asked */
    char *key_password;
    char *priorities; /* GnuTLS's */
    enum cd_client_auth client_auth;
};

CD_MUST_CHECK bool cd_tls_load(const struct cd_tls_config *config, struct cd_tls *ret,
                               struct cd_error *err);
void cd_tls_done(struct cd_tls *tls);
/* May this client go on? With `requested`, one without a certificate may. */
bool cd_tls_client_ok(enum cd_client_auth wanted, struct MHD_Connection *con);

#endif
