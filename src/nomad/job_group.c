/* A task group of one task. Where the name of a member is not told here it is Nomad's own. */
#include <stdio.h>
#include <string.h>

#include "nomad/job_parts.h"

/* How long restarts and reschedules are counted: all the life of a run. */
#define COUNTED_S (24 * 3600.0)
#define RESTART_DELAY_S 1.0
#define RESCHEDULE_DELAY_S 5.0 /* the least that Nomad takes */
#define STOP_PATIENCE_S 15.0
/* What an agent prints is small; Nomad's own 10 files of 10 MB want more disk than a host may ask for. */
#define LOG_FILES 2
#define LOG_FILE_MB 10

static enum ou_status check_group(const struct nomad_group *group, struct ou_error *err)
{
    bool is_podman;

    if (!group->name || group->name[0] == '\0')
        return ou_fail(err, OU_USAGE, "a group has no name");
    if (!group->driver || !group->command)
        return ou_fail(err, OU_USAGE, "group %s has no driver or no command", group->name);
    is_podman = strcmp(group->driver, "podman") == 0;
    if (!is_podman && strcmp(group->driver, "exec") != 0 && strcmp(group->driver, "raw_exec") != 0)
        return ou_fail(err, OU_USAGE, "group %s: driver \"%s\": it is raw_exec, exec or podman",
                       group->name, group->driver);
    if (is_podman != (group->image != NULL))
        return ou_fail(err, OU_USAGE,
                       is_podman ? "group %s: podman needs an image"
                                 : "group %s: only podman takes an image",
                       group->name);
    if (group->mount_count > 0 && strcmp(group->driver, "raw_exec") == 0)
        return ou_fail(err, OU_USAGE,
                       "group %s: raw_exec sees the machine's own folders and has no volumes",
                       group->name);
    return OU_OK;
}

static json_t *restart_document(struct making *m, unsigned attempts)
{
    json_t *policy = json_object();

    making_integer(m, policy, "Attempts", attempts);
    making_seconds(m, policy, "Interval", COUNTED_S);
    making_seconds(m, policy, "Delay", RESTART_DELAY_S);
    making_text(m, policy, "Mode", "fail");
    return policy;
}

static json_t *reschedule_document(struct making *m, unsigned attempts)
{
    json_t *policy = json_object();

    making_integer(m, policy, "Attempts", attempts);
    making_seconds(m, policy, "Interval", COUNTED_S);
    making_seconds(m, policy, "Delay", RESCHEDULE_DELAY_S);
    making_text(m, policy, "DelayFunction", "constant");
    making_put(m, policy, "Unlimited", json_false());
    return policy;
}

/* A client that falls silent: 1.8 has a block for it in place of the number of 1.3, which 1.10 no longer takes. */
static void put_disconnect(struct making *m, double patience_s, json_t *ret)
{
    json_t *block;

    if (!(patience_s > 0) || !job_server_has(m->job, 3))
        return;
    if (!job_server_has(m->job, 8)) {
        making_seconds(m, ret, "MaxClientDisconnect", patience_s);
        return;
    }
    block = json_object();
    making_seconds(m, block, "LostAfter", patience_s);
    making_put(m, block, "Replace", json_false());
    making_text(m, block, "Reconcile", "keep_original");
    making_put(m, ret, "Disconnect", block);
}

static void put_ports(struct making *m, const struct nomad_group *group, json_t *ret)
{
    json_t *networks = json_array(), *network = json_object();
    json_t *free_ones = json_array(), *fixed = json_array();

    for (size_t i = 0; i < group->port_count; i++) {
        const struct nomad_port *port = &group->ports[i];
        json_t *document = json_object();

        making_text(m, document, "Label", port->label);
        if (port->number)
            making_integer(m, document, "Value", port->number);
        making_add(m, port->number ? fixed : free_ones, document);
    }
    making_text(m, network, "Mode", "host");
    making_put(m, network, "DynamicPorts", free_ones);
    making_put(m, network, "ReservedPorts", fixed);
    making_add(m, networks, network);
    making_put(m, ret, "Networks", networks);
}

