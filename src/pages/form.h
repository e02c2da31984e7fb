/* Forms of pages: they ask for another page by GET, and change nothing. */
#ifndef OU_PAGES_FORM_H
#define OU_PAGES_FORM_H

#include "pages/page.h"

void form_begin(struct api_request *r, const char *action, const char *label);
void form_end(struct api_request *r, const char *button);

/* One of a few; any: what it is called when none is chosen, NULL where one must be. Texts, with how they are shown. */
struct form_option {
    const char *value, *shown;
};
void form_select(struct api_request *r, const char *label, const char *name,
                 const struct form_option *options, size_t count, const char *chosen,
                 const char *any);
/* A text, with what there is to choose from. */
void form_text(struct api_request *r, const char *label, const char *name,
               const struct form_option *options, size_t count, const char *value);
/* One of all where the form has room for them, else as form_text(). */
void form_pick(struct api_request *r, const char *label, const char *name,
               const struct form_option *options, size_t count, const char *chosen);
void form_date(struct api_request *r, const char *label, const char *name, const char *value);
void form_hidden(struct api_request *r, const char *name, const char *value); /* nothing for NULL */

/* What a statement tells: a value, or value and shown, a row; FORM_OPTIONS_MAX at most, in the request's memory. */
#define FORM_OPTIONS_MAX 200
enum ou_status form_options(struct api_request *r, const char *statement,
                            const struct sql_value *args, size_t arg_count, bool with_shown,
                            struct form_option **ret, size_t *ret_count, struct ou_error *err);

#endif
