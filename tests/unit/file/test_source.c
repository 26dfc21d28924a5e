#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "data/value.h"
#include "tests/fake/runner.h"

#define SOURCE_CLASS "org.apache.kafka.connect.file.FileStreamSourceConnector"
#define DEADLINE_MS 10000

/* A folder of its own for each test, and a runner for a file in it. */
struct fixture {
    char folder[64];
    char path[96];
    char partition[160];
    struct cd_runner *runner;
};

static void setup_runner(struct fixture *fx)
{
    fx->runner = cd_runner_new(&connectd_plugins, SOURCE_CLASS);
    cd_runner_set(fx->runner, "file", fx->path);
    cd_runner_set(fx->runner, "topic", "lines");
}

static int setup(void **state)
{
    struct fixture *fx = cd_new(struct fixture);
    (void)snprintf(fx->folder, sizeof(fx->folder), "/tmp/test_file_source.XXXXXX");
    if (mkdtemp(fx->folder) == NULL)
        return -1;
    (void)snprintf(fx->path, sizeof(fx->path), "%s/in.txt", fx->folder);
    (void)snprintf(fx->partition, sizeof(fx->partition), "{\"filename\":\"%s\"}", fx->path);
    setup_runner(fx);
    *state = fx;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fx = *state;
    char *remove CD_AUTO_FREE = cd_asprintf("rm -rf '%s'", fx->folder);
    cd_runner_free(fx->runner);
    int failed = system(remove);
    free(fx);
    return failed;
}

static void write_at(const char *path, int flags, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    (void)close(fd);
}

static void append(const char *path, const char *text)
{
    write_at(path, O_APPEND, text, strlen(text));
}

static const struct cd_record *rec(const struct fixture *fx, size_t i)
{
    return &cd_runner_batch(fx->runner)->records[i];
}

static size_t count(const struct fixture *fx)
{
    return cd_runner_batch(fx->runner)->count;
}

static int64_t position(const struct fixture *fx, size_t i)
{
    return cd_map_get(rec(fx, i)->source_offset, "position").as.integer;
}

static void assert_line(const struct fixture *fx, size_t i, const char *text)
{
    assert_true(i < count(fx));
    assert_int_equal(rec(fx, i)->value.kind, CD_KIND_STRING);
    assert_int_equal(rec(fx, i)->value.count, strlen(text));
    assert_memory_equal(rec(fx, i)->value.as.string, text, strlen(text));
}

/* All values the next polls give, each followed by "|"; freed by the caller. */
static char *read_all(struct fixture *fx)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_text(&out, "");
    for (;;) {
        enum cd_step step = cd_runner_poll(fx->runner);
        assert_int_not_equal(step, CD_STEP_FAILED);
        for (size_t i = 0; i < count(fx); i++) {
            cd_buffer_slice(&out, cd_value_slice(rec(fx, i)->value));
            cd_buffer_char(&out, '|');
        }
        cd_runner_commit(fx->runner);
        if (step == CD_STEP_WAIT)
            return cd_buffer_steal(&out);
    }
}

static void open_and_expect(struct fixture *fx, const char *lines)
{
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    char *all CD_AUTO_FREE = read_all(fx);
    assert_string_equal(all, lines);
}

static void restart(struct fixture *fx)
{
    cd_runner_close(fx->runner);
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
}

static void a_record_is_as_the_jvm_makes_it(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "hello\nworld\n");
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(fx->runner), CD_STEP_DONE);
    assert_int_equal(count(fx), 2);
    assert_line(fx, 1, "world");
    assert_true(cd_slice_is(rec(fx, 0)->topic, "lines"));
    assert_int_equal(rec(fx, 0)->partition, CD_NO_PARTITION);
    assert_null(rec(fx, 0)->key_schema);
    assert_true(cd_is_null(rec(fx, 0)->key));
    assert_int_equal(rec(fx, 0)->value_schema->type, CD_TYPE_STRING);
    assert_false(rec(fx, 0)->value_schema->optional);
    assert_true(llabs(rec(fx, 0)->timestamp_ms - cd_wall_ms()) < DEADLINE_MS);
    assert_int_equal(position(fx, 0), 6);
    assert_int_equal(position(fx, 1), 12);
    cd_runner_commit(fx->runner);
    char *offset CD_AUTO_FREE = cd_runner_offset(fx->runner, fx->partition);
    assert_string_equal(offset, "{\"position\":12}");
}

