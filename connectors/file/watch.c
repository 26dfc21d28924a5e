#include "connectors/file/watch.h"

#include <limits.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A look around even where inotify should tell all: what is mounted over, or bound, it does not. */
#define SAFETY_POLL_MS 30000

/* File systems that others change without the kernel noticing. */
static bool is_remote(const char *path)
{
    static const unsigned long remote[] = {
        0x6969,     /* NFS */
        0xFF534D42, /* CIFS */
        0xFE534D42, /* SMB2 */
        0x517B,     /* SMB */
        0x65735546, /* FUSE */
        0x01021997, /* 9p */
        0x00C36400, /* Ceph */
        0x47504653, /* GPFS */
        0x0BD00BD0, /* Lustre */
    };
    struct statfs info;
    if (statfs(path, &info) != 0)
        return true;
    for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
        if ((unsigned long)info.f_type == remote[i])
            return true;
    return false;
}

void file_watch_open(struct file_watch *watch)
{
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC); /* -1 beyond the user's limit: we poll */
    watch->reliable = watch->fd >= 0;
}

void file_watch_close(struct file_watch *watch)
{
    if (watch->fd >= 0)
        (void)close(watch->fd); /* holds nothing of ours */
    watch->fd = -1;
}

static void folder_of(const char *path, char *ret, size_t size)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        (void)snprintf(ret, size, ".");
    else if (slash == path)
        (void)snprintf(ret, size, "/");
    else
        (void)snprintf(ret, size, "%.*s", (int)(slash - path), path);
}

void file_watch_add(struct file_watch *watch, const char *path)
{
    char folder[PATH_MAX];
    if (watch->fd < 0)
        return;
    folder_of(path, folder, sizeof(folder));
    if (is_remote(folder) ||
        inotify_add_watch(watch->fd, folder, IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF) < 0)
        watch->reliable = false;
    /* A file that is not there yet is told of by its folder. */
    if (access(path, F_OK) == 0 &&
        inotify_add_watch(watch->fd, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF) < 0)
        watch->reliable = false;
}

bool file_watch_drain(const struct file_watch *watch)
{
    char events[4096];
    bool any = false;
    while (watch->fd >= 0 && read(watch->fd, events, sizeof(events)) > 0)
        any = true;
    return any;
}

enum cd_step file_watch_wait(const struct file_watch *watch, struct cd_wait *wait, int64_t now_ms,
                             int64_t poll_ms, int64_t until_ms)
{
    int64_t look_ms = now_ms + (watch->reliable ? SAFETY_POLL_MS : poll_ms);
    if (until_ms > look_ms)
        until_ms = look_ms;
    if (watch->reliable)
        return cd_wait_fd(wait, watch->fd, POLLIN, until_ms);
    return cd_wait_until(wait, until_ms);
}
