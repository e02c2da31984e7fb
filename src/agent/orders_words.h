/* How orders are spelt: for orders_read.c and orders_write.c. */
#ifndef OU_AGENT_ORDERS_WORDS_H
#define OU_AGENT_ORDERS_WORDS_H

#include <stddef.h>

#define ORDERS_SCHEMA 1

#define ORDERS_READY_KINDS 5
extern const char *const ORDERS_READY_WORDS[ORDERS_READY_KINDS]; /* by enum ready_kind */
#define ORDERS_JOB_KINDS 4
extern const char *const ORDERS_JOB_WORDS[ORDERS_JOB_KINDS]; /* by enum order_job_kind */

#endif
