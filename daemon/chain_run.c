#include "base/alloc.h"
#include "daemon/chain_private.h"

static const struct cd_converter *converter_of(const struct cd_chain_part *part)
{
    return part->instance->plugin->plugin.converter;
}

/* ---- transforms ---- */

static bool applies(const struct cd_chain_transform *t, const struct cd_record *rec, bool *ret,
                    struct cd_error *err)
{
    const struct cd_instance *predicate = t->predicate.instance;
    *ret = true;
    if (predicate == NULL)
        return true;
    if (!predicate->plugin->plugin.predicate->test(predicate->state, rec, ret, err))
        return false;
    *ret = *ret != t->negate;
    return true;
}

/* On failure the record is as it was before. */
static enum cd_chain_verdict transform(struct cd_chain *chain, size_t i, struct cd_batch *out,
                                       struct cd_error *err)
{
    const struct cd_chain_transform *t = &chain->transforms[i];
    bool wanted;
    if (!applies(t, &chain->rec, &wanted, err))
        return CD_CHAIN_FAILED;
    if (!wanted)
        return CD_CHAIN_OUT;
    const struct cd_instance *instance = t->transform.instance;
    const struct cd_record before = chain->rec;
    switch (instance->plugin->plugin.transform->apply(instance->state, out, &chain->rec, err)) {
    case CD_RECORD_KEEP:
        return CD_CHAIN_OUT;
    case CD_RECORD_DROP:
        return CD_CHAIN_FILTERED;
    case CD_RECORD_FAILED:
        break;
    }
    chain->rec = before;
    return CD_CHAIN_FAILED;
}

/* ---- from Connect to bytes ---- */

static bool write_headers(struct cd_chain *chain, struct cd_batch *out, struct cd_error *err)
{
    const struct cd_record *rec = &chain->rec;
    chain->out.header_count = rec->header_count;
    chain->out.headers = NULL;
    if (rec->header_count == 0)
        return true;
    struct cd_header *headers = cd_batch_alloc(out, rec->header_count * sizeof(*headers), err);
    if (headers == NULL)
        return false;
    const struct cd_converter *converter = converter_of(&chain->header);
    for (uint32_t i = 0; i < rec->header_count; i++) {
        struct cd_slice bytes = {NULL, 0};
        if (!converter->write(chain->header.instance->state, out, rec->topic,
                              rec->headers[i].schema, rec->headers[i].value, &bytes, err))
            return false;
        headers[i] = (struct cd_header){
            .name = rec->headers[i].name,
            .value = bytes.ptr == NULL ? cd_null() : cd_bytes(bytes.ptr, bytes.len),
        };
    }
    chain->out.headers = headers;
    return true;
}

static bool write_key(struct cd_chain *chain, struct cd_batch *out, struct cd_error *err)
{
    chain->out.key = (struct cd_slice){NULL, 0};
    return converter_of(&chain->key)
        ->write(chain->key.instance->state, out, chain->rec.topic, chain->rec.key_schema,
                chain->rec.key, &chain->out.key, err);
}

static bool write_value(struct cd_chain *chain, struct cd_batch *out, struct cd_error *err)
{
    chain->out.value = (struct cd_slice){NULL, 0};
    return converter_of(&chain->value)
        ->write(chain->value.instance->state, out, chain->rec.topic, chain->rec.value_schema,
                chain->rec.value, &chain->out.value, err);
}

/* ---- from bytes to Connect ---- */

static bool read_key(struct cd_chain *chain, struct cd_batch *out,
                     const struct cd_incoming *message, struct cd_error *err)
{
    return converter_of(&chain->key)
        ->read(chain->key.instance->state, out, message->topic, message->key,
               &chain->rec.key_schema, &chain->rec.key, err);
}

static bool read_value(struct cd_chain *chain, struct cd_batch *out,
                       const struct cd_incoming *message, struct cd_error *err)
{
    return converter_of(&chain->value)
        ->read(chain->value.instance->state, out, message->topic, message->value,
               &chain->rec.value_schema, &chain->rec.value, err);
}

static bool read_headers(struct cd_chain *chain, struct cd_batch *out,
                         const struct cd_incoming *message, struct cd_error *err)
{
    struct cd_header *headers = NULL;
    uint32_t count = 0;
    if (!cd_fetch_headers(message, out, &headers, &count, err))
        return false;
    const struct cd_converter *converter = converter_of(&chain->header);
    for (uint32_t i = 0; i < count; i++) {
        struct cd_slice bytes = cd_is_null(headers[i].value) ? (struct cd_slice){NULL, 0}
                                                             : cd_value_slice(headers[i].value);
        if (!converter->read(chain->header.instance->state, out, message->topic, bytes,
                             &headers[i].schema, &headers[i].value, err))
            return false;
    }
    chain->rec.headers = headers;
    chain->rec.header_count = count;
    return true;
}

/* ---- the way of one record ----
 * `at` counts finished steps from 1, so that 0 can mean that no record is under way. Sources: the
 * transforms, then three converters. Sinks: three converters, then the transforms. */

enum { CONVERTERS = 3 };

static enum cd_chain_verdict failed_unless(bool ok)
{
    return ok ? CD_CHAIN_OUT : CD_CHAIN_FAILED;
}

