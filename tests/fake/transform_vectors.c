#include "tests/fake/transform_vectors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "data/batch.h"
#include "data/schema.h"
#include "plugins/map_edit.h"
#include "plugins/transforms.h"
#include "tests/fake/vectors.h"

#define BATCH_LIMIT ((size_t)1 << 20)

/* ---- opening ---- */

static const struct cd_plugin *find_builtin(const char *class_name)
{
    size_t wanted = strlen(class_name);
    for (size_t i = 0; i < cd_builtin_transform_count; i++) {
        const char *full = cd_builtin_transforms[i]->class_name;
        size_t len = strlen(full);
        if (len >= wanted && strcmp(full + len - wanted, class_name) == 0 &&
            (len == wanted || full[len - wanted - 1] == '.'))
            return cd_builtin_transforms[i];
    }
    fail_msg("there is no class %s", class_name);
    return NULL;
}

static const struct cd_handle_ops no_ops;

static struct cd_handle *test_handle(void)
{
    static struct cd_handle handle = {
        .magic = CD_HANDLE_MAGIC, .task = 0, .ops = &no_ops, .name = "test"};
    return &handle;
}

/* The registry's row, made by hand: it lives as long as the test program. */
static const struct cd_registered *registered(const struct cd_plugin *plugin)
{
    static struct cd_registered rows[64];
    size_t i = 0;
    while (rows[i].location != NULL && rows[i].plugin.class_name != plugin->class_name)
        i++;
    assert_true(i < sizeof(rows) / sizeof(rows[0]));
    rows[i] = (struct cd_registered){
        .plugin = *plugin,
        .keys = {plugin->keys, plugin->key_count, plugin->key_size},
        .location = "built-in",
    };
    return &rows[i];
}

static struct cd_instance *open_config(const char *class_name, const struct cd_config *config,
                                       struct cd_error *err)
{
    return cd_instance_open(registered(find_builtin(class_name)), CD_ROLE_VALUE, config,
                            test_handle(), err);
}

struct cd_instance *cd_test_open(const char *class_name, const char *const *settings,
                                 struct cd_error *err)
{
    struct cd_config *config CD_AUTO(cd_config_freep) = cd_config_new();
    for (size_t i = 0; settings != NULL && settings[i] != NULL; i += 2)
        cd_config_set(config, settings[i], settings[i + 1]);
    return open_config(class_name, config, err);
}

enum cd_verdict_on_record cd_test_apply(struct cd_instance *instance, struct cd_batch *out,
                                        struct cd_record *rec, struct cd_error *err)
{
    return instance->plugin->plugin.transform->apply(instance->state, out, rec, err);
}

/* ---- records ---- */

static void read_part(struct cd_batch *into, const json_t *notation, const char *schema_member,
                      const char *value_member, const struct cd_schema **ret_schema,
                      struct cd_value *ret_value)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!cd_vector_schema(into, json_object_get(notation, schema_member), ret_schema, &err) ||
        !cd_vector_value(into, *ret_schema, json_object_get(notation, value_member), ret_value,
                         &err))
        fail_msg("the input cannot be built: %s", err.msg);
}

static void read_headers(struct cd_batch *into, const json_t *list, struct cd_record *rec)
{
    struct cd_error err = CD_ERROR_INIT;
    rec->header_count = (uint32_t)json_array_size(list);
    rec->headers = cd_batch_alloc(into, rec->header_count * sizeof(rec->headers[0]), &err);
    assert_non_null(rec->headers);
    for (uint32_t i = 0; i < rec->header_count; i++) {
        const json_t *header = json_array_get(list, i);
        rec->headers[i].name = cd_slice(cd_vector_text(header, "key"));
        read_part(into, header, "schema", "value", &rec->headers[i].schema, &rec->headers[i].value);
    }
}

static struct cd_record *read_record(struct cd_batch *into, const json_t *notation)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_record *rec = cd_batch_add(into, &err);
    assert_non_null(rec);
    const json_t *partition = json_object_get(notation, "partition");
    const json_t *timestamp = json_object_get(notation, "timestamp");
    rec->topic = cd_slice(cd_vector_text(notation, "topic"));
    if (json_is_integer(partition))
        rec->partition = (int32_t)json_integer_value(partition);
    if (json_is_integer(timestamp))
        rec->timestamp_ms = json_integer_value(timestamp);
    const char *kind = cd_vector_text(notation, "kind");
    if (kind != NULL && strcmp(kind, "sink") == 0) {
        rec->kafka_topic = rec->topic;
        rec->kafka_partition = rec->partition;
        rec->kafka_offset = json_integer_value(json_object_get(notation, "offset"));
    }
    read_part(into, notation, "key_schema", "key", &rec->key_schema, &rec->key);
    read_part(into, notation, "value_schema", "value", &rec->value_schema, &rec->value);
    read_headers(into, json_object_get(notation, "headers"), rec);
    return rec;
}

