#include "data/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/thread.h"

#define REQUIRED(type) cd_schema_primitive(CD_TYPE_##type, false)
#define OPTIONAL(type) cd_schema_primitive(CD_TYPE_##type, true)

static const struct cd_schema *intern(const struct cd_schema *draft)
{
    struct cd_error err = CD_ERROR_INIT;
    const struct cd_schema *schema = cd_schema_intern(draft, &err);
    if (schema == NULL)
        fail_msg("%s", err.msg);
    return schema;
}

static struct cd_schema point(void)
{
    static struct cd_field fields[2];
    fields[0] = (struct cd_field){cd_slice("x"), REQUIRED(INT32)};
    fields[1] = (struct cd_field){cd_slice("y"), OPTIONAL(STRING)};
    return (struct cd_schema){
        .type = CD_TYPE_STRUCT, .name = cd_slice("point"), .field_count = 2, .fields = fields};
}

static void equal_drafts_give_the_same_pointer(void **state)
{
    (void)state;
    struct cd_schema draft = point();
    const struct cd_schema *a = intern(&draft);
    draft.name = cd_slice("other");
    const struct cd_schema *other = intern(&draft);
    draft = point();
    const struct cd_schema *b = intern(&draft);
    assert_ptr_equal(a, b);
    assert_ptr_not_equal(a, other);
    cd_schema_unref(a);
    cd_schema_unref(b);
    cd_schema_unref(other);
    assert_int_equal(cd_schema_alive(), 0);
}

static void a_draft_may_die_after_it_was_shared(void **state)
{
    (void)state;
    char name[] = "gone";
    struct cd_value fallback = cd_string(cd_slice(name));
    struct cd_schema draft = {.type = CD_TYPE_STRING,
                              .name = cd_slice(name),
                              .doc = cd_slice(name),
                              .fallback = &fallback};
    const struct cd_schema *schema = intern(&draft);
    memset(name, 'x', sizeof(name));
    assert_true(cd_slice_is(schema->name, "gone"));
    assert_true(cd_slice_is(schema->doc, "gone"));
    assert_true(cd_slice_is(cd_value_slice(*schema->fallback), "gone"));
    cd_schema_unref(schema);
}

static void each_attribute_makes_another_schema(void **state)
{
    (void)state;
    struct cd_value one = cd_int32(1);
    struct cd_value two = cd_int32(2);
    const struct cd_schema drafts[] = {
        {.type = CD_TYPE_INT32, .name = cd_slice("n")},
        {.type = CD_TYPE_INT32, .name = cd_slice("")},
        {.type = CD_TYPE_INT32, .doc = cd_slice("n")},
        {.type = CD_TYPE_INT32, .has_version = true},
        {.type = CD_TYPE_INT32, .has_version = true, .version = 1},
        {.type = CD_TYPE_INT32, .optional = true},
        {.type = CD_TYPE_INT32, .fallback = &one},
        {.type = CD_TYPE_INT32, .fallback = &two},
        {.type = CD_TYPE_INT64},
        {.type = CD_TYPE_ARRAY, .element = REQUIRED(INT32)},
        {.type = CD_TYPE_ARRAY, .element = OPTIONAL(INT32)},
        {.type = CD_TYPE_ARRAY},
        {.type = CD_TYPE_MAP, .key = REQUIRED(STRING), .element = REQUIRED(INT32)},
        {.type = CD_TYPE_MAP, .key = REQUIRED(STRING)},
    };
    enum { COUNT = sizeof(drafts) / sizeof(drafts[0]) };
    const struct cd_schema *schemas[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        schemas[i] = intern(&drafts[i]);
        for (size_t k = 0; k < i; k++)
            assert_ptr_not_equal(schemas[i], schemas[k]);
    }
    for (size_t i = 0; i < COUNT; i++)
        cd_schema_unref(schemas[i]);
    assert_int_equal(cd_schema_alive(), 0);
}

static void parameters_are_equal_in_any_order(void **state)
{
    (void)state;
    struct cd_parameter list[] = {{cd_slice("a"), cd_slice("1")}, {cd_slice("b"), cd_slice("2")}};
    struct cd_parameter turned[] = {list[1], list[0]};
    struct cd_schema draft = {.type = CD_TYPE_INT8, .parameter_count = 2, .parameters = list};
    const struct cd_schema *a = intern(&draft);
    draft.parameters = turned;
    const struct cd_schema *b = intern(&draft);
    assert_ptr_equal(a, b);
    assert_true(cd_slice_is(a->parameters[0].name, "a"));
    cd_schema_unref(a);
    cd_schema_unref(b);
}

static void a_logical_type_is_known_by_its_name_alone(void **state)
{
    (void)state;
    struct cd_schema draft = {.type = CD_TYPE_STRING,
                              .name = cd_slice("org.apache.kafka.connect.data.Time")};
    const struct cd_schema *schema = intern(&draft);
    assert_int_equal(schema->logical, CD_LOGICAL_TIME);
    cd_schema_unref(schema);
}

static void inner_schemas_live_as_long_as_the_outer_one(void **state)
{
    (void)state;
    struct cd_schema draft = point();
    const struct cd_schema *inner = intern(&draft);
    const struct cd_schema *outer =
        intern(&(struct cd_schema){.type = CD_TYPE_ARRAY, .element = inner});
    cd_schema_unref(inner);
    assert_int_equal(cd_schema_alive(), 2);
    assert_true(cd_slice_is(outer->element->name, "point"));
    cd_schema_unref(outer);
    assert_int_equal(cd_schema_alive(), 0);
}

