/*
 * Rows of binary COPY into records, without a server: the description that a server would give, and
 * the tuples it would send. A program of its own: connectors/sql has names in common with compat.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/micro/path.h"
#include "connectors/postgres/layout.h"
#include "data/batch.h"
#include "plugins/host.h"

#define ROW_MAX 512

static struct cd_error err = CD_ERROR_INIT;
static struct cd_pg_layout layout;
static struct cd_pg_types types;
static struct cd_batch *batch;
static uint8_t row[ROW_MAX];
static size_t row_len;

struct column {
    char *name;
    Oid type;
    uint32_t len; /* of the field, all fixed but texts */
    const char *text;
};

/* numeric(10,2), 1234.56: two digits of 10000, weight 0, sign +, scale 2. */
static const uint8_t numeric[] = {0, 2, 0, 0, 0, 0, 0, 2, 0x04, 0xd2, 0x15, 0xe0};

static struct column columns[] = {
    {(char[]){"id"}, CD_PG_INT8, 8, NULL},
    {(char[]){"customer_name"}, CD_PG_TEXT, 0, "Grace Brewster Murray Hopper"},
    {(char[]){"email"}, CD_PG_VARCHAR, 0, "grace.hopper@example.org"},
    {(char[]){"active"}, CD_PG_BOOL, 1, NULL},
    {(char[]){"score"}, CD_PG_FLOAT8, 8, NULL},
    {(char[]){"amount"}, CD_PG_NUMERIC, sizeof(numeric), NULL},
    {(char[]){"created_at"}, CD_PG_TIMESTAMP, 8, NULL},
    {(char[]){"note"}, CD_PG_TEXT, 0, "left at the neighbour's door"},
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static void put_field(const void *data, uint32_t len)
{
    const uint8_t size[] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                            (uint8_t)len};
    memcpy(row + row_len, size, sizeof(size));
    memcpy(row + row_len + sizeof(size), data, len);
    row_len += sizeof(size) + len;
}

static void make_row(void)
{
    static const uint8_t number[8] = {0, 0, 2, 0x70, 0x5e, 1, 2, 3};
    row_len = 0;
    for (int i = 0; i < COLUMNS; i++)
        if (columns[i].text != NULL)
            put_field(columns[i].text, (uint32_t)strlen(columns[i].text));
        else if (columns[i].type == CD_PG_NUMERIC)
            put_field(numeric, sizeof(numeric));
        else if (columns[i].type == CD_PG_BOOL)
            put_field("\1", 1);
        else
            put_field(number, columns[i].len);
}

static PGresult *describe(void)
{
    PGresAttDesc descriptions[COLUMNS] = {0};
    for (int i = 0; i < COLUMNS; i++)
        descriptions[i] = (PGresAttDesc){
            .name = columns[i].name,
            .columnid = i + 1,
            .format = 1,
            .typid = columns[i].type,
            .typlen = -1,
            .atttypmod = columns[i].type == CD_PG_NUMERIC ? ((10 << 16) | 2) + 4 : -1,
        };
    PGresult *described = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    bench_must(PQsetResultAttrs(described, COLUMNS, descriptions), &err);
    return described;
}

static void open_rows(void)
{
    PGresult *described = describe();
    PGresult *answer = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    types = (struct cd_pg_types){.host = cd_host(), .zone = cd_zone_open("UTC", &err)};
    bench_must(types.zone != NULL, &err);
    cd_pg_layout_init(&layout, described);
    const struct cd_pg_layout_options options = {.schema_name = "orders", .unsupported = "fail"};
    bench_must(cd_pg_layout_plan(&layout, &types, answer, &options, &err), &err);
    PQclear(answer);
    PQclear(described);
    make_row();
    batch = cd_batch_new(SIZE_MAX, SIZE_MAX);
}

static void decode_rows(long records)
{
    for (long done = 0; done < records; done += BENCH_BATCH) {
        for (int i = 0; i < BENCH_BATCH; i++) {
            struct cd_record *rec = cd_batch_add(batch, &err);
            bench_must(rec != NULL && cd_pg_layout_split(&layout, row, row_len, &err) &&
                           cd_pg_layout_decode(&layout, &types, batch, rec, row, row_len, &err),
                       &err);
        }
        cd_batch_reset(batch);
    }
}

static void close_rows(void)
{
    cd_batch_free(batch);
    cd_pg_layout_done(&layout, cd_host());
}

static const struct bench_path paths[] = {{"postgres-row", open_rows, decode_rows, close_rows}};
static const struct bench_paths rows = {paths, sizeof(paths) / sizeof(paths[0])};

const struct bench_paths *const bench_all[] = {&rows, NULL};
