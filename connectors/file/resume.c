#include "connectors/file/resume.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "connectors/file/utf8.h"

#define BLOCK_BYTES 65536

static void say(const struct file_tail *tail, int64_t stored, const char *what)
{
    tail->base->host->log(tail->base->handle, CD_LOG_WARN, "%s file=%s stored=%lld position=%lld",
                          what, tail->path, (long long)stored, (long long)tail->position);
}

/* Does a line begin at `position`? */
static bool is_border(int fd, int64_t position)
{
    char around[2] = {0, 0};
    if (position == 0)
        return true;
    if (pread(fd, around, sizeof(around), (off_t)position - 1) < 1)
        return false;
    return around[0] == '\n' || (around[0] == '\r' && around[1] != '\n');
}

/* Bytes of the sequence that `first` begins; 1 for anything odd. */
static int64_t sequence_bytes(uint8_t first)
{
    return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Where the first `units` UTF-16 units of the file end; -1: it has not so many. */
static int64_t bytes_of_units(int fd, int64_t units)
{
    char block[BLOCK_BYTES];
    int64_t position = 0;
    while (units > 0) {
        ssize_t got = pread(fd, block, sizeof(block), (off_t)position);
        if (got <= 0)
            return -1;
        int64_t at = 0;
        while (units > 0 && at < got) {
            int64_t len = sequence_bytes((uint8_t)block[at]);
            if (at + len > got && at > 0)
                break; /* begins the next block */
            units -= len == 4 ? 2 : 1;
            at += len;
        }
        position += at;
    }
    return position;
}

/* The nearest line's beginning before `position`. */
static int64_t previous_border(int fd, int64_t position)
{
    char block[BLOCK_BYTES];
    while (position > 0) {
        int64_t start = position > BLOCK_BYTES ? position - BLOCK_BYTES : 0;
        ssize_t got = pread(fd, block, (size_t)(position - start), (off_t)start);
        for (ssize_t i = got; i > 0; i--)
            if (block[i - 1] == '\n')
                return start + i;
        position = got <= 0 ? 0 : start;
    }
    return 0;
}

static bool settle(struct file_tail *tail, int64_t stored, int64_t size)
{
    if (stored > size) {
        say(tail, stored,
            "the file is shorter than the stored position: starting at its beginning");
        return true;
    }
    if (is_border(tail->fd, stored)) {
        tail->position = stored;
        return true;
    }
    int64_t counted = bytes_of_units(tail->fd, stored);
    if (counted >= 0 && counted <= size && is_border(tail->fd, counted)) {
        tail->position = counted;
        say(tail, stored, "the stored position counts characters, as the JVM does: converted");
        return true;
    }
    tail->position = previous_border(tail->fd, stored);
    say(tail, stored, "the stored position is inside a line: going back to where it begins");
    return true;
}

/* ---- file.identity ---- */

/* The file of that inode beside `path`, opened; -1: none. */
static int open_sibling(const char *path, ino_t inode)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
                   slash == NULL ? "." : path);
    DIR *entries = opendir(folder);
    int fd = -1;
    for (struct dirent *entry; fd < 0 && entries != NULL && (entry = readdir(entries)) != NULL;)
        if (entry->d_ino == inode && entry->d_type == DT_REG)
            fd = openat(dirfd(entries), entry->d_name, O_RDONLY | O_CLOEXEC);
    if (entries != NULL)
        (void)closedir(entries); /* only read */
    return fd;
}

/* The stored position is of another file: that one is finished first, and then left as any
 * replaced file is. */
static bool resume_elsewhere(struct file_tail *tail, int64_t stored, ino_t inode)
{
    struct stat info;
    int fd = open_sibling(tail->path, inode);
    if (fd < 0 || fstat(fd, &info) != 0) {
        say(tail, stored,
            "the file was replaced and the one before is gone: what it had behind the stored "
            "position was not read");
        return true;
    }
    (void)close(tail->fd); /* only read */
    tail->fd = fd;
    tail->device = info.st_dev;
    tail->inode = info.st_ino;
    say(tail, stored, "the file was replaced: finishing the one before");
    return settle(tail, stored, info.st_size);
}

static bool stored_number(const struct cd_value *value, int64_t *ret, struct cd_error *err)
{
    *ret = 0;
    if (value->kind == CD_KIND_NULL)
        return true;
    if (value->kind != CD_KIND_INT64 || value->as.integer < 0)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "Offset position is the incorrect type: it should be a number from 0 on; "
                          "reset the connector's offsets");
    *ret = value->as.integer;
    return true;
}

bool file_resume(struct file_tail *tail, struct cd_error *err)
{
    const struct file_source_config *cfg = tail->base->cfg;
    struct cd_value offset = tail->base->host->offset(tail->base->handle, tail->partition);
    struct cd_value position = cd_map_get(offset, "position");
    struct cd_value inode = cd_map_get(offset, "inode");
    struct stat info;
    int64_t stored;
    if (!stored_number(&position, &stored, err))
        return false;
    if (fstat(tail->fd, &info) != 0)
        return cd_fail(err, CD_ERR_REMOTE, "looking at '%s' failed", tail->path);
    if (cfg->identity && inode.kind == CD_KIND_INT64 && (ino_t)inode.as.integer != info.st_ino)
        return resume_elsewhere(tail, stored, (ino_t)inode.as.integer);
    return settle(tail, stored, info.st_size);
}
