#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "plugins/loader.h"
#include "plugins/row.h"

/*
 * Libraries are forged from C snippets, compiled by the test: one that is right, and one for each
 * way to be wrong.
 */

static const char good_source[] =
    "#include <connectd/plugin.h>\n"
    "#ifndef CLASS\n#define CLASS \"test.GoodSourceConnector\"\n#endif\n"
    "#ifndef VERSION\n#define VERSION \"1.0\"\n#endif\n"
    "#ifndef MAGIC\n#define MAGIC CD_ABI_MAGIC\n#endif\n"
    "#ifndef MAJOR\n#define MAJOR CD_ABI_MAJOR\n#endif\n"
    "#ifndef MINOR\n#define MINOR CD_ABI_MINOR\n#endif\n"
    "#ifndef PLUGIN_SIZE\n#define PLUGIN_SIZE sizeof(struct cd_plugin)\n#endif\n"
    "#ifndef COUNT\n#define COUNT 1\n#endif\n"
    "#ifndef TABLE_SIZE\n#define TABLE_SIZE sizeof(struct cd_source)\n#endif\n"
    "#ifndef STATE_SIZE\n#define STATE_SIZE sizeof(struct cd_task_base)\n#endif\n"
    "#ifndef POLL\n#define POLL poll_nothing\n#endif\n"
    "#ifndef KEY_SIZE\n#define KEY_SIZE sizeof(struct cd_key)\n#endif\n"
    "#ifndef OFFSET\n#define OFFSET 0\n#endif\n"
    "#ifndef SYMBOL\n#define SYMBOL connectd_plugins\n#endif\n"
    "struct cfg { const char *topic; };\n"
    "static const struct cd_key keys[] = {{.name = \"topic\", .type = CD_STRING, .offset = "
    "OFFSET}};\n"
    "CD_UNUSED static enum cd_step poll_nothing(void *t, struct cd_batch *b, struct cd_wait *w,\n"
    "    struct cd_error *e) { (void)t; (void)b; (void)e; return cd_wait_forever(w); }\n"
    "static const struct cd_source source = {.size = TABLE_SIZE, .task_size = STATE_SIZE, .poll = "
    "POLL};\n"
    "static const struct cd_plugin plugins[] = {{.kind = CD_PLUGIN_SOURCE, .class_name = CLASS,\n"
    "    .version = VERSION, .keys = keys, .key_count = 1, .key_size = KEY_SIZE,\n"
    "    .config_size = sizeof(struct cfg), .source = &source}};\n"
    "extern CD_EXPORT const struct cd_plugin_set SYMBOL;\n"
    "const struct cd_plugin_set SYMBOL = {.magic = MAGIC, .abi_major = MAJOR,\n"
    "    .abi_minor = MINOR, .plugin_size = PLUGIN_SIZE, .count = COUNT, .plugins = plugins};\n"
    "#ifdef CRASH\n__attribute__((constructor)) static void crash(void) { *(volatile int *)8 = 1; "
    "}\n#endif\n"
    "#ifdef NEEDS\nextern void nobody_has_this(void); CD_EXPORT void call(void);\n"
    "void call(void) { nobody_has_this(); }\n#endif\n";

struct fixture {
    char folder[64];
    struct cd_registry *registry;
    struct cd_loader *loader;
    struct cd_buffer refusals; /* "file: message\n" */
};

static void remember(void *arg, const char *file, const struct cd_error *why)
{
    struct fixture *fx = arg;
    cd_buffer_printf(&fx->refusals, "%s: %s\n", file, why->msg);
}

