#include "stats/factorial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/laws.h"
#include "support/files.h"
#include "support/near.h"
#include "support/test.h"

enum { RUNS_MAX = 200 };

/* Runs given row by row: block, levels of up to four factors, value. */
struct table {
    size_t runs, factors;
    size_t level_counts[FACTORIAL_FACTORS_MAX];
    uint8_t levels[RUNS_MAX * FACTORIAL_FACTORS_MAX];
    uint32_t block[RUNS_MAX];
    size_t blocks;
    double values[RUNS_MAX];
};

static void add_run(struct table *t, uint32_t block, const uint8_t *levels, double value)
{
    assert_true(t->runs < RUNS_MAX);
    memcpy(&t->levels[t->runs * t->factors], levels, t->factors);
    t->block[t->runs] = block;
    t->values[t->runs++] = value;
    t->blocks = block >= t->blocks ? block + 1 : t->blocks;
}

static void fit(const struct table *t, enum factorial_model model, struct arena *memory,
                struct factorial *ret)
{
    struct factorial_runs runs = { t->runs,   t->factors, t->blocks, t->level_counts,
                                   t->levels, t->block,   t->values };
    struct ou_error err = { 0 };

    arena_init(memory, allocator_libc(), 1 << 20);
    assert_int_equal(factorial_fit(&runs, model, memory, ret, &err), OU_OK);
}

static const struct factorial_effect *effect(const struct factorial *f, size_t a, size_t b)
{
    for (size_t i = 0; i < f->effect_count; i++)
        if (f->effects[i].factor == a && f->effects[i].other == b)
            return &f->effects[i];
    fail();
    return NULL;
}

static const struct factorial_mean *mean_at(const struct factorial *f, size_t a, size_t level,
                                            size_t b, size_t other_level)
{
    for (size_t i = 0; i < f->mean_count; i++) {
        const struct factorial_mean *m = &f->means[i];

        if (m->factor == a && m->level == level && m->other == b && m->other_level == other_level)
            return m;
    }
    return NULL;
}

static void assert_effect(const struct factorial *f, size_t a, size_t b, double dof, double squares)
{
    const struct factorial_effect *e = effect(f, a, b);

    assert_near(e->dof, dof, 0);
    assert_near(e->sum_squares, squares, 1e-10 * squares + 1e-10);
    assert_false(e->aliased);
}

/* --- Against R -------------------------------------------------------------------------- */

/* R 4.2, options(contrasts = c("contr.sum", "contr.poly")): drop1(lm(y ~ block + a * c), . ~ .), deviance(), and means of
 * levels from the model matrix of all combinations. */
static void incomplete_two_axes(struct table *t)
{
    static const uint8_t rows[][3] = {
        { 0, 0, 0 }, { 0, 0, 1 }, { 0, 1, 0 }, { 0, 1, 1 }, { 0, 2, 0 }, { 0, 2, 1 },
        { 1, 0, 0 }, { 1, 0, 1 }, { 1, 1, 0 }, { 1, 1, 1 }, { 1, 2, 0 }, { 1, 2, 1 },
        { 2, 0, 0 }, { 2, 1, 0 }, { 2, 1, 1 }, { 2, 2, 0 }, { 2, 2, 1 }, { 3, 0, 0 },
        { 3, 0, 1 }, { 3, 1, 1 }, { 3, 2, 0 }, { 3, 2, 1 }, { 3, 2, 1 },
    };
    static const double values[] = { 101.2, 98.4,  95.1,  90.3, 97.7,  88.9, 104.0, 99.6,
                                     96.2,  93.8,  98.1,  91.7, 102.9, 97.5, 92.2,  99.9,
                                     90.6,  105.3, 101.1, 95.0, 100.4, 93.2, 92.1 };

    *t = (struct table){ .factors = 2, .level_counts = { 3, 2 } };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        add_run(t, rows[i][0], &rows[i][1], values[i]);
}

static void test_incomplete_data_have_the_squares_of_type_three(void **state)
{
    struct table t;
    struct arena memory;
    struct factorial f;

    (void)state;
    incomplete_two_axes(&t);
    fit(&t, FACTORIAL_PAIRS, &memory, &f);
    assert_effect(&f, 0, 0, 2, 204.11759677292);
    assert_effect(&f, 1, 1, 1, 146.14902369572);
    assert_effect(&f, 0, 1, 2, 24.20816585914);
    assert_near(f.residual_squares, 7.30387652358249, 1e-11);
    assert_near(f.residual_dof, 14, 0);
    assert_true(f.with_interactions);
    arena_release(&memory);
    fit(&t, FACTORIAL_MAIN_EFFECTS, &memory, &f);
    assert_int_equal(f.effect_count, 2);
    assert_effect(&f, 0, 0, 2, 197.96552789841);
    assert_effect(&f, 1, 1, 1, 164.37100338480);
    assert_near(f.residual_squares, 31.5120423827176, 1e-10);
    assert_false(f.with_interactions);
    arena_release(&memory);
}

