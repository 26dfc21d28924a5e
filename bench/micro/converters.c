/* Converters: a struct of eight fields (about 850 bytes with its envelope) and a line of text. */
#include <stdlib.h>

#include "bench/micro/path.h"
#include "data/batch.h"
#include "data/schema.h"
#include "plugins/converter_list.h"

static struct cd_error err = CD_ERROR_INIT;

static struct {
    const struct cd_converter *converter;
    void *state;
    const struct cd_schema *schema;
    struct cd_batch *inputs; /* what `values` and `texts` point into */
    struct cd_batch *outputs;
    struct cd_value values[BENCH_BATCH];
    struct cd_slice texts[BENCH_BATCH];
} bench;

static const struct cd_schema *make_schema(void)
{
    const struct cd_field fields[] = {
        {cd_slice("id"), cd_schema_primitive(CD_TYPE_INT64, false)},
        {cd_slice("customer_name"), cd_schema_primitive(CD_TYPE_STRING, false)},
        {cd_slice("email"), cd_schema_primitive(CD_TYPE_STRING, true)},
        {cd_slice("active"), cd_schema_primitive(CD_TYPE_BOOLEAN, false)},
        {cd_slice("score"), cd_schema_primitive(CD_TYPE_FLOAT64, true)},
        {cd_slice("items"), cd_schema_primitive(CD_TYPE_INT32, false)},
        {cd_slice("created_at"), cd_schema_logical(CD_LOGICAL_TIMESTAMP, false)},
        {cd_slice("note"), cd_schema_primitive(CD_TYPE_STRING, true)},
    };
    return cd_schema_intern(
        &(struct cd_schema){
            .type = CD_TYPE_STRUCT, .name = cd_slice("orders"), .field_count = 8, .fields = fields},
        &err);
}

static struct cd_value make_struct(int64_t i)
{
    struct cd_struct *s = cd_batch_new_struct(bench.inputs, bench.schema, &err);
    s->fields[0] = cd_int64(1000000 + i);
    s->fields[1] = cd_string(cd_slice("Grace Brewster Murray Hopper"));
    s->fields[2] = cd_string(cd_slice("grace.hopper@example.org"));
    s->fields[3] = cd_bool((i & 1) != 0);
    s->fields[4] = cd_float64((double)i * 0.25);
    s->fields[5] = cd_int32((int32_t)(i % 100));
    s->fields[6] = cd_instant(1700000000000 + i);
    s->fields[7] = i % 3 == 0 ? cd_null() : cd_string(cd_slice("left at the neighbour's door"));
    return cd_struct(s);
}

static struct cd_value make_line(int64_t i)
{
    (void)i;
    return cd_string(cd_slice("000000042 the quick brown fox jumps over the lazy dog, the quick "
                              "brown fox jumps over the lazy dog"));
}

/* ---- counted ---- */

static void write_all(long records)
{
    for (long done = 0; done < records; done += BENCH_BATCH) {
        struct cd_slice bytes;
        for (int i = 0; i < BENCH_BATCH; i++)
            bench_must(bench.converter->write(bench.state, bench.outputs, cd_slice("t"),
                                              bench.schema, bench.values[i], &bytes, &err),
                       &err);
        cd_batch_reset(bench.outputs);
    }
}

static void read_all(long records)
{
    for (long done = 0; done < records; done += BENCH_BATCH) {
        const struct cd_schema *schema;
        struct cd_value value;
        for (int i = 0; i < BENCH_BATCH; i++)
            bench_must(bench.converter->read(bench.state, bench.outputs, cd_slice("t"),
                                             bench.texts[i], &schema, &value, &err),
                       &err);
        cd_batch_reset(bench.outputs);
    }
}

/* ---- made once ---- */

/* The messages a reader reads are what the writer writes. */
static void open_converter(const struct cd_converter *converter, void *config)
{
    struct cd_task_base *state = calloc(1, converter->state_size);
    if (state == NULL)
        abort();
    state->cfg = config;
    bench_must(converter->open(state, CD_ROLE_VALUE, &err), &err);
    bench.converter = converter;
    bench.state = state;
    bench.outputs = cd_batch_new(SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < BENCH_BATCH; i++)
        bench_must(converter->write(state, bench.inputs, cd_slice("t"), bench.schema,
                                    bench.values[i], &bench.texts[i], &err),
                   &err);
}

static void make_values(const struct cd_schema *schema, struct cd_value (*make)(int64_t))
{
    bench.schema = schema;
    bench.inputs = cd_batch_new(SIZE_MAX, SIZE_MAX);
    for (int i = 0; i < BENCH_BATCH; i++)
        bench.values[i] = make(i);
}

static void open_json(bool schemas)
{
    static struct cd_converter_json_config config = {
        .cache_size = 1000, .decimal_format = "BASE64", .replace_null = true};
    config.schemas = schemas;
    open_converter(&cd_converter_json, &config);
}

static void open_envelope(void)
{
    make_values(make_schema(), make_struct);
    open_json(true);
}

static void open_plain(void)
{
    make_values(make_schema(), make_struct);
    open_json(false);
}

static void open_json_line(void)
{
    make_values(cd_schema_ref(cd_schema_primitive(CD_TYPE_STRING, false)), make_line);
    open_json(true);
}

static void open_string(void)
{
    static struct cd_converter_string_config config = {.encoding = "UTF-8"};
    make_values(cd_schema_ref(cd_schema_primitive(CD_TYPE_STRING, false)), make_line);
    open_converter(&cd_converter_string, &config);
}

static void close_converter(void)
{
    bench.converter->close(bench.state);
    free(bench.state);
    cd_batch_free(bench.inputs);
    cd_batch_free(bench.outputs);
    cd_schema_unref(bench.schema);
}

static const struct bench_path paths[] = {
    {"json-write-envelope", open_envelope, write_all, close_converter},
    {"json-read-envelope", open_envelope, read_all, close_converter},
    {"json-write-plain", open_plain, write_all, close_converter},
    {"json-read-plain", open_plain, read_all, close_converter},
    {"json-write-line", open_json_line, write_all, close_converter},
    {"json-read-line", open_json_line, read_all, close_converter},
    {"string-write", open_string, write_all, close_converter},
    {"string-read", open_string, read_all, close_converter},
};

const struct bench_paths bench_converters = {paths, sizeof(paths) / sizeof(paths[0])};
