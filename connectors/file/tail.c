#include "connectors/file/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "connectors/file/lines.h"
#include "connectors/file/resume.h"
#include "connectors/file/utf8.h"

#define BLOCK_BYTES_MIN 4096
#define BLOCK_BYTES_MAX (256 * 1024)
#define STREAM_BLOCK_BYTES 65536
#define FIRST_LINE_BYTES 100

/* ---- records ---- */

/* What all records of one block have in common. */
struct block {
    struct cd_batch *batch;
    int64_t start; /* of the block in the file */
    int64_t now_ms;
    bool ascii;
    uint32_t entry_count;         /* of an offset */
    struct cd_map_entry *offsets; /* not handed out yet */
    size_t offsets_left;          /* offsets, not entries */
    struct cd_map_entry prototype[2];
};

#define OFFSETS_AT_ONCE 128

/* {"position": n}, with "inode" beside it if asked for. The keys' texts are constants of the
 * library, which outlives every batch. */
static void init_offsets(struct block *block, const struct file_tail *tail)
{
    const struct file_source_config *cfg = tail->base->cfg;
    block->prototype[0] = (struct cd_map_entry){cd_string(cd_slice("position")), cd_null()};
    block->prototype[1] =
        (struct cd_map_entry){cd_string(cd_slice("inode")), cd_int64((int64_t)tail->inode)};
    block->entry_count = cfg->identity && !tail->is_stream ? 2 : 1;
}

static bool more_offsets(struct block *block, const struct cd_host *host, struct cd_error *err)
{
    size_t count = OFFSETS_AT_ONCE;
    block->offsets =
        host->alloc(block->batch, count * block->entry_count * sizeof(*block->offsets), err);
    block->offsets_left = count;
    return block->offsets != NULL;
}

static bool set_offset(struct file_tail *tail, struct block *block, struct cd_record *rec,
                       int64_t position, struct cd_error *err)
{
    if (block->offsets_left == 0 && !more_offsets(block, tail->base->host, err))
        return false;
    struct cd_map_entry *entries = block->offsets;
    entries[0] = block->prototype[0];
    if (!tail->is_stream)
        entries[0].value = cd_int64(position);
    if (block->entry_count == 2)
        entries[1] = block->prototype[1];
    block->offsets += block->entry_count;
    block->offsets_left--;
    rec->source_offset = cd_map(entries, block->entry_count);
    return true;
}

/* A line with malformed bytes is copied with U+FFFD in their place; all others stay where they
 * were read. */
static bool line_text(const struct file_tail *tail, const struct block *block,
                      struct cd_slice *line, struct cd_error *err)
{
    if (block->ascii || file_is_utf8(*line))
        return true;
    char *text = tail->base->host->alloc(block->batch, line->len * 3, err);
    if (text == NULL)
        return false;
    *line = cd_slice_of(text, file_repair_utf8(*line, text));
    return true;
}

static bool add_record(struct file_tail *tail, struct block *block, struct cd_slice line,
                       int64_t position, struct cd_error *err)
{
    const struct file_source_config *cfg = tail->base->cfg;
    const struct cd_host *host = tail->base->host;
    struct cd_record *rec = host->add(block->batch, err);
    if (rec == NULL)
        return false;
    if (!line_text(tail, block, &line, err) || !set_offset(tail, block, rec, position, err)) {
        host->drop_last(block->batch);
        return false;
    }
    rec->topic = cd_slice(cfg->topic);
    rec->timestamp_ms = block->now_ms;
    rec->value_schema = host->primitives[CD_TYPE_STRING][0];
    rec->value = cd_string(line);
    rec->source_partition = tail->partition;
    return true;
}

/* All complete lines of the block, up to `count_max`. *ret_used are the bytes they had. False: the
 * batch is full (then the lines before are in it), or see err. */
static bool add_lines(struct file_tail *tail, struct block *block, struct file_lines *lines,
                      int64_t count_max, int64_t *ret_count, size_t *ret_used, struct cd_error *err)
{
    const char *begin = lines->at;
    struct cd_slice line;
    int64_t count = 0;
    bool ok = true;
    size_t used = 0;
    while (ok && count < count_max && file_next_line(lines, &line)) {
        size_t next = (size_t)(lines->at - begin);
        ok = add_record(tail, block, line, block->start + (int64_t)next, err);
        if (ok) {
            used = next;
            count++;
        }
    }
    *ret_count = count;
    *ret_used = used;
    return ok;
}

