#include "base/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

struct letter {
    struct cd_link link;
    int sender;
    int number;
};

static void letters_come_out_in_order_until_it_is_full(void **state)
{
    (void)state;
    struct cd_mailbox box;
    struct letter letters[4];
    cd_mailbox_init(&box, 2);
    assert_true(cd_mailbox_post(&box, &letters[0].link));
    assert_true(cd_mailbox_post(&box, &letters[1].link));
    assert_false(cd_mailbox_post(&box, &letters[2].link));
    assert_int_equal(box.refused, 1);
    assert_true(cd_mailbox_force(&box, &letters[3].link));
    assert_ptr_equal(cd_mailbox_take(&box, 0), &letters[0].link);
    assert_ptr_equal(cd_mailbox_take(&box, 0), &letters[1].link);
    assert_ptr_equal(cd_mailbox_take(&box, 0), &letters[3].link);
    assert_null(cd_mailbox_take(&box, 0));
    cd_mailbox_done(&box);
}

static void a_closed_box_takes_nothing_but_gives_what_it_holds(void **state)
{
    (void)state;
    struct cd_mailbox box;
    struct letter letters[2];
    cd_mailbox_init(&box, 2);
    assert_true(cd_mailbox_post(&box, &letters[0].link));
    cd_mailbox_close(&box);
    assert_false(cd_mailbox_post(&box, &letters[1].link));
    assert_false(cd_mailbox_force(&box, &letters[1].link));
    assert_int_equal(box.refused, 0);
    assert_ptr_equal(cd_mailbox_take(&box, INT64_MAX), &letters[0].link);
    assert_null(cd_mailbox_take(&box, INT64_MAX));
    cd_mailbox_done(&box);
}

#define LETTERS 5000

struct sender {
    struct cd_mailbox *box;
    struct letter letters[LETTERS];
};

static void send_all(void *arg)
{
    struct sender *sender = arg;
    for (int i = 0; i < LETTERS; i++)
        while (!cd_mailbox_post(sender->box, &sender->letters[i].link))
            (void)sched_yield();
}

static void senders_on_many_threads_each_keep_their_order(void **state)
{
    (void)state;
    static struct sender senders[3];
    struct cd_error err = CD_ERROR_INIT;
    struct cd_thread threads[3];
    struct cd_mailbox box;
    int next[3] = {0, 0, 0};
    cd_mailbox_init(&box, 100);
    for (int s = 0; s < 3; s++) {
        senders[s].box = &box;
        for (int i = 0; i < LETTERS; i++)
            senders[s].letters[i] = (struct letter){.sender = s, .number = i};
        assert_true(cd_thread_start(&threads[s], "sender", 0, send_all, &senders[s], &err));
    }
    int64_t deadline_ms = cd_clock_ms() + 60000;
    for (int i = 0; i < 3 * LETTERS; i++) {
        struct cd_link *link = cd_mailbox_take(&box, deadline_ms);
        assert_non_null(link);
        const struct letter *letter = CD_CONTAINER_OF(link, struct letter, link);
        assert_int_equal(letter->number, next[letter->sender]++);
    }
    for (int s = 0; s < 3; s++)
        cd_thread_join(&threads[s]);
    cd_mailbox_done(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_come_out_in_order_until_it_is_full),
        cmocka_unit_test(a_closed_box_takes_nothing_but_gives_what_it_holds),
        cmocka_unit_test(senders_on_many_threads_each_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