static int setup(void **state)
{
    struct fixture *fx = cd_new(struct fixture);
    (void)snprintf(fx->folder, sizeof(fx->folder), "/tmp/test_loader.XXXXXX");
    if (mkdtemp(fx->folder) == NULL)
        return -1;
    fx->registry = cd_registry_new();
    fx->loader = cd_loader_new(fx->registry, remember, fx);
    cd_buffer_text(&fx->refusals, "");
    *state = fx;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fx = *state;
    char *remove CD_AUTO_FREE = cd_asprintf("rm -rf '%s'", fx->folder);
    cd_registry_free(fx->registry);
    cd_loader_free(fx->loader);
    cd_buffer_done(&fx->refusals);
    int failed = system(remove);
    free(fx);
    return failed;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* The path of the library made with these options; freed by the caller. */
static char *forge(const struct fixture *fx, const char *name, const char *options)
{
    char *source CD_AUTO_FREE = cd_asprintf("%s/%s.c", fx->folder, name);
    char *library = cd_asprintf("%s/%s.so", fx->folder, name);
    char *command CD_AUTO_FREE = cd_asprintf("cc -shared -fPIC -std=c17 -Iinclude %s -o '%s' '%s'",
                                             options, library, source);
    write_file(source, good_source, strlen(good_source));
    assert_int_equal(system(command), 0);
    return library;
}

static const char *loaded_from(const struct fixture *fx, const char *class_name)
{
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_registered *row =
        cd_registry_find(fx->registry, CD_KIND_SET_CONNECTORS, class_name, NULL, &err);
    return row == NULL ? NULL : row->location;
}

static void a_library_that_fits_is_loaded(void **state)
{
    struct fixture *fx = *state;
    struct cd_error err = CD_ERROR_INIT;
    char *library CD_AUTO_FREE = forge(fx, "good", "");
    assert_true(cd_loader_load(fx->loader, library, &err));
    assert_string_equal(loaded_from(fx, "GoodSource"), library);
    assert_int_equal(cd_loader_count(fx->loader), 1);
    assert_true(cd_loader_load(fx->loader, library, &err)); /* once is enough */
    assert_int_equal(cd_loader_count(fx->loader), 1);
}

static const struct {
    const char *options;
    const char *words[3]; /* of the message, beside the file */
} wrong[] = {
    {"-DMAGIC=1", {"00000001", "63646c70"}},
    {"-DMAJOR=2", {"2.0", "1.0", "another major"}},
    {"-DMAJOR=0", {"0.0", "1.0", "another major"}},
    {"-DMINOR=9", {"1.9", "1.0", "newer connectd"}},
    {"-DPLUGIN_SIZE=8", {"8 bytes", "at least"}},
    {"-DCOUNT=0", {"no plugin"}},
    {"-DSYMBOL=other", {"does not export connectd_plugins"}},
    {"-DTABLE_SIZE=16", {"struct cd_source of 16 bytes", "at least"}},
    {"-DSTATE_SIZE=4", {"state of 4 bytes"}},
    {"-DPOLL=0", {"has no 'poll'"}},
    {"-DKEY_SIZE=8", {"keys of 8 bytes", "at least"}},
    {"-DOFFSET=4", {"key 'topic'", "outside"}},
    {"-DOFFSET=4000000000", {"key 'topic'", "outside"}},
    {"-DCLASS='\"\"'", {"no class name"}},
    {"-DNEEDS", {"nobody_has_this"}},
};

static void a_library_that_does_not_fit_is_refused_by_name_and_numbers(void **state)
{
    struct fixture *fx = *state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        char *name CD_AUTO_FREE = cd_asprintf("wrong%zu", i);
        char *library CD_AUTO_FREE = forge(fx, name, wrong[i].options);
        assert_false(cd_loader_load(fx->loader, library, &err));
        assert_int_equal(err.code, CD_ERR_CONFIG);
        assert_non_null(strstr(err.msg, library));
        for (size_t w = 0; w < 3 && wrong[i].words[w] != NULL; w++)
            if (strstr(err.msg, wrong[i].words[w]) == NULL)
                fail_msg("'%s' is not in: %s", wrong[i].words[w], err.msg);
    }
    assert_int_equal(cd_loader_count(fx->loader), 0);
}

static void what_is_no_library_is_refused(void **state)
{
    struct fixture *fx = *state;
    struct cd_error err = CD_ERROR_INIT;
    char *text CD_AUTO_FREE = cd_asprintf("%s/text.so", fx->folder);
    write_file(text, "hello", 5);
    assert_false(cd_loader_load(fx->loader, text, &err));
    assert_non_null(strstr(err.msg, "is no ELF library"));
    cd_error_reset(&err);
    assert_false(cd_loader_load(fx->loader, "/nonexistent/x.so", &err));
    assert_string_equal(err.native, "ENOENT");
    cd_error_reset(&err);
    char *folder CD_AUTO_FREE = cd_asprintf("%s/folder.so", fx->folder);
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_false(cd_loader_load(fx->loader, folder, &err));
}

