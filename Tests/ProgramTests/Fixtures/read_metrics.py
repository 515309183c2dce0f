"""Prints as JSON what Prometheus's own parser for Python finds in a page, read from a port of this machine."""

import json
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics", timeout=30) as answer:
    kind, text = answer.headers["Content-Type"], answer.read().decode()
families = {
    family.name: {
        "type": family.type, "help": family.documentation,
        "samples": [[sample.name, sample.labels, sample.value] for sample in family.samples]}
    for family in text_string_to_metric_families(text)}
lines = {f"{s[0]} {json.dumps(s[1], sort_keys=True)}": s[2] for f in families.values() for s in f["samples"]}
print(json.dumps({
    "kind": kind, "types": {name: family["type"] for name, family in families.items()},
    "helps": {name: family["help"] for name, family in families.items()}, "values": lines}))
