/* The way of one record through the chain of a task: converters alone, and behind five transforms.
 */
#include "daemon/chain.h"
#include "bench/micro/path.h"
#include "config/worker_keys.h"
#include "plugins/host.h"
#include "plugins/registry.h"

#define STRING "org.apache.kafka.connect.storage.StringConverter"
#define TRANSFORM(name) "org.apache.kafka.connect.transforms." name
#define LINE                                                                                       \
    "000000042 the quick brown fox jumps over the lazy dog, the quick brown fox jumps over the "   \
    "lazy dog"

static struct cd_error err = CD_ERROR_INIT;
static struct cd_worker worker;
static struct cd_registry *registry;
static struct cd_config *originals;
static struct cd_config *config;
static struct cd_worker_config *worker_config;
static struct cd_source_config source;
static struct cd_arena arena;
static struct cd_logger logger;
static struct cd_chain *chain;
static struct cd_batch *out;

static const char *const usual[][2] = {
    {"name", "bench"},
    {"connector.class", "FileStreamSource"},
};

/* bench/run's chain: the same bytes leave as came in. */
static const char *const five[][2] = {
    {"transforms", "hoist,label,where,rename,extract"},
    {"transforms.hoist.type", TRANSFORM("HoistField$Value")},
    {"transforms.hoist.field", "line"},
    {"transforms.label.type", TRANSFORM("InsertField$Value")},
    {"transforms.label.static.field", "label"},
    {"transforms.label.static.value", "bench"},
    {"transforms.where.type", TRANSFORM("InsertField$Value")},
    {"transforms.where.topic.field", "where"},
    {"transforms.rename.type", TRANSFORM("ReplaceField$Value")},
    {"transforms.rename.renames", "line:text"},
    {"transforms.extract.type", TRANSFORM("ExtractField$Value")},
    {"transforms.extract.field", "text"},
};

static void open_worker(void)
{
    CD_AUTO(cd_report_done) struct cd_report report = CD_REPORT_INIT;
    originals = cd_config_new();
    cd_config_set(originals, "bootstrap.servers", "localhost:1");
    cd_config_set(originals, "key.converter", STRING);
    cd_config_set(originals, "value.converter", STRING);
    cd_config_set(originals, "offset.storage.file.filename", "/dev/null");
    worker_config = cd_worker_config_new(CD_STANDALONE, originals, &report);
    registry = cd_registry_new();
    bench_must(worker_config != NULL && cd_registry_add_builtins(registry, &err), &err);
    worker =
        (struct cd_worker){.config = worker_config, .originals = originals, .registry = registry};
}

static void open_chain(const char *const (*more)[2], size_t count)
{
    CD_AUTO(cd_report_done) struct cd_report report = CD_REPORT_INIT;
    open_worker();
    config = cd_config_new();
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        cd_config_set(config, usual[i][0], usual[i][1]);
    for (size_t i = 0; i < count; i++)
        cd_config_set(config, more[i][0], more[i][1]);
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    cd_log_set_level("root", CD_LOG_WARN);
    cd_logger_init(&logger, "task", "bench", 0);
    bench_must(cd_source_config_parse(config, &arena, &source, &report), &err);
    chain = cd_chain_new(&(struct cd_chain_options){.worker = &worker,
                                                    .config = config,
                                                    .common = &source.common,
                                                    .connector = "bench",
                                                    .log = &logger},
                         &err);
    bench_must(chain != NULL, &err);
    out = cd_batch_new(SIZE_MAX, SIZE_MAX);
}

static void open_none(void)
{
    open_chain(NULL, 0);
}

static void open_five(void)
{
    open_chain(five, sizeof(five) / sizeof(five[0]));
}

static void to_bytes(long records)
{
    const struct cd_record rec = {
        .topic = cd_slice("lines"),
        .timestamp_ms = 1700000000000,
        .partition = CD_NO_PARTITION,
        .value_schema = cd_host()->primitives[CD_TYPE_STRING][0],
        .value = cd_string(cd_slice(LINE)),
    };
    for (long done = 0; done < records; done += BENCH_BATCH) {
        struct cd_outgoing outgoing;
        for (int i = 0; i < BENCH_BATCH; i++)
            bench_must(cd_chain_source(chain, &rec, out, &outgoing, &err) == CD_CHAIN_OUT, &err);
        cd_batch_reset(out);
    }
}

static void close_chain(void)
{
    cd_batch_free(out);
    cd_chain_free(chain);
    cd_config_free(config);
    cd_arena_done(&arena);
    cd_registry_free(registry);
    cd_worker_config_free(worker_config);
    cd_config_free(originals);
}

static const struct bench_path paths[] = {
    {"chain-source", open_none, to_bytes, close_chain},
    {"chain-source-five", open_five, to_bytes, close_chain},
};

const struct bench_paths bench_chain = {paths, sizeof(paths) / sizeof(paths[0])};
