/* CPU against memory: what each setting takes of a machine. */
#include <math.h>

#include "report/builders.h"
#include "report/figures_inside.h"
#include "report/sweep_cells.h"

extern char figure_sweep_resources_spec[];

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

enum { SETTINGS_DRAWN = 6 /* as many as there are colours */ };

struct resources {
    const struct sweep_metric *cpu, *memory;
};

struct metric_name {
    enum metric_section section;
    const char *id;
};

static const struct sweep_metric *named(const struct sweep_results *r, struct metric_name name)
{
    return sweep_metric_find(r, dictionary_find(name.section, name.id));
}

/* The first pair that was measured, or the first of which the sweep asks for both. False: there is none. */
static bool find_resources(const struct sweep_results *r, struct resources *ret)
{
    static const struct {
        struct metric_name cpu, memory;
    } pairs[] = { { { SECTION_MACHPERF, "CentiCpu" }, { SECTION_MACHPERF, "RSS" } },
                  { { SECTION_PROCESS, "processCpuSeconds" }, { SECTION_MACHPERF, "RSS" } },
                  { { SECTION_PROCESS, "processCpuSeconds" },
                    { SECTION_PROCESS, "processMaxRss" } } };
    bool found = false;

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct sweep_metric *cpu = named(r, pairs[i].cpu),
                                  *memory = named(r, pairs[i].memory);

        if (!cpu || !memory || (found && !(cpu->is_asked && memory->is_asked)))
            continue;
        *ret = (struct resources){ cpu, memory };
        found = true;
        if (cpu->is_asked && memory->is_asked)
            break;
    }
    return found;
}

/* --- Figure ---------------------------------------------------------------------------------- */

static const struct doc_column point_columns[] = {
    { .id = "setting", .head = "setting" },
    { .id = "what", .head = "what" },
    { .id = "cpu", .head = "CPU", .number = true },
    { .id = "cpuLow", .head = "95 % from", .number = true },
    { .id = "cpuHigh", .head = "95 % to", .number = true },
    { .id = "memory", .head = "memory", .number = true },
    { .id = "memoryLow", .head = "95 % from", .number = true },
    { .id = "memoryHigh", .head = "95 % to", .number = true },
};

static void add_coordinate(struct document *d, struct doc_figure *f, double at, struct interval i)
{
    doc_add_number(d, &f->data, at, -1);
    doc_add_number(d, &f->data, i.low, -1);
    doc_add_number(d, &f->data, i.high, -1);
}

static void add_runs(struct document *d, struct doc_figure *f, const struct sweep_results *r,
                     const struct resources *of, size_t setting)
{
    for (size_t i = 0; i < r->all[setting].run_count; i++) {
        const struct finished_run *run = &r->runs.runs[r->all[setting].runs[i]];
        const struct run_value *cpu =
            run_value_find(run, of->cpu->info->section, of->cpu->info->id);
        const struct run_value *memory =
            run_value_find(run, of->memory->info->section, of->memory->info->id);

        if (!cpu || !memory || isnan(cpu->mean) || isnan(memory->mean))
            continue;
        doc_add_text(d, &f->data, r->all[setting].label);
        doc_add_text(d, &f->data, "run");
        add_coordinate(d, f, cpu->mean, interval_none());
        add_coordinate(d, f, memory->mean, interval_none());
    }
}

static void add_mean(struct document *d, struct doc_figure *f, const struct sweep_results *r,
                     const struct resources *of, size_t setting)
{
    const struct setting_estimate *cpu = sweep_estimate(r, of->cpu, setting);
    const struct setting_estimate *memory = sweep_estimate(r, of->memory, setting);

    if (cpu->n == 0 || memory->n == 0)
        return;
    doc_add_text(d, &f->data, r->all[setting].label);
    doc_add_text(d, &f->data, "mean");
    add_coordinate(d, f, cpu->mean, cpu->interval);
    add_coordinate(d, f, memory->mean, memory->interval);
}

