#include "rig.h"

#include "base/alloc.h"

static struct cd_request *request_with(const char *partition, const char *offset)
{
    struct cd_request *request = cd_request_new(CD_ASK_OFFSETS_ALTER, "a");
    request->offsets = cd_new(struct cd_api_offset);
    request->offsets[0] = (struct cd_api_offset){cd_strdup(partition), cd_strdup(offset)};
    request->offset_count = 1;
    return request;
}

#define P "{\"kafka_topic\":\"t\",\"kafka_partition\":0}"
#define NO_INT(what, shown)                                                                        \
    "Failed to parse the following Kafka " what " value in the provided offsets: '" shown "'. "

static void problems_are_told_in_the_jvms_words(void **state)
{
    (void)state;
    static const struct {
        const char *partition;
        const char *offset;
        const char *message;
    } rows[] = {
        {NULL, NULL, "The partition for a sink connector offset cannot be null or missing"},
        {"{}", NULL, "must contain the keys 'kafka_topic' and 'kafka_partition'"},
        {"{\"kafka_topic\":\"t\"}", NULL, "must contain the keys"},
        {"{\"kafka_topic\":null,\"kafka_partition\":0}", NULL,
         "Kafka topic names must be valid strings and may not be null"},
        {"{\"kafka_topic\":\"t\",\"kafka_partition\":null}", NULL,
         "Kafka partitions must be valid numbers and may not be null"},
        {"{\"kafka_topic\":\"t\",\"kafka_partition\":1.0}", NULL, NO_INT("partition", "1.0")},
        {"{\"kafka_topic\":\"t\",\"kafka_partition\":true}", NULL, NO_INT("partition", "true")},
        {"{\"kafka_topic\":\"t\",\"kafka_partition\":99999999999}", NULL,
         NO_INT("partition", "99999999999")},
        {"{\"kafka_topic\":\"t\",\"kafka_partition\":[1,\"a\"]}", NULL,
         NO_INT("partition", "[1, a]")},
        {"{\"kafka_topic\":\"t\",\"kafka_partition\":\" 5 \"}", NULL, NO_INT("partition", " 5 ")},
        {P, "{}", "should either be null or contain the key 'kafka_offset'"},
        {P, "{\"kafka_offset\":{\"a\":1,\"b\":[null]}}", NO_INT("offset", "{a=1, b=[null]}")},
        {P, "{\"kafka_offset\":null}", NO_INT("offset", "null")},
        {P, "{\"kafka_offset\":1.5}", NO_INT("offset", "1.5")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_request *request = request_with(rows[i].partition, rows[i].offset);
        struct cd_sink_offset *offsets = NULL;
        size_t count = 0;
        assert_false(cd_sink_offsets_parse(request, &offsets, &count, &request->answer));
        assert_int_equal(request->answer.status, 400);
        assert_non_null(strstr(request->answer.message, rows[i].message));
        assert_null(offsets);
        cd_request_free(request);
    }
}

static void numbers_may_be_texts_and_the_last_member_wins(void **state)
{
    (void)state;
    struct cd_request *request = request_with(
        "{\"kafka_topic\":\"x\",\"kafka_partition\":\"+3\",\"more\":{\"kafka_topic\":1},"
        "\"kafka_topic\":\"t\"}",
        "{\"kafka_offset\":\"-5\"}");
    struct cd_sink_offset *offsets = NULL;
    size_t count = 0;
    assert_true(cd_sink_offsets_parse(request, &offsets, &count, &request->answer));
    assert_int_equal(count, 1);
    assert_string_equal(offsets[0].topic, "t");
    assert_int_equal(offsets[0].partition, 3);
    assert_int_equal(offsets[0].offset, -5);
    assert_false(offsets[0].forget);
    cd_sink_offsets_free(offsets, count);
    cd_request_free(request);
}

static void null_forgets(void **state)
{
    (void)state;
    struct cd_request *request = request_with(P, NULL);
    struct cd_sink_offset *offsets = NULL;
    size_t count = 0;
    assert_true(cd_sink_offsets_parse(request, &offsets, &count, &request->answer));
    assert_true(offsets[0].forget);
    cd_sink_offsets_free(offsets, count);
    cd_request_free(request);
}

static void texts_for_answers_are_compact(void **state)
{
    (void)state;
    char *partition = cd_sink_partition_json("a\"b", 7);
    char *offset = cd_sink_offset_json(INT64_MAX);
    assert_string_equal(partition, "{\"kafka_topic\":\"a\\\"b\",\"kafka_partition\":7}");
    assert_string_equal(offset, "{\"kafka_offset\":9223372036854775807}");
    free(partition);
    free(offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_are_told_in_the_jvms_words),
        cmocka_unit_test(numbers_may_be_texts_and_the_last_member_wins),
        cmocka_unit_test(null_forgets),
        cmocka_unit_test(texts_for_answers_are_compact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
