#include "connectors/sql/rules.h"

#include "connectors/sql/sink_config.h"

void cd_sql_complain(struct cd_verdict *verdict, const char *key, const char *fmt, ...)
{
    char message[1000];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args); /* a cut message is still a message */
    va_end(args);
    verdict->error(verdict, key, message);
}

static void keep_first(struct cd_verdict *verdict, const char *key, const char *message)
{
    struct cd_first_error *first = (struct cd_first_error *)verdict;
    (void)cd_fail_as(first->err, CD_ERR_CONFIG, "ConnectException", "%s: %s", key, message);
}

static void ignore(struct cd_verdict *verdict, const char *key, const char *value)
{
    (void)verdict;
    (void)key;
    (void)value;
}

struct cd_first_error cd_first_error(struct cd_error *err)
{
    return (struct cd_first_error){{.error = keep_first, .recommend = ignore}, err};
}

bool cd_sql_sink_check(const struct cd_sql_sink_config *cfg, struct cd_error *err)
{
    struct cd_first_error first = cd_first_error(err);
    cd_sql_sink_validate(cfg, &first.base);
    return err->code == CD_OK;
}

bool cd_sql_source_check(const struct cd_sql_source_config *cfg, struct cd_error *err)
{
    struct cd_first_error first = cd_first_error(err);
    cd_sql_source_validate(cfg, &first.base);
    return err->code == CD_OK;
}
