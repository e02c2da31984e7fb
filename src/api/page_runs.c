/* All runs, those that are asked for, the newest first. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/page_form.h"
#include "api/page_rows.h"

enum { RUNS_SHOWN = 50 };

/* --- What is asked for ----------------------------------------------------------------------------------- */

static bool read_place(const char *text, struct run_filter *f)
{
    int end = 0;

    if (!text)
        return true;
    f->goes_on =
        sscanf(text, "%" SCNd64 ".%" SCNd64 "%n", &f->before_sort_ns, &f->before_no, &end) == 2 &&
        text[end] == '\0';
    return f->goes_on;
}

static bool read_filter(struct api_request *r, struct run_filter *ret)
{
    *ret = (struct run_filter){
        .project = page_argument(r, "project"),
        .profile = page_argument(r, "profile"),
        .workload = page_argument(r, "workload"),
        .version = page_argument(r, "version"),
        .state = page_argument(r, "state"),
        .most = RUNS_SHOWN + 1, /* the last one only tells that there are more */
    };
    return read_place(page_argument(r, "before"), ret);
}

/* The filters as a query, "&" behind each. */
static const char *query_of(struct api_request *r, const struct run_filter *f)
{
    const char *const parts[][2] = { { "project", f->project },
                                     { "profile", f->profile },
                                     { "workload", f->workload },
                                     { "version", f->version },
                                     { "state", f->state } };
    const char *text = "";

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i][1])
            text = page_say(r, "%s%s=%s&", text, parts[i][0], page_encoded(r, parts[i][1]));
    return text;
}

/* --- The form --------------------------------------------------------------------------------------------- */

enum { FIELDS = 4 };
struct choices {
    struct run_filter filter;
    struct form_option *options[FIELDS];
    size_t counts[FIELDS];
    const char *older; /* the page behind this one; NULL: there is none */
};

static enum ou_status read_choices(struct api_request *r, struct choices *c, struct ou_error *err)
{
    static const char *const statements[FIELDS] = {
        "SELECT name FROM projects WHERE $1 IN ('', name) ORDER BY name LIMIT 200",
        "SELECT DISTINCT name FROM profiles ORDER BY name LIMIT 200",
        "SELECT DISTINCT workload FROM profiles ORDER BY workload LIMIT 200",
        "SELECT DISTINCT name FROM versions ORDER BY name LIMIT 200",
    };
    const struct sql_value only = sql_text(api_only_project(r));
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < FIELDS; i++)
        status = form_options(r, statements[i], &only, i == 0, false, &c->options[i], &c->counts[i],
                              err);
    return status;
}

static void put_form(struct api_request *r, const struct document *d, void *context)
{
    static const struct form_option states[] = { { "finished", NULL }, { "failed", NULL } };
    const struct choices *c = context;

    (void)d;
    form_begin(r, "/runs", "Which runs");
    form_select(r, "Project", "project", c->options[0], c->counts[0], c->filter.project, "all");
    form_text(r, "Profile", "profile", c->options[1], c->counts[1], c->filter.profile);
    form_select(r, "Workload", "workload", c->options[2], c->counts[2], c->filter.workload, "all");
    form_text(r, "Version", "version", c->options[3], c->counts[3], c->filter.version);
    form_select(r, "State", "state", states, 2, c->filter.state, "all");
    form_end(r, "Show");
    if (c->older)
        page_put(r, "<p class=\"more\"><a rel=\"next\" href=\"", c->older,
                 "\">Older runs</a></p>\n");
}

/* --- The page ----------------------------------------------------------------------------------------------- */

static enum ou_status fill(struct api_request *r, struct document *d, struct choices *c,
                           struct ou_error *err)
{
    struct run_row *rows;
    size_t count;
    enum ou_status status = run_rows(r, &c->filter, &rows, &count, err);

    if (status)
        return status;
    if (count > RUNS_SHOWN) {
        count = RUNS_SHOWN;
        c->older = page_say(r, "/runs?%sbefore=%" PRId64 ".%" PRId64, query_of(r, &c->filter),
                            rows[count - 1].sort_ns, rows[count - 1].no);
    }
    if (count > 0)
        run_table(r, d, "runs", "Runs, the newest first", rows, count, true);
    else
        document_paragraph(d, "There are no such runs.");
    return read_choices(r, c, err);
}

void page_runs(struct api_request *r)
{
    struct page_head head = { .title = "Runs", .part = PAGE_RUNS };
    struct choices c = { .older = NULL };
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status;

    if (!read_filter(r, &c.filter)) {
        page_refused(r, PROBLEM_INVALID_CURSOR, "This is no place in the list of runs.");
        return;
    }
    document_init(&d);
    d.title = "Runs";
    status = fill(r, &d, &c, &err);
    if (!status) {
        page_document(r, &head, &d, put_form, &c);
        return;
    }
    document_release(&d);
    page_failed(r, status, &err);
}
