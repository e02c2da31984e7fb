/* The folds and the outputs that the program has added (<ouroscope/message.h>).
 * All but the public calls: under the lock of consumer.h. */
#ifndef OU_TRACE_FOLDS_H
#define OU_TRACE_FOLDS_H

#include <ouroscope/message.h>

#include "base/buffer.h"
#include "trace/render.h"

#define FOLDS_MAX 64
#define ADDED_OUTPUTS_MAX 16

bool folds_want(const struct ou_point *point);
void folds_step(const struct ou_message *m);
void folds_forget(const struct ou_point *point); /* it is about to be unloaded */

int added_outputs(void); /* how many there are */

/* Hands a message to those that want it. line is scratch. Returns to how many. */
int added_outputs_write(const struct plan *plan, const struct ou_message *m, struct buffer *line);

#endif