static bool same_number(int64_t have, int64_t absent, const json_t *wanted)
{
    return json_is_integer(wanted) ? json_integer_value(wanted) == have : have == absent;
}

static bool same_headers(struct cd_batch *into, const struct cd_record *rec, const json_t *list,
                         struct cd_buffer *why)
{
    if (rec->header_count != json_array_size(list)) {
        cd_buffer_printf(why, "%u headers", rec->header_count);
        return false;
    }
    for (uint32_t i = 0; i < rec->header_count; i++) {
        const json_t *wanted = json_array_get(list, i);
        const struct cd_header *header = &rec->headers[i];
        if (!cd_slice_is(header->name, cd_vector_text(wanted, "key"))) {
            cd_buffer_printf(why, "header '%.*s'", CD_SLICE_ARG(header->name));
            return false;
        }
        if (!cd_vector_same(into, header->schema, header->value, json_object_get(wanted, "schema"),
                            json_object_get(wanted, "value"), why))
            return false;
    }
    return true;
}

/* The vectors list the entries of a map in the order in which the JVM iterates. */
static bool same_order(struct cd_batch *into, struct cd_value map, const json_t *notation,
                       struct cd_buffer *why)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_value sorted;
    const json_t *entries = json_object_get(notation, "map");
    if (map.kind != CD_KIND_MAP)
        return true;
    assert_true(cd_map_iterated(cd_host(), into, map, &sorted, &err));
    for (uint32_t i = 0; i < sorted.count; i++) {
        const char *key = cd_vector_text(json_array_get(json_array_get(entries, i), 0), "string");
        if (key != NULL && !cd_slice_is(cd_value_slice(sorted.as.map[i].key), key)) {
            cd_buffer_printf(why, "another order: '%s' should be entry %u", key, i);
            return false;
        }
    }
    return true;
}

static bool same_record(struct cd_batch *into, const struct cd_record *rec, const json_t *wanted,
                        struct cd_buffer *why)
{
    const char *topic = cd_vector_text(wanted, "topic");
    if ((topic == NULL) != (rec->topic.ptr == NULL) ||
        (topic != NULL && !cd_slice_is(rec->topic, topic))) {
        cd_buffer_printf(why, "topic '%.*s'", CD_SLICE_ARG(rec->topic));
        return false;
    }
    if (!same_number(rec->partition, CD_NO_PARTITION, json_object_get(wanted, "partition")) ||
        !same_number(rec->timestamp_ms, CD_NO_TIMESTAMP, json_object_get(wanted, "timestamp"))) {
        cd_buffer_text(why, "partition or timestamp");
        return false;
    }
    return cd_vector_same(into, rec->key_schema, rec->key, json_object_get(wanted, "key_schema"),
                          json_object_get(wanted, "key"), why) &&
           cd_vector_same(into, rec->value_schema, rec->value,
                          json_object_get(wanted, "value_schema"), json_object_get(wanted, "value"),
                          why) &&
           same_order(into, rec->key, json_object_get(wanted, "key"), why) &&
           same_order(into, rec->value, json_object_get(wanted, "value"), why) &&
           same_headers(into, rec, json_object_get(wanted, "headers"), why);
}

/* Apostrophes spare the tests a forest of backslashes. */
static json_t *parse_notation(const char *notation)
{
    json_error_t why;
    CD_AUTO_FREE char *text = cd_strdup(notation);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    json_t *parsed = json_loads(text, 0, &why);
    if (parsed == NULL)
        fail_msg("%s: %s", notation, why.text);
    return parsed;
}

struct cd_record *cd_test_record(struct cd_batch *into, const char *notation)
{
    json_t *parsed = parse_notation(notation);
    struct cd_record *rec = read_record(into, parsed);
    struct cd_error err = CD_ERROR_INIT;
    rec->topic = cd_batch_copy(into, rec->topic, &err); /* JSON's memory goes */
    if (rec->kafka_topic.ptr != NULL)
        rec->kafka_topic = rec->topic;
    for (uint32_t i = 0; i < rec->header_count; i++)
        rec->headers[i].name = cd_batch_copy(into, rec->headers[i].name, &err);
    json_decref(parsed);
    return rec;
}