static const struct {
    const char *text;
    const char *lines;
} texts[] = {
    {"a\nb\nc\n", "a|b|c|"},
    {"a\r\nb\rc\n", "a|b|c|"},
    {"\n\n", "||"},
    {"a\nrest", "a|"}, /* the last line waits for its end */
    {"a\r", ""},       /* perhaps half of \r\n */
    {"a\r\nb\r\n", "a|b|"},
    {"a\n\rb\n", "a||b|"},
    {"\xEF\xBB\xBF"
     "a\n",
     "\xEF\xBB\xBF"
     "a|"}, /* a mark is a character */
    {"\xE2\x82\n", "\xEF\xBF\xBD|"},
    {"\xE2\x28\xA1\n", "\xEF\xBF\xBD(\xEF\xBF\xBD|"},
    {"\xED\xA0\x80\n", "\xEF\xBF\xBD|"},
    {"\xC0\x80\n", "\xEF\xBF\xBD\xEF\xBF\xBD|"},
    {"\xF0\x9F\x98\n", "\xEF\xBF\xBD|"},
    {"\xF8\x88\x80\x80\x80\n", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|"},
    {"ok \xF0\x9F\x98\x80\n\xFF\n", "ok \xF0\x9F\x98\x80|\xEF\xBF\xBD|"},
};

static void lines_end_where_the_jvm_ends_them(void **state)
{
    struct fixture *fx = *state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_at(fx->path, O_TRUNC, texts[i].text, strlen(texts[i].text));
        open_and_expect(fx, texts[i].lines);
        cd_runner_free(fx->runner);
        setup_runner(fx);
    }
}

static void a_line_grows_until_its_end_comes(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "one\ntw");
    open_and_expect(fx, "one|");
    append(fx->path, "o");
    char *nothing CD_AUTO_FREE = read_all(fx);
    assert_string_equal(nothing, "");
    append(fx->path, "\r");
    char *half CD_AUTO_FREE = read_all(fx);
    assert_string_equal(half, "");
    append(fx->path, "\nthree\n");
    char *rest CD_AUTO_FREE = read_all(fx);
    assert_string_equal(rest, "two|three|");
}

static void a_restart_goes_on_at_the_committed_line(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "a\n\xC3\xA9\xC3\xA9\nc\n");
    cd_runner_set(fx->runner, "batch.size", "2");
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(fx->runner), CD_STEP_DONE);
    assert_int_equal(count(fx), 2);
    cd_runner_commit(fx->runner);
    assert_int_equal(cd_runner_poll(fx->runner), CD_STEP_DONE); /* never committed */
    restart(fx);
    char *rest CD_AUTO_FREE = read_all(fx);
    assert_string_equal(rest, "c|");
}

static void no_line_is_stuck_behind_a_batch_limit(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "a\nb\nc\n");
    cd_runner_set(fx->runner, "batch.size", "1");
    open_and_expect(fx, "a|b|c|"); /* the JVM leaves b and c until the file grows */
}

static void a_batch_size_of_nothing_is_one(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "a\nb\n");
    cd_runner_set(fx->runner, "batch.size", "0");
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(fx->runner), CD_STEP_DONE);
    assert_int_equal(count(fx), 1);
}

static void many_lines_come_once_each_whatever_the_limits(void **state)
{
    struct fixture *fx = *state;
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    for (int i = 0; i < 20000; i++)
        cd_buffer_printf(&text, "%d %.*s\n", i, i % 97,
                         "......................................"
                         "......................................"
                         ".....................");
    write_at(fx->path, 0, text.ptr, text.len);
    static const size_t limits[] = {500, 8192, 1024 * 1024};
    for (size_t l = 0; l < 3; l++) {
        int64_t next = 0;
        cd_runner_limit(fx->runner, limits[l]);
        assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
        while (cd_runner_poll(fx->runner) == CD_STEP_DONE)
            for (size_t i = 0; i < count(fx); i++)
                assert_int_equal(strtol(rec(fx, i)->value.as.string, NULL, 10), next++);
        assert_int_equal(next, 20000);
        cd_runner_close(fx->runner);
    }
}

