#include "plugins/transforms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/registry.h"

static void every_class_of_kafka_is_there_once(void **state)
{
    (void)state;
    static const char *const classes[] = {
        "Cast$Key",
        "Cast$Value",
        "DropHeaders",
        "ExtractField$Key",
        "ExtractField$Value",
        "Filter",
        "Flatten$Key",
        "Flatten$Value",
        "HeaderFrom$Key",
        "HeaderFrom$Value",
        "HoistField$Key",
        "HoistField$Value",
        "InsertField$Key",
        "InsertField$Value",
        "InsertHeader",
        "MaskField$Key",
        "MaskField$Value",
        "RegexRouter",
        "ReplaceField$Key",
        "ReplaceField$Value",
        "SetSchemaMetadata$Key",
        "SetSchemaMetadata$Value",
        "TimestampConverter$Key",
        "TimestampConverter$Value",
        "TimestampRouter",
        "ValueToKey",
        "predicates.HasHeaderKey",
        "predicates.RecordIsTombstone",
        "predicates.TopicNameMatches",
    };
    size_t count = sizeof(classes) / sizeof(classes[0]);
    struct cd_error err = CD_ERROR_INIT;
    struct cd_registry *registry = cd_registry_new();
    for (size_t i = 0; i < cd_builtin_transform_count; i++)
        assert_true(cd_registry_add(registry, cd_builtin_transforms[i], sizeof(struct cd_plugin),
                                    "built-in", &err));
    for (size_t i = 0; i < count; i++) {
        char name[100];
        (void)snprintf(name, sizeof(name), "org.apache.kafka.connect.transforms.%s", classes[i]);
        if (!cd_registry_has(registry, CD_KIND_SET_ALL, name))
            fail_msg("%s is missing", name);
    }
    assert_int_equal(cd_builtin_transform_count, count);
    cd_registry_free(registry);
}

static void every_setting_has_a_text_for_people(void **state)
{
    (void)state;
    for (size_t i = 0; i < cd_builtin_transform_count; i++) {
        const struct cd_plugin *plugin = cd_builtin_transforms[i];
        assert_non_null(plugin->doc);
        for (uint32_t k = 0; k < plugin->key_count; k++)
            if (plugin->keys[k].doc == NULL && !plugin->keys[k].internal)
                fail_msg("%s of %s", plugin->keys[k].name, plugin->class_name);
    }
}

static char *read_manual(void)
{
    static char text[64 * 1024];
    FILE *file = fopen("docs/transforms.md", "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file);
    return text;
}

static void every_class_and_every_setting_is_in_the_manual(void **state)
{
    (void)state;
    const char *manual = read_manual();
    for (size_t i = 0; i < cd_builtin_transform_count; i++) {
        const struct cd_plugin *plugin = cd_builtin_transforms[i];
        char quoted[100];
        (void)snprintf(quoted, sizeof(quoted), "`%s`", strrchr(plugin->class_name, '.') + 1);
        if (strstr(manual, quoted) == NULL)
            fail_msg("%s", quoted);
        for (uint32_t k = 0; k < plugin->key_count; k++) {
            (void)snprintf(quoted, sizeof(quoted), "`%s`", plugin->keys[k].name);
            if (strstr(manual, quoted) == NULL)
                fail_msg("%s of %s", quoted, plugin->class_name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_of_kafka_is_there_once),
        cmocka_unit_test(every_setting_has_a_text_for_people),
        cmocka_unit_test(every_class_and_every_setting_is_in_the_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
