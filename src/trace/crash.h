/* When the program crashes, what the rings hold is written first: by the library's thread, which
 * goes on while the handler in the crashed one waits. */
#ifndef OU_TRACE_CRASH_H
#define OU_TRACE_CRASH_H

#include <stdbool.h>

/* Handlers for SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT; they end in those that
 * were there before. SIGNALs that are ignored are left alone. */
void crash_install(void (*wake_reader)(void));
void crash_remove(void);

/* The reader's part: whether a crashed thread waits, and that all is written. */
bool crash_is_waiting(void);
void crash_is_served(void);

#endif