static void a_line_longer_than_a_block_is_whole(void **state)
{
    struct fixture *fx = *state;
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    for (int i = 0; i < 300000; i++)
        cd_buffer_text(&text, "0123456789");
    cd_buffer_text(&text, "\nshort\n");
    write_at(fx->path, 0, text.ptr, text.len);
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(fx->runner), CD_STEP_DONE);
    assert_int_equal(rec(fx, 0)->value.count, 3000000);
}

static void a_line_beyond_the_limit_of_a_record_fails(void **state)
{
    struct fixture *fx = *state;
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    (void)memset(cd_buffer_reserve(&text, 20000000), 'x', 20000000);
    write_at(fx->path, 0, text.ptr, 20000000);
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(fx->runner), CD_STEP_FAILED);
    assert_int_equal(cd_runner_error(fx->runner)->code, CD_ERR_DATA);
    assert_non_null(strstr(cd_runner_error(fx->runner)->msg, fx->path));
}

static void a_missing_file_is_waited_for(void **state)
{
    struct fixture *fx = *state;
    open_and_expect(fx, "");
    append(fx->path, "there\n");
    assert_true(cd_runner_poll_until(fx->runner, DEADLINE_MS));
    assert_line(fx, 0, "there");
}

static void growth_wakes_the_task(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "a\n");
    open_and_expect(fx, "a|");
    append(fx->path, "b\n");
    assert_true(cd_runner_waits(fx->runner)->fd >= 0);
    assert_true(cd_runner_poll_until(fx->runner, DEADLINE_MS));
    assert_line(fx, 0, "b");
}

static void a_folder_is_no_file(void **state)
{
    struct fixture *fx = *state;
    cd_runner_set(fx->runner, "file", fx->folder);
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(fx->runner), CD_STEP_FAILED);
    assert_string_equal(cd_runner_error(fx->runner)->native, "EISDIR");
}

/* ---- rotation ---- */

static void a_replaced_file_is_read_to_its_end_first(void **state)
{
    struct fixture *fx = *state;
    char *old CD_AUTO_FREE = cd_asprintf("%s.1", fx->path);
    cd_runner_set(fx->runner, "file.rotation.wait.ms", "0");
    append(fx->path, "a\nb\n");
    open_and_expect(fx, "a|b|");
    append(fx->path, "c\nlast without end");
    assert_int_equal(rename(fx->path, old), 0);
    append(fx->path, "d\n");
    char *rest CD_AUTO_FREE = read_all(fx);
    assert_string_equal(rest, "c|last without end|d|");
    char *offset CD_AUTO_FREE = cd_runner_offset(fx->runner, fx->partition);
    assert_string_equal(offset, "{\"position\":2}");
}

static void a_replaced_file_may_still_grow_for_a_while(void **state)
{
    struct fixture *fx = *state;
    char *old CD_AUTO_FREE = cd_asprintf("%s.1", fx->path);
    cd_runner_set(fx->runner, "file.rotation.wait.ms", "1000");
    append(fx->path, "a\n");
    open_and_expect(fx, "a|");
    assert_int_equal(rename(fx->path, old), 0);
    append(fx->path, "new\n");
    char *nothing CD_AUTO_FREE = read_all(fx);
    assert_string_equal(nothing, "");
    append(old, "late\n");
    assert_true(cd_runner_poll_until(fx->runner, DEADLINE_MS));
    assert_line(fx, 0, "late");
    assert_true(cd_runner_poll_until(fx->runner, DEADLINE_MS));
    assert_line(fx, 0, "new");
}

static void a_file_cut_to_nothing_is_read_again(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "a\nb\n");
    open_and_expect(fx, "a|b|");
    write_at(fx->path, O_TRUNC, "c\n", 2);
    char *rest CD_AUTO_FREE = read_all(fx);
    assert_string_equal(rest, "c|");
}

static void a_position_beyond_the_end_starts_again(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "a\n");
    cd_runner_store(fx->runner, fx->partition, "{\"position\":1000}");
    open_and_expect(fx, "a|"); /* the JVM spins for ever */
}

