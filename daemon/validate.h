/*
 * What is right and wrong with a connector's configuration: the worker's definitions, the
 * connector's own, those of its transforms, predicates and converters, and what the connector finds
 * when it looks at its system (rest-api.md 4.3).
 *
 * Thread: pure but for the connector's own validate, which may block until the deadline: run it as
 * a pool job.
 */
#ifndef CD_DAEMON_VALIDATE_H
#define CD_DAEMON_VALIDATE_H

#include "config/report.h"
#include "daemon/worker.h"

/* `raw` with variables unexpanded. False with err: there is nothing to report about (no class,
 * unknown class, a variable that cannot be read); otherwise `report` has every key, with or without
 * errors. */
CD_MUST_CHECK bool cd_validate(const struct cd_worker *worker, const struct cd_config *raw,
                               int64_t deadline_ms, struct cd_report *report, struct cd_error *err);

#endif
