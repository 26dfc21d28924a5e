#include "plugins/loader.h"

#include <dirent.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/map.h"
#include "plugins/row.h"

/*
 * A crash in a library's constructor. Trying each library in a forked child first would let the
 * daemon survive it, but costs a fork and a second load and relocation of the library with all it
 * links to: measured, 1.9 ms for a small connector and 7.5 ms for libpq, where the load itself
 * takes 0.1 and 3.2 ms. Everybody would pay that at every start, for a broken installation that
 * no restart mends: what helps there is the line that names the file.
 */

struct cd_loader {
    struct cd_registry *registry; /* borrowed */
    void (*refused)(void *arg, const char *file, const struct cd_error *why);
    void *arg;
    struct cd_strmap seen; /* real paths of files tried, with the handle or NULL_HANDLE */
    size_t count;
};

static char no_handle[1]; /* a file that was refused */

static void close_library(void *handle)
{
    if (handle != no_handle)
        (void)dlclose(handle); /* nothing can be done, and we are leaving */
}

struct cd_loader *
cd_loader_new(struct cd_registry *registry,
              void (*refused)(void *arg, const char *file, const struct cd_error *why), void *arg)
{
    struct cd_loader *loader = cd_new(struct cd_loader);
    loader->registry = registry;
    loader->refused = refused;
    loader->arg = arg;
    cd_strmap_init(&loader->seen, close_library);
    return loader;
}

void cd_loader_free(struct cd_loader *loader)
{
    if (loader == NULL)
        return;
    cd_strmap_done(&loader->seen);
    free(loader);
}

size_t cd_loader_count(const struct cd_loader *loader)
{
    return loader->count;
}

/* ---- crashes while a library is being opened ---- */

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
#define CRASH_SIGNALS (sizeof(crash_signals) / sizeof(crash_signals[0]))

/* Written before dlopen, read by the handler on the same thread. */
static const char *opening;

static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* we are dying; there is no other place to complain */
}

static void on_crash(int signal_no)
{
    say("connectd: ");
    say(opening);
    say(" crashed while it was being loaded (in a constructor of it or of a library it needs); "
        "remove or rebuild it\n");
    (void)raise(signal_no); /* SA_RESETHAND: now it ends us, with its own status and core */
}

static void watch_crashes(const char *file, struct sigaction before[CRASH_SIGNALS])
{
    struct sigaction action = {.sa_handler = on_crash,
                               .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
    opening = file;
    for (size_t i = 0; i < CRASH_SIGNALS; i++)
        (void)sigaction(crash_signals[i], &action, &before[i]); /* fails for invalid numbers only */
}

static void unwatch_crashes(const struct sigaction before[CRASH_SIGNALS])
{
    for (size_t i = 0; i < CRASH_SIGNALS; i++)
        (void)sigaction(crash_signals[i], &before[i], NULL);
    opening = NULL;
}

/* ---- judging ---- */

static bool judge_set(const struct cd_plugin_set *set, struct cd_error *err)
{
    if (set->magic != CD_ABI_MAGIC)
        return cd_fail(err, CD_ERR_CONFIG,
                       "its connectd_plugins begins with %08x where a plugin has %08x", set->magic,
                       CD_ABI_MAGIC);
    if (set->abi_major != CD_ABI_MAJOR)
        return cd_fail(err, CD_ERR_CONFIG,
                       "it was built for version %u.%u of the plugin interface, this is %d.%d: "
                       "another major version cannot be loaded",
                       set->abi_major, set->abi_minor, CD_ABI_MAJOR, CD_ABI_MINOR);
    if (set->abi_minor > CD_ABI_MINOR)
        return cd_fail(err, CD_ERR_CONFIG,
                       "it was built for version %u.%u of the plugin interface, this is %d.%d: it "
                       "needs a newer connectd",
                       set->abi_major, set->abi_minor, CD_ABI_MAJOR, CD_ABI_MINOR);
    if (set->plugin_size < CD_PLUGIN_SIZE_1_0)
        return cd_fail(err, CD_ERR_CONFIG,
                       "its descriptors have %u bytes, version %u.%u has at least %zu",
                       set->plugin_size, set->abi_major, set->abi_minor, CD_PLUGIN_SIZE_1_0);
    if (set->count == 0 || set->plugins == NULL)
        return cd_fail(err, CD_ERR_CONFIG, "it holds no plugin");
    return true;
}

static bool add_set(struct cd_loader *loader, const struct cd_plugin_set *set, const char *file,
                    struct cd_error *err)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const void *row = (const char *)set->plugins + (size_t)i * set->plugin_size;
        if (cd_registry_add(loader->registry, row, set->plugin_size, file, err))
            continue;
        cd_registry_remove(loader->registry, file);
        return false;
    }
    return true;
}

