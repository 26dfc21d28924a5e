#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "tests/fake/runner.h"

#define SINK_CLASS "org.apache.kafka.connect.file.FileStreamSinkConnector"

struct fixture {
    char folder[64];
    char path[96];
    struct cd_runner *runner;
    struct cd_batch *batch;
};

static int setup(void **state)
{
    struct fixture *fx = cd_new(struct fixture);
    (void)snprintf(fx->folder, sizeof(fx->folder), "/tmp/test_file_sink.XXXXXX");
    if (mkdtemp(fx->folder) == NULL)
        return -1;
    (void)snprintf(fx->path, sizeof(fx->path), "%s/out.txt", fx->folder);
    fx->runner = cd_runner_new(&connectd_plugins, SINK_CLASS);
    fx->batch = cd_batch_new(1024 * 1024, 1024 * 1024);
    cd_runner_set(fx->runner, "file", fx->path);
    *state = fx;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fx = *state;
    char *remove CD_AUTO_FREE = cd_asprintf("rm -rf '%s'", fx->folder);
    cd_runner_free(fx->runner);
    cd_batch_free(fx->batch);
    int failed = system(remove);
    free(fx);
    return failed;
}

static void add(struct fixture *fx, struct cd_value value)
{
    struct cd_error err = CD_ERROR_INIT;
    cd_batch_add(fx->batch, &err)->value = value;
}

static void assert_content(const char *path, const char *expected)
{
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_file_read(path, &text, &err));
    assert_string_equal(text.ptr, expected);
}

