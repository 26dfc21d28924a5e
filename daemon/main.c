#include "daemon/commands.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    const char *usage;
    const char *about;
    int (*run)(int argc, char **argv);
};

static int help(int argc, char **argv);

/* argv[0] of a command is its own name. */
static const struct command commands[] = {
    {"standalone", "WORKER.properties [CONNECTOR ...]",
     "run a worker with connectors from files (and REST)", cd_command_standalone},
    {"distributed", "WORKER.properties", "run a worker that keeps everything in Kafka",
     cd_command_distributed},
    {"check", "[--distributed] WORKER.properties [CONNECTOR ...]",
     "tell every problem of a configuration, start nothing", cd_command_check},
    {"doctor", "[--json] [--standalone|--distributed] WORKER.properties [CONNECTOR ...]",
     "look at all that a worker needs, and say what to do about what is wrong", cd_command_doctor},
    {"plugins", "[--plugin-path PATH]", "list the connectors, converters and transforms there are",
     cd_command_plugins},
    {"keys", "[--text|--markdown|--man] [--plugin-path PATH]",
     "print every setting of the worker, of connectors and of plugins", cd_command_keys},
    {"container", "[--print] [CONNECTOR ...]",
     "run a worker configured by the environment: CONNECT_*, KAFKA_*, *_FILE",
     cd_command_container},
    {"health", "[--timeout SECONDS] [URL]", "ask a worker whether it is well: for probes",
     cd_command_health},
    {"broker", "[--control] [--topic NAME[:PARTITIONS] ...]",
     "run a throw-away broker for a first try: it forgets all at exit", cd_command_broker},
    {"version", "", "print versions", cd_command_version},
    {"help", "", "print this", help},
};

static void print_usage(FILE *out)
{
    fputs("connectd: Kafka Connect without the JVM\n\nusage:\n", out);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        fprintf(out, "  connectd %-11s %s\n      %s\n", commands[i].name, commands[i].usage,
                commands[i].about);
    fputs("\nexit status: 0 done, 1 usage, 2 configuration or cluster, 3 services or a connector "
          "file, 128+N ended by "
          "signal N\n",
          out);
}

static int help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    print_usage(stdout);
    return 0;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            printf("usage: connectd %s %s\n  %s\n", command->name, command->usage, command->about);
            return 1; /* as the JVM's scripts: help is no run */
        }
    }
    return command->run(argc, argv);
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    /* Drop-in names: connect-standalone and connect-distributed. */
    const char *self = basename(argv[0]);
    if (strncmp(self, "connect-", strlen("connect-")) == 0) {
        const struct command *alias = find(self + strlen("connect-"));
        if (alias != NULL)
            return run_command(alias, argc, argv);
    }
    if (argc < 2) {
        print_usage(stderr);
        return 1;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help(0, NULL);
    if (strcmp(argv[1], "--version") == 0)
        return cd_command_version(1, argv + 1);
    const struct command *command = find(argv[1]);
    if (command == NULL) {
        fprintf(stderr, "connectd: unknown command '%s'\n\n", argv[1]);
        print_usage(stderr);
        return 1;
    }
    return run_command(command, argc - 1, argv + 1);
}
