/*
 * One SQLite database file: opening by JDBC's URL, and what its result codes mean.
 *
 * Thread: the step that owns it; only interrupt may come from elsewhere.
 */
#ifndef CD_LITE_DB_H
#define CD_LITE_DB_H

#include <sqlite3.h>

#include "connectd/plugin.h"
#include "connectors/sql/source_config.h"
#include "connectors/sql/text.h"

/* How times are stored where the connector decides: the driver's date_class. */
enum cd_lite_dates { CD_LITE_DATES_INTEGER, CD_LITE_DATES_TEXT, CD_LITE_DATES_REAL };

struct cd_lite_db {
    sqlite3 *handle; /* NULL: closed */
    char *path;      /* a path, or a file: URI */
    enum cd_lite_dates dates;
    int64_t busy_ms;       /* how long a lock is waited for */
    int64_t busy_until_ms; /* of the wait at hand; 0: none */
    struct cd_sql_text pragmas;
};

bool cd_lite_url_claims(const char *url);
/* Parses the URL; does not open. */
CD_MUST_CHECK bool cd_lite_db_init(struct cd_lite_db *db, const char *url, struct cd_error *err);
CD_MUST_CHECK bool cd_lite_db_open(struct cd_lite_db *db, bool create, struct cd_error *err);
void cd_lite_db_done(struct cd_lite_db *db);
CD_MUST_CHECK bool cd_lite_db_run(struct cd_lite_db *db, const char *sql, const char *what,
                                  struct cd_error *err);
/* One integer of one row; `fallback` when there is none. */
CD_MUST_CHECK bool cd_lite_db_ask(struct cd_lite_db *db, const char *sql, int64_t fallback,
                                  int64_t *ret, struct cd_error *err);
/* NULL on failure. Finalised by the caller. */
sqlite3_stmt *cd_lite_prepare(struct cd_lite_db *db, const char *sql, bool keep,
                              struct cd_error *err);

/* Always false: the handle's last error, classified. */
CD_PRINTF(4, 5)
bool cd_lite_fail(struct cd_lite_db *db, int rc, struct cd_error *err, const char *fmt, ...);
/* A lock of somebody else's: WAIT for a moment, or FAILED once busy_ms are over. `err` holds the
 * failure already and is reset for WAIT. */
enum cd_step cd_lite_busy(struct cd_lite_db *db, const struct cd_host *host, struct cd_wait *wait,
                          struct cd_error *err);
bool cd_lite_is_busy(int rc);

#endif
