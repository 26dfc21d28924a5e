#include "compat/regex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/thread.h"

static struct cd_regex *compiled(const char *pattern)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_regex *regex = cd_regex_new(cd_slice(pattern), &err);
    if (regex == NULL)
        fail_msg("%s", err.msg);
    return regex;
}

/* What a JVM answers. */
static const struct {
    const char *pattern;
    const char *text;
    bool matches;
    bool found;
} cases[] = {
    {".*", "orig", true, true},
    {"foo", "foobar", false, true},
    {"(a+?)", "aaa", true, true},
    {"", "", true, true},
    {"a|ab", "ab", true, true}, /* matches() tries the other branch */
    {"[a-z&&[^aeiou]]+", "xyz", true, true},
    {"[a-z&&[^aeiou]]", "e", false, false},
    {"[^a-c&&[^b]]+", "bxb", true, true},
    {"[a[bc]1]+", "abc1", true, true},
    {"[[:alpha:]]", "p", true, true}, /* no POSIX class to Java */
    {"[[:alpha:]]", "z", false, false},
    {"[]a]+", "]a", true, true},
    {"\\p{Lower}+", "\xc3\xa9", false, false}, /* ASCII only */
    {"\\p{IsAlphabetic}", "\xc3\xa9", true, true},
    {"\\p{Lu}\\pL", "Ab", true, true},
    {"\\Qa.b\\E+", "a.bb", true, true},
    {"(?x) a # comment\n b", "ab", true, true},
    {"(?x)[a b]", " ", false, false},
    {"(?i)ORDERS-.*", "orders-1", true, true},
    {"(?i:A)b", "ab", true, true},
    {"(?i:A)b", "aB", false, false},
    {".", "\xe2\x80\xa8", false, false}, /* a line separator ends a line */
    {".", "\v", true, true},
    {"(?s).", "\n", true, true},
    {"(?d).", "\r", true, true},
    {"a$", "a\n", false, true},
    {"a$", "a\r\n", false, true},
    {"\\z", "a", false, true},
    {"a\\Z", "a\n", false, true},
    {"(?m)^b$", "a\nb\nc", false, true},
    {"(?m)^", "", false, false},
    {"\\x61\\u0062\\0143\\x{1F600}", "abc\xf0\x9f\x98\x80", true, true},
    {"\\uD83D\\uDE00", "\xf0\x9f\x98\x80", true, true},
    {".", "\xf0\x9f\x98\x80", true, true},
    {"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\11", "abcdefghija1", true, true},
    {"(a)\\2", "aa", false, false}, /* no such group: never */
    {"(?<name>a)\\k<name>", "aa", true, true},
    {"a++a", "aaa", false, false},
    {"\\A{1,2}a\\b*", "a", true, true},
    {"\\-\\.\\ ", "-. ", true, true},
    {"\\R", "\r\n", true, true},
    {"\\h\\H", " a", true, true},
};

static void texts_match_as_on_the_jvm(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        bool matches = false;
        bool found = false;
        struct cd_regex *regex = compiled(cases[i].pattern);
        assert_true(cd_regex_matches(regex, cd_slice(cases[i].text), &matches, &err));
        assert_true(cd_regex_find(regex, cd_slice(cases[i].text), &found, &err));
        if (matches != cases[i].matches || found != cases[i].found)
            fail_msg("case %zu: %s", i, cases[i].pattern);
        cd_regex_free(regex);
    }
}

static const struct {
    const char *pattern;
    const char *text;
    const char *replacement;
    const char *first;
    const char *all;
} replacements[] = {
    {"(.*)-(\\d\\d\\d\\d)", "index-2017", "$1", "index", "index"},
    {"(.*)", "t", "a-$1", "a-t", "a-ta-"},
    {"(?<n>.*)\\.x", "q.x", "${n}_y", "q_y", "q_y"},
    {"t", "t", "\\$x", "$x", "$x"},
    {"(a+?)", "aaa", "b", "baa", "bbb"},
    {"(a)", "aa", "$12", "a2a", "a2a2"}, /* group 1, then a 2 */
    {"(a)|(b)", "ab", "[$2]", "[]b", "[][b]"},
    {"a*", "baaac", "-", "-baaac", "-b--c-"},
    {"x", "abc", "$9", "abc", "abc"}, /* nothing to replace, nothing to refuse */
    {"$", "a\n", "!", "a!\n", "a!\n!"},
    {"b",
     "\xed\xa0\x80"
     "b",
     "c",
     "\xed\xa0\x80"
     "c",
     "\xed\xa0\x80"
     "c"},
    {"", "\xc3\xa9", "-", "-\xc3\xa9", "-\xc3\xa9-"},
};

