#include "kafka/tls.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "config/pkcs12.h"

/* Where Debian's certificates are, for the one case in which librdkafka would not look there. */
#define SYSTEM_CERTIFICATES "/etc/ssl/certs/ca-certificates.crt"

enum store_kind { STORE_UNREADABLE, STORE_PEM, STORE_PKCS12, STORE_JKS, STORE_UNKNOWN };

struct magic {
    unsigned char bytes[4];
    size_t len;
};

static enum store_kind kind_of(struct magic magic)
{
    static const unsigned char jks[4] = {0xfe, 0xed, 0xfe, 0xed};
    static const unsigned char jceks[4] = {0xce, 0xce, 0xce, 0xce};
    if (magic.len == 4 && (memcmp(magic.bytes, jks, 4) == 0 || memcmp(magic.bytes, jceks, 4) == 0))
        return STORE_JKS;
    if (magic.len > 0 && magic.bytes[0] == 0x30) /* an ASN.1 sequence */
        return STORE_PKCS12;
    return STORE_PEM; /* texts may begin with remarks */
}

static bool look(const char *key, const char *path, enum store_kind *ret, struct cd_error *err)
{
    struct magic magic = {{0}, 0};
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, strerrorname_np(errno),
                          "Invalid value %s for configuration %s: %s", path, key,
                          strerrordesc_np(errno));
    magic.len = fread(magic.bytes, 1, sizeof(magic.bytes), file);
    (void)fclose(file); /* was only read */
    *ret = kind_of(magic);
    return true;
}

static bool refuse_jks(const char *key, const char *path, struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Invalid value %s for configuration %s: this is a JKS store, which only a "
                      "JVM reads. Convert it once: keytool -importkeystore -srckeystore %s "
                      "-destkeystore %s.p12 -deststoretype PKCS12",
                      path, key, path, path);
}

/* ---- PEM in a value: properties files often hold it in one line ---- */

static void rewrap(struct cd_buffer *out, const char *at, const char *end)
{
    size_t column = 0;
    for (; at < end; at++) {
        if (isspace((unsigned char)*at))
            continue;
        cd_buffer_char(out, *at);
        if (++column % 64 == 0)
            cd_buffer_char(out, '\n');
    }
    if (column % 64 != 0)
        cd_buffer_char(out, '\n');
}

/* Appends each -----BEGIN x----- ... -----END x----- with proper line breaks; returns how many. */
static size_t put_pem(struct cd_buffer *out, const char *text, size_t skip)
{
    size_t count = 0;
    const char *begin = strstr(text, "-----BEGIN ");
    while (begin != NULL) {
        const char *body = strstr(begin + 11, "-----");
        const char *end = body == NULL ? NULL : strstr(body + 5, "-----END ");
        const char *tail = end == NULL ? NULL : strstr(end + 9, "-----");
        if (tail == NULL)
            break;
        if (count++ >= skip) {
            cd_buffer_append(out, begin, (size_t)(body + 5 - begin));
            cd_buffer_char(out, '\n');
            rewrap(out, body + 5, end);
            cd_buffer_append(out, end, (size_t)(tail + 5 - end));
            cd_buffer_char(out, '\n');
        }
        begin = strstr(tail + 5, "-----BEGIN ");
    }
    return count;
}

static bool set_pem(struct cd_config *native, const char *native_key, const char *java_key,
                    const char *text, struct cd_error *err)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer pem = CD_BUFFER_INIT;
    if (put_pem(&pem, text, 0) == 0)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Invalid value [hidden] for configuration %s: must be PEM text, "
                          "-----BEGIN ...----- to -----END ...-----",
                          java_key);
    cd_config_set(native, native_key, pem.ptr);
    return true;
}

/* librdkafka takes the first certificate of ssl.certificate.pem only. The others join the known
 * certificates, from which OpenSSL builds the chain it sends. */
static void keep_chain(const char *chain, struct cd_config *native)
{
    CD_AUTO(cd_buffer_done) struct cd_buffer all = CD_BUFFER_INIT;
    const char *known = cd_config_get(native, "ssl.ca.pem");
    cd_buffer_text(&all, known == NULL ? "" : known);
    size_t before = all.len;
    (void)put_pem(&all, chain, 1); /* checked by set_pem */
    if (all.len == before)
        return;
    if (known == NULL && !cd_config_has(native, "ssl.ca.location"))
        cd_config_set(native, "ssl.ca.location", SYSTEM_CERTIFICATES);
    cd_config_set(native, "ssl.ca.pem", all.ptr);
}

/* ---- stores ---- */

static bool use_truststore(const struct cd_config *java, struct cd_config *native,
                           struct cd_error *err)
{
    const char *inline_pem = cd_config_get(java, "ssl.truststore.certificates");
    if (inline_pem != NULL)
        return set_pem(native, "ssl.ca.pem", "ssl.truststore.certificates", inline_pem, err);
    const char *path = cd_config_get(java, "ssl.truststore.location");
    if (path == NULL || path[0] == '\0')
        return true;
    enum store_kind kind = STORE_UNKNOWN;
    if (!look("ssl.truststore.location", path, &kind, err))
        return false;
    if (kind == STORE_JKS)
        return refuse_jks("ssl.truststore.location", path, err);
    if (kind == STORE_PEM) {
        cd_config_set(native, "ssl.ca.location", path);
        return true;
    }
    CD_AUTO_FREE char *pem =
        cd_pkcs12_certificates(path, cd_config_get(java, "ssl.truststore.password"), err);
    if (pem == NULL)
        return cd_fail_while(err, "Invalid value %s for configuration ssl.truststore.location",
                             path);
    cd_config_set(native, "ssl.ca.pem", pem);
    return true;
}

