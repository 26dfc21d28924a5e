/*
 * A real PostgreSQL server for one test program: started on a free port in a temporary directory,
 * stopped at the end. CONNECTD_TEST_POSTGRES=port uses a running one instead (of superuser
 * postgres, trusting), for speed while writing tests.
 *
 * Where no server is installed the tests are skipped, each by its name.
 */
#ifndef CD_TEST_POSTGRES_SERVER_H
#define CD_TEST_POSTGRES_SERVER_H

#include <arpa/inet.h>
#include <glob.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake/connector_rig.h"

struct server {
    char dir[64];
    int port;
    bool ours;
    PGconn *conn;
    char url[128]; /* JDBC */
};

static struct server server;

static int free_port(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    close(fd);
    return ntohs(addr.sin_port);
}

CD_UNUSED static int script(const char *action, const char *argument)
{
    pid_t child = fork();
    if (child == 0) {
        execl("tests/peers/postgres", "postgres", action, server.dir, argument, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool installed(void)
{
    glob_t found;
    bool any = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0;
    globfree(&found);
    return any;
}

CD_UNUSED static void sql(const char *text)
{
    PGresult *res = PQexec(server.conn, text);
    ExecStatusType status = PQresultStatus(res);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", text, PQerrorMessage(server.conn));
    PQclear(res);
}

/* All values of the result, columns joined by '|', rows by ' ; '. Lent until the next call. */
CD_UNUSED static const char *ask(const char *text)
{
    static char answer[65536];
    size_t used = 0;
    PGresult *res = PQexec(server.conn, text);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", text, PQerrorMessage(server.conn));
    answer[0] = '\0';
    for (int row = 0; row < PQntuples(res); row++)
        for (int col = 0; col < PQnfields(res); col++)
            used +=
                (size_t)snprintf(answer + used, sizeof(answer) - used, "%s%s",
                                 col > 0   ? "|"
                                 : row > 0 ? " ; "
                                           : "",
                                 PQgetisnull(res, row, col) ? "NULL" : PQgetvalue(res, row, col));
    PQclear(res);
    return answer;
}

CD_UNUSED static void connect_server(void)
{
    char info[200];
    PQfinish(server.conn);
    (void)snprintf(info, sizeof(info),
                   "host=127.0.0.1 port=%d user=postgres dbname=postgres "
                   "client_encoding=UTF8 options='-c TimeZone=UTC -c client_min_messages=error'",
                   server.port);
    server.conn = PQconnectdb(info);
    if (PQstatus(server.conn) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(server.conn));
}

CD_UNUSED static int start_server(void **state)
{
    (void)state;
    const char *running = getenv("CONNECTD_TEST_POSTGRES");
    char port[16];
    if (running == NULL && !installed())
        return 0;
    server.port = running ? atoi(running) : free_port();
    if (running == NULL) {
        (void)snprintf(server.dir, sizeof(server.dir), "/tmp/connectd-pg-XXXXXX");
        assert_non_null(mkdtemp(server.dir));
        (void)snprintf(port, sizeof(port), "%d", server.port);
        server.ours = true;
        if (script("start", port) != 0)
            return -1;
    }
    connect_server();
    (void)snprintf(server.url, sizeof(server.url), "jdbc:postgresql://127.0.0.1:%d/postgres",
                   server.port);
    return 0;
}

CD_UNUSED static int stop_server(void **state)
{
    (void)state;
    PQfinish(server.conn);
    if (!server.ours)
        return 0;
    char command[128];
    (void)snprintf(command, sizeof(command), "rm -rf %s", server.dir);
    return script("stop", "immediate") == 0 && system(command) == 0 ? 0 : -1;
}

/* A clean database for each test. */
CD_UNUSED static int fresh_schema(void **state)
{
    (void)state;
    if (server.conn == NULL)
        skip();
    sql("DO $$ DECLARE s text; BEGIN FOR s IN SELECT nspname FROM pg_namespace WHERE nspname NOT "
        "LIKE 'pg\\_%' AND nspname <> 'information_schema' LOOP EXECUTE format('DROP SCHEMA %I "
        "CASCADE', s); END LOOP; END $$; CREATE SCHEMA public");
    return 0;
}

#define SOURCE_CLASS "io.confluent.connect.jdbc.JdbcSourceConnector"
#define SINK_CLASS "io.confluent.connect.jdbc.JdbcSinkConnector"

/* A rig for the test's server; further settings follow in pairs. */
CD_UNUSED static struct cd_rig *new_rig(const char *class_name, ...)
{
    const char *settings[64] = {"connection.url",        server.url, "connection.user", "postgres",
                                "connection.backoff.ms", "50"};
    size_t count = 6;
    va_list args;
    va_start(args, class_name);
    for (const char *text = va_arg(args, const char *); text != NULL && count < 62;
         text = va_arg(args, const char *))
        settings[count++] = text;
    va_end(args);
    return cd_rig_new(class_name, settings);
}

#define source_rig(...)                                                                            \
    new_rig(SOURCE_CLASS, "topic.prefix", "p-", "poll.interval.ms", "10", __VA_ARGS__, NULL)
#define sink_rig(...) new_rig(SINK_CLASS, __VA_ARGS__, NULL)

#endif
