/* What concerns a connector as a whole: checking its settings, splitting its tables, watching. */
#ifndef CD_LITE_JOBS_H
#define CD_LITE_JOBS_H

#include "connectd/plugin.h"

/* For the JDBC class names, which PostgreSQL's library has as well, and for our own. */
extern const struct cd_connector cd_lite_source_jobs_jdbc;
extern const struct cd_connector cd_lite_source_jobs;
extern const struct cd_connector cd_lite_sink_jobs_jdbc;
extern const struct cd_connector cd_lite_sink_jobs;

#endif