static void replacing_follows_the_template(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(replacements) / sizeof(replacements[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        CD_AUTO(cd_buffer_done) struct cd_buffer first = CD_BUFFER_INIT;
        CD_AUTO(cd_buffer_done) struct cd_buffer all = CD_BUFFER_INIT;
        struct cd_regex *regex = compiled(replacements[i].pattern);
        struct cd_slice text = cd_slice(replacements[i].text);
        struct cd_slice replacement = cd_slice(replacements[i].replacement);
        assert_true(cd_regex_replace_first(regex, text, replacement, &first, &err));
        assert_true(cd_regex_replace_all(regex, text, replacement, &all, &err));
        assert_string_equal(first.ptr, replacements[i].first);
        assert_string_equal(all.ptr, replacements[i].all);
        cd_regex_free(regex);
    }
}

static void a_wrong_template_is_refused_when_it_is_used(void **state)
{
    static const struct {
        const char *replacement;
        const char *exception;
        const char *msg;
    } wrong[] = {
        {"$3", "IndexOutOfBoundsException", "No group 3"},
        {"$", "IllegalArgumentException", "Illegal group reference: group index is missing"},
        {"$x", "IllegalArgumentException", "Illegal group reference"},
        {"${no}", "IllegalArgumentException", "No group with name {no}"},
        {"${n", "IllegalArgumentException", "named capturing group is missing trailing '}'"},
        {"${}", "IllegalArgumentException", "named capturing group has 0 length name"},
        {"${1a}", "IllegalArgumentException",
         "capturing group name {1a} starts with digit character"},
        {"x\\", "IllegalArgumentException", "character to be escaped is missing"},
    };
    (void)state;
    struct cd_regex *regex = compiled("t");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        assert_false(cd_regex_replace_first(regex, cd_slice("t"), cd_slice(wrong[i].replacement),
                                            &out, &err));
        assert_string_equal(err.native, wrong[i].exception);
        assert_string_equal(err.msg, wrong[i].msg);
    }
    cd_regex_free(regex);
}

static void a_hostile_pattern_ends_with_an_error(void **state)
{
    static const char *const patterns[] = {"^(([a-z])+.)+[A-Z]([a-z])+$", "(?:a?){40}a{40}",
                                           "(a|aa)+$"};
    enum { LENGTH = 200000 };
    (void)state;
    CD_AUTO_FREE char *text = cd_alloc(LENGTH);
    memset(text, 'a', LENGTH);
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        bool matches;
        struct cd_regex *regex = compiled(patterns[i]);
        assert_false(cd_regex_matches(regex, cd_slice_of(text, LENGTH), &matches, &err));
        assert_int_equal(err.code, CD_ERR_DATA);
        assert_string_equal(err.native, "StackOverflowError");
        cd_regex_free(regex);
    }
}

static void more_groups_than_are_kept_ready_work_too(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO(cd_buffer_done) struct cd_buffer pattern = CD_BUFFER_INIT;
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    (void)state;
    for (int i = 0; i < 60; i++)
        cd_buffer_text(&pattern, "(a)?");
    cd_buffer_text(&pattern, "(z)");
    struct cd_regex *regex = compiled(pattern.ptr);
    assert_true(cd_regex_replace_all(regex, cd_slice("aaz"), cd_slice("$61$2$60"), &out, &err));
    assert_string_equal(out.ptr, "za");
    cd_regex_free(regex);
}

static void bytes_that_are_no_text_do_no_harm(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
    bool found = false;
    (void)state;
    struct cd_regex *regex = compiled(".");
    assert_true(cd_regex_find(regex, cd_slice("\xff\xc3"), &found, &err));
    assert_true(found);
    assert_true(cd_regex_replace_all(regex, cd_slice("\xff\xc3"), cd_slice("<$0>"), &out, &err));
    assert_string_equal(out.ptr, "<\xef\xbf\xbd><\xef\xbf\xbd>");
    assert_true(cd_regex_find(regex, (struct cd_slice){NULL, 0}, &found, &err));
    assert_false(found);
    cd_regex_free(regex);
    assert_null(cd_regex_new(cd_slice("\xff"), &err));
    assert_string_equal(err.native, "PatternSyntaxException");
}

static void match_often(void *arg)
{
    const struct cd_regex *regex = arg;
    struct cd_error err = CD_ERROR_INIT;
    for (int i = 0; i < 2000; i++) {
        bool matches = false;
        assert_true(cd_regex_matches(regex, cd_slice("index-2017"), &matches, &err));
        assert_true(matches);
    }
}

static void one_pattern_serves_many_threads(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_thread threads[3];
    (void)state;
    struct cd_regex *regex = compiled("(.*)-(\\d\\d\\d\\d)");
    for (int i = 0; i < 3; i++)
        assert_true(cd_thread_start(&threads[i], "matches", 0, match_often, regex, &err));
    for (int i = 0; i < 3; i++)
        cd_thread_join(&threads[i]);
    cd_regex_free(regex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_match_as_on_the_jvm),
        cmocka_unit_test(replacing_follows_the_template),
        cmocka_unit_test(a_wrong_template_is_refused_when_it_is_used),
        cmocka_unit_test(a_hostile_pattern_ends_with_an_error),
        cmocka_unit_test(more_groups_than_are_kept_ready_work_too),
        cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
        cmocka_unit_test(one_pattern_serves_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
