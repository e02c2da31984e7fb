/* Comparisons and variances: asked for by their runs, or by what their runs share; computed once, and kept. */
#include <stdlib.h>
#include <string.h>

#include "api/comparing.h"
#include "api/operation.h"
#include "api/owned.h"
#include "api/variance.h"
#include "http/server.h"
#include "report/builders.h"
#include "report/comparison_json.h"
#include "report/document_writers.h"

#define RESULT_MAX ((size_t)64 << 20)
#define REQUEST_MAX ((size_t)256 << 10)

/* ---- what is asked for, in the query ---- */

static bool read_flag(const struct http_call *call, const char *name, bool usual)
{
    const char *text = http_argument(call, name);

    return text ? strcmp(text, "true") == 0 : usual;
}

static enum compare_history history_of(const char *word)
{
    if (!word || strcmp(word, "auto") == 0)
        return COMPARE_HISTORY_AUTO;
    return strcmp(word, "yes") == 0 ? COMPARE_HISTORY_YES : COMPARE_HISTORY_NO;
}

static void read_pairing(const char *word, struct comparison_options *options)
{
    options->paired = word && strcmp(word, "always") == 0;
    options->unpaired = word && strcmp(word, "never") == 0;
}

static bool is_some_metric(const char *name)
{
    for (size_t i = 0; i < dictionary_count(); i++)
        if (metric_is_named(dictionary_row(i), name))
            return true;
    return strcmp(name, "missedSlots") == 0 || strcmp(name, "lostBlocks") == 0;
}

static bool add_metric(struct api_request *r, struct compare_wish *wish, const char *name)
{
    const struct problem_place place = { .parameter = "metric",
                                         .detail = "the dictionary of metrics has no such one" };

    if (!is_some_metric(name))
        return api_problem_at(r, PROBLEM_INVALID_PARAMETER, &place, 1, "there is no metric %.120s",
                              name);
    if (wish->metric_count == COMPARE_METRICS_MAX)
        return api_problem(r, PROBLEM_INVALID_PARAMETER, "more than %d metrics",
                           COMPARE_METRICS_MAX);
    wish->metrics[wish->metric_count++] = name;
    return true;
}

static bool add_selector(struct api_request *r, struct compare_side *side, const char *text)
{
    if (side->selector_count == COMPARE_RUNS_MAX)
        return api_problem(r, PROBLEM_INVALID_PARAMETER, "more than %d runs of a side",
                           COMPARE_RUNS_MAX);
    side->selectors[side->selector_count++] = text;
    return true;
}

static bool read_side(struct api_request *r, const char *name, struct compare_side *side)
{
    const struct problem_place place = { .parameter = name, .detail = "is needed" };
    const char *text;

    for (size_t i = 0; (text = http_argument_at(r->call, name, i)); i++)
        if (!add_selector(r, side, text))
            return false;
    return side->selector_count > 0 || api_problem_at(r, PROBLEM_INVALID_PARAMETER, &place, 1,
                                                      "which runs are meant by %s?", name);
}

static bool read_query(struct api_request *r, struct compare_wish *wish)
{
    const struct http_call *call = r->call;
    const char *scale = http_argument(call, "marginScale"), *metric;
    const char *adjust = http_argument(call, "adjust");

    wish->side_count = 2;
    wish->project = http_argument(call, "project");
    wish->profile = http_argument(call, "profile");
    wish->series = http_argument(call, "series");
    wish->history = history_of(http_argument(call, "history"));
    read_pairing(http_argument(call, "pairing"), &wish->options);
    wish->options.allow_different = read_flag(call, "allowDifferent", false);
    wish->options.no_plan = !read_flag(call, "plan", true);
    wish->options.adjustment = adjust && strcmp(adjust, "bh") == 0 ? ADJUST_BH : ADJUST_HOLM;
    if (scale)
        wish->options.margin_scale = strtod(scale, NULL);
    for (size_t i = 0; (metric = http_argument_at(call, "metric", i)); i++)
        if (!add_metric(r, wish, metric))
            return false;
    return read_side(r, "base", &wish->sides[0]) && read_side(r, "new", &wish->sides[1]);
}

/* ---- what is asked for, in a body ---- */

static const char *member_text(const json_t *body, const char *name)
{
    return json_string_value(json_object_get(body, name));
}

static bool read_list(struct api_request *r, const json_t *list, struct compare_side *side)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!add_selector(r, side, json_string_value(json_array_get(list, i))))
            return false;
    return true;
}

