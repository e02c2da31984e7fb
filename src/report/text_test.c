#include "report/text.h"

#include "report/safe_text.h"
#include "report/sample_test.h"
#include "report/text_page.h"
#include "report/text_sections.h"

static void render(const struct analysis *a, struct text_style style, struct buffer *ret)
{
    buffer_init(ret, allocator_libc(), 1 << 22);
    report_text(a, &style, ret);
    assert_int_equal(buffer_status(ret), OU_OK);
}

static void assert_report(const struct analysis *a, struct text_style style, const char *golden)
{
    struct buffer out;

    render(a, style, &out);
    assert_golden(&out, golden);
    buffer_release(&out);
}

static void test_reports_are_their_golden_files(void **state)
{
    struct analysis a;

    (void)state;
    sample_full(&a, false, true);
    assert_report(&a, (struct text_style){ 96, false, true, false }, "report.txt");
    assert_report(&a, (struct text_style){ 80, false, false, false }, "report-ascii.txt");
    assert_report(&a, (struct text_style){ 96, true, true, false }, "report-colour.txt");
    sample_release(&a);
    sample_partial(&a);
    assert_report(&a, (struct text_style){ 96, false, true, false }, "report-partial.txt");
    sample_release(&a);
}

static void test_colour_is_the_only_thing_that_colour_adds(void **state)
{
    struct analysis a;
    struct buffer plain, coloured, stripped;

    (void)state;
    sample_full(&a, false, true);
    render(&a, (struct text_style){ 96, false, true, false }, &plain);
    render(&a, (struct text_style){ 96, true, true, false }, &coloured);
    buffer_init(&stripped, allocator_libc(), 1 << 22);
    for (const char *at = buffer_string(&coloured); *at; at++) {
        if (*at == '\x1b')
            at = strchr(at, 'm');
        else
            buffer_char(&stripped, *at);
    }
    assert_string_equal(buffer_string(&stripped), buffer_string(&plain));
    buffer_release(&stripped);
    buffer_release(&coloured);
    buffer_release(&plain);
    sample_release(&a);
}

/* Every line, at several widths; ASCII where it is asked for. */
static void test_no_line_is_wider_than_the_page_nor_holds_a_control(void **state)
{
    static const struct text_style styles[] = {
        { 92, false, false, false },
        { 80, false, true, false },
        { 110, false, true, false },
        { 20, false, false, false },
    };
    struct analysis a;

    (void)state;
    for (size_t i = 0; i < 2 * sizeof styles / sizeof *styles; i++) {
        struct text_style style = styles[i / 2];
        struct buffer out;

        if (i % 2)
            sample_full(&a, false, true);
        else
            sample_partial(&a);
        render(&a, style, &out);
        for (char *line = strtok(out.at, "\n"); line; line = strtok(NULL, "\n")) {
            int limit = style.width < 80 ? 80 : style.width;

            if (text_columns(span_of(line)) > (size_t)limit)
                fail_msg("wider than %d: %s", limit, line);
            for (const char *at = line; *at; at++)
                assert_true((unsigned char)*at >= ' ' && *at != 0x7f &&
                            (style.utf8 || (unsigned char)*at < 0x80));
        }
        buffer_release(&out);
        sample_release(&a);
    }
}

static void test_nothing_at_all_still_makes_a_report(void **state)
{
    struct analysis a;

    (void)state;
    sample_begin(&a, false, 0);
    a.first_ns = a.last_ns = TIME_NONE;
    for (int i = 0; i < 2; i++)
        a.slots_raw[i] = a.slots_filtered[i] = a.blocks_raw[i] = a.blocks_filtered[i] = -1;
    assert_report(&a, (struct text_style){ 80, false, true, false }, "report-empty.txt");
    sample_release(&a);
}

