/* Lists of keys, page by page, and what is deleted by them. Pages are what a server says: keys that were not asked for, and lists
 * without an end, are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "storage/s3_private.h"

#define KEY_ROOM (S3_KEY_BYTES_MAX + 1)
#define KEYS_A_PAGE 1000
#define TEXT_EQUAL(a, b) (strcmp(a, b) == 0)

struct page {
    const char *prefix;
    bool (*tell)(void *context, const struct s3_object *object);
    void *context;
    bool is_encoded;
    char key[KEY_ROOM], etag[S3_ETAG_ROOM];
    struct s3_object object; /* that is being read */
    bool has_key, more, stopped;
    char *next; /* S3_TOKEN_ROOM */
    struct ou_error *err;
    enum ou_status status;
};

/* ---- one page ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* False: it is too long, or has what is no text. Stores write blanks as "+" or as "%20". */
static bool decode(const char *text, bool is_encoded, char *ret, size_t room)
{
    size_t len = 0;

    for (; *text; text++) {
        char c = *text;

        if (is_encoded && c == '+') {
            c = ' ';
        } else if (is_encoded && c == '%') {
            int high = hex_value(text[1]), low = high < 0 ? -1 : hex_value(text[2]);

            if (low < 0)
                return false;
            c = (char)(high << 4 | low);
            text += 2;
        }
        if (c == '\0' || len + 1 >= room)
            return false;
        ret[len++] = c;
    }
    ret[len] = '\0';
    return true;
}

static bool refuse(struct page *p, const char *why)
{
    p->status = ou_fail(p->err, OU_INVALID, "the store's list of keys: %s", why);
    return false;
}

static bool note_encoding(void *context, const char *parent, const char *name, const char *text)
{
    struct page *p = context;

    (void)parent;
    if (TEXT_EQUAL(name, "EncodingType"))
        p->is_encoded = TEXT_EQUAL(text, "url");
    return true;
}

static bool note_number(const char *text, uint64_t *ret)
{
    char *end;

    if (*text < '0' || *text > '9' || strlen(text) > 19)
        return false;
    *ret = strtoull(text, &end, 10);
    return !*end;
}

static bool note_object(struct page *p, const char *name, const char *text)
{
    if (TEXT_EQUAL(name, "Key")) {
        if (!decode(text, p->is_encoded, p->key, sizeof p->key) || s3_check_key(p->key, NULL))
            return refuse(p, "a key with control characters, or one that can be none: remove that "
                             "object with the tools of the store");
        p->has_key = true;
    } else if (TEXT_EQUAL(name, "Size")) {
        if (!note_number(text, &p->object.bytes))
            return refuse(p, "a size that is no number");
    } else if (TEXT_EQUAL(name, "ETag")) {
        s3_copy_etag(span_of(text), p->etag);
    } else if (TEXT_EQUAL(name, "LastModified")) {
        if (!time_parse_iso(text, strlen(text), &p->object.modified_ns))
            p->object.modified_ns = TIME_NONE;
    }
    return true;
}

static void begin_object(struct page *p)
{
    p->has_key = false;
    *p->key = *p->etag = '\0';
    p->object = (struct s3_object){ .key = p->key, .etag = p->etag, .modified_ns = TIME_NONE };
}

static bool note_leaf(void *context, const char *parent, const char *name, const char *text)
{
    struct page *p = context;

    if (TEXT_EQUAL(parent, "Contents"))
        return note_object(p, name, text);
    if (!TEXT_EQUAL(parent, "ListBucketResult"))
        return true;
    if (TEXT_EQUAL(name, "IsTruncated"))
        p->more = TEXT_EQUAL(text, "true");
    else if (TEXT_EQUAL(name, "NextContinuationToken")) {
        if (strlen(text) >= S3_TOKEN_ROOM)
            return refuse(p, "a token that is too long");
        memcpy(p->next, text, strlen(text) + 1);
    }
    return true;
}

static bool end_element(void *context, const char *name)
{
    struct page *p = context;

    if (!TEXT_EQUAL(name, "Contents"))
        return true;
    if (!p->has_key)
        return refuse(p, "an object without a key");
    if (strncmp(p->key, p->prefix, strlen(p->prefix)) != 0)
        return refuse(p, "a key that was not asked for");
    p->stopped = !p->tell(p->context, &p->object);
    begin_object(p);
    return !p->stopped;
}

enum ou_status s3_read_list(struct span text, const char *prefix,
                            bool (*tell)(void *context, const struct s3_object *object),
                            void *context, bool *ret_more, char ret_next[S3_TOKEN_ROOM],
                            struct ou_error *err)
{
    struct page p = {
        .prefix = prefix, .tell = tell, .context = context, .next = ret_next, .err = err
    };
    const struct s3_xml encoding = { .leaf = note_encoding, .context = &p };
    const struct s3_xml all = { .leaf = note_leaf, .end = end_element, .context = &p };
    enum ou_status status;

    *ret_next = '\0';
    *ret_more = false;
    begin_object(&p);
    status = s3_xml_read(text, &encoding, err); /* which may be said behind what it is about */
    if (!status)
        status = s3_xml_read(text, &all, err);
    if (!status)
        status = p.status;
    *ret_more = !status && p.more && !p.stopped;
    if (*ret_more && !*ret_next)
        status = ou_fail(err, OU_INVALID, "the store's list of keys: no token for what follows");
    return status;
}

/* ---- all pages ---- */

