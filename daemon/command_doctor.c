/*
 * `connectd doctor`: looks at everything a worker will need before it is started, and says what to
 * do about each thing that is wrong. Changes nothing.
 *
 * Exit status: 0 no problem (there may be warnings), 1 usage, 2 the worker will not work, 3 only a
 * connector will not.
 */
#include "base/log.h"
#include "daemon/commands.h"
#include "daemon/doctor.h"
#include "daemon/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    bool json;
    bool mode_given;
    enum cd_mode mode;
    char **files; /* the worker's, then connectors' */
    int count;
};

static bool read_options(int argc, char **argv, struct options *ret)
{
    int i = 1;
    *ret = (struct options){.mode = CD_STANDALONE};
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            ret->json = true;
        } else if (strcmp(argv[i], "--distributed") == 0 || strcmp(argv[i], "--standalone") == 0) {
            ret->mode_given = true;
            ret->mode = argv[i][2] == 'd' ? CD_DISTRIBUTED : CD_STANDALONE;
        } else {
            fprintf(stderr, "connectd doctor: '%s' is not an option\n", argv[i]);
            return false;
        }
    }
    ret->files = argv + i;
    ret->count = argc - i;
    return ret->count > 0;
}

/* A file with a group and a config topic is a distributed worker's. */
static enum cd_mode guess_mode(const char *path)
{
    struct cd_error err =
        CD_ERROR_INIT; /* the same file is read again, and complained about then */
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    bool read = cd_properties_load(path, /* utf8 = */ false, config, &err);
    return read && cd_config_has(config, "group.id") &&
                   cd_config_has(config, "config.storage.topic")
               ? CD_DISTRIBUTED
               : CD_STANDALONE;
}

static void examine(struct cd_doctor *doctor, const struct options *options)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_setup_load(doctor->setup, options->mode, options->files[0], &err)) {
        cd_doctor_say(doctor, CD_PROBLEM, "settings", NULL, "%s: %s", options->files[0], err.msg);
        return;
    }
    cd_doctor_local(doctor);
    if (cd_doctor_network(doctor))
        cd_doctor_kafka(doctor);
    else
        cd_doctor_say(doctor, CD_NOTE, "login", NULL,
                      "no broker could be tried, so nothing of the cluster was looked at");
    for (int i = 1; i < options->count; i++)
        cd_doctor_connector(doctor, options->files[i]);
    cd_admin_free(doctor->admin);
    cd_setup_done(doctor->setup);
}

static int verdict(const struct cd_doctor *doctor)
{
    if (doctor->found[CD_PROBLEM] > doctor->connector_problems)
        return CD_EXIT_CONFIG;
    return doctor->connector_problems > 0 ? CD_EXIT_SERVICE : CD_EXIT_OK;
}

static void summary(struct cd_doctor *doctor)
{
    if (!doctor->json) {
        printf("%zu problem%s, %zu warning%s\n", doctor->found[CD_PROBLEM],
               doctor->found[CD_PROBLEM] == 1 ? "" : "s", doctor->found[CD_DOUBT],
               doctor->found[CD_DOUBT] == 1 ? "" : "s");
        return;
    }
    json_t *all =
        json_pack("{s:I, s:I, s:o}", "problems", (json_int_t)doctor->found[CD_PROBLEM], "warnings",
                  (json_int_t)doctor->found[CD_DOUBT], "findings", doctor->findings);
    (void)json_dumpf(all, stdout, JSON_INDENT(2)); /* a closed pipe is the reader's wish */
    printf("\n");
    json_decref(all);
}

int cd_command_doctor(int argc, char **argv)
{
    struct options options;
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "usage: connectd doctor [--json] [--standalone|--distributed] "
                        "WORKER.properties [CONNECTOR ...]\n");
        return CD_EXIT_USAGE;
    }
    if (!options.mode_given)
        options.mode = guess_mode(options.files[0]);
    struct cd_setup setup;
    struct cd_doctor doctor = {.setup = &setup,
                               .json = options.json,
                               .colours = isatty(STDOUT_FILENO) == 1,
                               .findings = json_array()};
    cd_log_set_level("root", CD_LOG_OFF); /* findings say it better */
    cd_logger_init(&doctor.log, "doctor", NULL, -1);
    examine(&doctor, &options);
    summary(&doctor);
    if (!options.json)
        json_decref(doctor.findings);
    return verdict(&doctor);
}
