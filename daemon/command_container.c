/*
 * `connectd container`: the entry point of the image. Makes a worker file of the environment, in
 * memory (secrets reach no disk, and the root file system may be read-only), and runs the worker.
 *
 * CONNECTD_CONFIG names a file that is read before the environment; CONNECTD_CONNECTORS a folder
 * with connector files, for a standalone worker.
 */
#include "base/alloc.h"
#include "daemon/commands.h"
#include "daemon/environment.h"
#include "daemon/runtime.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool load(struct cd_config *config, struct cd_error *err)
{
    const char *base = getenv("CONNECTD_CONFIG");
    if (base != NULL && base[0] != '\0' &&
        !cd_properties_load(base, /* utf8 = */ false, config, err))
        return false;
    if (!cd_environment_read(environ, config, err))
        return false;
    cd_environment_defaults(config);
    return true;
}

/* ---- the file ---- */

/* A path that only this process can read. */
static char *store(const struct cd_config *config, struct cd_error *err)
{
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    cd_environment_write(config, /* hide = */ false, &text);
    int fd = memfd_create("worker.properties", MFD_CLOEXEC);
    if (fd < 0 || write(fd, text.ptr, text.len) != (ssize_t)text.len) {
        (void)cd_fail(err, CD_ERR_REMOTE, "no memory for the worker's settings: %s",
                      strerror(errno));
        return NULL;
    }
    return cd_asprintf("/proc/self/fd/%d", fd); /* open as long as the process lives */
}

/* ---- connector files ---- */

static int is_connector(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot != NULL &&
           (strcmp(dot, ".properties") == 0 || strcmp(dot, ".json") == 0);
}

/* Sorted by name; all are kept as long as the process lives. */
static bool find_connectors(char ***ret, int *ret_count, struct cd_error *err)
{
    const char *folder = getenv("CONNECTD_CONNECTORS");
    struct dirent **entries = NULL;
    *ret_count = 0;
    if (folder == NULL || folder[0] == '\0')
        return true;
    int count = scandir(folder, &entries, is_connector, alphasort);
    if (count < 0)
        return cd_fail(err, CD_ERR_CONFIG, "CONNECTD_CONNECTORS = '%s': %s", folder,
                       strerror(errno));
    *ret = cd_new_array((size_t)count + 1, char *);
    for (int i = 0; i < count; i++) {
        (*ret)[i] = cd_asprintf("%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    *ret_count = count;
    return true;
}

/* ---- the command ---- */

static int fail(const struct cd_error *err)
{
    fprintf(stderr, "connectd container: %s\n", err->msg);
    return CD_EXIT_CONFIG;
}

/* `files` from the command line follow those of the folder. */
static int run(const struct cd_config *config, char **files, int count)
{
    struct cd_error err = CD_ERROR_INIT;
    char **found = NULL;
    int found_count = 0;
    char *path = store(config, &err);
    if (path == NULL || !find_connectors(&found, &found_count, &err))
        return fail(&err);
    bool distributed = cd_environment_is_distributed(config);
    char name[16];
    snprintf(name, sizeof(name), "%s", distributed ? "distributed" : "standalone");
    char **argv = cd_new_array((size_t)(2 + found_count + count + 1), char *);
    int argc = 0;
    argv[argc++] = name;
    argv[argc++] = path;
    for (int i = 0; i < found_count; i++)
        argv[argc++] = found[i];
    for (int i = 0; i < count; i++)
        argv[argc++] = files[i];
    int status =
        distributed ? cd_command_distributed(argc, argv) : cd_command_standalone(argc, argv);
    for (int i = 0; i < found_count; i++)
        free(found[i]);
    free(found);
    free(argv);
    free(path);
    return status;
}

int cd_command_container(int argc, char **argv)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    bool print = argc > 1 && strcmp(argv[1], "--print") == 0;
    if (!load(config, &err))
        return fail(&err);
    if (!print)
        return run(config, argv + 1, argc - 1);
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    cd_environment_write(config, /* hide = */ true, &text);
    (void)fputs(text.ptr, stdout); /* a closed pipe is the reader's wish */
    return CD_EXIT_OK;
}
