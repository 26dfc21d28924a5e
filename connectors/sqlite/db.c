#include "connectors/sqlite/db.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

enum { BUSY_STEP_MS = 5, DRIVER_BUSY_MS = 3000 };

/* The longest match of primary and extended codes decides. */
static const struct {
    int code;
    const char *name;
    enum cd_code meaning;
    bool retriable;
} meanings[] = {
    {SQLITE_ERROR, "SQLITE_ERROR", CD_ERR_CONFIG, false}, /* SQL: names, syntax */
    {SQLITE_INTERNAL, "SQLITE_INTERNAL", CD_ERR_BUG, false},
    {SQLITE_PERM, "SQLITE_PERM", CD_ERR_CONFIG, false},
    {SQLITE_ABORT, "SQLITE_ABORT", CD_ERR_REMOTE, true},
    {SQLITE_BUSY, "SQLITE_BUSY", CD_ERR_REMOTE, true},
    {SQLITE_LOCKED, "SQLITE_LOCKED", CD_ERR_REMOTE, true},
    {SQLITE_NOMEM, "SQLITE_NOMEM", CD_ERR_REMOTE, true},
    {SQLITE_READONLY, "SQLITE_READONLY", CD_ERR_REMOTE, true},
    {SQLITE_INTERRUPT, "SQLITE_INTERRUPT", CD_ERR_REMOTE, true},
    {SQLITE_IOERR, "SQLITE_IOERR", CD_ERR_REMOTE, true},
    {SQLITE_CORRUPT, "SQLITE_CORRUPT", CD_ERR_CONFIG, false},
    {SQLITE_FULL, "SQLITE_FULL", CD_ERR_REMOTE, true},
    {SQLITE_CANTOPEN, "SQLITE_CANTOPEN", CD_ERR_REMOTE, true},
    {SQLITE_PROTOCOL, "SQLITE_PROTOCOL", CD_ERR_REMOTE, true},
    {SQLITE_SCHEMA, "SQLITE_SCHEMA", CD_ERR_REMOTE, true},
    {SQLITE_TOOBIG, "SQLITE_TOOBIG", CD_ERR_DATA, false},
    {SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT", CD_ERR_DATA, false},
    {SQLITE_MISMATCH, "SQLITE_MISMATCH", CD_ERR_DATA, false},
    {SQLITE_MISUSE, "SQLITE_MISUSE", CD_ERR_BUG, false},
    {SQLITE_AUTH, "SQLITE_AUTH", CD_ERR_CONFIG, false},
    {SQLITE_RANGE, "SQLITE_RANGE", CD_ERR_BUG, false},
    {SQLITE_NOTADB, "SQLITE_NOTADB", CD_ERR_CONFIG, false},
};

bool cd_lite_is_busy(int rc)
{
    return (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
}

bool cd_lite_fail(struct cd_lite_db *db, int rc, struct cd_error *err, const char *fmt, ...)
{
    char where[300] = "";
    if (err->code != CD_OK)
        return false;
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(where, sizeof(where), fmt, args); /* a cut message is still a message */
    va_end(args);
    enum cd_code code = CD_ERR_REMOTE;
    bool retriable = false;
    const char *name = "SQLITE";
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (meanings[i].code != (rc & 0xff))
            continue;
        code = meanings[i].meaning;
        retriable = meanings[i].retriable;
        name = meanings[i].name;
    }
    const char *text = db->handle != NULL ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);
    (void)cd_fail_as(err, code, name, "%s: %s", where, text);
    err->retriable = retriable;
    return false;
}

enum cd_step cd_lite_busy(struct cd_lite_db *db, const struct cd_host *host, struct cd_wait *wait,
                          struct cd_error *err)
{
    int64_t now = host->monotonic_ms();
    if (db->busy_until_ms == 0)
        db->busy_until_ms = now + db->busy_ms;
    if (now >= db->busy_until_ms) {
        db->busy_until_ms = 0;
        return CD_STEP_FAILED;
    }
    cd_error_reset(err);
    return cd_wait_until(wait, now + BUSY_STEP_MS);
}

/* ---- the URL ---- */

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool cd_lite_url_claims(const char *url)
{
    return url != NULL && starts(url, "jdbc:sqlite:");
}

static bool is_word(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && strchr("_.-", text[i]) == NULL)
            return false;
    return len > 0;
}

static bool set_dates(struct cd_lite_db *db, const char *value, size_t len, struct cd_error *err)
{
    static const char *const names[] = {"integer", "text", "real"};
    for (size_t i = 0; i < 3; i++) {
        if (strlen(names[i]) == len && strncasecmp(names[i], value, len) == 0) {
            db->dates = (enum cd_lite_dates)i;
            return true;
        }
    }
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "connection.url: date_class is INTEGER, TEXT or REAL");
}

