#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/alloc.h"
#include "data/schema.h"
#include "plugins/instance.h"

/* A transform that counts what is called. */
struct spy_config {
    const char *text;
};

struct spy {
    struct cd_task_base base;
    int marker;
};

static int opened, closed;
static bool refuse_open;

static bool spy_open(void *state, struct cd_error *err)
{
    struct spy *spy = state;
    assert_int_equal(spy->marker, 0); /* zeroed */
    assert_ptr_equal(spy->base.host, cd_host());
    opened++;
    return !refuse_open || cd_fail(err, CD_ERR_CONFIG, "no");
}

static enum cd_verdict_on_record spy_apply(void *state, struct cd_batch *out, struct cd_record *rec,
                                           struct cd_error *err)
{
    (void)state;
    (void)out;
    (void)rec;
    (void)err;
    return CD_RECORD_KEEP;
}

static void spy_close(void *state)
{
    (void)state;
    closed++;
}

static const struct cd_key spy_keys[] = {
    {.name = "text", .type = CD_STRING, .offset = offsetof(struct spy_config, text)}};
static const struct cd_transform spy_transform = {.size = sizeof(struct cd_transform),
                                                  .state_size = sizeof(struct spy),
                                                  .open = spy_open,
                                                  .apply = spy_apply,
                                                  .close = spy_close};
static const struct cd_plugin spy_plugin = {.kind = CD_PLUGIN_TRANSFORM,
                                            .class_name = "test.Spy",
                                            .version = "1",
                                            .keys = spy_keys,
                                            .key_count = 1,
                                            .key_size = sizeof(struct cd_key),
                                            .config_size = sizeof(struct spy_config),
                                            .transform = &spy_transform};

static struct cd_registry *registry_with_spy(const struct cd_registered **ret)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_registry *registry = cd_registry_new();
    opened = closed = 0;
    refuse_open = false;
    assert_true(cd_registry_add(registry, &spy_plugin, sizeof(spy_plugin), "test", &err));
    *ret = cd_registry_find(registry, CD_KIND_SET(CD_PLUGIN_TRANSFORM), "Spy", NULL, &err);
    assert_non_null(*ret);
    return registry;
}

static void an_instance_has_typed_settings_and_is_closed_once(void **state)
{
    (void)state;
    const struct cd_registered *plugin;
    struct cd_registry *registry = registry_with_spy(&plugin);
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_error err = CD_ERROR_INIT;
    struct cd_handle handle = {.magic = CD_HANDLE_MAGIC};
    cd_config_set(config, "text", "hello");
    struct cd_instance *spy = cd_instance_open(plugin, CD_ROLE_VALUE, config, &handle, &err);
    assert_non_null(spy);
    const struct spy_config *cfg = ((struct cd_task_base *)spy->state)->cfg;
    assert_string_equal(cfg->text, "hello");
    assert_ptr_equal(((struct cd_task_base *)spy->state)->handle, &handle);
    cd_instance_free(spy);
    assert_int_equal(opened, 1);
    assert_int_equal(closed, 1);
    cd_registry_free(registry);
}

static void a_failed_open_is_closed_and_freed(void **state)
{
    (void)state;
    const struct cd_registered *plugin;
    struct cd_registry *registry = registry_with_spy(&plugin);
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_error err = CD_ERROR_INIT;
    cd_config_set(config, "text", "hello");
    refuse_open = true;
    assert_null(cd_instance_open(plugin, CD_ROLE_VALUE, config, NULL, &err));
    assert_string_equal(err.msg, "no");
    assert_int_equal(closed, 1);
    cd_registry_free(registry);
}

static void a_wrong_setting_is_told_before_anything_is_called(void **state)
{
    (void)state;
    const struct cd_registered *plugin;
    struct cd_registry *registry = registry_with_spy(&plugin);
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_error err = CD_ERROR_INIT;
    assert_null(cd_instance_open(plugin, CD_ROLE_VALUE, config, NULL, &err));
    assert_string_equal(err.msg,
                        "Missing required configuration \"text\" which has no default value.");
    assert_int_equal(opened, 0);
    cd_registry_free(registry);
}

static void what_is_not_opened_here_is_not_closed_here(void **state)
{
    (void)state;
    const struct cd_registered *plugin;
    struct cd_registry *registry = registry_with_spy(&plugin);
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_error err = CD_ERROR_INIT;
    cd_config_set(config, "text", "x");
    cd_instance_free(cd_instance_new(plugin, config, NULL, &err));
    cd_instance_free(cd_instance_config(plugin, config, &err));
    cd_instance_free(NULL);
    assert_int_equal(opened, 0);
    assert_int_equal(closed, 0);
    cd_registry_free(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_has_typed_settings_and_is_closed_once),
        cmocka_unit_test(a_failed_open_is_closed_and_freed),
        cmocka_unit_test(a_wrong_setting_is_told_before_anything_is_called),
        cmocka_unit_test(what_is_not_opened_here_is_not_closed_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
