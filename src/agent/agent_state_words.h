/* How states of agents are spelt: for agent_state_read.c and agent_state_write.c. */
#ifndef OU_AGENT_AGENT_STATE_WORDS_H
#define OU_AGENT_AGENT_STATE_WORDS_H

#define AGENT_STATE_SCHEMA 1

#define AGENT_STATE_BUNDLE_STATES 3
extern const char
    *const AGENT_BUNDLE_WORDS[AGENT_STATE_BUNDLE_STATES]; /* by enum agent_bundle_state */
#define AGENT_STATE_JOB_STATES 3
extern const char *const AGENT_JOB_WORDS[AGENT_STATE_JOB_STATES]; /* by enum agent_job_state */

#endif
