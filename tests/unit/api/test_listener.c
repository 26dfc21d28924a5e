#include "rig.h"

#include "api/listener.h"

static void listeners_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_tls;
        const char *host; /* NULL: refused */
        uint16_t port;
    } rows[] = {
        {"http://:8083", false, "", 8083},
        {"HTTPS://host:1", true, "host", 1},
        {"http://0.0.0.0:0", false, "0.0.0.0", 0},
        {"http://[::1]:80", false, "::1", 80},
        {"http://[fe80::1%eth0]:80", false, "fe80::1%eth0", 80},
        {"http://host:65535", false, "host", 65535},
        {"http://host:65536", false, NULL, 0},
        {"http://host", false, NULL, 0},
        {"http://host:", false, NULL, 0},
        {"http://::1:80", false, NULL, 0},
        {"host:80", false, NULL, 0},
        {"ftp://host:80", false, NULL, 0},
        {"", false, NULL, 0},
        {"http://host:-1", false, NULL, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_listener listener;
        struct cd_error err = CD_ERROR_INIT;
        bool ok = cd_listener_parse("listeners", rows[i].text, &listener, &err);
        assert_int_equal(ok, rows[i].host != NULL);
        if (!ok) {
            assert_non_null(strstr(err.msg, "for configuration listeners: Listener "));
            continue;
        }
        assert_int_equal(listener.is_tls, rows[i].is_tls);
        assert_string_equal(listener.host, rows[i].host);
        assert_int_equal(listener.port, rows[i].port);
        cd_listener_done(&listener);
    }
}

static void port_zero_becomes_a_real_one_and_no_host_means_all(void **state)
{
    (void)state;
    struct cd_listener listener;
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_listener_parse("listeners", "http://:0", &listener, &err));
    assert_true(cd_listener_open(&listener, &err));
    assert_int_not_equal(listener.port, 0);
    int fd = cd_http_connect(listener.port);
    assert_true(fd >= 0);
    close(fd);
    cd_listener_done(&listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listeners_are_read),
        cmocka_unit_test(port_zero_becomes_a_real_one_and_no_host_means_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