/* dlopen maps what it opens, and a file cut short crashes it: look at the length first. */
static bool judge_file(const char *file, struct cd_error *err)
{
    Elf64_Ehdr head;
    struct stat info;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cd_fail_as(err, CD_ERR_CONFIG, strerrorname_np(errno), "cannot be opened: %s",
                          strerror(errno));
    ssize_t got = read(fd, &head, sizeof(head));
    bool known = fstat(fd, &info) == 0;
    (void)close(fd); /* only read */
    if (!known || got != (ssize_t)sizeof(head) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return cd_fail(err, CD_ERR_CONFIG, "is no ELF library");
    if (head.e_ident[EI_CLASS] != ELFCLASS64)
        return true; /* dlopen says what is wrong with it */
    uint64_t needed = head.e_shoff + (uint64_t)head.e_shnum * head.e_shentsize;
    if (needed > (uint64_t)info.st_size)
        return cd_fail(err, CD_ERR_CONFIG, "is cut short: it has %lld bytes and needs %llu",
                       (long long)info.st_size, (unsigned long long)needed);
    return true;
}

static void *open_library(const char *file, struct cd_error *err)
{
    struct sigaction before[CRASH_SIGNALS];
    if (!judge_file(file, err))
        return NULL;
    watch_crashes(file, before);
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    unwatch_crashes(before);
    if (handle == NULL)
        (void)cd_fail(err, CD_ERR_CONFIG, "cannot be loaded: %s", dlerror());
    return handle;
}

static bool load(struct cd_loader *loader, const char *file, void **ret_handle,
                 struct cd_error *err)
{
    void *handle = open_library(file, err);
    if (handle == NULL)
        return false;
    const struct cd_plugin_set *set = dlsym(handle, "connectd_plugins");
    bool ok = set != NULL ? judge_set(set, err) && add_set(loader, set, file, err)
                          : cd_fail(err, CD_ERR_CONFIG,
                                    "does not export connectd_plugins, so it is no plugin of "
                                    "connectd");
    if (ok)
        *ret_handle = handle;
    else
        (void)dlclose(handle);
    return ok;
}

bool cd_loader_load(struct cd_loader *loader, const char *file, struct cd_error *err)
{
    void *handle = no_handle;
    char *real CD_AUTO_FREE = realpath(file, NULL);
    if (real != NULL && cd_strmap_get(&loader->seen, real) != NULL)
        return true; /* told about before, whatever came of it */
    bool ok = load(loader, real == NULL ? file : real, &handle, err);
    if (real != NULL)
        (void)cd_strmap_put(&loader->seen, real, handle);
    if (!ok)
        return cd_fail_while(err, "plugin library '%s'", file);
    loader->count++;
    return true;
}

/* ---- scanning ---- */

static void try_library(struct cd_loader *loader, const char *file)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_loader_load(loader, file, &err) && loader->refused != NULL)
        loader->refused(loader->arg, file, &err);
}

static void tell_unreadable(struct cd_loader *loader, const char *path)
{
    struct cd_error err = CD_ERROR_INIT;
    (void)cd_fail_as(&err, CD_ERR_CONFIG, strerrorname_np(errno), "plugin path '%s': %s", path,
                     strerror(errno));
    if (loader->refused != NULL)
        loader->refused(loader->arg, path, &err);
}

static bool is_library_name(const char *name)
{
    size_t len = strlen(name);
    return len > 3 && strcmp(name + len - 3, ".so") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* In the order of names, so that two starts are the same. */
static void scan_folder(struct cd_loader *loader, const char *folder, int depth)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, by_name);
    if (count < 0)
        tell_unreadable(loader, folder);
    for (int i = 0; i < count; i++) {
        char *path CD_AUTO_FREE = cd_asprintf("%s/%s", folder, entries[i]->d_name);
        if (is_library_name(entries[i]->d_name))
            try_library(loader, path);
        else if (depth > 0 && entries[i]->d_name[0] != '.' && is_folder(path))
            scan_folder(loader, path, depth - 1);
        free(entries[i]);
    }
    free(entries);
}

void cd_loader_scan(struct cd_loader *loader, const char *entry)
{
    struct stat info;
    if (stat(entry, &info) != 0)
        tell_unreadable(loader, entry);
    else if (S_ISDIR(info.st_mode))
        scan_folder(loader, entry, 1);
    else
        try_library(loader, entry);
}

void cd_loader_scan_default(struct cd_loader *loader)
{
    static const char *const beside[] = {"connectors", "../lib/connectd"};
    char binary[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", binary, sizeof(binary) - 1);
    char *slash = NULL;
    if (len > 0) {
        binary[len] = '\0';
        slash = strrchr(binary, '/');
    }
    for (size_t i = 0; slash != NULL && i < sizeof(beside) / sizeof(beside[0]); i++) {
        char *folder CD_AUTO_FREE =
            cd_asprintf("%.*s/%s", (int)(slash - binary), binary, beside[i]);
        if (is_folder(folder)) {
            scan_folder(loader, folder, 0);
            return;
        }
    }
    if (is_folder(CD_LIBDIR))
        scan_folder(loader, CD_LIBDIR, 0);
}
