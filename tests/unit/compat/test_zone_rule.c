#include "compat/zone_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void rules_decide_between_standard_and_summer_time(void **state)
{
    static const struct {
        const char *rule;
        int64_t at_s;
        const char *name;
        int32_t offset_s;
    } cases[] = {
        {"UTC0", 0, "UTC", 0},
        {"<-03>3", 0, "-03", -10800},
        {"<+0545>-5:45", 0, "+0545", 20700},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1553993999, "CET", 3600},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1553994000, "CEST", 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1572137999, "CEST", 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1572138000, "CET", 3600},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1577836800, "+11", 39600}, /* southern */
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1593561600, "+1030", 37800},
        {"AAA0BBB,J60/0,J61/0", 1583020800, "BBB", 3600}, /* 2020-03-01: J60 leaves out the 29th */
        {"AAA0BBB,59/0,60/0", 1582934400, "BBB", 3600},   /* 2020-02-29 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_zone_rule rule;
        assert_true(cd_zone_rule_parse(cd_slice(cases[i].rule), &rule));
        const struct cd_zone_time *now = cd_zone_rule_at(&rule, cases[i].at_s);
        assert_string_equal(now->name, cases[i].name);
        assert_int_equal(now->offset_s, cases[i].offset_s);
        /* The calendar repeats after 400 years. */
        const int64_t cycle_s = INT64_C(146097) * 86400;
        assert_ptr_equal(cd_zone_rule_at(&rule, cases[i].at_s + 3 * cycle_s), now);
        assert_ptr_equal(cd_zone_rule_at(&rule, cases[i].at_s - 9 * cycle_s), now);
    }
}

static void what_is_no_rule_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "UTC",
                                        "0",
                                        "<->",
                                        "<UTC",
                                        "CET-1CEST",
                                        "CET-1CEST,M3.5.0",
                                        "CET-1CEST,M13.5.0,M10.5.0",
                                        "CET-1CEST,M3.6.0,M10.5.0",
                                        "CET-1CEST,M3.5.7,M10.5.0",
                                        "CET-1CEST,M3.5.0,M10.5.0/3x",
                                        "CET-200",
                                        "ANAMETHATISLONGERTHANSIXTEEN0"};
    struct cd_zone_rule rule;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(cd_zone_rule_parse(cd_slice(texts[i]), &rule));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_decide_between_standard_and_summer_time),
        cmocka_unit_test(what_is_no_rule_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
