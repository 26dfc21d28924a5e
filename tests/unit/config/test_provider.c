#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/alloc.h"
#include "config/provider.h"

/* Answers "value(path,key)" for every key but "none", and fails for "fail". */
static bool echo_get(void *state, const char *path, const char *key, struct cd_provided *out,
                     struct cd_error *err)
{
    char text[200];
    int *calls = state;
    (*calls)++;
    if (strcmp(key, "fail") == 0)
        return cd_fail(err, CD_ERR_CONFIG, "cannot read");
    if (strcmp(key, "none") == 0)
        return true;
    if (strcmp(key, "soon") == 0)
        out->ttl_ms(out, 500);
    if (strcmp(key, "later") == 0)
        out->ttl_ms(out, 9000);
    (void)snprintf(text, sizeof(text), "<%s,%s>${e:again}", path, key);
    out->value(out, text);
    return true;
}

static const struct cd_provider echo = {.size = sizeof(struct cd_provider), .get = echo_get};

static const struct {
    const char *text;
    const char *expanded;
} texts[] = {
    {"plain", "plain"},
    {"${e:k}", "<,k>${e:again}"}, /* what is answered is not looked at again */
    {"a${e:p:k}b${e:k}", "a<p,k>${e:again}b<,k>${e:again}"},
    {"${e:p:k:l}", "<p,k:l>${e:again}"},
    {"${e::k}", "<,k>${e:again}"},
    {"${e:none}", "${e:none}"},
    {"${unknown:k}", "${unknown:k}"},
    {"${k}", "${k}"},
    {"${e:k", "${e:k"},
    {"$e:k}", "$e:k}"},
};

static void variables_are_expanded_once(void **state)
{
    (void)state;
    int calls = 0;
    struct cd_resolver *resolver = cd_resolver_new();
    cd_resolver_add(resolver, "e", &echo, &calls, NULL, NULL);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        char *text CD_AUTO_FREE = cd_resolver_expand_text(resolver, texts[i].text, NULL, &err);
        assert_string_equal(text, texts[i].expanded);
    }
    cd_resolver_free(resolver);
}

static void a_text_is_known_to_hold_a_variable_without_asking(void **state)
{
    (void)state;
    assert_true(cd_resolver_mentions("x${a:b}y"));
    assert_false(cd_resolver_mentions("${a}"));
    assert_false(cd_resolver_mentions("a:b}"));
    assert_false(cd_resolver_mentions(NULL));
}

static void the_shortest_time_to_live_counts(void **state)
{
    (void)state;
    int calls = 0;
    struct cd_error err = CD_ERROR_INIT;
    int64_t ttl_ms = 0;
    struct cd_resolver *resolver = cd_resolver_new();
    cd_resolver_add(resolver, "e", &echo, &calls, NULL, NULL);
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "a", "${e:later}");
    cd_config_set(config, "b", "${e:soon} ${e:later}");
    cd_config_set(config, "c", NULL);
    struct cd_config *expanded CD_AUTO(cd_config_freep) =
        cd_resolver_expand(resolver, config, &ttl_ms, &err);
    assert_int_equal(ttl_ms, 500);
    assert_true(cd_config_has(expanded, "c"));
    assert_string_equal(cd_config_get(config, "a"), "${e:later}"); /* the original stays */
    struct cd_config *plain CD_AUTO(cd_config_freep) =
        cd_resolver_expand(NULL, config, &ttl_ms, &err);
    assert_int_equal(ttl_ms, -1);
    assert_true(cd_config_equal(plain, config));
    cd_resolver_free(resolver);
}

static void a_source_that_cannot_be_read_fails_the_whole(void **state)
{
    (void)state;
    int calls = 0;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_resolver *resolver = cd_resolver_new();
    cd_resolver_add(resolver, "e", &echo, &calls, NULL, NULL);
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    cd_config_set(config, "a", "${e:fail}");
    assert_null(cd_resolver_expand(resolver, config, NULL, &err));
    assert_string_equal(err.msg, "cannot read");
    cd_resolver_free(resolver);
}

static void count_release(void *owner)
{
    (*(int *)owner)++;
}

static void providers_are_released_with_the_resolver(void **state)
{
    (void)state;
    int released = 0;
    int calls = 0;
    struct cd_resolver *resolver = cd_resolver_new();
    cd_resolver_add(resolver, "a", &echo, &calls, count_release, &released);
    cd_resolver_add(resolver, "a", &echo, &calls, count_release, &released); /* takes its place */
    assert_int_equal(released, 1);
    cd_resolver_free(resolver);
    assert_int_equal(released, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_are_expanded_once),
        cmocka_unit_test(a_text_is_known_to_hold_a_variable_without_asking),
        cmocka_unit_test(the_shortest_time_to_live_counts),
        cmocka_unit_test(a_source_that_cannot_be_read_fails_the_whole),
        cmocka_unit_test(providers_are_released_with_the_resolver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
