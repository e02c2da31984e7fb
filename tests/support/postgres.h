/* A PostgreSQL server for a test program: tests/support/postgres.py, started once and ended with the program. */
#ifndef OU_SUPPORT_POSTGRES_H
#define OU_SUPPORT_POSTGRES_H

/* A URL of an empty database of it (by the socket), started with the first call; NULL, with a word on
 * standard error, where it cannot be had. */
const char *postgres_url(void);
/* "kill", "start", "stop-fast": returns when it is done. The server was started. */
void postgres_command(const char *command);
void postgres_stop(void); /* also where none was started */

#endif
