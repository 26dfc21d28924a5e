/*
 * What wakes a task that reads files: inotify where the file system tells of changes, else the
 * clock. Watches are hints: whoever is woken looks at the files themselves.
 */
#ifndef CONNECTORS_FILE_WATCH_H
#define CONNECTORS_FILE_WATCH_H

#include "connectd/plugin.h"

struct file_watch {
    int fd;        /* -1: no inotify */
    bool reliable; /* all that was asked to be watched is */
};

void file_watch_open(struct file_watch *watch);
void file_watch_close(struct file_watch *watch);
/* Watches a file, if it is there, and its folder, for it to appear or to be replaced. Cheap to
 * repeat. */
void file_watch_add(struct file_watch *watch, const char *path);
/* Takes what was told, so that the descriptor is quiet until the next change. True: there was
 * something. */
bool file_watch_drain(const struct file_watch *watch);
/* Until something changes, or `until_ms`; where watches are not reliable, at most `poll_ms`. */
enum cd_step file_watch_wait(const struct file_watch *watch, struct cd_wait *wait, int64_t now_ms,
                             int64_t poll_ms, int64_t until_ms);

#endif
