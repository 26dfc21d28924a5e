/* Key stores in PKCS#12, as Java and OpenSSL write them. */
#ifndef CD_CONFIG_PKCS12_H
#define CD_CONFIG_PKCS12_H

#include "connectd/error.h"

/* All certificates of the store as PEM text; the caller frees. `password` may be NULL. NULL with
 * the reason: not PKCS12, wrong password, no certificate. */
char *cd_pkcs12_certificates(const char *path, const char *password, struct cd_error *err);

/* The store's private key, unencrypted, and its certificate followed by the others, as PEM texts;
 * the caller frees both. */
CD_MUST_CHECK bool cd_pkcs12_identity(const char *path, const char *password, char **ret_key,
                                      char **ret_certificates, struct cd_error *err);

/* Can the store be opened with this password? */
CD_MUST_CHECK bool cd_pkcs12_check(const char *path, const char *password, struct cd_error *err);

#endif
