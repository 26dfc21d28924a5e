/*
 * What PostgreSQL's errors mean for the caller: the one place that understands SQLSTATE.
 */
#ifndef CD_PG_FAILURE_H
#define CD_PG_FAILURE_H

#include <libpq-fe.h>

#include "connectd/error.h"

/* Code and retriable by SQLSTATE; NULL or "" (no answer at all) is the environment. */
void cd_pg_classify(const char *sqlstate, enum cd_code *ret_code, bool *ret_retriable);

/* Always returns false. `terse` leaves DETAIL and CONTEXT, which may hold values, out. */
CD_PRINTF(4, 5)
bool cd_pg_fail_result(const PGresult *res, bool terse, struct cd_error *err, const char *fmt, ...);
/* The connection is gone or was never there. */
CD_PRINTF(3, 4)
bool cd_pg_fail_connection(PGconn *conn, struct cd_error *err, const char *fmt, ...);
/* "COPY t, line 17, column c": 17; 0: not told. */
uint64_t cd_pg_copy_line(const PGresult *res);

#endif
