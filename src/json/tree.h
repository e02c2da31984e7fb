/* JSON documents as trees (jansson), for configuration, genesis and filters:
 * where speed does not matter. Log lines go through json/scan.h instead. */
#ifndef OU_JSON_TREE_H
#define OU_JSON_TREE_H

#include <jansson.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/span.h"
#include "base/status.h"

/* Reads one document, an object or an array. Duplicate keys, NUL in text and
 * more than 2048 levels are refused; an integer above 64 bits reads as a real,
 * all others exactly. The message says NAME:LINE: reason. The caller json_decref()s
 * *ret. Documents above max_bytes are OU_TOO_LARGE. */
enum ou_status json_tree_parse(struct span text, const char *name, json_t **ret,
                               struct ou_error *err);
enum ou_status json_tree_load(const char *path, size_t max_bytes, json_t **ret,
                              struct ou_error *err);

/* The name of an object's member number i, from 0; NULL behind the last, and of anything else. It takes i steps. */
const char *json_tree_key_at(const json_t *object, size_t i);

/* Appends a document as text: two blanks a level, members in their order, numbers in the shortest form that reads back
 * the same. Failures stick to the buffer. A document in which something is missing, because jansson lacked memory in this thread
 * when it was built (tree_memory.h), is none: OU_NO_MEMORY. */
void json_tree_append(struct buffer *out, const json_t *tree);

/* json_dumps(), likewise only of a document that is whole; NULL without memory. The caller free()s it. */
char *json_tree_text(const json_t *tree, size_t flags);

/* Writes a document to be read by people, too: two blanks a level, members in their order. A reader sees the old
 * file or the complete new one. */
enum ou_status json_tree_save(const json_t *tree, const char *path, struct ou_error *err);

#endif
