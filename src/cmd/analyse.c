#include <stdio.h>

#include "cmd/commands.h"

enum exit_code cmd_analyse(const struct parsed_options *options)
{
    (void)options;
    fputs("ouroscope analyse: not built into this program\n", stderr);
    return EXIT_FAILED;
}
