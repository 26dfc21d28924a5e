#include "api/api_keys.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct cd_api_config, member)
#define TLS(member) offsetof(struct cd_tls_config, member)

static const char *const schemes[] = {"http", "https", NULL};
static const char *const client_auths[] = {"none", "requested", "required", NULL};

static const struct cd_key api_keys[] = {
    {.name = "listeners",
     .type = CD_LIST,
     .fallback = "http://:8083",
     .non_empty = true,
     .offset = AT(listeners),
     .doc = "Addresses of the REST API, as http://host:port or https://host:port, separated by "
            "commas. No host: all addresses; port 0: any free port."},
    {.name = "admin.listeners",
     .type = CD_LIST,
     .optional = true,
     .offset = AT(admin_listeners),
     .doc = "Addresses for /admin/loggers alone. Not set: with the others; empty: nowhere."},
    {.name = "rest.advertised.host.name",
     .type = CD_STRING,
     .optional = true,
     .offset = AT(advertised_host),
     .doc = "Host that other workers and statuses name."},
    {.name = "rest.advertised.port",
     .type = CD_INT32,
     .optional = true,
     .min = 0,
     .max = 65535,
     .offset = AT(advertised_port),
     .doc = "Port that other workers and statuses name."},
    {.name = "rest.advertised.listener",
     .type = CD_STRING,
     .optional = true,
     .one_of = schemes,
     .any_case = true,
     .offset = AT(advertised_listener),
     .doc = "Which kind of listener is advertised: http or https."},
    {.name = "rest.extension.classes",
     .type = CD_LIST,
     .fallback = "",
     .offset = AT(extensions),
     .doc = "REST extensions. Known: "
            "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension."},
    {.name = "access.control.allow.origin",
     .type = CD_STRING,
     .fallback = "",
     .offset = AT(cors_origin),
     .doc = "Origins that browsers may call from: *, an origin or a regular expression, separated "
            "by commas. Empty: CORS is off."},
    {.name = "access.control.allow.methods",
     .type = CD_STRING,
     .fallback = "",
     .offset = AT(cors_methods),
     .doc = "Methods that a browser's preflight is told; empty: GET,POST,HEAD."},
    {.name = "response.http.headers.config",
     .type = CD_STRING,
     .fallback = "",
     .offset = AT(response_headers),
     .doc = "Rules for response headers: <set|add|setDate|addDate> <name>:<value>, separated by "
            "commas, in double quotes when there is a comma inside."},
    {.name = "topic.tracking.enable",
     .type = CD_BOOL,
     .fallback = "true",
     .offset = AT(topic_tracking),
     .doc = "Keep the set of topics that each connector uses."},
    {.name = "topic.tracking.allow.reset",
     .type = CD_BOOL,
     .fallback = "true",
     .offset = AT(topic_reset),
     .doc = "Allow that set to be reset by REST."},
    {.name = "connectd.rest.threads",
     .type = CD_INT32,
     .fallback = "2",
     .min = 1,
     .max = 64,
     .offset = AT(threads),
     .doc = "Threads that serve HTTP, for each listener."},
    {.name = "connectd.rest.connections.max",
     .type = CD_INT32,
     .fallback = "4096",
     .min = 8,
     .max = 1000000,
     .offset = AT(connections_max),
     .doc = "Open connections at most, for each listener; further ones wait to be accepted."},
    {.name = "connectd.rest.request.bytes.max",
     .type = CD_INT64,
     .fallback = "4194304",
     .min = 1024,
     .max = INT32_MAX,
     .offset = AT(request_bytes_max),
     .doc = "Largest request body; beyond it the answer is 413."},
    {.name = "connectd.rest.idle.timeout.ms",
     .type = CD_INT64,
     .fallback = "60000",
     .min = 1000,
     .max = INT32_MAX,
     .offset = AT(idle_timeout_ms),
     .doc = "A connection on which nothing happens for so long is closed."},
    {.name = "connectd.rest.jaas.file",
     .type = CD_STRING,
     .optional = true,
     .offset = AT(jaas_file),
     .doc = "JAAS file with an entry KafkaConnect for the basic authentication extension. Not set: "
            "what -Djava.security.auth.login.config in KAFKA_OPTS says."},
    {.name = "connectd.rest.password.file",
     .type = CD_STRING,
     .optional = true,
     .offset = AT(password_file),
     .doc = "Lines user:hash, hashes as by `openssl passwd -6` or `htpasswd -B`: who may use the "
            "REST API. Instead of the JAAS file."},
};