/* Longer lines make larger blocks: as many bytes as the batch may want, not many more. */
static size_t block_bytes(const struct file_tail *tail, int64_t count_max)
{
    int64_t line = tail->line_bytes + tail->line_bytes / 8;
    int64_t wanted = count_max < BLOCK_BYTES_MAX / line ? count_max * line : BLOCK_BYTES_MAX;
    return wanted < BLOCK_BYTES_MIN ? BLOCK_BYTES_MIN : (size_t)wanted;
}

static void learn_line_bytes(struct file_tail *tail, int64_t count, size_t used)
{
    if (count > 0)
        tail->line_bytes = (int64_t)used / count + 1;
}

/* The lines of `bytes`, which begin at the tail's position; the position moves behind those that
 * became records. With `is_last` what follows the last line end is a line, too. *ret_used are the
 * bytes taken. */
static enum file_taken take_lines(struct file_tail *tail, struct cd_batch *batch,
                                  struct cd_slice bytes, bool is_last, int64_t count_max,
                                  size_t *ret_used, struct cd_error *err)
{
    struct block block = {.batch = batch,
                          .start = tail->position,
                          .now_ms = tail->base->host->wall_ms(),
                          .ascii = file_is_ascii(bytes)};
    struct file_lines lines = file_lines(bytes.ptr, bytes.len, is_last);
    int64_t count = 0;
    size_t used = 0;
    init_offsets(&block, tail);
    bool ok = add_lines(tail, &block, &lines, count_max, &count, &used, err);
    if (ok && is_last && count < count_max && used < bytes.len) {
        struct cd_slice rest = cd_slice_of(bytes.ptr + used, bytes.len - used);
        ok = add_record(tail, &block, rest, block.start + (int64_t)bytes.len, err);
        count += ok;
        used = ok ? bytes.len : used;
    }
    tail->position += (int64_t)used;
    learn_line_bytes(tail, count, used);
    *ret_used = used;
    if (!ok)
        return cd_full(err) ? FILE_TAKEN_FULL : FILE_TAKEN_FAILED;
    return count > 0 ? FILE_TAKEN_SOME : FILE_TAKEN_NONE;
}

/* ---- regular files ---- */

static enum file_taken fail_read(const struct file_tail *tail, struct cd_error *err)
{
    int why = errno;
    (void)cd_fail_as(err, CD_ERR_REMOTE, strerrorname_np(why), "reading '%s': %s", tail->path,
                     strerror(why));
    return FILE_TAKEN_FAILED;
}

static enum file_taken fail_line(const struct file_tail *tail, size_t size, struct cd_error *err)
{
    (void)cd_fail_while(err, "'%s' has a line of more than %zu bytes at %lld",
                        tail->path == NULL ? "standard input" : tail->path, size,
                        (long long)tail->position);
    return FILE_TAKEN_FAILED;
}

/* One block from the position on. A line longer than the block makes the next block larger. */
static enum file_taken take_block(struct file_tail *tail, struct cd_batch *batch, bool is_last,
                                  int64_t count_max, struct cd_error *err)
{
    struct stat info;
    if (fstat(tail->fd, &info) != 0)
        return fail_read(tail, err);
    for (size_t wanted = block_bytes(tail, count_max); tail->position < info.st_size; wanted *= 2) {
        bool whole = info.st_size - tail->position <= (int64_t)wanted;
        size_t size = whole ? (size_t)(info.st_size - tail->position) : wanted;
        char *bytes = tail->base->host->alloc(batch, size, err);
        if (bytes == NULL)
            return fail_line(tail, size, err);
        ssize_t got = pread(tail->fd, bytes, size, (off_t)tail->position);
        if (got < 0)
            return fail_read(tail, err);
        size_t used;
        enum file_taken result = take_lines(tail, batch, cd_slice_of(bytes, (size_t)got),
                                            is_last && whole, count_max, &used, err);
        if (result != FILE_TAKEN_NONE || whole)
            return result;
    }
    return FILE_TAKEN_NONE;
}

/* ---- streams ---- */

static bool keep_rest(struct file_tail *tail, struct cd_slice rest)
{
    char *copy = rest.len == 0 ? NULL : malloc(rest.len);
    if (rest.len > 0 && copy == NULL)
        return false;
    if (rest.len > 0)
        memcpy(copy, rest.ptr, rest.len);
    free(tail->rest);
    tail->rest = copy;
    tail->rest_len = rest.len;
    return true;
}

static bool is_readable(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    return poll(&look, 1, 0) > 0;
}

