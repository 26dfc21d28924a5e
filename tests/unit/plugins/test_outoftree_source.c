/* The source in tests/outoftree is built as its author would, from an installed prefix by
 * pkg-config, loaded and run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "data/batch.h"
#include "plugins/instance.h"
#include "plugins/loader.h"

/* What `make install` does with headers and the pkg-config file, into a prefix of the test's. */
#define INSTALL                                                                                    \
    "mkdir -p \"$P/include/connectd\" \"$P/lib/pkgconfig\" \"$P/plugins\" && "                     \
    "cp include/connectd/*.h \"$P/include/connectd/\" && "                                         \
    "sed \"s|@PREFIX@|$P|; s|@VERSION@|0|\" connectd.pc.in > \"$P/lib/pkgconfig/connectd.pc\""
/* From a folder outside the tree, so that nothing but the prefix can be found. */
#define BUILD                                                                                      \
    "cp -r tests/outoftree/source \"$P/src\" && "                                                  \
    "PKG_CONFIG_PATH=\"$P/lib/pkgconfig\" make -s -C \"$P/src\" OUT=\"$P/plugins\" CFLAGS=-O2"

struct world {
    char prefix[64];
    struct cd_registry *registry;
    struct cd_loader *loader;
};

static void refused(void *arg, const char *file, const struct cd_error *why)
{
    (void)arg;
    fail_msg("%s: %s", file, why->msg);
}

/* The command finds the prefix as $P. */
static int run(const char *command, const char *prefix)
{
    return setenv("P", prefix, 1) == 0 ? system(command) : -1;
}

static int install_and_build(void **state)
{
    struct world *world = cd_new(struct world);
    (void)snprintf(world->prefix, sizeof(world->prefix), "/tmp/connectd-test-XXXXXX");
    if (mkdtemp(world->prefix) == NULL || run(INSTALL, world->prefix) != 0 ||
        run(BUILD, world->prefix) != 0)
        return -1;
    world->registry = cd_registry_new();
    world->loader = cd_loader_new(world->registry, refused, NULL);
    char *folder CD_AUTO_FREE = cd_asprintf("%s/plugins", world->prefix);
    cd_loader_scan(world->loader, folder);
    *state = world;
    return 0;
}

static int clean_up(void **state)
{
    struct world *world = *state;
    int failed = run("rm -rf \"$P\"", world->prefix);
    cd_registry_free(world->registry);
    cd_loader_free(world->loader);
    free(world);
    return failed;
}

static void a_source_built_from_an_installed_prefix_runs(void **state)
{
    struct world *world = *state;
    struct cd_error err = CD_ERROR_INIT;
    static const struct cd_handle_ops ops;
    struct cd_handle handle = {.magic = CD_HANDLE_MAGIC, .ops = &ops, .name = "clock"};
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "topic", "time");
    cd_config_set(config, "clock.interval.ms", "60000");
    const struct cd_registered *plugin =
        cd_registry_find(world->registry, CD_KIND_SET_CONNECTORS, "ClockSource", NULL, &err);
    assert_non_null(plugin);
    struct cd_instance *task CD_AUTO(cd_instance_freep) =
        cd_instance_new(plugin, config, &handle, &err);
    struct cd_batch *batch = cd_batch_new(65536, 65536);
    struct cd_wait wait = {.fd = -1};
    assert_int_equal(plugin->plugin.source->poll(task->state, batch, &wait, &err), CD_STEP_DONE);
    assert_int_equal(batch->count, 1);
    assert_true(cd_slice_is(batch->records[0].topic, "time"));
    assert_int_equal(plugin->plugin.source->poll(task->state, batch, &wait, &err), CD_STEP_WAIT);
    assert_null(plugin->plugin.source->close); /* what it has not, reads as NULL */
    cd_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
        a_source_built_from_an_installed_prefix_runs, install_and_build, clean_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
