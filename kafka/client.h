/*
 * What all handles share: creation from Java settings, error translation, librdkafka's log into
 * ours, wake-up descriptors. The only place that understands rd_kafka_resp_err_t.
 *
 * Classification: fatal or not, retriable or not, whose fault. Authorisation errors name principal,
 * operation and resource as far as the broker tells; a plaintext client on a TLS port and the
 * reverse are recognised and said.
 */
#ifndef CD_KAFKA_CLIENT_H
#define CD_KAFKA_CLIENT_H

#include "kafka/settings.h"

/* Blocks up to `timeout_ms`. The caller frees. NULL on failure. */
char *cd_kafka_cluster_id(const struct cd_config *java_admin, int64_t timeout_ms,
                          const struct cd_logger *log, struct cd_error *err);

/* What all clients of a kind have open, and what consumers have taken, of the whole process: for
 * the metrics. Any thread. */
int cd_kafka_connections(enum cd_client_kind kind);
uint64_t cd_kafka_received_bytes(void);

/* librdkafka's version as "2.0.2". */
const char *cd_kafka_library_version(void);

#endif
