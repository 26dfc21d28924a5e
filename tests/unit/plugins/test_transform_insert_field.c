#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_record_comes_out_as_on_the_jvm(void **state)
{
    (void)state;
    assert_int_equal(cd_transform_vectors_run("InsertField"), 17);
}

static void a_required_topic_must_be_there(void **state)
{
    (void)state;
    static const char *const settings[] = {"topic.field", "t!", NULL};
    cd_test_refused("InsertField$Value", settings,
                    "{'value_schema':{'type':'struct','fields':[]},'value':{'struct':[]}}",
                    "DataException", "null used for required field: ");
}

static void a_static_text_outlives_the_transform(void **state)
{
    (void)state;
    static const char *const settings[] = {"static.field", "s", "static.value", "hello", NULL};
    cd_test_transform("InsertField$Value", settings, "{'topic':'t','value':{'map':[]}}",
                      "{'topic':'t','value':{'map':[[{'string':'s'},{'string':'hello'}]]}}");
}

static void an_offset_is_of_sink_records_only(void **state)
{
    (void)state;
    static const char *const settings[] = {"offset.field", "o", NULL};
    cd_test_refused("InsertField$Key", settings, "{'topic':'t','key':{'map':[]}}", "DataException",
                    "Only SinkRecord supported");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_comes_out_as_on_the_jvm),
        cmocka_unit_test(a_required_topic_must_be_there),
        cmocka_unit_test(a_static_text_outlives_the_transform),
        cmocka_unit_test(an_offset_is_of_sink_records_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
