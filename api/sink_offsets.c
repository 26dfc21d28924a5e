/* What an alter request says about a sink's partitions: the JVM's rules, in its order, with its
 * texts. */
#include "api/backend.h"
#include "api/json.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct member {
    bool present;
    bool is_null;
    char *text; /* as Java's String.valueOf shows it */
};

/* Maps are {a=1, b=[1, x]} in Java. */
static bool append_java(struct cd_body_reader *in, struct cd_buffer *out);

static bool append_nested(struct cd_body_reader *in, struct cd_buffer *out)
{
    bool is_object = in->token == CD_JSON_OBJECT;
    cd_buffer_char(out, is_object ? '{' : '[');
    for (bool first = true;; first = false) {
        if (!cd_body_next(in))
            return false;
        if (in->token == CD_JSON_OBJECT_END || in->token == CD_JSON_ARRAY_END)
            break;
        if (!first)
            cd_buffer_text(out, ", ");
        if (in->token == CD_JSON_FIELD) {
            cd_buffer_slice(out, cd_buffer_view(&in->value));
            cd_buffer_char(out, '=');
            if (!cd_body_next(in))
                return false;
        }
        if (!append_java(in, out))
            return false;
    }
    cd_buffer_char(out, is_object ? '}' : ']');
    return true;
}

static bool append_java(struct cd_body_reader *in, struct cd_buffer *out)
{
    if (in->token == CD_JSON_OBJECT || in->token == CD_JSON_ARRAY)
        return append_nested(in, out);
    if (in->token == CD_JSON_NULL)
        cd_buffer_text(out, "null");
    else if (in->token == CD_JSON_TRUE || in->token == CD_JSON_FALSE)
        cd_buffer_text(out, in->token == CD_JSON_TRUE ? "true" : "false");
    else
        cd_buffer_slice(out, cd_buffer_view(&in->value));
    return true;
}

/* The member `name` of a JSON object that was checked when it was bound; of several the last. */
static struct member find_member(const char *object, const char *name)
{
    struct member found = {0};
    struct cd_body_reader in;
    cd_body_open(&in, object, strlen(object));
    bool ok = cd_body_next(&in);
    while (ok && cd_body_next(&in) && in.token == CD_JSON_FIELD) {
        bool wanted = strcmp(in.value.ptr, name) == 0;
        ok = cd_body_next(&in);
        if (!ok)
            break;
        if (!wanted) {
            ok = cd_body_skip(&in);
            continue;
        }
        struct cd_buffer text = CD_BUFFER_INIT;
        found.present = true;
        found.is_null = in.token == CD_JSON_NULL;
        ok = append_java(&in, &text);
        free(found.text);
        found.text = cd_buffer_steal(&text);
    }
    cd_body_close(&in);
    return found;
}

/* Long.parseLong: an optional sign and digits, nothing else. */
static bool parse_integer(const char *text, int64_t min, int64_t max, int64_t *ret)
{
    const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
    if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    long long value = strtoll(text, NULL, 10);
    if (errno != 0 || value < min || value > max)
        return false;
    *ret = value;
    return true;
}

static bool refuse(struct cd_answer *answer, const char *text)
{
    cd_answer_fail(answer, 400, "%s", text);
    return false;
}

static bool check_partition(const struct member *topic, const struct member *partition,
                            struct cd_sink_offset *ret, struct cd_answer *answer)
{
    if (!topic->present || !partition->present)
        return refuse(answer, "The partition for a sink connector offset must contain the keys "
                              "'kafka_topic' and 'kafka_partition'");
    if (topic->is_null)
        return refuse(answer, "Kafka topic names must be valid strings and may not be null");
    if (partition->is_null)
        return refuse(answer, "Kafka partitions must be valid numbers and may not be null");
    int64_t number;
    if (!parse_integer(partition->text, INT32_MIN, INT32_MAX, &number)) {
        cd_answer_fail(answer, 400,
                       "Failed to parse the following Kafka partition value in the provided "
                       "offsets: '%s'. Partition values for sink connectors need to be integers.",
                       partition->text);
        return false;
    }
    ret->topic = cd_strdup(topic->text);
    ret->partition = (int32_t)number;
    return true;
}

static bool parse_partition(const char *json, struct cd_sink_offset *ret, struct cd_answer *answer)
{
    if (json == NULL)
        return refuse(answer,
                      "The partition for a sink connector offset cannot be null or missing");
    struct member topic = find_member(json, "kafka_topic");
    struct member partition = find_member(json, "kafka_partition");
    bool ok = check_partition(&topic, &partition, ret, answer);
    free(topic.text);
    free(partition.text);
    return ok;
}

static bool parse_offset(const char *json, struct cd_sink_offset *ret, struct cd_answer *answer)
{
    ret->forget = json == NULL;
    if (json == NULL)
        return true;
    struct member offset = find_member(json, "kafka_offset");
    bool ok = offset.present;
    if (!ok)
        (void)refuse(answer, "The offset for a sink connector should either be null or contain the "
                             "key 'kafka_offset'");
    else if (!parse_integer(offset.text, INT64_MIN, INT64_MAX, &ret->offset)) {
        ok = false;
        cd_answer_fail(answer, 400,
                       "Failed to parse the following Kafka offset value in the provided offsets: "
                       "'%s'. Offset values for sink connectors need to be integers.",
                       offset.text);
    }
    free(offset.text);
    return ok;
}

bool cd_sink_offsets_parse(const struct cd_request *request, struct cd_sink_offset **ret,
                           size_t *ret_count, struct cd_answer *answer)
{
    struct cd_sink_offset *offsets = cd_new_array(request->offset_count, struct cd_sink_offset);
    for (size_t i = 0; i < request->offset_count; i++) {
        const struct cd_api_offset *entry = &request->offsets[i];
        if (!parse_partition(entry->partition, &offsets[i], answer) ||
            !parse_offset(entry->offset, &offsets[i], answer)) {
            cd_sink_offsets_free(offsets, request->offset_count);
            return false;
        }
    }
    *ret = offsets;
    *ret_count = request->offset_count;
    return true;
}

void cd_sink_offsets_free(struct cd_sink_offset *offsets, size_t count)
{
    for (size_t i = 0; offsets != NULL && i < count; i++)
        free(offsets[i].topic);
    free(offsets);
}
