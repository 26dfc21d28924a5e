#include "rig.h"

#include "api/bind.h"

#define CREATE "org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest"
#define AT(column)                                                                                 \
    "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, " \
    "column: " #column "]"
#define CHAIN(text) " (through reference chain: " text ")"

struct row {
    const char *body;
    const char *error;
};

/* As a worker of Kafka 4.1.1 answers. */
static void create_bodies_of_wrong_shape_are_refused_in_jacksons_words(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"[]", "Cannot deserialize value of type `" CREATE
               "` from Array value (token `JsonToken.START_ARRAY`)" AT(1)},
        {"5", "Cannot construct instance of `" CREATE
              "` (although at least one Creator exists): no int/Int-argument constructor/factory "
              "method to deserialize from Number value (5)" AT(1)},
        {"\"x\"",
         "Cannot construct instance of `" CREATE
         "` (although at least one Creator exists): no String-argument constructor/factory "
         "method to deserialize from String value ('x')" AT(1)},
        {"true", "Cannot construct instance of `" CREATE
                 "` (although at least one Creator exists): no boolean/Boolean-argument "
                 "constructor/factory method to deserialize from boolean value (true)" AT(1)},
        {"{\"name\":[]}",
         "Cannot deserialize value of type `java.lang.String` from Array value (token "
         "`JsonToken.START_ARRAY`)" AT(9) CHAIN(CREATE "[\"name\"]")},
        {"{\"config\":5}",
         "Cannot deserialize value of type "
         "`java.util.LinkedHashMap<java.lang.String,java.lang.String>` from Integer value (token "
         "`JsonToken.VALUE_NUMBER_INT`)" AT(11) CHAIN(CREATE "[\"config\"]")},
        {"{\"config\":\"s\"}",
         "Cannot construct instance of `java.util.LinkedHashMap` (although at least one Creator "
         "exists): no String-argument constructor/factory method to deserialize from String value "
         "('s')" AT(11) CHAIN(CREATE "[\"config\"]")},
        {"{\"config\":{\"x\":{\"y\":1}}}",
         "Cannot deserialize value of type `java.lang.String` from Object value (token "
         "`JsonToken.START_OBJECT`)" AT(16)
             CHAIN(CREATE "[\"config\"]->java.util.LinkedHashMap[\"x\"]")},
        {"{\"foo\":1}", "Unrecognized field \"foo\" (class " CREATE
                        "), not marked as ignorable (3 known properties: \"config\", \"name\", "
                        "\"initial_state\"])" AT(10) CHAIN(CREATE "[\"foo\"]")},
        {"{\"initial_state\":\"bogus\"}",
         "Cannot construct instance of `" CREATE "$InitialState`, problem: No enum constant " CREATE
         ".InitialState.BOGUS" AT(18) CHAIN(CREATE "[\"initial_state\"]")},
        {"{\"initial_state\":{}}",
         "Cannot deserialize value of type `" CREATE
         "$InitialState` from Object value (token `JsonToken.START_OBJECT`)" AT(18)
             CHAIN(CREATE "[\"initial_state\"]")},
        {"{\"name\":\"a\\qb\"}",
         "Unrecognized character escape 'q' (code 113)" AT(12) CHAIN(CREATE "[\"name\"]")},
        {"{\"name\":\"x\"}{}",
         "Trailing token (of type START_OBJECT) found after value (bound as `" CREATE
         "`): not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`" AT(13)},
        {"{\"name\":\"x\"}x",
         "Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token "
         "'null', 'true' or 'false')" AT(14)},
        {"{\"name\":\"x\"}]", "Unexpected close marker ']': no open Array to close" AT(13)},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_create_body body;
        char *error = NULL;
        assert_false(cd_bind_create(cd_slice(rows[i].body), &body, &error));
        assert_string_equal(error, rows[i].error);
        free(error);
    }
}

static void a_create_body_is_bound(void **state)
{
    (void)state;
    struct cd_create_body body;
    char *error = NULL;
    const char *text = "{\"name\":5,\"config\":{\"a\":1.50,\"b\":true,\"c\":null,\"a\":\"last\"},"
                       "\"initial_state\":\"paused\"}";
    assert_true(cd_bind_create(cd_slice(text), &body, &error));
    assert_false(body.is_null);
    assert_string_equal(body.name, "5");
    assert_int_equal(body.initial, CD_TARGET_PAUSED);
    assert_int_equal(cd_config_count(body.config), 3);
    assert_string_equal(cd_config_get(body.config, "a"), "last");
    assert_string_equal(cd_config_get(body.config, "b"), "true");
    assert_true(cd_config_has(body.config, "c"));
    assert_null(cd_config_get(body.config, "c"));
    cd_create_body_done(&body);
}

