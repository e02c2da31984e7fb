#include "profile/text_template.h"

#include <string.h>

#include "base/span.h"
#include "base/suggest.h"

static enum ou_status unknown(const char *text, struct span name, const struct template_word *words,
                              size_t count, struct ou_error *err)
{
    struct suggestion s;

    suggest_for(&s, name);
    for (size_t i = 0; i < count; i++)
        suggest_consider(&s, words[i].name);
    if (s.best)
        return ou_fail(err, OU_INVALID, "\"%.200s\": there is no %%{%.*s}; did you mean %%{%s}?",
                       text, (int)name.len, name.at, s.best);
    return ou_fail(err, OU_INVALID, "\"%.200s\": there is no %%{%.*s}", text, (int)name.len,
                   name.at);
}

/* Behind a percent sign; gives what stands behind the word. */
static enum ou_status fill_word(const char *text, const char **at,
                                const struct template_word *words, size_t count, struct buffer *out,
                                struct ou_error *err)
{
    const char *end = **at == '{' ? strchr(*at, '}') : NULL;
    struct span name;

    if (**at == '%') {
        buffer_char(out, '%');
        ++*at;
        return OU_OK;
    }
    if (!end)
        return ou_fail(err, OU_INVALID,
                       "\"%.200s\": a percent sign begins a word, as in %%{port}; for itself it is "
                       "written twice",
                       text);
    name = (struct span){ *at + 1, (size_t)(end - *at) - 1 };
    *at = end + 1;
    for (size_t i = 0; i < count; i++)
        if (span_is(name, words[i].name)) {
            buffer_text(out, words[i].value);
            return OU_OK;
        }
    return unknown(text, name, words, count, err);
}

enum ou_status text_template_fill(const char *text, const struct template_word *words, size_t count,
                                  struct buffer *out, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    const char *at = text;

    while (*at && !status) {
        size_t plain = strcspn(at, "%");

        buffer_append(out, at, plain);
        at += plain;
        if (*at) {
            at++;
            status = fill_word(text, &at, words, count, out, err);
        }
    }
    if (!status && buffer_status(out))
        status = ou_fail(err, buffer_status(out), "\"%.200s\": %s", text,
                         ou_status_name(buffer_status(out)));
    return status;
}