/* Behind the rest of the last time; got 0 without `ended` means nothing was there. */
static ssize_t read_stream(struct file_tail *tail, char *into)
{
    if (tail->ended || !is_readable(tail->fd))
        return 0;
    ssize_t got = read(tail->fd, into, STREAM_BLOCK_BYTES);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    tail->ended = got == 0;
    return got;
}

static enum file_taken take_stream(struct file_tail *tail, struct cd_batch *batch,
                                   int64_t count_max, struct cd_error *err)
{
    size_t size = tail->rest_len + STREAM_BLOCK_BYTES;
    char *bytes = tail->base->host->alloc(batch, size, err);
    if (bytes == NULL)
        return fail_line(tail, size, err);
    if (tail->rest_len > 0)
        memcpy(bytes, tail->rest, tail->rest_len);
    ssize_t got = read_stream(tail, bytes + tail->rest_len);
    if (got < 0)
        return fail_read(tail, err);
    if (got == 0 && !tail->rest_ready && !(tail->ended && tail->rest_len > 0))
        return FILE_TAKEN_NONE;

    struct cd_slice all = cd_slice_of(bytes, tail->rest_len + (size_t)got);
    size_t used;
    enum file_taken result = take_lines(tail, batch, all, tail->ended, count_max, &used, err);
    tail->rest_ready = result == FILE_TAKEN_SOME || result == FILE_TAKEN_FULL;
    if (!keep_rest(tail, cd_slice_of(bytes + used, all.len - used))) {
        (void)cd_fail(err, CD_ERR_FULL, "no memory for an unfinished line");
        return FILE_TAKEN_FAILED;
    }
    return result;
}

/* ---- opening ---- */

static bool is_stdin(const struct file_tail *tail)
{
    return tail->path == NULL || tail->path[0] == '\0';
}

static void say(const struct file_tail *tail, enum cd_level level, const char *what)
{
    tail->base->host->log(tail->base->handle, level, "%s file=%s position=%lld", what, tail->path,
                          (long long)tail->position);
}

enum opened { OPEN_FAILED, OPEN_MISSING, OPEN_DONE };

static enum opened open_stdin(struct file_tail *tail)
{
    tail->fd = STDIN_FILENO;
    tail->is_stream = true;
    return OPEN_DONE;
}

static enum opened fail_open(const struct file_tail *tail, int why, struct cd_error *err)
{
    (void)cd_fail_as(err, CD_ERR_CONFIG, strerrorname_np(why), "opening '%s': %s", tail->path,
                     strerror(why));
    return OPEN_FAILED;
}

static enum opened open_missing(struct file_tail *tail)
{
    if (!tail->warned_missing)
        say(tail, CD_LOG_WARN, "the file is not there yet, waiting for it");
    tail->warned_missing = true;
    return OPEN_MISSING;
}

