#include "plugins/projection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/batch.h"
#include "data/schema.h"
#include "plugins/host.h"

struct world {
    struct cd_batch *batch;
    const struct cd_schema *defaulted; /* an int32 with the default 9 */
    const struct cd_schema *input;     /* {a: int32, b: int32 = 9, c: string?} */
};

static int set_up(void **state)
{
    static struct world world;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_value nine = cd_int32(9);
    world.batch = cd_batch_new(10000, 10000);
    world.defaulted =
        cd_schema_intern(&(struct cd_schema){.type = CD_TYPE_INT32, .fallback = &nine}, &err);
    struct cd_field fields[] = {
        {cd_slice("a"), cd_schema_primitive(CD_TYPE_INT32, false)},
        {cd_slice("b"), world.defaulted},
        {cd_slice("c"), cd_schema_primitive(CD_TYPE_STRING, true)},
    };
    world.input = cd_schema_intern(&(struct cd_schema){.type = CD_TYPE_STRUCT,
                                                       .name = cd_slice("n"),
                                                       .optional = true,
                                                       .fields = fields,
                                                       .field_count = 3},
                                   &err);
    *state = &world;
    return world.input == NULL;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    cd_batch_free(world->batch);
    cd_schema_unref(world->input);
    cd_schema_unref(world->defaulted);
    return cd_schema_alive() != 0;
}

/* {b, a', x}: a carries an action, x comes from nowhere. */
static struct cd_projection *swapped(const struct world *world, struct cd_error *err)
{
    struct cd_projector projector;
    cd_projector_init(&projector, cd_host(), world->input);
    cd_projector_copy_basics(&projector);
    cd_projector_copy(&projector, 1);
    cd_projector_add(&projector, cd_slice("a"), cd_schema_primitive(CD_TYPE_INT32, false),
                     (struct cd_projected){0, 7});
    cd_projector_add(&projector, cd_slice("x"), cd_schema_primitive(CD_TYPE_INT8, false),
                     (struct cd_projected){.from = CD_FROM_NOWHERE});
    return cd_projector_finish(&projector, err);
}

static void fields_come_from_where_the_projection_says(void **state)
{
    struct world *world = *state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_projection *p = swapped(world, &err);
    assert_non_null(p);
    struct cd_struct *input = cd_batch_new_struct(world->batch, world->input, &err);
    input->fields[0] = cd_int32(1);
    input->fields[1] = cd_int32(2);
    struct cd_struct *made = cd_projection_apply(p, input, false, world->batch, &err);
    assert_int_equal(made->fields[0].as.integer, 2);
    assert_int_equal(made->fields[1].as.integer, 1);
    assert_true(cd_is_null(made->fields[2]));
    assert_int_equal(p->acted_count, 1);
    assert_int_equal(p->acted[0], 1);
    assert_true(cd_slice_is(made->schema->name, "n"));
    assert_false(made->schema->optional);
    cd_projection_free(p);
}

static void a_null_takes_its_default_only_if_asked_to(void **state)
{
    struct world *world = *state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_projection *p = swapped(world, &err);
    struct cd_struct *input = cd_batch_new_struct(world->batch, world->input, &err);
    input->fields[0] = cd_int32(1);
    struct cd_struct *made = cd_projection_apply(p, input, true, world->batch, &err);
    assert_int_equal(made->fields[0].as.integer, 9);
    assert_null(cd_projection_apply(p, input, false, world->batch, &err));
    assert_string_equal(err.native, "DataException");
    cd_projection_free(p);
}

static void the_same_name_twice_is_no_schema(void **state)
{
    struct world *world = *state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_projector projector;
    cd_projector_init(&projector, cd_host(), world->input);
    cd_projector_copy(&projector, 0);
    cd_projector_take(&projector, cd_slice("a"), cd_schema_ref(world->defaulted),
                      (struct cd_projected){.from = CD_FROM_NOWHERE});
    assert_null(cd_projector_finish(&projector, &err));
    assert_string_equal(err.native, "SchemaBuilderException");
}

static void a_reference_taken_is_given_back_after_any_failure(void **state)
{
    struct world *world = *state;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_projector projector;
    cd_projector_init(&projector, cd_host(), world->input);
    cd_projector_take(&projector, cd_slice("a"), cd_schema_ref(world->defaulted),
                      (struct cd_projected){.from = CD_FROM_NOWHERE});
    cd_projector_take(&projector, cd_slice("b"), NULL,
                      (struct cd_projected){.from = CD_FROM_NOWHERE});
    (void)cd_fail(&err, CD_ERR_DATA, "no schema for b");
    assert_null(cd_projector_finish(&projector, &err)); /* tear_down counts */
    cd_projection_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_come_from_where_the_projection_says, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_null_takes_its_default_only_if_asked_to, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_same_name_twice_is_no_schema, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reference_taken_is_given_back_after_any_failure, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
