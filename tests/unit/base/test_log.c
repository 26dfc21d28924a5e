#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static int pipe_ends[2];

static int open_log(void **state)
{
    (void)state;
    cd_clock_fake(0, 1769860800123); /* 2026-01-31T12:00:00.123Z */
    cd_log_set_level("root", CD_LOG_INFO);
    if (pipe(pipe_ends) != 0)
        return -1;
    cd_log_setup(pipe_ends[1], CD_LOG_TEXT);
    return 0;
}

static int close_log(void **state)
{
    (void)state;
    cd_log_setup(STDERR_FILENO, CD_LOG_TEXT);
    cd_clock_real();
    return close(pipe_ends[0]) + close(pipe_ends[1]);
}

/* What one write(2) left in the pipe. */
static const char *logged(void)
{
    static char text[4096];
    ssize_t n = read(pipe_ends[0], text, sizeof(text) - 1);
    assert_true(n > 0);
    text[n] = '\0';
    return text;
}

static void a_line_has_time_level_component_context_and_message(void **state)
{
    (void)state;
    struct cd_logger logger;
    cd_logger_init(&logger, "task", "orders", 2);
    cd_log_info(&logger, "offsets committed records=%d", 512);
    assert_string_equal(logged(), "2026-01-31T12:00:00.123Z INFO  task [orders|task-2] "
                                  "offsets committed records=512\n");
    cd_logger_init(&logger, "herder", NULL, -1);
    cd_log_error(&logger, "two\nlines\x1b[1m");
    assert_string_equal(logged(), "2026-01-31T12:00:00.123Z ERROR herder two\\nlines\\x1b[1m\n");
}

static void json_lines_have_the_same_facts_and_are_always_json(void **state)
{
    (void)state;
    struct cd_logger logger;
    cd_log_setup(pipe_ends[1], CD_LOG_JSON);
    cd_logger_init(&logger, "task", "or\"ders", 0);
    cd_log_warn(&logger, "a\tb \\ \xc3\xa9 \xff \xed\xa0\x80");
    assert_string_equal(logged(), "{\"time\":\"2026-01-31T12:00:00.123Z\",\"level\":\"WARN\","
                                  "\"component\":\"task\",\"connector\":\"or\\\"ders\",\"task\":0,"
                                  "\"message\":\"a\\u0009b \\\\ \xc3\xa9 \\ufffd "
                                  "\\ufffd\\ufffd\\ufffd\"}\n");
}

static void a_constant_logger_works_and_errno_survives(void **state)
{
    (void)state;
    static const struct cd_logger logger = {.component = "constant", .task = -1};
    errno = ENOENT;
    cd_log_info(&logger, "%s", "hello");
    assert_int_equal(errno, ENOENT);
    assert_string_equal(logged(), "2026-01-31T12:00:00.123Z INFO  constant hello\n");
}

static void levels_are_read_in_any_case(void **state)
{
    (void)state;
    enum cd_level level;
    assert_true(cd_log_parse_level("debug", &level));
    assert_int_equal(level, CD_LOG_DEBUG);
    assert_true(cd_log_parse_level("FATAL", &level));
    assert_string_equal(cd_log_level_name(level), "ERROR");
    assert_true(cd_log_parse_level("Off", &level));
    assert_string_equal(cd_log_level_name(level), "OFF");
    assert_false(cd_log_parse_level("HIGH", &level));
}

static void a_new_component_takes_the_level_of_its_nearest_ancestor(void **state)
{
    (void)state;
    struct cd_logger logger;
    struct cd_logger other;
    cd_log_set_level("near", CD_LOG_WARN);
    cd_log_set_level("near.by", CD_LOG_DEBUG);
    cd_logger_init(&logger, "near.by.here", NULL, -1);
    assert_true(cd_log_enabled(&logger, CD_LOG_DEBUG));
    assert_false(cd_log_enabled(&logger, CD_LOG_TRACE));
    cd_logger_init(&other, "nearest", NULL, -1);
    assert_true(cd_log_enabled(&other, CD_LOG_INFO));
    assert_int_equal(cd_log_get_level("near.else", NULL), CD_LOG_WARN);
    assert_false(cd_log_known("near.else"));
}

