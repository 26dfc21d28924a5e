#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "config/pkcs12.h"
#include "kafka/tls.h"
#include "tests/unit/kafka/kafka_test.h"

/* A self-signed certificate with its key, in files of all kinds. */
struct fixture {
    char folder[64];
    char *pem;
    char *key;
    char *all;   /* key and certificate in one PEM file */
    char *store; /* PKCS12 with the key */
    char *trust; /* PKCS12 with two certificates and no key */
    char *jks;
};

static char *text_of(BIO *bio)
{
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);
    char *copy = cd_strndup(text, (size_t)len);
    BIO_free(bio);
    return copy;
}

static X509 *self_signed(EVP_PKEY *key)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1,
                                     -1, 0);
    (void)X509_set_issuer_name(cert, name);
    (void)X509_set_pubkey(cert, key);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    return cert;
}

static char *write_file(const struct fixture *f, const char *name, const void *bytes, size_t len)
{
    char *path = cd_asprintf("%s/%s", f->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    return path;
}

static char *write_store(const struct fixture *f, const char *name, PKCS12 *store)
{
    unsigned char *bytes = NULL;
    int len = i2d_PKCS12(store, &bytes);
    assert_true(len > 0);
    char *path = write_file(f, name, bytes, (size_t)len);
    OPENSSL_free(bytes);
    PKCS12_free(store);
    return path;
}

static void write_stores(struct fixture *f, EVP_PKEY *key, X509 *cert)
{
    STACK_OF(X509) *two = sk_X509_new_null();
    (void)sk_X509_push(two, cert);
    (void)sk_X509_push(two, cert);
    f->store =
        write_store(f, "key.p12", PKCS12_create("secret", "me", key, cert, NULL, 0, 0, 0, 0, 0));
    f->trust =
        write_store(f, "trust.p12", PKCS12_create("secret", NULL, NULL, NULL, two, 0, 0, 0, 0, 0));
    sk_X509_free(two);
}

static int set_up(void **state)
{
    struct fixture *f = cd_new(struct fixture);
    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/connectd-tls-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = self_signed(key);
    BIO *cert_out = BIO_new(BIO_s_mem());
    BIO *key_out = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(cert_out, cert), 1);
    assert_int_equal(PEM_write_bio_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL), 1);
    f->pem = text_of(cert_out);
    f->key = text_of(key_out);
    CD_AUTO_FREE char *both = cd_asprintf("# remark\n%s%s", f->key, f->pem);
    f->all = write_file(f, "all.pem", both, strlen(both));
    f->jks = write_file(f, "old.jks", "\xfe\xed\xfe\xed\0\0\0\2", 8);
    write_stores(f, key, cert);
    X509_free(cert);
    EVP_PKEY_free(key);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char *paths[] = {f->all, f->store, f->trust, f->jks};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        (void)unlink(paths[i]);
        free(paths[i]);
    }
    (void)rmdir(f->folder);
    free(f->pem);
    free(f->key);
    free(f);
    return 0;
}

static struct cd_config *translate(struct cd_config *java)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_config *native = cd_config_new();
    assert_good(cd_tls_translate(java, native, &err), err);
    cd_config_free(java);
    return native;
}

static void expect_refusal(struct cd_config *java, const char *part)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_config *native = cd_config_new();
    assert_false(cd_tls_translate(java, native, &err));
    assert_int_equal(err.code, CD_ERR_CONFIG);
    if (strstr(err.msg, part) == NULL)
        fail_msg("'%s' does not say '%s'", err.msg, part);
    cd_config_free(native);
    cd_config_free(java);
}

static struct cd_config *one(const char *key, const char *value)
{
    struct cd_config *config = cd_config_new();
    cd_config_set(config, key, value);
    return config;
}

static void a_pem_file_serves_as_it_is(void **state)
{
    struct fixture *f = *state;
    struct cd_config *java = one("ssl.truststore.location", f->all);
    cd_config_set(java, "ssl.keystore.location", f->all);
    cd_config_set(java, "ssl.key.password", "k");
    struct cd_config *native = translate(java);
    assert_string_equal(cd_config_get(native, "ssl.ca.location"), f->all);
    assert_string_equal(cd_config_get(native, "ssl.certificate.location"), f->all);
    assert_string_equal(cd_config_get(native, "ssl.key.location"), f->all);
    assert_string_equal(cd_config_get(native, "ssl.key.password"), "k");
    cd_config_free(native);
}

