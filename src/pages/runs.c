/* All runs, those that are asked for, the newest first. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "pages/form.h"
#include "pages/rows.h"
#include "report/html_blocks.h"

enum { RUNS_SHOWN = 50 };
#define DAY_NS (86400 * NS_PER_SECOND)

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

/* "2026-11-23", the moment it begins in UTC; true and 0 for NULL. */
static bool read_day(const char *text, int64_t *ret_ns)
{
    char instant[sizeof "2026-11-23T00:00:00Z"];

    *ret_ns = 0;
    if (!text)
        return true;
    if (strlen(text) != strlen("2026-11-23"))
        return false;
    snprintf(instant, sizeof instant, "%.10sT00:00:00Z", text);
    return time_parse_iso(instant, strlen(instant), ret_ns);
}

static bool read_days(struct api_request *r, struct run_filter *f)
{
    if (!read_day(page_argument(r, "from"), &f->from_ns) ||
        !read_day(page_argument(r, "to"), &f->until_ns))
        return false;
    f->until_ns += f->until_ns ? DAY_NS : 0; /* the day itself is meant, too */
    return true;
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
    const char *const parts[][2] = {
        { "project", f->project },       { "profile", f->profile },
        { "workload", f->workload },     { "version", f->version },
        { "state", f->state },           { "from", page_argument(r, "from") },
        { "to", page_argument(r, "to") }
    };
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

/* Who may see one project gets its names only. */
#define VISIBLE(of)                                                                             \
    "($1 = '' OR no IN (SELECT r." of "_no FROM runs r JOIN projects p ON p.no = r.project_no " \
    "WHERE p.name = $1)) "

static enum ou_status read_choices(struct api_request *r, struct choices *c, struct ou_error *err)
{
    static const char *const statements[FIELDS] = {
        "SELECT name FROM projects WHERE $1 IN ('', name) ORDER BY name LIMIT 200",
        "SELECT DISTINCT name FROM profiles WHERE " VISIBLE("profile") "ORDER BY name LIMIT 200",
        "SELECT DISTINCT workload FROM profiles WHERE " VISIBLE(
            "profile") "ORDER BY workload LIMIT 200",
        "SELECT DISTINCT name FROM versions WHERE " VISIBLE("version") "ORDER BY name LIMIT 200",
    };
    const struct sql_value only = sql_text(api_only_project(r));
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < FIELDS; i++)
        status =
            form_options(r, statements[i], &only, 1, false, &c->options[i], &c->counts[i], err);
    return status;
}

static void put_form(struct api_request *r, const struct choices *c)
{
    static const struct form_option states[] = { { "finished", NULL }, { "failed", NULL } };

    form_begin(r, "/runs", "Which runs");
    form_select(r, "Project", "project", c->options[0], c->counts[0], c->filter.project, "all");
    form_pick(r, "Profile", "profile", c->options[1], c->counts[1], c->filter.profile);
    form_select(r, "Workload", "workload", c->options[2], c->counts[2], c->filter.workload, "all");
    form_pick(r, "Version", "version", c->options[3], c->counts[3], c->filter.version);
    form_select(r, "State", "state", states, 2, c->filter.state, "all");
    form_date(r, "From", "from", page_argument(r, "from"));
    form_date(r, "To", "to", page_argument(r, "to"));
    form_end(r, "Show");
}

/* --- The page ----------------------------------------------------------------------------------------------- */

static enum ou_status fill(struct api_request *r, struct document *d, struct choices *c,
                           struct ou_error *err)
{
    struct run_row *rows;
    size_t count;
    int64_t all;
    enum ou_status status = run_rows(r, &c->filter, &rows, &count, err);

    if (status)
        return status;
    status = run_count(r, &c->filter, &all, err);
    if (status)
        return status;
    if (count > RUNS_SHOWN) {
        count = RUNS_SHOWN;
        c->older = page_say(r, "/runs?%sbefore=%" PRId64 ".%" PRId64, query_of(r, &c->filter),
                            rows[count - 1].sort_ns, rows[count - 1].no);
    }
    if (count > 0)
        run_table(r, d, "runs",
                  page_say(r, "%zu of %" PRId64 " %s, the newest first", count, all,
                           all == 1 ? "run" : "runs"),
                  rows, count, true);
    else
        document_paragraph(d, "There are no such runs.");
    return read_choices(r, c, err);
}

/* What leads on stands where reading ends. */
static void write_page(struct api_request *r, const struct document *d, const struct choices *c)
{
    const struct page_head head = { .title = "Runs", .part = PAGE_RUNS };

    page_begin(r, &head, d);
    html_document_title(d, &r->answer->body);
    put_form(r, c);
    html_document_blocks(d, &r->answer->body);
    if (c->older)
        page_put(r, "<p class=\"more\"><a rel=\"next\" href=\"", c->older,
                 "\">Older runs</a></p>\n");
    page_end(r, &head, d);
}

void page_runs(struct api_request *r)
{
    struct choices c = { .older = NULL };
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status;

    if (!read_filter(r, &c.filter)) {
        page_refused(r, PROBLEM_INVALID_CURSOR, "This is no place in the list of runs.");
        return;
    }
    if (!read_days(r, &c.filter)) {
        page_refused(r, PROBLEM_INVALID_PARAMETER, "From and to are days, as 2026-11-23.");
        return;
    }
    document_init(&d);
    d.title = "Runs";
    status = fill(r, &d, &c, &err);
    if (!status)
        status = document_status(&d, &err);
    if (!status)
        write_page(r, &d, &c);
    document_release(&d);
    if (status)
        page_failed(r, status, &err);
}
