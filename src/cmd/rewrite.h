/* The configuration of the older tracing system, rewritten to the one of today: what
 * `ouroscope names --config` does. */
#ifndef OU_CMD_REWRITE_H
#define OU_CMD_REWRITE_H

#include "json/tree.h"

struct rewritten {
    json_t *config;  /* all members that are not about the older system, then the new ones */
    json_t *remarks; /* a list of {"line", "key", "outcome", "text"}; see below */
    bool was_yaml;
};

/* Outcomes: "changed": there is a counterpart; "lost": there is none; "unneeded": nothing is
 * missing without it. text is YAML or JSON, with the keys of a node's file at its top; name is for
 * messages (NAME:LINE: what). A file of the new system is as it was, without what it no longer
 * needs. OU_INVALID for a file, or a value, that means nothing. */
enum ou_status rewrite_config(struct span text, const char *name, struct rewritten *ret,
                              struct ou_error *err);
void rewritten_release(struct rewritten *r); /* a zeroed one is fine */

/* A tree as YAML that reads back the same. */
enum ou_status yaml_append(struct buffer *out, const json_t *tree, struct ou_error *err);

#endif
