"""Secrets go, everything else stays, and both engines agree."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accrete.redaction import find, redact
from accrete.redaction.issued import ISSUED
from accrete.redaction.marks import FOUND
from tests.fuzz import examples
from tests.redaction.engines import RE, RE2

MIX = "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7bC9dE2fG4hJ6kL8mN1pQ3"  # mixed characters, no real key
HEX = "0a1b2c3d4e5f60718293a4b5c6d7e8f9" * 2
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

# Written in two parts each, so that no scanner takes this file for a leak.
SAMPLES = {
    "aws-access-key": ["AK" + "IA" + UPPER[:16], "AS" + "IA" + UPPER[4:20]],
    "anthropic-key": ["sk-" + "ant-api03-" + MIX],
    "openai-key": ["sk-" + "proj-" + MIX, "sk-" + MIX[:20] + "T3Blbk" + "FJ" + MIX[:20]],
    "openrouter-key": ["sk-" + "or-v1-" + HEX],
    "github-token": [
        "gh" + "p_" + MIX[:36],
        "gh" + "s_" + MIX[:40],
        "github" + "_pat_" + MIX + MIX[:20],
    ],
    "gitlab-token": ["glp" + "at-" + MIX[:20]],
    "slack-token": [
        "xo" + "xb-" + "123456789012-" + MIX[:24],
        "xa" + "pp-1-A0123456789-1234567890-" + HEX,
    ],
    "npm-token": ["npm" + "_" + MIX[:36]],
    "pypi-token": ["pyp" + "i-AgE" + MIX],
    "stripe-key": ["sk_" + "live_" + MIX[:24], "rk_" + "test_" + MIX[:24]],
    "stripe-webhook-secret": ["whs" + "ec_" + MIX[:32]],
    "google-api-key": ["AI" + "za" + MIX[:35]],
    "google-oauth-secret": ["GOC" + "SPX-" + MIX[:28]],
    "google-oauth-token": ["ya" + "29." + MIX],
    "huggingface-token": ["hf" + "_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"],
    "sendgrid-key": ["SG" + "." + MIX[:22] + "." + MIX[:43]],
    "twilio-key": ["S" + "K" + HEX[:32]],
    "digitalocean-token": ["dop" + "_v1_" + HEX],
    "docker-token": ["dckr" + "_pat_" + MIX[:27]],
    "vault-token": ["hv" + "s." + MIX[:40]],
    "terraform-token": [MIX[:14] + ".atlas" + "v1." + MIX + MIX[:10]],
    "databricks-token": ["da" + "pi" + HEX[:32]],
    "shopify-token": ["shp" + "at_" + HEX[:32]],
    "telegram-token": ["123456789" + ":AA" + MIX[:33]],
    "newrelic-key": ["NR" + "AK-" + UPPER[:27]],
    "jwt": ["ey" + "J" + MIX[:20] + ".ey" + "J" + MIX[:30] + "." + MIX[:30]],
}

CONTEXTS = [
    "{}",
    "the key is {} here",
    '{{"value": "{}"}}',
    "é 日本 {} 日本",
    "a\n{}\nb",
    "x={}&y=1",
    r"{{\"v\": \"{}\"}}",
]


@pytest.mark.parametrize(
    ("kind", "secret"), [(kind, s) for kind, all_ in SAMPLES.items() for s in all_]
)
@pytest.mark.parametrize("context", CONTEXTS)
def test_a_token_goes_wherever_it_stands_and_what_surrounds_it_stays(kind, secret, context):
    text = context.format(secret)
    assert redact(text) == context.format(f"[redacted:{kind}]")


ASSIGNED = [
    "export API_KEY={}",
    'client_secret: "{}"',
    "const token = '{}';",
    '"api_key":"{}"',
    r"{{\"access_token\": \"{}\"}}",
    "SECRET_KEY = {}",
    "aws_secret_access_key={}",
    "MY_APP_TOKEN: {}",
    "credentials['secret'] = '{}'",
    'apiKey => "{}"',
]


@pytest.mark.parametrize("line", ASSIGNED)
def test_a_random_value_assigned_to_a_secret_name_goes(line):
    assert redact(line.format(MIX[:32])) == line.format("[redacted:assigned-secret]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres://bob:s3cr3tW@db.internal/x",
         "postgres://bob:[redacted:url-password]@db.internal/x"),
        ("https://x-access-token:" + MIX[:24] + "@github.com/o/r",
         "https://x-access-token:[redacted:url-password]@github.com/o/r"),
        ("Authorization: Bearer " + MIX, "Authorization: Bearer [redacted:authorization-header]"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==",
         "Authorization: Basic [redacted:authorization-header]"),
        ("curl -u bob:Hunter2xyz https://a.b", "curl -u bob:[redacted:user-password] https://a.b"),
        ("//registry.example.org/:_authToken=" + MIX[:36],
         "//registry.example.org/:_authToken=[redacted:npm-token]"),
        ("password: Tr0ub4dor&3", "password: [redacted:assigned-secret]"),
        ("https://hooks.slack.com/services/T00000000/B00000000/" + MIX[:24],
         "https://hooks.slack.com/services/[redacted:slack-webhook]"),
        ("AccountName=x;AccountKey=" + (MIX + MIX)[:86] + "==;E=",
         "AccountName=x;AccountKey=[redacted:azure-storage-key];E="),
    ],
)  # fmt: skip
def test_only_the_secret_part_goes(text, expected):
    assert redact(text) == expected


KEY = (
    "-----BEGIN RSA PRIVATE"
    + " KEY-----\n"
    + "\n".join(["MIIE" + MIX + "abc"] * 6)
    + "\n-----END RSA PRIVATE"
    + " KEY-----"
)


def test_a_private_key_block_goes_whole():
    assert redact(f"before\n{KEY}\nafter") == "before\n[redacted:private-key]\nafter"


def test_a_private_key_with_escaped_line_ends_goes_whole():
    assert redact('{"k": "' + KEY.replace("\n", "\\n") + '"}') == '{"k": "[redacted:private-key]"}'


def test_a_private_key_goes_when_its_end_was_cut_off():
    assert MIX not in redact("x\n" + KEY[:200])


def test_a_private_key_goes_when_its_beginning_was_cut_off():
    assert MIX not in redact(KEY[60:] + "\nafter")
    assert redact(KEY[60:] + "\nafter").endswith("\nafter")


@pytest.mark.parametrize(
    "text",
    [
        "token: str = None", "API_KEY=${API_KEY}", "secret = os.environ['SECRET']",
        "password=example", "password: string",
        "api_key = get_key()", "token = process.env.TOKEN", "max_tokens: 128000",
        '"cache_read_input_tokens": 163659',
        "SECRET_KEY=your-api-key-here", "token=<token>", "password: ********", "PASSWORD=changeme",
        "tokens=12,345,678",
        "session 9dd861b1-71f8-41ee-bb93-7d3724bcb337",
        "commit 9b92ce8301981ab4cdc9f5d7f66c4b103893ab12",
        "msg_01XFDUDYJgAACzvnptvVoYEL", "toolu_01A09q90qw90lq917835lq9",
        "req_011CSHoEeqs5C35K2UUqR7Fy",
        "const tokenCount = countTokens", "secretName: my-app-secret", "key-value store",
        "the password is wrong",
        "sk-learn", "gh pr create", "api_key: 'test-key-for-unit-tests'",
        "https://github.com/o/r", "http://localhost:8080/path", "mailto:a@b.c",
        "password = getpass.getpass()",
        "https://user:${PASSWORD}@host/x", "passwordInput: HTMLInputElement",
        "private_key_path = keys/server.pem",
        "access_key_id: str", "tokenizer = AutoTokenizer.from_pretrained", "secrets: inherit",
        "const secretManagerClient1 = new Client", "token_type=bearer_token_v2",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_secret_stays(text):
    assert redact(text) is text


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_near_miss_stays(kind):
    for secret in SAMPLES[kind]:
        short = secret[: min(16, len(secret) // 2 - 2)]
        assert redact(short) == short


PIECES = (
    [s for all_ in SAMPLES.values() for s in all_]
    + [line.format(MIX[:32]) for line in ASSIGNED]
    + [
        KEY,
        KEY[:150],
        KEY[70:],
        "postgres://a:bcdef1@h/",
        "token=",
        "password: ",
        "secret",
        "\u0130",
        "\u017f",
        "\u212a",
        "é",
        "\n",
        " ",
        '"',
        "=",
        ":",
    ]
)
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=8).map("".join)


@pytest.mark.long
@settings(max_examples=examples(300), deadline=None)
@given(TEXTS)
@example("to\u212aen=" + MIX)
@example("pa\u017fsword=" + MIX)
def test_both_engines_find_the_same(text):
    assert RE2.find(text) == RE.find(text)


@pytest.mark.long
@settings(max_examples=examples(300), deadline=None)
@given(TEXTS)
def test_redacting_twice_changes_nothing_more(text):
    once = redact(text)
    assert redact(once) == once


@pytest.mark.long
@settings(max_examples=examples(100), deadline=None)
@given(st.text())
def test_findings_are_in_order_apart_and_inside_the_text(text):
    last = 0
    for found in find(text):
        assert last <= found.start < found.end <= len(text)
        last = found.end


def test_clean_text_comes_back_as_the_same_object():
    text = "nothing to see here, " * 100
    assert redact(text) is text


def test_lone_surrogates_do_not_raise():
    assert "[redacted:github-token]" in redact("\ud800 " + SAMPLES["github-token"][0])


@pytest.mark.long
@settings(max_examples=examples(300), deadline=None)
@given(TEXTS)
def test_the_one_pass_over_a_text_sees_a_sign_wherever_a_slower_search_finds_a_secret(text):
    if RE.find(text):
        assert RE2.find(text)


VALUE = "Qx7Rt2Lm9Zk4Vb8N"
ARGUMENTS = r"""
gpg --batch --passphrase {} -d x.gpg
sometool --token {} push
sometool --api-key {} push
docker login -u kim --password {}
mysql -u root -p{} shop
mysqldump -h db -u root -p'{}' shop > x.sql
sshpass -p {} ssh h
sshpass -p '{}' scp a h:
export DB_PASS={}
PGPASS_PW={} ./run
curl -H 'Cookie: session={}' https://x.example.org
curl -b 'sid={}' https://x.example.org
sometool --password={}
export APP_SECRET={}
curl -u kim:{} https://x.example.org
curl --user 'kim:{}' https://x.example.org
wget --password={} https://x.example.org
curl -H 'Authorization: Bearer {}' u
curl -H 'Authorization: token {}' u
curl -H "X-Api-Key: {}" u
curl -H 'DD-APPLICATION-KEY: {}' u
curl 'https://x.example.org/?token={}&b=1'
curl 'https://kim:{}%40x@x.example.org/'
docker run -e API_TOKEN={} image
docker login -u kim -p {} r.example.org
redis-cli -a {} ping
mongosh -u kim -p {} db
ldapsearch -x -w {} -b dc=x
echo {} | docker login --password-stdin
echo '{}' | sudo -S ls
openssl rsa -in k -passin pass:{}
unzip -P {} a.zip
7z x -p{} a.7z
setx API_KEY {}
aws configure set aws_secret_access_key {}
ENV API_TOKEN {}
jdbc:mysql://db/shop?user=kim&password={}
Server=db;Uid=kim;Pwd={};
$env:API_KEY = '{}'
psql postgres://kim:{}@db/shop
machine x.example.org login kim password {}
db.example.org:5432:shop:kim:{}
CREATE USER kim IDENTIFIED BY '{}';
"""


@pytest.mark.parametrize("command", ARGUMENTS.strip().splitlines())
def test_a_secret_in_an_argument_a_header_or_a_file_of_credentials_goes(command):
    text = command.replace("{}", VALUE)
    for redactor in (RE2, RE):
        clean = redactor.redact(text)
        assert "[redacted:" in clean
        assert VALUE not in clean
        assert redactor.redact(clean) == clean


MANIFEST = (
    "apiVersion: v1\nkind: Secret\ndata:\n  config: c29tZXRoaW5nIGVsc2U=\n  user: a2lt\nmetadata:\n"
    "  name: shop-1\n"
)


def test_the_values_of_a_kubernetes_secret_go_whatever_their_names():
    clean = redact(MANIFEST)
    assert "c29t" not in clean
    assert "a2lt" not in clean
    assert clean.endswith("metadata:\n  name: shop-1\n")
    assert redact(MANIFEST.replace("kind: Secret", "kind: ConfigMap")).count("c29t") == 1
    in_json = '{"kind": "Secret", "data": {"config": "c29tZXRoaW5nIGVsc2U="}}'
    assert "c29t" not in redact(in_json)


def test_every_shape_says_what_documents_it_or_that_nothing_does():
    words = {FOUND, "Accrete's own"}
    assert not [one for one in ISSUED if "://" not in one.source and one.source not in words]
