/* What tests ask of a finished analysis. */
#ifndef OU_ANALYSE_ANALYSIS_TEST_H
#define OU_ANALYSE_ANALYSIS_TEST_H

#include <string.h>

#include "analyse/analysis.h"
#include "support/test.h"

/* The first block whose hash begins so; fails the running test when there is none. */
static inline const struct chain_block *block(const struct analysis *a, const char *prefix)
{
    for (size_t i = 0; i < a->block_count; i++)
        if (strncmp(a->blocks[i].hash, prefix, strlen(prefix)) == 0)
            return &a->blocks[i];
    fail_msg("no block %s", prefix);
    return NULL;
}

#endif
