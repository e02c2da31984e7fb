/* What pages have in common. A page is a document (report/document.h) in the shell of the site: what it says is said in
 * blocks, so that tables, figures and hostile names are written in one place; only forms are HTML of its own.
 *
 * A function of a page fills a document from the database, and ends in page_document(), or in page_failed(). Pages read with
 * statements of their own, a few shapes each; what they show is what the API answers. */
#ifndef OU_PAGES_PAGE_H
#define OU_PAGES_PAGE_H

#include "api/operation.h"
#include "report/document.h"

/* What is marked in the navigation. */
enum page_part {
    PAGE_OVERVIEW,
    PAGE_RUNS,
    PAGE_COMPARE,
    PAGE_HISTORY,
    PAGE_ALERTS,
    PAGE_LIVE,
    PAGE_DICTIONARY,
    PAGE_DOCS,
    PAGE_NOWHERE,
};

struct page_head {
    const char *title; /* foreign text is fine */
    enum page_part part;
    bool contents; /* long: with links to its headings */
    /* Kinds of news, with commas between them, after which the page is asked for again, and what became different is put in
     * its place; without script, every few seconds. NULL: it stays. */
    const char *follows;
    const char *subject;       /* only news about this; NULL: any */
    const char *const *styles; /* names of further static files, NULL behind the last; NULL: none */
    const char *const *scripts;
};

/* From the doctype to the beginning of main, and from its end on; page_end() also answers the request's conditions. */
void page_begin(struct api_request *r, const struct page_head *head, const struct document *d);
void page_end(struct api_request *r, const struct page_head *head, const struct document *d);
/* All of it: the document's title, what `body` (may be NULL) has to put before the blocks, the blocks. Releases d, also when
 * it has failed. */
typedef void page_body(struct api_request *r, const struct document *d, void *context);
void page_document(struct api_request *r, struct page_head *head, struct document *d,
                   page_body *body, void *context);

/* A page that says what went wrong, as api_failed(). */
void page_failed(struct api_request *r, enum ou_status status, const struct ou_error *err);
/* Likewise of a request that asks for what there is not, or makes no sense. */
void page_refused(struct api_request *r, enum problem kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- Text ------------------------------------------------------------------------------------------ */

/* In the request's memory; "" when that is full. */
const char *page_say(struct api_request *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A text of a row, in the request's memory; NULL where it is NULL. */
const char *page_text(struct api_request *r, const struct sql_rows *rows, int column);
/* "2026-11-22 23:04", in UTC; NULL for TIME_NONE. */
const char *page_instant(struct api_request *r, int64_t ns);
/* A value as it stands in a query: letters, digits and -._~ stay. */
const char *page_encoded(struct api_request *r, const char *text);
/* An argument of the query; NULL where it is not given or empty. */
const char *page_argument(struct api_request *r, const char *name);

/* begin, escaped text, end. text may be NULL. */
void page_put(struct api_request *r, const char *begin, const char *text, const char *end);

/* --- Cells ------------------------------------------------------------------------------------------ */

void page_cell(struct document *d, struct doc_table *t, const char *text, const char *link,
               enum doc_tone tone);
/* The colour of a state: "finished", "failed", "active", ... */
enum doc_tone page_tone(const char *state);

/* --- Static files (page_static.c) ------------------------------------------------------------------- */

/* The path of a file ("site.css"), with the hash of what is in it: it never changes. NULL when this build lacks it. */
const char *page_static_path(const char *name);

/* Of a problem that has been answered: operation.h. */
api_operation_fn page_of_problem;

api_operation_fn page_overview, page_runs, page_run, page_compare, page_history, page_series,
    page_alerts, page_live_list, page_live, page_dictionary, page_docs, page_document_of_docs,
    page_static, page_icon;

#endif
