/* Hosts on this machine, for tests of those who write files for them. */
#ifndef OU_PROFILE_SITES_TEST_H
#define OU_PROFILE_SITES_TEST_H

#include "deploy/site.h"

#define SITE_HERE(PORT, DIRECTORY, PROGRAM)                                                      \
    {                                                                                            \
        .address = "127.0.0.1", .listen = "127.0.0.1", .port = (PORT), .directory = (DIRECTORY), \
        .program = (PROGRAM), .is_here = true                                                    \
    }

#endif
