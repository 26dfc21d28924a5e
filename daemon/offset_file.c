/*
 * Offsets in a local file, in the JVM's own layout, so that the JVM reads it back. Written to a
 * temporary name, synced and renamed: a crash leaves the old file or the new one, never a short
 * one.
 */
#include "base/alloc.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "daemon/java_map.h"
#include "daemon/offset_store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct offset_file {
    struct cd_offset_store store;
    char *path;
    struct cd_mailbox puts; /* struct put, for the writer */
    struct cd_thread writer;
};

struct put {
    struct cd_link link;
    cd_offset_done_fn *done;
    void *arg;
};

static struct cd_logger file_log = {.component = "offsets", .task = -1};

static bool errno_fail(struct cd_error *err, const char *what, const char *path)
{
    return cd_fail(err, CD_ERR_REMOTE, "%s offset.storage.file.filename = '%s': %s", what, path,
                   strerror(errno));
}

static void render(struct offset_file *file, struct cd_buffer *out)
{
    cd_mutex_lock(&file->store.lock);
    struct cd_java_map_writer writer;
    cd_java_map_begin(&writer, out, cd_strmap_count(&file->store.table));
    for (struct cd_strmap_iter it = {0}; cd_strmap_next(&file->store.table, &it);) {
        const struct cd_stored *stored = it.value;
        cd_java_map_entry(&writer, cd_slice(it.key), cd_slice_of(stored->value, stored->len));
    }
    cd_java_map_end(&writer);
    cd_mutex_unlock(&file->store.lock);
}

static bool write_all(int fd, struct cd_slice bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.ptr, bytes.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        bytes.ptr += done;
        bytes.len -= (size_t)done;
    }
    return true;
}

/* The rename is durable only once the folder is. */
static bool sync_folder(const char *path)
{
    char *folder = cd_strdup(path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    int fd = open(slash == NULL ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    (void)close(fd); /* nothing was written through it */
    return ok;
}

static bool write_file(struct offset_file *file, struct cd_slice bytes, struct cd_error *err)
{
    char *temporary = cd_asprintf("%s.tmp", file->path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && write_all(fd, bytes) && fsync(fd) == 0;
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    if (ok)
        ok = rename(temporary, file->path) == 0 && sync_folder(file->path);
    if (!ok) {
        (void)errno_fail(err, "writing", file->path);
        (void)unlink(temporary); /* half a file is of no use to anyone */
    }
    free(temporary);
    return ok;
}

/* Puts that wait together are written together: the file is rewritten whole each time. */
static void run_writer(void *arg)
{
    struct offset_file *file = arg;
    struct cd_link *first;
    while ((first = cd_mailbox_take(&file->puts, INT64_MAX)) != NULL) {
        struct cd_link waiting;
        cd_list_init(&waiting);
        for (struct cd_link *link = first; link != NULL; link = cd_mailbox_take(&file->puts, 0))
            cd_list_push_back(&waiting, link);
        CD_AUTO(cd_buffer_done) struct cd_buffer bytes = CD_BUFFER_INIT;
        struct cd_error err = CD_ERROR_INIT;
        render(file, &bytes);
        (void)write_file(file, cd_buffer_view(&bytes), &err); /* told to each waiting put below */
        for (struct cd_link *link; (link = cd_list_pop_front(&waiting)) != NULL;) {
            struct put *put = CD_CONTAINER_OF(link, struct put, link);
            put->done(put->arg, &err);
            free(put);
        }
    }
}

static void file_put(struct cd_offset_store *store, const struct cd_offset_entry *entries,
                     size_t count, cd_offset_done_fn *done, void *arg)
{
    struct offset_file *file = (struct offset_file *)store;
    for (size_t i = 0; i < count; i++)
        cd_offset_table_set(store, entries[i].key, entries[i].value);
    struct put *put = cd_new(struct put);
    put->done = done;
    put->arg = arg;
    if (!cd_mailbox_force(&file->puts, &put->link)) {
        struct cd_error err = CD_ERROR_INIT;
        (void)cd_fail(&err, CD_ERR_CANCELLED, "the offset store is closed");
        done(arg, &err);
        free(put);
    }
}

static void file_barrier(struct cd_offset_store *store, int64_t deadline_ms,
                         cd_offset_done_fn *done, void *arg)
{
    (void)store; /* nobody else writes the file: the table is the truth */
    (void)deadline_ms;
    const struct cd_error none = CD_ERROR_INIT;
    done(arg, &none);
}

/* The writer ends once all puts are on disk; a disk that hangs for longer than any deadline keeps
 * us here, as it would keep the JVM: leaving would lose what we were asked to keep. */
static void file_close(struct cd_offset_store *store, int64_t deadline_ms)
{
    (void)deadline_ms;
    struct offset_file *file = (struct offset_file *)store;
    cd_mailbox_close(&file->puts);
    cd_thread_join(&file->writer);
    cd_mailbox_done(&file->puts);
    cd_offset_table_done(store);
    free(file->path);
    free(file);
}

static void load_entry(void *arg, struct cd_slice key, struct cd_slice value)
{
    cd_offset_table_set(arg, key, value);
}

static bool read_whole(int fd, struct cd_buffer *out)
{
    for (;;) {
        char *room = cd_buffer_reserve(out, 64 * 1024);
        ssize_t got = read(fd, room, 64 * 1024);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        out->len += (size_t)got;
    }
}

static bool load(struct offset_file *file, struct cd_error *err)
{
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return true; /* the first start */
    if (fd < 0)
        return errno_fail(err, "reading", file->path);
    CD_AUTO(cd_buffer_done) struct cd_buffer bytes = CD_BUFFER_INIT;
    bool read_ok = read_whole(fd, &bytes);
    if (!read_ok)
        (void)errno_fail(err, "reading", file->path);
    (void)close(fd); /* only read from */
    if (!read_ok)
        return false;
    if (bytes.len == 0) {
        cd_log_warn(&file_log,
                    "offset file is empty, all sources start from their beginning path=%s",
                    file->path);
        return true;
    }
    if (!cd_java_map_read(cd_buffer_view(&bytes), load_entry, &file->store, err))
        return cd_fail_while(err, "offset.storage.file.filename = '%s'", file->path);
    return true;
}

struct cd_offset_store *cd_offset_file_open(const char *path, struct cd_error *err)
{
    static const struct cd_offset_store_ops ops = {file_put, file_barrier, file_close};
    struct offset_file *file = cd_new(struct offset_file);
    cd_offset_table_init(&file->store, &ops);
    cd_mailbox_init(&file->puts, 1024);
    file->path = cd_strdup(path);
    if (load(file, err) && cd_thread_start(&file->writer, "offsets", 0, run_writer, file, err))
        return &file->store;
    file_close(&file->store, 0);
    return NULL;
}
