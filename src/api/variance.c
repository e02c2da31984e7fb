#include "api/variance.h"

#include <stdlib.h>
#include <string.h>

#include "api/comparing.h"
#include "http/server.h"
#include "report/builders.h"
#include "report/document_writers.h"
#include "study/read_runs.h"
#include "study/variance_file.h"

#define RESULT_MAX ((size_t)64 << 20)
#define REQUEST_MAX ((size_t)64 << 10)

struct variance_wish {
    struct compare_wish runs; /* one side */
    struct variance_options options;
    bool csv;
};

static bool is_true(const char *text)
{
    return text && strcmp(text, "true") == 0;
}

static bool read_query(struct api_request *r, struct variance_wish *wish)
{
    const struct problem_place place = { .parameter = "run", .detail = "is needed" };
    const char *aspect = http_argument(r->call, "aspect"), *plan = http_argument(r->call, "plan");
    struct compare_side *side = &wish->runs.sides[0];
    const char *text;

    wish->options = VARIANCE_DEFAULTS;
    wish->options.aspect =
        aspect && strcmp(aspect, "overall") == 0 ? ASPECT_OVERALL : ASPECT_INTER_RUN;
    wish->options.allow_different = is_true(http_argument(r->call, "allowDifferent"));
    wish->options.no_plan = plan && !is_true(plan);
    wish->runs.side_count = 1;
    wish->runs.project = http_argument(r->call, "project");
    wish->runs.profile = http_argument(r->call, "profile");
    wish->runs.series = http_argument(r->call, "series");
    wish->runs.options.allow_different = wish->options.allow_different;
    for (size_t i = 0; (text = http_argument_at(r->call, "run", i)); i++) {
        if (side->selector_count == COMPARE_RUNS_MAX)
            return api_problem(r, PROBLEM_INVALID_PARAMETER, "more than %d runs", COMPARE_RUNS_MAX);
        side->selectors[side->selector_count++] = text;
    }
    return side->selector_count > 0 ||
           api_problem_at(r, PROBLEM_INVALID_PARAMETER, &place, 1, "which runs are meant by run?");
}

static void write_request(const struct variance_wish *wish, struct buffer *out)
{
    const struct compare_side *side = &wish->runs.sides[0];
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_key(&w, "runs");
    json_begin_array(&w);
    for (size_t i = 0; i < side->run_count; i++)
        json_cstring(&w, side->runs[i]);
    json_end(&w);
    json_key(&w, "aspect");
    json_cstring(&w, wish->options.aspect == ASPECT_OVERALL ? "overall" : "inter-run");
    json_key(&w, "allowDifferent");
    json_bool(&w, wish->options.allow_different);
    json_key(&w, "plan");
    json_bool(&w, !wish->options.no_plan);
    json_end(&w);
}

/* The file stands in the answer as `ouroscope variance --json` writes it. */
static void write_json(const struct kept_answer *kept, const struct variance *v, struct buffer *out)
{
    kept_open(kept, out);
    variance_file(v, out);
    kept_close(out);
}

static void write_csv(const struct variance *v, struct buffer *out)
{
    struct document document;

    document_init(&document);
    document_of_variance(v, &document);
    document_to_csv(&document, out);
    document_release(&document);
}

static void answer(struct api_request *r, const struct variance_wish *wish,
                   const struct kept_answer *kept, const struct variance *v)
{
    struct buffer body;

    buffer_init(&body, allocator_libc(), RESULT_MAX);
    if (wish->csv)
        write_csv(v, &body);
    else
        write_json(kept, v, &body);
    if (buffer_status(&body))
        api_problem(r, PROBLEM_TOO_LARGE, "the variance is too large for one answer");
    else
        kept_put(r, kept, (struct span){ body.at, body.len });
    buffer_release(&body);
}

static void compute(struct api_request *r, const struct variance_wish *wish,
                    const struct kept_answer *kept)
{
    struct variance v = { 0 };
    struct ou_error err = { 0 };
    struct run_set runs;
    enum ou_status status;

    run_set_init(&runs);
    if (compare_load_side(r, &wish->runs.sides[0], &runs) &&
        (wish->options.allow_different || compare_check_alike(r, &runs, 1, "run"))) {
        run_set_sort(&runs);
        run_set_name(&runs, "runs");
        status = variance_compute(&runs, &wish->options, &v, &err);
        if (status)
            api_failed(r, status, &err);
        else
            answer(r, wish, kept, &v);
        variance_release(&v);
    }
    run_set_release(&runs);
}

static void answer_wish(struct api_request *r, struct variance_wish *wish)
{
    struct kept_answer kept = { .kind = wish->csv ? "variance in CSV" : "variance",
                                .type = wish->csv ? "text/csv;charset=utf-8" : "application/json" };
    struct buffer request;

    if (!compare_resolve(r, &wish->runs))
        return;
    buffer_init(&request, allocator_libc(), REQUEST_MAX);
    write_request(wish, &request);
    kept.immutable = !wish->runs.has_selectors;
    kept.request = buffer_string(&request);
    kept_name(&kept);
    if (buffer_status(&request))
        api_problem(r, PROBLEM_TOO_LARGE, "so many runs are too many for one answer");
    else if (!kept_serve(r, &kept))
        compute(r, wish, &kept);
    buffer_release(&request);
}

void variance_answer(struct api_request *r)
{
    struct variance_wish *wish = calloc(1, sizeof *wish);

    if (!wish) {
        api_problem(r, PROBLEM_BUSY, "no memory for a variance");
        return;
    }
    wish->csv = api_wants_csv(r);
    if (read_query(r, wish))
        answer_wish(r, wish);
    free(wish);
}
