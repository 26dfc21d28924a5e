/*
 * librdkafka's mock cluster as a throw-away broker: `connectd broker`. It keeps little and forgets
 * all at exit.
 */
#ifndef CD_KAFKA_MOCK_H
#define CD_KAFKA_MOCK_H

#include "connectd/error.h"

struct cd_mock;

struct cd_mock *cd_mock_start(int brokers, struct cd_error *err);
void cd_mock_stop(struct cd_mock *mock);
const char *cd_mock_bootstrap(const struct cd_mock *mock);
/* One line of `--control`: "topic NAME PARTITIONS", "error API CODE [COUNT]", "rtt BROKER MS",
 * "down BROKER", "up BROKER". False with a message for the caller. */
CD_MUST_CHECK bool cd_mock_command(struct cd_mock *mock, const char *line, struct cd_error *err);

#endif
