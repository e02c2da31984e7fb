/* What a run is made of: programs with their versions, commits, compilers and flags. */
#ifndef OU_WORKBENCH_MANIFEST_H
#define OU_WORKBENCH_MANIFEST_H

#include "profile/profile.h"

/* [{"name", "version", "commit", "compiler", "flags": [...]}, ...]: ouroscope first, then the program under test where it is another
 * one, by the path `node_program` (NULL: there is none). A cardano-node is asked for its version; a program
 * that GHC has made, for what it was made with; of any other program, and in place of what is not
 * told, "sha256:..." of its bytes is the version. null for what is not known. Runs the program, for a few seconds at
 * most. The caller json_decref()s it; NULL: no memory. */
json_t *manifest_components(const struct profile *p, const char *node_program);

/* The row of a cardano-node from what `cardano-node --version` prints:
 * "cardano-node 10.5.1 - linux-x86_64 - ghc-9.6\ngit rev 0123...\n". NULL: it is none. Pure. */
json_t *manifest_of_cardano_node(const char *text);

/* "compiler" and "flags" of a row from what `PROGRAM +RTS --info` prints: [("GHC version", "9.6.6"), ("RTS way", "rts_thr"), ...].
 * False when it is no such text. Pure. */
bool manifest_add_ghc(json_t *row, const char *text);

#endif
