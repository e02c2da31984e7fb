#include "pages/text.h"

#include <string.h>

extern char api_conventions_md[], api_endpoints_md[], api_problems_md[], api_use_cases_md[];

static const struct page_text_file files[] = {
    { "conventions", "Conventions", api_conventions_md },
    { "endpoints", "Endpoints", api_endpoints_md },
    { "problems", "Problems", api_problems_md },
    { "use-cases", "Use cases", api_use_cases_md },
};
#define FILES (sizeof files / sizeof *files)

const struct page_text_file *page_text_find(const char *name)
{
    for (size_t i = 0; i < FILES; i++)
        if (*files[i].text && strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

void page_put_texts(struct api_request *r)
{
    for (size_t i = 0; i < FILES; i++) {
        if (!*files[i].text)
            continue;
        page_put(r, "<li><a href=\"/docs/", files[i].name, "\">");
        page_put(r, "", files[i].title, "</a></li>\n");
    }
}
