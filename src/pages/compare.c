/* A comparison: /compare?base=...&new=..., with the words that the API has for sides, which are ids of runs, "version:NAME" or
 * "series:ID". Ids are hashes of contents, so that such an address always means the same. */
#include <stdlib.h>
#include <string.h>

#include "api/comparing.h"
#include "pages/choose.h"
#include "report/builders.h"

/* --- What is asked for ------------------------------------------------------------------------------------ */

static bool read_side(struct api_request *r, const char *name, struct compare_side *ret)
{
    const char *value;

    for (size_t i = 0; (value = http_argument_at(r->call, name, i)) != NULL; i++) {
        if (!*value)
            continue;
        if (ret->selector_count == COMPARE_RUNS_MAX)
            return false;
        ret->selectors[ret->selector_count++] = value;
    }
    return true;
}

static bool is_yes(const char *text)
{
    return text && (strcmp(text, "true") == 0 || strcmp(text, "yes") == 0);
}

/* What is given, for the API, too: "base=...&new=...". */
static bool read_wish(struct api_request *r, struct compare_wish *ret)
{
    const char *adjust = page_argument(r, "adjust"), *scale = page_argument(r, "marginScale");

    *ret = (struct compare_wish){ .side_count = 2, .options = COMPARISON_DEFAULTS };
    ret->series = page_argument(r, "series");
    ret->project = page_argument(r, "project");
    ret->profile = page_argument(r, "profile");
    ret->options.allow_different = is_yes(page_argument(r, "allowDifferent"));
    if (adjust && strcmp(adjust, "bh") == 0)
        ret->options.adjustment = ADJUST_BH;
    if (scale)
        ret->options.margin_scale = strtod(scale, NULL);
    return read_side(r, "base", &ret->sides[0]) && read_side(r, "new", &ret->sides[1]) &&
           ret->options.margin_scale > 0 && ret->options.margin_scale <= 100;
}

/* --- The page ----------------------------------------------------------------------------------------------- */

static const char *query_of_ids(struct api_request *r, const struct compare_wish *wish)
{
    const char *text = "";

    for (size_t i = 0; i < wish->side_count; i++)
        for (size_t k = 0; k < wish->sides[i].run_count; k++)
            text = page_say(r, "%s%s%s=%s", text, *text ? "&" : "", i ? "new" : "base",
                            page_encoded(r, wish->sides[i].runs[k]));
    return page_say(r, "%s%s", text, wish->options.allow_different ? "&allowDifferent=true" : "");
}

static void put_links(struct api_request *r, const struct document *d, void *context)
{
    const char *query = query_of_ids(r, context);

    (void)d;
    page_put(r, "<ul class=\"links\">\n<li><a href=\"/compare?", query,
             "\">Link to this comparison</a></li>\n");
    page_put(r, "<li><a href=\"/api/v1/comparisons?", query, "\">The same as JSON</a></li>\n");
    buffer_text(&r->answer->body, "<li><a href=\"/compare\">Choose others</a></li>\n</ul>\n");
}

static void answer(struct api_request *r, struct compare_wish *wish, const struct comparison *c)
{
    struct page_head head = { .part = PAGE_COMPARE, .contents = true };
    struct document d;

    document_init(&d);
    d.runs_at = "/runs/";
    document_of_comparison(c, &d);
    page_document(r, &head, &d, put_links, wish);
}

static void compare(struct api_request *r, struct compare_wish *wish)
{
    struct compare_work work = { .set_count = 0 };

    if (compare_resolve(r, wish) && compare_begin(r, wish, &work) && compare_finish(r, wish, &work))
        answer(r, wish, &work.result);
    compare_release(&work);
}

void page_compare(struct api_request *r)
{
    struct compare_wish *wish = arena_take(&r->memory, sizeof *wish, _Alignof(struct compare_wish));

    if (!wish)
        page_failed(r, OU_NO_MEMORY, &(struct ou_error){ "no memory for a comparison" });
    else if (!read_wish(r, wish))
        page_refused(r, PROBLEM_INVALID_PARAMETER,
                     "A side has at most %d runs, and marginScale is above 0, at most 100.",
                     COMPARE_RUNS_MAX);
    else if (wish->sides[0].selector_count == 0 || wish->sides[1].selector_count == 0)
        page_choose(r);
    else
        compare(r, wish);
}
