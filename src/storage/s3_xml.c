#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "storage/s3_private.h"

#define DEPTH_MAX 8
#define NAME_ROOM 64
#define TEXT_ROOM ((size_t)8 << 10)

enum trouble { TROUBLE_NONE, TROUBLE_DOCTYPE, TROUBLE_DEPTH, TROUBLE_NAME, TROUBLE_TEXT, STOPPED };

struct reading {
    const struct s3_xml *xml;
    XML_Parser parser;
    char names[DEPTH_MAX][NAME_ROOM];
    unsigned depth;
    bool is_leaf; /* no element was in the innermost one so far */
    char text[TEXT_ROOM];
    size_t text_bytes;
    enum trouble trouble;
};

static void stop(struct reading *r, enum trouble trouble)
{
    if (!r->trouble)
        r->trouble = trouble;
    XML_StopParser(r->parser, XML_FALSE);
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *r = context;
    const char *colon = strchr(name, ':');

    (void)attributes;
    if (colon)
        name = colon + 1;
    if (r->depth == DEPTH_MAX) {
        stop(r, TROUBLE_DEPTH);
    } else if (strlen(name) >= NAME_ROOM) {
        stop(r, TROUBLE_NAME);
    } else {
        memcpy(r->names[r->depth++], name, strlen(name) + 1);
        r->is_leaf = true;
        r->text_bytes = 0;
    }
}

static void on_text(void *context, const XML_Char *text, int len)
{
    struct reading *r = context;

    if (!r->is_leaf || r->trouble)
        return;
    if ((size_t)len >= TEXT_ROOM - r->text_bytes) {
        stop(r, TROUBLE_TEXT);
        return;
    }
    memcpy(r->text + r->text_bytes, text, (size_t)len);
    r->text_bytes += (size_t)len;
}

static void on_end(void *context, const XML_Char *qualified)
{
    struct reading *r = context;
    const char *name, *parent;
    bool go_on = true;

    (void)qualified;
    if (r->trouble)
        return;
    r->depth--;
    name = r->names[r->depth];
    parent = r->depth > 0 ? r->names[r->depth - 1] : "";
    r->text[r->text_bytes] = '\0';
    if (r->is_leaf)
        go_on = !r->xml->leaf || r->xml->leaf(r->xml->context, parent, name, r->text);
    else if (r->xml->end)
        go_on = r->xml->end(r->xml->context, name);
    r->is_leaf = false;
    if (!go_on)
        stop(r, STOPPED);
}

static void on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int has_subset)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_subset;
    stop(context, TROUBLE_DOCTYPE);
}

static enum ou_status judge(const struct reading *r, enum XML_Status status, struct ou_error *err)
{
    switch (r->trouble) {
    case TROUBLE_DOCTYPE: return ou_fail(err, OU_INVALID, "XML with a document type");
    case TROUBLE_DEPTH: return ou_fail(err, OU_INVALID, "XML that is nested too deeply");
    case TROUBLE_NAME: return ou_fail(err, OU_INVALID, "XML with a name that is too long");
    case TROUBLE_TEXT: return ou_fail(err, OU_INVALID, "XML with a text that is too long");
    case STOPPED: return OU_OK;
    case TROUBLE_NONE: break;
    }
    return status == XML_STATUS_OK ? OU_OK
                                   : ou_fail(err, OU_INVALID, "no XML: %s",
                                             XML_ErrorString(XML_GetErrorCode(r->parser)));
}

enum ou_status s3_xml_read(struct span text, const struct s3_xml *xml, struct ou_error *err)
{
    struct reading r = { .xml = xml, .parser = XML_ParserCreate(NULL) };
    enum ou_status status;

    if (!r.parser)
        return ou_fail(err, OU_NO_MEMORY, "no memory to read XML");
    if (text.len > INT32_MAX) {
        XML_ParserFree(r.parser);
        return ou_fail(err, OU_TOO_LARGE, "XML that is too large");
    }
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    status = judge(&r, XML_Parse(r.parser, text.at ? text.at : "", (int)text.len, 1), err);
    XML_ParserFree(r.parser);
    return status;
}
