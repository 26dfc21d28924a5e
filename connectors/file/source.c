/*
 * FileStreamSource: runtime.md 9.1, and what docs/differences.md lists.
 *
 * With `file` there is one tail. With `files` there is one for each path that matches and is this
 * task's by the hash of its name, so that new files need no new split of the work.
 */
#include <glob.h>
#include <poll.h>
#include <stdlib.h>

#include "connectors/file/config.h"
#include "connectors/file/tail.h"
#include "connectors/file/watch.h"

struct file_source_task {
    struct cd_task_base base;
    struct file_watch watch;
    struct file_tail *tails; /* in turn: the first is asked first */
    int64_t search_ms;       /* when to look for new files again */
    bool opened;
};

static const struct file_source_config *config_of(const struct file_source_task *task)
{
    return task->base.cfg;
}

/* ---- which files ---- */

static bool has_tail(const struct file_source_task *task, const char *path)
{
    for (const struct file_tail *tail = task->tails; tail != NULL; tail = tail->next)
        if (tail->path != NULL && strcmp(tail->path, path) == 0)
            return true;
    return false;
}

static bool add_tail(struct file_source_task *task, const char *path, struct cd_error *err)
{
    struct file_tail *tail = file_tail_new(&task->base, &task->watch, path, err);
    if (tail == NULL)
        return false;
    struct file_tail **end = &task->tails;
    while (*end != NULL)
        end = &(*end)->next;
    *end = tail;
    return true;
}

/* FNV-1a: the same in every task and after every restart. */
static uint32_t share_of(const char *path, int32_t count)
{
    uint32_t hash = 2166136261u;
    for (; *path != '\0'; path++)
        hash = (hash ^ (uint8_t)*path) * 16777619u;
    return hash % (uint32_t)count;
}

static bool is_mine(const struct file_source_config *cfg, const char *path)
{
    return share_of(path, cfg->task_count) == (uint32_t)cfg->task_index;
}

/* A pattern that matches nothing stays itself: a plain path that is waited for. */
static bool find_matches(struct file_source_task *task, const char *pattern, struct cd_error *err)
{
    glob_t found = {0};
    bool is_pattern = strpbrk(pattern, "*?[") != NULL;
    int failed = glob(pattern, is_pattern ? 0 : GLOB_NOCHECK, NULL, &found);
    bool ok = failed != GLOB_NOSPACE;
    if (!ok)
        (void)cd_fail(err, CD_ERR_FULL, "no memory to look for '%s'", pattern);
    for (size_t i = 0; ok && failed == 0 && i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        if (is_mine(config_of(task), path) && !has_tail(task, path))
            ok = add_tail(task, path, err);
    }
    globfree(&found);
    if (is_pattern)
        file_watch_add(&task->watch, pattern); /* its folder: for files that appear */
    return ok;
}

static bool find_files(struct file_source_task *task, struct cd_error *err)
{
    const struct file_source_config *cfg = config_of(task);
    for (size_t i = 0; i < cfg->files.count; i++)
        if (!find_matches(task, cfg->files.items[i], err))
            return false;
    return true;
}

/* When the folders tell of something, and now and then anyway. */
static bool find_new_files(struct file_source_task *task, struct cd_error *err)
{
    const struct file_source_config *cfg = config_of(task);
    bool told = file_watch_drain(&task->watch); /* before looking: what comes later wakes again */
    int64_t now_ms = task->base.host->monotonic_ms();
    if (cfg->files.count == 0 || (!told && now_ms < task->search_ms))
        return true;
    task->search_ms = now_ms + cfg->poll_ms;
    return find_files(task, err);
}

/* ---- the task ---- */

static enum cd_step source_open(void *state, struct cd_wait *wait, struct cd_error *err)
{
    struct file_source_task *task = state;
    const struct file_source_config *cfg = config_of(task);
    (void)wait; /* nothing to wait for: a missing file is waited for by poll */
    file_watch_open(&task->watch);
    task->opened = true;
    bool ok = cfg->files.count > 0 ? find_files(task, err) : add_tail(task, cfg->file, err);
    return ok ? CD_STEP_DONE : CD_STEP_FAILED;
}

/* The tail that was just read goes to the end of the queue, so that none starves. */
static void rotate(struct file_source_task *task)
{
    struct file_tail *first = task->tails;
    struct file_tail **end = &task->tails;
    if (first == NULL || first->next == NULL)
        return;
    task->tails = first->next;
    first->next = NULL;
    while (*end != NULL)
        end = &(*end)->next;
    *end = first;
}

static size_t tail_count(const struct file_source_task *task)
{
    size_t count = 0;
    for (const struct file_tail *tail = task->tails; tail != NULL; tail = tail->next)
        count++;
    return count;
}

/* Fills the batch from as many tails as it takes. *ret_some: it holds a record. */
static enum file_taken take_round(struct file_source_task *task, struct cd_batch *batch,
                                  int64_t *until_ms, bool *ret_some, struct cd_error *err)
{
    const struct cd_host *host = task->base.host;
    int64_t count_max = config_of(task)->batch_size < 1 ? 1 : config_of(task)->batch_size;
    size_t before = host->count(batch);
    enum file_taken result = FILE_TAKEN_NONE;
    size_t left = tail_count(task);
    while (left > 0) {
        int64_t room = count_max - (int64_t)(host->count(batch) - before);
        if (room <= 0)
            break;
        result = file_tail_take(task->tails, batch, room, until_ms, err);
        if (result == FILE_TAKEN_FAILED || result == FILE_TAKEN_FULL)
            break;
        if (result == FILE_TAKEN_NONE) {
            rotate(task);
            left--;
        }
    }
    *ret_some = host->count(batch) > before;
    return result;
}

