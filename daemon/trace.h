/*
 * What a person reads in a status: the JVM's form of an exception, so that tools that cut traces apart find what they look
 * for. First line class and message, then "\tat connectd.<stage>(<where>)" lines, then "Caused by: ..." where there is a cause.
 */
#ifndef CD_DAEMON_TRACE_H
#define CD_DAEMON_TRACE_H

#include "connectd/error.h"

/* `stage` names what was being done ("connector.start", "sink.put"). Valid UTF-8 whatever the message holds. The caller frees. */
char *cd_trace(const struct cd_error *err, const char *stage);

#endif