static bool read_sides(struct api_request *r, const json_t *body, struct compare_wish *wish)
{
    const json_t *variants = json_object_get(body, "variants");

    wish->side_count = 1 + json_array_size(variants);
    if (wish->side_count > COMPARE_SIDES_MAX)
        return api_problem(r, PROBLEM_INVALID_BODY, "more than %d variants", COMPARE_SIDES_MAX - 1);
    if (!read_list(r, json_object_get(body, "base"), &wish->sides[0]))
        return false;
    for (size_t i = 1; i < wish->side_count; i++)
        if (!read_list(r, json_array_get(variants, i - 1), &wish->sides[i]))
            return false;
    return true;
}

static bool read_body(struct api_request *r, const json_t *body, struct compare_wish *wish)
{
    const json_t *scale = json_object_get(body, "marginScale"), *plan;
    const json_t *metrics = json_object_get(body, "metrics");
    const char *adjust = member_text(body, "adjust");

    wish->project = member_text(body, "project");
    wish->profile = member_text(body, "profile");
    wish->series = member_text(body, "series");
    wish->history = history_of(member_text(body, "history"));
    read_pairing(member_text(body, "pairing"), &wish->options);
    wish->options.allow_different = json_is_true(json_object_get(body, "allowDifferent"));
    plan = json_object_get(body, "plan");
    wish->options.no_plan = plan && !json_is_true(plan);
    wish->options.adjustment = adjust && strcmp(adjust, "bh") == 0 ? ADJUST_BH : ADJUST_HOLM;
    if (scale)
        wish->options.margin_scale = json_number_value(scale);
    for (size_t i = 0; i < json_array_size(metrics); i++)
        if (!add_metric(r, wish, json_string_value(json_array_get(metrics, i))))
            return false;
    return read_sides(r, body, wish);
}

/* ---- the same in one form, which answers are kept by ---- */

static void write_texts(struct json_writer *w, const char *const *texts, size_t count)
{
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        json_cstring(w, texts[i]);
    json_end(w);
}

static void write_options(struct json_writer *w, const struct compare_wish *wish)
{
    const struct comparison_options *o = &wish->options;

    json_key(w, "adjust");
    json_cstring(w, o->adjustment == ADJUST_BH ? "bh" : "holm");
    json_key(w, "marginScale");
    json_double(w, o->margin_scale);
    json_key(w, "pairing");
    json_cstring(w, o->paired ? "always" : o->unpaired ? "never" : "auto");
    json_key(w, "allowDifferent");
    json_bool(w, o->allow_different);
    json_key(w, "plan");
    json_bool(w, !o->no_plan);
    json_key(w, "metrics");
    write_texts(w, wish->metrics, wish->metric_count);
}

static void write_request(const struct compare_wish *wish, const struct compare_work *work,
                          struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_key(&w, "base");
    write_texts(&w, wish->sides[0].runs, wish->sides[0].run_count);
    json_key(&w, "variants");
    json_begin_array(&w);
    for (size_t i = 1; i < wish->side_count; i++)
        write_texts(&w, wish->sides[i].runs, wish->sides[i].run_count);
    json_end(&w);
    write_options(&w, wish);
    json_key(&w, "history");
    json_int(&w, (int64_t)work->history_count);
    json_end(&w);
}

/* ---- the answer ---- */

static void write_csv(const struct comparison *c, struct buffer *out)
{
    struct document document;

    document_init(&document);
    document_of_comparison(c, &document);
    document_to_csv(&document, out);
    document_release(&document);
}

/* The file of the comparison stands in the answer as `ouroscope compare --json` writes it. */
static void write_json(const struct kept_answer *kept, const struct comparison *c,
                       struct buffer *out)
{
    kept_open(kept, out);
    comparison_json(c, out);
    kept_close(out);
}

static void write_result(struct api_request *r, const struct compare_work *work,
                         const struct kept_answer *kept, bool csv)
{
    struct buffer body;

    buffer_init(&body, allocator_libc(), RESULT_MAX);
    if (csv)
        write_csv(&work->result, &body);
    else
        write_json(kept, &work->result, &body);
    if (buffer_status(&body))
        api_problem(r, PROBLEM_TOO_LARGE, "the comparison is too large for one answer");
    else
        kept_put(r, kept, (struct span){ body.at, body.len });
    buffer_release(&body);
}

/* What the answer comes from, in `request`, and with it its id. */
static bool name_answer(struct api_request *r, const struct compare_wish *wish,
                        const struct compare_work *work, struct buffer *request,
                        struct kept_answer *kept)
{
    buffer_clear(request);
    write_request(wish, work, request);
    if (buffer_status(request))
        return api_problem(r, PROBLEM_TOO_LARGE, "so many runs are too many for one answer");
    kept->request = buffer_string(request);
    kept->beside = work->history_hash;
    kept_name(kept);
    return true;
}

