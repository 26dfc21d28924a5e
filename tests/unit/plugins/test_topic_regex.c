#include "plugins/topic_regex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void the_last_answer_is_remembered(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_topic_regex regex = {0};
    assert_true(cd_topic_regex_init(&regex, "a+", &err));
    assert_false(cd_topic_regex_knows(&regex, cd_slice("")));
    assert_true(cd_topic_regex_ask(&regex, cd_slice("aa"), &err));
    assert_true(regex.matches);
    assert_true(cd_topic_regex_knows(&regex, cd_slice("aa")));
    assert_false(cd_topic_regex_knows(&regex, cd_slice("a")));
    assert_true(cd_topic_regex_ask(&regex, cd_slice("ab"), &err));
    assert_false(regex.matches);
    cd_topic_regex_done(&regex);
}

static void a_pattern_is_checked_in_javas_words(void **state)
{
    (void)state;
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_check_regex(NULL, "a.*", &err));
    assert_false(cd_check_regex(NULL, "(", &err));
    assert_ptr_equal(strstr(err.msg, "Invalid regex: "), err.msg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_answer_is_remembered),
        cmocka_unit_test(a_pattern_is_checked_in_javas_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
