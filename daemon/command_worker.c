/* `connectd standalone` and `connectd distributed`: start, wait for a signal, stop. */
#include "base/log.h"
#include "daemon/commands.h"
#include "daemon/notify.h"
#include "daemon/runtime.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct cd_logger main_log = {.component = "worker", .task = -1};

/* A second signal must end the process even while a stop hangs, so from here on it is not blocked
 * any more. */
static void exit_at_once(int number)
{
    static const char text[] = "connectd: second signal, exiting at once\n";
    (void)!write(STDERR_FILENO, text, sizeof(text) - 1); /* nothing can be done about it here */
    _exit(128 + number);
}

static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, signals, NULL); /* fails only for a bad `how` */
    (void)signal(SIGPIPE, SIG_IGN);
}

static void arm_second_signal(const sigset_t *signals)
{
    struct sigaction action = {.sa_handler = exit_at_once};
    (void)sigaction(SIGTERM, &action, NULL); /* the numbers are good */
    (void)sigaction(SIGINT, &action, NULL);
    (void)pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

/* The watchdog is fed while the main loop answers. */
static int wait_for_signal(const sigset_t *signals, struct cd_runtime *runtime)
{
    int64_t watchdog_ms = cd_notify_watchdog_ms();
    const struct timespec pause = {.tv_sec = watchdog_ms / 2 / 1000,
                                   .tv_nsec = watchdog_ms / 2 % 1000 * 1000000};
    for (;;) {
        int number = sigtimedwait(signals, NULL, watchdog_ms == 0 ? NULL : &pause);
        if (number > 0)
            return number;
        if (watchdog_ms > 0 && cd_runtime_alive(runtime))
            cd_notify("WATCHDOG=1");
    }
}

static int run(enum cd_mode mode, int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: connectd %s WORKER.properties%s\n", argv[0],
                mode == CD_STANDALONE ? " [CONNECTOR ...]" : "");
        return CD_EXIT_USAGE;
    }
    sigset_t signals;
    /* Batches are allocated by one thread and freed by another: with an arena for each thread,
     * memory that nobody uses any more stays in all of them (measured: 51 MB peak instead of 35 to
     * 47, at the same CPU time). */
    (void)mallopt(M_ARENA_MAX, 2); /* glibc's default is no worse than before */
    block_signals(&signals);
    struct cd_error err = CD_ERROR_INIT;
    enum cd_exit exit_status;
    struct cd_runtime *runtime = cd_runtime_start(mode, argv[1], (const char *const *)(argv + 2),
                                                  (size_t)argc - 2, &exit_status, &err);
    if (runtime == NULL) {
        cd_log_error(&main_log, "Stopping due to error: %s", err.msg);
        return (int)exit_status;
    }
    cd_notify("READY=1");
    int number = wait_for_signal(&signals, runtime);
    cd_notify("STOPPING=1");
    arm_second_signal(&signals);
    cd_runtime_stop(runtime);
    return 128 + number;
}

int cd_command_standalone(int argc, char **argv)
{
    return run(CD_STANDALONE, argc, argv);
}

int cd_command_distributed(int argc, char **argv)
{
    if (argc > 2) {
        fprintf(stderr,
                "connectd distributed takes one file, the worker's: connectors come by REST\n");
        return CD_EXIT_USAGE;
    }
    return run(CD_DISTRIBUTED, argc, argv);
}