static void assert_mean(const struct factorial *f, size_t a, size_t level, size_t b,
                        size_t other_level, double mean, double variance)
{
    const struct factorial_mean *m = mean_at(f, a, level, b, other_level);

    assert_non_null(m);
    assert_near(m->mean, mean, 1e-11);
    assert_near(m->variance, variance, 1e-12);
}

static void test_means_of_levels_count_the_others_alike(void **state)
{
    struct table t;
    struct arena memory;
    struct factorial f;

    (void)state;
    incomplete_two_axes(&t);
    fit(&t, FACTORIAL_PAIRS, &memory, &f);
    assert_int_equal(f.mean_count, 3 + 2 + 6);
    assert_mean(&f, 0, 0, 0, 0, 101.528497615262324, .150039745627981);
    assert_mean(&f, 0, 1, 0, 1, 94.831339427662968, .149642289348172);
    assert_mean(&f, 0, 2, 0, 2, 94.991196343402237, .113871224165342);
    assert_mean(&f, 1, 0, 1, 0, 99.7375596184419777, .0942854619325208);
    assert_mean(&f, 1, 1, 1, 1, 94.4964626391097084, .0903108991344286);
    assert_mean(&f, 0, 0, 1, 1, 99.706995230524655, .350158982511924);
    assert_mean(&f, 0, 2, 1, 1, 90.957392686804468, .205484896661367);
    assert_near(effect(&f, 0, 0)->range, 101.528497615262324 - 94.831339427662968, 1e-11);
    assert_near(effect(&f, 1, 1)->range, 99.7375596184419777 - 94.4964626391097084, 1e-11);
    arena_release(&memory);
}

/* Three axes in three blocks, three runs missing: drop1(lm(y ~ block + (a + b + c)^2), . ~ .). */
static const double three_axes[][5] = {
    { 0, 0, 0, 0, 102.29 }, { 0, 0, 0, 1, 98.8 },   { 0, 0, 1, 0, 99.31 },  { 0, 0, 1, 1, 99.59 },
    { 0, 0, 2, 1, 95.05 },  { 0, 1, 0, 0, 103.75 }, { 0, 1, 0, 1, 102.88 }, { 0, 1, 1, 0, 103.15 },
    { 0, 1, 1, 1, 105.19 }, { 0, 1, 2, 0, 99.36 },  { 0, 1, 2, 1, 101.72 }, { 0, 2, 0, 0, 102.28 },
    { 0, 2, 0, 1, 102.32 }, { 0, 2, 1, 0, 101.9 },  { 0, 2, 1, 1, 102.47 }, { 0, 2, 2, 1, 97.69 },
    { 1, 0, 0, 0, 102 },    { 1, 0, 0, 1, 102.99 }, { 1, 0, 1, 0, 102.84 }, { 1, 0, 1, 1, 102.71 },
    { 1, 0, 2, 0, 99.31 },  { 1, 0, 2, 1, 96.61 },  { 1, 1, 0, 0, 106.27 }, { 1, 1, 0, 1, 105.18 },
    { 1, 1, 1, 0, 105.75 }, { 1, 1, 1, 1, 105.59 }, { 1, 1, 2, 0, 100.02 }, { 1, 1, 2, 1, 100.72 },
    { 1, 2, 0, 0, 101.13 }, { 1, 2, 0, 1, 104.72 }, { 1, 2, 1, 0, 102.11 }, { 1, 2, 1, 1, 103.92 },
    { 1, 2, 2, 0, 97.58 },  { 1, 2, 2, 1, 99.44 },  { 2, 0, 0, 0, 100 },    { 2, 0, 0, 1, 97.89 },
    { 2, 0, 1, 0, 98.86 },  { 2, 0, 2, 0, 96.22 },  { 2, 0, 2, 1, 94.3 },   { 2, 1, 0, 0, 101.71 },
    { 2, 1, 0, 1, 100.69 }, { 2, 1, 1, 0, 101.61 }, { 2, 1, 1, 1, 101.6 },  { 2, 1, 2, 0, 99.35 },
    { 2, 1, 2, 1, 98.59 },  { 2, 2, 0, 0, 99.1 },   { 2, 2, 0, 1, 101.93 }, { 2, 2, 1, 0, 98.74 },
    { 2, 2, 1, 1, 100.99 }, { 2, 2, 2, 0, 95.37 },  { 2, 2, 2, 1, 98.71 },
};

