/*
 * sasl.jaas.config: Java's way to write credentials, `class flag key="value" ...;`.
 *
 * The login class decides what the options mean; only the four modules of Kafka's own mechanisms
 * are understood. GSSAPI's keytab and principal end in a shell command inside librdkafka, so what a
 * shell would act upon is refused.
 */
#ifndef CD_KAFKA_JAAS_H
#define CD_KAFKA_JAAS_H

#include "config/properties.h"

/* Adds librdkafka's credentials to `native`. `mechanism` is sasl.mechanism. */
CD_MUST_CHECK bool cd_jaas_translate(const char *text, const char *mechanism,
                                     struct cd_config *native, struct cd_error *err);

#endif
