/* Any bytes as a reply with trace objects, made into lines of every form: each object becomes one line, of
 * valid UTF-8, and the lines of the two JSON formats are valid JSON wherever the node's own text was. */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "collect/journal_sink.h"
#include "collect/line_batch.h"
#include "json/check.h"

#define MUST(property)   \
    do {                 \
        if (!(property)) \
            abort();     \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text as deep as one may be stands a bit deeper in its line. */
static bool has_many_brackets(struct span line)
{
    size_t count = 0;

    for (size_t i = 0; i < line.len; i++)
        count += line.at[i] == '{' || line.at[i] == '[';
    return count >= JSON_CHECK_DEPTH_MAX;
}

static void check_line(struct span line, enum log_format format)
{
    struct span rest = line;
    uint32_t character;

    MUST(line.len == 0 || !memchr(line.at, '\n', line.len));
    while (rest.len > 0)
        MUST(utf8_next(&rest, &character));
    if (format != LOG_HUMAN)
        MUST(json_is_object_line(line) || has_many_brackets(line));
}

static void check_batch(struct line_batch *batch)
{
    for (int format = LOG_MACHINE; format <= LOG_LEGACY; format++) {
        const struct line_text *files = line_batch_form(batch, LOG_FILES, (enum log_format)format);
        const struct line_text *journal =
            line_batch_form(batch, LOG_JOURNAL, (enum log_format)format);

        for (size_t i = 0; i < batch->count; i++)
            check_line(line_batch_line(files, i), (enum log_format)format);
        MUST(journal_records(line_batch_rest(batch, journal, 0)) == batch->count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct line_owner owner = { "node", "8.1.1:ea2c0" };
    struct trace_forward_message message;
    struct line_batch batch;
    struct ou_error err = { "" };
    const char *why = NULL;

    if (trace_forward_read((struct bytes){ data, size }, &message, &why) != WIRE_OK ||
        message.key != TRACE_FORWARD_REPLY)
        return 0;
    line_batch_init(&batch);
    line_batch_limit(&batch, (size_t)64 << 20);
    for (size_t i = 0; i < LINE_FORMS; i++)
        batch.forms[i].wanted = true;
    if (line_batch_make(&batch, message.reply, &owner, &err) == OU_OK)
        check_batch(&batch);
    else
        MUST(err.text[0] != '\0');
    line_batch_release(&batch);
    return 0;
}