static void the_builders_rules_are_kept(void **state)
{
    (void)state;
    struct cd_value null = cd_null();
    struct cd_value text = cd_string(cd_slice("x"));
    const struct cd_field twice[] = {{cd_slice("a"), REQUIRED(INT8)},
                                     {cd_slice("b"), REQUIRED(INT8)},
                                     {cd_slice("a"), OPTIONAL(INT8)}};
    const struct cd_field nameless[] = {{cd_slice(""), REQUIRED(INT8)}};
    const struct cd_field schemaless[] = {{cd_slice("a"), NULL}};
    static const char *const messages[] = {
        "Cannot create field because of field name duplication a",
        "fieldName cannot be null or empty.",
        "fieldSchema for field cannot be null: a",
        "Invalid default value: Invalid value: null used for required value, schema type: INT8",
        ("Invalid default value: Invalid Java object for schema with type INT8: class "
         "java.lang.String for value"),
    };
    const struct cd_schema drafts[] = {
        {.type = CD_TYPE_STRUCT, .field_count = 3, .fields = twice},
        {.type = CD_TYPE_STRUCT, .field_count = 1, .fields = nameless},
        {.type = CD_TYPE_STRUCT, .field_count = 1, .fields = schemaless},
        {.type = CD_TYPE_INT8, .fallback = &null},
        {.type = CD_TYPE_INT8, .fallback = &text},
    };
    for (size_t i = 0; i < sizeof(drafts) / sizeof(drafts[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_null(cd_schema_intern(&drafts[i], &err));
        assert_string_equal(err.native, "SchemaBuilderException");
        assert_string_equal(err.msg, messages[i]);
    }
}

static void a_null_default_of_an_optional_schema_is_none(void **state)
{
    (void)state;
    struct cd_value null = cd_null();
    const struct cd_schema *schema =
        intern(&(struct cd_schema){.type = CD_TYPE_INT8, .optional = true, .fallback = &null});
    assert_ptr_equal(schema, OPTIONAL(INT8));
    cd_schema_unref(schema);
}

static void values_are_checked_with_the_jvms_words(void **state)
{
    (void)state;
    struct cd_schema draft = point();
    const struct cd_schema *schema = intern(&draft);
    const struct cd_schema *list =
        intern(&(struct cd_schema){.type = CD_TYPE_ARRAY, .element = REQUIRED(INT8)});
    _Alignas(struct cd_struct) char memory[sizeof(struct cd_struct) + 2 * sizeof(struct cd_value)];
    struct cd_struct *s = (struct cd_struct *)(void *)memory;
    s->schema = schema;
    s->fields[0] = cd_int32(1);
    s->fields[1] = cd_null();
    struct cd_error err = CD_ERROR_INIT;
    assert_true(cd_schema_check(schema, cd_struct(s), NULL, &err));
    assert_false(cd_schema_check(list, cd_null(), "f", &err));
    assert_string_equal(err.msg,
                        "Invalid value: null used for required field: \"f\", schema type: ARRAY");
    assert_string_equal(err.native, "DataException");
    cd_error_reset(&err);
    struct cd_value element = cd_int64(1);
    assert_false(cd_schema_check(list, cd_array(&element, 1), "f", &err));
    assert_string_equal(err.msg, "Invalid Java object for schema with type INT8: class "
                                 "java.lang.Long for element of array field: \"f\"");
    cd_error_reset(&err);
    s->fields[0] = cd_null();
    assert_false(cd_schema_check(schema, cd_struct(s), NULL, &err));
    assert_string_equal(err.msg,
                        "Invalid value: null used for required field: \"x\", schema type: INT32");
    cd_schema_unref(schema);
    cd_schema_unref(list);
}

static void share_and_drop(void *arg)
{
    for (int i = 0; i < 2000; i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_schema draft = {.type = CD_TYPE_INT32, .name = cd_slice(arg)};
        const struct cd_schema *schema = cd_schema_intern(&draft, &err);
        assert_true(cd_slice_is(schema->name, arg));
        cd_schema_unref(schema);
    }
}

static void threads_share_and_drop_the_same_schema(void **state)
{
    (void)state;
    char name[] = "contended";
    struct cd_thread threads[4];
    struct cd_error err = CD_ERROR_INIT;
    for (size_t i = 0; i < 4; i++)
        assert_true(cd_thread_start(&threads[i], "share", 0, share_and_drop, name, &err));
    for (size_t i = 0; i < 4; i++)
        cd_thread_join(&threads[i]);
    assert_int_equal(cd_schema_alive(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_drafts_give_the_same_pointer),
        cmocka_unit_test(a_draft_may_die_after_it_was_shared),
        cmocka_unit_test(each_attribute_makes_another_schema),
        cmocka_unit_test(parameters_are_equal_in_any_order),
        cmocka_unit_test(a_logical_type_is_known_by_its_name_alone),
        cmocka_unit_test(inner_schemas_live_as_long_as_the_outer_one),
        cmocka_unit_test(the_builders_rules_are_kept),
        cmocka_unit_test(a_null_default_of_an_optional_schema_is_none),
        cmocka_unit_test(values_are_checked_with_the_jvms_words),
        cmocka_unit_test(threads_share_and_drop_the_same_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
