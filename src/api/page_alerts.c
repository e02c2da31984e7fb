#include "api/page_form.h"
#include "api/page_judged.h"

enum { ALERTS_SHOWN = 100, CHANGES_SHOWN = 50 };

static void put_form(struct api_request *r, const struct document *d, void *state)
{
    static const struct form_option states[] = { { "active", NULL },
                                                 { "silenced", NULL },
                                                 { "dismissed", NULL } };

    (void)d;
    form_begin(r, "/alerts", "Which alerts");
    form_select(r, "State", "state", states, 3, state, "all");
    form_end(r, "Show");
}

static void tell_how(struct document *d)
{
    document_heading(d, 2, "change", "To silence or dismiss one");
    document_paragraph(
        d,
        "Pages change nothing; the API does, with a token that has the scope \"alerts\" in "
        "$OUROSCOPE_TOKEN. The ETag is the one that GET of the alert answers: whoever has seen an "
        "older state is told so.");
    document_paragraph(
        d,
        "curl -X PATCH -H \"Authorization: Bearer $OUROSCOPE_TOKEN\" -H 'If-Match: \"ETAG\"' "
        "-H 'Content-Type: application/merge-patch+json' -d '{\"state\": \"dismissed\", \"note\": "
        "\"known\"}' SERVER/api/v1/alerts/ID");
}

static enum ou_status fill(struct api_request *r, struct document *d, const char *state,
                           struct ou_error *err)
{
    struct judged_filter alerts = { .state = state, .most = ALERTS_SHOWN };
    struct judged_filter changes = { .most = CHANGES_SHOWN };
    struct alert_row *alert;
    struct change_row *change;
    size_t count;
    enum ou_status status = alert_rows(r, &alerts, &alert, &count, err);

    if (status)
        return status;
    if (count > 0)
        alert_table(r, d, alert, count);
    else
        document_paragraph(d, "There are no such alerts. Thresholds open them; the API has them at "
                              "/api/v1/thresholds.");
    status = change_rows(r, &changes, &change, &count, err);
    if (!status && count > 0) {
        document_heading(d, 2, "changes-heading", "Changes of level");
        change_table(r, d, change, count);
    }
    tell_how(d);
    return status;
}

void page_alerts(struct api_request *r)
{
    struct page_head head = { .title = "Alerts",
                              .part = PAGE_ALERTS,
                              .follows = "alert.opened,alert.changed,change-point.found" };
    const char *state = page_argument(r, "state");
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status;

    document_init(&d);
    d.title = "Alerts";
    d.subtitle = "Values beyond their thresholds, and changes of level.";
    status = fill(r, &d, state, &err);
    if (!status) {
        page_document(r, &head, &d, put_form, (void *)state);
        return;
    }
    document_release(&d);
    page_failed(r, status, &err);
}
