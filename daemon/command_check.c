/*
 * `connectd check`: every problem of a worker file and of connector files at once, and the client
 * settings that would be used. Starts nothing and contacts nobody but a connector's own system,
 * when its validation does.
 */
#include "api/server.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "config/connector_file.h"
#include "daemon/commands.h"
#include "daemon/runtime.h"
#include "daemon/setup.h"
#include "daemon/validate.h"
#include "kafka/settings.h"

#include <stdio.h>
#include <string.h>

enum { VALIDATE_TIMEOUT_MS = 30000 };

static size_t check_connector(const struct cd_worker *worker, const char *path)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_connector_file file;
    if (!cd_connector_file_load(path, &file, &err)) {
        printf("%s: %s\n", path, err.msg);
        return 1;
    }
    struct cd_report report = CD_REPORT_INIT;
    size_t problems = 1;
    if (!cd_validate(worker, file.config, cd_clock_ms() + VALIDATE_TIMEOUT_MS, &report, &err)) {
        printf("%s: %s\n", path, err.msg);
    } else {
        problems = cd_report_error_count(&report);
        printf("%s: connector '%s' (%s): %zu problem%s\n", path, file.name, report.name, problems,
               problems == 1 ? "" : "s");
        cd_report_print(&report, stdout);
    }
    cd_report_done(&report);
    cd_connector_file_done(&file);
    return problems;
}

static void print_client(const struct cd_setup *setup, const char *title, enum cd_client_role role,
                         enum cd_client_kind kind)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_settings_result result;
    struct cd_config *java = cd_settings_layers(role, setup->expanded, NULL, NULL);
    printf("%s:\n", title);
    if (!cd_settings_translate(kind, java, &result, &err)) {
        printf("  %s\n", err.msg);
    } else {
        for (struct cd_config_iter it = {0}; cd_config_next(result.native, &it);)
            printf("  %s=%s\n", it.key, cd_settings_secret(it.key) ? "[hidden]" : it.value);
        for (size_t i = 0; i < result.note_count; i++)
            printf("  # %s: %s\n", result.notes[i].key, result.notes[i].why);
        cd_settings_result_done(&result);
    }
    cd_config_free(java);
}

static size_t check_listeners(const struct cd_setup *setup)
{
    struct cd_report report = CD_REPORT_INIT;
    cd_api_check(setup->expanded, &report);
    size_t problems = cd_report_error_count(&report);
    cd_report_print(&report, stdout);
    cd_report_done(&report);
    return problems;
}

static int check(enum cd_mode mode, char **files, int count)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_setup setup;
    if (!cd_setup_load(&setup, mode, files[0], &err)) {
        printf("%s: %s\n", files[0], err.msg);
        return CD_EXIT_CONFIG;
    }
    size_t problems = check_listeners(&setup);
    print_client(&setup, "clients of source tasks", CD_ROLE_TASK_PRODUCER, CD_CLIENT_PRODUCER);
    print_client(&setup, "clients of sink tasks", CD_ROLE_TASK_CONSUMER, CD_CLIENT_CONSUMER);
    print_client(&setup, "the worker's admin client", CD_ROLE_WORKER_ADMIN, CD_CLIENT_ADMIN);
    const struct cd_worker worker = {.config = setup.config,
                                     .originals = setup.expanded,
                                     .resolver = setup.resolver,
                                     .registry = setup.registry,
                                     .distributed = mode == CD_DISTRIBUTED};
    for (int i = 1; i < count; i++)
        problems += check_connector(&worker, files[i]);
    printf("%zu problem%s\n", problems, problems == 1 ? "" : "s");
    cd_setup_done(&setup);
    return problems == 0 ? CD_EXIT_OK : CD_EXIT_CONFIG;
}

int cd_command_check(int argc, char **argv)
{
    enum cd_mode mode = CD_STANDALONE;
    int first = 1;
    if (argc > 1 && strcmp(argv[1], "--distributed") == 0) {
        mode = CD_DISTRIBUTED;
        first = 2;
    }
    if (argc <= first) {
        fprintf(stderr,
                "usage: connectd check [--distributed] WORKER.properties [CONNECTOR ...]\n");
        return CD_EXIT_USAGE;
    }
    return check(mode, argv + first, argc - first);
}
