#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct item {
    int number;
    struct cd_link link;
};

static void elements_come_out_as_they_went_in(void **state)
{
    (void)state;
    struct cd_link head;
    struct item items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
    cd_list_init(&head);
    assert_true(cd_list_empty(&head));
    assert_null(cd_list_pop_front(&head));
    for (int i = 0; i < 3; i++)
        cd_list_push_back(&head, &items[i].link);
    for (int i = 0; i < 3; i++) {
        struct cd_link *first = cd_list_pop_front(&head);
        assert_true(first != NULL && CD_CONTAINER_OF(first, struct item, link)->number == i);
    }
    assert_true(cd_list_empty(&head));
}

static void an_element_leaves_from_the_middle_and_may_leave_twice(void **state)
{
    (void)state;
    struct cd_link head;
    struct item items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
    cd_list_init(&head);
    for (int i = 0; i < 3; i++)
        cd_list_push_back(&head, &items[i].link);
    cd_list_remove(&items[1].link);
    cd_list_remove(&items[1].link);
    assert_ptr_equal(cd_list_pop_front(&head), &items[0].link);
    assert_ptr_equal(cd_list_pop_front(&head), &items[2].link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_come_out_as_they_went_in),
        cmocka_unit_test(an_element_leaves_from_the_middle_and_may_leave_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
