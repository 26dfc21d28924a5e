/*
 * FileStreamSink: the text of each value and a line end, appended; runtime.md 9.2.
 *
 * Lines are collected in memory and written whole, so that several tasks may append to one file.
 * flush makes them durable. After a failure the file is cut back to where the last flush left it,
 * so that what is put again does not follow half a line; where that would take away what others
 * wrote (several tasks, or another program), it is not cut: then a half line is ended, and lines
 * may be there twice, which at least once allows.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/file/config.h"
#include "connectors/file/text.h"

#define BUFFER_BYTES ((size_t)256 * 1024)
/* What a pipe takes at once when it says it is writable. */
#define PIPE_BYTES 4096

struct file_sink_task {
    struct cd_task_base base;
    int fd;
    bool opened;
    bool is_regular;
    bool is_alone;  /* may cut the file back */
    bool rewound;   /* the next step mends the file */
    bool half_line; /* what was written last does not end a line */
    off_t flushed;  /* size of the file when the last flush was done */
    off_t written;  /* bytes written since */
    size_t next;    /* of the batch that is being put */
    size_t sent;    /* of the buffer */
    struct file_text buffer;
};

static const char *name_of(const struct file_sink_task *task)
{
    const struct file_sink_config *cfg = task->base.cfg;
    return cfg->file == NULL || cfg->file[0] == '\0' ? NULL : cfg->file;
}

static enum cd_step fail_file(const struct file_sink_task *task, enum cd_code code, int why,
                              const char *doing, struct cd_error *err)
{
    const char *name = name_of(task);
    (void)cd_fail_as(err, code, strerrorname_np(why), "%s '%s': %s", doing,
                     name == NULL ? "standard output" : name, strerror(why));
    err->retriable = code == CD_ERR_REMOTE;
    return CD_STEP_FAILED;
}

static bool is_alone(const struct file_sink_task *task)
{
    const char *tasks_max = task->base.host->setting(task->base.handle, "tasks.max");
    return tasks_max == NULL || strtol(tasks_max, NULL, 10) <= 1;
}

static enum cd_step sink_open(void *state, struct cd_wait *wait, struct cd_error *err)
{
    struct file_sink_task *task = state;
    const char *name = name_of(task);
    struct stat info;
    (void)wait; /* opening a file does not wait */
    task->opened = true;
    task->fd =
        name == NULL ? STDOUT_FILENO : open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (task->fd < 0)
        return fail_file(task, CD_ERR_CONFIG, errno, "opening", err);
    if (fstat(task->fd, &info) != 0)
        return fail_file(task, CD_ERR_REMOTE, errno, "looking at", err);
    task->is_regular = S_ISREG(info.st_mode) && name != NULL;
    task->is_alone = task->is_regular && is_alone(task);
    task->flushed = info.st_size;
    return CD_STEP_DONE;
}

/* ---- after a failure ---- */

static void sink_rewind(void *state)
{
    struct file_sink_task *task = state;
    task->rewound = true;
}

/* Cut only when all that was added since the flush is ours. */
static bool mend(struct file_sink_task *task, struct cd_error *err)
{
    struct stat info;
    if (!task->rewound)
        return true;
    task->buffer.len = 0;
    task->sent = 0;
    task->next = 0;
    bool ours = task->is_alone && fstat(task->fd, &info) == 0 &&
                info.st_size == task->flushed + task->written;
    if (ours && ftruncate(task->fd, task->flushed) != 0)
        return fail_file(task, CD_ERR_REMOTE, errno, "cutting back", err) == CD_STEP_DONE;
    if (!ours && task->half_line)
        file_text_append(&task->buffer, "\n", 1);
    task->half_line = false;
    task->written = 0;
    task->rewound = false;
    return true;
}

/* ---- writing ---- */

/* A pipe or a terminal must not hold the step: it is asked first, and given what it surely takes.
 */
static bool is_writable(const struct file_sink_task *task)
{
    struct pollfd look = {.fd = task->fd, .events = POLLOUT};
    return task->is_regular || poll(&look, 1, 0) > 0;
}

static size_t piece(const struct file_sink_task *task)
{
    size_t left = task->buffer.len - task->sent;
    return task->is_regular || left < PIPE_BYTES ? left : PIPE_BYTES;
}

/* DONE: the buffer is written and empty. */
static enum cd_step write_buffer(struct file_sink_task *task, struct cd_wait *wait,
                                 struct cd_error *err)
{
    while (task->sent < task->buffer.len) {
        if (!is_writable(task))
            return cd_wait_fd(wait, task->fd, POLLOUT, INT64_MAX);
        ssize_t wrote = write(task->fd, task->buffer.ptr + task->sent, piece(task));
        if (wrote < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (wrote < 0)
            return fail_file(task, CD_ERR_REMOTE, errno, "writing", err);
        task->sent += (size_t)wrote;
        task->written += wrote;
        task->half_line = task->buffer.ptr[task->sent - 1] != '\n';
    }
    task->buffer.len = 0;
    task->sent = 0;
    return CD_STEP_DONE;
}

static enum cd_step sink_put(void *state, const struct cd_batch *batch, struct cd_wait *wait,
                             struct cd_error *err)
{
    struct file_sink_task *task = state;
    const struct cd_host *host = task->base.host;
    if (!mend(task, err))
        return CD_STEP_FAILED;
    for (size_t count = host->count(batch); task->next < count; task->next++) {
        if (task->buffer.len >= BUFFER_BYTES) {
            enum cd_step step = write_buffer(task, wait, err);
            if (step != CD_STEP_DONE)
                return step; /* a wait is followed by the same call, with `next` where it is */
        }
        file_text_value(&task->buffer, host->record(batch, task->next)->value);
        file_text_append(&task->buffer, "\n", 1);
        if (task->buffer.failed) {
            (void)cd_fail(err, CD_ERR_DATA, "no memory for the text of a value");
            err->record = 0;
            return CD_STEP_FAILED;
        }
    }
    task->next = 0;
    return CD_STEP_DONE;
}

static enum cd_step sink_flush(void *state, struct cd_wait *wait, struct cd_error *err)
{
    struct file_sink_task *task = state;
    struct stat info;
    if (!mend(task, err))
        return CD_STEP_FAILED;
    enum cd_step step = write_buffer(task, wait, err);
    if (step != CD_STEP_DONE || !task->is_regular)
        return step;
    if (task->written > 0 && fdatasync(task->fd) != 0)
        return fail_file(task, CD_ERR_REMOTE, errno, "making durable", err);
    if (fstat(task->fd, &info) != 0)
        return fail_file(task, CD_ERR_REMOTE, errno, "looking at", err);
    task->flushed = info.st_size;
    task->written = 0;
    return CD_STEP_DONE;
}

static void sink_close(void *state)
{
    struct file_sink_task *task = state;
    if (task->opened && task->fd > STDOUT_FILENO)
        (void)close(task->fd); /* what flush has not made durable is delivered again */
    task->opened = false;
    file_text_done(&task->buffer);
}

const struct cd_sink file_sink = {
    .size = sizeof(struct cd_sink),
    .task_size = sizeof(struct file_sink_task),
    .open = sink_open,
    .put = sink_put,
    .flush = sink_flush,
    .rewind = sink_rewind,
    .close = sink_close,
};