static void place_answer(struct api_request *r, const struct kept_answer *kept)
{
    http_answer_header(r->answer, "Content-Location", "%s",
                       api_link(r, "/comparisons/%s", kept->id));
}

/* Named once more when it is made: the earlier runs may be others than a moment ago. */
static void answer_work(struct api_request *r, const struct compare_wish *wish,
                        struct compare_work *work, struct buffer *request)
{
    const bool csv = api_wants_csv(r);
    struct kept_answer kept = { .kind = csv ? "comparison in CSV" : "comparison",
                                .type = csv ? "text/csv;charset=utf-8" : "application/json",
                                .immutable = !wish->has_selectors && !work->history_hash &&
                                             strcmp(r->call->method, "GET") == 0 };

    if (!name_answer(r, wish, work, request, &kept))
        return;
    if (kept_serve(r, &kept)) {
        place_answer(r, &kept);
    } else if (compare_finish(r, wish, work) && name_answer(r, wish, work, request, &kept)) {
        place_answer(r, &kept);
        write_result(r, work, &kept, csv);
    }
}

static void answer_wish(struct api_request *r, struct compare_wish *wish)
{
    struct compare_work work = { 0 };
    struct buffer request;

    if (!compare_resolve(r, wish))
        return;
    buffer_init(&request, allocator_libc(), REQUEST_MAX);
    if (compare_begin(r, wish, &work))
        answer_work(r, wish, &work, &request);
    buffer_release(&request);
    compare_release(&work);
}

static void compare_runs(struct api_request *r)
{
    struct compare_wish *wish = calloc(1, sizeof *wish);

    if (!wish) {
        api_problem(r, PROBLEM_BUSY, "no memory for a comparison");
        return;
    }
    wish->options = COMPARISON_DEFAULTS;
    if (read_query(r, wish))
        answer_wish(r, wish);
    free(wish);
}

static void compare_runs_of_body(struct api_request *r)
{
    struct compare_wish *wish = calloc(1, sizeof *wish);
    json_t *body;

    if (!wish) {
        api_problem(r, PROBLEM_BUSY, "no memory for a comparison");
        return;
    }
    wish->options = COMPARISON_DEFAULTS;
    if (api_body_json(r, &body) && read_body(r, body, wish))
        answer_wish(r, wish);
    free(wish);
}

static bool may_see_side(struct api_request *r, const json_t *runs)
{
    for (size_t i = 0; i < json_array_size(runs); i++)
        if (!api_owned(r, OWNED_RUN, json_string_value(json_array_get(runs, i))))
            return false;
    return true;
}

static bool may_see_sides(struct api_request *r, const json_t *request)
{
    const json_t *variants = json_object_get(request, "variants");

    if (!may_see_side(r, json_object_get(request, "base")))
        return false;
    for (size_t i = 0; i < json_array_size(variants); i++)
        if (!may_see_side(r, json_array_get(variants, i)))
            return false;
    return true;
}

/* A token of one project sees comparisons of its runs alone. */
static bool may_see_kept(struct api_request *r, const char *id)
{
    struct ou_error err = { 0 };
    struct buffer text;
    json_t *request;
    bool may = true;
    enum ou_status status;

    if (!*r->holder.project)
        return true;
    buffer_init(&text, allocator_libc(), REQUEST_MAX);
    status = cached_request(r->db, id, &text, &err);
    if (!status)
        status = json_tree_parse((struct span){ buffer_string(&text), text.len }, "a request",
                                 &request, &err);
    buffer_release(&text);
    if (status)
        return api_failed(r, status, &err);
    may = may_see_sides(r, request);
    json_decref(request);
    return may;
}

/* One that was computed before, by its id: the same bytes, for as long as it is kept. */
static void get_comparison(struct api_request *r)
{
    struct kept_answer kept = { .kind = "comparison",
                                .type = "application/json",
                                .immutable = true };
    const char *id = api_path_value(r, "comparison");

    snprintf(kept.id, sizeof kept.id, "%s", id);
    if (!may_see_kept(r, id))
        return;
    if (strlen(id) != RECORD_ID_DIGITS || !kept_serve(r, &kept))
        api_problem(r, PROBLEM_NOT_FOUND,
                    "no comparison of that id is kept; ask for the same runs again");
}

const struct api_operation comparison_operations[] = {
    { "compareRuns", SCOPE_READ, OPERATION_LONG, compare_runs },
    { "compareVariants", SCOPE_READ, OPERATION_LONG, compare_runs_of_body },
    { "getComparison", SCOPE_READ, 0, get_comparison },
    { "getVariance", SCOPE_READ, OPERATION_LONG, variance_answer },
    { 0 },
};