static void append(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

static void values_are_appended_as_lines_and_durable_after_flush(void **state)
{
    struct fixture *fx = *state;
    append(fx->path, "before\n");
    add(fx, cd_string(cd_slice("a")));
    add(fx, cd_null());
    add(fx, cd_string(cd_slice("")));
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    assert_int_equal(cd_runner_put(fx->runner, fx->batch), CD_STEP_DONE);
    assert_int_equal(cd_runner_flush(fx->runner), CD_STEP_DONE);
    assert_content(fx->path, "before\na\nnull\n\n");
}

static void what_was_put_since_the_flush_is_written_once_after_a_rewind(void **state)
{
    struct fixture *fx = *state;
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    add(fx, cd_string(cd_slice("kept")));
    assert_int_equal(cd_runner_put(fx->runner, fx->batch), CD_STEP_DONE);
    assert_int_equal(cd_runner_flush(fx->runner), CD_STEP_DONE);
    cd_batch_reset(fx->batch);
    for (int i = 0; i < 10000; i++) /* more than the buffer: part of it reaches the file */
        add(fx, cd_string(cd_slice("again and again and again and again")));
    assert_int_equal(cd_runner_put(fx->runner, fx->batch), CD_STEP_DONE);
    cd_runner_rewind(fx->runner);
    cd_batch_reset(fx->batch);
    add(fx, cd_string(cd_slice("once")));
    assert_int_equal(cd_runner_put(fx->runner, fx->batch), CD_STEP_DONE);
    assert_int_equal(cd_runner_flush(fx->runner), CD_STEP_DONE);
    assert_content(fx->path, "kept\nonce\n");
}

static void what_others_wrote_is_never_cut_off(void **state)
{
    struct fixture *fx = *state;
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    append(fx->path, "theirs\n");
    cd_runner_rewind(fx->runner);
    add(fx, cd_string(cd_slice("ours")));
    assert_int_equal(cd_runner_put(fx->runner, fx->batch), CD_STEP_DONE);
    assert_int_equal(cd_runner_flush(fx->runner), CD_STEP_DONE);
    assert_content(fx->path, "theirs\nours\n");
}

static void a_full_disk_fails_and_leaves_no_half_line(void **state)
{
    struct fixture *fx = *state;
    struct rlimit before;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    add(fx, cd_string(cd_slice("0123456789")));
    struct rlimit small = {.rlim_cur = 5, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(cd_runner_put(fx->runner, fx->batch), CD_STEP_DONE);
    assert_int_equal(cd_runner_flush(fx->runner), CD_STEP_FAILED);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(cd_runner_error(fx->runner)->code, CD_ERR_REMOTE);
    assert_true(cd_runner_error(fx->runner)->retriable);
    assert_string_equal(cd_runner_error(fx->runner)->native, "EFBIG");
    assert_content(fx->path, "01234");
    cd_runner_rewind(fx->runner);
    assert_int_equal(cd_runner_put(fx->runner, fx->batch), CD_STEP_DONE);
    assert_int_equal(cd_runner_flush(fx->runner), CD_STEP_DONE);
    assert_content(fx->path, "0123456789\n");
}

static void with_several_tasks_a_half_line_is_ended_instead(void **state)
{
    struct fixture *fx = *state;
    struct rlimit before;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    cd_runner_set(fx->runner, "tasks.max", "2");
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_DONE);
    add(fx, cd_string(cd_slice("0123456789")));
    struct rlimit small = {.rlim_cur = 5, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(cd_runner_put(fx->runner, fx->batch), CD_STEP_DONE);
    assert_int_equal(cd_runner_flush(fx->runner), CD_STEP_FAILED);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    cd_runner_rewind(fx->runner);
    assert_int_equal(cd_runner_put(fx->runner, fx->batch), CD_STEP_DONE);
    assert_int_equal(cd_runner_flush(fx->runner), CD_STEP_DONE);
    assert_content(fx->path, "01234\n0123456789\n");
}

static void a_missing_folder_is_a_wrong_setting(void **state)
{
    struct fixture *fx = *state;
    cd_runner_set(fx->runner, "file", "/nonexistent/out.txt");
    assert_int_equal(cd_runner_open(fx->runner), CD_STEP_FAILED);
    assert_int_equal(cd_runner_error(fx->runner)->code, CD_ERR_CONFIG);
    assert_non_null(strstr(cd_runner_error(fx->runner)->msg, "/nonexistent/out.txt"));
}

/* A pipe that nobody reads: the step waits, and goes on where it was. */
static void a_full_pipe_is_waited_for(void **state)
{
    struct fixture *fx = *state;
    int ends[2];
    int before = dup(STDOUT_FILENO);
    char line[101];
    memset(line, 'x', 100);
    line[100] = '\0';
    (void)fflush(stdout);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    cd_runner_set(fx->runner, "file", NULL);
    for (int i = 0; i < 4000; i++)
        add(fx, cd_string(cd_slice(line)));
    enum cd_step opened = cd_runner_open(fx->runner);
    enum cd_step step = cd_runner_put(fx->runner, fx->batch);
    size_t bytes = 0;
    while (step == CD_STEP_WAIT && bytes < 4000 * 101) {
        char some[65536];
        bytes += (size_t)read(ends[0], some, sizeof(some));
        step = cd_runner_put(fx->runner, fx->batch);
    }
    while (step == CD_STEP_DONE && bytes < 4000 * 101) {
        char some[65536];
        if (cd_runner_flush(fx->runner) == CD_STEP_FAILED)
            break;
        bytes += (size_t)read(ends[0], some, sizeof(some));
    }
    (void)dup2(before, STDOUT_FILENO);
    (void)close(before);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_int_equal(opened, CD_STEP_DONE);
    assert_int_equal(bytes, 4000 * 101);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_are_appended_as_lines_and_durable_after_flush),
        TEST(what_was_put_since_the_flush_is_written_once_after_a_rewind),
        TEST(what_others_wrote_is_never_cut_off),
        TEST(a_full_disk_fails_and_leaves_no_half_line),
        TEST(with_several_tasks_a_half_line_is_ended_instead),
        TEST(a_missing_folder_is_a_wrong_setting),
        TEST(a_full_pipe_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
