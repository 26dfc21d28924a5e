#include "rig.h"

#include "api/response_headers.h"
#include "base/buffer.h"
#include "base/clock.h"

static void collect(void *arg, const char *name, const char *value)
{
    cd_buffer_printf(arg, "%s=%s|", name, value);
}

static void check(const struct cd_api_config *config, const char *origin, bool preflight,
                  const char *wanted)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_response_headers *headers = NULL;
    assert_true(cd_response_headers_load(config, &headers, &err));
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_buffer_text(&out, "");
    cd_response_headers_each(headers, origin, preflight, collect, &out);
    assert_string_equal(out.ptr, wanted);
    cd_buffer_done(&out);
    cd_response_headers_free(headers);
}

static void rules_set_and_add(void **state)
{
    (void)state;
    static const struct {
        const char *rules;
        const char *headers;
    } rows[] = {
        {"", ""},
        {"set A: 1", "A=1|"},
        {"set A:1, set a:2", "a=2|"},
        {"add A: 1, add A: 2", "A=1|A=2|"},
        {"add A: 1,set A: 2", "A=2|"},
        {"\"add B: x, y\", ADD C: z", "B=x, y|C=z|"},
        {"setDate D: 1000", "D=Thu, 01 Jan 1970 00:00:02 GMT|"},
    };
    cd_clock_fake(1, 1000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&(struct cd_api_config){.response_headers = rows[i].rules}, NULL, false,
              rows[i].headers);
    cd_clock_real();
}

static void bad_rules_are_refused_in_kafkas_words(void **state)
{
    (void)state;
    static const struct {
        const char *rules;
        const char *problem;
    } rows[] = {
        {"set", "Invalid format of header config 'set'. Expected: '[action] [header name]:[header "
                "value]'"},
        {"put A: 1", "Invalid header config action: 'put'. The action should be one of: [set, add, "
                     "setDate, addDate]"},
        {"set A", "Invalid format of header name and header value pair 'A'. Expected: '[header "
                  "name]:[header value]'"},
        {"set A: b:c", "Invalid format of header name and header value pair"},
        {"set A b: c", "Invalid header name 'A b'. The '[header name]' cannot contain whitespace"},
        {"setDate A: soon", "milliseconds from now"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_response_headers *headers = NULL;
        assert_false(cd_response_headers_load(
            &(struct cd_api_config){.response_headers = rows[i].rules}, &headers, &err));
        if (strstr(err.msg, rows[i].problem) == NULL)
            fail_msg("'%s' is not in '%s'", rows[i].problem, err.msg);
    }
}

#define ALLOWED(origin) "Vary=Origin|Access-Control-Allow-Origin=" origin "|"

static void origins_are_items_or_patterns_for_the_whole(void **state)
{
    (void)state;
    static const struct {
        const char *origins;
        const char *origin;
        const char *headers;
    } rows[] = {
        {"", "http://a.com", ""},
        {"*", "http://a.com", ALLOWED("http://a.com")},
        {"*", NULL, "Vary=Origin|"},
        {"http://a.com, http://b.com", "http://b.com", ALLOWED("http://b.com")},
        {"http://a.com", "http://a.com.evil", "Vary=Origin|"},
        {"http://.*[.]a[.]com", "http://x.a.com", ALLOWED("http://x.a.com")},
        {"http://.*[.]a[.]com", "http://x.a.com:8080", "Vary=Origin|"},
        {"http://*.a.com", "http://x.a.com", "Vary=Origin|"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&(struct cd_api_config){.cors_origin = rows[i].origins}, rows[i].origin, false,
              rows[i].headers);
    check(&(struct cd_api_config){.cors_origin = "*"}, "http://a", true,
          ALLOWED("http://a") "Access-Control-Allow-Methods=GET,POST,HEAD|Access-Control-Allow-"
                              "Headers=Content-Type|Access-Control-Max-Age=60|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_set_and_add),
        cmocka_unit_test(bad_rules_are_refused_in_kafkas_words),
        cmocka_unit_test(origins_are_items_or_patterns_for_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