static const struct cd_key tls_keys[] = {
    {.name = "ssl.keystore.location",
     .type = CD_STRING,
     .optional = true,
     .offset = TLS(keystore_location),
     .doc = "File with the server's key and certificates, PEM or PKCS12."},
    {.name = "ssl.keystore.password",
     .type = CD_SECRET,
     .optional = true,
     .offset = TLS(keystore_password),
     .doc = "Password of a PKCS12 key store."},
    {.name = "ssl.keystore.type",
     .type = CD_STRING,
     .fallback = "JKS",
     .offset = TLS(keystore_type),
     .doc = "PEM or PKCS12. JKS stores are recognised as PKCS12 when they are (Java 9 and later)."},
    {.name = "ssl.keystore.key",
     .type = CD_SECRET,
     .optional = true,
     .offset = TLS(keystore_key),
     .doc = "The private key as PEM text."},
    {.name = "ssl.keystore.certificate.chain",
     .type = CD_SECRET,
     .optional = true,
     .offset = TLS(keystore_chain),
     .doc = "The certificates as PEM text."},
    {.name = "ssl.key.password",
     .type = CD_SECRET,
     .optional = true,
     .offset = TLS(key_password),
     .doc = "Password of the private key."},
    {.name = "ssl.truststore.location",
     .type = CD_STRING,
     .optional = true,
     .offset = TLS(truststore_location),
     .doc = "File with the certificates that clients' certificates must come from."},
    {.name = "ssl.truststore.password",
     .type = CD_SECRET,
     .optional = true,
     .offset = TLS(truststore_password),
     .doc = "Password of a PKCS12 trust store."},
    {.name = "ssl.truststore.type",
     .type = CD_STRING,
     .fallback = "JKS",
     .offset = TLS(truststore_type),
     .doc = "PEM or PKCS12."},
    {.name = "ssl.truststore.certificates",
     .type = CD_SECRET,
     .optional = true,
     .offset = TLS(truststore_certificates),
     .doc = "Trusted certificates as PEM text."},
    {.name = "ssl.enabled.protocols",
     .type = CD_LIST,
     .fallback = "TLSv1.2,TLSv1.3",
     .offset = TLS(enabled_protocols),
     .doc = "Versions of TLS that are spoken."},
    {.name = "ssl.cipher.suites",
     .type = CD_LIST,
     .optional = true,
     .offset = TLS(cipher_suites),
     .doc = "Not used: the suites are those of the TLS library."},
    {.name = "ssl.client.auth",
     .type = CD_STRING,
     .fallback = "none",
     .one_of = client_auths,
     .offset = TLS(client_auth),
     .doc = "Certificates of clients: none, requested or required."},
};

struct cd_keys cd_api_keys(void)
{
    return CD_KEYS(api_keys);
}

struct cd_keys cd_api_tls_keys(void)
{
    return CD_KEYS(tls_keys);
}

static bool has_prefix(const struct cd_config *config, const char *prefix)
{
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);)
        if (strncmp(it.key, prefix, strlen(prefix)) == 0)
            return true;
    return false;
}

/* If there is any key with the prefix, only those count; else the plain ones. */
static bool parse_tls(const struct cd_config *worker, const char *prefix, struct cd_arena *arena,
                      struct cd_tls_config *ret, struct cd_report *report)
{
    if (!has_prefix(worker, prefix))
        return cd_keys_parse(cd_api_tls_keys(), worker, arena, ret, report);
    struct cd_config *own CD_AUTO(cd_config_freep) = cd_config_strip(worker, prefix);
    return cd_keys_parse(cd_api_tls_keys(), own, arena, ret, report);
}

struct cd_api_config *cd_api_config_new(const struct cd_config *worker, struct cd_report *report)
{
    struct cd_api_config *config = cd_new(struct cd_api_config);
    cd_arena_init(&config->arena, SIZE_MAX, SIZE_MAX);
    config->advertised_port = -1;
    bool ok = cd_keys_parse(cd_api_keys(), worker, &config->arena, config, report);
    ok = parse_tls(worker, "listeners.https.", &config->arena, &config->tls, report) && ok;
    ok = parse_tls(worker, "admin.listeners.https.", &config->arena, &config->admin_tls, report) &&
         ok;
    config->admin_separate = cd_config_get(worker, "admin.listeners") != NULL;
    if (cd_config_get(worker, "rest.advertised.port") == NULL)
        config->advertised_port = -1;
    if (ok)
        return config;
    cd_api_config_free(config);
    return NULL;
}

void cd_api_config_free(struct cd_api_config *config)
{
    if (config == NULL)
        return;
    cd_arena_done(&config->arena);
    free(config);
}
