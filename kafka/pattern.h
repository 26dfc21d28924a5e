/*
 * Inside kafka/ only: topics.regex. Java's expression is matched by compat/regex against the names
 * of all topics, now and every metadata.max.age.ms, and the subscription is changed when the
 * matching set does. librdkafka's own patterns are POSIX's, which is another language.
 *
 * The thread waits for metadata, which may take its time when brokers are away; therefore nobody
 * waits for the thread: it keeps the handle by `hold` until it has noticed the end.
 */
#ifndef CD_KAFKA_PATTERN_H
#define CD_KAFKA_PATTERN_H

#include "kafka/library.h"

struct cd_pattern;

struct cd_pattern_options {
    rd_kafka_t *rk;
    const char *regex;
    const struct cd_config *java;
    const struct cd_logger *log;
    void (*release)(void *arg); /* the thread needs `rk` no longer; called from it */
    void *arg;
};

/* NULL with PatternSyntaxException or if there is no thread to be had; then release is not called.
 */
struct cd_pattern *cd_pattern_start(const struct cd_pattern_options *options, struct cd_error *err);
/* The subscription does not change any more. NULL is allowed. */
void cd_pattern_stop(struct cd_pattern *pattern);

#endif
