/*
 * What `connectd doctor` looks at before a worker is started, and what it finds: each finding with
 * what to do about it. Nothing is changed anywhere.
 *
 * Thread: main's.
 */
#ifndef CD_DAEMON_DOCTOR_H
#define CD_DAEMON_DOCTOR_H

#include "daemon/setup.h"
#include "kafka/admin.h"

#include <jansson.h>

enum cd_finding {
    CD_FINE,
    CD_NOTE,    /* worth knowing */
    CD_DOUBT,   /* works, or will, but probably not as meant */
    CD_PROBLEM, /* the worker or the connector will not work */
};

struct cd_doctor {
    struct cd_setup *setup;
    bool json;             /* findings are collected instead of printed */
    bool colours;          /* standard output is a terminal */
    bool about_connectors; /* what is found now concerns a connector, not the worker */
    size_t found[CD_PROBLEM + 1];
    size_t connector_problems;
    json_t *findings;
    struct cd_admin *admin; /* NULL: the cluster cannot be talked to */
    size_t brokers;
    struct cd_logger log;
};

/* Prints or keeps one finding. `check` names the area ("tls"); `fix` may be NULL. */
CD_PRINTF(5, 6)
void cd_doctor_say(struct cd_doctor *doctor, enum cd_finding verdict, const char *check,
                   const char *fix, const char *fmt, ...);

/* doctor_network.c: names, ports, TLS. False: no broker can be reached, so Kafka need not be tried.
 */
bool cd_doctor_network(struct cd_doctor *doctor);
/* One "host:port": does it resolve and accept? */
bool cd_doctor_reachable(struct cd_doctor *doctor, const char *what, const char *host, int port);
/* doctor_kafka.c: credentials, versions, advertised names, internal topics and rights. */
void cd_doctor_kafka(struct cd_doctor *doctor);
/* Would the broker make this topic? Says so if not. */
void cd_doctor_may_create(struct cd_doctor *doctor, const char *why,
                          const struct cd_topic_spec *spec);
/* doctor_connector.c */
void cd_doctor_connector(struct cd_doctor *doctor, const char *path);
/* doctor_local.c: the clock, limits, listeners, files. */
void cd_doctor_local(struct cd_doctor *doctor);

#endif
