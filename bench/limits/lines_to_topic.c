/*
 * The limit of a file source: lines of a file into a topic with librdkafka and nothing else, under
 * the client settings of a Connect worker.
 *
 *   lines_to_topic BOOTSTRAP TOPIC FILE
 */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static const char *const settings[][2] = {
    {"acks", "all"},
    {"enable.idempotence", "false"},
    {"max.in.flight.requests.per.connection", "1"},
    {"message.timeout.ms", "0"},
    {"linger.ms", "5"},
    {"partitioner", "murmur2_random"},
    {"queue.buffering.max.messages", "60000"},
    {"queue.buffering.max.kbytes", "32768"},
};

static long failed;

static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque)
{
    (void)rk;
    (void)opaque;
    if (msg->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        failed++;
}

static rd_kafka_t *new_producer(const char *bootstrap)
{
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool fine = rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, why, sizeof(why)) ==
                RD_KAFKA_CONF_OK;
    for (size_t i = 0; fine && i < sizeof(settings) / sizeof(settings[0]); i++)
        fine = rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof(why)) ==
               RD_KAFKA_CONF_OK;
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_t *rk = fine ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why)) : NULL;
    if (rk == NULL) {
        (void)fprintf(stderr, "%s\n", why);
        exit(1);
    }
    return rk;
}

int main(int argc, char **argv)
{
    FILE *lines = argc == 4 ? fopen(argv[3], "re") : NULL;
    if (lines == NULL) {
        (void)fprintf(stderr, "usage: lines_to_topic BOOTSTRAP TOPIC FILE\n");
        return 2;
    }
    rd_kafka_t *rk = new_producer(argv[1]);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[2], NULL);
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    while ((len = getline(&line, &room, lines)) > 0) {
        size_t text = (size_t)len - (line[len - 1] == '\n' ? 1 : 0);
        while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, line, text, NULL,
                                0, NULL) != 0) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
                return 1;
            (void)rd_kafka_poll(rk, 10); /* reports served do not matter here */
        }
    }
    bool safe = rd_kafka_flush(rk, 60000) == RD_KAFKA_RESP_ERR_NO_ERROR && failed == 0;
    free(line);
    (void)fclose(lines); /* was only read */
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    return safe ? 0 : 1;
}
