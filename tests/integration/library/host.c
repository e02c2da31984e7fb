/* A program that loads a plugin with trace points, and unloads it: host PLUGIN LOG. After each
 * unloading it prints how many lines of the plugin's own point are in the log. */
#include "plugin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS 100
#define ROUNDS 3

static void start(const char *log)
{
    struct ou_error err = { "" };
    char config[1024];

    snprintf(config, sizeof(config),
             "TraceOptionResourceFrequency: 0\n"
             "TraceOptions:\n"
             "  '': { severity: Notice, backends: [ File MachineFormat %s ] }\n"
             "  Plugin: { severity: Debug }\n",
             log);
    if (ou_trace_start(&(struct ou_trace_options){ .config_text = config }, &err) == OU_OK)
        return;
    fprintf(stderr, "%s\n", err.text);
    exit(90);
}

static void *load(const char *path)
{
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (plugin)
        return plugin;
    fprintf(stderr, "%s\n", dlerror());
    exit(91);
}

static void work(void *plugin)
{
    void *symbol = dlsym(plugin, "plugin_work");
    void (*plugin_work)(uint64_t calls);

    memcpy(&plugin_work, &symbol, sizeof(symbol)); /* as POSIX has it */
    plugin_work(CALLS);
}

static int lines_of_plugin(const char *log)
{
    FILE *f = fopen(log, "r");
    char line[65536];
    int count = 0;

    while (f && fgets(line, sizeof(line), f))
        count += strstr(line, "\"ns\":\"Plugin.Own\"") != NULL;
    if (f)
        fclose(f);
    return count;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    start(argv[2]);
    for (int i = 0; i < ROUNDS; i++) {
        void *plugin = load(argv[1]);

        work(plugin);
        OU_TRACE(shared, "program");
        dlclose(plugin);
        if (dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD))
            return 92; /* it has not gone: nothing would be tested */
        printf("%d\n", lines_of_plugin(argv[2]));
        OU_TRACE(shared, "program");
    }
    ou_trace_stop();
    return 0;
}
