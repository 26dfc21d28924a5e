#include "connectors/sql/key_checks.h"

#include "connectors/sql/zone.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool invalid(const struct cd_key *key, const char *value, struct cd_error *err,
                    const char *why)
{
    (void)key; /* the descriptor engine puts key and value in front */
    (void)value;
    return cd_fail(err, CD_ERR_CONFIG, "%s", why);
}

bool cd_sql_check_timezone(const struct cd_key *key, const char *value, struct cd_error *err)
{
    struct cd_error inner = CD_ERROR_INIT;
    struct cd_zone *zone = value == NULL ? NULL : cd_zone_open(value, &inner);
    if (zone == NULL && value != NULL)
        return invalid(key, value, err, "Invalid time zone identifier");
    cd_zone_free(zone);
    return true;
}

/* Java's EnumValidator knows the lower and the upper case of a name, no mixture. */
static bool same_in_one_case(const char *choice, const char *value)
{
    bool lower = true;
    bool upper = true;
    if (strcasecmp(choice, value) != 0)
        return false;
    for (const char *p = value; *p != '\0'; p++) {
        upper &= !islower((unsigned char)*p);
        lower &= !isupper((unsigned char)*p);
    }
    return lower || upper;
}

bool cd_sql_check_one_case(const char *const *choices, const struct cd_key *key, const char *value,
                           struct cd_error *err)
{
    char list[256] = "";
    if (value == NULL)
        return true;
    for (size_t i = 0; choices[i] != NULL; i++) {
        if (same_in_one_case(choices[i], value))
            return true;
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "", choices[i]);
    }
    (void)key;
    return cd_fail(err, CD_ERR_CONFIG,
                   "Invalid enumerator: must be one of [%s], all lower or all upper case", list);
}

bool cd_sql_check_credentials(const struct cd_key *key, const char *value, struct cd_error *err)
{
    static const char *const known[] = {
        "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider",
        "DefaultJdbcCredentialsProvider",
    };
    if (value == NULL || value[0] == '\0')
        return true;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(value, known[i]) == 0)
            return true;
    return invalid(key, value, err,
                   "a Java class cannot be loaded here; only the default provider, which reads "
                   "connection.user and connection.password, exists");
}

bool cd_sql_check_topic_prefix(const struct cd_key *key, const char *value, struct cd_error *err)
{
    if (value == NULL)
        return true;
    while (*value == ' ' || *value == '\t')
        value++;
    size_t len = strlen(value);
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
        len--;
    bool legal = len <= 249;
    for (size_t i = 0; i < len && legal; i++)
        legal = isalnum((unsigned char)value[i]) || strchr("._-", value[i]) != NULL;
    return legal ||
           invalid(key, value, err,
                   "at most 249 characters, and only letters, digits, '.', '_' and '-' are legal "
                   "in a topic");
}

bool cd_sql_check_dialect(const struct cd_key *key, const char *value, struct cd_error *err)
{
    static const char *const known[] = {
        "Db2DatabaseDialect",     "DerbyDatabaseDialect",     "GenericDatabaseDialect",
        "MySqlDatabaseDialect",   "OracleDatabaseDialect",    "PostgreSqlDatabaseDialect",
        "SapHanaDatabaseDialect", "SqlServerDatabaseDialect", "SqliteDatabaseDialect",
        "SybaseDatabaseDialect",  "VerticaDatabaseDialect",
    };
    if (value == NULL || value[0] == '\0')
        return true;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(value, known[i]) == 0)
            return true;
    return invalid(key, value, err, "not the name of a dialect, such as PostgreSqlDatabaseDialect");
}
