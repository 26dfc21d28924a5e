/* What the process itself says: time, memory, threads, under the names of Prometheus' clients and,
 * for the panels of JVM boards, under those of a JVM. */
#ifndef CD_DAEMON_METRICS_PROCESS_H
#define CD_DAEMON_METRICS_PROCESS_H

#include "base/buffer.h"

void cd_metrics_process(struct cd_buffer *out, int64_t started_wall_ms);

#endif