static void a_position_counted_in_characters_is_understood(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "\xC3\xA9\xC3\xA9\nsecond\n");
    cd_runner_store(fx->runner, fx->partition, "{\"position\":3}"); /* the JVM's, behind line 1 */
    open_and_expect(fx, "second|");
}

static void a_position_inside_a_line_goes_back_to_its_beginning(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "first\nsecond\n");
    cd_runner_store(fx->runner, fx->partition, "{\"position\":8}");
    open_and_expect(fx, "second|");
}

static void a_position_that_is_no_number_fails(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "a\n");
    cd_runner_store(fx->runner, fx->partition, "{\"position\":\"x\"}");
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(fx->runner), CD_STEP_FAILED);
    assert_non_null(strstr(cd_runner_error(fx->runner)->msg, "incorrect type"));
}

static void with_identity_a_file_replaced_while_stopped_is_finished(void **state)
{
    struct fixture *fx = *state;
    char *old CD_AUTO_FREE = cd_asprintf("%s.1", fx->path);
    cd_runner_set(fx->runner, "file.rotation.wait.ms", "0");
    cd_runner_set(fx->runner, "file.identity", "true");
    append(fx->path, "a\nb\n");
    open_and_expect(fx, "a|b|");
    cd_runner_close(fx->runner);
    append(fx->path, "c\n");
    assert_int_equal(rename(fx->path, old), 0);
    append(fx->path, "longer than before\n");
    open_and_expect(fx, "c|longer than before|");
}

/* ---- several files ---- */

static void a_pattern_finds_files_that_appear_later(void **state)
{
    struct fixture *fx = *state;
    char *pattern CD_AUTO_FREE = cd_asprintf("%s/*.log", fx->folder);
    char *first CD_AUTO_FREE = cd_asprintf("%s/1.log", fx->folder);
    char *second CD_AUTO_FREE = cd_asprintf("%s/2.log", fx->folder);
    cd_runner_set(fx->runner, "file", "");
    cd_runner_set(fx->runner, "files", pattern);
    append(first, "a\n");
    open_and_expect(fx, "a|");
    append(second, "b\n");
    assert_true(cd_runner_poll_until(fx->runner, DEADLINE_MS));
    assert_line(fx, 0, "b");
    cd_runner_commit(fx->runner);
    char *partition CD_AUTO_FREE = cd_asprintf("{\"filename\":\"%s\"}", second);
    char *offset CD_AUTO_FREE = cd_runner_offset(fx->runner, partition);
    assert_string_equal(offset, "{\"position\":2}");
}

static void tasks_share_files_without_overlap(void **state)
{
    struct fixture *fx = *state;
    char *pattern CD_AUTO_FREE = cd_asprintf("%s/*.log", fx->folder);
    for (int i = 0; i < 20; i++) {
        char *path CD_AUTO_FREE = cd_asprintf("%s/%d.log", fx->folder, i);
        append(path, "x\n");
    }
    size_t lines = 0;
    cd_runner_set(fx->runner, "file", "");
    cd_runner_set(fx->runner, "files", pattern);
    cd_runner_set(fx->runner, "file.task.count", "3");
    for (int task = 0; task < 3; task++) {
        char *index CD_AUTO_FREE = cd_asprintf("%d", task);
        cd_runner_set(fx->runner, "file.task.index", index);
        assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
        char *all CD_AUTO_FREE = read_all(fx);
        lines += strlen(all) / 2;
        cd_runner_close(fx->runner);
    }
    assert_int_equal(lines, 20);
}

/* ---- streams ---- */

static void a_named_pipe_gives_whole_lines(void **state)
{
    struct fixture *fx = *state;
    assert_int_equal(mkfifo(fx->path, 0600), 0);
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_poll(fx->runner), CD_STEP_WAIT);
    int fd = open(fx->path, O_WRONLY);
    assert_int_equal(write(fd, "a\nb", 3), 3);
    char *one CD_AUTO_FREE = read_all(fx);
    assert_string_equal(one, "a|");
    assert_int_equal(write(fd, "c\nd\n", 4), 4);
    char *two CD_AUTO_FREE = read_all(fx);
    assert_string_equal(two, "bc|d|");
    (void)close(fd);
}