static bool use_inline_key(const struct cd_config *java, struct cd_config *native,
                           struct cd_error *err)
{
    const char *key = cd_config_get(java, "ssl.keystore.key");
    const char *chain = cd_config_get(java, "ssl.keystore.certificate.chain");
    if (key == NULL || chain == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Invalid value null for configuration %s: with PEM in the values both "
                          "ssl.keystore.key and ssl.keystore.certificate.chain are needed",
                          key == NULL ? "ssl.keystore.key" : "ssl.keystore.certificate.chain");
    if (!set_pem(native, "ssl.key.pem", "ssl.keystore.key", key, err) ||
        !set_pem(native, "ssl.certificate.pem", "ssl.keystore.certificate.chain", chain, err))
        return false;
    keep_chain(chain, native);
    return true;
}

static bool use_keystore(const struct cd_config *java, struct cd_config *native,
                         struct cd_error *err)
{
    if (cd_config_get(java, "ssl.keystore.key") != NULL ||
        cd_config_get(java, "ssl.keystore.certificate.chain") != NULL)
        return use_inline_key(java, native, err);
    const char *path = cd_config_get(java, "ssl.keystore.location");
    if (path == NULL || path[0] == '\0')
        return true;
    enum store_kind kind = STORE_UNKNOWN;
    if (!look("ssl.keystore.location", path, &kind, err))
        return false;
    if (kind == STORE_JKS)
        return refuse_jks("ssl.keystore.location", path, err);
    if (kind == STORE_PEM) { /* one file for both, as Java wants it */
        cd_config_set(native, "ssl.certificate.location", path);
        cd_config_set(native, "ssl.key.location", path);
        return true;
    }
    const char *password = cd_config_get(java, "ssl.keystore.password");
    if (password == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "Invalid value null for configuration ssl.keystore.password: the PKCS12 "
                          "store %s needs its password",
                          path);
    /* Opened here as well, because librdkafka's message would not tell a wrong password from a
     * broken file. */
    if (!cd_pkcs12_check(path, password, err))
        return cd_fail_while(err, "Invalid value %s for configuration ssl.keystore.location", path);
    cd_config_set(native, "ssl.keystore.location", path);
    cd_config_set(native, "ssl.keystore.password", password);
    return true;
}

bool cd_tls_translate(const struct cd_config *java, struct cd_config *native, struct cd_error *err)
{
    const char *key_password = cd_config_get(java, "ssl.key.password");
    if (!use_truststore(java, native, err) || !use_keystore(java, native, err))
        return false;
    if (key_password != NULL && !cd_config_has(native, "ssl.keystore.location"))
        cd_config_set(native, "ssl.key.password", key_password);
    return true;
}

/* ---- ciphers ---- */

/* TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 is ECDHE-RSA-AES128-GCM-SHA256: names are put together by
 * rules. */
static void put_cipher(struct cd_buffer *out, const char *java)
{
    static const struct {
        const char *from;
        const char *to;
    } parts[] = {
        {"RSA_WITH_", ""},
        {"_WITH_", "-"},
        {"AES_128_CBC", "AES128"},
        {"AES_256_CBC", "AES256"},
        {"AES_128", "AES128"},
        {"AES_256", "AES256"},
        {"POLY1305_SHA256", "POLY1305"},
    };
    const char *at = java + strlen("TLS_");
    while (*at != '\0') {
        size_t i = at == java + 4 ? 0 : 1; /* plain RSA stands at the start only */
        size_t count = sizeof(parts) / sizeof(parts[0]);
        for (; i < count; i++)
            if (strncmp(at, parts[i].from, strlen(parts[i].from)) == 0)
                break;
        if (i < count) {
            cd_buffer_text(out, parts[i].to);
            at += strlen(parts[i].from);
        } else {
            cd_buffer_char(out, (char)(*at == '_' ? '-' : *at));
            at++;
        }
    }
}

static void put_name(struct cd_buffer *out, const char *name)
{
    bool java_name = strncmp(name, "TLS_", 4) == 0;
    if (java_name && strstr(name, "_WITH_") == NULL)
        return; /* TLS 1.3 */
    if (out->len > 0)
        cd_buffer_char(out, ':');
    if (java_name)
        put_cipher(out, name);
    else
        cd_buffer_text(out, name);
}

char *cd_tls_ciphers(const char *java_list)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    for (const char *at = java_list; *at != '\0';) {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ", \t");
        CD_AUTO_FREE char *name = cd_strndup(at, len);
        if (len > 0)
            put_name(&out, name);
        at += len;
    }
    return cd_buffer_steal(&out);
}
