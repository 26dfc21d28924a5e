#include "connectors/file/config.h"

#define FILE_PACKAGE "org.apache.kafka.connect.file."
#define FILE_VERSION "4.1.1" /* of the JVM's connectors that these stand for */

#define SOURCE(member) offsetof(struct file_source_config, member)

static const struct cd_key source_keys[] = {
    {.name = "file",
     .type = CD_STRING,
     .optional = true,
     .offset = SOURCE(file),
     .doc = "Source filename. If not specified, the standard input will be used"},
    {.name = "topic",
     .type = CD_STRING,
     .non_empty = true,
     .offset = SOURCE(topic),
     .doc = "The topic to publish data to"},
    {.name = "batch.size",
     .type = CD_INT32,
     .fallback = "2000",
     .offset = SOURCE(batch_size),
     .importance = CD_LOW,
     .doc = "The maximum number of records the source task can read from the file each time it is "
            "polled"},
    {.name = "files",
     .type = CD_LIST,
     .optional = true,
     .offset = SOURCE(files),
     .importance = CD_MEDIUM,
     .doc = "Instead of file: paths and patterns (/var/log/app-*.log), shared by up to tasks.max "
            "tasks; files that appear later are found."},
    {.name = "file.rotation",
     .type = CD_BOOL,
     .fallback = "true",
     .offset = SOURCE(rotation),
     .importance = CD_LOW,
     .doc = "Notice when the file is replaced by a new one: read the old one to its end, then the "
            "new one from its beginning."},
    {.name = "file.rotation.wait.ms",
     .type = CD_INT64,
     .fallback = "1000",
     .max = INT64_MAX,
     .offset = SOURCE(rotation_wait_ms),
     .importance = CD_LOW,
     .doc = "How long a replaced file may still grow before it is left."},
    {.name = "file.identity",
     .type = CD_BOOL,
     .fallback = "false",
     .offset = SOURCE(identity),
     .importance = CD_LOW,
     .doc = "Store the inode beside the position, so that a file replaced while the connector was "
            "stopped is noticed, and finished if it is still in its folder."},
    {.name = "file.poll.ms",
     .type = CD_INT64,
     .fallback = "1000",
     .min = 1,
     .max = INT64_MAX,
     .offset = SOURCE(poll_ms),
     .importance = CD_LOW,
     .doc = "How often to look where the file system does not tell of changes (network file "
            "systems), and for new files that match."},
    {.name = "file.task.index",
     .type = CD_INT32,
     .fallback = "0",
     .internal = true,
     .offset = SOURCE(task_index),
     .doc = "Which share of the files is this task's."},
    {.name = "file.task.count",
     .type = CD_INT32,
     .fallback = "1",
     .internal = true,
     .min = 1,
     .max = INT32_MAX,
     .offset = SOURCE(task_count),
     .doc = "Into how many shares the files are split."},
};

static const struct cd_key sink_keys[] = {
    {.name = "file",
     .type = CD_STRING,
     .optional = true,
     .offset = offsetof(struct file_sink_config, file),
     .doc = "Destination filename. If not specified, the standard output will be used"},
};

/* As the JVM: tasks.max tasks that all append to the one file. */
static bool sink_tasks(const struct cd_connector_call *call, int32_t tasks_max,
                       struct cd_split *split, struct cd_error *err)
{
    (void)call;
    (void)err; /* cannot fail */
    for (int32_t i = 0; i < tasks_max; i++)
        split->begin(split);
    return true;
}

static const struct cd_connector sink_connector = {
    .size = sizeof(struct cd_connector),
    .tasks = sink_tasks,
};

static const struct cd_plugin file_plugins[] = {
    {
        .kind = CD_PLUGIN_SOURCE,
        .class_name = FILE_PACKAGE "FileStreamSourceConnector",
        .version = FILE_VERSION,
        .doc = "Lines of text files, or of the standard input, become records.",
        .keys = source_keys,
        .key_count = sizeof(source_keys) / sizeof(source_keys[0]),
        .key_size = sizeof(struct cd_key),
        .config_size = sizeof(struct file_source_config),
        .source = &file_source,
        .connector = &file_source_connector,
    },
    {
        .kind = CD_PLUGIN_SINK,
        .class_name = FILE_PACKAGE "FileStreamSinkConnector",
        .version = FILE_VERSION,
        .doc = "Values of records become lines of a text file, or of the standard output.",
        .keys = sink_keys,
        .key_count = sizeof(sink_keys) / sizeof(sink_keys[0]),
        .key_size = sizeof(struct cd_key),
        .config_size = sizeof(struct file_sink_config),
        .sink = &file_sink,
        .connector = &sink_connector,
    },
};

CD_EXPORT const struct cd_plugin_set connectd_plugins = CD_PLUGIN_SET(file_plugins);
