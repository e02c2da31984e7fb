/* All profiles of the published table come out of our data as the table has them, column by column. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "profile/profile.h"
#include "support/test.h"

#define TABLE "tests/data/published-profiles.tsv"
#define COLUMNS_MAX 64
#define ROWS 201

/* ---- the table ---- */

struct row {
    char *cells[COLUMNS_MAX];
};

struct table {
    struct buffer text;
    struct row rows[ROWS];
    size_t count; /* without the heading, which is rows[0] */
};

static void load_table(struct table *t)
{
    struct ou_error err = { 0 };
    char *rest;

    memset(t, 0, sizeof *t);
    buffer_init(&t->text, allocator_libc(), 1 << 20);
    if (file_read(TABLE, &t->text, &err))
        fail_msg("%s", err.text);
    rest = t->text.at;
    for (size_t i = 0; i < ROWS && rest && *rest; i++) {
        char *line = strsep(&rest, "\n"), *cell;

        for (size_t c = 0; (cell = strsep(&line, "\t")); c++)
            t->rows[i].cells[c] = cell;
        t->count = i;
    }
}

static const char *cell_of(const struct table *t, const struct row *row, const char *column)
{
    for (size_t c = 0; t->rows[0].cells[c]; c++)
        if (strcmp(t->rows[0].cells[c], column) == 0)
            return row->cells[c];
    fail_msg("no column %s", column);
    return NULL;
}

/* ---- what a profile has for a column ---- */

static const json_t *at(const struct profile *p, const char *path)
{
    char copy[200], *rest = copy, *key;
    const json_t *value = p->document;

    snprintf(copy, sizeof copy, "%s", path);
    while (value && (key = strsep(&rest, ".")))
        value = json_object_get(value, key);
    return value;
}

static void tell_texts(const json_t *list, const char *member, char ret[400])
{
    size_t i;
    json_t *item;

    *ret = '\0';
    json_array_foreach((json_t *)list, i, item)
    {
        strcat(ret, i ? "," : "");
        strcat(ret, json_string_value(member ? json_object_get(item, member) : item));
    }
}

/* A value as the table spells it: "-" for none. */
static void tell(const struct profile *p, const char *path, char ret[400])
{
    const json_t *value = at(p, path);
    char *text;

    if (json_is_array(value)) {
        tell_texts(value, NULL, ret);
    } else if (json_is_string(value)) {
        snprintf(ret, 400, "%s", json_string_value(value));
    } else if (value && !json_is_null(value)) {
        text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        snprintf(ret, 400, "%s", text);
        free(text);
    } else {
        *ret = '\0';
    }
    if (!*ret)
        strcpy(ret, "-");
}

static void tell_flag(bool flag, char ret[400])
{
    strcpy(ret, flag ? "yes" : "no");
}

/* "producer:8/15400/16000;explorer:16/32000/64000" */
static void tell_resources(const struct profile *p, char ret[400])
{
    static const char *const kinds[] = { "producer", "explorer" };
    size_t len = 0;

    strcpy(ret, "-");
    for (size_t i = 0; i < 2; i++) {
        const json_t *own = json_object_get(at(p, "cluster.nomad.resources"), kinds[i]);

        if (own)
            len += (size_t)snprintf(ret + len, 400 - len, "%s%s:%d/%d/%d", i ? ";" : "", kinds[i],
                                    (int)json_integer_value(json_object_get(own, "cores")),
                                    (int)json_integer_value(json_object_get(own, "memory")),
                                    (int)json_integer_value(json_object_get(own, "memory_max")));
    }
}

static void tell_instances(const struct profile *p, char ret[400])
{
    const json_t *types = at(p, "cluster.aws.instance_type");

    strcpy(ret, "-");
    if (types)
        snprintf(ret, 400, "producer:%s;explorer:%s",
                 json_string_value(json_object_get(types, "producer")),
                 json_string_value(json_object_get(types, "explorer")));
}

