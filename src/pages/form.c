#include "pages/form.h"

#include <stdalign.h>
#include <string.h>

void form_begin(struct api_request *r, const char *action, const char *label)
{
    page_put(r, "<form method=\"get\" action=\"", action, "\" class=\"filter\"");
    page_put(r, " aria-label=\"", label, "\">\n");
}

void form_end(struct api_request *r, const char *button)
{
    page_put(r, "<button>", button, "</button>\n</form>\n");
}

static void put_option(struct api_request *r, const struct form_option *o, const char *chosen)
{
    page_put(r, "<option value=\"", o->value, "\"");
    page_put(r, chosen && strcmp(chosen, o->value) == 0 ? " selected>" : ">",
             o->shown ? o->shown : o->value, "</option>\n");
}

static void put_label(struct api_request *r, const char *label, const char *name)
{
    page_put(r, "<p class=\"field\"><label for=\"field-", name, "\">");
    page_put(r, "", label, "</label>\n");
}

static bool has_option(const struct form_option *options, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(options[i].value, value) == 0)
            return true;
    return false;
}

void form_select(struct api_request *r, const char *label, const char *name,
                 const struct form_option *options, size_t count, const char *chosen,
                 const char *any)
{
    put_label(r, label, name);
    page_put(r, "<select id=\"field-", name, "\"");
    page_put(r, " name=\"", name, "\">\n");
    if (any)
        put_option(r, &(struct form_option){ "", any }, chosen);
    if (chosen && *chosen && !has_option(options, count, chosen)) /* what is asked for is told */
        put_option(r, &(struct form_option){ chosen, NULL }, chosen);
    for (size_t i = 0; i < count; i++)
        put_option(r, &options[i], chosen);
    buffer_text(&r->answer->body, "</select></p>\n");
}

void form_text(struct api_request *r, const char *label, const char *name,
               const struct form_option *options, size_t count, const char *value)
{
    put_label(r, label, name);
    page_put(r, "<input id=\"field-", name, "\"");
    page_put(r, " name=\"", name, "\" list=\"list-");
    page_put(r, "", name,
             "\" maxlength=\"200\" autocomplete=\"off\" spellcheck=\"false\" value=\"");
    page_put(r, "", value, "\"></p>\n<datalist id=\"list-");
    page_put(r, "", name, "\">\n");
    for (size_t i = 0; i < count; i++)
        put_option(r, &options[i], NULL);
    buffer_text(&r->answer->body, "</datalist>\n");
}

void form_pick(struct api_request *r, const char *label, const char *name,
               const struct form_option *options, size_t count, const char *chosen)
{
    if (count < FORM_OPTIONS_MAX)
        form_select(r, label, name, options, count, chosen, "all");
    else
        form_text(r, label, name, options, count, chosen);
}

void form_date(struct api_request *r, const char *label, const char *name, const char *value)
{
    put_label(r, label, name);
    page_put(r, "<input type=\"date\" id=\"field-", name, "\"");
    page_put(r, " name=\"", name, "\"");
    page_put(r, " value=\"", value, "\"></p>\n");
}

void form_hidden(struct api_request *r, const char *name, const char *value)
{
    if (!value)
        return;
    page_put(r, "<input type=\"hidden\" name=\"", name, "\"");
    page_put(r, " value=\"", value, "\">\n");
}

enum ou_status form_options(struct api_request *r, const char *statement,
                            const struct sql_value *args, size_t arg_count, bool with_shown,
                            struct form_option **ret, size_t *ret_count, struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status = sql_query(r->db, statement, args, arg_count, &rows, err);

    *ret_count = 0;
    *ret = arena_take(&r->memory, FORM_OPTIONS_MAX * sizeof **ret, alignof(struct form_option));
    if (status)
        return status;
    while (*ret && *ret_count < FORM_OPTIONS_MAX && sql_next(rows)) {
        (*ret)[*ret_count].value = page_text(r, rows, 0);
        (*ret)[*ret_count].shown = with_shown ? page_text(r, rows, 1) : NULL;
        *ret_count += (*ret)[*ret_count].value != NULL;
    }
    status = sql_rows_end(rows, err);
    return status || *ret ? status : ou_fail(err, OU_NO_MEMORY, "no memory for a form");
}
