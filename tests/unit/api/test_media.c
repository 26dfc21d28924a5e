#include "rig.h"

#include "api/media.h"

static void content_types_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum cd_media media;
    } rows[] = {
        {"application/json", CD_MEDIA_JSON},
        {"APPLICATION/JSON", CD_MEDIA_JSON},
        {"application/json;charset=UTF-8", CD_MEDIA_JSON},
        {"application/json ; a=\"b,c\"", CD_MEDIA_JSON},
        {"application/*", CD_MEDIA_JSON},
        {"text/plain", CD_MEDIA_OTHER},
        {"application/json5", CD_MEDIA_OTHER},
        {"", CD_MEDIA_BROKEN},
        {";", CD_MEDIA_BROKEN},
        {"garbage", CD_MEDIA_BROKEN},
        {"/json", CD_MEDIA_BROKEN},
        {"application/", CD_MEDIA_BROKEN},
        {"application/json, text/plain", CD_MEDIA_BROKEN},
        {"application/json x", CD_MEDIA_BROKEN},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(cd_media_type(rows[i].header), rows[i].media);
}

static void what_a_client_accepts_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool json;
        bool plain;
    } rows[] = {
        {"*/*", true, true},
        {"", true, true},
        {"application/*", true, false},
        {"application/json, text/plain, */*", true, true},
        {"text/html, application/json;q=0.5", true, false},
        {"text/*;q=0.5, application/*;q=0.1", true, true},
        {"text/html", false, false},
        {"application/hal+json", false, false},
        {"garbage", false, false},
        {",,", false, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(cd_media_accepts(rows[i].header, "application", "json"), rows[i].json);
        assert_int_equal(cd_media_accepts(rows[i].header, "text", "plain"), rows[i].plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_types_are_told_apart),
        cmocka_unit_test(what_a_client_accepts_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
