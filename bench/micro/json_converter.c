/*
 * What JsonConverter costs a record: an eight-field struct with its envelope (about 850 bytes), and
 * the same without. Prints nanoseconds a record for writing and reading.
 *
 *   json_converter [records]
 */
#include <stdlib.h>
#include <time.h>

#include "data/batch.h"
#include "data/schema.h"
#include "plugins/converter_list.h"

#define BATCH_RECORDS 500

static struct cd_error err = CD_ERROR_INIT;

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

static struct cd_value make_value(struct cd_batch *batch, const struct cd_schema *schema, int64_t i)
{
    struct cd_struct *s = cd_batch_new_struct(batch, schema, &err);
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

static double now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* the clock exists */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *open_converter(struct cd_converter_json_config *cfg)
{
    struct cd_task_base *state = calloc(1, cd_converter_json.state_size);
    if (state == NULL)
        abort();
    state->cfg = cfg;
    if (!cd_converter_json.open(state, CD_ROLE_VALUE, &err))
        abort();
    return state;
}

static void measure(const char *what, struct cd_converter_json_config *cfg, long records)
{
    const struct cd_schema *schema = make_schema();
    void *state = open_converter(cfg);
    struct cd_batch *values = cd_batch_new(SIZE_MAX, SIZE_MAX);
    struct cd_batch *bytes = cd_batch_new(SIZE_MAX, SIZE_MAX);
    struct cd_batch *again = cd_batch_new(SIZE_MAX, SIZE_MAX);
    struct cd_slice written[BATCH_RECORDS];
    double write_ns = 0;
    double read_ns = 0;
    for (long done = 0; done < records; done += BATCH_RECORDS) {
        struct cd_value in[BATCH_RECORDS];
        for (int i = 0; i < BATCH_RECORDS; i++)
            in[i] = make_value(values, schema, done + i);
        double start = now_ns();
        for (int i = 0; i < BATCH_RECORDS; i++)
            if (!cd_converter_json.write(state, bytes, cd_slice("t"), schema, in[i], &written[i],
                                         &err))
                abort();
        double middle = now_ns();
        for (int i = 0; i < BATCH_RECORDS; i++) {
            const struct cd_schema *got;
            struct cd_value value;
            if (!cd_converter_json.read(state, again, cd_slice("t"), written[i], &got, &value,
                                        &err))
                abort();
        }
        write_ns += middle - start;
        read_ns += now_ns() - middle;
        if (done + BATCH_RECORDS >= records)
            (void)printf("%-10s %4zu bytes  write %6.1f ns  read %6.1f ns\n", what, written[0].len,
                         write_ns / (double)records, read_ns / (double)records);
        cd_batch_reset(values);
        cd_batch_reset(bytes);
        cd_batch_reset(again);
    }
    cd_converter_json.close(state);
    free(state);
    cd_batch_free(values);
    cd_batch_free(bytes);
    cd_batch_free(again);
    cd_schema_unref(schema);
}

int main(int argc, char **argv)
{
    long records = argc > 1 ? atol(argv[1]) : 1000000;
    struct cd_converter_json_config envelope = {
        .schemas = true, .cache_size = 1000, .decimal_format = "BASE64", .replace_null = true};
    struct cd_converter_json_config plain = {
        .cache_size = 1000, .decimal_format = "BASE64", .replace_null = true};
    measure("envelope", &envelope, records);
    measure("plain", &plain, records);
    return 0;
}
