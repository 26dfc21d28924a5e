#include "daemon/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
/* cmocka wants these first */
#include <cmocka.h>

static const char name[] = "@connectd-test-notify";

/* A socket of the abstract name, as systemd may give one. */
static int listen_there(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, sizeof(name) - 1);
    address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, size), 0);
    return fd;
}

static void one_message_is_one_datagram(void **state)
{
    (void)state;
    int fd = listen_there();
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    cd_notify("READY=1\nSTATUS=well");
    char text[64] = "";
    assert_int_equal(recv(fd, text, sizeof(text) - 1, 0), 19);
    assert_string_equal(text, "READY=1\nSTATUS=well");
    assert_int_equal(close(fd), 0);
}

static void nobody_listening_is_harmless(void **state)
{
    (void)state;
    static const char *const paths[] = {"", "/nowhere/notify", name};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", paths[i], 1), 0);
        cd_notify("READY=1");
    }
    char too_long[200];
    memset(too_long, 'x', sizeof(too_long));
    too_long[sizeof(too_long) - 1] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", too_long, 1), 0);
    cd_notify("READY=1");
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    cd_notify("READY=1");
}

static void the_watchdog_is_of_the_process_it_names(void **state)
{
    (void)state;
    assert_int_equal(cd_notify_watchdog_ms(), 0);
    assert_int_equal(setenv("WATCHDOG_USEC", "30000000", 1), 0);
    assert_int_equal(cd_notify_watchdog_ms(), 30000);
    assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
    assert_int_equal(cd_notify_watchdog_ms(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_message_is_one_datagram),
        cmocka_unit_test(nobody_listening_is_harmless),
        cmocka_unit_test(the_watchdog_is_of_the_process_it_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