struct names {
    char text[256];
};

static void note(void *arg, const char *component)
{
    struct names *names = arg;
    (void)strcat(strcat(names->text, component), " ");
}

static void a_level_changes_all_that_begin_with_the_name_and_tells_them(void **state)
{
    (void)state;
    struct cd_logger b;
    struct cd_logger c;
    struct names names = {""};
    cd_logger_init(&c, "family.c", NULL, -1);
    cd_logger_init(&b, "family.b", NULL, -1);
    cd_log_set_level("family.c", CD_LOG_DEBUG);
    cd_log_change_level("family", CD_LOG_DEBUG, note, &names);
    assert_string_equal(names.text, "family family.b ");
    assert_true(cd_log_enabled(&b, CD_LOG_DEBUG));
    cd_log_change_level("family", CD_LOG_DEBUG, note, &names);
    assert_string_equal(names.text, "family family.b ");
}

static void a_change_leaves_its_time_and_no_change_leaves_none(void **state)
{
    (void)state;
    int64_t modified_ms = 7;
    cd_log_set_level("timed", CD_LOG_INFO); /* what it inherits anyway */
    assert_true(cd_log_known("timed"));
    assert_int_equal(cd_log_get_level("timed", &modified_ms), CD_LOG_INFO);
    assert_int_equal(modified_ms, 0);
    cd_log_set_level("timed", CD_LOG_TRACE);
    assert_int_equal(cd_log_get_level("timed", &modified_ms), CD_LOG_TRACE);
    assert_int_equal(modified_ms, 1769860800123);
}

static void remember(void *arg, const char *component, enum cd_level level, int64_t modified_ms)
{
    (void)level;
    (void)modified_ms;
    note(arg, component);
}

static void root_covers_all_and_stands_among_the_sorted_names(void **state)
{
    (void)state;
    struct cd_logger logger;
    struct names names = {""};
    cd_logger_init(&logger, "zebra", NULL, -1);
    cd_logger_init(&logger, "apple", NULL, -1);
    cd_log_set_level("ROOT", CD_LOG_ERROR);
    assert_false(cd_log_enabled(&logger, CD_LOG_WARN));
    assert_int_equal(cd_log_get_level("unheard.of", NULL), CD_LOG_ERROR);
    cd_log_each_level(remember, &names);
    const char *apple = strstr(names.text, "apple ");
    const char *root = strstr(names.text, "root ");
    const char *zebra = strstr(names.text, "zebra ");
    assert_true(apple != NULL && root > apple && zebra > root);
}

static int evaluated;

static int evaluate(void)
{
    return ++evaluated;
}

static void a_debug_line_that_is_off_costs_no_arguments(void **state)
{
    (void)state;
    struct cd_logger logger;
    cd_logger_init(&logger, "quiet", NULL, -1);
    cd_log_debug(&logger, "%d", evaluate());
    assert_int_equal(evaluated, 0);
    cd_log_set_level("quiet", CD_LOG_DEBUG);
    cd_log_debug(&logger, "%d", evaluate());
    assert_string_equal(logged(), "2026-01-31T12:00:00.123Z DEBUG quiet 1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_log, close_log)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_time_level_component_context_and_message),
        TEST(json_lines_have_the_same_facts_and_are_always_json),
        TEST(a_constant_logger_works_and_errno_survives),
        TEST(levels_are_read_in_any_case),
        TEST(a_new_component_takes_the_level_of_its_nearest_ancestor),
        TEST(a_level_changes_all_that_begin_with_the_name_and_tells_them),
        TEST(a_change_leaves_its_time_and_no_change_leaves_none),
        TEST(root_covers_all_and_stands_among_the_sorted_names),
        TEST(a_debug_line_that_is_off_costs_no_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
