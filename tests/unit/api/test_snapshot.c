#include "rig.h"

#include "api/render.h"
#include "base/buffer.h"

static struct cd_connector_view *view_of(const char *name)
{
    struct cd_connector_view *view = cd_view_new(name);
    view->config = cd_config_new();
    cd_config_set(view->config, "name", name);
    return view;
}

static void check_names(const struct cd_snapshot *snapshot, const char *names)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_names(&out, snapshot);
    assert_string_equal(out.ptr, names);
    cd_buffer_done(&out);
}

static void a_change_shares_all_other_views(void **state)
{
    (void)state;
    const struct cd_connector_view *views[] = {view_of("c"), view_of("a")};
    const struct cd_snapshot *first = cd_snapshot_of(views, 2);
    const struct cd_snapshot *second = cd_snapshot_with(first, view_of("b"));
    const struct cd_snapshot *third = cd_snapshot_with(second, view_of("c"));
    const struct cd_snapshot *fourth = cd_snapshot_without(third, "a");
    const struct cd_snapshot *same = cd_snapshot_without(fourth, "x");
    check_names(first, "[\"a\",\"c\"]");
    check_names(second, "[\"a\",\"b\",\"c\"]");
    check_names(fourth, "[\"b\",\"c\"]");
    assert_ptr_equal(cd_snapshot_find(second, "a"), cd_snapshot_find(first, "a"));
    assert_ptr_equal(cd_snapshot_find(third, "b"), cd_snapshot_find(second, "b"));
    assert_ptr_not_equal(cd_snapshot_find(third, "c"), cd_snapshot_find(second, "c"));
    assert_null(cd_snapshot_find(fourth, "a"));
    assert_ptr_equal(same, fourth);
    cd_snapshot_unref(first);
    cd_snapshot_unref(second);
    cd_snapshot_unref(third);
    cd_snapshot_unref(fourth);
    check_names(same, "[\"b\",\"c\"]"); /* the last one that holds them */
    cd_snapshot_unref(same);
}

static void a_reader_keeps_what_it_took(void **state)
{
    (void)state;
    struct cd_snapshot_slot slot;
    cd_snapshot_slot_init(&slot);
    const struct cd_snapshot *empty = cd_snapshot_newest(&slot);
    cd_snapshot_publish(&slot, cd_snapshot_with(empty, view_of("a")));
    const struct cd_snapshot *filled = cd_snapshot_newest(&slot);
    cd_snapshot_publish(&slot, cd_snapshot_without(filled, "a"));
    check_names(empty, "[]");
    check_names(filled, "[\"a\"]");
    cd_snapshot_unref(empty);
    cd_snapshot_unref(filled);
    cd_snapshot_slot_done(&slot);
}

static void what_is_rendered_is_kept(void **state)
{
    (void)state;
    struct cd_connector_view *view = view_of("a");
    cd_view_status(&view->status, CD_API_FAILED, "h:1", "trace", NULL);
    cd_view_status(&view->status, CD_API_PAUSED, view->status.worker_id, "", "1.0");
    cd_view_tasks(view, 2);
    view->tasks[0].config = cd_config_new();
    cd_view_status(&view->tasks[1].status, CD_API_FAILED, "h:1", "a\nb", "1.0");
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_status(&out, view);
    assert_string_equal(
        out.ptr, "{\"name\":\"a\",\"connector\":{\"state\":\"PAUSED\",\"worker_id\":\"h:1\","
                 "\"version\":\"1.0\"},\"tasks\":[{\"id\":1,\"state\":\"FAILED\",\"worker_id\":"
                 "\"h:1\",\"trace\":\"a\\nb\",\"version\":\"1.0\"}],\"type\":\"unknown\"}");
    char *kept = atomic_load(&view->text[CD_VIEW_TEXT_STATUS]);
    cd_render_status(&out, view);
    assert_ptr_equal(atomic_load(&view->text[CD_VIEW_TEXT_STATUS]), kept);
    cd_buffer_clear(&out);
    cd_render_info(&out, view);
    assert_string_equal(out.ptr,
                        "{\"name\":\"a\",\"config\":{\"name\":\"a\"},\"tasks\":[{\"connector\":"
                        "\"a\",\"task\":0}],\"type\":\"unknown\"}");
    struct cd_connector_view *copy = cd_view_copy(view);
    cd_view_topic(copy, "t");
    cd_view_topic(copy, "u");
    assert_null(atomic_load(&copy->text[CD_VIEW_TEXT_INFO]));
    cd_buffer_clear(&out);
    cd_render_topics(&out, "a", copy);
    assert_string_equal(out.ptr, "{\"a\":{\"topics\":[\"t\",\"u\"]}}");
    cd_buffer_done(&out);
    cd_view_unref(view);
    cd_view_unref(copy);
}

static void an_expanded_list_leaves_out_who_has_no_status(void **state)
{
    (void)state;
    const struct cd_connector_view *views[] = {view_of("a"), view_of("b")};
    const struct cd_snapshot *snapshot = cd_snapshot_of(views, 2);
    struct cd_buffer out = CD_BUFFER_INIT;
    cd_render_expanded(&out, snapshot, /* status = */ true, /* info = */ false);
    assert_string_equal(out.ptr, "{}");
    cd_buffer_clear(&out);
    cd_render_expanded(&out, snapshot, /* status = */ false, /* info = */ false);
    assert_string_equal(out.ptr, "{\"a\":{},\"b\":{}}");
    cd_buffer_done(&out);
    cd_snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_shares_all_other_views),
        cmocka_unit_test(a_reader_keeps_what_it_took),
        cmocka_unit_test(what_is_rendered_is_kept),
        cmocka_unit_test(an_expanded_list_leaves_out_who_has_no_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