static void tell_rts_flags(const struct profile *p, char ret[400])
{
    *ret = '\0';
    for (size_t i = 0; i < p->rts_flag_count; i++) {
        strcat(ret, i ? "," : "");
        strcat(ret, p->rts_flags[i]);
    }
    if (!*ret)
        strcpy(ret, "-");
}

/* Columns whose value is a member's as it stands. */
static const struct {
    const char *column, *path;
} members[] = {
    { "scenario", "scenario" },
    { "nodes", "derived.n_hosts" },
    { "pools", "derived.n_pools" },
    { "dense_density", "composition.dense_pool_density" },
    { "topology", "composition.topology" },
    { "locations", "composition.locations" },
    { "slot_duration_s", "genesis.slot_duration" },
    { "epoch_length_slots", "genesis.epoch_length" },
    { "active_slots_coeff", "genesis.active_slots_coeff" },
    { "k", "genesis.parameter_k" },
    { "utxo", "genesis.utxo" },
    { "delegators", "genesis.delegators" },
    { "dreps", "genesis.dreps" },
    { "funds_balance", "genesis.funds_balance" },
    { "per_pool_balance", "genesis.per_pool_balance" },
    { "pparams_epoch", "genesis.pparamsEpoch" },
    { "pparams_overlays", "genesis.pparamsOverlays" },
    { "max_block_body_bytes", "genesis.shelley.protocolParams.maxBlockBodySize" },
    { "max_tx_ex_mem", "genesis.alonzo.maxTxExUnits.exUnitsMem" },
    { "max_tx_ex_steps", "genesis.alonzo.maxTxExUnits.exUnitsSteps" },
    { "max_block_ex_mem", "genesis.alonzo.maxBlockExUnits.exUnitsMem" },
    { "max_block_ex_steps", "genesis.alonzo.maxBlockExUnits.exUnitsSteps" },
    { "tps", "generator.tps" },
    { "inputs", "generator.inputs_per_tx" },
    { "outputs", "generator.outputs_per_tx" },
    { "tx_fee", "generator.tx_fee" },
    { "add_tx_size", "generator.add_tx_size" },
    { "plutus_type", "generator.plutus.type" },
    { "plutus_script", "generator.plutus.script" },
    { "epochs", "generator.epochs" },
    { "effective_epochs", "derived.effective_epochs" },
    { "duration_s", "derived.generator_duration" },
    { "tx_count", "generator.tx_count" },
    { "stop_slot", "node.shutdown_on_slot_synced" },
    { "stop_block", "node.shutdown_on_block_synced" },
    { "tracing_backend", "node.tracing_backend" },
    { "init_cooldown_s", "generator.init_cooldown" },
    { "filters", "analysis.filters" },
    { "genesis_future_offset", "derived.genesis_future_offset" },
};

/* Returns whether the column is one that a profile has a value for. */
static bool tell_column(const struct profile *p, const char *column, char ret[400])
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcmp(members[i].column, column) == 0) {
            tell(p, members[i].path, ret);
            return true;
        }
    if (strcmp(column, "explorer") == 0)
        tell_flag(p->with_explorer, ret);
    else if (strcmp(column, "tracer") == 0)
        tell_flag(json_is_true(at(p, "node.tracer")), ret);
    else if (strcmp(column, "rts_flags") == 0)
        tell_rts_flags(p, ret);
    else if (strcmp(column, "nomad_resources") == 0)
        tell_resources(p, ret);
    else if (strcmp(column, "aws_types") == 0)
        tell_instances(p, ret);
    else if (strcmp(column, "workloads") == 0) {
        tell_texts(at(p, "workloads"), "name", ret);
        if (!*ret)
            strcpy(ret, "-");
    } else
        return false;
    return true;
}

/* ---- comparison ---- */

