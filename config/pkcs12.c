#include "config/pkcs12.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "base/alloc.h"

static void free_store(PKCS12 **store)
{
    PKCS12_free(*store);
}

static void free_bio(BIO **bio)
{
    BIO_free_all(*bio);
}

static PKCS12 *read_store(const char *path, struct cd_error *err)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        (void)cd_fail_as(err, CD_ERR_CONFIG, strerrorname_np(errno), "%s", strerrordesc_np(errno));
        return NULL;
    }
    PKCS12 *store = d2i_PKCS12_fp(file, NULL);
    (void)fclose(file); /* was only read */
    if (store == NULL)
        (void)cd_fail(err, CD_ERR_CONFIG, "not a PKCS12 store");
    return store;
}

/* Without a password there are two spellings of "none"; stores are written with either. */
static const char *right_password(PKCS12 *store, const char *password, struct cd_error *err)
{
    if (PKCS12_mac_present(store) == 0)
        return password == NULL ? "" : password;
    if (password != NULL && PKCS12_verify_mac(store, password, -1) == 1)
        return password;
    if (password == NULL && PKCS12_verify_mac(store, "", 0) == 1)
        return "";
    (void)cd_fail(err, CD_ERR_CONFIG, "%s",
                  password == NULL ? "the PKCS12 store needs its password"
                                   : "the password of the PKCS12 store is wrong");
    return NULL;
}

static size_t write_bag(BIO *out, const PKCS12_SAFEBAG *bag)
{
    if (PKCS12_SAFEBAG_get_nid(bag) != NID_certBag)
        return 0;
    X509 *certificate = PKCS12_SAFEBAG_get1_cert(bag);
    bool written = certificate != NULL && PEM_write_bio_X509(out, certificate) == 1;
    X509_free(certificate);
    return written ? 1 : 0;
}

/* PKCS12_parse would drop certificates that belong to no key, which is what a trust store holds
 * once it was touched by keytool: so the bags are walked. */
static size_t write_safe(BIO *out, PKCS7 *safe, const char *password)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    if (OBJ_obj2nid(safe->type) == NID_pkcs7_data)
        bags = PKCS12_unpack_p7data(safe);
    else if (OBJ_obj2nid(safe->type) == NID_pkcs7_encrypted)
        bags = PKCS12_unpack_p7encdata(safe, password, -1);
    size_t count = 0;
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++)
        count += write_bag(out, sk_PKCS12_SAFEBAG_value(bags, i));
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return count;
}

static size_t write_certificates(BIO *out, PKCS12 *store, const char *password)
{
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(store);
    size_t count = 0;
    for (int i = 0; i < sk_PKCS7_num(safes); i++)
        count += write_safe(out, sk_PKCS7_value(safes, i), password);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return count;
}

char *cd_pkcs12_certificates(const char *path, const char *password, struct cd_error *err)
{
    CD_AUTO(free_store) PKCS12 *store = read_store(path, err);
    if (store == NULL)
        return NULL;
    const char *used = right_password(store, password, err);
    if (used == NULL)
        return NULL;
    CD_AUTO(free_bio) BIO *out = BIO_new(BIO_s_mem());
    if (out == NULL || write_certificates(out, store, used) == 0) {
        (void)cd_fail(err, CD_ERR_CONFIG, "the PKCS12 store holds no certificate");
        return NULL;
    }
    char *text = NULL;
    long len = BIO_get_mem_data(out, &text);
    return cd_strndup(text, (size_t)len);
}

static char *memory_text(BIO *bio)
{
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);
    return cd_strndup(text, (size_t)len);
}

/* The peer is shown the certificate of the key first, then those that signed it. */
static bool write_identity(EVP_PKEY *key, X509 *certificate, const STACK_OF(X509) * others,
                           char **ret_key, char **ret_certificates)
{
    CD_AUTO(free_bio) BIO *key_out = BIO_new(BIO_s_mem());
    CD_AUTO(free_bio) BIO *out = BIO_new(BIO_s_mem());
    bool ok = key_out != NULL && out != NULL &&
              PEM_write_bio_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL) == 1 &&
              PEM_write_bio_X509(out, certificate) == 1;
    for (int i = 0; ok && i < sk_X509_num(others); i++)
        ok = PEM_write_bio_X509(out, sk_X509_value(others, i)) == 1;
    if (!ok)
        return false;
    *ret_key = memory_text(key_out);
    *ret_certificates = memory_text(out);
    return true;
}

bool cd_pkcs12_identity(const char *path, const char *password, char **ret_key,
                        char **ret_certificates, struct cd_error *err)
{
    CD_AUTO(free_store) PKCS12 *store = read_store(path, err);
    const char *used = store == NULL ? NULL : right_password(store, password, err);
    if (used == NULL)
        return false;
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    STACK_OF(X509) *others = NULL;
    bool ok = PKCS12_parse(store, used, &key, &certificate, &others) == 1 && key != NULL &&
              certificate != NULL &&
              write_identity(key, certificate, others, ret_key, ret_certificates);
    EVP_PKEY_free(key);
    X509_free(certificate);
    sk_X509_pop_free(others, X509_free);
    if (!ok)
        (void)cd_fail(err, CD_ERR_CONFIG,
                      "the PKCS12 store holds no private key with a certificate");
    return ok;
}

bool cd_pkcs12_check(const char *path, const char *password, struct cd_error *err)
{
    CD_AUTO(free_store) PKCS12 *store = read_store(path, err);
    return store != NULL && right_password(store, password, err) != NULL;
}
