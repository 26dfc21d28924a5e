/* What must hold between the keys of a source, in the order of Confluent's validator. */
#include "connectors/sql/mapping.h"
#include "connectors/sql/pattern.h"
#include "connectors/sql/rules.h"
#include "connectors/sql/source_config.h"

#include <ctype.h>
#include <strings.h>

enum cd_vendor cd_sql_vendor(const struct cd_sql_connection *connection)
{
    if (strcmp(connection->vendor, "aiven") == 0)
        return CD_VENDOR_AIVEN;
    return strcmp(connection->vendor, "native") == 0 ? CD_VENDOR_NATIVE : CD_VENDOR_CONFLUENT;
}

bool cd_sql_quoted(const struct cd_sql_connection *connection)
{
    return connection->quote_aiven && strcasecmp(connection->quote, "never") != 0;
}

bool cd_sql_hybrid_calendar(const struct cd_sql_connection *connection)
{
    return strcmp(connection->calendar, "LEGACY") == 0;
}

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

const char *cd_sql_query(const struct cd_sql_source_config *cfg)
{
    if (given(cfg->query))
        return cfg->query;
    return given(cfg->query_masked) ? cfg->query_masked : NULL;
}

enum cd_mode cd_sql_mode(const struct cd_sql_source_config *cfg)
{
    static const char *const names[] = {
        [CD_MODE_BULK] = "bulk",
        [CD_MODE_INCREMENTING] = "incrementing",
        [CD_MODE_TIMESTAMP] = "timestamp",
        [CD_MODE_TIMESTAMP_INCREMENTING] = "timestamp+incrementing",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(cfg->mode, names[i]) == 0)
            return (enum cd_mode)i;
    return CD_MODE_BULK; /* "" is refused by the rules */
}

struct setting {
    const char *key;
    bool is_set;
};

static bool any(const struct setting *settings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (settings[i].is_set)
            return true;
    return false;
}

