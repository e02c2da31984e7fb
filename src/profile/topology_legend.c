#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "profile/topology_picture_inside.h"

#define LEGEND_X 785
#define LEGEND_Y 140
#define LEGEND_STEP 24

/* ---- text ---- */

/* XML has no control characters, not even as references. */
static bool is_xml(uint32_t c)
{
    return c >= 0x20 && c != 0x7f && c != 0xfffe && c != 0xffff;
}

void picture_text(struct buffer *out, const char *text)
{
    struct span rest = span_of(text);

    while (rest.len) {
        const char *start = rest.at;
        uint32_t c;
        bool valid = utf8_next(&rest, &c);

        if (c == '&')
            buffer_text(out, "&amp;");
        else if (c == '<')
            buffer_text(out, "&lt;");
        else if (c == '>')
            buffer_text(out, "&gt;");
        else if (valid && is_xml(c))
            buffer_append(out, start, (size_t)(rest.at - start));
        else
            buffer_text(out, UTF8_REPLACEMENT);
    }
}

/* ---- head and legend ---- */

/* Colours of Okabe and Ito, which people who see few colours tell apart; lighter ones on dark paper. */
static const char style[] =
    "<style>\n"
    "svg{--paper:#fbfbfa;--ink:#1d2126;--quiet:#5b6470;--far:#7b8490}\n"
    ".c0{--c:#0072b2}.c1{--c:#c25400}.c2{--c:#00805e}.c3{--c:#b3568a}"
    ".c4{--c:#a87400}.c5{--c:#2f8fc4}.c6{--c:#5f4bb6}.c7{--c:#6b6b6b}\n"
    "@media (prefers-color-scheme:dark){\n"
    "svg{--paper:#14171b;--ink:#e6e9ed;--quiet:#a0a9b4;--far:#8a939e}\n"
    ".c0{--c:#5fb4ea}.c1{--c:#f58b4c}.c2{--c:#3fc79c}.c3{--c:#e79cc4}"
    ".c4{--c:#f0b93a}.c5{--c:#9ed8fa}.c6{--c:#b0a2f5}.c7{--c:#b5b5b5}\n"
    "}\n"
    "text{font-family:system-ui,sans-serif;fill:var(--ink)}\n"
    ".paper{fill:var(--paper)}\n"
    ".title{font-size:24px;font-weight:600}.facts,.key{font-size:14px}.facts{fill:var(--quiet)}\n"
    ".number,.name,.region{text-anchor:middle}.name{font-size:12px}\n"
    ".region{font-size:15px;font-weight:600;fill:var(--c)}\n"
    ".near,.far,.watch{fill:none}.near{stroke:var(--c)}.far{stroke:var(--far)}\n"
    ".watch{stroke:var(--quiet);stroke-dasharray:2 5}\n"
    ".node{fill:var(--paper);stroke:var(--c)}.bft{stroke-dasharray:3 2}\n"
    ".dense{fill:none;stroke:var(--c)}.observer{stroke:var(--ink)}\n";

/* The more links, the thinner and paler they are. */
static void draw_style(const struct picture *p)
{
    double many = fmax((double)p->links / (double)p->stride, 1);
    double width = fmin(fmax(9 / sqrt(many), 0.25), 1.6);
    double near = fmin(fmax(14 / sqrt(many), 0.12), 0.9);

    buffer_text(p->out, style);
    buffer_printf(p->out,
                  ".near,.far,.watch{stroke-width:%.2f}.near{stroke-opacity:%.2f}"
                  ".far{stroke-opacity:%.2f}.watch{stroke-opacity:%.2f}\n"
                  ".node,.dense{stroke-width:%.2f}\n</style>\n",
                  width, near, near * 0.75, near * 0.8, fmin(fmax(p->dot / 5, 0.8), 2.4));
    /* Heads take the colour of their line where browsers can do that (SVG 2), else that of text. */
    buffer_printf(p->out,
                  "<defs><marker id=\"h\" viewBox=\"0 0 8 8\" refX=\"1\" refY=\"4\" "
                  "markerWidth=\"%.1f\" markerHeight=\"%.1f\" markerUnits=\"userSpaceOnUse\" "
                  "orient=\"auto-start-reverse\"><path d=\"M0 .8L8 4 0 7.2z\" "
                  "fill=\"context-stroke\" fill-opacity=\"%.2f\"/></marker></defs>\n",
                  p->dot * 0.6, p->dot * 0.6, fmin(near + 0.2, 1));
}

static void append_degree(struct buffer *out, const struct degree *d)
{
    if (d->min == d->max)
        buffer_printf(out, "%zu", d->min);
    else
        buffer_printf(out, "%zu to %zu (mean %.1f)", d->min, d->max, d->mean);
}

