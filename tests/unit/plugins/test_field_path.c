#include "plugins/field_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/vectors.h"

static bool same_steps(const struct cd_field_path *path, const json_t *steps)
{
    if (path->count != json_array_size(steps))
        return false;
    for (size_t i = 0; i < path->count; i++)
        if (!cd_slice_is(path->steps[i], json_string_value(json_array_get(steps, i))))
            return false;
    return true;
}

static bool parses_as_wanted(const json_t *vector)
{
    struct cd_field_path path = {0};
    struct cd_error err = CD_ERROR_INIT;
    enum cd_field_syntax syntax = strcmp(cd_vector_text(vector, "version"), "V1") == 0
                                      ? CD_FIELD_SYNTAX_V1
                                      : CD_FIELD_SYNTAX_V2;
    const json_t *error = json_object_get(vector, "error");
    bool ok = cd_field_path_parse(&path, cd_vector_text(vector, "input"), syntax, &err)
                  ? same_steps(&path, json_object_get(vector, "steps"))
                  : error != NULL && cd_vector_same_error(&err, error) &&
                        strcmp(err.msg, cd_vector_text(error, "message")) == 0;
    cd_field_path_done(&path);
    return ok;
}

static void paths_split_as_on_the_jvm(void **state)
{
    (void)state;
    json_t *file = cd_vectors_load("transforms.json");
    size_t count = 0, i;
    json_t *vector;
    json_array_foreach(json_object_get(file, "vectors"), i, vector)
    {
        if (strcmp(cd_vector_text(vector, "op"), "field_path") != 0)
            continue;
        count++;
        if (!parses_as_wanted(vector))
            fail_msg("%s", cd_vector_text(vector, "id"));
    }
    json_decref(file);
    assert_int_equal(count, 23);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_split_as_on_the_jvm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