static void put_service(struct making *m, const struct nomad_group *group, json_t *ret)
{
    json_t *services, *service;

    if (!group->service || !job_server_has(m->job, 3))
        return;
    services = json_array();
    service = json_object();
    making_text(m, service, "Name", group->service);
    making_text(m, service, "Provider", "nomad");
    if (group->port_count > 0)
        making_text(m, service, "PortLabel", group->ports[0].label);
    if (group->address)
        making_text(m, service, "Address", group->address);
    making_add(m, services, service);
    making_put(m, ret, "Services", services);
}

static void put_volumes(struct making *m, const struct nomad_group *group, json_t *ret)
{
    json_t *volumes = json_object();

    for (size_t i = 0; i < group->mount_count; i++) {
        const struct nomad_mount *mount = &group->mounts[i];
        json_t *volume = json_object();

        making_text(m, volume, "Name", mount->volume);
        making_text(m, volume, "Type", "host");
        making_text(m, volume, "Source", mount->volume);
        making_put(m, volume, "ReadOnly", json_boolean(mount->read_only));
        making_put(m, volumes, mount->volume, volume);
    }
    making_put(m, ret, "Volumes", volumes);
}

static json_t *mounts_document(struct making *m, const struct nomad_group *group)
{
    json_t *mounts = json_array();

    for (size_t i = 0; i < group->mount_count; i++) {
        json_t *mount = json_object();

        making_text(m, mount, "Volume", group->mounts[i].volume);
        making_text(m, mount, "Destination", group->mounts[i].destination);
        making_put(m, mount, "ReadOnly", json_boolean(group->mounts[i].read_only));
        making_add(m, mounts, mount);
    }
    return mounts;
}

/* Nomad hands every file to a template engine, which acts on what stands behind the left delimiter and on nothing else: one
 * that the content does not have makes all of it literal. A content of n bytes cannot have n different ones. */
static void literal_delimiter(const char *content, char ret[32])
{
    snprintf(ret, 32, "<<|");
    for (unsigned n = 0; strstr(content, ret); n++)
        snprintf(ret, 32, "<<%u|", n);
}

/* The user of exec's tasks where none is named: nobody. */
#define NOBODY 65534

/* Nomad's client writes a task's files as itself, root mostly. A task of another user can read one that only its owner may read if it
 * becomes the owner, which 1.4 can arrange for a number and no name; else everybody on the machine may have to: whoever can reach the allocation's
 * folder, whose name cannot be guessed. */
static void put_owner(struct making *m, const struct nomad_group *group,
                      const struct nomad_file *file, json_t *ret)
{
    bool is_exec = strcmp(group->driver, "exec") == 0;
    bool is_others = group->user || is_exec;

    if (!is_others || strcmp(file->mode, "600") != 0) {
        making_text(m, ret, "Perms", file->mode);
    } else if (is_exec && !group->user && job_server_has(m->job, 4)) {
        making_text(m, ret, "Perms", file->mode);
        making_integer(m, ret, "Uid", NOBODY);
        making_integer(m, ret, "Gid", NOBODY);
    } else {
        making_text(m, ret, "Perms", "644");
    }
}

static json_t *file_document(struct making *m, const struct nomad_group *group,
                             const struct nomad_file *file)
{
    json_t *document = json_object();
    char left[32], nothing[64];

    literal_delimiter(file->content, left);
    /* A template without a text is refused: one that writes nothing is not. */
    snprintf(nothing, sizeof nothing, "%s\"\"|>>", left);
    making_text(m, document, "EmbeddedTmpl", file->content[0] ? file->content : nothing);
    making_text(m, document, "DestPath", file->path);
    making_text(m, document, "ChangeMode", "noop");
    put_owner(m, group, file, document);
    making_text(m, document, "LeftDelim", left);
    making_text(m, document, "RightDelim", "|>>");
    making_put(m, document, "Envvars", json_false());
    return document;
}

static json_t *files_document(struct making *m, const struct nomad_group *group)
{
    json_t *files = json_array();

    for (size_t i = 0; i < group->file_count; i++)
        making_add(m, files, file_document(m, group, &group->files[i]));
    return files;
}

