/* SIGHUP is ignored when the program starts, and stays so; else it would reload: nohup CONFIG */
#include "numbers.h"

#include <signal.h>

int main(int argc, char **argv)
{
    struct ou_trace_options options = { .config_path = argc == 2 ? argv[1] : NULL };
    struct sigaction now;

    if (ou_trace_start(&options, NULL) != OU_OK)
        return 2;
    sigaction(SIGHUP, NULL, &now);
    if (now.sa_handler != SIG_IGN)
        return 1;
    raise(SIGHUP);
    ou_trace_stop();
    sigaction(SIGHUP, NULL, &now);
    return now.sa_handler != SIG_IGN;
}
