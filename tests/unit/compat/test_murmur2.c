#include "compat/murmur2.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* By Kafka 4.1.1's own class; partitions of seven. */
static void keys_land_where_the_jvm_puts_them(void **state)
{
    static const struct {
        const char *key;
        int32_t hash;
        int32_t partition;
    } cases[] = {
        {"", 275646681, 2},
        {"a", -1563381124, 5},
        {"ab", 316155434, 0},
        {"abc", 479470107, 4},
        {"abcd", -1323649548, 5},
        {"21", -973932308, 3},
        {"foobar", -790332482, 0},
        {"a-little-bit-long-string", -985981536, 1},
        {"a-little-bit-longer-string", -1486304829, 0},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971, 3},
        {"\xc3\xa9\xe2\x82\xac", 1912689889, 5},
        {"{\"id\":1}", -56768732, 3},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = strlen(cases[i].key);
        assert_int_equal(cd_murmur2(cases[i].key, len), cases[i].hash);
        assert_int_equal(cd_murmur2_partition(cases[i].key, len, 7), cases[i].partition);
    }
    assert_int_equal(cd_murmur2("\xff\x80\xfe\x81\xfd\x82\xfc", 7), 1867014551);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_land_where_the_jvm_puts_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
