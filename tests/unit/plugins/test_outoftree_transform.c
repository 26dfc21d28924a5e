/* The transform in tests/outoftree is built as its author would, loaded and run. */
#include "plugins/loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "data/batch.h"
#include "data/schema.h"
#include "plugins/instance.h"
#include "tests/fake/transform_vectors.h"

#define INPUT                                                                                      \
    "{'topic':'t','value_schema':{'type':'struct','fields':[{'field':'a','schema':{'type':"        \
    "'string','optional':true}},{'field':'b','schema':{'type':'int32'}}]},'value':{'struct':["     \
    "['a',{'string':'%s'}],['b',{'int32':7}]]}}"

struct world {
    char folder[64];
    char library[96];
    struct cd_registry *registry;
    struct cd_loader *loader;
};

static void refused(void *arg, const char *file, const struct cd_error *why)
{
    (void)arg;
    fail_msg("%s: %s", file, why->msg);
}

static int build_and_load(void **state)
{
    static struct world world;
    char command[256];
    struct cd_error err = CD_ERROR_INIT;
    (void)snprintf(world.folder, sizeof(world.folder), "/tmp/connectd-test-XXXXXX");
    if (mkdtemp(world.folder) == NULL)
        return -1;
    (void)snprintf(world.library, sizeof(world.library), "%s/uppercase.so", world.folder);
    (void)snprintf(command, sizeof(command),
                   "make -s -C tests/outoftree/transform OUT=%s CONNECTD_CFLAGS=-I%s CFLAGS=-O2",
                   world.folder, "../../../include");
    if (system(command) != 0)
        return -1;
    world.registry = cd_registry_new();
    world.loader = cd_loader_new(world.registry, refused, NULL);
    *state = &world;
    if (cd_loader_load(world.loader, world.library, &err))
        return 0;
    print_error("%s\n", err.msg);
    return -1;
}

static int unload(void **state)
{
    struct world *world = *state;
    cd_registry_free(world->registry);
    cd_loader_free(world->loader);
    (void)unlink(world->library);
    (void)rmdir(world->folder);
    return cd_schema_alive() != 0;
}

static struct cd_instance *open_uppercase(const struct world *world, const char *field,
                                          struct cd_error *err)
{
    static const struct cd_handle_ops no_ops;
    static struct cd_handle handle = {.magic = CD_HANDLE_MAGIC, .ops = &no_ops, .name = "test"};
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "field", field);
    const struct cd_registered *row = cd_registry_find(
        world->registry, CD_KIND_SET(CD_PLUGIN_TRANSFORM), "com.example.Uppercase", NULL, err);
    return row == NULL ? NULL : cd_instance_open(row, CD_ROLE_VALUE, config, &handle, err);
}

static void it_transforms_like_a_built_in_one(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *in = cd_batch_new(10000, 10000);
    struct cd_batch *out = cd_batch_new(10000, 10000);
    char text[400];
    struct cd_instance *up = open_uppercase(*state, "a", &err);
    assert_non_null(up);
    (void)snprintf(text, sizeof(text), INPUT, "Abc1");
    const struct cd_record before = *cd_test_record(in, text);
    struct cd_record rec = before;
    assert_int_equal(cd_test_apply(up, out, &rec, &err), CD_RECORD_KEEP);
    cd_instance_free(up);
    cd_test_same(in, &before, text);
    (void)snprintf(text, sizeof(text), INPUT, "ABC1");
    cd_test_same(out, &rec, text);
    cd_batch_free(out);
    cd_batch_free(in);
}

static void its_errors_are_data_errors(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *batch = cd_batch_new(10000, 10000);
    char text[400];
    struct cd_instance *up = open_uppercase(*state, "b", &err);
    (void)snprintf(text, sizeof(text), INPUT, "x");
    struct cd_record rec = *cd_test_record(batch, text);
    assert_int_equal(cd_test_apply(up, batch, &rec, &err), CD_RECORD_FAILED);
    assert_int_equal(err.code, CD_ERR_DATA);
    cd_instance_free(up);
    cd_batch_free(batch);
}

static void its_settings_are_checked_by_the_daemon(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    assert_null(open_uppercase(*state, "", &err));
    assert_string_equal(err.msg,
                        "Invalid value  for configuration field: String must be non-empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_transforms_like_a_built_in_one),
        cmocka_unit_test(its_errors_are_data_errors),
        cmocka_unit_test(its_settings_are_checked_by_the_daemon),
    };
    return cmocka_run_group_tests(tests, build_and_load, unload);
}