static json_t *artifacts_document(struct making *m, const struct nomad_group *group)
{
    json_t *artifacts = json_array();

    for (size_t i = 0; i < group->artifact_count; i++) {
        const struct nomad_artifact *artifact = &group->artifacts[i];
        json_t *document = json_object(), *options = json_object();
        char checksum[80];

        making_text(m, document, "GetterSource", artifact->source);
        making_text(m, document, "GetterMode", "any");
        making_text(m, document, "RelativeDest", artifact->destination);
        if (artifact->sha256) {
            snprintf(checksum, sizeof checksum, "sha256:%.64s", artifact->sha256);
            making_text(m, options, "checksum", checksum);
        }
        making_put(m, document, "GetterOptions", options);
        making_add(m, artifacts, document);
    }
    return artifacts;
}

static json_t *config_document(struct making *m, const struct nomad_group *group)
{
    json_t *config = json_object();

    making_text(m, config, "command", group->command);
    making_put(m, config, "args", making_texts(m, group->arguments, "an argument"));
    if (group->image) {
        making_text(m, config, "image", group->image);
        making_text(m, config, "network_mode", "host");
    }
    return config;
}

/* Nomad takes either megahertz or cores. What is 0 is left out, so that its own default holds. */
static json_t *resources_document(struct making *m, const struct nomad_group *group)
{
    json_t *resources = json_object();

    if (group->cores)
        making_integer(m, resources, "Cores", group->cores);
    else if (group->cpu_mhz)
        making_integer(m, resources, "CPU", group->cpu_mhz);
    if (group->memory_mb)
        making_integer(m, resources, "MemoryMB", group->memory_mb);
    if (group->memory_max_mb)
        making_integer(m, resources, "MemoryMaxMB", group->memory_max_mb);
    return resources;
}

static json_t *logs_document(struct making *m)
{
    json_t *logs = json_object();

    making_integer(m, logs, "MaxFiles", LOG_FILES);
    making_integer(m, logs, "MaxFileSizeMB", LOG_FILE_MB);
    return logs;
}

static enum ou_status put_task(struct making *m, const struct nomad_group *group, json_t *ret,
                               struct ou_error *err)
{
    json_t *environment = NULL;
    enum ou_status status = making_pairs(m, group->environment, "environment", &environment, err);

    if (status)
        return status;
    making_put(m, ret, "Env", environment);
    making_text(m, ret, "Name", "agent");
    making_text(m, ret, "Driver", group->driver);
    if (group->user)
        making_text(m, ret, "User", group->user);
    making_put(m, ret, "Config", config_document(m, group));
    making_put(m, ret, "Resources", resources_document(m, group));
    making_put(m, ret, "LogConfig", logs_document(m));
    making_text(m, ret, "KillSignal", "SIGINT");
    making_seconds(m, ret, "KillTimeout",
                   group->stop_patience_s > 0 ? group->stop_patience_s : STOP_PATIENCE_S);
    making_put(m, ret, "Templates", files_document(m, group));
    making_put(m, ret, "Artifacts", artifacts_document(m, group));
    making_put(m, ret, "VolumeMounts", mounts_document(m, group));
    return OU_OK;
}

static void put_disk(struct making *m, uint32_t disk_mb, json_t *ret)
{
    json_t *disk;

    if (!disk_mb)
        return;
    disk = json_object();
    making_integer(m, disk, "SizeMB", disk_mb);
    making_put(m, ret, "EphemeralDisk", disk);
}

enum ou_status job_group_document(struct making *m, const struct nomad_group *group, json_t *ret,
                                  struct ou_error *err)
{
    enum ou_status status = check_group(group, err);
    json_t *tasks, *task;

    if (status)
        return status;
    making_text(m, ret, "Name", group->name);
    making_integer(m, ret, "Count", 1);
    making_put(m, ret, "RestartPolicy", restart_document(m, group->restarts));
    making_put(m, ret, "ReschedulePolicy", reschedule_document(m, group->reschedules));
    put_disconnect(m, group->disconnect_s, ret);
    put_ports(m, group, ret);
    put_service(m, group, ret);
    put_volumes(m, group, ret);
    put_disk(m, group->disk_mb, ret);
    tasks = json_array();
    task = json_object();
    making_add(m, tasks, task);
    making_put(m, ret, "Tasks", tasks);
    if (m->no_memory)
        return OU_OK;
    status = making_rules(m, group->rules, group->rule_count, false, ret, err);
    return status ? status : put_task(m, group, task, err);
}
