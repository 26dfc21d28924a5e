#include "plugins/schema_memo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/schema.h"
#include "plugins/host.h"

static int dropped;

static void count_drop(void *derived)
{
    (void)derived;
    dropped++;
}

static const struct cd_schema *schema_of_version(int32_t version)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_schema draft = {.type = CD_TYPE_INT8, .has_version = true, .version = version};
    return cd_schema_intern(&draft, &err);
}

static void what_was_put_is_found_by_its_schema(void **state)
{
    (void)state;
    struct cd_schema_memo memo;
    int a, b;
    const struct cd_schema *one = schema_of_version(1);
    const struct cd_schema *two = schema_of_version(2);
    cd_schema_memo_init(&memo, cd_host(), count_drop);
    assert_null(cd_schema_memo_find(&memo, one));
    cd_schema_memo_put(&memo, one, &a);
    cd_schema_memo_put(&memo, two, &b);
    assert_ptr_equal(cd_schema_memo_find(&memo, one), &a);
    assert_ptr_equal(cd_schema_memo_find(&memo, two), &b);
    assert_ptr_equal(cd_schema_memo_find(&memo, one), &a);
    cd_schema_unref(one);
    cd_schema_unref(two);
    assert_int_equal(cd_schema_alive(), 2); /* the memo holds them */
    dropped = 0;
    cd_schema_memo_done(&memo);
    assert_int_equal(dropped, 2);
    assert_int_equal(cd_schema_alive(), 0);
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    struct cd_schema_memo memo;
    static int derived[CD_SCHEMA_MEMO_SLOTS + 1];
    const struct cd_schema *schemas[CD_SCHEMA_MEMO_SLOTS + 1];
    dropped = 0;
    cd_schema_memo_init(&memo, cd_host(), count_drop);
    for (int i = 0; i <= CD_SCHEMA_MEMO_SLOTS; i++) {
        schemas[i] = schema_of_version(i);
        cd_schema_memo_put(&memo, schemas[i], &derived[i]);
    }
    assert_int_equal(dropped, 1);
    assert_null(cd_schema_memo_find(&memo, schemas[0]));
    assert_ptr_equal(cd_schema_memo_find(&memo, schemas[1]), &derived[1]);
    for (int i = 0; i <= CD_SCHEMA_MEMO_SLOTS; i++)
        cd_schema_unref(schemas[i]);
    cd_schema_memo_done(&memo);
    assert_int_equal(cd_schema_alive(), 0);
}

static void a_memo_never_opened_may_be_closed(void **state)
{
    (void)state;
    struct cd_schema_memo memo = {0};
    cd_schema_memo_done(&memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found_by_its_schema),
        cmocka_unit_test(the_oldest_makes_room),
        cmocka_unit_test(a_memo_never_opened_may_be_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