static enum cd_step wait_for_more(const struct file_source_task *task, struct cd_wait *wait,
                                  int64_t until_ms)
{
    const struct file_source_config *cfg = config_of(task);
    const struct file_tail *only = task->tails;
    int64_t now_ms = task->base.host->monotonic_ms();
    if (only != NULL && only->next == NULL && only->is_stream)
        return only->ended ? cd_wait_forever(wait) : cd_wait_fd(wait, only->fd, POLLIN, INT64_MAX);
    return file_watch_wait(&task->watch, wait, now_ms, cfg->poll_ms, until_ms);
}

static enum cd_step source_poll(void *state, struct cd_batch *batch, struct cd_wait *wait,
                                struct cd_error *err)
{
    struct file_source_task *task = state;
    int64_t until_ms = INT64_MAX;
    bool some = false;
    if (!find_new_files(task, err))
        return CD_STEP_FAILED;
    enum file_taken result = take_round(task, batch, &until_ms, &some, err);
    if (result == FILE_TAKEN_FAILED && some) {
        cd_error_reset(err); /* what was read first is not lost: the same failure comes next time */
        return CD_STEP_DONE;
    }
    if (result == FILE_TAKEN_FAILED)
        return CD_STEP_FAILED;
    if (some || result == FILE_TAKEN_FULL)
        return CD_STEP_DONE;
    return wait_for_more(task, wait, until_ms);
}

static void source_close(void *state)
{
    struct file_source_task *task = state;
    while (task->tails != NULL) {
        struct file_tail *next = task->tails->next;
        file_tail_free(task->tails);
        task->tails = next;
    }
    if (task->opened)
        file_watch_close(&task->watch);
    task->opened = false;
}

const struct cd_source file_source = {
    .size = sizeof(struct cd_source),
    .task_size = sizeof(struct file_source_task),
    .open = source_open,
    .poll = source_poll,
    .close = source_close,
};

/* ---- the connector ---- */

static void source_validate(const struct cd_connector_call *call, struct cd_verdict *verdict)
{
    const struct file_source_config *cfg = call->cfg;
    if (cfg->files.count > 0 && cfg->file != NULL && cfg->file[0] != '\0')
        verdict->error(verdict, "files", "Only one of 'file' and 'files' can be given.");
}

static void set_number(struct cd_split *split, const char *key, int32_t value)
{
    char text[16];
    (void)snprintf(text, sizeof(text), "%d", value);
    split->set(split, key, text);
}

/* One task for one file, whatever tasks.max; for several, shares. */
static bool source_tasks(const struct cd_connector_call *call, int32_t tasks_max,
                         struct cd_split *split, struct cd_error *err)
{
    const struct file_source_config *cfg = call->cfg;
    int32_t count = cfg->files.count > 0 ? tasks_max : 1;
    (void)err; /* cannot fail */
    for (int32_t i = 0; i < count; i++) {
        split->begin(split);
        if (count == 1)
            continue;
        set_number(split, "file.task.index", i);
        set_number(split, "file.task.count", count);
    }
    return true;
}

static bool refuse(struct cd_error *err, const char *message)
{
    return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException", "%s", message);
}

static bool source_check_offset(const struct cd_connector_call *call, struct cd_value partition,
                                struct cd_value offset, struct cd_error *err)
{
    const struct file_source_config *cfg = call->cfg;
    struct cd_value position = cd_map_get(offset, "position");
    bool has_position = false;
    if (cfg->files.count == 0 && (cfg->file == NULL || cfg->file[0] == '\0'))
        return refuse(err, "Offsets cannot be modified if the 'file' configuration is unspecified. "
                           "This is because stdin is used for input and offsets are not tracked.");
    if (cd_is_null(offset))
        return true; /* whatever is stored may be removed */
    for (uint32_t i = 0; offset.kind == CD_KIND_MAP && i < offset.count; i++)
        has_position |= cd_slice_is(cd_value_slice(offset.as.map[i].key), "position");
    if (!has_position)
        return refuse(err, "Offset objects should either be null or contain the key 'position'");
    if (position.kind != CD_KIND_INT64)
        return refuse(err,
                      "The value for the 'position' key in the offset is expected to be a Long "
                      "value");
    if (position.as.integer < 0)
        return refuse(err, "The value for the 'position' key in the offset should be a "
                           "non-negative value");
    if (cd_is_null(partition))
        return refuse(err, "Partition objects cannot be null");
    for (uint32_t i = 0; partition.kind == CD_KIND_MAP && i < partition.count; i++)
        if (cd_slice_is(cd_value_slice(partition.as.map[i].key), "filename"))
            return true;
    return refuse(err, "Partition objects should contain the key 'filename'");
}

const struct cd_connector file_source_connector = {
    .size = sizeof(struct cd_connector),
    .validate = source_validate,
    .tasks = source_tasks,
    .check_offset = source_check_offset,
};
