/* A document as one page that needs nothing else: style, script, the libraries
 * that draw figures, and all numbers are inside. Without script everything but the
 * pictures is there to read; the tables below the figures are their data, and the
 * only place where it stands. */
#include <sodium.h>
#include <string.h>

#include "report/charts.h"
#include "report/document_writers.h"
#include "report/html_blocks.h"
#include "report/html_text.h"

extern char report_css[], report_js[], charts_js[]; /* of web/; charts_js is empty without charts */

const char *charts_missing(void)
{
    return *charts_js
               ? NULL
               : "this build of ouroscope has no charts (Vega-Lite could not be fetched when "
                 "it was set up)";
}

const char *charts_missing_in(const struct document *d)
{
    return document_has_figures(d) ? charts_missing() : NULL;
}

/* --- Head ------------------------------------------------------------------------ */

/* Names a script by what is in it: no other one is run, wherever it came from. */
static void put_script_source(struct buffer *out, const char *script)
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof sum, sodium_base64_VARIANT_ORIGINAL)];

    crypto_hash_sha256(sum, (const unsigned char *)script, strlen(script));
    sodium_bin2base64(text, sizeof text, sum, sizeof sum, sodium_base64_VARIANT_ORIGINAL);
    buffer_printf(out, " 'sha256-%s'", text);
}

static void put_head(const struct document *d, bool charts, struct buffer *out)
{
    buffer_text(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "base-uri 'none'; form-action 'none'; img-src data:; "
                     "style-src 'unsafe-inline'; script-src");
    if (charts)
        put_script_source(out, charts_js);
    put_script_source(out, report_js);
    buffer_text(out,
                "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<meta name=\"generator\" content=\"ouroscope " OUROSCOPE_VERSION "\">\n<title>");
    html_escape(out, d->title);
    buffer_text(out, "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n");
    buffer_text(out, report_css);
    buffer_text(out, "</style>\n</head>\n<body>\n"
                     "<a class=\"skip\" href=\"#main\">Skip to the report</a>\n");
}

/* --- Foot -------------------------------------------------------------------------- */

static void put_script(struct buffer *out, const char *script)
{
    buffer_text(out, "<script>");
    buffer_text(out, script);
    buffer_text(out, "</script>\n");
}

void document_to_html(const struct document *d, struct buffer *out)
{
    bool charts = *charts_js && document_has_figures(d);

    put_head(d, charts, out);
    html_document_title(d, out);
    html_document_contents(d, out);
    buffer_text(out, "<main id=\"main\" tabindex=\"-1\">\n");
    html_document_blocks(d, out);
    buffer_text(out, "</main>\n<footer>\n");
    html_document_origin(d, out);
    buffer_text(out, "</footer>\n");
    if (charts)
        put_script(out, charts_js);
    put_script(out, report_js);
    buffer_text(out, "</body>\n</html>\n");
}
