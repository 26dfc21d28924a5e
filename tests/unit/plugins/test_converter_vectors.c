/* The agreements with the JVM about the built-in converters (tests/vectors/converters.json). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/properties.h"
#include "data/schema.h"
#include "plugins/converters.h"
#include "plugins/host.h"
#include "plugins/instance.h"
#include "tests/fake/vectors.h"

/* One vector on trial. */
struct trial {
    const json_t *vector;
    struct cd_batch *batch;
    struct cd_instance *converter;
    struct cd_error err;
    struct cd_buffer why;
};

struct count {
    size_t agreed;
    size_t failed;
};

static struct cd_registry *registry;

static bool failed(struct trial *t, const char *what)
{
    cd_buffer_printf(&t->why, "%s%s%s", what, t->err.msg[0] == '\0' ? "" : ": ", t->err.msg);
    return false;
}

static void put_hex(struct cd_buffer *out, struct cd_slice bytes)
{
    if (bytes.ptr == NULL)
        cd_buffer_text(out, "null");
    for (size_t i = 0; i < bytes.len; i++)
        cd_buffer_printf(out, "%02x", (unsigned char)bytes.ptr[i]);
    cd_buffer_printf(out, " '%.*s'", CD_SLICE_ARG(bytes));
}

static bool same_bytes(struct trial *t, struct cd_slice got, struct cd_slice wanted)
{
    if ((got.ptr == NULL) == (wanted.ptr == NULL) && cd_slice_equal(got, wanted))
        return true;
    cd_buffer_text(&t->why, "wanted ");
    put_hex(&t->why, wanted);
    cd_buffer_text(&t->why, ", got ");
    put_hex(&t->why, got);
    return false;
}

/* ---- the converter ---- */

static struct cd_config *settings_of(const json_t *vector)
{
    struct cd_config *config = cd_config_new();
    const char *key;
    json_t *value;
    bool header = strcmp(cd_vector_text(vector, "converter"), "SimpleHeaderConverter") == 0;
    json_object_foreach(json_object_get(vector, "config"), key, value)
        cd_config_set(config, key, json_string_value(value));
    if (!header)
        cd_config_set(config, "converter.type",
                      json_is_true(json_object_get(vector, "is_key")) ? "key" : "value");
    return config;
}

static void open_converter(struct trial *t)
{
    static struct cd_handle handle = {.magic = CD_HANDLE_MAGIC, .task = -1};
    static const struct cd_handle_ops no_ops = {0};
    handle.ops = &no_ops;
    bool key = json_is_true(json_object_get(t->vector, "is_key"));
    struct cd_config *config = settings_of(t->vector);
    const struct cd_registered *plugin = cd_registry_find(
        registry, CD_KIND_SET_ALL, cd_vector_text(t->vector, "converter"), NULL, &t->err);
    if (plugin != NULL)
        t->converter =
            cd_instance_open(plugin, key ? CD_ROLE_KEY : CD_ROLE_VALUE, config, &handle, &t->err);
    cd_config_free(config);
}

static bool convert_write(struct trial *t, const struct cd_schema *schema, struct cd_value value,
                          struct cd_slice *ret)
{
    return t->converter->plugin->plugin.converter->write(
        t->converter->state, t->batch, cd_slice("t"), schema, value, ret, &t->err);
}

static bool convert_read(struct trial *t, struct cd_slice bytes, const struct cd_schema **schema,
                         struct cd_value *value)
{
    return t->converter->plugin->plugin.converter->read(
        t->converter->state, t->batch, cd_slice("t"), bytes, schema, value, &t->err);
}

/* ---- operations ---- */

/* A copy whose memory ends with it, so that a sanitizer sees a look beyond. */
static bool try_read(struct trial *t, struct cd_slice bytes, const json_t *wanted)
{
    const struct cd_schema *schema = NULL;
    struct cd_value value = cd_null();
    const json_t *error = json_object_get(wanted, "error");
    if (!convert_read(t, bytes, &schema, &value)) {
        if (error == NULL || !cd_vector_same_error(&t->err, error))
            return failed(t, "read");
        cd_error_reset(&t->err);
        return true;
    }
    if (error != NULL) {
        cd_vector_print_value(value, &t->why);
        return failed(t, " was read, but an error was wanted");
    }
    return cd_vector_same(t->batch, schema, value, json_object_get(wanted, "schema"),
                          json_object_get(wanted, "value"), &t->why);
}

static bool run_read(struct trial *t)
{
    /* Twice: the second time schemas are known. */
    struct cd_slice bytes = cd_vector_bytes(t->batch, json_object_get(t->vector, "input"));
    const json_t *wanted = json_object_get(t->vector, "read");
    return try_read(t, bytes, wanted) && try_read(t, bytes, wanted);
}

static const json_t *wanted_write(const json_t *vector)
{
    const json_t *newer = json_object_get(vector, "write_jdk19_and_later");
    return newer != NULL ? newer : json_object_get(vector, "write");
}

static bool try_write(struct trial *t, const struct cd_schema *schema, struct cd_value value,
                      struct cd_slice *ret)
{
    const json_t *wanted = wanted_write(t->vector);
    const json_t *error = json_object_get(wanted, "error");
    *ret = (struct cd_slice){NULL, 0};
    if (!convert_write(t, schema, value, ret)) {
        if (error == NULL || !cd_vector_same_error(&t->err, error))
            return failed(t, "write");
        cd_error_reset(&t->err);
        return true;
    }
    if (error != NULL) {
        put_hex(&t->why, *ret);
        return failed(t, " was written, but an error was wanted");
    }
    return same_bytes(t, *ret, cd_vector_bytes(t->batch, wanted));
}

