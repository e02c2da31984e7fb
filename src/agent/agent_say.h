/* What an agent says to whoever reads the log of its task: lines with the time, from any of its threads. */
#ifndef OU_AGENT_AGENT_SAY_H
#define OU_AGENT_AGENT_SAY_H

struct agent_voice {
    void (*say)(void *context, const char *line); /* NULL: it is silent */
    void *context;
};

void agent_say(const struct agent_voice *voice, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
