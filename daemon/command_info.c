/* `connectd version` and `connectd plugins`. */
#include "daemon/commands.h"
#include "daemon/runtime.h"
#include "daemon/setup.h"
#include "kafka/client.h"

#include <stdio.h>
#include <string.h>

int cd_command_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("connectd %s (Kafka Connect 4.1.1, librdkafka %s, plugin contract %d.%d)\n", CD_VERSION,
           cd_kafka_library_version(), CD_ABI_MAJOR, CD_ABI_MINOR);
    return CD_EXIT_OK;
}

static void print_plugin(void *arg, enum cd_plugin_kind kind, const struct cd_registered *row)
{
    (void)arg;
    printf("%-16s %-60s %-8s %s\n", cd_plugin_kind_name(kind), row->plugin.class_name,
           row->plugin.version, row->location);
}

int cd_command_plugins(int argc, char **argv)
{
    struct cd_setup setup = {.raw = cd_config_new()};
    struct cd_error err = CD_ERROR_INIT;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--plugin-path") == 0 && i + 1 < argc) {
            cd_config_set(setup.raw, "plugin.path", argv[++i]);
            continue;
        }
        fprintf(stderr, "connectd plugins: '%s' is not an option: --plugin-path PATH\n", argv[i]);
        cd_setup_done(&setup);
        return CD_EXIT_USAGE;
    }
    bool ok = cd_setup_plugins(&setup, &err);
    if (ok) {
        cd_registry_list(setup.registry, /* connectors_only = */ false, print_plugin, NULL);
        cd_registry_each(setup.registry, CD_PLUGIN_PROVIDER, print_plugin, NULL);
    } else {
        fprintf(stderr, "connectd plugins: %s\n", err.msg);
    }
    cd_setup_done(&setup);
    return ok ? CD_EXIT_OK : CD_EXIT_CONFIG;
}
