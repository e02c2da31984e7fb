#include "profile/ledger_parameters.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "json/tree.h"

extern char parameters_mainnet_json[], parameters_overlays_json[];

/* Read when first asked for, and kept until the program ends; NULL: no memory. */
static json_t *timeline; /* [{"epoch", "desc", "genesis": {"shelley", ...}}, ...], by epoch */
static json_t *changes;  /* {name: {"desc", "genesis"}, ...} */
static pthread_once_t read_once = PTHREAD_ONCE_INIT;

static json_t *read_text(const char *text, const char *name)
{
    json_t *tree = NULL;

    return json_tree_parse(span_of(text), name, &tree, NULL) ? NULL : tree;
}

static void read_all(void)
{
    timeline = read_text(parameters_mainnet_json, "mainnet's parameters");
    changes = read_text(parameters_overlays_json, "changes of parameters");
}

static bool lay_epochs(uint32_t epoch, struct layered *l)
{
    size_t i;
    json_t *entry;

    json_array_foreach(timeline, i, entry)
    {
        json_int_t since = json_integer_value(json_object_get(entry, "epoch"));
        char origin[80];

        if (since > epoch)
            break;
        snprintf(origin, sizeof origin, "mainnet's parameters, epoch %" PRIu32, epoch);
        if (since < epoch)
            snprintf(origin + strlen(origin), sizeof origin - strlen(origin),
                     " (since %" JSON_INTEGER_FORMAT ")", since);
        if (!layered_add(l, json_object_get(entry, "genesis"), origin, LAYER_ERASES))
            return false;
    }
    return true;
}

static enum ou_status lay_overlay(const char *name, struct layered *l, struct ou_error *err)
{
    const json_t *overlay = json_object_get(changes, name);
    char origin[120];
    struct suggestion s;

    if (!overlay) {
        suggest_for(&s, span_of(name));
        for (size_t i = 0; ledger_overlay_name(i); i++)
            suggest_consider(&s, ledger_overlay_name(i));
        return ou_fail(err, OU_NOT_FOUND,
                       "genesis.pparamsOverlays: no change of parameters is called "
                       "\"%.64s\"%s%s%s",
                       name, s.best ? "; did you mean \"" : "", s.best ? s.best : "",
                       s.best ? "\"?" : "");
    }
    snprintf(origin, sizeof origin, "parameters %.64s", name);
    return layered_add(l, json_object_get(overlay, "genesis"), origin, LAYER_ERASES)
               ? OU_OK
               : ou_fail(err, OU_NO_MEMORY, "parameters: no memory");
}

enum ou_status ledger_parameters_make(uint32_t epoch, const json_t *overlays, struct layered *ret,
                                      struct ou_error *err)
{
    enum ou_status status = OU_OK;
    size_t i;
    json_t *name;

    pthread_once(&read_once, read_all);
    if (!layered_begin(ret) || !timeline || !changes || !lay_epochs(epoch, ret))
        return ou_fail(err, OU_NO_MEMORY, "mainnet's parameters: no memory");
    json_array_foreach((json_t *)overlays, i, name)
    {
        status = lay_overlay(json_string_value(name), ret, err);
        if (status)
            return status;
    }
    return OU_OK;
}

const char *ledger_overlay_name(size_t i)
{
    pthread_once(&read_once, read_all);
    return json_tree_key_at(changes, i);
}

const char *ledger_overlay_description(size_t i)
{
    const char *name = ledger_overlay_name(i);

    return name ? json_string_value(json_object_get(json_object_get(changes, name), "desc")) : NULL;
}
