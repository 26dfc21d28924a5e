#include "api/tls.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "config/pkcs12.h"

#include <gnutls/gnutls.h>
#include <microhttpd.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *read_text(const char *key, const char *path, struct cd_error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        (void)cd_fail(err, CD_ERR_CONFIG, "%s = '%s': %s", key, path, strerror(errno));
        return NULL;
    }
    struct cd_buffer text = CD_BUFFER_INIT;
    char part[4096];
    size_t got;
    while ((got = fread(part, 1, sizeof(part), file)) > 0)
        cd_buffer_append(&text, part, got);
    (void)fclose(file); /* only read */
    return cd_buffer_steal(&text);
}

static bool is_pem(const char *type)
{
    return type != NULL && strcasecmp(type, "PEM") == 0;
}

/* The parts of a PEM text between the lines of the kind ("PRIVATE KEY", "CERTIFICATE"). */
static char *pem_parts(const char *pem, const char *kind)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_text(&out, "");
    for (const char *at = strstr(pem, "-----BEGIN "); at != NULL; at = strstr(at, "-----BEGIN ")) {
        const char *line_end = strchr(at, '\n');
        const char *end = strstr(at, "-----END ");
        if (line_end == NULL || end == NULL)
            break;
        const char *close = strchr(end, '\n');
        size_t len = close == NULL ? strlen(at) : (size_t)(close - at) + 1;
        char *title CD_AUTO_FREE = cd_strndup(at, (size_t)(line_end - at));
        if (strstr(title, kind) != NULL) {
            cd_buffer_append(&out, at, len);
            if (close == NULL)
                cd_buffer_char(&out, '\n');
        }
        at += len;
    }
    return cd_buffer_steal(&out);
}

static bool load_pem_store(const struct cd_tls_config *config, struct cd_tls *ret,
                           struct cd_error *err)
{
    char *pem CD_AUTO_FREE = read_text("ssl.keystore.location", config->keystore_location, err);
    if (pem == NULL)
        return false;
    ret->key = pem_parts(pem, "PRIVATE KEY");
    ret->certificates = pem_parts(pem, "CERTIFICATE");
    if (*ret->key == '\0' || *ret->certificates == '\0')
        return cd_fail(err, CD_ERR_CONFIG,
                       "ssl.keystore.location = '%s': must hold a private key and its certificates",
                       config->keystore_location);
    return true;
}

static bool load_identity(const struct cd_tls_config *config, struct cd_tls *ret,
                          struct cd_error *err)
{
    if (config->keystore_key != NULL && config->keystore_chain != NULL) {
        ret->key = cd_strdup(config->keystore_key);
        ret->certificates = cd_strdup(config->keystore_chain);
        return true;
    }
    if (config->keystore_location == NULL)
        return cd_fail(err, CD_ERR_CONFIG,
                       "an https listener needs ssl.keystore.location (PEM or PKCS12), or "
                       "ssl.keystore.key and ssl.keystore.certificate.chain");
    if (is_pem(config->keystore_type))
        return load_pem_store(config, ret, err);
    return cd_pkcs12_identity(config->keystore_location, config->keystore_password, &ret->key,
                              &ret->certificates, err) ||
           cd_fail_while(err, "ssl.keystore.location, ssl.keystore.type = '%s'",
                         config->keystore_type);
}

static bool load_trusted(const struct cd_tls_config *config, struct cd_tls *ret,
                         struct cd_error *err)
{
    if (config->truststore_certificates != NULL)
        ret->trusted = cd_strdup(config->truststore_certificates);
    else if (config->truststore_location == NULL)
        return cd_fail(err, CD_ERR_CONFIG,
                       "ssl.client.auth = '%s' needs ssl.truststore.location (PEM or PKCS12)",
                       config->client_auth);
    else if (is_pem(config->truststore_type))
        ret->trusted = read_text("ssl.truststore.location", config->truststore_location, err);
    else
        ret->trusted =
            cd_pkcs12_certificates(config->truststore_location, config->truststore_password, err);
    return ret->trusted != NULL;
}

static char *priorities_of(const struct cd_strings *protocols)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_text(&out, "NORMAL:-VERS-ALL");
    for (size_t i = 0; i < protocols->count; i++) {
        const char *name = protocols->items[i]; /* TLSv1.2 here, TLS1.2 there */
        if (strncasecmp(name, "TLSv", 4) == 0)
            cd_buffer_printf(&out, ":+VERS-TLS%s", strcmp(name + 4, "1") == 0 ? "1.0" : name + 4);
    }
    return cd_buffer_steal(&out);
}

static enum cd_client_auth client_auth_of(const char *text)
{
    if (text != NULL && strcasecmp(text, "required") == 0)
        return CD_CLIENT_REQUIRED;
    return text != NULL && strcasecmp(text, "requested") == 0 ? CD_CLIENT_REQUESTED
                                                              : CD_CLIENT_NONE;
}

bool cd_tls_load(const struct cd_tls_config *config, struct cd_tls *ret, struct cd_error *err)
{
    struct cd_tls tls = {.client_auth = client_auth_of(config->client_auth)};
    bool ok = load_identity(config, &tls, err) &&
              (tls.client_auth == CD_CLIENT_NONE || load_trusted(config, &tls, err));
    if (!ok) {
        cd_tls_done(&tls);
        return false;
    }
    tls.key_password = cd_strdup(config->key_password);
    tls.priorities = priorities_of(&config->enabled_protocols);
    *ret = tls;
    return true;
}

void cd_tls_done(struct cd_tls *tls)
{
    free(tls->key);
    free(tls->certificates);
    free(tls->trusted);
    free(tls->key_password);
    free(tls->priorities);
    memset(tls, 0, sizeof(*tls));
}

bool cd_tls_client_ok(enum cd_client_auth wanted, struct MHD_Connection *con)
{
    if (wanted == CD_CLIENT_NONE)
        return true;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(con, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info == NULL)
        return false;
    gnutls_session_t session = info->tls_session;
    unsigned count = 0;
    if (gnutls_certificate_get_peers(session, &count) == NULL || count == 0)
        return wanted == CD_CLIENT_REQUESTED;
    unsigned problems = 0;
    return gnutls_certificate_verify_peers2(session, &problems) == 0 && problems == 0;
}
