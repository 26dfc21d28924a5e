#include "compat/regex_syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "compat/regex.h"

/* Which ASCII characters a class takes, as a JVM has it. */
static void classes_hold_what_they_hold_on_the_jvm(void **state)
{
    static const struct {
        const char *pattern;
        const char *members; /* out of the candidates below */
    } cases[] = {
        {"[abc]", "abc"},
        {"[^abc]", "dexyzAZ0189_-]^&[ ."},
        {"[a-c]", "abc"},
        {"[a-]", "a-"},
        {"[-a]", "a-"},
        {"[]a]", "a]"},
        {"[^]a]", "bcdexyzAZ0189_-^&[ ."},
        {"[a^]", "a^"},
        {"[a&b]", "ab&"},
        {"[a-e&&[cdx]]", "cd"},
        {"[a-e&&cdx]", "cd"},
        {"[a-e&&[^bc]]", "ade"},
        {"[a-e&&[b-e]&&[^d]]", "bce"},
        {"[^a-e&&[^x-z]]", "xyzAZ0189_-]^&[ ."},
        {"[a[xy]]", "axy"},
        {"[a[x[y]]]", "axy"},
        {"[^a[xy]]", "bcdezAZ0189_-]^&[ ."},
        {"[a-[x]]", "a-x"},
        {"[&&a]", "a"},
        {"[a&&]", "a"},
        {"[\\d_]", "0189_"},
        {"[\\w&&[^\\d]]", "abcdexyzAZ_"},
        {"[\\p{Upper}a]", "aAZ"},
        {"[\\P{Alnum}&&[^ ]]", "_-]^&[."},
        {"[\\Qa-c]\\E]", "ac-]"},
        {"[\\x61-\\u0063]", "abc"},
        {"[\\]\\[]", "]["},
        {"(?x)[a b #c\n]", "ab"},
        {"(?i)[a-b]", "abA"},
        {"\\p{javaUpperCase}", "AZ"},
        {"\\p{IsDigit}", "0189"},
        {"\\p{general_category=Lu}", "AZ"},
        {"\\p{IsLatin}", "abcdexyzAZ"},
    };
    static const char candidates[] = "abcdexyzAZ0189_-]^&[ .";
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_regex *regex = cd_regex_new(cd_slice(cases[i].pattern), &err);
        if (regex == NULL)
            fail_msg("%s", err.msg);
        for (const char *c = candidates; *c != '\0'; c++) {
            bool matches = false;
            assert_true(cd_regex_matches(regex, cd_slice_of(c, 1), &matches, &err));
            if (matches != (strchr(cases[i].members, *c) != NULL))
                fail_msg("%s and '%c'", cases[i].pattern, *c);
        }
        cd_regex_free(regex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_hold_what_they_hold_on_the_jvm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
