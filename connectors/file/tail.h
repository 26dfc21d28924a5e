/*
 * One file, or the standard input, read line by line from where the last line that became a record
 * ended.
 *
 * Lines are slices of blocks read straight into a batch: no copy and no allocation a line. Nothing
 * is kept between two steps but the position, so that a batch that is full, or taken early, costs a
 * second read of some bytes and never a line. Only what cannot be read twice (pipes, terminals)
 * keeps its unfinished line in memory.
 *
 * Thread: the task's step.
 */
#ifndef CONNECTORS_FILE_TAIL_H
#define CONNECTORS_FILE_TAIL_H

#include <sys/stat.h>
#include <sys/types.h>

#include "connectors/file/config.h"
#include "connectors/file/watch.h"

struct file_tail {
    struct cd_task_base *base; /* borrowed */
    struct file_watch *watch;  /* borrowed */
    char *path;                /* as configured; NULL or empty: standard input */
    struct cd_partition *partition;
    int fd; /* -1: not open */
    dev_t device;
    ino_t inode;
    bool is_stream;      /* cannot be read twice */
    bool ended;          /* a stream that will give no more */
    int64_t position;    /* of the first line that is no record yet */
    int64_t line_bytes;  /* a guess at the length of lines, from what was read */
    int64_t replaced_ms; /* when another file was first seen under the path; 0: not */
    bool warned_missing;
    bool resumed; /* the stored offset has been looked at */
    char *rest;   /* a stream's unfinished line */
    size_t rest_len;
    bool rest_ready; /* it holds whole lines: the batch was full before they were taken */
    struct file_tail *next;
};

/* `path` is copied; NULL is standard input. NULL: see err. */
struct file_tail *file_tail_new(struct cd_task_base *base, struct file_watch *watch,
                                const char *path, struct cd_error *err);
void file_tail_free(struct file_tail *tail);

enum file_taken {
    FILE_TAKEN_FAILED,
    FILE_TAKEN_FULL, /* the batch has no room: return it */
    FILE_TAKEN_SOME, /* up to `count_max` records were added */
    FILE_TAKEN_NONE, /* nothing to read: wait */
};

/* Adds up to `count_max` records. `until_ms` is lowered to when this file wants to be looked at
 * again. */
enum file_taken file_tail_take(struct file_tail *tail, struct cd_batch *batch, int64_t count_max,
                               int64_t *until_ms, struct cd_error *err);

#endif
