"""The values of Kubernetes Secrets go, whatever their names and however the manifest is printed."""

from __future__ import annotations

import base64
import json

import pytest

from accrete.ingest import ingest
from accrete.redaction import redact, redact_json
from tests.redaction.engines import ENGINES
from tests.transcripts import Transcript

pytestmark = pytest.mark.usefixtures("texts_as_they_are")

V = base64.b64encode(b"something else").decode()
W = base64.b64encode(b"more of it all").decode()
SHOWN = (
    f"apiVersion: v1\ndata:\n  dsn: {V}\n  x: {W}\nkind: Secret\nmetadata:\n  name: db\n"
    "type: Opaque\n"
)
WRITTEN = (
    f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ntype: Opaque\ndata:\n  dsn: {V}\n"
    f"  x: {W}\n"
)
OBJECT = {
    "apiVersion": "v1",
    "data": {"dsn": V, "x": W},
    "kind": "Secret",
    "metadata": {"labels": {"a": "b"}},
}
ITEM = {"data": {"dsn": V, "x": W}, "metadata": {"labels": {}}}


def each_line(text: str, before: str, first: int = 1) -> str:
    return "".join(
        before.format(n) + line + "\n" for n, line in enumerate(text.splitlines(), first)
    )


PRINTED = {
    "kubectl get": SHOWN,
    "a file": WRITTEN,
    "cat -n": each_line(SHOWN, "{:6}\t"),
    "with arrows": each_line(WRITTEN, "{:6}→"),
    "grep -n": each_line(WRITTEN, "{}:", 5),
    "grep of a file": each_line(WRITTEN, "k8s/db-1.yaml:{}:", 5),
    "quoted": each_line(WRITTEN, "> "),
    "diff": "@@ -0,0 +1 @@\n" + each_line(WRITTEN, "+"),
    "commented": each_line(WRITTEN, "# "),
    "indented": each_line(WRITTEN, "    "),
    "carriage returns": WRITTEN.replace("\n", "\r\n"),
    "heredoc": f"kubectl apply -f - <<EOF\n{WRITTEN}EOF\n",
    "list": "apiVersion: v1\nitems:\n- " + SHOWN.replace("\n", "\n  ") + "\nkind: List\n",
    "SecretList": f"kind: SecretList\nitems:\n- metadata:\n    name: x\n  data:\n    dsn: {V}\n"
    f"    x: {W}\n",
    "comments": WRITTEN.replace("data:\n", "data: # here\n  # and here\n\n").replace(
        V, f"{V} # there\n"
    ),
    "block values": f"kind: Secret\nstringData:\n  dsn: |\n    first {V}\n\n    {V}\n  x: >-\n"
    f"    {W}\n  y: '{W}'\n",
    "flow style": f'apiVersion: v1\nkind: Secret\ndata: {{dsn: {V}, x: "{W}"}}\n',
    "after a ConfigMap": f"kind: ConfigMap\ndata:\n  a: b\n---\n{WRITTEN}",
    "JSON": json.dumps(OBJECT),
    "JSON over lines": json.dumps(OBJECT, indent=2),
    "JSON without apiVersion": json.dumps({"kind": "Secret", "data": {"dsn": V, "x": W}}),
    "JSON list": json.dumps({"kind": "List", "items": [OBJECT]}, indent=2),
    "JSON SecretList": json.dumps({"kind": "SecretList", "items": [ITEM]}, indent=2),
    "JSON in a text": "out: " + json.dumps({"body": json.dumps(OBJECT)}),
    "YAML in a text": "out: " + json.dumps({"body": SHOWN}),
    "patch": "kubectl patch secret db -p '" + json.dumps({"data": {"dsn": V, "x": W}}) + "'",
    "patch in a double quote": "kubectl -n a patch secret/db -p "
    f'"{{\\"stringData\\":{{\\"dsn\\":\\"{V}\\"}}}}"',
    "JSON patch": "oc patch secret db --type=json -p "
    f"""'[{{"op":"replace","path":"/data/dsn","value":"{V}"}}]'""",
    "literals": f"kubectl create secret generic db --from-literal=dsn={V} --from-literal='x={W}'",
    "literals over lines": f"kubectl create secret generic db \\\n --from-literal dsn={V} \\\n "
    f'--from-literal=x="{W}"',
}


@pytest.mark.parametrize("printed", PRINTED)
def test_the_values_of_a_secret_go_however_it_is_printed(printed):
    text = PRINTED[printed]
    for redactor in ENGINES:
        clean = redactor.redact(text)
        assert V not in clean
        assert W not in clean
        assert redactor.redact(clean) == clean
    assert ENGINES[0].find(text) == ENGINES[1].find(text)
    in_json = redact_json(text, redact)
    assert V not in in_json
    assert W not in in_json


@pytest.mark.parametrize(
    "text",
    [
        '{"kind":"Secret","data":{"type":"Opaque","label":"hello world"}}',
        WRITTEN.replace("kind: Secret", "kind: ConfigMap"),
        WRITTEN.replace("kind: Secret", "kind: SecretStore"),
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: secret\ndata:\n  dsn: {V}\n---\n"
        "kind: Secret\n",
        "kubectl create configmap x --from-literal=color=blue-and-green",
        "apiVersion: v1\nkind: Secret\ndata:\n  dsn: {{ .Values.dsn | b64enc }}\n",
        "kubectl get secret db -o yaml",
    ],
)
def test_what_is_no_secret_of_kubernetes_stays(text):
    assert redact(text) is text
    assert redact_json(text, redact) is text


def test_only_the_values_go():
    assert redact(SHOWN) == SHOWN.replace(V, "[redacted:assigned-secret]").replace(
        W, "[redacted:assigned-secret]"
    )
    text = PRINTED["after a ConfigMap"]
    assert "a: b\n" in redact(text)


def test_a_secret_in_the_output_of_a_tool_is_not_stored(settings):
    t = Transcript(1)
    t.prompt("go")
    t.call("Bash", {"command": "kubectl get secret db -o yaml"}, message_id="msg_1", use="toolu_1")
    t.result(SHOWN, use="toolu_1")
    t.add(f"new {'gh' + 'p_' + 'aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7'}", what="is this")
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    record = b"".join(file.read_bytes() for file in settings.home.rglob("*") if file.is_file())
    assert V.encode() not in record
    assert b"aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7" not in record
