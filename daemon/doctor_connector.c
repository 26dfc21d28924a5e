/* One connector file: its settings, its system (by its own validation), its topics and group. */
#include "base/alloc.h"
#include "base/clock.h"
#include "config/connector_file.h"
#include "daemon/doctor.h"
#include "daemon/validate.h"

#include <stdlib.h>
#include <string.h>

enum { VALIDATE_MS = 30000, CALL_MS = 10000 };

static const char *setting(const struct cd_config *config, const char *key)
{
    const char *value = cd_config_get(config, key);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Its settings, and what it finds when it looks at its system: names, credentials, rights. */
static void settings(struct cd_doctor *doctor, const struct cd_connector_file *file)
{
    const struct cd_worker worker = {.config = doctor->setup->config,
                                     .originals = doctor->setup->expanded,
                                     .resolver = doctor->setup->resolver,
                                     .registry = doctor->setup->registry,
                                     .distributed = doctor->setup->mode == CD_DISTRIBUTED};
    struct cd_report report = CD_REPORT_INIT;
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_validate(&worker, file->config, cd_clock_ms() + VALIDATE_MS, &report, &err))
        cd_doctor_say(doctor, CD_PROBLEM, "connector", NULL, "%s: %s", file->name, err.msg);
    else if (cd_report_error_count(&report) == 0)
        cd_doctor_say(doctor, CD_FINE, "connector", NULL,
                      "%s: settings are valid, and its system answers as far as it looks",
                      file->name);
    for (size_t i = 0; i < report.count; i++)
        for (size_t e = 0; e < report.rows[i].error_count; e++)
            cd_doctor_say(doctor, CD_PROBLEM, "connector", NULL, "%s: %s: %s", file->name,
                          report.rows[i].name, report.rows[i].errors[e]);
    cd_report_done(&report);
}

static void topic_of_sink(struct cd_doctor *doctor, const char *connector, const char *topic)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_topic_info info = {.exists = false};
    if (!cd_admin_describe(doctor->admin, topic, CALL_MS, &info, &err))
        cd_doctor_say(doctor, CD_PROBLEM, "rights", "grant Describe and Read on the topic",
                      "%s: topic '%s': %s", connector, topic, err.msg);
    else if (!info.exists)
        cd_doctor_say(doctor, CD_DOUBT, "topics",
                      "is the name right? The task waits until it exists",
                      "%s: topic '%s' does not exist", connector, topic);
    else
        cd_doctor_say(doctor, CD_FINE, "topics", NULL, "%s: topic '%s' has %d partitions",
                      connector, topic, (int)info.partitions);
}

static void topics(struct cd_doctor *doctor, const struct cd_connector_file *file)
{
    const char *list = setting(file->config, "topics");
    CD_AUTO_FREE char *copy = cd_strdup(list == NULL ? "" : list);
    char *rest = copy;
    for (char *topic; (topic = strsep(&rest, ", \t")) != NULL;)
        if (topic[0] != '\0')
            topic_of_sink(doctor, file->name, topic);
}

/* JVM and connectd alike make it with three replicas unless told otherwise: the classic of a
 * single broker. */
static void dead_letters(struct cd_doctor *doctor, const struct cd_connector_file *file)
{
    const char *topic = setting(file->config, "errors.deadletterqueue.topic.name");
    const char *replication =
        setting(file->config, "errors.deadletterqueue.topic.replication.factor");
    struct cd_error err = CD_ERROR_INIT;
    struct cd_topic_info info = {.exists = false};
    if (topic == NULL || !cd_admin_describe(doctor->admin, topic, CALL_MS, &info, &err) ||
        info.exists)
        return;
    const struct cd_topic_spec spec = {
        .name = topic,
        .partitions = 1,
        .replication = replication == NULL ? 3 : (int32_t)strtol(replication, NULL, 10)};
    cd_doctor_may_create(doctor, "errors.deadletterqueue.topic.name", &spec);
}

static void group(struct cd_doctor *doctor, const struct cd_connector_file *file)
{
    const char *own = setting(file->config, "consumer.override.group.id");
    CD_AUTO_FREE char *name = own != NULL ? cd_strdup(own) : cd_asprintf("connect-%s", file->name);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_assignment offsets = {0};
    if (cd_admin_group_offsets(doctor->admin, name, CALL_MS, &offsets, &err))
        cd_doctor_say(doctor, CD_FINE, "rights", NULL,
                      "%s: group '%s' has offsets for %zu partitions", file->name, name,
                      offsets.count);
    else
        cd_doctor_say(doctor, CD_PROBLEM, "rights", "grant Read and Describe on the group",
                      "%s: group '%s': %s", file->name, name, err.msg);
    cd_assignment_done(&offsets);
}

void cd_doctor_connector(struct cd_doctor *doctor, const char *path)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_connector_file file;
    doctor->about_connectors = true;
    if (!cd_connector_file_load(path, &file, &err)) {
        cd_doctor_say(doctor, CD_PROBLEM, "connector", NULL, "%s: %s", path, err.msg);
        doctor->about_connectors = false;
        return;
    }
    settings(doctor, &file);
    bool is_sink =
        setting(file.config, "topics") != NULL || setting(file.config, "topics.regex") != NULL;
    if (doctor->admin != NULL && is_sink) {
        topics(doctor, &file);
        dead_letters(doctor, &file);
        group(doctor, &file);
    }
    cd_connector_file_done(&file);
    doctor->about_connectors = false;
}