void cd_test_same(struct cd_batch *into, const struct cd_record *rec, const char *notation)
{
    struct cd_buffer why CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    json_t *parsed = parse_notation(notation);
    bool same = same_record(into, rec, parsed, &why);
    json_decref(parsed);
    if (!same)
        fail_msg("%s", why.ptr == NULL ? "different" : why.ptr);
}

void cd_test_transform(const char *class_name, const char *const *settings, const char *input,
                       const char *output)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *in = cd_batch_new(BATCH_LIMIT, BATCH_LIMIT);
    struct cd_batch *out = cd_batch_new(BATCH_LIMIT, BATCH_LIMIT);
    struct cd_instance *instance = cd_test_open(class_name, settings, &err);
    struct cd_record rec = *cd_test_record(in, input);
    enum cd_verdict_on_record verdict =
        instance == NULL ? CD_RECORD_FAILED : cd_test_apply(instance, out, &rec, &err);
    cd_instance_free(instance);
    if (verdict == CD_RECORD_FAILED)
        fail_msg("%s: %s", err.native, err.msg);
    if (output == NULL || verdict == CD_RECORD_DROP)
        assert_true(output == NULL && verdict == CD_RECORD_DROP);
    else
        cd_test_same(out, &rec, output);
    cd_batch_free(out);
    cd_batch_free(in);
    assert_int_equal(cd_schema_alive(), 0);
}

void cd_test_refused(const char *class_name, const char *const *settings, const char *input,
                     const char *native, const char *message)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_batch *in = cd_batch_new(BATCH_LIMIT, BATCH_LIMIT);
    struct cd_batch *out = cd_batch_new(BATCH_LIMIT, BATCH_LIMIT);
    struct cd_instance *instance = cd_test_open(class_name, settings, &err);
    if (instance != NULL) {
        struct cd_record rec = *cd_test_record(in, input);
        const struct cd_record before = rec;
        assert_int_equal(cd_test_apply(instance, out, &rec, &err), CD_RECORD_FAILED);
        assert_memory_equal(&rec, &before, sizeof(rec)); /* a failure changes nothing */
        cd_instance_free(instance);
    }
    assert_string_equal(err.native, native);
    if (strstr(err.msg, message) == NULL)
        fail_msg("'%s' does not say '%s'", err.msg, message);
    cd_batch_free(out);
    cd_batch_free(in);
    assert_int_equal(cd_schema_alive(), 0);
}

/* ---- vectors ---- */

static struct cd_config *read_config(const json_t *vector)
{
    struct cd_config *config = cd_config_new();
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(vector, "config"), key, value)
        cd_config_set(config, key, json_string_value(value));
    return config;
}

/* A setting that the JVM notices at the first record may be refused beforehand. */
static bool refused_as_wanted(const json_t *vector, const struct cd_error *err,
                              struct cd_buffer *why)
{
    const json_t *late = json_object_get(vector, "error");
    const json_t *wanted = json_object_get(vector, "configure_error");
    const char *message = cd_vector_text(late != NULL ? late : wanted, "message");
    cd_buffer_printf(why, "refused: %s", err->msg);
    if (wanted == NULL)
        return late != NULL && err->code == CD_ERR_CONFIG && strstr(err->msg, message) != NULL;
    return cd_vector_same_error(err, wanted);
}

static bool same_outcome(const json_t *vector, struct cd_batch *into, const struct cd_record *rec,
                         enum cd_verdict_on_record verdict, const struct cd_error *err,
                         struct cd_buffer *why)
{
    const json_t *output = json_object_get(vector, "output");
    const json_t *error = json_object_get(vector, "error");
    if (verdict == CD_RECORD_FAILED) {
        cd_buffer_printf(why, "%s: %s", err->native, err->msg);
        return error != NULL && cd_vector_same_error(err, error);
    }
    if (verdict == CD_RECORD_DROP || error != NULL || output == NULL) {
        cd_buffer_text(why, verdict == CD_RECORD_DROP ? "dropped" : "no error");
        return json_is_null(output) && verdict == CD_RECORD_DROP;
    }
    return same_record(into, rec, output, why);
}

static bool is_unchanged(const struct cd_record *a, const struct cd_record *b)
{
    return a->topic.ptr == b->topic.ptr && a->headers == b->headers &&
           a->value_schema == b->value_schema && a->key_schema == b->key_schema &&
           memcmp(&a->value, &b->value, sizeof(a->value)) == 0 &&
           memcmp(&a->key, &b->key, sizeof(a->key)) == 0;
}