/* Numbers as such ("0.2", "24 seconds"), all else as text. */
static bool is_same(const char *wanted, const char *is)
{
    char *end, *end_is;
    double a = strtod(wanted, &end), b = strtod(is, &end_is);

    if (end > wanted && (!*end || strcmp(end, " seconds") == 0) && end_is > is && !*end_is)
        return fabs(a - b) <= 1e-9 * fabs(a);
    return strcmp(wanted, is) == 0;
}

/* The editions between tell little of each profile, and "-" of what they do not tell. */
static bool is_told(const struct table *t, const struct row *row, const char *column,
                    const char *wanted)
{
    const char *edition = cell_of(t, row, "edition");

    return strcmp(wanted, "-") != 0 || strcmp(edition, "2026-06") == 0 ||
           (strcmp(edition, "2023-03") == 0 && strcmp(column, "dreps") != 0);
}

static size_t compare(const struct table *t, const struct row *row)
{
    const char *name = cell_of(t, row, "profile");
    struct profile p;
    struct ou_error err = { 0 };
    size_t different = 0;

    if (profile_load(name, NULL, 0, &p, &err))
        fail_msg("%s: %s", name, err.text);
    for (size_t c = 0; t->rows[0].cells[c]; c++) {
        const char *column = t->rows[0].cells[c], *wanted = row->cells[c];
        char is[400];

        if (!is_told(t, row, column, wanted) || !tell_column(&p, column, is) || is_same(wanted, is))
            continue;
        print_error("%s %s: %s is %s, not %s\n", cell_of(t, row, "edition"), name, column, is,
                    wanted);
        different++;
    }
    profile_release(&p);
    return different;
}

static void test_every_published_profile_has_the_published_values(void **state)
{
    struct table t;
    size_t different = 0;

    (void)state;
    load_table(&t);
    assert_int_equal(t.count, ROWS - 1);
    for (size_t i = 1; i <= t.count; i++)
        different += compare(&t, &t.rows[i]);
    assert_int_equal(different, 0);
    buffer_release(&t.text);
}

static void test_every_column_but_name_edition_and_description_is_compared(void **state)
{
    struct table t;
    struct profile p;
    struct ou_error err = { 0 };
    size_t compared = 0;

    (void)state;
    load_table(&t);
    assert_int_equal(profile_load("default", NULL, 0, &p, &err), OU_OK);
    for (size_t c = 0; t.rows[0].cells[c]; c++) {
        char value[400];

        compared += tell_column(&p, t.rows[0].cells[c], value);
    }
    assert_int_equal(compared, 48 - 3);
    profile_release(&p);
    buffer_release(&t.text);
}

/* ---- descriptions ---- */

/* What a description says by numbers and shapes. One that says nothing of the kind cannot be wrong. */
static bool tells_the_truth(const struct profile *p)
{
    const char *load = strstr(p->description, " transactions a second");
    const char *torus = strstr(p->description, "torus");
    unsigned long nodes = strtoul(p->description, NULL, 10);

    while (load && load > p->description && load[-1] >= '0' && load[-1] <= '9')
        load--;
    return (!nodes || nodes == p->hosts) &&
           (!load || fabs((double)strtoul(load, NULL, 10) - p->tps) <= 0.5) &&
           (!strstr(p->description, "in a circle") || p->shape == TOPOLOGY_UNI_CIRCLE) &&
           (!torus || p->shape == TOPOLOGY_TORUS || p->shape == TOPOLOGY_TORUS_DENSE);
}

static void test_descriptions_agree_with_what_a_profile_has(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; profile_builtin_name(i); i++) {
        struct profile p;
        struct ou_error err = { 0 };

        if (profile_load(profile_builtin_name(i), NULL, 0, &p, &err))
            fail_msg("%s: %s", profile_builtin_name(i), err.text);
        if (!tells_the_truth(&p)) {
            print_error("%s: %s\n", p.name, p.description);
            wrong++;
        }
        profile_release(&p);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_published_profile_has_the_published_values),
        cmocka_unit_test(test_every_column_but_name_edition_and_description_is_compared),
        cmocka_unit_test(test_descriptions_agree_with_what_a_profile_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
