/* Inside kafka/ only: what the two files of the consumer share. */
#ifndef CD_KAFKA_CONSUMER_PRIVATE_H
#define CD_KAFKA_CONSUMER_PRIVATE_H

#include "kafka/consumer.h"
#include "kafka/library.h"
#include "kafka/pattern.h"

struct cd_complaint {
    struct cd_complaint *next;
    struct cd_error err;
};

struct cd_consumer {
    struct cd_client client;
    rd_kafka_t *rk;
    rd_kafka_queue_t *events;   /* the group's queue: rebalances, errors, outcomes of commits */
    rd_kafka_queue_t *messages; /* all assigned partitions are forwarded here */
    rd_kafka_queue_t *closing;  /* takes the place of `events` while leaving */
    struct cd_pattern *pattern; /* topics.regex; NULL: none */
    void (*wake)(void *arg);
    void *wake_arg;
    atomic_int refs; /* the task's and one a fetched set: messages must not outlive the handle */
    bool closed_first;

    size_t fetch_bytes_max;

    struct cd_complaint *errors; /* came with messages, wait for cd_consumer_event */
    rd_kafka_resp_err_t last_error;
    int64_t last_error_ms;
};

/* The last one destroys the handle. */
void cd_consumer_unref(void *consumer);
/* Puts librdkafka's complaint in our terms; false if nobody needs to hear it (now). */
bool cd_consumer_explain(struct cd_consumer *consumer, rd_kafka_resp_err_t code, const char *text,
                         struct cd_error *err);

#endif
