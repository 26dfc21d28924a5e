/*
 * What systemd wants to know of a service of Type=notify: readiness, stopping, and that it is
 * alive. The protocol is one datagram a message, so no library is needed.
 *
 * Thread: any. Without NOTIFY_SOCKET nothing happens.
 */
#ifndef CD_DAEMON_NOTIFY_H
#define CD_DAEMON_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=...", several on lines of their own. */
void cd_notify(const char *state);
/* How often WATCHDOG=1 must be said at least; 0: nobody waits for it. */
int64_t cd_notify_watchdog_ms(void);

#endif
