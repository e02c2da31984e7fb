/* Ctrl-C as a question: long work asks interrupt_pending() now and then, stops
 * at a clean point and returns OU_INTERRUPTED. A second Ctrl-C ends the
 * process at once. */
#ifndef OU_BASE_INTERRUPT_H
#define OU_BASE_INTERRUPT_H

#include <stdbool.h>

void interrupt_install(void); /* SIGINT and SIGTERM; main thread, once */
bool interrupt_pending(void); /* any thread; one relaxed load */

/* For those who clean up because of it, with functions that it would end: it is not pending until it is taken up again. Returns
 * whether it was. Another Ctrl-C ends the process at once all the same. */
bool interrupt_put_aside(void);
void interrupt_take_up(void);

#endif
