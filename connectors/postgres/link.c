#include "connectors/postgres/link.h"

#include "connectors/postgres/failure.h"

#include <poll.h>
#include <stdlib.h>

/* Results must not depend on the role's or the database's settings. */
static const char session[] =
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; "
    "SET extra_float_digits = 3; SET standard_conforming_strings = on; "
    "SET bytea_output = 'hex'; SET client_min_messages = warning;";

struct setting_lookup {
    const struct cd_host *host;
    struct cd_handle *handle;
};

static const char *look_up_setting(void *arg, const char *key)
{
    const struct setting_lookup *lookup = arg;
    return lookup->host->setting(lookup->handle, key);
}

static void on_notice(void *arg, const char *message)
{
    struct cd_pg_link *link = arg;
    if (link->host->log_enabled(link->handle, CD_LOG_DEBUG))
        link->host->log(link->handle, CD_LOG_DEBUG, "notice from the server: %s", message);
}

static void set_default(struct cd_pg_parameters *p, const char *name, const char *value)
{
    if (cd_pg_parameter(p, name) == NULL)
        cd_pg_parameter_set(p, name, value);
}

/* Defaults come first in the list: what a URI holds wins over them. */
static void set_defaults(struct cd_pg_link *link)
{
    struct cd_pg_parameters *p = &link->parameters;
    char name[64];
    int32_t task = link->host->task_id(link->handle);
    if (task >= 0)
        (void)snprintf(name, sizeof(name), "connectd %s-%d", link->host->name(link->handle), task);
    else
        (void)snprintf(name, sizeof(name), "connectd %s", link->host->name(link->handle));
    set_default(p, "application_name", name);
    set_default(p, "client_encoding", "UTF8");
    /* A peer that vanished is noticed within about a minute; libpq itself would wait for hours. */
    set_default(p, "keepalives_idle", "30");
    set_default(p, "keepalives_interval", "10");
    set_default(p, "keepalives_count", "3");
    set_default(p, "tcp_user_timeout", "60000");
}

/* PQconnectStartParams lets later entries win, so the URI goes to the end. */
static void move_uri_last(struct cd_pg_parameters *p)
{
    for (size_t i = 0; i + 1 < p->count; i++) {
        if (strcmp(p->names[i], "dbname") != 0)
            continue;
        char *name = p->names[i];
        char *value = p->values[i];
        p->names[i] = p->names[p->count - 1];
        p->values[i] = p->values[p->count - 1];
        p->names[p->count - 1] = name;
        p->values[p->count - 1] = value;
        return;
    }
}

bool cd_pg_link_init(struct cd_pg_link *link, const struct cd_host *host, struct cd_handle *handle,
                     const struct cd_sql_connection *connection, const char *extra_sql,
                     struct cd_error *err)
{
    *link = (struct cd_pg_link){.host = host, .handle = handle};
    struct setting_lookup lookup = {host, handle};
    if (!cd_pg_parameters_init(&link->parameters, connection, look_up_setting, &lookup, err))
        return false;
    set_defaults(link);
    move_uri_last(&link->parameters);
    struct cd_sql_text sql = {0};
    cd_sql_add(&sql, session);
    cd_sql_add(&sql, extra_sql ? extra_sql : "");
    link->session_sql = cd_sql_text_steal(&sql);
    return true;
}

void cd_pg_link_drop(struct cd_pg_link *link)
{
    PQclear(link->result);
    link->result = NULL;
    PQfinish(link->conn);
    link->conn = NULL;
    link->sent = false;
    link->state = CD_PG_CLOSED;
}

/* Without this a long statement would go on at the server until it next wrote to us. */
static void cancel_running(struct cd_pg_link *link)
{
    if (link->state != CD_PG_READY || PQtransactionStatus(link->conn) != PQTRANS_ACTIVE)
        return;
    PGcancel *cancel = PQgetCancel(link->conn);
    char reason[256];
    if (cancel != NULL)
        (void)PQcancel(cancel, reason, sizeof(reason)); /* we leave either way */
    PQfreeCancel(cancel);
}

void cd_pg_link_done(struct cd_pg_link *link)
{
    if (link->conn != NULL)
        cancel_running(link);
    cd_pg_link_drop(link);
    cd_pg_parameters_done(&link->parameters);
    free(link->session_sql);
    link->session_sql = NULL;
}

