"""provisioning.py DATASOURCES DASHBOARDS: whether the files are what Grafana documents for its folder provisioning: members that it knows, of
their types, and none that it would pass over in silence."""

import sys

import yaml

TEXT, TRUTH, NUMBER = str, bool, int
JSON_DATA = {"httpMethod": {"GET", "POST"}, "timeInterval": TEXT, "prometheusType": {"Prometheus", "Mimir", "Cortex", "Thanos"},
             "prometheusVersion": TEXT, "customQueryParameters": TEXT}
DATASOURCE = {"name!": TEXT, "type!": TEXT, "access!": {"proxy", "direct"}, "url": TEXT, "uid": TEXT, "orgId": NUMBER, "isDefault": TRUTH,
              "editable": TRUTH, "version": NUMBER, "basicAuth": TRUTH, "basicAuthUser": TEXT, "withCredentials": TRUTH, "jsonData": JSON_DATA}
PROVIDER = {"name!": TEXT, "orgId": NUMBER, "folder": TEXT, "folderUid": TEXT, "type!": {"file"}, "disableDeletion": TRUTH,
            "updateIntervalSeconds": NUMBER, "allowUiUpdates": TRUTH, "options!": {"path!": TEXT, "foldersFromFilesStructure": TRUTH}}


def check(value, form, where):
    if isinstance(form, dict):
        assert isinstance(value, dict), where + " is no object"
        known = {name.rstrip("!"): inner for name, inner in form.items()}
        for name in form:
            assert not name.endswith("!") or name[:-1] in value, "%s: no %s" % (where, name[:-1])
        for name, inner in value.items():
            assert name in known, "%s: Grafana knows no %s" % (where, name)
            check(inner, known[name], where + "." + name)
    elif isinstance(form, list):
        assert isinstance(value, list) and value, where + " is no list"
        for i, inner in enumerate(value):
            check(inner, form[0], "%s[%d]" % (where, i))
    elif isinstance(form, set):
        assert value in form, "%s: %r is none of %s" % (where, value, sorted(form))
    else:
        assert type(value) is form, "%s: %r is no %s" % (where, value, form.__name__)


def main(datasources, dashboards):
    with open(datasources) as file:
        sources = yaml.safe_load(file)
    check(sources, {"apiVersion!": {1}, "datasources!": [DATASOURCE]}, datasources)
    names = [source["name"] for source in sources["datasources"]]
    assert len(set(names)) == len(names), "two sources of one name"
    assert sum(source.get("isDefault", False) for source in sources["datasources"]) <= 1, "two defaults"
    with open(dashboards) as file:
        check(yaml.safe_load(file), {"apiVersion!": {1}, "providers!": [PROVIDER]}, dashboards)


main(*sys.argv[1:])
