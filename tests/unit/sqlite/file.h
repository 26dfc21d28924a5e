/* A database file in a temporary folder for each test, and a second connection to look at it. */
#ifndef CD_TEST_SQLITE_FILE_H
#define CD_TEST_SQLITE_FILE_H

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake/connector_rig.h"

static struct {
    char dir[64];
    char path[96];
    char url[128];
    sqlite3 *db;
} file;

CD_UNUSED static void sql(const char *text)
{
    char *message = NULL;
    if (sqlite3_exec(file.db, text, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", text, message);
}

/* All values of the result, columns joined by '|', rows by ' ; '. Lent until the next call. */
CD_UNUSED static const char *ask(const char *text)
{
    static char answer[65536];
    size_t used = 0;
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(file.db, text, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(file.db));
    answer[0] = '\0';
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const char *value = (const char *)sqlite3_column_text(stmt, i);
            used += (size_t)snprintf(answer + used, sizeof(answer) - used, "%s%s",
                                     i > 0      ? "|"
                                     : used > 0 ? " ; "
                                                : "",
                                     value ? value : "NULL");
        }
    }
    sqlite3_finalize(stmt);
    return answer;
}

CD_UNUSED static int new_file(void **state)
{
    (void)state;
    (void)snprintf(file.dir, sizeof(file.dir), "/tmp/connectd-sqlite-XXXXXX");
    assert_non_null(mkdtemp(file.dir));
    (void)snprintf(file.path, sizeof(file.path), "%s/f.db", file.dir);
    (void)snprintf(file.url, sizeof(file.url), "jdbc:sqlite:%s", file.path);
    assert_int_equal(sqlite3_open(file.path, &file.db), SQLITE_OK);
    sqlite3_busy_timeout(file.db, 5000);
    return 0;
}

CD_UNUSED static int remove_file(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    sqlite3_close(file.db);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char name[128];
        (void)snprintf(name, sizeof(name), "%s%s", file.path, suffixes[i]);
        (void)unlink(name); /* most are not there */
    }
    return rmdir(file.dir);
}

CD_UNUSED static struct cd_rig *new_rig(const char *class_name, ...)
{
    const char *settings[64] = {"connection.url", file.url};
    size_t count = 2;
    va_list args;
    va_start(args, class_name);
    for (const char *text = va_arg(args, const char *); text != NULL && count < 62;
         text = va_arg(args, const char *))
        settings[count++] = text;
    va_end(args);
    return cd_rig_new(class_name, settings);
}

#define source_rig(...)                                                                            \
    new_rig("io.confluent.connect.jdbc.JdbcSourceConnector", "topic.prefix", "p-",                 \
            "poll.interval.ms", "5", __VA_ARGS__, NULL)
#define sink_rig(...) new_rig("io.confluent.connect.jdbc.JdbcSinkConnector", __VA_ARGS__, NULL)

#endif
