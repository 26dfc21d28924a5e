/*
 * The limit of a file sink: the values of a topic into a file with librdkafka and nothing else,
 * under the client settings of a Connect worker. Ends after RECORDS.
 *
 *   topic_to_lines BOOTSTRAP TOPIC PARTITIONS RECORDS FILE
 */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH 1000

static const char *const settings[][2] = {
    {"group.id", "bench-limit"},  {"enable.auto.commit", "false"},
    {"check.crcs", "true"},       {"queued.max.messages.kbytes", "16384"},
    {"fetch.wait.max.ms", "500"}, {"auto.offset.reset", "earliest"},
};

static rd_kafka_t *new_consumer(const char *bootstrap)
{
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool fine = rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, why, sizeof(why)) ==
                RD_KAFKA_CONF_OK;
    for (size_t i = 0; fine && i < sizeof(settings) / sizeof(settings[0]); i++)
        fine = rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof(why)) ==
               RD_KAFKA_CONF_OK;
    rd_kafka_t *rk = fine ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why)) : NULL;
    if (rk == NULL) {
        (void)fprintf(stderr, "%s\n", why);
        exit(1);
    }
    return rk;
}

static void assign_all(rd_kafka_t *rk, const char *topic, int partitions)
{
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(partitions);
    for (int i = 0; i < partitions; i++)
        rd_kafka_topic_partition_list_add(all, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    if (rd_kafka_assign(rk, all) != RD_KAFKA_RESP_ERR_NO_ERROR)
        exit(1);
    rd_kafka_topic_partition_list_destroy(all);
}

static long take(rd_kafka_queue_t *queue, FILE *out)
{
    static rd_kafka_message_t *batch[BATCH];
    long records = 0;
    ssize_t got = rd_kafka_consume_batch_queue(queue, 1000, batch, BATCH);
    for (ssize_t i = 0; i < got; i++) {
        if (batch[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            (void)fwrite(batch[i]->payload, 1, batch[i]->len, out); /* ferror tells at the end */
            (void)putc_unlocked('\n', out);
            records++;
        }
        rd_kafka_message_destroy(batch[i]);
    }
    return records;
}

int main(int argc, char **argv)
{
    FILE *out = argc == 6 ? fopen(argv[5], "we") : NULL;
    if (out == NULL) {
        (void)fprintf(stderr, "usage: topic_to_lines BOOTSTRAP TOPIC PARTITIONS RECORDS FILE\n");
        return 2;
    }
    rd_kafka_t *rk = new_consumer(argv[1]);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(rk);
    assign_all(rk, argv[2], (int)strtol(argv[3], NULL, 10));
    for (long left = strtol(argv[4], NULL, 10); left > 0;)
        left -= take(queue, out);
    bool written = ferror(out) == 0 && fclose(out) == 0;
    rd_kafka_queue_destroy(queue);
    (void)rd_kafka_consumer_close(rk); /* nothing is committed */
    rd_kafka_destroy(rk);
    return written ? 0 : 1;
}
