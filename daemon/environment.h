/*
 * Worker settings from environment variables, in the manner of the well-known Connect images.
 *
 *   CONNECT_GROUP_ID=g              group.id=g
 *   KAFKA_...  KAFKA_CONNECT_...    the same; CONNECT_ wins
 *   CONNECTD_LOG_FORMAT=json        connectd.log.format=json
 *   CONNECT_SASL_JAAS_CONFIG_FILE=p the file's content, without its last line end
 *   BOOTSTRAP_SERVERS, GROUP_ID, ...  the bare names of Debezium's image
 *   KAFKA_CONNECT_CONFIGURATION     a whole properties text, as Strimzi gives it
 *
 * In names one underscore is a dot, two are an underscore, three a minus.
 */
#ifndef CD_DAEMON_ENVIRONMENT_H
#define CD_DAEMON_ENVIRONMENT_H

#include "base/buffer.h"
#include "config/properties.h"

/* Puts what `environment` ("NAME=value", NULL at the end) says into `into`, over what is there. */
CD_MUST_CHECK bool cd_environment_read(char *const *environment, struct cd_config *into,
                                       struct cd_error *err);

/* What a container needs and nobody set: a place for offsets, JSON by default for records. */
void cd_environment_defaults(struct cd_config *config);

/* The mode such settings mean: distributed with a group and a config topic. */
bool cd_environment_is_distributed(const struct cd_config *config);

/* As a properties file, which is read back equal. `hide` replaces secrets: for people. */
void cd_environment_write(const struct cd_config *config, bool hide, struct cd_buffer *out);

#endif
