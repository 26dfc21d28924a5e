/* The binary decoders against bytes of any kind: whatever a server sends, each answers or refuses,
 * and reads nothing beyond its field (the sanitizers watch). Numerics come back as they went. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "connectors/postgres/decode.h"
#include "connectors/postgres/layout.h"
#include "connectors/postgres/numeric.h"
#include "tests/fake/connector_rig.h"

static uint64_t seed = 88172645463325252u;

/* xorshift: the same bytes in every run. */
static uint32_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32);
}

/* Small numbers and all ones are what formats are made of: they come often. */
static uint8_t next_byte(void)
{
    uint32_t r = next_random();
    switch (r & 3) {
    case 0:
        return 0;
    case 1:
        return 0xff;
    case 2:
        return (uint8_t)(r >> 8 & 15);
    default:
        return (uint8_t)(r >> 8);
    }
}

/* Exactly as long as the field, so that a sanitizer sees a byte too far. */
static uint8_t *random_bytes(uint32_t len)
{
    uint8_t *bytes = malloc(len > 0 ? len : 1);
    assert_non_null(bytes);
    for (uint32_t i = 0; i < len; i++)
        bytes[i] = next_byte();
    return bytes;
}

static const struct {
    Oid type;
    int32_t typmod;
    uint32_t len; /* the usual one */
} columns[] = {
    {CD_PG_BOOL, -1, 1},         {CD_PG_INT2, -1, 2},      {CD_PG_INT4, -1, 4},
    {CD_PG_INT8, -1, 8},         {CD_PG_OID, -1, 4},       {CD_PG_FLOAT4, -1, 4},
    {CD_PG_FLOAT8, -1, 8},       {CD_PG_MONEY, -1, 8},     {CD_PG_TEXT, -1, 5},
    {CD_PG_CHAR, -1, 1},         {CD_PG_JSONB, -1, 6},     {CD_PG_UUID, -1, 16},
    {CD_PG_BYTEA, -1, 7},        {CD_PG_BIT, 1, 5},        {CD_PG_BIT, 8, 5},
    {CD_PG_BIT, 20, 7},          {CD_PG_NUMERIC, -1, 12},  {CD_PG_NUMERIC, 655366, 12},
    {CD_PG_NUMERIC, 131076, 10}, {CD_PG_DATE, -1, 4},      {CD_PG_TIME, -1, 8},
    {CD_PG_TIMETZ, -1, 12},      {CD_PG_TIMESTAMP, -1, 8}, {CD_PG_TIMESTAMPTZ, -1, 8},
};

static void try_column(struct cd_pg_types *types, Oid type, int32_t typmod, uint32_t usual)
{
    struct cd_error err = CD_ERROR_INIT;
    char name[] = "c";
    struct cd_pg_column column = {.name = name, .type = type, .typmod = typmod};
    struct cd_batch *batch = cd_batch_new(1 << 20, 1 << 20);
    if (!cd_pg_column_plan(types, &column, /* as_text = */ false, &err))
        fail_msg("%s", err.msg);
    for (int i = 0; i < 3000; i++) {
        uint32_t len = next_random() % 4 == 0 ? next_random() % 24 : usual;
        uint8_t *bytes = random_bytes(len);
        struct cd_value value = cd_null();
        cd_error_reset(&err);
        bool ok = column.decode(types, &column, batch, bytes, len, &value, &err);
        assert_int_equal(ok, err.code == CD_OK);
        assert_true(ok || err.code == CD_ERR_DATA);
        free(bytes);
        if (i % 100 == 0)
            cd_batch_reset(batch);
    }
    types->host->schema_unref(column.schema);
    cd_batch_free(batch);
}

static void any_bytes_are_answered_or_refused(void **state)
{
    (void)state;
    for (int granularity = 0; granularity <= CD_GRANULARITY_NANOS_ISO; granularity++) {
        for (int mapping = 0; mapping <= CD_NUMERIC_BEST_FIT_EAGER_DOUBLE; mapping += 2) {
            struct cd_error err = CD_ERROR_INIT;
            struct cd_zone *zone = cd_zone_open(mapping == 0 ? "UTC" : "Asia/Tokyo", &err);
            struct cd_pg_types types = {.host = cd_rig_host(),
                                        .numeric = (enum cd_numeric_mapping)mapping,
                                        .granularity = (enum cd_granularity)granularity,
                                        .hybrid_calendar = mapping == 0,
                                        .zone = zone};
            for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
                try_column(&types, columns[i].type, columns[i].typmod, columns[i].len);
            cd_big_done(&types.big);
            cd_zone_free(zone);
        }
    }
}

static void rows_of_any_bytes_are_split_or_refused(void **state)
{
    struct cd_pg_field fields[4];
    uint32_t wanted[] = {0, 1, 2, 3};
    struct cd_pg_layout layout = {.wanted = wanted, .wanted_count = 4, .fields = fields};
    int good = 0;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        struct cd_error err = CD_ERROR_INIT;
        uint32_t len = next_random() % 40;
        uint8_t *bytes = random_bytes(len);
        if (cd_pg_layout_split(&layout, bytes, len, &err)) {
            good++;
            for (int k = 0; k < 4; k++)
                assert_true(fields[k].data == NULL ||
                            fields[k].data + fields[k].len <= bytes + len);
        }
        free(bytes);
    }
    assert_true(good > 0);
}

static void numerics_come_back_as_they_went(void **state)
{
    static const int32_t scales[] = {0, 1, 2, 3, 4, 5, 10, 127, -2};
    struct cd_big big CD_AUTO(cd_big_done) = {0};
    struct cd_big back CD_AUTO(cd_big_done) = {0};
    struct cd_sql_text bytes CD_AUTO(cd_sql_text_done) = {0};
    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint8_t unscaled[24], again[24];
        size_t len = 1 + next_random() % 20;
        int32_t scale = scales[next_random() % (sizeof(scales) / sizeof(scales[0]))];
        enum cd_pg_numeric_kind kind;
        bool exact;
        struct cd_error err = CD_ERROR_INIT;
        for (size_t k = 0; k < len; k++)
            unscaled[k] = next_byte();
        cd_big_read(&big, unscaled, len);
        size_t size = cd_big_bytes(&big);
        cd_big_write(&big, unscaled);
        cd_sql_text_clear(&bytes);
        cd_pg_numeric_write(&big, scale, &bytes);
        assert_true(cd_pg_numeric_read((const uint8_t *)bytes.ptr, (uint32_t)bytes.len, scale,
                                       &back, &kind, &exact, &err));
        assert_true(exact);
        assert_int_equal(cd_big_bytes(&back), size);
        cd_big_write(&back, again);
        assert_memory_equal(unscaled, again, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_are_answered_or_refused),
        cmocka_unit_test(rows_of_any_bytes_are_split_or_refused),
        cmocka_unit_test(numerics_come_back_as_they_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
