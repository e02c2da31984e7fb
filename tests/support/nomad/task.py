"""A task of an allocation on its machine: its folders, what is put into them, its environment, and its process."""

import hashlib
import os
import re
import shutil
import signal
import ssl
import subprocess
import tarfile
import urllib.error
import urllib.request

# What raw_exec does not hand on of the agent's own environment.
DENIED = ("CONSUL_TOKEN", "CONSUL_HTTP_TOKEN", "VAULT_TOKEN", "NOMAD_LICENSE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
          "AWS_SESSION_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS")


class SetupError(Exception):
    """Why a task cannot be started: the type of the event, and its text."""

    def __init__(self, kind, member, text):
        super().__init__(text)
        self.kind, self.member, self.text = kind, member, text


# --- Folders ------------------------------------------------------------------------


def make_folders(root, task):
    for path, mode in (("alloc", 0o777), ("alloc/data", 0o777), ("alloc/logs", 0o777), ("alloc/tmp", 0o777), (task, 0o777),
                       (f"{task}/local", 0o777), (f"{task}/tmp", 0o777), (f"{task}/secrets", 0o700)):
        os.makedirs(os.path.join(root, path), exist_ok=True)
        os.chmod(os.path.join(root, path), mode)


def environment(allocation, task, node, root):
    """What Nomad tells a task."""
    job, name = allocation["Job"], task["Name"]
    group = next(one for one in job["TaskGroups"] if one["Name"] == allocation["TaskGroup"])
    told = {key: value for key, value in os.environ.items() if key not in DENIED and not key.startswith("NOMAD_")}
    told.update({
        "NOMAD_ALLOC_DIR": f"{root}/alloc", "NOMAD_ALLOC_ID": allocation["ID"], "NOMAD_ALLOC_INDEX": re.search(r"\[(\d+)\]$",
                                                                                                             allocation["Name"]).group(1),
        "NOMAD_ALLOC_NAME": allocation["Name"], "NOMAD_CPU_LIMIT": str(task["Resources"]["CPU"]), "NOMAD_DC": node["Datacenter"],
        "NOMAD_GROUP_NAME": group["Name"], "NOMAD_JOB_ID": job["ID"], "NOMAD_JOB_NAME": job["Name"],
        "NOMAD_MEMORY_LIMIT": str(task["Resources"]["MemoryMB"]), "NOMAD_NAMESPACE": job["Namespace"], "NOMAD_REGION": job["Region"],
        "NOMAD_SECRETS_DIR": f"{root}/{name}/secrets", "NOMAD_TASK_DIR": f"{root}/{name}/local", "NOMAD_TASK_NAME": name,
    })
    for meta in (job["Meta"], group["Meta"], task["Meta"]):
        for key, value in (meta or {}).items():
            told[f"NOMAD_META_{key}"] = told[f"NOMAD_META_{key.upper()}"] = value
    for port in allocation["AllocatedResources"]["Shared"]["Ports"] or []:
        label, number, address = port["Label"], str(port["Value"]), port["HostIP"]
        told.update({f"NOMAD_IP_{label}": address, f"NOMAD_PORT_{label}": number, f"NOMAD_ADDR_{label}": f"{address}:{number}",
                     f"NOMAD_HOST_IP_{label}": address, f"NOMAD_HOST_PORT_{label}": number,
                     f"NOMAD_HOST_ADDR_{label}": f"{address}:{number}", f"NOMAD_ALLOC_PORT_{label}": number})
    known = known_names(told, node)
    told.update({key: interpolated(value, known) for key, value in (task["Env"] or {}).items()})
    return told


def known_names(told, node):
    """Values of ${...} in a task's configuration."""
    known = {"node.unique.id": node["ID"], "node.unique.name": node["Name"], "node.datacenter": node["Datacenter"],
             "node.class": node["NodeClass"], "node.region": "global"}
    known.update({f"attr.{key}": value for key, value in node["Attributes"].items()})
    known.update({f"meta.{key}": value for key, value in (node["Meta"] or {}).items()})
    known.update(told)
    known.update({f'env["{key}"]': value for key, value in told.items()})
    return known


def interpolated(text, known):
    """${NAME} replaced where the name is known; what is not known stays as it stands."""
    return re.sub(r"\$\{([^}]+)\}", lambda found: known.get(found.group(1).strip(), found.group(0)), text)


# --- Templates and artifacts --------------------------------------------------------


