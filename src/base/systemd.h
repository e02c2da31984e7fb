/* What a service tells systemd of itself: sd_notify's protocol, which is datagrams to the socket that $NOTIFY_SOCKET names
 * (man sd_notify). Without one, because the program was started by hand, nothing is told and nothing fails. Any thread, as
 * long as none changes the environment. */
#ifndef OU_BASE_SYSTEMD_H
#define OU_BASE_SYSTEMD_H

void systemd_ready(void);     /* all that was asked for is open, or a reload is over */
void systemd_reloading(void); /* systemd_ready() must follow, also when the reload has failed */
void systemd_stopping(void);

/* The service is well. To be called about once a second; with WatchdogSec= in its unit, systemd starts a service anew that does
 * not say so in time. Nothing is sent where systemd does not wait for it. */
void systemd_alive(void);

#endif
