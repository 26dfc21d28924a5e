/* What can be seen without leaving the machine: settings, listeners, files, the clock, limits. */
#include "api/server.h"
#include "base/alloc.h"
#include "daemon/doctor.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <unistd.h>

enum { FILES_MIN = 1024 };

static void ignored(void *arg, const char *key, const char *why)
{
    bool unknown = strncmp(key, "connectd.", 9) == 0;
    cd_doctor_say(arg, unknown ? CD_DOUBT : CD_NOTE, "settings",
                  unknown ? "is it spelled right? See connectd.properties(5)" : NULL,
                  "%s has no effect: %s", key, why);
}

static void listeners(struct cd_doctor *doctor)
{
    struct cd_report report = CD_REPORT_INIT;
    cd_api_check(doctor->setup->expanded, &report);
    for (size_t i = 0; i < report.count; i++)
        for (size_t e = 0; e < report.rows[i].error_count; e++)
            cd_doctor_say(doctor, CD_PROBLEM, "rest", NULL, "%s: %s", report.rows[i].name,
                          report.rows[i].errors[e]);
    cd_report_done(&report);
}

static void offset_file(struct cd_doctor *doctor)
{
    const struct cd_worker_config *config = doctor->setup->config;
    if (doctor->setup->mode != CD_STANDALONE || config->offset_file == NULL ||
        config->offset_topic != NULL)
        return;
    CD_AUTO_FREE char *copy = cd_strdup(config->offset_file);
    const char *folder = dirname(copy);
    if (access(folder, W_OK | X_OK) != 0)
        cd_doctor_say(doctor, CD_PROBLEM, "files", "create it, or give the worker's user the right",
                      "offset.storage.file.filename = '%s': no files can be made in %s: %s",
                      config->offset_file, folder, strerror(errno));
    else
        cd_doctor_say(doctor, CD_FINE, "files", NULL, "offsets can be written to %s",
                      config->offset_file);
}

static void clock_state(struct cd_doctor *doctor)
{
    struct timex state = {0};
    int answer = adjtimex(&state); /* with no mode set it only reads */
    if (answer < 0)
        cd_doctor_say(doctor, CD_NOTE, "clock", NULL,
                      "whether the clock is synchronised cannot be told here: %s", strerror(errno));
    else if (answer == TIME_ERROR)
        cd_doctor_say(doctor, CD_DOUBT, "clock", "run an NTP client (chrony, systemd-timesyncd)",
                      "the clock is not synchronised: timestamps, and certificates' dates, may be "
                      "judged wrongly");
    else
        cd_doctor_say(doctor, CD_FINE, "clock", NULL, "the clock is synchronised");
}

static void limits(struct cd_doctor *doctor)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= FILES_MIN)
        return;
    cd_doctor_say(doctor, CD_DOUBT, "limits", "raise it (LimitNOFILE= of the unit, ulimit -n)",
                  "only %llu files may be open: clients and connectors need a few each",
                  (unsigned long long)files.rlim_cur);
}

void cd_doctor_local(struct cd_doctor *doctor)
{
    cd_doctor_say(doctor, CD_FINE, "settings", NULL, "the worker file is complete");
    cd_worker_ignored(doctor->setup->mode, doctor->setup->expanded, ignored, doctor);
    listeners(doctor);
    offset_file(doctor);
    clock_state(doctor);
    limits(doctor);
}
