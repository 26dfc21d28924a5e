#include "connectors/postgres/failure.h"

#include <stdlib.h>

/* The longest prefix decides; classes of two letters, exceptions of five. */
static const struct {
    const char *prefix;
    enum cd_code code;
    bool retriable;
} meanings[] = {
    {"08", CD_ERR_REMOTE, true},   /* connection */
    {"0A", CD_ERR_CONFIG, false},  /* feature not supported */
    {"21", CD_ERR_DATA, false},    /* cardinality */
    {"22", CD_ERR_DATA, false},    /* values */
    {"23", CD_ERR_DATA, false},    /* constraints */
    {"25", CD_ERR_REMOTE, true},   /* transaction state, above all 25006: a read-only standby */
    {"28", CD_ERR_REMOTE, true},   /* authentication: passwords get rotated */
    {"40", CD_ERR_REMOTE, true},   /* rollback: serialisation, deadlock */
    {"42", CD_ERR_CONFIG, false},  /* names, rights, syntax */
    {"42804", CD_ERR_DATA, false}, /* a value of the wrong type */
    {"53", CD_ERR_REMOTE, true},   /* out of memory, disk, connections */
    {"54", CD_ERR_DATA, false},    /* a program limit: too large a row or too many columns */
    {"55", CD_ERR_REMOTE, true},   /* object in use, lock not available */
    {"57", CD_ERR_REMOTE, true},   /* shutdown, cancelled, time-out */
    {"58", CD_ERR_REMOTE, true},   /* input and output */
    {"72", CD_ERR_REMOTE, true},   /* snapshot too old */
    {"3D", CD_ERR_CONFIG, false},  /* no such database */
    {"3F", CD_ERR_CONFIG, false},  /* no such schema */
    {"P0", CD_ERR_DATA, false},    /* raised by a trigger */
    {"44", CD_ERR_DATA, false},    /* a view's check option */
    {"F0", CD_ERR_CONFIG, false},  /* the server's configuration file */
    {"XX", CD_ERR_REMOTE, false},  /* the server's own bugs and broken files */
};

void cd_pg_classify(const char *sqlstate, enum cd_code *ret_code, bool *ret_retriable)
{
    size_t best = 0;
    *ret_code = CD_ERR_REMOTE;
    *ret_retriable = true;
    for (size_t i = 0; sqlstate != NULL && i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        size_t len = strlen(meanings[i].prefix);
        if (len <= best || strncmp(sqlstate, meanings[i].prefix, len) != 0)
            continue;
        best = len;
        *ret_code = meanings[i].code;
        *ret_retriable = meanings[i].retriable;
    }
}

static void trim(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
        text[--len] = '\0';
}

uint64_t cd_pg_copy_line(const PGresult *res)
{
    const char *context = PQresultErrorField(res, PG_DIAG_CONTEXT);
    const char *line = context == NULL ? NULL : strstr(context, ", line ");
    if (line == NULL || strncmp(context, "COPY ", 5) != 0)
        return 0;
    return strtoull(line + strlen(", line "), NULL, 10);
}

bool cd_pg_fail_result(const PGresult *res, bool terse, struct cd_error *err, const char *fmt, ...)
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = terse ? NULL : PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    const char *context = terse ? NULL : PQresultErrorField(res, PG_DIAG_CONTEXT);
    if (err->code != CD_OK)
        return false;
    char where[300] = "";
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(where, sizeof(where), fmt, args); /* a cut message is still a message */
    va_end(args);
    enum cd_code code;
    bool retriable;
    cd_pg_classify(state, &code, &retriable);
    (void)cd_fail_as(err, code, state ? state : "", "%s: %s%s%s%s%s%s", where,
                     primary ? primary : PQresultErrorMessage(res), detail ? " (" : "",
                     detail ? detail : "", detail ? ")" : "", context ? "; " : "",
                     context ? context : "");
    trim(err->msg);
    err->retriable = retriable;
    return false;
}

bool cd_pg_fail_connection(PGconn *conn, struct cd_error *err, const char *fmt, ...)
{
    if (err->code != CD_OK)
        return false;
    char where[300] = "";
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(where, sizeof(where), fmt, args); /* a cut message is still a message */
    va_end(args);
    (void)cd_fail_as(err, CD_ERR_REMOTE, "08006", "%s: %s", where,
                     conn == NULL ? "out of memory" : PQerrorMessage(conn));
    trim(err->msg);
    err->retriable = true;
    return false;
}