static void a_pkcs12_trust_store_gives_all_its_certificates(void **state)
{
    struct fixture *f = *state;
    struct cd_config *java = one("ssl.truststore.location", f->trust);
    cd_config_set(java, "ssl.truststore.password", "secret");
    cd_config_set(java, "ssl.truststore.type", "JKS"); /* Java reads PKCS12 under this type too */
    struct cd_config *native = translate(java);
    const char *pem = cd_config_get(native, "ssl.ca.pem");
    assert_non_null(pem);
    const char *first = strstr(pem, "-----BEGIN CERTIFICATE-----");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "-----BEGIN CERTIFICATE-----"));
    assert_non_null(strstr(pem, f->pem));
    cd_config_free(native);
}

static void a_pkcs12_key_store_is_handed_on(void **state)
{
    struct fixture *f = *state;
    struct cd_config *java = one("ssl.keystore.location", f->store);
    cd_config_set(java, "ssl.keystore.password", "secret");
    struct cd_config *native = translate(java);
    assert_string_equal(cd_config_get(native, "ssl.keystore.location"), f->store);
    assert_string_equal(cd_config_get(native, "ssl.keystore.password"), "secret");
    cd_config_free(native);
}

static void pem_in_one_line_gets_its_line_breaks_back(void **state)
{
    struct fixture *f = *state;
    CD_AUTO_FREE char *line = cd_strdup(f->pem);
    for (char *c = line; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    struct cd_config *native = translate(one("ssl.truststore.certificates", line));
    assert_string_equal(cd_config_get(native, "ssl.ca.pem"), f->pem);
    cd_config_free(native);
}

static void a_chain_in_the_value_keeps_its_upper_part(void **state)
{
    struct fixture *f = *state;
    CD_AUTO_FREE char *chain = cd_asprintf("%s%s", f->pem, f->pem);
    struct cd_config *java = one("ssl.keystore.key", f->key);
    cd_config_set(java, "ssl.keystore.certificate.chain", chain);
    struct cd_config *native = translate(java);
    assert_string_equal(cd_config_get(native, "ssl.key.pem"), f->key);
    assert_string_equal(cd_config_get(native, "ssl.certificate.pem"), chain);
    assert_string_equal(cd_config_get(native, "ssl.ca.pem"), f->pem);
    assert_non_null(cd_config_get(native, "ssl.ca.location")); /* the system's are still trusted */
    cd_config_free(native);
}

static void what_does_not_work_says_what_to_do(void **state)
{
    struct fixture *f = *state;
    expect_refusal(one("ssl.truststore.location", f->jks), "keytool -importkeystore");
    expect_refusal(one("ssl.keystore.location", f->jks), "-deststoretype PKCS12");
    expect_refusal(one("ssl.truststore.location", "/nowhere/x"), "No such file");
    expect_refusal(one("ssl.truststore.location", f->trust), "needs its password");
    expect_refusal(one("ssl.keystore.location", f->store), "ssl.keystore.password");
    expect_refusal(one("ssl.keystore.key", f->key), "both");
    expect_refusal(one("ssl.truststore.certificates", "geheim"), "must be PEM text");
    struct cd_config *java = one("ssl.keystore.location", f->store);
    cd_config_set(java, "ssl.keystore.password", "wrong");
    expect_refusal(java, "password of the PKCS12 store is wrong");
    CD_AUTO_FREE char *broken = write_file(f, "broken.p12", "\x30\x03xyz", 5);
    expect_refusal(one("ssl.truststore.location", broken), "not a PKCS12 store");
    (void)unlink(broken);
}

static void cipher_names_become_openssls(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
        {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
        {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "ECDHE-RSA-AES256-SHA384"},
        {"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"},
        {"TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "DHE-RSA-AES128-SHA"},
        {"TLS_AES_256_GCM_SHA384", ""},
        {"ECDHE-RSA-AES128-SHA, TLS_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA:AES128-SHA"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CD_AUTO_FREE char *names = cd_tls_ciphers(rows[i][0]);
        assert_string_equal(names, rows[i][1]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pem_file_serves_as_it_is),
        TEST(a_pkcs12_trust_store_gives_all_its_certificates),
        TEST(a_pkcs12_key_store_is_handed_on),
        TEST(pem_in_one_line_gets_its_line_breaks_back),
        TEST(a_chain_in_the_value_keeps_its_upper_part),
        TEST(what_does_not_work_says_what_to_do),
        cmocka_unit_test(cipher_names_become_openssls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