static bool run_write(struct trial *t)
{
    const struct cd_schema *schema;
    struct cd_value value;
    struct cd_slice bytes;
    if (!cd_vector_schema(t->batch, json_object_get(t->vector, "schema"), &schema, &t->err) ||
        !cd_vector_value(t->batch, schema, json_object_get(t->vector, "value"), &value, &t->err))
        return failed(t, "the vector's schema or value");
    if (!try_write(t, schema, value, &bytes) || !try_write(t, schema, value, &bytes))
        return false;
    const json_t *wanted = json_object_get(t->vector, "read");
    if (wanted == NULL || json_object_get(wanted_write(t->vector), "error") != NULL)
        return true;
    return try_read(t, bytes, wanted) && try_read(t, bytes, wanted);
}

static bool run_read_then_write(struct trial *t)
{
    const struct cd_schema *schema;
    struct cd_value value;
    struct cd_slice bytes;
    if (!convert_read(t, cd_slice(cd_vector_text(t->vector, "input_utf8")), &schema, &value) ||
        !convert_write(t, schema, value, &bytes))
        return failed(t, "read, then write");
    return same_bytes(t, bytes, cd_slice(cd_vector_text(t->vector, "output_utf8")));
}

static bool run_header_read(struct trial *t)
{
    const struct cd_schema *schema;
    struct cd_value value;
    struct cd_slice again;
    struct cd_slice bytes = cd_vector_bytes(t->batch, json_object_get(t->vector, "input"));
    const json_t *written = json_object_get(t->vector, "written_again");
    if (!try_read(t, bytes, json_object_get(t->vector, "read")))
        return false;
    if (!convert_read(t, bytes, &schema, &value) || !convert_write(t, schema, value, &again))
        return failed(t, "read, then write");
    return written == NULL || same_bytes(t, again, cd_vector_bytes(t->batch, written));
}

static bool run_configure(struct trial *t)
{
    if (t->converter != NULL)
        return failed(t, "the configuration was accepted");
    const json_t *wanted = json_object_get(t->vector, "error");
    const char *message = cd_vector_text(wanted, "message");
    if (!cd_vector_same_error(&t->err, wanted) || strcmp(t->err.msg, message) != 0)
        return failed(t, "another error");
    return true;
}

static bool run(struct trial *t)
{
    static const struct {
        const char *name;
        bool (*run)(struct trial *);
    } ops[] = {
        {"read", run_read},
        {"write", run_write},
        {"write_then_read", run_write},
        {"header_write", run_write},
        {"header_read", run_header_read},
        {"read_then_write", run_read_then_write},
    };
    const char *op = cd_vector_text(t->vector, "op");
    open_converter(t);
    if (strcmp(op, "configure") == 0)
        return run_configure(t);
    if (t->converter == NULL)
        return failed(t, "not opened");
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        if (strcmp(op, ops[i].name) == 0)
            return ops[i].run(t);
    return failed(t, "an unknown operation");
}

/* ---- all ---- */

static void try_vector(const json_t *vector, struct count *count)
{
    struct trial t = {.vector = vector, .err = CD_ERROR_INIT};
    t.batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
    if (run(&t)) {
        count->agreed++;
    } else {
        count->failed++;
        print_message("%s (%s): %s\n", cd_vector_text(vector, "id"),
                      cd_vector_text(vector, "title"), t.why.ptr == NULL ? "" : t.why.ptr);
    }
    cd_instance_free(t.converter);
    cd_batch_free(t.batch);
    cd_buffer_done(&t.why);
    assert_int_equal(cd_schema_alive(), 0);
}

/* Is it about a converter that is built in? */
static bool concerns_us(const json_t *vector)
{
    struct cd_error err = CD_ERROR_INIT;
    const char *name = cd_vector_text(vector, "converter");
    return name != NULL && cd_registry_find(registry, CD_KIND_SET_ALL, name, NULL, &err) != NULL;
}

static void the_built_in_converters_agree_with_the_jvm(void **state)
{
    (void)state;
    struct count count = {0};
    json_t *root = cd_vectors_load("converters.json");
    size_t index;
    json_t *vector;
    json_array_foreach(json_object_get(root, "vectors"), index, vector) if (concerns_us(vector))
        try_vector(vector, &count);
    json_decref(root);
    print_message("%zu vectors agree, %zu do not\n", count.agreed, count.failed);
    assert_int_equal(count.failed, 0);
    assert_int_equal(count.agreed, 588);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_converters_agree_with_the_jvm),
    };
    struct cd_error err = CD_ERROR_INIT;
    registry = cd_registry_new();
    for (size_t i = 0; i < cd_builtin_converter_count; i++)
        if (!cd_registry_add(registry, &cd_builtin_converters[i], sizeof(struct cd_plugin),
                             "built-in", &err)) {
            print_error("%s\n", err.msg);
            return 1;
        }
    int code = cmocka_run_group_tests(tests, NULL, NULL);
    cd_registry_free(registry);
    return code;
}