static void no_body_and_null_are_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "  \n", "null"};
    for (size_t i = 0; i < 3; i++) {
        struct cd_create_body body;
        struct cd_config *config = NULL;
        char *error = NULL;
        assert_true(cd_bind_create(cd_slice(texts[i]), &body, &error));
        assert_true(body.is_null);
        assert_true(cd_bind_config(cd_slice(texts[i]), &config, &error));
        assert_null(config);
    }
}

static void offsets_of_wrong_shape_are_refused(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"[]", "Cannot deserialize value of type `org.apache.kafka.connect.runtime.rest.entities."
               "ConnectorOffsets` from Array value (token `JsonToken.START_ARRAY`)" AT(1)},
        {"{\"offsets\":{}}",
         "Cannot deserialize value of type `java.util.ArrayList<org.apache.kafka.connect.runtime."
         "rest.entities.ConnectorOffset>` from Object value (token `JsonToken.START_OBJECT`)" AT(12)
             CHAIN("org.apache.kafka.connect.runtime.rest.entities.ConnectorOffsets[\"offsets\"]")},
        {"{\"offsets\":[123]}",
         "Cannot construct instance of `org.apache.kafka.connect.runtime.rest.entities."
         "ConnectorOffset` (although at least one Creator exists): no int/Int-argument "
         "constructor/factory method to deserialize from Number value (123)" AT(13)
             CHAIN("org.apache.kafka.connect.runtime.rest.entities.ConnectorOffsets[\"offsets\"]->"
                   "java.util.ArrayList[0]")},
        {"{\"offsets\":[{\"key\":\"v\"}]}",
         "Unrecognized field \"key\" (class org.apache.kafka.connect.runtime.rest.entities."
         "ConnectorOffset), not marked as ignorable (2 known properties: \"partition\", "
         "\"offset\"])" AT(24)
             CHAIN("org.apache.kafka.connect.runtime.rest.entities.ConnectorOffsets[\"offsets\"]->"
                   "java.util.ArrayList[0]->org.apache.kafka.connect.runtime.rest.entities."
                   "ConnectorOffset[\"key\"]")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_request *request = cd_request_new(CD_ASK_OFFSETS_ALTER, "a");
        char *error = NULL;
        bool is_null = false;
        assert_false(cd_bind_offsets(cd_slice(rows[i].body), request, &is_null, &error));
        assert_string_equal(error, rows[i].error);
        free(error);
        cd_request_free(request);
    }
}

static void offsets_travel_as_json_texts(void **state)
{
    (void)state;
    struct cd_request *request = cd_request_new(CD_ASK_OFFSETS_ALTER, "a");
    char *error = NULL;
    bool is_null = true;
    const char *text = "{\"offsets\":[ {\"partition\" : {\"f\": 1.0}, \"offset\": {\"p\":[1, 2]}},"
                       "{\"offset\":null}]}";
    assert_true(cd_bind_offsets(cd_slice(text), request, &is_null, &error));
    assert_false(is_null);
    assert_int_equal(request->offset_count, 2);
    assert_string_equal(request->offsets[0].partition, "{\"f\":1.0}");
    assert_string_equal(request->offsets[0].offset, "{\"p\":[1,2]}");
    assert_null(request->offsets[1].partition);
    assert_null(request->offsets[1].offset);
    cd_request_free(request);
}

static void task_configurations_are_an_array_of_maps(void **state)
{
    (void)state;
    struct cd_request *request = cd_request_new(CD_ASK_PUT_TASKS, "a");
    char *error = NULL;
    assert_true(cd_bind_task_configs(cd_slice("[{\"a\":1},{}]"), request, &error));
    assert_int_equal(request->task_config_count, 2);
    assert_string_equal(cd_config_get(request->task_configs[0], "a"), "1");
    assert_false(cd_bind_task_configs(cd_slice("{}"), request, &error));
    assert_non_null(strstr(error, "java.util.ArrayList<java.util.Map<"));
    free(error);
    cd_request_free(request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_bodies_of_wrong_shape_are_refused_in_jacksons_words),
        cmocka_unit_test(a_create_body_is_bound),
        cmocka_unit_test(no_body_and_null_are_the_same),
        cmocka_unit_test(offsets_of_wrong_shape_are_refused),
        cmocka_unit_test(offsets_travel_as_json_texts),
        cmocka_unit_test(task_configurations_are_an_array_of_maps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
