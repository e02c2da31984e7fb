#include "profile/catalogue.h"

#include <pthread.h>
#include <string.h>

#include "base/suggest.h"
#include "json/tree.h"
#include "profile/profile.h"

extern char profiles_default_json[], profiles_ours_json[], profiles_published_2026_json[],
    profiles_published_2023_json[], profiles_variants_json[], profiles_editions_json[],
    profiles_links_json[];

/* All that is built in, read when it is first asked for and kept until the program ends: names and descriptions are given
 * out as they stand there. NULL: no memory. */
static json_t *profiles, *variants, *editions, *links;
static pthread_once_t read_once = PTHREAD_ONCE_INIT;

/* The data is ours and tested: it fails for want of memory alone. */
static json_t *read_text(const char *text, const char *name)
{
    json_t *tree = NULL;

    return json_tree_parse(span_of(text), name, &tree, NULL) ? NULL : tree;
}

static bool add_profiles(const char *text)
{
    json_t *more = read_text(text, "built-in profiles");
    bool good = more && json_object_update(profiles, more) == 0;

    json_decref(more);
    return good;
}

/* In the order of help. */
static void read_all(void)
{
    profiles = json_object();
    if (!profiles || !add_profiles(profiles_ours_json) || !add_profiles(profiles_default_json) ||
        !add_profiles(profiles_published_2026_json) ||
        !add_profiles(profiles_published_2023_json)) {
        json_decref(profiles);
        profiles = NULL;
    }
    variants = read_text(profiles_variants_json, "built-in variants");
    editions = read_text(profiles_editions_json, "built-in editions");
    links = read_text(profiles_links_json, "built-in links");
}

/* ---- by name ---- */

static enum ou_status fail_name(const json_t *all, const char *what, const char *name,
                                const char *otherwise, struct ou_error *err)
{
    struct suggestion s;
    const char *known;
    json_t *value;

    suggest_for(&s, span_of(name));
    json_object_foreach((json_t *)all, known, value)
    {
        suggest_consider(&s, known);
    }
    if (s.best)
        return ou_fail(err, OU_NOT_FOUND, "no %s is called \"%.64s\"; did you mean \"%s\"?", what,
                       name, s.best);
    return ou_fail(err, OU_NOT_FOUND, "no %s is called \"%.64s\"%s", what, name, otherwise);
}

/* A copy of the member `name` of one of the above. */
static enum ou_status copy(const json_t *all, const char *what, const char *name,
                           const char *otherwise, json_t **ret, struct ou_error *err)
{
    const json_t *found = json_object_get(all, name);

    if (all && !found)
        return fail_name(all, what, name, otherwise, err);
    *ret = found ? json_deep_copy(found) : NULL;
    return *ret ? OU_OK : ou_fail(err, OU_NO_MEMORY, "%s: no memory", what);
}

enum ou_status profile_catalogue_find(const char *name, json_t **ret, struct ou_error *err)
{
    json_t *document = NULL;
    enum ou_status status;

    pthread_once(&read_once, read_all);
    status = copy(profiles, "profile", name, " (a file's name has a slash or ends in .json)",
                  &document, err);
    if (status)
        return status;
    if (json_object_set_new(document, "name", json_string(name)) != 0) {
        json_decref(document);
        return ou_fail(err, OU_NO_MEMORY, "profile %.64s: no memory", name);
    }
    *ret = document;
    return OU_OK;
}

enum ou_status profile_catalogue_find_variant(const char *name, json_t **ret, struct ou_error *err)
{
    enum ou_status status;

    pthread_once(&read_once, read_all);
    status =
        copy(variants, "variant", name, " (a file's name has a slash or ends in .json)", ret, err);
    if (!status)
        json_object_del(*ret, "desc");
    return status;
}

enum ou_status profile_catalogue_find_edition(const char *name, json_t **ret, struct ou_error *err)
{
    pthread_once(&read_once, read_all);
    return copy(editions, "edition", name, "", ret, err);
}

enum ou_status profile_catalogue_links(json_t **ret, struct ou_error *err)
{
    pthread_once(&read_once, read_all);
    *ret = json_deep_copy(links);
    return *ret ? OU_OK : ou_fail(err, OU_NO_MEMORY, "links: no memory");
}

/* ---- lists ---- */

const char *profile_builtin_name(size_t i)
{
    pthread_once(&read_once, read_all);
    return json_tree_key_at(profiles, i);
}

const char *profile_variant_name(size_t i)
{
    pthread_once(&read_once, read_all);
    return json_tree_key_at(variants, i);
}

const char *profile_variant_description(size_t i)
{
    const char *name = profile_variant_name(i);

    return name ? json_string_value(json_object_get(json_object_get(variants, name), "desc"))
                : NULL;
}