static void test_three_axes_have_three_interactions(void **state)
{
    struct table t = { .factors = 3, .level_counts = { 3, 3, 2 } };
    struct arena memory;
    struct factorial f;

    (void)state;
    for (size_t i = 0; i < sizeof three_axes / sizeof *three_axes; i++) {
        const double *r = three_axes[i];

        add_run(&t, (uint32_t)r[0], (uint8_t[]){ (uint8_t)r[1], (uint8_t)r[2], (uint8_t)r[3] },
                r[4]);
    }
    fit(&t, FACTORIAL_PAIRS, &memory, &f);
    assert_effect(&f, 0, 0, 2, 92.37053730494);
    assert_effect(&f, 1, 1, 2, 166.98396831008);
    assert_effect(&f, 2, 2, 1, .79633420303);
    assert_effect(&f, 0, 1, 4, 1.67127408648);
    assert_effect(&f, 0, 2, 2, 21.15172014627);
    assert_effect(&f, 1, 2, 2, 1.40218044703);
    assert_near(f.residual_squares, 36.3687094197789, 1e-10);
    assert_near(f.residual_dof, 35, 0);
    arena_release(&memory);
}

/* --- Against NIST ------------------------------------------------------------------------ */

static void read_layout(const char *name, const char *heading, struct table *t)
{
    char path[128], line[256];
    bool in_data = false;
    FILE *file;

    snprintf(path, sizeof path, "real/b-bench/nist/%s", name);
    file = fopen(shared_data(path), "r");
    assert_non_null(file);
    *t = (struct table){ .factors = 1 };
    while (fgets(line, sizeof line, file)) {
        unsigned group;
        double value;

        if (in_data && sscanf(line, "%u %lf", &group, &value) == 2) {
            t->level_counts[0] = group;
            add_run(t, 0, (uint8_t[]){ (uint8_t)(group - 1) }, value);
        }
        in_data = in_data || strncmp(line, heading, strlen(heading)) == 0;
    }
    fclose(file);
}

