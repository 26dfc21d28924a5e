/*
 * docs/settings.md is the worker's table of descriptors as a page: this test renders it and
 * compares. With CD_WRITE_SETTINGS set in the environment it writes the page instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "config/properties.h"
#include "config/worker_table.h"

#define PAGE "docs/settings.md"

static const char *const types[] = {
    [CD_BOOL] = "boolean", [CD_STRING] = "text",  [CD_INT16] = "number",
    [CD_INT32] = "number", [CD_INT64] = "number", [CD_FLOAT64] = "number",
    [CD_LIST] = "list",    [CD_CLASS] = "class",  [CD_SECRET] = "secret",
};

static const char *fallback_of(const struct cd_key *key)
{
    if (key->fallback == NULL)
        return key->optional ? "not set" : "**required**";
    return key->fallback[0] == '\0' ? "empty" : key->fallback;
}

static void row(struct cd_buffer *out, const struct cd_worker_row *at)
{
    const struct cd_key *key = &at->key;
    cd_buffer_printf(out, "| `%s` | %s | %s | %s", key->name, types[key->type], fallback_of(key),
                     key->doc);
    for (const char *const *choice = key->one_of; choice != NULL && *choice != NULL; choice++)
        cd_buffer_printf(out, "%s`%s`", choice == key->one_of ? " One of " : ", ", *choice);
    if (key->one_of != NULL)
        cd_buffer_text(out, ".");
    if (at->ignored != NULL)
        cd_buffer_printf(out, " *Not used: %s.*", at->ignored);
    cd_buffer_text(out, " |\n");
}

static bool is_ours(const struct cd_worker_row *at)
{
    return strncmp(at->key.name, "connectd.", 9) == 0;
}

static void table(struct cd_buffer *out, const char *title, size_t first, size_t end, bool ours)
{
    cd_buffer_printf(out, "\n## %s\n\n| key | type | default | meaning |\n|---|---|---|---|\n",
                     title);
    for (size_t i = first; i < end; i++)
        if (is_ours(&cd_worker_rows[i]) == ours)
            row(out, &cd_worker_rows[i]);
}

static void render(struct cd_buffer *out)
{
    size_t both = cd_worker_first_row(CD_DISTRIBUTED);
    size_t both_end = cd_worker_end_row(CD_STANDALONE);
    cd_buffer_text(
        out, "# Settings of a worker\n\nRendered from the table in `config/worker_table.c`. The "
             "worker's file is a Java properties file; Kafka clients get what\nbegins with "
             "`producer.`, `consumer.` and `admin.`, converters what begins with their own name "
             "(`key.converter.`). An unknown key is no error.\n");
    table(out, "Of connectd alone", both, both_end, true);
    table(out, "Both modes", both, both_end, false);
    table(out, "Standalone", 0, both, false);
    table(out, "Distributed", both_end, cd_worker_row_count, false);
}

static void the_page_says_what_the_table_says(void **state)
{
    (void)state;
    struct cd_buffer page CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    struct cd_buffer file CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    struct cd_error err = CD_ERROR_INIT;
    render(&page);
    if (getenv("CD_WRITE_SETTINGS") != NULL) {
        FILE *out = fopen(PAGE, "w");
        assert_non_null(out);
        assert_int_equal(fwrite(page.ptr, 1, page.len, out), page.len);
        assert_int_equal(fclose(out), 0);
    }
    assert_true(cd_file_read(PAGE, &file, &err));
    assert_string_equal(file.ptr, page.ptr);
}

static void the_sample_files_are_right(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum cd_mode mode;
    } samples[] = {{"config/samples/connectd.properties", CD_STANDALONE},
                   {"config/samples/connectd-distributed.properties", CD_DISTRIBUTED}};
    for (size_t i = 0; i < 2; i++) {
        struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
        struct cd_report report CD_AUTO(cd_report_done) = CD_REPORT_INIT;
        struct cd_error err = CD_ERROR_INIT;
        assert_true(cd_properties_load(samples[i].path, false, config, &err));
        struct cd_worker_config *worker = cd_worker_config_new(samples[i].mode, config, &report);
        assert_non_null(worker);
        assert_int_equal(cd_report_error_count(&report), 0);
        cd_worker_config_free(worker);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_says_what_the_table_says),
        cmocka_unit_test(the_sample_files_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
