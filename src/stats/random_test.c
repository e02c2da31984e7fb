#include "stats/random.h"

#include "support/near.h"
#include "support/test.h"

static void test_normal_numbers_have_the_moments(void **state)
{
    enum { DRAWS = 100000 };
    struct random_stream r;
    double sum = 0, squares = 0, fourth = 0;

    (void)state;
    random_stream_init(&r, 20260301, 4);
    for (int i = 0; i < DRAWS; i++) {
        double z = random_normal(&r);

        sum += z;
        squares += z * z;
        fourth += z * z * z * z;
    }
    assert_near(sum / DRAWS, 0, .013); /* deviation .0032 */
    assert_near(squares / DRAWS, 1, .018);
    assert_near(fourth / DRAWS, 3, .13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_numbers_have_the_moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
