#include "connectors/postgres/url.h"

#include <stdlib.h>
#include <strings.h>

enum translation {
    AS_IS,
    SSL_FLAG,    /* ssl=true: verify-full, as current drivers */
    SCHEMAS,     /* currentSchema: a search path */
    SERVER_TYPE, /* targetServerType */
    BOOLEAN,     /* true and false as 1 and 0 */
    SOCKET_TIMEOUT,
    LOGIN_TIMEOUT,
    WITHOUT_EFFECT, /* of the Java driver's speed or insides */
};

/* JDBC's names. What is not listed is refused: a security setting must not vanish silently. */
static const struct {
    const char *jdbc;
    const char *libpq;
    enum translation how;
} names[] = {
    {"user", "user", AS_IS},
    {"password", "password", AS_IS},
    {"ssl", "sslmode", SSL_FLAG},
    {"sslmode", "sslmode", AS_IS},
    {"sslrootcert", "sslrootcert", AS_IS},
    {"sslcert", "sslcert", AS_IS},
    {"sslkey", "sslkey", AS_IS},
    {"sslpassword", "sslpassword", AS_IS},
    {"currentSchema", "options", SCHEMAS},
    {"ApplicationName", "application_name", AS_IS},
    {"application_name", "application_name", AS_IS},
    {"connectTimeout", "connect_timeout", AS_IS},
    {"connect_timeout", "connect_timeout", AS_IS},
    {"tcpKeepAlive", "keepalives", BOOLEAN},
    {"options", "options", AS_IS},
    {"gssEncMode", "gssencmode", AS_IS},
    {"kerberosServerName", "krbsrvname", AS_IS},
    {"channelBinding", "channel_binding", AS_IS},
    {"targetServerType", "target_session_attrs", SERVER_TYPE},
    {"target_session_attrs", "target_session_attrs", AS_IS},
    {"socketTimeout", NULL, SOCKET_TIMEOUT},
    {"loginTimeout", NULL, LOGIN_TIMEOUT},
    {"stringtype", NULL, WITHOUT_EFFECT}, /* text is always sent untyped */
    {"reWriteBatchedInserts", NULL, WITHOUT_EFFECT},
    {"defaultRowFetchSize", NULL, WITHOUT_EFFECT},
    {"prepareThreshold", NULL, WITHOUT_EFFECT},
    {"preparedStatementCacheQueries", NULL, WITHOUT_EFFECT},
    {"preparedStatementCacheSizeMiB", NULL, WITHOUT_EFFECT},
    {"binaryTransfer", NULL, WITHOUT_EFFECT},
    {"autosave", NULL, WITHOUT_EFFECT},
    {"sslfactory", NULL, WITHOUT_EFFECT},
    {"loggerLevel", NULL, WITHOUT_EFFECT},
    {"loggerFile", NULL, WITHOUT_EFFECT},
    {"readOnly", NULL, WITHOUT_EFFECT},
    {"assumeMinServerVersion", NULL, WITHOUT_EFFECT},
    {"disableColumnSanitiser", NULL, WITHOUT_EFFECT},
    {"loadBalanceHosts", NULL, WITHOUT_EFFECT},
    {"hostRecheckSeconds", NULL, WITHOUT_EFFECT},
    {"cancelSignalTimeout", NULL, WITHOUT_EFFECT},
    {"receiveBufferSize", NULL, WITHOUT_EFFECT},
    {"sendBufferSize", NULL, WITHOUT_EFFECT},
};

static const char *const server_types[][2] = {
    {"any", "any"},
    {"primary", "primary"},
    {"master", "primary"},
    {"secondary", "standby"},
    {"slave", "standby"},
    {"preferSecondary", "prefer-standby"},
    {"preferSlave", "prefer-standby"},
};

static void set_owned(struct cd_pg_parameters *p, const char *name, char *value)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->names[i], name) == 0) {
            free(p->values[i]);
            p->values[i] = value;
            return;
        }
    }
    if (p->count == CD_PG_PARAMETERS_MAX) { /* the table of names is shorter than this */
        free(value);
        return;
    }
    p->names[p->count] = cd_sql_dup(cd_slice(name));
    p->values[p->count++] = value;
}

