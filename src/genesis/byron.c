#include "genesis/byron.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "genesis/dataset.h"
#include "json/tree.h"

#define BYRON_MAX_BYTES ((size_t)64 << 20) /* mainnet's has 1 MB */

extern char byron_genesis_json[];

static enum ou_status save_canonical(const char *path, const json_t *document, struct ou_error *err)
{
    char *text = json_dumps(document, JSON_SORT_KEYS | JSON_COMPACT);
    struct out_file file = { 0 };
    enum ou_status status;

    if (!text)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    status = out_open(&file, path, err);
    if (!status) {
        out_write(&file, text, strlen(text));
        status = out_commit(&file, err);
    }
    out_release(&file);
    free(text);
    return status;
}

/* The caller json_decref()s *ret, also after a failure. */
static enum ou_status load(const char *path, json_t **ret, struct ou_error *err)
{
    enum ou_status status = json_tree_load(path, BYRON_MAX_BYTES, ret, err);

    if (status || json_is_object(*ret))
        return status;
    return ou_fail(err, OU_INVALID, "%s: a Byron genesis is a JSON object", path);
}

static bool set_start(json_t *document, int64_t system_start_ns)
{
    return json_object_set_new(document, "startTime",
                               json_integer(system_start_ns / NS_PER_SECOND)) == 0;
}

/* Members of protocolConsts that are none of ours stay: the times of shared seeds. */
static bool set_constants(json_t *document, const struct profile *p)
{
    json_t *constants = json_object_get(document, "protocolConsts");

    if (!json_is_object(constants)) {
        constants = json_object();
        if (json_object_set_new(document, "protocolConsts", constants) != 0)
            return false;
    }
    return json_object_set_new(constants, "k", json_integer((json_int_t)p->security_param)) == 0 &&
           json_object_set_new(constants, "protocolMagic",
                               json_integer((json_int_t)p->network_magic)) == 0;
}

static bool complete(json_t *document, const struct profile *p, int64_t system_start_ns)
{
    json_t *given = json_object_get(json_object_get(p->document, "genesis"), "byron");

    return (!given || json_object_update_recursive(document, given) == 0) &&
           set_constants(document, p) && set_start(document, system_start_ns);
}

enum ou_status genesis_write_byron(const struct profile *p, const char *base, const char *directory,
                                   int64_t system_start_ns, struct ou_error *err)
{
    json_t *document = NULL;
    char path[PATH_MAX];
    enum ou_status status = genesis_path(directory, "byron.json", path, err);

    if (!status)
        status = base ? load(base, &document, err)
                      : json_tree_parse(span_of(byron_genesis_json), "Byron", &document, err);
    if (!status && !complete(document, p, system_start_ns))
        status = ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    if (!status)
        status = save_canonical(path, document, err);
    json_decref(document);
    return status;
}

enum ou_status genesis_set_byron_start(const char *directory, int64_t system_start_ns,
                                       struct ou_error *err)
{
    json_t *document = NULL;
    char path[PATH_MAX];
    enum ou_status status = genesis_path(directory, "byron.json", path, err);

    if (!status)
        status = load(path, &document, err);
    if (!status && !set_start(document, system_start_ns))
        status = ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    if (!status)
        status = save_canonical(path, document, err);
    json_decref(document);
    return status;
}
