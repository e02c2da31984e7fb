#include "pages/form.h"
#include "pages/judged.h"

enum { ALERTS_SHOWN = 100, CHANGES_SHOWN = 50 };

struct alerts_page {
    const char *state; /* which were asked for; NULL: all */
    const char *first; /* id of the first one that is shown; NULL: there is none */
};

/* The token comes on standard input, so that no list of processes shows it. */
static void put_command(struct api_request *r, const char *id)
{
    page_put(r,
             "<details>\n<summary>To silence or dismiss one</summary>\n<section>\n"
             "<p>Pages change nothing; the API does, with a token that has the scope "
             "<code>alerts</code>, here in <code>$OUROSCOPE_TOKEN</code>. Fill in the address of "
             "this server, and the alert's id: it stands at the end of its row. The state is "
             "<code>active</code>, <code>silenced</code> or <code>dismissed</code>.</p>\n"
             "<pre><code>server=https://results.example.org\nalert=",
             id ? id : "ID",
             "\ntag=$(curl -sSI \"$server/api/v1/alerts/$alert\" | sed -n 's/^etag: //Ip' | tr -d "
             "'\\r')\n"
             "curl -sS -K - -X PATCH \"$server/api/v1/alerts/$alert\" -H \"If-Match: $tag\" \\\n"
             "  --json '{\"state\": \"dismissed\", \"note\": \"known\"}' &lt;&lt;EOF\n"
             "oauth2-bearer = \"$OUROSCOPE_TOKEN\"\nEOF</code></pre>\n"
             "<p>The tag is of the state that you have seen: if somebody changes it meanwhile you "
             "are told so.</p>\n</section>\n</details>\n");
}

static void put_form(struct api_request *r, const struct document *d, void *context)
{
    static const struct form_option states[] = { { "active", NULL },
                                                 { "silenced", NULL },
                                                 { "dismissed", NULL } };
    const struct alerts_page *page = context;

    (void)d;
    form_begin(r, "/alerts", "Which alerts");
    form_select(r, "State", "state", states, 3, page->state, "all");
    form_end(r, "Show");
    put_command(r, page->first);
}

static enum ou_status fill(struct api_request *r, struct document *d, struct alerts_page *page,
                           struct ou_error *err)
{
    struct judged_filter alerts = { .state = page->state, .most = ALERTS_SHOWN };
    struct judged_filter changes = { .most = CHANGES_SHOWN };
    struct alert_row *alert;
    struct change_row *change;
    size_t count;
    enum ou_status status = alert_rows(r, &alerts, &alert, &count, err);

    if (status)
        return status;
    if (count > 0) {
        page->first = alert[0].id;
        alert_table(r, d, alert, count);
    } else {
        document_paragraph(d,
                           "There are no %s%salerts. Thresholds open them; the API has them at "
                           "/api/v1/thresholds.",
                           page->state ? page->state : "", page->state ? " " : "");
    }
    status = change_rows(r, &changes, &change, &count, err);
    if (!status && count > 0) {
        document_heading(d, 2, "changes-heading", "Changes of level");
        change_table(r, d, change, count);
    }
    return status;
}

void page_alerts(struct api_request *r)
{
    struct page_head head = { .title = "Alerts",
                              .part = PAGE_ALERTS,
                              .follows = "alert.opened,alert.changed,change-point.found" };
    struct alerts_page page = { .state = page_argument(r, "state") };
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status;

    document_init(&d);
    d.title = "Alerts";
    d.subtitle = "Values beyond their thresholds, and changes of level.";
    status = fill(r, &d, &page, &err);
    if (!status) {
        page_document(r, &head, &d, put_form, &page);
        return;
    }
    document_release(&d);
    page_failed(r, status, &err);
}