static enum cd_chain_verdict source_step(struct cd_chain *chain, size_t step, struct cd_batch *out,
                                         struct cd_error *err)
{
    if (step < chain->transform_count)
        return transform(chain, step, out, err);
    switch (step - chain->transform_count) {
    case 0:
        return failed_unless(write_headers(chain, out, err));
    case 1:
        return failed_unless(write_key(chain, out, err));
    default:
        return failed_unless(write_value(chain, out, err));
    }
}

enum cd_chain_verdict cd_chain_source(struct cd_chain *chain, const struct cd_record *rec,
                                      struct cd_batch *out, struct cd_outgoing *ret,
                                      struct cd_error *err)
{
    if (chain->at == 0) {
        chain->rec = *rec;
        chain->at = 1;
    }
    for (; chain->at <= chain->transform_count + CONVERTERS; chain->at++) {
        enum cd_chain_verdict verdict = source_step(chain, chain->at - 1, out, err);
        if (verdict == CD_CHAIN_FAILED)
            return verdict;
        if (verdict == CD_CHAIN_FILTERED) {
            chain->at = 0;
            return verdict;
        }
    }
    chain->at = 0;
    chain->out.topic = chain->rec.topic;
    chain->out.partition = chain->rec.partition;
    chain->out.timestamp_ms = chain->rec.timestamp_ms;
    *ret = chain->out;
    return CD_CHAIN_OUT;
}

static enum cd_chain_verdict sink_step(struct cd_chain *chain, size_t step,
                                       const struct cd_incoming *message, struct cd_batch *out,
                                       struct cd_error *err)
{
    switch (step) {
    case 0:
        return failed_unless(read_key(chain, out, message, err));
    case 1:
        return failed_unless(read_value(chain, out, message, err));
    case 2:
        return failed_unless(read_headers(chain, out, message, err));
    default:
        return transform(chain, step - CONVERTERS, out, err);
    }
}

static void begin_message(struct cd_chain *chain, const struct cd_incoming *message)
{
    chain->rec = (struct cd_record){
        .topic = message->topic,
        .timestamp_ms = message->timestamp_ms,
        .partition = message->partition,
        .kafka_topic = message->topic,
        .kafka_partition = message->partition,
        .kafka_offset = message->offset,
        .timestamp_type = message->timestamp_type,
    };
    chain->at = 1;
}

enum cd_chain_verdict cd_chain_sink(struct cd_chain *chain, const struct cd_incoming *message,
                                    struct cd_batch *out, struct cd_error *err)
{
    if (chain->at == 0)
        begin_message(chain, message);
    for (; chain->at <= chain->transform_count + CONVERTERS; chain->at++) {
        enum cd_chain_verdict verdict = sink_step(chain, chain->at - 1, message, out, err);
        if (verdict == CD_CHAIN_FAILED)
            return verdict;
        if (verdict == CD_CHAIN_FILTERED) {
            chain->at = 0;
            return verdict;
        }
    }
    struct cd_record *rec = cd_batch_add(out, err);
    if (rec == NULL)
        return CD_CHAIN_FAILED;
    chain->at = 0;
    *rec = chain->rec;
    return CD_CHAIN_OUT;
}

void cd_chain_forget(struct cd_chain *chain)
{
    chain->at = 0;
}

/* ---- where it failed ---- */

struct place {
    enum cd_stage stage;
    const struct cd_chain_part *part;
};

/* Sinks fill in kafka_topic before the first step, sources never. */
static struct place place_of(const struct cd_chain *chain)
{
    static const enum cd_stage source_order[] = {CD_STAGE_HEADER_CONVERTER, CD_STAGE_KEY_CONVERTER,
                                                 CD_STAGE_VALUE_CONVERTER};
    static const enum cd_stage sink_order[] = {CD_STAGE_KEY_CONVERTER, CD_STAGE_VALUE_CONVERTER,
                                               CD_STAGE_HEADER_CONVERTER};
    size_t step = chain->at - 1;
    bool sink = chain->rec.kafka_topic.ptr != NULL;
    size_t first_converter = sink ? 0 : chain->transform_count;
    if (step < first_converter || step >= first_converter + CONVERTERS)
        return (struct place){CD_STAGE_TRANSFORMATION,
                              &chain->transforms[sink ? step - CONVERTERS : step].transform};
    enum cd_stage stage = (sink ? sink_order : source_order)[step - first_converter];
    const struct cd_chain_part *part = stage == CD_STAGE_HEADER_CONVERTER ? &chain->header
                                       : stage == CD_STAGE_KEY_CONVERTER  ? &chain->key
                                                                          : &chain->value;
    return (struct place){stage, part};
}

enum cd_stage cd_chain_stage(const struct cd_chain *chain)
{
    return place_of(chain).stage;
}

const char *cd_chain_class(const struct cd_chain *chain)
{
    return place_of(chain).part->instance->plugin->plugin.class_name;
}

bool cd_chain_write_back(struct cd_chain *chain, const struct cd_record *rec, struct cd_batch *out,
                         struct cd_outgoing *ret, struct cd_error *err)
{
    struct cd_record kept = chain->rec;
    chain->rec = *rec;
    chain->out =
        (struct cd_outgoing){.partition = CD_NO_PARTITION, .timestamp_ms = rec->timestamp_ms};
    bool ok = write_headers(chain, out, err) && write_key(chain, out, err) &&
              write_value(chain, out, err);
    *ret = chain->out;
    chain->rec = kept;
    return ok;
}
