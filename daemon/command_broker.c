/* `connectd broker`: librdkafka's mock cluster as a throw-away broker. */
#include "base/alloc.h"
#include "daemon/commands.h"
#include "daemon/runtime.h"
#include "kafka/mock.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static bool run_line(struct cd_mock *mock, char *line)
{
    struct cd_error err = CD_ERROR_INIT;
    line[strcspn(line, "\r\n")] = '\0';
    bool ok = line[0] == '\0' || cd_mock_command(mock, line, &err);
    if (ok)
        puts("ok");
    else
        printf("error %s\n", err.msg);
    fflush(stdout);
    return ok;
}

/* Commands on standard input until it ends, or until a signal. */
static void serve(struct cd_mock *mock, int signals, bool control)
{
    char *line = NULL;
    size_t capacity = 0;
    struct pollfd fds[] = {{.fd = signals, .events = POLLIN},
                           {.fd = control ? STDIN_FILENO : -1, .events = POLLIN}};
    if (control)
        setvbuf(stdin, NULL, _IONBF,
                0); /* so that poll tells the truth about what is left to read */
    while (poll(fds, 2, -1) >= 0 && fds[0].revents == 0) {
        if (fds[1].revents == 0)
            continue;
        if (getline(&line, &capacity, stdin) < 0)
            break;                  /* whoever controlled us is gone */
        (void)run_line(mock, line); /* has printed what was wrong */
    }
    free(line);
}

static bool make_topics(struct cd_mock *mock, int argc, char **argv, struct cd_error *err)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--control") == 0)
            continue;
        if (strcmp(argv[i], "--topic") != 0 || i + 1 == argc)
            return cd_fail(err, CD_ERR_CONFIG,
                           "'%s' is not an option: --control, --topic NAME[:PARTITIONS]", argv[i]);
        CD_AUTO_FREE char *topic = cd_strdup(argv[++i]);
        char *colon = strrchr(topic, ':');
        if (colon != NULL)
            *colon = '\0';
        CD_AUTO_FREE char *line =
            cd_asprintf("topic %s %s", topic, colon == NULL ? "1" : colon + 1);
        if (!cd_mock_command(mock, line, err))
            return false;
    }
    return true;
}

static bool has_control(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--control") == 0)
            return true;
    return false;
}

int cd_command_broker(int argc, char **argv)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL); /* fails only for a bad `how` */
    struct cd_error err = CD_ERROR_INIT;
    int fd = signalfd(-1, &signals, SFD_CLOEXEC);
    struct cd_mock *mock = fd < 0 ? NULL : cd_mock_start(1, &err);
    if (mock == NULL || !make_topics(mock, argc, argv, &err)) {
        fprintf(stderr, "connectd broker: %s\n", fd < 0 ? "no signal descriptor" : err.msg);
        if (mock != NULL)
            cd_mock_stop(mock);
        return CD_EXIT_CONFIG;
    }
    fprintf(stderr, "connectd broker: a throw-away broker for a first try and for tests. It keeps "
                    "little, forgets all at "
                    "exit and is no place for real data.\n");
    printf("bootstrap.servers=%s\n", cd_mock_bootstrap(mock));
    fflush(stdout);
    serve(mock, fd, has_control(argc, argv));
    cd_mock_stop(mock);
    (void)close(fd); /* only read from */
    return CD_EXIT_OK;
}
