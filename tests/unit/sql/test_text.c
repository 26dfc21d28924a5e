/* Names, literals, patterns, mappings: what text becomes in statements and out of settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "connectors/sql/mapping.h"
#include "connectors/sql/name.h"
#include "connectors/sql/pattern.h"
#include "connectors/sql/select.h"

static void names_and_literals_are_quoted(void **state)
{
    (void)state;
    struct cd_sql_text text CD_AUTO(cd_sql_text_done) = {0};
    cd_sql_add_name(&text, cd_slice("a\"b"), true);
    cd_sql_add(&text, " ");
    cd_sql_add_name(&text, cd_slice("a\"b"), false);
    cd_sql_add(&text, " ");
    cd_sql_add_literal(&text, cd_slice("it's \\"));
    assert_string_equal(cd_sql_text_get(&text), "\"a\"\"b\" a\"b 'it''s \\'");
}

/* Section 4.7. */
static void table_names_are_split_at_dots(void **state)
{
    static const struct {
        const char *text;
        const char *schema;
        const char *table; /* NULL: refused */
    } cases[] = {
        {"t", NULL, "t"},      {"s.t", "s", "t"},        {"c.s.t", "s", "t"},
        {"a.b.c.d", "a", "b"}, {"\"a.b\"", NULL, "a.b"}, {"\"a\".\"b\"\"c\"", "a", "b\"c"},
        {"t.", NULL, NULL},    {"\"t", NULL, NULL},      {"\"t\"x", NULL, NULL},
        {"", NULL, NULL},      {".t", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_table_id id = {0};
        bool ok = cd_table_id_parse(cases[i].text, &id, &err);
        assert_int_equal(ok, cases[i].table != NULL);
        if (!ok)
            continue;
        assert_string_equal(id.table, cases[i].table);
        if (cases[i].schema == NULL)
            assert_null(id.schema);
        else
            assert_string_equal(id.schema, cases[i].schema);
        cd_table_id_done(&id);
    }
}

static void topics_become_names(void **state)
{
    static const char *const list[] = {"a.b:x", "c:y:z"};
    static const struct {
        struct cd_naming naming;
        const char *topic;
        const char *wanted; /* NULL: refused */
    } cases[] = {
        {{"${topic}", false, {0}}, "a.b", "a.b"},
        {{" pre_${topic}_${topic} ", false, {0}}, "t", "pre_t_t"},
        {{"${topic}", true, {0}}, "a.b-c", "a_b_c"},
        {{"${topic}", false, {list, 2}}, "a.b", "x"},
        {{"${topic}", false, {list, 2}}, "c", "y"},
        {{"${topic}", false, {list, 2}}, "d", NULL},
        {{"  ", false, {0}}, "d", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_sql_text text CD_AUTO(cd_sql_text_done) = {0};
        bool ok = cd_naming_apply(&cases[i].naming, cd_slice(cases[i].topic), &text, &err);
        assert_int_equal(ok, cases[i].wanted != NULL);
        if (ok)
            assert_string_equal(cd_sql_text_get(&text), cases[i].wanted);
    }
}

static void patterns_match_whole_names(void **state)
{
    static const struct {
        const char *pattern;
        const char *subject;
        bool wanted;
    } cases[] = {
        {"public\\.t", "public.t", true},
        {"public\\.t", "public.tt", false},
        {"public\\.t", "PUBLIC.t", false},
        {"(?i)public\\.t", "PUBLIC.t", true},
        {"public\\.(a|b)", "public.b", true},
        {"a|b", "b", true},
        {"(?:x|y)\\d+", "y12", true},
        {"[a-c\\d]{2}", "a1", true},
        {"\\w+\\.\\w+", "a_1.b", true},
        {".*", "", true},
        {"a.c", "abc", true},
        {"a\\.c", "abc", false},
        {"[.]", ".", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_pattern *pattern = cd_pattern_new("k", cases[i].pattern, &err);
        if (pattern == NULL)
            fail_msg("%s: %s", cases[i].pattern, err.msg);
        assert_int_equal(cd_pattern_matches(pattern, cases[i].subject), cases[i].wanted);
        cd_pattern_free(pattern);
    }
}

static void patterns_that_cannot_be_are_named(void **state)
{
    static const char *const bad[] = {"(", "[a", "(?=x)", "\\p{L}", "a\\"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_null(cd_pattern_new("table.include.list", bad[i], &err));
        assert_non_null(strstr(err.msg, "table.include.list"));
    }
}

/* 7 */
static void exactly_one_mapping_must_match(void **state)
{
    static const char *const entries[] = {".*a:[x|y]", "public\\.b:[z]", "public\\.b.*:[w]"};
    struct cd_error err = CD_ERROR_INIT;
    struct cd_strings columns;
    (void)state;
    struct cd_column_mapping *mapping =
        cd_column_mapping_new("k", (struct cd_strings){entries, 3}, true, &err);
    assert_non_null(mapping);
    assert_true(cd_column_mapping_find(mapping, "public.a", &columns, &err));
    assert_int_equal(columns.count, 2);
    assert_string_equal(columns.items[1], "y");
    assert_false(cd_column_mapping_find(mapping, "public.b", &columns, &err));
    cd_error_reset(&err);
    assert_false(cd_column_mapping_find(mapping, "public.c", &columns, &err));
    cd_column_mapping_free(mapping);
}

static void malformed_mappings_are_refused(void **state)
{
    static const char *const bad[] = {"a",    "a:",     ":[x]",    "a:x",
                                      "a:[]", "a:[x|]", "a:b:[c]", "(:[x]"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cd_error err = CD_ERROR_INIT;
        assert_null(cd_column_mapping_new("k", (struct cd_strings){&bad[i], 1}, true, &err));
        assert_int_equal(err.code, CD_ERR_CONFIG);
    }
}

/* Section 2.4. */
static void every_mode_has_its_statement(void **state)
{
    static const struct {
        struct cd_select select;
        const char *wanted;
    } cases[] = {
        {{.mode = CD_MODE_BULK, .relation = "\"t\""}, "SELECT * FROM \"t\""},
        {{.mode = CD_MODE_BULK, .query = "SELECT 1 ; "}, "SELECT 1"},
        {{.mode = CD_MODE_INCREMENTING,
          .relation = "\"t\"",
          .incrementing = "\"t\".\"id\"",
          .last = "-1",
          .page = "LIMIT 5"},
         "SELECT * FROM \"t\" WHERE \"t\".\"id\" > -1 ORDER BY \"t\".\"id\" ASC LIMIT 5"},
        {{.mode = CD_MODE_TIMESTAMP,
          .relation = "t",
          .timestamp = "ts",
          .begin = "B",
          .end = "E",
          .suffix = "FOR UPDATE"},
         "SELECT * FROM t WHERE ts > B AND ts < E ORDER BY ts ASC FOR UPDATE"},
        {{.mode = CD_MODE_TIMESTAMP_INCREMENTING,
          .query = "SELECT a -- c",
          .timestamp = "ts",
          .incrementing = "id",
          .begin = "B",
          .end = "E",
          .last = "7"},
         "SELECT * FROM (SELECT a -- c\n) AS connectd_query WHERE ts < E AND (ts,id) > (B,7) ORDER "
         "BY ts,id ASC"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cd_sql_text text CD_AUTO(cd_sql_text_done) = {0};
        cd_select_build(&cases[i].select, &text);
        assert_string_equal(cd_sql_text_get(&text), cases[i].wanted);
    }
}

static void several_timestamps_are_coalesced(void **state)
{
    static const char *const columns[] = {"a", "b"};
    (void)state;
    struct cd_sql_text text CD_AUTO(cd_sql_text_done) = {0};
    cd_select_timestamp((struct cd_strings){columns, 2}, "\"t\"", true, &text);
    assert_string_equal(cd_sql_text_get(&text), "COALESCE(\"t\".\"a\",\"t\".\"b\")");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_literals_are_quoted),
        cmocka_unit_test(table_names_are_split_at_dots),
        cmocka_unit_test(topics_become_names),
        cmocka_unit_test(patterns_match_whole_names),
        cmocka_unit_test(patterns_that_cannot_be_are_named),
        cmocka_unit_test(exactly_one_mapping_must_match),
        cmocka_unit_test(malformed_mappings_are_refused),
        cmocka_unit_test(every_mode_has_its_statement),
        cmocka_unit_test(several_timestamps_are_coalesced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