/* Six hosts about 10 % CPU and one at 95 %. */
static void test_a_host_that_stands_apart_is_named(void **state)
{
    static const double levels[7] = { 9, 9.5, 10, 10.5, 11, 11.5, 95 };
    static struct host_result hosts[7];
    static struct distribution per_host[7];
    struct analysis a;
    struct buffer out;

    (void)state;
    sample_begin(&a, false, 0);
    for (int i = 0; i < 7; i++) {
        static char names[7][16];

        snprintf(names[i], sizeof names[i], "node-%d", i);
        hosts[i] = (struct host_result){ .name = names[i], .clock_offset_ns = TIME_NONE };
        per_host[i] = (struct distribution){ .n = 4, .mean = levels[i] };
    }
    a.hosts = hosts;
    a.host_count = 7;
    SAMPLES(&a, SECTION_MACHPERF, "CentiCpu", 9, 9.5, 10, 10.5, 11, 11.5, 95);
    a.metrics[0].per_host = per_host;
    render(&a, (struct text_style){ 96, false, false, false }, &out);
    assert_non_null(
        strstr(buffer_string(&out), "node-6 stands apart: CPU 95.00 % (the middle host 10.50).\n"));
    assert_null(strstr(buffer_string(&out), "node-5 stands apart"));
    buffer_release(&out);
    per_host[6].mean = 10.7; /* an outlier by its z score, but within 2 % of the others */
    for (int i = 0; i < 6; i++)
        per_host[i].mean = 10.5 + i * 0.01;
    render(&a, (struct text_style){ 96, false, false, false }, &out);
    assert_null(strstr(buffer_string(&out), "stands apart"));
    buffer_release(&out);
    for (int i = 0; i < 7; i++) /* ten times the others, but both are shown as 0.00 */
        per_host[i].mean = i < 6 ? 0.0001 + i * 0.00001 : 0.001;
    render(&a, (struct text_style){ 96, false, false, false }, &out);
    assert_null(strstr(buffer_string(&out), "stands apart"));
    buffer_release(&out);
    sample_release(&a);
}

static void test_quantities_take_the_unit_a_person_would(void **state)
{
    char text[96];

    (void)state;
    assert_string_equal(duration_text(TIME_NONE, text), "-");
    assert_string_equal(duration_text(450 * US * 1000, text), "450 ms");
    assert_string_equal(duration_text(3 * NS_PER_SECOND + NS_PER_SECOND / 4, text), "3.2 s");
    assert_string_equal(duration_text(125 * NS_PER_SECOND, text), "2 min 5 s");
    assert_string_equal(duration_text(3900 * NS_PER_SECOND, text), "1 h 5 min");
    assert_string_equal(duration_text(50 * 3600 * NS_PER_SECOND, text), "2 d 2 h");
    assert_string_equal(duration_text(-31 * US * 1000, text), "-0.031 s");
    assert_string_equal(bytes_text(999, text), "999 bytes");
    assert_string_equal(bytes_text(153703701, text), "153.7 MB");
    assert_string_equal(bytes_text(999960, text), "1.0 MB");
    assert_string_equal(bytes_text(UINT64_MAX, text), "18.4 EB");
    assert_string_equal(instant_text(SAMPLE_START + 1, text), "2023-03-22 00:00:00 UTC");
}

static void assert_bar(bool utf8, double from, double to, double tail, const char *expected)
{
    struct buffer out;
    struct page page;

    buffer_init(&out, allocator_libc(), 1 << 10);
    page_init(&page, &(struct text_style){ 80, false, utf8, false }, &out);
    page_bar(&page, from, to, tail, 8);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void test_bars_show_their_fractions(void **state)
{
    (void)state;
    assert_bar(false, 0, 0.5, 1, "####....");
    assert_bar(false, 0.5, 1, 0, "    ####");
    assert_bar(true, 0, 0.1875, 0.5, "\u2588\u258c\u2591\u2591");
    assert_bar(false, 0.25, 0.25, 0, "  |");
    assert_bar(false, 1, 1, 1, "       |");
    assert_bar(false, 0, 7, 9, "########");
    assert_bar(false, 0, NAN, NAN, "");
    assert_bar(false, 0, -1, 0, "");
}

static void test_a_full_buffer_is_told(void **state)
{
    struct analysis a;
    struct buffer out;

    (void)state;
    sample_full(&a, false, true);
    buffer_init(&out, allocator_libc(), 500);
    report_text(&a, &(struct text_style){ 80, false, true, false }, &out);
    assert_int_equal(buffer_status(&out), OU_TOO_LARGE);
    buffer_release(&out);
    sample_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reports_are_their_golden_files),
        cmocka_unit_test(test_colour_is_the_only_thing_that_colour_adds),
        cmocka_unit_test(test_no_line_is_wider_than_the_page_nor_holds_a_control),
        cmocka_unit_test(test_nothing_at_all_still_makes_a_report),
        cmocka_unit_test(test_a_host_that_stands_apart_is_named),
        cmocka_unit_test(test_quantities_take_the_unit_a_person_would),
        cmocka_unit_test(test_bars_show_their_fractions),
        cmocka_unit_test(test_a_full_buffer_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
