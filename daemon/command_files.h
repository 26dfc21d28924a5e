/* Connectors named on standalone's command line: each is created as if by REST, one after another.
 */
#ifndef CD_DAEMON_COMMAND_FILES_H
#define CD_DAEMON_COMMAND_FILES_H

#include "daemon/herder.h"

/* Blocks until the connector is there. On failure `err` names the file and every problem of its
 * configuration. */
CD_MUST_CHECK bool cd_command_file_create(struct cd_herder *herder, const char *file,
                                          struct cd_error *err);

#endif
