#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "store/sql_private.h"

static void forget(struct sql *db, struct sql_statement *s)
{
    if (s->prepared)
        db->driver->forget(db, s);
    free(s->text);
    *s = (struct sql_statement){ 0 };
}

void sql_statements_forget(struct sql *db)
{
    for (size_t i = 0; i < SQL_STATEMENTS_MAX; i++)
        forget(db, &db->statements[i]);
}

/* The place of this text, or of the one that was used longest ago, or a free one. */
static struct sql_statement *place_of(struct sql *db, const char *text, uint64_t hash)
{
    struct sql_statement *oldest = &db->statements[0];

    for (size_t i = 0; i < SQL_STATEMENTS_MAX; i++) {
        struct sql_statement *s = &db->statements[i];

        if (s->text && s->hash == hash && strcmp(s->text, text) == 0)
            return s;
        if (s->used < oldest->used)
            oldest = s;
    }
    return oldest;
}

enum ou_status sql_statement_of(struct sql *db, const char *text, const struct sql_value *args,
                                size_t count, struct sql_statement **ret, struct ou_error *err)
{
    uint64_t hash = XXH3_64bits(text, strlen(text));
    struct sql_statement *s = place_of(db, text, hash);
    enum ou_status status;

    if (!s->text || s->hash != hash || strcmp(s->text, text) != 0) {
        forget(db, s);
        s->text = strdup(text);
        s->hash = hash;
        if (!s->text)
            return ou_fail(err, OU_NO_MEMORY, "prepare a statement: no memory");
    }
    status = db->driver->prepare(db, s, args, count, err);
    if (status) {
        forget(db, s);
        return status;
    }
    s->used = ++db->statement_no;
    *ret = s;
    return OU_OK;
}

/* Behind a quoted text or name that begins at *at; two quotes in a row stand for one, which reads as two of them. */
static const char *behind_quoted(const char *at)
{
    const char *end = strchr(at + 1, *at);

    return end ? end + 1 : at + strlen(at);
}

static const char *behind_comment(const char *at)
{
    const char *end = strchr(at, '\n');

    return end ? end : at + strlen(at);
}

void sql_numbered(const char *text, struct buffer *ret)
{
    while (*text) {
        const char *end = text + 1;

        if (*text == '\'' || *text == '"')
            end = behind_quoted(text);
        else if (text[0] == '-' && text[1] == '-')
            end = behind_comment(text);
        if (text[0] == '$' && text[1] >= '0' && text[1] <= '9')
            buffer_char(ret, '?');
        else
            buffer_append(ret, text, (size_t)(end - text));
        text = end;
    }
}
