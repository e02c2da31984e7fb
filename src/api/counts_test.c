#include "api/counts.h"

#include <pthread.h>
#include <string.h>

#include "api/parts.h"
#include "support/test.h"

/* The page as Prometheus reads it. */
static const char *shown(bool open_metrics)
{
    static char text[1 << 20];
    struct metric_page page;
    struct buffer out;

    metric_page_init(&page);
    buffer_init(&out, allocator_libc(), sizeof text - 1);
    counts_show(&page);
    assert_int_equal(metric_page_write(&page, open_metrics, &out), OU_OK);
    strcpy(text, buffer_string(&out));
    buffer_release(&out);
    metric_page_release(&page);
    return text;
}

static void assert_line(const char *line)
{
    char whole[256];

    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (!strstr(shown(false), whole))
        fail_msg("no line \"%s\" in:\n%s", line, shown(false));
}

static struct request_facts answered(const char *operation, unsigned status, int64_t duration_ns)
{
    return (struct request_facts){ .method = "GET",
                                   .operation = operation,
                                   .status = status,
                                   .bytes_in = 10,
                                   .bytes_out = 100,
                                   .duration_ns = duration_ns,
                                   .waited_ns = 500000000 };
}

static void count(const char *operation, unsigned status, int64_t duration_ns)
{
    struct request_facts facts = answered(operation, status, duration_ns);

    counts_request(&facts);
}

static void test_requests_are_counted_by_operation_method_and_status(void **state)
{
    struct request_facts odd = answered("listRuns", 200, 0);

    (void)state;
    counts_reset();
    count("listRuns", 200, 0);
    count("listRuns", 204, 0);
    count("listRuns", 404, 0);
    count("", 405, 0);
    odd.method = "BREW";
    counts_request(&odd);
    assert_line(
        "ouroscope_api_requests_total{operation=\"listRuns\",method=\"GET\",status=\"2xx\"} 2");
    assert_line(
        "ouroscope_api_requests_total{operation=\"listRuns\",method=\"GET\",status=\"4xx\"} 1");
    assert_line("ouroscope_api_requests_total{operation=\"none\",method=\"GET\",status=\"4xx\"} 1");
    assert_line(
        "ouroscope_api_requests_total{operation=\"listRuns\",method=\"other\",status=\"2xx\"} 1");
    assert_line("ouroscope_api_received_bytes_total 50");
    assert_line("ouroscope_api_sent_bytes_total 500");
    assert_line("ouroscope_api_waited_seconds_total{operation=\"none\"} 0.5");
}

static void test_times_fall_into_buckets_that_contain_one_another(void **state)
{
    (void)state;
    counts_reset();
    count("getRun", 200, 1000000); /* 1 ms: its own bound is inside */
    count("getRun", 200, 1000001);
    count("getRun", 200, INT64_C(60000000000));
    assert_line("ouroscope_api_request_seconds_bucket{operation=\"getRun\",le=\"0.001\"} 1");
    assert_line("ouroscope_api_request_seconds_bucket{operation=\"getRun\",le=\"0.0025\"} 2");
    assert_line("ouroscope_api_request_seconds_bucket{operation=\"getRun\",le=\"10.0\"} 2");
    assert_line("ouroscope_api_request_seconds_bucket{operation=\"getRun\",le=\"+Inf\"} 3");
    assert_line("ouroscope_api_request_seconds_count{operation=\"getRun\"} 3");
    assert_line("# TYPE ouroscope_api_request_seconds histogram");
    assert_non_null(strstr(shown(true), "# TYPE ouroscope_api_requests counter\n"));
}

static void test_names_of_operations_have_an_end(void **state)
{
    char name[32];

    (void)state;
    counts_reset();
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "operation-%d", i);
        count(name, 200, 0);
    }
    assert_line("ouroscope_api_request_seconds_count{operation=\"operation-254\"} 1");
    assert_line("ouroscope_api_request_seconds_count{operation=\"other\"} 745");
}

static void *count_often(void *context)
{
    for (int i = 0; i < 2000; i++) {
        count("listRuns", 200, 1000);
        counts_delivery(i % 4 != 0);
    }
    return context;
}

static void test_threads_count_together(void **state)
{
    pthread_t threads[4];

    (void)state;
    counts_reset();
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_often, NULL), 0);
    for (int i = 0; i < 20; i++)
        assert_non_null(strstr(shown(false), "# EOF"));
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_line("ouroscope_api_request_seconds_count{operation=\"listRuns\"} 8000");
    assert_line("ouroscope_alert_messages_sent_total 6000");
    assert_line("ouroscope_alert_messages_failed_total 2000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_counted_by_operation_method_and_status),
        cmocka_unit_test(test_times_fall_into_buckets_that_contain_one_another),
        cmocka_unit_test(test_names_of_operations_have_an_end),
        cmocka_unit_test(test_threads_count_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