def rendered(template, told):
    """A template's text: actions that name an environment variable, or are a quoted text, are known here; others are an error."""
    left, right = re.escape(template["LeftDelim"]), re.escape(template["RightDelim"])

    def value(found):
        action = found.group(1).strip().strip("-").strip()
        env = re.fullmatch(r'env\s+"([^"]*)"', action)
        if env:
            return told.get(env.group(1), "")
        literal = re.fullmatch(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`', action, re.S)
        if literal is None:
            raise SetupError("Setup Failure", "SetupError", f"Template failed: function \"{action.split()[0]}\" not defined")
        return literal.group(2) if literal.group(1) is None else literal.group(1).encode().decode("unicode_escape")

    return re.sub(left + r"(.*?)" + right, value, template["EmbeddedTmpl"], flags=re.S)


def below(root, task, relative):
    """A path in a task's folder; one that leads out is an error."""
    base = os.path.join(root, task)
    path = os.path.normpath(os.path.join(base, relative.lstrip("/")))
    if not path.startswith(os.path.realpath(base) + os.sep) and not path.startswith(base + os.sep):
        raise SetupError("Setup Failure", "SetupError", f"path {relative} escapes the task's folder")
    return path


def write_templates(root, task, told, known):
    for template in task["Templates"] or []:
        path = below(root, task["Name"], interpolated(template["DestPath"], known))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(rendered(template, told))
        os.chmod(path, int(template["Perms"], 8))


def fetch_artifacts(root, task, known, ca_file):
    for artifact in task["Artifacts"] or []:
        source = interpolated(artifact["GetterSource"], known)
        try:
            context = ssl.create_default_context(cafile=ca_file) if source.startswith("https:") else None
            with urllib.request.urlopen(source, timeout=30, context=context) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise download_failed(source, f"bad response code: {error.code}") from error
        except OSError as error:
            raise download_failed(source, f"Get \"{source}\": {error}") from error
        check_sum(source, content, (artifact["GetterOptions"] or {}).get("checksum"), root)
        keep_artifact(root, task, artifact, source, content)


def download_failed(source, why):
    return SetupError("Failed Artifact Download", "DownloadError", f"failed to download artifact \"{source}\": {why}")


def check_sum(source, content, wanted, root):
    if not wanted:
        return
    kind, _, value = wanted.partition(":")
    got = hashlib.new(kind, content).hexdigest()
    if got != value.lower():
        raise download_failed(source, f"Checksums did not match for {root}/tmp/getter/archive.\nExpected: {value}\nGot: {got}\n*{kind}.digest")


def keep_artifact(root, task, artifact, source, content):
    """A file stays one; an archive is unpacked, unless the artifact says otherwise."""
    folder = below(root, task["Name"], artifact["RelativeDest"])
    name = os.path.basename(source.split("?")[0])
    one_file = artifact["GetterMode"] == "file"
    path = folder if one_file else os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(content)
    os.chmod(path, 0o755)
    plain = (artifact["GetterOptions"] or {}).get("archive") == "false"
    if not one_file and not plain and re.search(r"\.(tar\.gz|tgz|tar)$", name):
        with tarfile.open(path) as archive:
            archive.extractall(folder, [one for one in archive if one.isfile() and ".." not in one.name.split("/")])
        os.remove(path)


# --- The process --------------------------------------------------------------------


def find_program(command, root, task, told):
    """As raw_exec looks for one: in the task's folder, then in PATH."""
    for folder in (f"{root}/{task}/local", f"{root}/{task}"):
        path = os.path.join(folder, command.lstrip("/"))
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    found = shutil.which(command, path=told.get("PATH"))
    if not found:
        raise SetupError("Driver Failure", "DriverError", "failed to launch command with executor: rpc error: code = Unknown desc = "
                         f"exec: \"{command}\": executable file not found in $PATH")
    return os.path.abspath(found)


def start(root, task, told, known, namespace):
    """Starts the task's process, in a session of its own."""
    config = task["Config"] or {}
    if not config.get("command"):
        raise SetupError("Driver Failure", "DriverError", "failed to launch command with executor: rpc error: code = Unknown desc = "
                         "command cannot be empty")
    program = find_program(interpolated(config["command"], known), root, task["Name"], told)
    arguments = [program] + [interpolated(one, known) for one in config.get("args") or []]
    if namespace:
        arguments = ["ip", "netns", "exec", namespace] + arguments
    logs = os.path.join(root, "alloc", "logs", task["Name"])
    with open(logs + ".stdout.0", "ab") as out, open(logs + ".stderr.0", "ab") as err:
        return subprocess.Popen(arguments, cwd=os.path.join(root, task["Name"]), env=told, stdin=subprocess.DEVNULL, stdout=out,
                                stderr=err, start_new_session=True)


def processes_of(allocation_id):
    """All processes that have the allocation in their environment: also those that left the task's session."""
    wanted, found = f"NOMAD_ALLOC_ID={allocation_id}".encode(), []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if wanted in file.read().split(b"\0"):
                        found.append(int(name))
            except OSError:
                continue
    return found


def end_all(allocation_id):
    """Kills what is left of an allocation, as Nomad does by its cgroup."""
    for process in processes_of(allocation_id):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
