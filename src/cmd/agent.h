/* Options of `ouroscope agent`, by their place in its row. */
#ifndef OU_CMD_AGENT_H
#define OU_CMD_AGENT_H

#include "cmd/help.h"

enum { AGENT_OPTION_TASK, AGENT_OPTION_FOLDER, AGENT_OPTION_LOST_AFTER };

enum exit_code cmd_agent(const struct parsed_options *options);

#endif
