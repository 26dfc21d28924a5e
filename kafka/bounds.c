#include "kafka/library.h"

#include <assert.h>

/* From this version on a full queue is looked at again after fetch.queue.backoff.ms. */
#define HAS_QUEUE_BACKOFF 0x02020000
#define QUEUE_BACKOFF_MS 5

static void set_number(rd_kafka_conf_t *conf, const char *key, size_t number)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%zu", number);
    rd_kafka_conf_res_t res = rd_kafka_conf_set(conf, key, text, NULL, 0);
    assert(res == RD_KAFKA_CONF_OK); /* the callers keep to the ranges */
}

static size_t clamp(size_t value, size_t min, size_t max)
{
    return value < min ? min : value > max ? max : value;
}

/*
 * What a consumer holds is what is queued, one answer under way from each broker, and what was
 * handed out. librdkafka's defaults would be 64 MB or 100,000 messages. A queued message costs
 * about 300 bytes beside its payload, which librdkafka does not count: so the number is bounded
 * too.
 */
void cd_client_bound_queue(struct cd_client *client, rd_kafka_conf_t *conf,
                           const struct cd_config *java, size_t bytes_max)
{
    size_t fetch = clamp(bytes_max / 4, 65536, 50 * 1024 * 1024);
    size_t queued_kb = clamp(bytes_max / 2 / 1024, 256, 65536);
    size_t count = clamp(bytes_max / 512, 1000, 100000);
    if (!cd_config_has(java, "fetch.max.bytes")) {
        set_number(conf, "message.max.bytes", clamp(fetch, 1000, 1000000));
        set_number(conf, "fetch.max.bytes", fetch);
    }
    if (!cd_config_has(java, "max.partition.fetch.bytes"))
        set_number(conf, "max.partition.fetch.bytes", clamp(fetch, 1, 1048576));
    if (!cd_config_has(java, "librdkafka.queued.max.messages.kbytes"))
        set_number(conf, "queued.max.messages.kbytes", queued_kb);
    if (!cd_config_has(java, "librdkafka.queued.min.messages"))
        set_number(conf, "queued.min.messages", count);
    if (rd_kafka_version() >= HAS_QUEUE_BACKOFF) {
        set_number(conf, "fetch.queue.backoff.ms", QUEUE_BACKOFF_MS);
        return;
    }
    client->poke_bytes = queued_kb * 1024 / 2;
    client->poke_messages = count / 2;
}

static void wake_brokers(const struct cd_client *client, rd_kafka_t *rk)
{
    if (client->username == NULL && client->mechanism[0] != '\0')
        return; /* GSSAPI would take a name that was set for an identity to act as */
    const char *username = client->username == NULL ? "unused" : client->username;
    const char *password = client->password == NULL ? "unused" : client->password;
    rd_kafka_error_t *error = rd_kafka_sasl_set_credentials(rk, username, password);
    if (error != NULL)
        rd_kafka_error_destroy(error); /* cannot be: both are there */
}

/*
 * librdkafka before 2.2: a broker's thread that found the queue full looks again when something
 * wakes it, or after a second: with a small queue that is the end of all throughput. The one public
 * call that wakes those threads and does no more is the one that sets credentials, so the same ones
 * are set again, twice for each queue-full of messages taken.
 */
void cd_client_taken(struct cd_client *client, rd_kafka_t *rk, size_t messages, size_t bytes)
{
    cd_client_received(bytes);
    if (client->poke_bytes == 0)
        return;
    client->taken_bytes += bytes;
    client->taken_messages += messages;
    if (client->taken_bytes < client->poke_bytes && client->taken_messages < client->poke_messages)
        return;
    client->taken_bytes = 0;
    client->taken_messages = 0;
    wake_brokers(client, rk);
}