static void standard_input_is_read_to_its_end_and_never_resumed(void **state)
{
    struct fixture *fx = *state;
    int ends[2];
    int before = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    cd_runner_set(fx->runner, "file", "");
    cd_runner_set(fx->runner, "batch.size", "1");
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(write(ends[1], "a\nb\nrest", 8), 8);
    (void)close(ends[1]);
    char *all CD_AUTO_FREE = read_all(fx);
    assert_string_equal(all, "a|b|rest|"); /* nothing can follow: the JVM loses the rest */
    char *offset CD_AUTO_FREE = cd_runner_offset(fx->runner, "{\"filename\":\"\"}");
    assert_string_equal(offset, "{\"position\":null}");
    (void)dup2(before, STDIN_FILENO);
    (void)close(before);
    (void)close(ends[0]);
}

/* ---- the connector ---- */

static const struct {
    const char *file;
    const char *partition;
    const char *offset;
    const char *message; /* NULL: allowed */
} alterations[] = {
    {"x", "{\"filename\":\"x\"}", "{\"position\":0}", NULL},
    {"x", "{\"other\":1}", "null", NULL},
    {"", "{\"filename\":\"x\"}", "null", "stdin"},
    {"x", "{\"filename\":\"x\"}", "{}", "contain the key 'position'"},
    {"x", "{\"filename\":\"x\"}", "{\"position\":\"1\"}", "expected to be a Long value"},
    {"x", "{\"filename\":\"x\"}", "{\"position\":-1}", "non-negative"},
    {"x", "{\"f\":\"x\"}", "{\"position\":1}", "contain the key 'filename'"},
};

static void altered_offsets_are_judged_as_the_jvm_does(void **state)
{
    struct fixture *fx = *state;
    for (size_t i = 0; i < sizeof(alterations) / sizeof(alterations[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_arena arena CD_AUTO(cd_arena_done);
        cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
        struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
        cd_config_set(config, "file", alterations[i].file);
        cd_config_set(config, "topic", "t");
        const struct cd_registered *plugin = cd_runner_plugin(fx->runner);
        struct cd_instance *typed CD_AUTO(cd_instance_freep) =
            cd_instance_config(plugin, config, &err);
        struct cd_value partition, offset;
        assert_true(
            cd_value_from_json(&arena, cd_slice(alterations[i].partition), &partition, &err));
        assert_true(cd_value_from_json(&arena, cd_slice(alterations[i].offset), &offset, &err));
        struct cd_connector_call call = {.host = cd_host(), .cfg = typed->cfg};
        bool ok = plugin->plugin.connector->check_offset(&call, partition, offset, &err);
        assert_true(ok == (alterations[i].message == NULL));
        if (!ok)
            assert_non_null(strstr(err.msg, alterations[i].message));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_as_the_jvm_makes_it),
        TEST(lines_end_where_the_jvm_ends_them),
        TEST(a_line_grows_until_its_end_comes),
        TEST(a_restart_goes_on_at_the_committed_line),
        TEST(no_line_is_stuck_behind_a_batch_limit),
        TEST(a_batch_size_of_nothing_is_one),
        TEST(many_lines_come_once_each_whatever_the_limits),
        TEST(a_line_longer_than_a_block_is_whole),
        TEST(a_line_beyond_the_limit_of_a_record_fails),
        TEST(a_missing_file_is_waited_for),
        TEST(growth_wakes_the_task),
        TEST(a_folder_is_no_file),
        TEST(a_replaced_file_is_read_to_its_end_first),
        TEST(a_replaced_file_may_still_grow_for_a_while),
        TEST(a_file_cut_to_nothing_is_read_again),
        TEST(a_position_beyond_the_end_starts_again),
        TEST(a_position_counted_in_characters_is_understood),
        TEST(a_position_inside_a_line_goes_back_to_its_beginning),
        TEST(a_position_that_is_no_number_fails),
        TEST(with_identity_a_file_replaced_while_stopped_is_finished),
        TEST(a_pattern_finds_files_that_appear_later),
        TEST(tasks_share_files_without_overlap),
        TEST(a_named_pipe_gives_whole_lines),
        TEST(standard_input_is_read_to_its_end_and_never_resumed),
        TEST(altered_offsets_are_judged_as_the_jvm_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
