/* https listeners with keys made by the openssl command, asked with curl: both are what people use.
 */
#include "rig.h"

#include "base/alloc.h"

#include <stdio.h>

static char folder[] = "/tmp/cd-tls-XXXXXX";

CD_PRINTF(1, 2) static int run(const char *fmt, ...)
{
    char command[2048];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(command, sizeof(command), fmt, args);
    va_end(args);
    int status = system(command);
    return status == -1 ? -1 : WEXITSTATUS(status);
}

static int make_keys(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    return run(
        "cd %s && exec >/dev/null 2>&1 && "
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca "
        "-days 2 && for who in server client; do "
        "openssl req -newkey rsa:2048 -nodes -keyout $who.key -out $who.csr -subj /CN=$who && "
        "printf 'subjectAltName=IP:127.0.0.1' > ext && "
        "openssl x509 -req -in $who.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out "
        "$who.crt -days 2 -extfile ext || exit 1; done && "
        "cat server.key server.crt > server.pem && "
        "openssl pkcs12 -export -inkey server.key -in server.crt -certfile ca.crt -passout "
        "pass:secret -out server.p12",
        folder);
}

static int drop_keys(void **state)
{
    (void)state;
    return run("rm -r %s", folder);
}

/* curl's exit status: 0 is a reply of 200. */
static int ask(uint16_t port, const char *more)
{
    return run("curl -sf -m 10 -o /dev/null --cacert %s/ca.crt %s https://127.0.0.1:%u/connectors",
               folder, more, port);
}

static struct rig start(const char *keys)
{
    char *settings CD_AUTO_FREE = cd_asprintf("listeners=https://127.0.0.1:0\n%s", keys);
    return rig_start(settings);
}

static void pem_and_pkcs12_stores_serve(void **state)
{
    (void)state;
    static const char *const formats[] = {
        "ssl.keystore.location=%s/server.pem\nssl.keystore.type=PEM\n",
        "ssl.keystore.location=%s/server.p12\nssl.keystore.type=PKCS12\nssl.keystore.password="
        "secret\n",
        "listeners.https.ssl.keystore.location=%s/"
        "server.p12\nlisteners.https.ssl.keystore.password="
        "secret\n",
    };
    for (size_t i = 0; i < 3; i++) {
        char keys[512];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the formats are above */
        (void)snprintf(keys, sizeof(keys), formats[i], folder);
#pragma GCC diagnostic pop
        struct rig rig = start(keys);
        assert_int_equal(ask(rig.port, ""), 0);
        assert_int_equal(ask(rig.port, "--tls-max 1.2"), 0);
        rig_stop(&rig);
    }
}

static void a_required_client_certificate_is_checked(void **state)
{
    (void)state;
    char keys[1024];
    char own[256];
    (void)snprintf(keys, sizeof(keys),
                   "ssl.keystore.location=%s/server.pem\nssl.keystore.type=PEM\n"
                   "ssl.truststore.location=%s/ca.crt\nssl.truststore.type=PEM\n"
                   "ssl.client.auth=required\n",
                   folder, folder);
    (void)snprintf(own, sizeof(own), "--cert %s/client.crt --key %s/client.key", folder, folder);
    struct rig rig = start(keys);
    assert_int_equal(ask(rig.port, own), 0);
    assert_int_not_equal(ask(rig.port, ""), 0);
    rig_stop(&rig);
}

static void versions_of_tls_can_be_left_out(void **state)
{
    (void)state;
    char keys[512];
    (void)snprintf(keys, sizeof(keys),
                   "ssl.keystore.location=%s/server.pem\nssl.keystore.type=PEM\n"
                   "ssl.enabled.protocols=TLSv1.3\n",
                   folder);
    struct rig rig = start(keys);
    assert_int_equal(ask(rig.port, ""), 0);
    assert_int_not_equal(ask(rig.port, "--tls-max 1.2"), 0);
    rig_stop(&rig);
}

static void a_store_that_cannot_be_used_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *file;
        const char *password;
        const char *problem;
    } rows[] = {
        {"PEM", "missing.pem", "", "missing.pem"},
        {"PEM", "ca.crt", "", "must hold a private key"},
        {"PKCS12", "server.p12", "wrong", "password"},
        {"JKS", "server.pem", "x", "ssl.keystore.type"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_config *worker = cd_config_new();
        char *path CD_AUTO_FREE = cd_asprintf("%s/%s", folder, rows[i].file);
        cd_config_set(worker, "listeners", "https://127.0.0.1:0");
        cd_config_set(worker, "ssl.keystore.location", path);
        cd_config_set(worker, "ssl.keystore.type", rows[i].type);
        cd_config_set(worker, "ssl.keystore.password", rows[i].password);
        struct cd_error err = CD_ERROR_INIT;
        assert_null(cd_api_open(&(struct cd_api_options){.worker = worker}, &err));
        if (strstr(err.msg, rows[i].problem) == NULL)
            fail_msg("'%s' is not in '%s'", rows[i].problem, err.msg);
        cd_config_free(worker);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pem_and_pkcs12_stores_serve),
        cmocka_unit_test(a_required_client_certificate_is_checked),
        cmocka_unit_test(versions_of_tls_can_be_left_out),
        cmocka_unit_test(a_store_that_cannot_be_used_is_named),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
