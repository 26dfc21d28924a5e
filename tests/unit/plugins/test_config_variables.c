/* ${provider:path:key}: the resolver and the built-in providers together, against the JVM. */
#include "plugins/providers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "plugins/provider_builtin.h"
#include "tests/fake/vectors.h"

#define PROVIDERS "org.apache.kafka.common.config.provider."

/* The vectors call the two folders DIR and DIR2; one of them knows that DIR2 is called cp2. */
struct world {
    char root[64];
    char dir[80];
    char dir2[80];
    struct cd_registry *registry;
    struct cd_resolver *resolver;
};

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[200];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make_files(struct world *world, const char *properties)
{
    char sub[100];
    (void)snprintf(world->root, sizeof(world->root), "/tmp/connectd-test-XXXXXX");
    assert_non_null(mkdtemp(world->root));
    (void)snprintf(world->dir, sizeof(world->dir), "%s/cp1", world->root);
    (void)snprintf(world->dir2, sizeof(world->dir2), "%s/cp2", world->root);
    (void)snprintf(sub, sizeof(sub), "%s/sub", world->dir);
    assert_int_equal(mkdir(world->dir, 0700) | mkdir(world->dir2, 0700) | mkdir(sub, 0700), 0);
    write_file(world->dir, "s.properties", properties);
    write_file(world->dir, "file1", "line1\nline2\n");
    write_file(world->dir2, "x.properties", "k=v");
}

static void open_providers(struct world *world)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_config *worker CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(worker, "config.providers", "file,afile,dir,env");
    cd_config_set(worker, "config.providers.file.class", PROVIDERS "FileConfigProvider");
    cd_config_set(worker, "config.providers.afile.class", PROVIDERS "FileConfigProvider");
    cd_config_set(worker, "config.providers.afile.param.allowed.paths", world->dir);
    cd_config_set(worker, "config.providers.dir.class", PROVIDERS "DirectoryConfigProvider");
    cd_config_set(worker, "config.providers.env.class", PROVIDERS "EnvVarConfigProvider");
    cd_config_set(worker, "config.providers.env.param.allowlist.pattern", "FO.*");
    assert_int_equal(setenv("FOO", "bar", 1) | setenv("OTHER", "o", 1), 0);
    world->registry = cd_registry_new();
    for (size_t i = 0; i < cd_builtin_provider_count; i++)
        assert_true(cd_registry_add(world->registry, &cd_builtin_providers[i],
                                    sizeof(struct cd_plugin), "built-in", &err));
    world->resolver = cd_providers_open(world->registry, worker, &err);
    if (world->resolver == NULL)
        fail_msg("%s", err.msg);
}

static void clean_up(struct world *world)
{
    char command[100];
    cd_resolver_free(world->resolver);
    cd_registry_free(world->registry);
    (void)snprintf(command, sizeof(command), "rm -r %s", world->root);
    assert_int_equal(system(command), 0);
}

/* The text with DIR and DIR2 being folders that exist. */
static void place(const struct world *world, const char *text, struct cd_buffer *out)
{
    cd_buffer_clear(out);
    for (const char *found; (found = strstr(text, "DIR")) != NULL;) {
        bool second = found[3] == '2';
        cd_buffer_append(out, text, (size_t)(found - text));
        cd_buffer_text(out, second ? world->dir2 : world->dir);
        text = found + (second ? 4 : 3);
    }
    cd_buffer_text(out, text);
}

static bool agrees(const struct world *world, const json_t *vector)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    const json_t *error = json_object_get(vector, "error");
    place(world, cd_vector_text(vector, "input"), &text);
    cd_config_set(config, "k", text.ptr);
    struct cd_config *expanded CD_AUTO(cd_config_freep) =
        cd_resolver_expand(world->resolver, config, NULL, &err);
    if (expanded == NULL)
        return error != NULL && cd_vector_same_error(&err, error);
    if (error != NULL)
        return false;
    place(world, cd_vector_text(vector, "output"), &text);
    return strcmp(cd_config_get(expanded, "k"), text.ptr) == 0;
}

static void variables_expand_as_on_the_jvm(void **state)
{
    (void)state;
    struct world world = {.resolver = NULL};
    size_t count = 0, bad = 0, i;
    json_t *file = cd_vectors_load("transforms.json");
    json_t *vector;
    json_array_foreach(json_object_get(file, "vectors"), i, vector)
    {
        if (strcmp(cd_vector_text(vector, "op"), "config_transform") != 0)
            continue;
        if (count++ == 0) {
            make_files(&world, cd_vector_text(json_object_get(vector, "setup"), "file_text"));
            open_providers(&world);
        }
        if (agrees(&world, vector))
            continue;
        bad++;
        print_error("%s (%s)\n", cd_vector_text(vector, "id"), cd_vector_text(vector, "title"));
    }
    clean_up(&world);
    json_decref(file);
    assert_int_equal(count, 30);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_expand_as_on_the_jvm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
