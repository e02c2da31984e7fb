/* Documents full of foreign text, in every form: each stays what it is, whatever the text says. */
#include <jansson.h>
#include <string.h>

#include "base/utf8.h"
#include "guarded.h"
#include "report/document_writers.h"

enum { OUT_MAX = 1 << 26 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_table(struct document *d, const char *text)
{
    const struct doc_column columns[] = {
        { .id = "a", .head = text },
        { .id = "b", .head = "b", .unit = text, .number = true },
        { .id = "c", .head = "c" },
    };
    struct doc_table *t = document_table(d, "table", text, columns, 3);

    t->note = text;
    doc_add_cell(d, t, (struct doc_cell){ .kind = DOC_TEXT, .text = text, .hint = text });
    doc_add_number(d, t, 1.5, 2);
    doc_add_text(d, t, text);
}

static void add_figure(struct document *d, const char *text)
{
    const struct doc_column column = { .id = "a", .head = text };
    struct doc_figure *f = document_figure(d, "figure", text, "{}", &column, 1);

    f->units = f->reading = text;
    doc_add_text(d, &f->data, text);
    doc_figure_box(d, f, (struct doc_box){ text, 1, 2, 3, 4, 5 });
    doc_figure_box(d, f, (struct doc_box){ "x", 2, 3, 4, 5, 6 });
}

static void write_with(const char *text, enum document_format format, bool utf8, struct buffer *ret)
{
    struct document d;

    document_init(&d);
    d.title = d.subtitle = d.verdict = text;
    document_notice(&d, TONE_BAD, "%s", text);
    document_heading(&d, 2, "heading", text);
    document_paragraph(&d, "%s", text);
    document_fact(&d, text, text);
    add_table(&d, text);
    add_figure(&d, text);
    document_footer(&d, text, text);
    MUST(document_status(&d, NULL) == OU_OK);
    buffer_init(ret, allocator_libc(), OUT_MAX);
    document_write(&d, format, &(struct text_style){ 80, false, utf8, true }, ret);
    MUST(buffer_status(ret) == OU_OK);
    document_release(&d);
}

static size_t count(const char *text, const char *what)
{
    size_t found = 0;

    while ((text = strstr(text, what))) {
        found++;
        text += strlen(what);
    }
    return found;
}

/* Each way to begin a line is there as often as with a harmless text. */
static void same_lines(const char *text, const char *harmless, const char *const *begins)
{
    for (; *begins; begins++)
        MUST(count(text, *begins) == count(harmless, *begins));
}

/* Inside of a block of Org's examples everything is text; it begins and ends once. */
static void cut_example(struct buffer *out)
{
    static const char begin[] = "\n#+begin_example\n", end[] = "\n#+end_example\n";
    char *from = strstr(out->at, begin), *to = from ? strstr(from, end) : NULL;

    MUST(count(out->at, begin) == 1 && count(out->at, end) == 1 && to);
    memmove(from, to, strlen(to) + 1);
}

static void check_terminal(const struct buffer *out, bool utf8)
{
    for (size_t i = 0; i < out->len; i++) {
        unsigned char c = (unsigned char)out->at[i];

        MUST(c == '\n' || (c >= ' ' && c != 0x7f));
        MUST(utf8 || c < 0x80);
    }
    MUST(utf8_is_valid((struct span){ out->at, out->len }));
}

/* Rows of a table have as many bars as it has cells, and one more. */
static void check_rows(const char *text, size_t bars_wanted)
{
    for (const char *line = text; (line = strstr(line, "\n|")); line++) {
        size_t bars = 0;

        for (const char *at = line + 1; *at && *at != '\n'; at++)
            bars += *at == '|' && at[-1] != '\\';
        MUST(bars == bars_wanted || line[2] == '-');
    }
}

static void check_json(const struct buffer *out)
{
    json_t *document = json_loadb(out->at, out->len, JSON_REJECT_DUPLICATES, NULL);

    MUST(document);
    MUST(json_array_size(json_object_get(document, "tables")) == 1);
    MUST(json_array_size(json_object_get(document, "figures")) == 1);
    json_decref(document);
}

static void check(enum document_format format, bool utf8, struct buffer *out,
                  struct buffer *harmless)
{
    static const char *const markdown[] = { "\n# ", "\n## ", "\n- ", "\n> ", "\n```", NULL };
    static const char *const org[] = { "\n* ", "\n#+", "\n- ", "[[", "{{{", "src_", "@@", NULL };
    static const char *const html[] = { "<script", "<style", "<img", "<a ", "<table", NULL };
    const char *text = buffer_string(out);

    switch (format) {
    case DOCUMENT_TEXT: check_terminal(out, utf8); break;
    case DOCUMENT_MARKDOWN:
        check_terminal(out, true);
        check_rows(text, 4);
        same_lines(text, buffer_string(harmless), markdown);
        break;
    case DOCUMENT_ORG:
        check_terminal(out, true);
        check_rows(text, 4);
        cut_example(out);
        cut_example(harmless);
        same_lines(text, buffer_string(harmless), org);
        break;
    case DOCUMENT_CSV: MUST(count(text, "\"") % 2 == 0); break;
    case DOCUMENT_JSON: check_json(out); break;
    case DOCUMENT_HTML: same_lines(text, buffer_string(harmless), html); break;
    case DOCUMENT_FORMATS: break;
    }
}

/* The first byte chooses the form; a zero ends the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum document_format format;
    char *text;
    bool utf8;
    struct buffer out, harmless;

    if (size < 2 || size > 4096)
        return 0;
    format = (enum document_format)(data[0] % DOCUMENT_FORMATS);
    utf8 = data[0] < 128;
    text = calloc(1, size);
    MUST(text);
    memcpy(text, data + 1, size - 1);
    write_with(text, format, utf8, &out);
    write_with(*text ? "x" : "", format, utf8, &harmless);
    check(format, utf8, &out, &harmless);
    buffer_release(&out);
    buffer_release(&harmless);
    free(text);
    return 0;
}
