/*
 * Values from outside that change: what a connector's variables (${file:...}, ${vault:...}) stand
 * for is looked at again, and a connector for which it differs is restarted with its tasks.
 *
 * When: after the time to live that a provider gave, as the JVM does (config.action.reload=restart,
 * the default), and every connectd.secrets.check.ms where that is set: the stock providers give no
 * time to live. Only a fingerprint is kept, never a value. A change seen by a check counts when the
 * next look sees the same: a file may be half written.
 *
 * Thread: the herder's; looking runs as a pool job, because a provider may block.
 */
#ifndef CD_DAEMON_SECRETS_H
#define CD_DAEMON_SECRETS_H

#include <stdbool.h>
#include <stdint.h>

struct cd_deployment;

/* Zeroed: look at once. */
struct cd_secrets {
    uint64_t epoch; /* looks begun in an earlier one do not count */
    bool looking;
    bool troubled;        /* the last look failed, and that was said */
    uint64_t fingerprint; /* of the values it runs with; 0: not known yet */
    uint64_t suspect;     /* another one, seen once; 0: none */
    int64_t look_at_ms;   /* INT64_MAX: never */
};

/* The connector starts anew: from what the values are now. */
void cd_secrets_forget(struct cd_secrets *secrets);
/* Looks, if it is time and the connector has variables. */
void cd_secrets_reconcile(struct cd_deployment *deployment);

#endif