void cd_pg_parameter_set(struct cd_pg_parameters *p, const char *name, const char *value)
{
    set_owned(p, name, cd_sql_dup(cd_slice(value)));
}

const char *cd_pg_parameter(const struct cd_pg_parameters *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->names[i], name) == 0)
            return p->values[i];
    return NULL;
}

void cd_pg_parameters_done(struct cd_pg_parameters *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->names[i]);
        free(p->values[i]);
    }
    *p = (struct cd_pg_parameters){0};
}

static bool set_translated(struct cd_pg_parameters *p, const char *libpq, enum translation how,
                           const char *value, struct cd_error *err)
{
    bool on = strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0 || value[0] == '\0';
    struct cd_sql_text path CD_AUTO(cd_sql_text_done) = {0};
    switch (how) {
    case AS_IS:
        cd_pg_parameter_set(p, libpq, value);
        return true;
    case SSL_FLAG:
        if (on && cd_pg_parameter(p, "sslmode") == NULL)
            cd_pg_parameter_set(p, "sslmode", "verify-full");
        return true;
    case SCHEMAS:
        cd_sql_addf(&path, "-c search_path=%s", value);
        cd_pg_parameter_set(p, "options", cd_sql_text_get(&path));
        return true;
    case SERVER_TYPE:
        for (size_t i = 0; i < sizeof(server_types) / sizeof(server_types[0]); i++) {
            if (strcmp(server_types[i][0], value) == 0) {
                cd_pg_parameter_set(p, libpq, server_types[i][1]);
                return true;
            }
        }
        return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                          "connection.url: targetServerType=%s is none of any, primary, secondary, "
                          "preferSecondary",
                          value);
    case BOOLEAN:
        cd_pg_parameter_set(p, libpq, on ? "1" : "0");
        return true;
    case SOCKET_TIMEOUT:
        p->socket_timeout_ms = strtoll(value, NULL, 10) * 1000;
        return true;
    case LOGIN_TIMEOUT:
        p->login_timeout_ms = strtoll(value, NULL, 10) * 1000;
        return true;
    case WITHOUT_EFFECT:
        return true;
    }
    return true;
}

static bool set_jdbc(struct cd_pg_parameters *p, const char *name, const char *value,
                     struct cd_error *err)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].jdbc, name) == 0)
            return set_translated(p, names[i].libpq, names[i].how, value, err);
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "connection.url: the parameter '%s' is not known here; remove it if it only "
                      "matters to the Java driver",
                      name);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *decode(const char *text, size_t len)
{
    char *out = cd_sql_new(len + 1);
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' && i + 2 < len && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
            out[used++] = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            out[used++] = text[i] == '+' ? ' ' : text[i]; /* java.net.URLDecoder's rule */
        }
    }
    return out;
}

static bool parse_query(struct cd_pg_parameters *p, const char *text, struct cd_error *err)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "&");
        size_t name_len = strcspn(text, "=&");
        char *name = decode(text, name_len);
        char *value =
            name_len < len ? decode(text + name_len + 1, len - name_len - 1) : cd_sql_new(1);
        bool ok = name_len == 0 || set_jdbc(p, name, value, err);
        free(name);
        free(value);
        if (!ok)
            return false;
        text += len;
        text += *text == '&';
    }
    return true;
}