static bool set_parameter(struct cd_lite_db *db, const char *text, size_t len, struct cd_error *err)
{
    /* Pragmas that change what is stored or how safely; the driver knows them as parameters. */
    static const char *const pragmas[] = {"journal_mode", "foreign_keys", "synchronous",
                                          "cache_size",   "locking_mode", "recursive_triggers",
                                          "temp_store",   "mmap_size"};
    const char *equals = memchr(text, '=', len);
    if (equals == NULL)
        return true;
    size_t name_len = (size_t)(equals - text);
    const char *value = equals + 1;
    size_t value_len = len - name_len - 1;
    if (name_len == 10 && strncmp(text, "date_class", 10) == 0)
        return set_dates(db, value, value_len, err);
    if (name_len == 12 && strncmp(text, "busy_timeout", 12) == 0) {
        db->busy_ms = strtoll(value, NULL, 10);
        return true;
    }
    for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
        if (strlen(pragmas[i]) != name_len || strncmp(pragmas[i], text, name_len) != 0)
            continue;
        if (!is_word(value, value_len))
            break;
        cd_sql_addf(&db->pragmas, "PRAGMA %s=%.*s;", pragmas[i], (int)value_len, value);
        return true;
    }
    return true; /* of the driver's inside, such as date_precision */
}

bool cd_lite_db_init(struct cd_lite_db *db, const char *url, struct cd_error *err)
{
    *db = (struct cd_lite_db){.busy_ms = DRIVER_BUSY_MS};
    const char *path = starts(url, "jdbc:sqlite:") ? url + strlen("jdbc:sqlite:") : url;
    size_t len = strlen(path);
    const char *question = starts(path, "file:") ? NULL : strchr(path, '?');
    if (question != NULL) {
        len = (size_t)(question - path);
        for (const char *at = question + 1; *at != '\0';) {
            size_t part = strcspn(at, "&");
            if (!set_parameter(db, at, part, err))
                return false;
            at += part + (at[part] == '&');
        }
    }
    db->path = len == 0 ? cd_sql_dup(cd_slice(":memory:")) : cd_sql_dup(cd_slice_of(path, len));
    return true;
}

bool cd_lite_db_open(struct cd_lite_db *db, bool create, struct cd_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                (create ? SQLITE_OPEN_CREATE : 0);
    int rc = sqlite3_open_v2(db->path, &db->handle, flags, NULL);
    if (rc != SQLITE_OK) {
        (void)cd_lite_fail(db, rc, err, "opening the database '%s'", db->path);
        sqlite3_close_v2(db->handle);
        db->handle = NULL;
        return false;
    }
    (void)sqlite3_extended_result_codes(db->handle, 1); /* cannot fail on an open handle */
    return db->pragmas.len == 0 ||
           cd_lite_db_run(db, cd_sql_text_get(&db->pragmas), "setting pragmas of the URL", err);
}

void cd_lite_db_done(struct cd_lite_db *db)
{
    sqlite3_close_v2(db->handle);
    free(db->path);
    cd_sql_text_done(&db->pragmas);
    *db = (struct cd_lite_db){0};
}

/* ---- statements ---- */

bool cd_lite_db_run(struct cd_lite_db *db, const char *sql, const char *what, struct cd_error *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK || cd_lite_fail(db, rc, err, "%s", what);
}

sqlite3_stmt *cd_lite_prepare(struct cd_lite_db *db, const char *sql, bool keep,
                              struct cd_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc =
        sqlite3_prepare_v3(db->handle, sql, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0, &stmt, NULL);
    if (rc == SQLITE_OK && stmt != NULL)
        return stmt;
    (void)cd_lite_fail(db, rc, err, "preparing a statement");
    return NULL;
}

bool cd_lite_db_ask(struct cd_lite_db *db, const char *sql, int64_t fallback, int64_t *ret,
                    struct cd_error *err)
{
    sqlite3_stmt *stmt = cd_lite_prepare(db, sql, /* keep = */ false, err);
    if (stmt == NULL)
        return false;
    int rc = sqlite3_step(stmt);
    bool ok = rc == SQLITE_ROW || rc == SQLITE_DONE || cd_lite_fail(db, rc, err, "asking SQLite");
    if (ok)
        *ret = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : fallback;
    (void)sqlite3_finalize(stmt); /* repeats step's answer */
    return ok;
}