static void test_one_way_layouts_have_the_certified_f(void **state)
{
    static const struct {
        const char *name, *heading;
        double f, tolerance;
    } layouts[] = {
        { "anova-SiRstv.dat", "Data:  Instrument", 1.18046237440255, 1e-12 },
        { "anova-SmLs01.dat", "Data:  Treatment", 21, 1e-11 },
        { "anova-SmLs04.dat", "Data:  Treatment", 21, 1e-8 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        static struct table t;
        struct arena memory;
        struct factorial f;
        const struct factorial_effect *e;

        read_layout(layouts[i].name, layouts[i].heading, &t);
        fit(&t, FACTORIAL_PAIRS, &memory, &f);
        e = effect(&f, 0, 0);
        assert_near(e->sum_squares / e->dof / (f.residual_squares / f.residual_dof), layouts[i].f,
                    layouts[i].f * layouts[i].tolerance);
        arena_release(&memory);
    }
}

/* --- What cannot be told ------------------------------------------------------------------ */

/* All combinations of levels whose numbers add up to a multiple of `part`, `blocks` times. */
static void fraction(struct table *t, size_t factors, size_t levels, size_t part, size_t blocks,
                     double (*value)(const uint8_t *levels, size_t run))
{
    *t = (struct table){ .factors = factors };
    for (size_t i = 0; i < factors; i++)
        t->level_counts[i] = levels;
    for (uint32_t b = 0; b < blocks; b++) {
        uint8_t at[FACTORIAL_FACTORS_MAX] = { 0 };

        for (size_t i = 0; i < factors;) {
            size_t sum = 0;

            for (size_t k = 0; k < factors; k++)
                sum += at[k];
            if (sum % part == 0)
                add_run(t, b, at, value(at, t->runs));
            for (i = 0; i < factors && ++at[i] == levels; i++)
                at[i] = 0;
        }
    }
}

/* The first axis 0, 1, 2; the second 10 for its last level; a pattern of +-.1 for noise. */
static double two_effects(const uint8_t *levels, size_t run)
{
    return levels[0] + (levels[1] == 1 ? 10 : 0) + (run % 3 == 0 ? .1 : -.1) +
           (run % 7 == 0 ? .1 : 0);
}

static void test_a_third_of_27_tells_no_interactions(void **state)
{
    struct table t;
    struct arena memory;
    struct factorial f;

    (void)state;
    fraction(&t, 3, 3, 3, 2, two_effects);
    assert_int_equal(t.runs, 18);
    fit(&t, FACTORIAL_PAIRS, &memory, &f);
    assert_false(f.with_interactions);
    for (size_t i = 0; i < f.effect_count; i++) {
        const struct factorial_effect *e = &f.effects[i];

        assert_true(e->aliased); /* main effects as well: with interactions of the others */
        assert_int_equal(isnan(e->sum_squares), e->factor != e->other);
    }
    assert_near(mean_at(&f, 1, 1, 1, 1)->mean - mean_at(&f, 1, 0, 1, 0)->mean, 10, .3);
    arena_release(&memory);
}

/* Half of 16: main effects stand clear of interactions of two, which come in pairs. */
static void test_a_half_of_16_tells_main_effects_alone(void **state)
{
    struct table t;
    struct arena memory;
    struct factorial f;

    (void)state;
    fraction(&t, 4, 2, 2, 1, two_effects);
    assert_int_equal(t.runs, 8);
    fit(&t, FACTORIAL_PAIRS, &memory, &f);
    for (size_t i = 0; i < f.effect_count; i++)
        assert_int_equal(f.effects[i].aliased, f.effects[i].factor != f.effects[i].other);
    assert_near(f.residual_dof, 8 - 5, 0);
    arena_release(&memory);
}

/* A half of 32 by the sum of all five is of resolution V: every pair is told. */
static void test_a_half_of_32_tells_all_pairs(void **state)
{
    struct table t;
    struct arena memory;
    struct factorial f;

    (void)state;
    fraction(&t, 5, 2, 2, 2, two_effects);
    fit(&t, FACTORIAL_PAIRS, &memory, &f);
    for (size_t i = 0; i < f.effect_count; i++) {
        assert_false(f.effects[i].aliased);
        assert_near(f.effects[i].dof, 1, 0);
    }
    arena_release(&memory);
}

/* One of nine combinations was never run: the interaction is told by what is left, main effects without it. */
static void test_a_combination_without_runs_leaves_a_gap(void **state)
{
    struct table all, t;
    struct arena memory;
    struct factorial f;

    (void)state;
    fraction(&all, 2, 3, 1, 3, two_effects);
    t = (struct table){ .factors = 2, .level_counts = { 3, 3 } };
    for (size_t i = 0; i < all.runs; i++)
        if (!(all.levels[2 * i] == 2 && all.levels[2 * i + 1] == 2))
            add_run(&t, all.block[i], &all.levels[2 * i], all.values[i]);
    fit(&t, FACTORIAL_PAIRS, &memory, &f);
    assert_near(effect(&f, 0, 1)->dof, 3, 0);
    assert_near(effect(&f, 0, 0)->dof, 2, 0);
    assert_true(isnan(effect(&f, 0, 1)->range));
    assert_null(mean_at(&f, 0, 0, 1, 0));
    assert_non_null(mean_at(&f, 0, 2, 0, 2));
    arena_release(&memory);
}

/* An axis of which one level alone has runs, as where a sweep ended early. */
static void test_one_level_tells_nothing(void **state)
{
    struct table t = { .factors = 2, .level_counts = { 2, 2 } };
    struct arena memory;
    struct factorial f;

    (void)state;
    for (uint32_t b = 0; b < 3; b++)
        for (uint8_t l = 0; l < 2; l++)
            add_run(&t, b, (uint8_t[]){ l, 1 }, l + .1 * b * (l + 1));
    fit(&t, FACTORIAL_PAIRS, &memory, &f);
    assert_near(effect(&f, 0, 0)->dof, 1, 0);
    assert_true(isnan(effect(&f, 1, 1)->dof));
    assert_true(isnan(effect(&f, 0, 1)->dof));
    arena_release(&memory);
}

static void test_too_many_levels_are_told(void **state)
{
    struct table t = { .factors = 2, .level_counts = { 30, 30 } };
    struct arena memory;
    struct factorial f;

    (void)state;
    for (uint8_t i = 0; i < 60; i++)
        add_run(&t, 0, (uint8_t[]){ i % 30, (uint8_t)(29 - i % 30 + i / 30) % 30 }, i);
    fit(&t, FACTORIAL_PAIRS, &memory, &f);
    assert_true(f.too_large);
    assert_int_equal(f.effect_count, 2);
    arena_release(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_incomplete_data_have_the_squares_of_type_three),
        cmocka_unit_test(test_means_of_levels_count_the_others_alike),
        cmocka_unit_test(test_three_axes_have_three_interactions),
        cmocka_unit_test(test_one_way_layouts_have_the_certified_f),
        cmocka_unit_test(test_a_third_of_27_tells_no_interactions),
        cmocka_unit_test(test_a_half_of_16_tells_main_effects_alone),
        cmocka_unit_test(test_a_half_of_32_tells_all_pairs),
        cmocka_unit_test(test_a_combination_without_runs_leaves_a_gap),
        cmocka_unit_test(test_one_level_tells_nothing),
        cmocka_unit_test(test_too_many_levels_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