/* With too little memory a transform fails or does without, leaves the record alone, and works
 * again when there is enough. */
static bool survives_small_batches(struct cd_instance *instance, const struct cd_record *before,
                                   struct cd_buffer *why)
{
    for (size_t limit = 1; limit <= 512; limit *= 2) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_record rec = *before;
        struct cd_batch *small = cd_batch_new(BATCH_LIMIT, limit);
        enum cd_verdict_on_record verdict = cd_test_apply(instance, small, &rec, &err);
        cd_batch_free(small);
        bool told = (verdict == CD_RECORD_FAILED) == (err.code != CD_OK);
        if (told && (verdict != CD_RECORD_FAILED || is_unchanged(before, &rec)))
            continue;
        cd_buffer_printf(why, "with %zu bytes at once: %s", limit,
                         told ? "a failure changed the record" : err.msg);
        return false;
    }
    return true;
}

static bool run_transform(const json_t *vector, struct cd_instance *instance, struct cd_batch *in,
                          struct cd_batch *out, struct cd_buffer *why)
{
    struct cd_error err = CD_ERROR_INIT;
    const json_t *input = json_object_get(vector, "input");
    if (input == NULL) {
        cd_instance_free(instance);
        cd_buffer_text(why, "accepted");
        return json_object_get(vector, "configure_error") == NULL;
    }
    const struct cd_record before = *read_record(in, input);
    struct cd_record rec = before;
    bool survived = survives_small_batches(instance, &before, why);
    enum cd_verdict_on_record verdict = cd_test_apply(instance, out, &rec, &err);
    cd_instance_free(instance);
    if (!survived || !same_outcome(vector, out, &rec, verdict, &err, why))
        return false;
    if (json_is_true(json_object_get(vector, "same_instance")) && !is_unchanged(&before, &rec)) {
        cd_buffer_text(why, "the record should have been left alone");
        return false;
    }
    return same_record(in, &before, input, why); /* the input is as it was */
}

static bool run_predicate(const json_t *vector, struct cd_instance *instance, struct cd_batch *in,
                          struct cd_buffer *why)
{
    struct cd_error err = CD_ERROR_INIT;
    bool result = false;
    const json_t *input = json_object_get(vector, "input");
    bool wanted = json_is_true(json_object_get(vector, "result"));
    bool ok = input != NULL && instance->plugin->plugin.predicate->test(
                                   instance->state, read_record(in, input), &result, &err);
    cd_instance_free(instance);
    cd_buffer_printf(why, "%s%s", result ? "true" : "false", err.msg);
    return ok && result == wanted;
}

static bool run_vector(const json_t *vector, struct cd_buffer *why)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_config *config CD_AUTO(cd_config_freep) = read_config(vector);
    struct cd_instance *instance = open_config(cd_vector_text(vector, "type"), config, &err);
    if (instance == NULL)
        return refused_as_wanted(vector, &err, why);
    struct cd_batch *in = cd_batch_new(BATCH_LIMIT, BATCH_LIMIT);
    struct cd_batch *out = cd_batch_new(BATCH_LIMIT, BATCH_LIMIT);
    bool ok = strcmp(cd_vector_text(vector, "op"), "predicate") == 0
                  ? run_predicate(vector, instance, in, why)
                  : run_transform(vector, instance, in, out, why);
    cd_batch_free(out);
    cd_batch_free(in);
    return ok;
}

static bool is_of_class(const json_t *vector, const char *simple_name)
{
    const char *type = cd_vector_text(vector, "type");
    const char *name = type == NULL ? NULL : strrchr(type, '.');
    size_t len = strlen(simple_name);
    return name != NULL && strncmp(name + 1, simple_name, len) == 0 &&
           (name[1 + len] == '\0' || name[1 + len] == '$');
}

size_t cd_transform_vectors_run(const char *simple_name)
{
    json_t *file = cd_vectors_load("transforms.json");
    size_t count = 0, bad = 0, i;
    json_t *vector;
    json_array_foreach(json_object_get(file, "vectors"), i, vector)
    {
        struct cd_buffer why CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
        if (!is_of_class(vector, simple_name))
            continue;
        count++;
        if (run_vector(vector, &why))
            continue;
        bad++;
        print_error("%s (%s): %s\n", cd_vector_text(vector, "id"), cd_vector_text(vector, "title"),
                    why.ptr == NULL ? "no difference was told" : why.ptr);
    }
    json_decref(file);
    if (bad > 0)
        fail_msg("%zu of %zu vectors disagree", bad, count);
    assert_int_equal(cd_schema_alive(), 0);
    return count;
}
