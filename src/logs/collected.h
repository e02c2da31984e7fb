/* Files as a collector of traces names them: NODE/node-2026-03-22T06-24-52.json, perhaps compressed,
 * and beside it a link NODE/node.json to the current one (docs/formats/log-files.md). */
#ifndef OU_LOGS_COLLECTED_H
#define OU_LOGS_COLLECTED_H

#include <stdbool.h>

/* In what form it wrote a node's messages; one may stand beside another, with the same messages.
 * What says most to a program comes first. */
enum collected_form {
    COLLECTED_MACHINE, /* .json */
    COLLECTED_LEGACY,  /* .scjson: the layout of the older system */
    COLLECTED_HUMAN,   /* .log */
    COLLECTED_NOT,     /* the name is none of a collector's */
};

/* By the name of a file, without folder. Any thread. */
enum collected_form collected_form_of(const char *name);

/* Is this the link to the current file: node.json, node.scjson or node.log, leading to a file of that
 * form in the same folder? Such a link never leads to anything that is not beside it. */
bool collected_is_link(const char *path);

#endif