/* What is known of the graph, in two sentences. */
static void append_facts(const struct picture *p, struct buffer *out, bool second)
{
    const struct topology_graph *g = p->g;

    if (!second) {
        buffer_printf(out,
                      "%zu node%s in %zu region%s; %zu link%s, %zu between regions; each dials ",
                      g->nodes, g->nodes == 1 ? "" : "s", g->regions, g->regions == 1 ? "" : "s",
                      g->links, g->links == 1 ? "" : "s", g->links_between);
        append_degree(out, &g->out);
        if (g->observers)
            buffer_printf(out, "; and %zu that do%s not forge", g->observers,
                          g->observers == 1 ? "es" : "");
        return;
    }
    buffer_printf(out, "diameter %.0f, mean distance %.2f", g->hops.longest, g->hops.mean);
    if (g->has_delays)
        buffer_printf(out, "; at least %.4g ms one way between the farthest, %.4g ms on average",
                      g->delay_ms.longest, g->delay_ms.mean);
    if (g->hops.pairs_apart)
        buffer_text(out, "; in several pieces");
    if (p->stride > 1)
        buffer_printf(out, "; one in %zu links is drawn", p->stride);
}

void picture_head(const struct picture *p, const char *title)
{
    buffer_printf(p->out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                  "height=\"%d\" role=\"img\" aria-labelledby=\"t d\">\n<title id=\"t\">",
                  PICTURE_WIDTH, PICTURE_HEIGHT, PICTURE_WIDTH, PICTURE_HEIGHT);
    picture_text(p->out, title);
    buffer_text(p->out, "</title>\n<desc id=\"d\">");
    append_facts(p, p->out, false);
    buffer_text(p->out, "; ");
    append_facts(p, p->out, true);
    buffer_text(p->out, "</desc>\n");
    draw_style(p);
    buffer_printf(p->out,
                  "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n"
                  "<text class=\"title\" x=\"28\" y=\"42\">",
                  PICTURE_WIDTH, PICTURE_HEIGHT);
    picture_text(p->out, title);
    for (int second = 0; second < 2; second++) {
        buffer_printf(p->out, "</text>\n<text class=\"facts\" x=\"28\" y=\"%d\">",
                      66 + 20 * second);
        append_facts(p, p->out, second);
    }
    buffer_text(p->out, "</text>\n");
}

/* A row of the legend: its mark is there already. Returns where the next one stands. */
static int key(const struct picture *p, int y, const char *text, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static int key(const struct picture *p, int y, const char *text, const char *format, ...)
{
    va_list args;

    buffer_printf(p->out, "<text class=\"key\" x=\"%d\" y=\"%d\">", LEGEND_X + 22, y + 5);
    picture_text(p->out, text);
    va_start(args, format);
    buffer_vprintf(p->out, format, args);
    va_end(args);
    buffer_text(p->out, "</text>\n");
    return y + LEGEND_STEP;
}

static int draw_region_keys(const struct picture *p, int y)
{
    size_t count = p->regions.count;
    size_t shown = count > PICTURE_ROWS_MAX ? PICTURE_ROWS_MAX : count;

    for (size_t i = 0; i < shown; i++) {
        size_t nodes = p->rings[i].nodes;

        buffer_printf(p->out,
                      "<circle class=\"node c%zu\" style=\"stroke-width:2.4\" cx=\"%d\" "
                      "cy=\"%d\" r=\"7\"/>",
                      i % PICTURE_COLOURS, LEGEND_X, y);
        y = key(p, y, intern_text(&p->regions, (uint32_t)i).at, ": %zu node%s", nodes,
                nodes == 1 ? "" : "s");
    }
    return count > shown ? key(p, y, "", "and %zu more regions", count - shown) : y;
}

static int draw_line_key(const struct picture *p, int y, const char *kind, const char *text)
{
    buffer_printf(p->out,
                  "<path class=\"%s c0\" style=\"stroke-width:1.6;stroke-opacity:.9\" "
                  "d=\"M%d %dh24\"/>",
                  kind, LEGEND_X - 12, y);
    return key(p, y, text, "%s", "");
}

static int draw_line_keys(const struct picture *p, int y)
{
    y = draw_line_key(p, y, "near", "dials, within a region");
    if (p->g->links_between)
        y = draw_line_key(p, y, "far", "dials, in another region");
    if (p->in_middle)
        y = draw_line_key(p, y, "watch", "follows, and does not forge");
    return y;
}

static void draw_delay_keys(const struct picture *p, int y)
{
    const struct topology *t = p->t;
    size_t shown = t->link_count > PICTURE_ROWS_MAX ? PICTURE_ROWS_MAX : t->link_count;

    if (shown)
        y = key(p, y, "delays, one way:", "%s", "");
    for (size_t i = 0; i < shown; i++) {
        const char *a = topology_region(t->links[i].a), *b = topology_region(t->links[i].b);
        bool within = strcmp(a, b) == 0;

        buffer_printf(p->out, "<text class=\"key\" x=\"%d\" y=\"%d\">", LEGEND_X + 22, y + 5);
        picture_text(p->out, within ? "within " : a);
        picture_text(p->out, within ? "" : " \xe2\x80\x93 ");
        picture_text(p->out, b);
        buffer_printf(p->out, ": %.4g ms</text>\n", t->links[i].latency_ms);
        y += LEGEND_STEP;
    }
    if (t->link_count > shown)
        key(p, y, "", "and %zu more", t->link_count - shown);
}

void picture_legend(const struct picture *p)
{
    int y = draw_region_keys(p, LEGEND_Y);

    y = draw_line_keys(p, y + LEGEND_STEP / 2);
    draw_delay_keys(p, y + LEGEND_STEP / 2);
}