static enum ou_status fetch_page(struct s3 *s3, const char *prefix, const char *token,
                                 struct http_reply *ret, struct ou_error *err)
{
    char keys[16];
    const struct sigv4_pair query[] = {
        { "list-type", "2" }, { "encoding-type", "url" },      { "prefix", prefix },
        { "max-keys", keys }, { "continuation-token", token },
    };
    const struct s3_call call = {
        .method = "GET",
        .action = "s3:ListBucket",
        .query = query,
        .query_count = *token ? 5 : 4,
    };

    snprintf(keys, sizeof keys, "%u", s3->page_keys ? s3->page_keys : KEYS_A_PAGE);
    return s3_call(s3, &call, ret, err);
}

enum ou_status s3_list(struct s3 *s3, const char *prefix,
                       bool (*tell)(void *context, const struct s3_object *object), void *context,
                       struct ou_error *err)
{
    char token[S3_TOKEN_ROOM] = "", next[S3_TOKEN_ROOM] = "";
    enum ou_status status;
    bool more = false;

    do {
        struct http_reply reply;

        status = fetch_page(s3, prefix, token, &reply, err);
        if (!status)
            status = s3_read_list((struct span){ reply.body.at, reply.body.len }, prefix, tell,
                                  context, &more, next, err);
        http_reply_release(&reply);
        if (!status && more && TEXT_EQUAL(token, next))
            status = ou_fail(err, OU_INVALID, "the store's list of keys has no end");
        memcpy(token, next, sizeof token);
    } while (!status && more);
    return status;
}

/* ---- what was begun and not finished ---- */

struct upload {
    char key[KEY_ROOM], id[S3_TOKEN_ROOM];
};

struct uploads {
    struct s3 *s3;
    const char *prefix;
    struct upload upload; /* that is being read */
    bool is_encoded;
    uint64_t aborted;
    struct ou_error *err;
    enum ou_status status;
};

static bool note_upload_encoding(void *context, const char *parent, const char *name,
                                 const char *text)
{
    struct uploads *u = context;

    (void)parent;
    if (TEXT_EQUAL(name, "EncodingType"))
        u->is_encoded = TEXT_EQUAL(text, "url");
    return true;
}

static bool note_upload(void *context, const char *parent, const char *name, const char *text)
{
    struct uploads *u = context;

    if (!TEXT_EQUAL(parent, "Upload"))
        return true;
    if (TEXT_EQUAL(name, "Key") &&
        !decode(text, u->is_encoded, u->upload.key, sizeof u->upload.key))
        *u->upload.key = '\0';
    else if (TEXT_EQUAL(name, "UploadId") && strlen(text) < sizeof u->upload.id)
        memcpy(u->upload.id, text, strlen(text) + 1);
    return true;
}

static bool abort_upload(void *context, const char *name)
{
    struct uploads *u = context;

    if (!TEXT_EQUAL(name, "Upload"))
        return true;
    if (*u->upload.key && *u->upload.id &&
        strncmp(u->upload.key, u->prefix, strlen(u->prefix)) == 0) {
        u->status = s3_parts_abort(u->s3, u->upload.key, u->upload.id, u->err);
        u->aborted++;
    }
    u->upload = (struct upload){ .key = "" };
    return !u->status;
}

/* One page of them; those that are aborted are not on the next. A store that cannot list them (501) has none for us. */
static enum ou_status abort_page(struct uploads *u)
{
    const struct sigv4_pair query[] = { { "uploads", "" },
                                        { "encoding-type", "url" },
                                        { "prefix", u->prefix } };
    const struct s3_call call = {
        .method = "GET",
        .action = "s3:ListBucketMultipartUploads",
        .query = query,
        .query_count = 3,
        .also_good = 501,
    };
    const struct s3_xml encoding = { .leaf = note_upload_encoding, .context = u };
    const struct s3_xml all = { .leaf = note_upload, .end = abort_upload, .context = u };
    struct http_reply reply;
    enum ou_status status = s3_call(u->s3, &call, &reply, u->err);
    struct span text = { reply.body.at, reply.body.len };

    if (!status && reply.status != 501) {
        status = s3_xml_read(text, &encoding, u->err);
        if (!status)
            status = s3_xml_read(text, &all, u->err);
        if (!status)
            status = u->status;
    }
    http_reply_release(&reply);
    return status;
}

static enum ou_status abort_uploads(struct s3 *s3, const char *prefix, struct ou_error *err)
{
    struct uploads u = { .s3 = s3, .prefix = prefix, .err = err };
    enum ou_status status;
    uint64_t before;

    do {
        before = u.aborted;
        status = abort_page(&u);
    } while (!status && u.aborted > before);
    return status;
}

/* ---- deleting ---- */

struct deleting {
    struct s3 *s3;
    uint64_t count;
    enum ou_status status;
    struct ou_error *err;
};

static bool delete_object(void *context, const struct s3_object *object)
{
    struct deleting *d = context;

    d->status = s3_delete(d->s3, object->key, d->err);
    if (!d->status)
        d->count++;
    return !d->status;
}

enum ou_status s3_delete_prefix(struct s3 *s3, const char *prefix, uint64_t *ret_count,
                                struct ou_error *err)
{
    struct deleting d = { .s3 = s3, .err = err };
    enum ou_status status = s3_list(s3, prefix, delete_object, &d, err);

    if (!status)
        status = d.status;
    if (!status)
        status = abort_uploads(s3, prefix, err);
    *ret_count = d.count;
    return status;
}