static void complain_all(struct cd_verdict *verdict, const struct setting *settings, size_t count,
                         const char *message)
{
    for (size_t i = 0; i < count; i++)
        if (settings[i].is_set)
            cd_sql_complain(verdict, settings[i].key, "%s", message);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check_filters(const struct cd_sql_source_config *cfg, struct cd_verdict *verdict)
{
    const struct setting old_style[] = {
        {"table.whitelist", cfg->whitelist.count > 0},
        {"table.blacklist", cfg->blacklist.count > 0},
        {"incrementing.column.name", given(cfg->incrementing_column)},
        {"timestamp.column.name", cfg->timestamp_columns.count > 0},
    };
    const struct setting new_style[] = {
        {"table.include.list", cfg->include.count > 0},
        {"table.exclude.list", cfg->exclude.count > 0},
        {"timestamp.columns.mapping", cfg->timestamp_mapping.count > 0},
        {"incrementing.column.mapping", cfg->incrementing_mapping.count > 0},
    };
    enum cd_vendor vendor = cd_sql_vendor(&cfg->connection);
    if (any(old_style, COUNT(old_style)) && any(new_style, COUNT(new_style))) {
        static const char mixed[] =
            "table.whitelist, table.blacklist, incrementing.column.name and timestamp.column.name "
            "cannot be combined with table.include.list, table.exclude.list, "
            "timestamp.columns.mapping and incrementing.column.mapping: use one kind";
        complain_all(verdict, old_style, COUNT(old_style), mixed);
        complain_all(verdict, new_style, COUNT(new_style), mixed);
    }
    bool filtered = any(old_style, 2) || any(new_style, 2);
    if (cd_sql_query(cfg) != NULL) {
        if (filtered)
            cd_sql_complain(verdict, given(cfg->query) ? "query" : "query.masked",
                            "Do not specify table filtering configs with 'query': a query reads "
                            "what it names");
        return;
    }
    if (vendor == CD_VENDOR_CONFLUENT && !filtered)
        cd_sql_complain(verdict, "table.whitelist",
                        "At least one table filter or a query is required: set table.whitelist, "
                        "table.blacklist, table.include.list or query");
    if (vendor == CD_VENDOR_AIVEN && cfg->whitelist.count > 0 && cfg->blacklist.count > 0)
        cd_sql_complain(verdict, "table.blacklist",
                        "table.whitelist and table.blacklist are exclusive: remove one");
    if (cfg->exclude.count > 0 && cfg->include.count == 0)
        cd_sql_complain(verdict, "table.exclude.list",
                        "table.exclude.list needs table.include.list, from which it excludes");
}

static void check_query(const struct cd_sql_source_config *cfg, struct cd_verdict *verdict)
{
    const char *query = cd_sql_query(cfg);
    if (given(cfg->query) && given(cfg->query_masked))
        cd_sql_complain(verdict, "query.masked", "query and query.masked are exclusive: keep one");
    if (query == NULL)
        return;
    const char *key = given(cfg->query) ? "query" : "query.masked";
    while (isspace((unsigned char)*query))
        query++;
    if (cd_sql_vendor(&cfg->connection) == CD_VENDOR_CONFLUENT &&
        strncasecmp(query, "SELECT", 6) != 0)
        cd_sql_complain(verdict, key,
                        "Only SELECT queries are supported; wrap WITH as SELECT * FROM (WITH ...)");
    if (cd_mode_has_incrementing(cd_sql_mode(cfg)) && !given(cfg->incrementing_column))
        cd_sql_complain(verdict, "incrementing.column.name",
                        "a query has no incrementing column of its own: name one");
}

static void check_columns(const struct cd_sql_source_config *cfg, struct cd_verdict *verdict)
{
    enum cd_mode mode = cd_sql_mode(cfg);
    bool with_time = cd_mode_has_timestamp(mode);
    bool with_id = cd_mode_has_incrementing(mode);
    if (cfg->include.count > 0) {
        if (with_time != (cfg->timestamp_mapping.count > 0))
            cd_sql_complain(verdict, "timestamp.columns.mapping",
                            "with table.include.list the modes with a timestamp need it and the "
                            "others forbid it; mode is %s",
                            cfg->mode);
        if (with_id != (cfg->incrementing_mapping.count > 0))
            cd_sql_complain(verdict, "incrementing.column.mapping",
                            "with table.include.list the modes with an incrementing column need it "
                            "and the others forbid it; mode is %s",
                            cfg->mode);
    } else if (with_time && cfg->timestamp_columns.count == 0) {
        cd_sql_complain(verdict, "timestamp.column.name", "mode %s needs a timestamp column",
                        cfg->mode);
    }
    if (with_id && !cfg->names_qualify && !given(cfg->incrementing_column))
        cd_sql_complain(verdict, "incrementing.column.name",
                        "table.names.qualify=false needs the name of the incrementing column");
}

static void check_mappings(const struct cd_sql_source_config *cfg, struct cd_verdict *verdict)
{
    const struct {
        const char *key;
        struct cd_strings entries;
        bool brackets;
    } maps[] = {
        {"timestamp.columns.mapping", cfg->timestamp_mapping, true},
        {"incrementing.column.mapping", cfg->incrementing_mapping, false},
    };
    for (size_t i = 0; i < COUNT(maps); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_column_mapping *mapping =
            cd_column_mapping_new(maps[i].key, maps[i].entries, maps[i].brackets, &err);
        if (mapping == NULL)
            cd_sql_complain(verdict, maps[i].key, "%s", err.msg);
        cd_column_mapping_free(mapping);
    }
}

static void check_patterns(const struct cd_sql_source_config *cfg, struct cd_verdict *verdict)
{
    const struct {
        const char *key;
        struct cd_strings texts;
    } lists[] = {{"table.include.list", cfg->include}, {"table.exclude.list", cfg->exclude}};
    for (size_t i = 0; i < COUNT(lists); i++)
        for (size_t j = 0; j < lists[i].texts.count; j++) {
            struct cd_error err = CD_ERROR_INIT;
            struct cd_pattern *pattern =
                cd_pattern_new(lists[i].key, lists[i].texts.items[j], &err);
            if (pattern == NULL)
                cd_sql_complain(verdict, lists[i].key, "%s; a comma ends a pattern", err.msg);
            cd_pattern_free(pattern);
        }
}

void cd_sql_source_validate(const struct cd_sql_source_config *cfg, struct cd_verdict *verdict)
{
    if (!given(cfg->mode))
        cd_sql_complain(verdict, "mode",
                        "a mode is needed, or nothing would be read: one of bulk, timestamp, "
                        "incrementing, timestamp+incrementing");
    if (!given(cfg->connection.url))
        cd_sql_complain(verdict, "connection.url",
                        "a URL is needed, such as jdbc:postgresql://localhost:5432/db");
    if (strcmp(cfg->isolation, "SQL_SERVER_SNAPSHOT") == 0)
        cd_sql_complain(verdict, "transaction.isolation.mode",
                        "Isolation mode of `SQL_SERVER_SNAPSHOT` can only be configured with a SQL "
                        "Server");
    check_filters(cfg, verdict);
    check_query(cfg, verdict);
    check_columns(cfg, verdict);
    check_mappings(cfg, verdict);
    check_patterns(cfg, verdict);
}
