#include "compat/regex_syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "compat/regex.h"

/* Messages of a JVM. */
static void a_wrong_pattern_is_refused_in_the_words_of_the_jvm(void **state)
{
    static const struct {
        const char *pattern;
        const char *msg;
    } cases[] = {
        {"(", "Unclosed group near index 1\n("},
        {"*", "Dangling meta character '*' near index 0\n*\n^"},
        {"a**", "Dangling meta character '*' near index 2\na**\n  ^"},
        {"a|*", "Dangling meta character '*' near index 2\na|*\n  ^"},
        {"a+++", "Dangling meta character '+' near index 3\na+++\n   ^"},
        {"a)", "Unmatched closing ')' near index 0\na)\n^"},
        {"a{", "Illegal repetition near index 2\na{"},
        {"a{,3}", "Illegal repetition near index 2\na{,3}\n  ^"},
        {"x{3,1}", "Illegal repetition range near index 5\nx{3,1}\n     ^"},
        {"[a", "Unclosed character class near index 1\n[a\n ^"},
        {"[", "Unclosed character class near index 0\n[\n^"},
        {"[z-a]", "Illegal character range near index 3\n[z-a]\n   ^"},
        {"\\y", "Illegal/unsupported escape sequence near index 1\n\\y\n ^"},
        {"\\", "Unexpected internal error near index 1\n\\"},
        {"(?z)", "Unknown inline modifier near index 2\n(?z)\n  ^"},
        {"(?P<a>b)", "Unknown inline modifier near index 2\n(?P<a>b)\n  ^"},
        {"(?#c)a", "Unknown inline modifier near index 2\n(?#c)a\n  ^"},
        {"(?<1a>x)",
         "capturing group name does not start with a Latin letter near index 3\n(?<1a>x)\n   ^"},
        {"(?<n>a)(?<n>b)", "Named capturing group <n> is already defined near index "
                           "11\n(?<n>a)(?<n>b)\n           ^"},
        {"\\k<q>", "named capturing group <q> does not exist near index 4\n\\k<q>\n    ^"},
        {"\\08", "Illegal octal escape sequence near index 2\n\\08\n  ^"},
        {"\\x4", "Illegal hexadecimal escape sequence near index 3\n\\x4"},
        {"\\u12", "Illegal Unicode escape sequence near index 4\n\\u12"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_null(cd_regex_new(cd_slice(cases[i].pattern), &err));
        assert_string_equal(err.msg, cases[i].msg);
        assert_string_equal(err.native, "PatternSyntaxException");
        assert_int_equal(err.code, CD_ERR_CONFIG);
    }
}

/* Things only one of the two libraries knows: never taken for something else. */
static void what_cannot_be_translated_is_refused(void **state)
{
    static const char *const patterns[] = {
        "(*ACCEPT)", "(?R)",         "(?1)",     "(?|a)",    "(?'n'a)", "(?&n)",
        "(?(1)a|b)", "(?C1)",        "\\K",      "\\C",      "\\g1",    "\\N",
        "(?U)a",     "\\p{InGreek}", "\\p{Foo}", "\\b{g}",   "\\p{",    "\\p{^Lu}",
        "\\uD83D",   "[\\uD83D]",    "(?<=a+)b", "a{70000}", "[a-\\d]", "(?<a_b>x)",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_regex *regex = cd_regex_new(cd_slice(patterns[i]), &err);
        if (regex != NULL)
            fail_msg("%s was taken", patterns[i]);
        assert_string_equal(err.native, "PatternSyntaxException");
    }
}

static void nesting_is_bounded(void **state)
{
    static const char *const openings[] = {"(", "[", "(?:", "[^["};
    (void)state;
    for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        CD_AUTO(cd_buffer_done) struct cd_buffer pattern = CD_BUFFER_INIT;
        for (int depth = 0; depth < 100000; depth++)
            cd_buffer_text(&pattern, openings[i]);
        assert_null(cd_regex_new(cd_buffer_view(&pattern), &err));
        assert_non_null(strstr(err.msg, "nested too deeply"));
    }
}

static void what_both_spell_alike_stays_as_it_is(void **state)
{
    static const char *const patterns[] = {
        "abc",   "(a|b)*?",    "(?:a)++", "(?=a)(?!b)(?<=a)(?<!b)",
        "(?>a)", "[a-c]{2,3}", "(?<n>a)", "(?i)a"};
    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        CD_AUTO(cd_buffer_done) struct cd_buffer out = CD_BUFFER_INIT;
        assert_true(cd_regex_translate(cd_slice(patterns[i]), &out, &err));
        assert_string_equal(out.ptr, patterns[i]);
    }
}

/* Any bytes at all: refused or taken, never a crash. A fixed sequence, so that a failure can be
 * repeated. */
static void random_patterns_do_no_harm(void **state)
{
    static const char alphabet[] = "ab()[]{}?*+|^$.\\-&<>:=!#,0123pPLQEuxkdsi \n";
    uint32_t seed = 7;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct cd_error err = CD_ERROR_INIT;
        char pattern[24];
        size_t len = (size_t)i % sizeof(pattern);
        for (size_t at = 0; at < len; at++) {
            seed = seed * 1664525u + 1013904223u;
            pattern[at] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
        }
        struct cd_regex *regex = cd_regex_new(cd_slice_of(pattern, len), &err);
        bool found;
        if (regex != NULL)
            (void)!cd_regex_find(regex, cd_slice("abc 012"), &found, &err); /* either will do */
        cd_regex_free(regex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_pattern_is_refused_in_the_words_of_the_jvm),
        cmocka_unit_test(what_cannot_be_translated_is_refused),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(what_both_spell_alike_stays_as_it_is),
        cmocka_unit_test(random_patterns_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