/* A named pipe is opened for writing, too: it then never ends, however many writers come and go. */
static enum opened open_file(struct file_tail *tail, struct cd_error *err)
{
    struct stat info;
    if (is_stdin(tail))
        return open_stdin(tail);
    bool is_pipe = stat(tail->path, &info) == 0 && S_ISFIFO(info.st_mode);
    int fd = open(tail->path, (is_pipe ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? open_missing(tail)
                                                   : fail_open(tail, errno, err);
    if (fstat(fd, &info) != 0 || S_ISDIR(info.st_mode)) {
        (void)close(fd); /* only read */
        return fail_open(tail, EISDIR, err);
    }
    tail->fd = fd;
    tail->device = info.st_dev;
    tail->inode = info.st_ino;
    tail->is_stream = !S_ISREG(info.st_mode);
    tail->warned_missing = false;
    file_watch_add(tail->watch, tail->path);
    return OPEN_DONE;
}

static void close_file(struct file_tail *tail)
{
    if (tail->fd > STDIN_FILENO)
        (void)close(tail->fd); /* only read */
    tail->fd = -1;
}

/* ---- cut or replaced ---- */

/* Copied and cut to nothing by a log rotation: what was behind the position is gone, what comes is
 * new. */
static bool was_cut(struct file_tail *tail)
{
    struct stat info;
    if (fstat(tail->fd, &info) != 0 || info.st_size >= tail->position)
        return false;
    say(tail, CD_LOG_WARN, "the file was cut below the position, starting at its beginning");
    tail->position = 0;
    return true;
}

static bool is_replaced(const struct file_tail *tail)
{
    struct stat info;
    return stat(tail->path, &info) == 0 && S_ISREG(info.st_mode) &&
           (info.st_ino != tail->inode || info.st_dev != tail->device);
}

/* A replaced file may grow until its writer, too, has noticed: it is left when it has been at its
 * end for a while. */
static bool may_leave(struct file_tail *tail, int64_t *until_ms)
{
    const struct file_source_config *cfg = tail->base->cfg;
    int64_t now_ms = tail->base->host->monotonic_ms();
    if (!cfg->rotation || !is_replaced(tail)) {
        tail->replaced_ms = 0;
        return false;
    }
    if (tail->replaced_ms == 0)
        tail->replaced_ms = now_ms;
    int64_t leave_ms = tail->replaced_ms + cfg->rotation_wait_ms;
    if (now_ms < leave_ms && leave_ms < *until_ms)
        *until_ms = leave_ms;
    return now_ms >= leave_ms;
}

/* The rest without a line end first, then the new file. */
static enum file_taken leave(struct file_tail *tail, struct cd_batch *batch, int64_t count_max,
                             struct cd_error *err)
{
    enum file_taken rest = take_block(tail, batch, /* is_last = */ true, count_max, err);
    if (rest != FILE_TAKEN_NONE)
        return rest;
    say(tail, CD_LOG_INFO, "the file was replaced, its end is reached: going on with the new one");
    close_file(tail);
    tail->position = 0;
    tail->replaced_ms = 0;
    return FILE_TAKEN_NONE;
}

/* ---- public ---- */

static bool intern(struct file_tail *tail, struct cd_error *err)
{
    const struct cd_map_entry entry = {cd_string(cd_slice("filename")),
                                       cd_string(cd_slice(tail->path))};
    tail->partition = tail->base->host->partition(tail->base->handle, cd_map(&entry, 1), err);
    return tail->partition != NULL;
}

struct file_tail *file_tail_new(struct cd_task_base *base, struct file_watch *watch,
                                const char *path, struct cd_error *err)
{
    struct file_tail *tail = calloc(1, sizeof(*tail));
    char *copy = path == NULL ? NULL : strdup(path);
    if (tail == NULL || (path != NULL && copy == NULL)) {
        free(tail);
        free(copy);
        (void)cd_fail(err, CD_ERR_FULL, "no memory for '%s'", path == NULL ? "" : path);
        return NULL;
    }
    *tail = (struct file_tail){
        .base = base, .watch = watch, .path = copy, .fd = -1, .line_bytes = FIRST_LINE_BYTES};
    if (intern(tail, err))
        return tail;
    file_tail_free(tail);
    return NULL;
}

void file_tail_free(struct file_tail *tail)
{
    if (tail == NULL)
        return;
    close_file(tail);
    free(tail->path);
    free(tail->rest);
    free(tail);
}

static enum opened make_ready(struct file_tail *tail, struct cd_error *err)
{
    if (tail->fd >= 0)
        return OPEN_DONE;
    enum opened opened = open_file(tail, err);
    if (opened != OPEN_DONE) {
        file_watch_add(tail->watch, tail->path);
        return opened;
    }
    if (!tail->resumed && !tail->is_stream && !file_resume(tail, err))
        return OPEN_FAILED;
    tail->resumed = true;
    return OPEN_DONE;
}

/* Until there is something, or surely nothing: a file that was cut or replaced is read again. */
static enum file_taken take_file(struct file_tail *tail, struct cd_batch *batch, int64_t count_max,
                                 int64_t *until_ms, struct cd_error *err)
{
    enum file_taken result = take_block(tail, batch, /* is_last = */ false, count_max, err);
    if (result != FILE_TAKEN_NONE)
        return result;
    if (was_cut(tail))
        return take_block(tail, batch, /* is_last = */ false, count_max, err);
    if (may_leave(tail, until_ms))
        return leave(tail, batch, count_max, err);
    return FILE_TAKEN_NONE;
}

enum file_taken file_tail_take(struct file_tail *tail, struct cd_batch *batch, int64_t count_max,
                               int64_t *until_ms, struct cd_error *err)
{
    /* Twice: a file that was left is followed by the one that took its place. */
    for (int round = 0; round < 2; round++) {
        bool was_open = tail->fd >= 0;
        enum opened opened = make_ready(tail, err);
        if (opened != OPEN_DONE)
            return opened == OPEN_MISSING ? FILE_TAKEN_NONE : FILE_TAKEN_FAILED;
        if (tail->is_stream)
            return take_stream(tail, batch, count_max, err);
        enum file_taken result = take_file(tail, batch, count_max, until_ms, err);
        if (result != FILE_TAKEN_NONE || !was_open || tail->fd >= 0)
            return result;
    }
    return FILE_TAKEN_NONE;
}
