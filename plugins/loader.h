/*
 * Finding, opening and judging plugin libraries.
 *
 * An entry of plugin.path is a library, or a folder that holds libraries or one more level of such
 * folders (the JVM's layout: a folder a plugin). What a library exports is data, so it is judged
 * before anything of it is called; its ELF constructors run before that and are the exception. A
 * library that does not fit is refused with a message that names the file and both numbers, and the
 * others are loaded all the same.
 *
 * A crash inside dlopen (a constructor) ends the process with a line that names the file: probing
 * each library in a forked child first would survive it, but costs a fork and a second load each
 * start (see loader.c for the measurement).
 *
 * Thread: one, at start. Memory: libraries stay loaded until free, which must come after every
 * plugin's code has ended.
 */
#ifndef CD_PLUGINS_LOADER_H
#define CD_PLUGINS_LOADER_H

#include "plugins/registry.h"

struct cd_loader;

/* `registry` is borrowed. `refused` hears of each library that was not loaded. */
struct cd_loader *
cd_loader_new(struct cd_registry *registry,
              void (*refused)(void *arg, const char *file, const struct cd_error *why), void *arg);
void cd_loader_free(struct cd_loader *loader); /* dlclose of all; NULL is allowed */

/* One library. On failure nothing of it is registered. */
CD_MUST_CHECK bool cd_loader_load(struct cd_loader *loader, const char *file, struct cd_error *err);
/* One entry of plugin.path. Problems go to `refused`; a file seen before is not loaded again. */
void cd_loader_scan(struct cd_loader *loader, const char *entry);
/* The connectors that come with the daemon: <dir of binary>/connectors in the build tree, else
 * <dir of binary>/../lib/connectd, else the folder given at build time. Always scanned first. */
void cd_loader_scan_default(struct cd_loader *loader);
/* Libraries loaded so far. */
size_t cd_loader_count(const struct cd_loader *loader);

#endif
