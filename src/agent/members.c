#include "agent/members.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "json/tree.h"

#define URL_MAX ((size_t)8 << 10)
#define PATH_BYTES_MAX ((size_t)4095)
#define SHA256_DIGITS 64

struct members members_of(struct reading *reading, const json_t *document)
{
    struct members m = { reading, document, "" };

    if (!json_is_object(document) && !reading->status)
        reading->status = ou_fail(reading->err, OU_INVALID, "%s: no object", reading->what);
    return m;
}

void members_fault(const struct members *m, const char *name, const char *what)
{
    struct reading *reading = m->reading;

    if (!reading->status)
        reading->status =
            ou_fail(reading->err, OU_INVALID, "%s: %s%s: %s", reading->what, m->at, name, what);
}

/* After the arena said no: the document is larger than any that is meant, or memory is out. */
static void no_room(const struct members *m, size_t bytes)
{
    struct reading *reading = m->reading;

    if (reading->status)
        return;
    if (arena_has_room(reading->memory, bytes, _Alignof(max_align_t)))
        reading->status = ou_fail(reading->err, OU_NO_MEMORY, "%s: no memory", reading->what);
    else
        reading->status = ou_fail(reading->err, OU_TOO_LARGE, "%s: too large", reading->what);
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

void members_only(const struct members *m, const char *const *names, size_t count)
{
    const char *name;

    for (size_t i = 0; (name = json_tree_key_at(m->object, i)); i++)
        if (!is_among(name, names, count))
            members_fault(m, name, "is not known");
}

void *members_room(const struct members *m, size_t count, size_t item_bytes)
{
    void *room = NULL;

    if (m->reading->status)
        return NULL;
    if (count == 0)
        count = 1;
    if (count <= SIZE_MAX / item_bytes)
        room = arena_take(m->reading->memory, count * item_bytes, _Alignof(max_align_t));
    if (!room)
        no_room(m, item_bytes);
    return room;
}

/* The member, unless it is not there, null, or there was a fault before. */
static const json_t *find(const struct members *m, const char *name)
{
    const json_t *value = m->reading->status ? NULL : json_object_get(m->object, name);

    return json_is_null(value) ? NULL : value;
}

/* One that has to be there. */
static const json_t *need(const struct members *m, const char *name)
{
    const json_t *value = find(m, name);

    if (!value)
        members_fault(m, name, "is missing");
    return value;
}

static const char *copy(const struct members *m, const char *name, const json_t *value, size_t most)
{
    const char *text;

    if (!value)
        return NULL;
    if (!json_is_string(value)) {
        members_fault(m, name, "is no text");
        return NULL;
    }
    if (json_string_length(value) > most) {
        members_fault(m, name, "is too long");
        return NULL;
    }
    text = arena_copy(m->reading->memory, json_string_value(value), json_string_length(value));
    if (!text)
        no_room(m, json_string_length(value) + 1);
    return text;
}

const char *members_text(const struct members *m, const char *name, size_t most)
{
    return copy(m, name, need(m, name), most);
}

const char *members_text_or(const struct members *m, const char *name, size_t most,
                            const char *none)
{
    const json_t *value = find(m, name);

    return value ? copy(m, name, value, most) : none;
}

/* A text that has to look like something, with what is wrong if it does not. */
static const char *checked(const struct members *m, const char *name, const char *text,
                           bool (*check)(const char *text), const char *fault)
{
    if (text && !check(text)) {
        members_fault(m, name, fault);
        return NULL;
    }
    return text;
}

/* What a terminal may take for an order, and marks that turn the direction of a line. */
static bool is_order(uint32_t c)
{
    return (c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void append_clean(struct buffer *out, struct span text)
{
    while (text.len > 0) {
        const char *at = text.at;
        uint32_t c;

        if (!utf8_next(&text, &c))
            buffer_text(out, UTF8_REPLACEMENT);
        else if (is_order(c))
            buffer_char(out, ' ');
        else
            buffer_append(out, at, (size_t)(text.at - at));
    }
}

const char *members_clean_text_or(const struct members *m, const char *name, size_t most,
                                  const char *none)
{
    const char *text = members_text_or(m, name, most, none), *kept;
    struct buffer clean;

    if (!text || text == none)
        return text;
    buffer_init(&clean, allocator_libc(), 3 * strlen(text) + 1);
    append_clean(&clean, span_of(text));
    kept = buffer_status(&clean) ? NULL
                                 : arena_copy(m->reading->memory, buffer_string(&clean), clean.len);
    if (!kept)
        no_room(m, clean.len + 1);
    buffer_release(&clean);
    return kept;
}

static bool is_name(const char *text)
{
    return *text && *text != '.' && strlen(text) <= MEMBERS_NAME_MAX &&
           text[strspn(
               text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

const char *members_name(const struct members *m, const char *name)
{
    return checked(m, name, members_text(m, name, MEMBERS_NAME_MAX), is_name,
                   "is no name of letters, digits, \".\", \"_\" and \"-\"");
}

static bool is_sha256(const char *text)
{
    return strlen(text) == SHA256_DIGITS && strspn(text, "0123456789abcdef") == SHA256_DIGITS;
}

const char *members_sha256_or(const struct members *m, const char *name, const char *none)
{
    const char *text = members_text_or(m, name, SHA256_DIGITS, none);

    return text == none ? none : checked(m, name, text, is_sha256, "is no SHA-256 in hex");
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static bool is_url(const char *text)
{
    return (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0) &&
           !has_control(text) && !strchr(text, ' ');
}

const char *members_url_or(const struct members *m, const char *name, const char *none)
{
    const char *text = members_text_or(m, name, URL_MAX, none);

    return text == none ? none : checked(m, name, text, is_url, "is no URL of http or https");
}

/* Whether no part of a path is empty, "." or "..". */
static bool has_plain_parts(const char *path)
{
    while (*path) {
        size_t len = strcspn(path, "/");

        if (len == 0 || (path[0] == '.' && (len == 1 || (len == 2 && path[1] == '.'))))
            return false;
        path += len;
        if (*path == '/' && *++path == '\0')
            return false;
    }
    return true;
}

bool members_is_below(const char *path)
{
    return strcmp(path, ".") == 0 || (*path && has_plain_parts(path) && !has_control(path));
}

static bool is_absolute(const char *path)
{
    return *path == '/' && has_plain_parts(path + 1) && !has_control(path);
}

const char *members_below_or(const struct members *m, const char *name, const char *none)
{
    const char *text = members_text_or(m, name, PATH_BYTES_MAX, none);

    return text == none ? none
                        : checked(m, name, text, members_is_below,
                                  "leads out of the run's folder, or is no plain path");
}

const char *members_absolute_or(const struct members *m, const char *name, const char *none)
{
    const char *text = members_text_or(m, name, PATH_BYTES_MAX, none);

    return text == none ? none : checked(m, name, text, is_absolute, "is no absolute path");
}

static int64_t integer(const struct members *m, const char *name, const json_t *value,
                       int64_t least, int64_t most)
{
    json_int_t number = json_integer_value(value);

    if (!value)
        return least;
    if (!json_is_integer(value))
        members_fault(m, name, "is no whole number");
    else if (number < least || number > most)
        members_fault(m, name, "is out of range");
    else
        return number;
    return least;
}

static int64_t most_of(uint64_t most)
{
    return most > INT64_MAX ? INT64_MAX : (int64_t)most;
}

uint64_t members_count(const struct members *m, const char *name, uint64_t most)
{
    return (uint64_t)integer(m, name, need(m, name), 0, most_of(most));
}

uint64_t members_count_or(const struct members *m, const char *name, uint64_t most, uint64_t none)
{
    const json_t *value = find(m, name);

    return value ? (uint64_t)integer(m, name, value, 0, most_of(most)) : none;
}

int64_t members_integer_or(const struct members *m, const char *name, int64_t least, int64_t most,
                           int64_t none)
{
    const json_t *value = find(m, name);

    return value ? integer(m, name, value, least, most) : none;
}

double members_real_or(const struct members *m, const char *name, double least, double most,
                       double none)
{
    const json_t *value = find(m, name);
    double number = json_number_value(value);

    if (!value)
        return none;
    if (!json_is_number(value))
        members_fault(m, name, "is no number");
    else if (!(number >= least && number <= most))
        members_fault(m, name, "is out of range");
    return number;
}

bool members_flag_or(const struct members *m, const char *name, bool none)
{
    const json_t *value = find(m, name);

    if (!value)
        return none;
    if (!json_is_boolean(value))
        members_fault(m, name, "is neither true nor false");
    return json_is_true(value);
}

size_t members_word(const struct members *m, const char *name, const char *const *words,
                    size_t count)
{
    const char *text = members_text(m, name, MEMBERS_NAME_MAX);

    for (size_t i = 0; text && i < count; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    members_fault(m, name, "is no word that is known here");
    return 0;
}

/* A member of the object, as what messages call it: "services[2].command." */
static const char *deeper(const struct members *m, const char *name, const char *index)
{
    char at[128];
    const char *kept;

    snprintf(at, sizeof at, "%s%s%s.", m->at, name, index);
    kept = arena_copy(m->reading->memory, at, strlen(at));
    if (!kept)
        no_room(m, sizeof at);
    return kept ? kept : "";
}

/* An empty object, so that what is asked of it after a fault finds nothing. */
static struct members nothing(const struct members *m)
{
    return (struct members){ m->reading, NULL, "" };
}

struct members members_object(const struct members *m, const char *name)
{
    const json_t *value = need(m, name);

    if (value && !json_is_object(value))
        members_fault(m, name, "is no object");
    if (m->reading->status)
        return nothing(m);
    return (struct members){ m->reading, value, deeper(m, name, "") };
}

size_t members_items(const struct members *m, const char *name, size_t most)
{
    const json_t *value = find(m, name);

    if (value && !json_is_array(value))
        members_fault(m, name, "is no array");
    else if (json_array_size(value) > most)
        members_fault(m, name, "has too many items");
    return m->reading->status ? 0 : json_array_size(value);
}

struct members members_item(const struct members *m, const char *name, size_t i)
{
    const json_t *value = json_array_get(find(m, name), i);
    char index[24];

    if (!json_is_object(value))
        members_fault(m, name, "has an item that is no object");
    if (m->reading->status)
        return nothing(m);
    snprintf(index, sizeof index, "[%zu]", i);
    return (struct members){ m->reading, value, deeper(m, name, index) };
}

const char **members_texts(const struct members *m, const char *name, size_t most,
                           size_t most_bytes, bool (*check)(const char *text), size_t *ret_count)
{
    size_t count = members_items(m, name, most);
    const json_t *array = find(m, name);
    const char **texts = members_room(m, count + 1, sizeof *texts);

    *ret_count = 0;
    for (size_t i = 0; texts && i < count; i++) {
        texts[i] = copy(m, name, json_array_get(array, i), most_bytes);
        if (check)
            texts[i] = checked(m, name, texts[i], check, "has an item that may not be there");
        if (!texts[i])
            return NULL;
    }
    if (texts)
        *ret_count = count;
    return texts;
}

json_t *members_clean_string(const char *text)
{
    struct buffer clean;
    json_t *string;

    if (!text)
        text = "";
    buffer_init(&clean, allocator_libc(), 3 * strlen(text) + 1);
    append_clean(&clean, span_of(text));
    string = buffer_status(&clean) ? NULL : json_string(buffer_string(&clean));
    buffer_release(&clean);
    return string;
}

json_t *members_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *members_with(json_t *array, json_t *item)
{
    if (!array) {
        json_decref(item);
    } else if (json_array_append_new(array, item) != 0) {
        json_decref(array);
        array = NULL;
    }
    return array;
}

json_t *members_array_of(const char *const *texts, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        array = members_with(array, json_string(texts[i]));
    return array;
}