bool cd_pg_link_broken(const struct cd_pg_link *link)
{
    return link->conn == NULL || PQstatus(link->conn) == CONNECTION_BAD;
}

/* ---- connecting ---- */

static enum cd_step start_connecting(struct cd_pg_link *link, struct cd_error *err)
{
    link->conn = PQconnectStartParams((const char *const *)link->parameters.names,
                                      (const char *const *)link->parameters.values,
                                      /* expand_dbname = */ 1);
    if (link->conn == NULL || PQstatus(link->conn) == CONNECTION_BAD) {
        (void)cd_pg_fail_connection(link->conn, err, "connecting to PostgreSQL");
        cd_pg_link_drop(link);
        return CD_STEP_FAILED;
    }
    PQsetNoticeProcessor(link->conn, on_notice, link);
    link->deadline_ms = link->host->monotonic_ms() + link->parameters.login_timeout_ms;
    link->state = CD_PG_CONNECTING;
    return CD_STEP_AGAIN;
}

/* A refused login has no SQLSTATE in libpq; its text is all there is. */
static void refine_refusal(struct cd_error *err)
{
    static const struct {
        const char *text;
        const char *sqlstate;
    } refusals[] = {
        {"password authentication failed", "28P01"},
        {"no pg_hba.conf entry", "28000"},
        {"does not exist", "3D000"},
        {"too many clients", "53300"},
        {"too many connections", "53300"},
        {"is starting up", "57P03"},
        {"is shutting down", "57P01"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        if (strstr(err->msg, refusals[i].text) != NULL)
            (void)snprintf(err->native, sizeof(err->native), "%s", refusals[i].sqlstate);
}

static enum cd_step refused(struct cd_pg_link *link, struct cd_error *err)
{
    (void)cd_pg_fail_connection(link->conn, err, "connecting to PostgreSQL");
    refine_refusal(err);
    cd_pg_link_drop(link);
    return CD_STEP_FAILED;
}

static enum cd_step go_on_connecting(struct cd_pg_link *link, struct cd_wait *wait,
                                     struct cd_error *err)
{
    PostgresPollingStatusType status = PQconnectPoll(link->conn);
    if (status == PGRES_POLLING_FAILED)
        return refused(link, err);
    if (status == PGRES_POLLING_OK) {
        if (PQsetnonblocking(link->conn, 1) != 0)
            return refused(link, err);
        link->state = CD_PG_PREPARING;
        return CD_STEP_AGAIN;
    }
    if (link->host->monotonic_ms() >= link->deadline_ms) {
        (void)cd_fail_as(err, CD_ERR_TIMEOUT, "08001",
                         "connecting to PostgreSQL: no answer within %lld ms",
                         (long long)link->parameters.login_timeout_ms);
        err->retriable = true;
        cd_pg_link_drop(link);
        return CD_STEP_FAILED;
    }
    short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    return cd_wait_fd(wait, PQsocket(link->conn), events, link->deadline_ms);
}

static enum cd_step prepare_session(struct cd_pg_link *link, struct cd_wait *wait,
                                    struct cd_error *err)
{
    PGresult *res = NULL;
    enum cd_step step =
        cd_pg_link_run(link, link->session_sql, "setting up the session", &res, wait, err);
    PQclear(res);
    if (step == CD_STEP_FAILED)
        cd_pg_link_drop(link);
    if (step == CD_STEP_DONE)
        link->state = CD_PG_READY;
    return step;
}

enum cd_step cd_pg_link_ready(struct cd_pg_link *link, struct cd_wait *wait, struct cd_error *err)
{
    enum cd_step step = CD_STEP_AGAIN;
    if (link->state == CD_PG_READY && cd_pg_link_broken(link))
        cd_pg_link_drop(link);
    while (step == CD_STEP_AGAIN && link->state != CD_PG_READY) {
        switch (link->state) {
        case CD_PG_CLOSED:
            step = start_connecting(link, err);
            break;
        case CD_PG_CONNECTING:
            step = go_on_connecting(link, wait, err);
            break;
        case CD_PG_PREPARING:
            step = prepare_session(link, wait, err);
            break;
        case CD_PG_READY:
            break;
        }
    }
    return link->state == CD_PG_READY ? CD_STEP_DONE : step;
}

/* ---- statements ---- */

bool cd_pg_link_send(struct cd_pg_link *link, const char *sql, struct cd_error *err)
{
    if (PQsendQuery(link->conn, sql) != 1)
        return cd_pg_fail_connection(link->conn, err, "sending a statement");
    link->sent = true;
    return true;
}

enum cd_step cd_pg_link_wait(struct cd_pg_link *link, struct cd_wait *wait, struct cd_error *err)
{
    int left = PQflush(link->conn);
    if (left < 0) {
        (void)cd_pg_fail_connection(link->conn, err, "sending to PostgreSQL");
        return CD_STEP_FAILED;
    }
    int64_t limit = link->parameters.socket_timeout_ms;
    int64_t until = limit > 0 ? link->host->monotonic_ms() + limit : INT64_MAX;
    short events = (short)(left > 0 ? POLLIN | POLLOUT : POLLIN);
    return cd_wait_fd(wait, PQsocket(link->conn), events, until);
}

enum cd_step cd_pg_link_next(struct cd_pg_link *link, PGresult **ret, struct cd_wait *wait,
                             struct cd_error *err)
{
    if (PQisBusy(link->conn)) {
        if (PQconsumeInput(link->conn) != 1) {
            (void)cd_pg_fail_connection(link->conn, err, "reading from PostgreSQL");
            return CD_STEP_FAILED;
        }
        if (PQisBusy(link->conn))
            return cd_pg_link_wait(link, wait, err);
    }
    *ret = PQgetResult(link->conn);
    if (*ret == NULL)
        link->sent = false;
    return CD_STEP_DONE;
}

static bool is_error(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ||
           status == PGRES_NONFATAL_ERROR;
}

/* The statement is over: its last result, or its first error. */
static enum cd_step finish_run(struct cd_pg_link *link, const char *what, PGresult **ret,
                               struct cd_error *err)
{
    PGresult *res = link->result;
    link->result = NULL;
    if (res != NULL && !is_error(res)) {
        *ret = res;
        return CD_STEP_DONE;
    }
    if (PQresultErrorField(res, PG_DIAG_SQLSTATE) != NULL)
        (void)cd_pg_fail_result(res, link->terse, err, "%s", what);
    (void)cd_pg_fail_connection(link->conn, err, "%s", what); /* no answer at all */
    PQclear(res);
    return CD_STEP_FAILED;
}

enum cd_step cd_pg_link_run(struct cd_pg_link *link, const char *sql, const char *what,
                            PGresult **ret, struct cd_wait *wait, struct cd_error *err)
{
    if (!link->sent && !cd_pg_link_send(link, sql, err))
        return CD_STEP_FAILED;
    for (;;) {
        PGresult *res = NULL;
        enum cd_step step = cd_pg_link_next(link, &res, wait, err);
        if (step != CD_STEP_DONE)
            return step;
        if (res == NULL)
            return finish_run(link, what, ret, err);
        if (link->result != NULL && is_error(link->result)) {
            PQclear(res);
            continue;
        }
        PQclear(link->result);
        link->result = res;
    }
}

/* ---- jobs ---- */

static bool block(const struct cd_wait *wait, int64_t now_ms, int64_t deadline_ms,
                  struct cd_error *err)
{
    int64_t until = wait->until_ms < deadline_ms ? wait->until_ms : deadline_ms;
    if (now_ms >= deadline_ms) {
        err->retriable = true;
        return cd_fail_as(err, CD_ERR_TIMEOUT, "57014", "no answer from PostgreSQL in time");
    }
    int64_t left = until - now_ms;
    struct pollfd fd = {.fd = wait->fd, .events = wait->events};
    (void)poll(&fd, wait->fd < 0 ? 0 : 1,
               left > 60000 ? 60000 : (int)(left < 0 ? 0 : left)); /* early is harmless */
    return true;
}

PGresult *cd_pg_link_query(struct cd_pg_link *link, const char *sql, const char *what,
                           int64_t deadline_ms, struct cd_error *err)
{
    for (;;) {
        PGresult *res = NULL;
        struct cd_wait wait = {-1, 0, INT64_MAX};
        enum cd_step step = cd_pg_link_ready(link, &wait, err);
        if (step == CD_STEP_DONE)
            step = cd_pg_link_run(link, sql, what, &res, &wait, err);
        if (step == CD_STEP_DONE)
            return res;
        if (step == CD_STEP_FAILED ||
            (step == CD_STEP_WAIT && !block(&wait, link->host->monotonic_ms(), deadline_ms, err)))
            return NULL;
    }
}