/* Mapping a file that ends too early would crash: a half-copied library must not. */
static void a_library_cut_short_anywhere_is_refused(void **state)
{
    struct fixture *fx = *state;
    char *library CD_AUTO_FREE = forge(fx, "whole", "");
    struct stat info;
    assert_int_equal(stat(library, &info), 0);
    char *bytes CD_AUTO_FREE = cd_alloc((size_t)info.st_size);
    FILE *file = fopen(library, "r");
    assert_int_equal(fread(bytes, 1, (size_t)info.st_size, file), (size_t)info.st_size);
    (void)fclose(file);
    for (size_t len = 0; len < (size_t)info.st_size; len += 97) {
        struct cd_error err = CD_ERROR_INIT;
        char *cut CD_AUTO_FREE = cd_asprintf("%s/cut%zu.so", fx->folder, len);
        write_file(cut, bytes, len);
        assert_false(cd_loader_load(fx->loader, cut, &err));
    }
}

static void a_class_that_is_there_already_is_refused_with_both_places(void **state)
{
    struct fixture *fx = *state;
    struct cd_error err = CD_ERROR_INIT;
    char *first CD_AUTO_FREE = forge(fx, "first", "");
    char *second CD_AUTO_FREE = forge(fx, "second", "");
    char *newer CD_AUTO_FREE = forge(fx, "newer", "-DVERSION='\"1.1\"'");
    assert_true(cd_loader_load(fx->loader, first, &err));
    assert_false(cd_loader_load(fx->loader, second, &err));
    assert_non_null(strstr(err.msg, first));
    assert_non_null(strstr(err.msg, second));
    cd_error_reset(&err);
    assert_true(cd_loader_load(fx->loader, newer, &err)); /* another version is another plugin */
    assert_string_equal(loaded_from(fx, "GoodSource"), newer);
}

static void a_crash_in_a_constructor_names_the_file(void **state)
{
    struct fixture *fx = *state;
    char *library CD_AUTO_FREE = forge(fx, "crash", "-DCRASH");
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct cd_error err = CD_ERROR_INIT;
        (void)dup2(ends[1], STDERR_FILENO);
        _exit(cd_loader_load(fx->loader, library, &err) ? 0 : 1);
    }
    (void)close(ends[1]);
    char said[1000] = "";
    assert_true(read(ends[0], said, sizeof(said) - 1) > 0);
    size_t len = strlen(said);
    while (len < sizeof(said) - 1) {
        ssize_t got = read(ends[0], said + len, sizeof(said) - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(ends[0]);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
    assert_non_null(strstr(said, library));
    assert_non_null(strstr(said, "constructor"));
}

static void a_scan_takes_what_fits_and_tells_of_the_rest(void **state)
{
    struct fixture *fx = *state;
    char *inner CD_AUTO_FREE = cd_asprintf("%s/some-plugin", fx->folder);
    assert_int_equal(mkdir(inner, 0755), 0);
    char *good CD_AUTO_FREE = forge(fx, "good", "");
    char *wrong_major CD_AUTO_FREE = forge(fx, "wrong", "-DMAJOR=3 -DCLASS='\"test.Wrong\"'");
    char *nested CD_AUTO_FREE =
        forge(fx, "some-plugin/nested", "-DCLASS='\"test.NestedSourceConnector\"'");
    cd_loader_scan(fx->loader, fx->folder);
    assert_string_equal(loaded_from(fx, "GoodSource"), good);
    assert_string_equal(loaded_from(fx, "NestedSource"), nested);
    assert_non_null(strstr(fx->refusals.ptr, wrong_major));
    assert_int_equal(cd_loader_count(fx->loader), 2);
    cd_loader_scan(fx->loader, fx->folder);
    cd_loader_scan(fx->loader, good);
    assert_int_equal(cd_loader_count(fx->loader), 2);
    cd_loader_scan(fx->loader, "/nonexistent/plugins");
    assert_non_null(strstr(fx->refusals.ptr, "/nonexistent/plugins"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_library_that_fits_is_loaded),
        TEST(a_library_that_does_not_fit_is_refused_by_name_and_numbers),
        TEST(what_is_no_library_is_refused),
        TEST(a_library_cut_short_anywhere_is_refused),
        TEST(a_class_that_is_there_already_is_refused_with_both_places),
        TEST(a_crash_in_a_constructor_names_the_file),
        TEST(a_scan_takes_what_fits_and_tells_of_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
