/*
 * Java's key and trust stores for OpenSSL: PEM in files or in the value, PKCS12; JKS is refused
 * with the command that converts it. The kind is seen in the file, because Java reads PKCS12 under
 * the type JKS as well.
 */
#ifndef CD_KAFKA_TLS_H
#define CD_KAFKA_TLS_H

#include "config/properties.h"

CD_MUST_CHECK bool cd_tls_translate(const struct cd_config *java, struct cd_config *native,
                                    struct cd_error *err);

/* Java's names of TLS 1.2 ciphers as OpenSSL's, joined by ':'; those of TLS 1.3 are left out, which
 * OpenSSL offers anyway. The caller frees; empty when none is left. */
char *cd_tls_ciphers(const char *java_list);

#endif