static const char *amounts(struct document *d, const struct sweep_results *r,
                           const struct resources *of, size_t setting)
{
    return document_text(
        d, "%s: %s and %s", r->all[setting].label,
        figure_amount(d, sweep_estimate(r, of->cpu, setting)->mean, of->cpu->info->unit),
        figure_amount(d, sweep_estimate(r, of->memory, setting)->mean, of->memory->info->unit));
}

static void draw(struct document *d, const struct sweep_results *r, const struct resources *of)
{
    const struct spec_blank blanks[2] = { { "cost", figure_axis(d, of->cpu->info), NULL },
                                          { "memory", figure_axis(d, of->memory->info), NULL } };
    const char *reading = "";
    struct doc_figure *f = document_figure(
        d, "sweep-resources",
        document_text(d, "%s against %s", of->cpu->info->name, of->memory->info->name),
        figure_spec(d, figure_sweep_resources_spec, blanks, 2), COLUMNS(point_columns));

    for (size_t i = 0; i < r->setting_count && i < SETTINGS_DRAWN; i++) {
        add_runs(d, f, r, of, i);
        add_mean(d, f, r, of, i);
        if (sweep_estimate(r, of->cpu, i)->n > 0 && sweep_estimate(r, of->memory, i)->n > 0)
            reading =
                document_text(d, "%s%s%s", reading, *reading ? "; " : "", amounts(d, r, of, i));
    }
    f->units = document_text(
        d, "n = %s%s", figure_count(d, r->runs.count, "run", "runs"),
        r->setting_count > SETTINGS_DRAWN
            ? document_text(d, "; the first %d of %zu settings", SETTINGS_DRAWN, r->setting_count)
            : "");
    f->legend = "small: runs; large: means of settings, adjusted for blocks, with 95 % intervals";
    f->reading = document_text(d, "%s.", reading);
}

/* --- Table ----------------------------------------------------------------------------------- */

static void add_cells(struct document *d, struct doc_table *t, const struct sweep_results *r,
                      const struct sweep_metric *m, size_t setting)
{
    const struct setting_estimate *e = sweep_estimate(r, m, setting);
    double scale = sweep_unit(r, m).scale;

    sweep_cell_scaled(d, t, e->mean, scale);
    sweep_cell_scaled_interval(d, t, e->interval, scale);
    sweep_cell_percent(
        d, t, setting == r->base ? NAN : sweep_percent_of_base(r, m, e->base_difference), true);
    sweep_cell_verdict(d, t, sweep_verdict(r, m, e));
}

void add_sweep_resources(struct document *d, const struct sweep_results *r)
{
    struct resources of = { NULL, NULL };
    struct sweep_unit cpu, memory;
    struct doc_table *t;

    if (!find_resources(r, &of))
        return;
    cpu = sweep_unit(r, of.cpu);
    memory = sweep_unit(r, of.memory);
    document_heading(d, 2, "resources-heading", "What each setting takes of a machine");
    t = document_table(d, "resources", "Resources of a process",
                       COLUMNS(((const struct doc_column[]){
                           { .id = "setting", .head = "setting" },
                           { .id = "cpu",
                             .head = of.cpu->info->name,
                             .unit = cpu.of,
                             .shown_unit = cpu.shown,
                             .number = true },
                           { .id = "cpuInterval", .head = "95 %", .number = true, .spare = 1 },
                           { .id = "cpuChange", .head = "to the base", .number = true },
                           { .id = "cpuVerdict", .head = "so it is" },
                           { .id = "memory",
                             .head = of.memory->info->name,
                             .unit = memory.of,
                             .shown_unit = memory.shown,
                             .number = true },
                           { .id = "memoryInterval", .head = "95 %", .number = true, .spare = 1 },
                           { .id = "memoryChange", .head = "to the base", .number = true },
                           { .id = "memoryVerdict", .head = "so it is" },
                       })));
    for (size_t i = 0; i < r->setting_count; i++) {
        doc_add_text(d, t, r->all[i].label);
        add_cells(d, t, r, of.cpu, i);
        add_cells(d, t, r, of.memory, i);
    }
    draw(d, r, &of);
}