/* h1:p1,[::1]:p2 into host=h1,::1 port=p1,p2 */
static void parse_hosts(struct cd_pg_parameters *p, const char *text, size_t len)
{
    struct cd_sql_text hosts = {0};
    struct cd_sql_text ports = {0};
    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && text[end] != ',')
            end++;
        size_t host_end = end;
        for (size_t i = end; i > at && text[i - 1] != ']'; i--)
            if (text[i - 1] == ':')
                host_end = i - 1;
        struct cd_slice host = cd_slice_of(text + at, host_end - at);
        if (host.len >= 2 && host.ptr[0] == '[')
            host = cd_slice_of(host.ptr + 1, host.len - 2);
        cd_sql_add(&hosts, hosts.len > 0 ? "," : "");
        cd_sql_add_slice(&hosts, host.len > 0 ? host : cd_slice("localhost"));
        cd_sql_add(&ports, ports.len > 0 ? "," : "");
        if (host_end < end)
            cd_sql_add_slice(&ports, cd_slice_of(text + host_end + 1, end - host_end - 1));
        else
            cd_sql_add(&ports, "5432");
        at = end + 1;
    }
    if (hosts.len == 0) {
        cd_sql_add(&hosts, "localhost");
        cd_sql_add(&ports, "5432");
    }
    set_owned(p, "host", cd_sql_text_steal(&hosts));
    set_owned(p, "port", cd_sql_text_steal(&ports));
}

/* `url` is what follows jdbc:postgresql: */
static bool parse_jdbc(struct cd_pg_parameters *p, const char *url, struct cd_error *err)
{
    const char *question = strchr(url, '?');
    size_t len = question ? (size_t)(question - url) : strlen(url);
    const char *database = url;
    size_t database_len = len;
    if (len >= 2 && url[0] == '/' && url[1] == '/') {
        const char *slash = memchr(url + 2, '/', len - 2);
        size_t hosts_len = slash ? (size_t)(slash - url) - 2 : len - 2;
        if (memchr(url + 2, '@', hosts_len) != NULL)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                              "connection.url: user:password@ is not a JDBC form; use "
                              "connection.user and connection.password, or a postgresql:// URI");
        parse_hosts(p, url + 2, hosts_len);
        database = slash ? slash + 1 : url + len;
        database_len = (size_t)(url + len - database);
    } else {
        parse_hosts(p, "", 0);
        database_len -= len > 0 && url[0] == '/';
        database += len > 0 && url[0] == '/';
    }
    if (database_len > 0)
        set_owned(p, "dbname", decode(database, database_len));
    return question == NULL || parse_query(p, question + 1, err);
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool cd_pg_url_claims(const char *url)
{
    return url != NULL && (starts(url, "jdbc:postgresql:") || starts(url, "postgresql://") ||
                           starts(url, "postgres://"));
}

/* Confluent passes connection.<parameter> on to the driver. */
static bool add_settings(struct cd_pg_parameters *p,
                         const char *(*setting)(void *arg, const char *key), void *arg,
                         struct cd_error *err)
{
    for (size_t i = 0; setting != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        char key[64];
        (void)snprintf(key, sizeof(key), "connection.%s", names[i].jdbc);
        if (strcmp(names[i].jdbc, "user") == 0 || strcmp(names[i].jdbc, "password") == 0)
            continue; /* they are keys of their own */
        const char *value = setting(arg, key);
        if (value != NULL && !set_translated(p, names[i].libpq, names[i].how, value, err))
            return false;
    }
    return true;
}

bool cd_pg_parameters_init(struct cd_pg_parameters *p, const struct cd_sql_connection *connection,
                           const char *(*setting)(void *arg, const char *key), void *arg,
                           struct cd_error *err)
{
    *p = (struct cd_pg_parameters){.login_timeout_ms = 40000};
    if (connection->user != NULL && connection->user[0] != '\0')
        cd_pg_parameter_set(p, "user", connection->user);
    if (connection->password != NULL && connection->password[0] != '\0')
        cd_pg_parameter_set(p, "password", connection->password);
    if (!add_settings(p, setting, arg, err))
        return false;
    const char *url = connection->url;
    if (starts(url, "jdbc:postgresql:"))
        return parse_jdbc(p, url + strlen("jdbc:postgresql:"), err);
    if (starts(url, "postgresql://") || starts(url, "postgres://")) {
        cd_pg_parameter_set(p, "dbname", url); /* libpq expands it, and what it holds wins */
        return true;
    }
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "connection.url is no PostgreSQL URL: expected "
                      "jdbc:postgresql://host:port/database or postgresql://host/database");
}
