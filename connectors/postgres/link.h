/*
 * One connection to a PostgreSQL server, driven without blocking: every call that may wait is a
 * step and names the socket it waits for.
 *
 * Thread: the step that owns it. `run` is resumable: the same call until it answers DONE or FAILED.
 */
#ifndef CD_PG_LINK_H
#define CD_PG_LINK_H

#include <libpq-fe.h>

#include "connectd/plugin.h"
#include "connectors/postgres/url.h"

enum cd_pg_link_state {
    CD_PG_CLOSED,
    CD_PG_CONNECTING,
    CD_PG_PREPARING, /* session settings */
    CD_PG_READY,
};

struct cd_pg_link {
    const struct cd_host *host;
    struct cd_handle *handle;
    enum cd_pg_link_state state;
    PGconn *conn;
    struct cd_pg_parameters parameters;
    char *session_sql;   /* sent after connecting */
    int64_t deadline_ms; /* of connecting */
    bool sent;           /* a statement is under way */
    PGresult *result;    /* the last one of it */
    bool terse;          /* leave values out of errors */
};

/* `extra_sql` (may be NULL) joins the session settings. */
CD_MUST_CHECK bool cd_pg_link_init(struct cd_pg_link *link, const struct cd_host *host,
                                   struct cd_handle *handle,
                                   const struct cd_sql_connection *connection,
                                   const char *extra_sql, struct cd_error *err);
/* Cancels what runs at the server. */
void cd_pg_link_done(struct cd_pg_link *link);
/* Drops the connection; the next ready connects anew. */
void cd_pg_link_drop(struct cd_pg_link *link);

/* Connects if needed. */
enum cd_step cd_pg_link_ready(struct cd_pg_link *link, struct cd_wait *wait, struct cd_error *err);
/* Starts a statement; results are fetched by next. */
CD_MUST_CHECK bool cd_pg_link_send(struct cd_pg_link *link, const char *sql, struct cd_error *err);
/* DONE with the next result (cleared by the caller), NULL at the end. Results of errors are
 * returned like others. */
enum cd_step cd_pg_link_next(struct cd_pg_link *link, PGresult **ret, struct cd_wait *wait,
                             struct cd_error *err);
/* Sends (at the first call) and waits for the end: DONE with the last result, which the caller
 * clears; an error of the server is FAILED, with `what` in front. */
enum cd_step cd_pg_link_run(struct cd_pg_link *link, const char *sql, const char *what,
                            PGresult **ret, struct cd_wait *wait, struct cd_error *err);
/* The same, for jobs that may block until `deadline_ms`: connects, runs, returns. NULL on failure.
 */
PGresult *cd_pg_link_query(struct cd_pg_link *link, const char *sql, const char *what,
                           int64_t deadline_ms, struct cd_error *err);
/* WAIT for the socket: to be readable, and writable while output is left. */
enum cd_step cd_pg_link_wait(struct cd_pg_link *link, struct cd_wait *wait, struct cd_error *err);
/* Is the connection beyond use? */
bool cd_pg_link_broken(const struct cd_pg_link *link);

#endif
