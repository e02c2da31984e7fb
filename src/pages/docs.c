/* The description of the API for people: tried out with Swagger UI, and as a list for those without script. */
#include <string.h>

#include "api/answering.h"
#include "pages/page.h"
#include "pages/text.h"

/* --- The list of operations -------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void add_operation(struct document *d, struct doc_table *t, const char *path,
                          const char *method, const json_t *operation)
{
    const char *summary = text_of(operation, "summary"), *scope = text_of(operation, "x-scope");

    if (!summary)
        return; /* parameters of the path, not an operation */
    page_cell(d, t, document_text(d, "%s", method), NULL, TONE_PLAIN);
    page_cell(d, t, document_text(d, "%s", path), NULL, TONE_PLAIN);
    page_cell(d, t, document_text(d, "%s", summary), NULL, TONE_PLAIN);
    page_cell(d, t, scope ? document_text(d, "%s", scope) : NULL, NULL, TONE_PLAIN);
}

static void add_operations(struct api_request *r, struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "method", .head = "method" },
        { .id = "path", .head = "path" },
        { .id = "does", .head = "what it does" },
        { .id = "scope", .head = "scope" },
    };
    struct span text = description_text(api_description(r->api));
    struct doc_table *t = document_table(
        d, "operations", "Paths, methods, and the scopes that tokens need", columns, 4);
    json_t *all = NULL;
    const char *path, *method;
    const json_t *operations, *operation;

    if (json_tree_parse(text, "description", &all, NULL))
        return;
    json_object_foreach(json_object_get(all, "paths"), path, operations)
        json_object_foreach((json_t *)operations, method, operation)
            add_operation(d, t, path, method, operation);
    json_decref(all);
}

/* --- Pages ---------------------------------------------------------------------------------------------------- */

static void put_links(struct api_request *r, const struct document *d, void *context)
{
    (void)d;
    (void)context;
    buffer_text(&r->answer->body, "<ul class=\"links\">\n");
    page_put_texts(r);
    buffer_text(&r->answer->body, "<li><a href=\"/api/v1/openapi.json\">The OpenAPI file</a></li>\n"
                                  "<li><a href=\"/api/v1\">Index of the API</a></li>\n</ul>\n");
    if (page_static_path("swagger.js"))
        buffer_text(&r->answer->body, "<div id=\"swagger\"></div>\n");
}

void page_docs(struct api_request *r)
{
    static const char *const styles[] = { "swagger.css", NULL };
    static const char *const scripts[] = { "swagger.js", "docs.js", NULL };
    bool interactive = page_static_path("swagger.js") != NULL;
    struct page_head head = { .title = "API",
                              .part = PAGE_DOCS,
                              .styles = interactive ? styles : NULL,
                              .scripts = interactive ? scripts : NULL };
    struct document d;

    document_init(&d);
    d.title = "API";
    d.subtitle = "Everything on these pages, and all numbers, for programs.";
    document_heading(&d, 2, "operations-heading", "All operations");
    add_operations(r, &d);
    page_document(r, &head, &d, put_links, NULL);
}

void page_document_of_docs(struct api_request *r)
{
    struct page_head head = { .part = PAGE_DOCS };
    const struct page_text_file *file = page_text_find(api_path_value(r, "page"));

    if (!file) {
        page_refused(r, PROBLEM_NOT_FOUND, "There is no such page.");
        return;
    }
    head.title = file->title;
    page_begin(r, &head, NULL);
    buffer_text(&r->answer->body, "<div class=\"text\">\n");
    page_markdown(file->text, &r->answer->body);
    buffer_text(&r->answer->body, "</div>\n");
    page_end(r, &head, NULL);
}
