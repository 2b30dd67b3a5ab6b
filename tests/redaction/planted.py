"""Makes secrets from the shapes that issuers document, random values for secret-looking names, and
places for both."""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

ALPHABETS = {
    "a": string.ascii_letters + string.digits,
    "b": string.ascii_letters + string.digits + "-_",
    "s": string.ascii_letters + string.digits + "+/",
    "x": "0123456789abcdef",
    "u": string.ascii_uppercase + string.digits,
    "t": string.ascii_uppercase + "234567",
    "l": string.ascii_lowercase + string.digits,
    "d": string.digits,
    "r": string.ascii_lowercase + "234567",
    "U": "0123456789ABCDEF",
    "A": string.ascii_letters,
    "k": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "q": "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
}
# Marks are cut in two by a bar, so that no scanner takes this file for a leak: `gh|p_{a36}` is
# `ghp_` and 36 letters or digits.
SHAPES = """
aws AK|IA{t16} · aws AS|IA{t16} · anthropic sk|-ant-api03-{b93}AA · anthropic sk|-ant-oat01-{b86}
anthropic sk|-ant-admin01-{b93}
openai sk|-proj-{b74}T3Blbk|FJ{b74} · openai sk|-{a20}T3Blbk|FJ{a20}
openai sk|-svcacct-{b74}T3Blbk|FJ{b74} · openrouter sk|-or-v1-{x64}
deepseek sk|-{x32} · groq gs|k_{a52} · xai xa|i-{a80} · huggingface h|f_{a34} · replicate r8|_{a37}
perplexity ppl|x-{a48}
nvidia nv|api-{b64} · pinecone pc|sk_{a6}_{a63} · langsmith ls|v2_pt_{x32}_{x10}
tavily tv|ly-dev-{a32} · firecrawl f|c-{x32}
github gh|p_{a36} · github gh|o_{a36} · github gh|s_{a36} · github gh|u_{a36} · github gh|r_{a76}
github git|hub_pat_{a22}_{a59}
gitlab gl|pat-{b20} · gitlab gl|ptt-{x40} · gitlab gl|rt-{b20} · gitlab gl|dt-{b20}
gitlab gl|cbt-{a5}_{b20} · gitlab gl|soat-{b20}
slack xo|xb-{d12}-{d13}-{a24} · slack xo|xp-{d12}-{d12}-{d13}-{x32}
slack xa|pp-1-{u11}-{d13}-{x64} · npm np|m_{a36}
pypi py|pi-AgEIcHlwaS5vcmc{b150} · rubygems ruby|gems_{x48} · stripe sk|_live_{a99}
stripe sk|_test_{a24} · stripe rk|_live_{a24}
stripe wh|sec_{a32} · google AI|za{b35} · google GOC|SPX-{b28} · google ya|29.{b120}
azure {a3}8Q|~{b34} · sendgrid S|G.{b22}.{b43}
twilio S|K{x32} · mailgun ke|y-{x32} · mailchimp {x32}-u|s14 · brevo xkey|sib-{x64}-{a16}
digitalocean do|p_v1_{x64}
docker dck|r_pat_{b27} · vault hv|s.{b90} · terraform {a14}.atla|sv1.{b67} · databricks da|pi{x32}
shopify sh|pat_{x32}
square sq|0atp-{b22} · telegram {d10}:A|A{b33} · linear li|n_api_{a40} · notion nt|n_{a46}
sentry sn|trys_{b64}_{b43}
sentry sn|tryu_{x64} · newrelic NR|AK-{u27} · grafana gl|sa_{a32}_{x8} · doppler dp|.pt.{a43}
planetscale ps|cale_tkn_{b43}
supabase sb|p_{x40} · supabase sb|_secret_{b31} · tailscale ts|key-auth-{a16}-{a32}
figma fi|gd_{b40} · atlassian ATA|TT3xFfGF0{b180}
bitbucket AT|BB{a32} · fly fm|2_{s120} · fly fo|1_{b43} · cloudflare cf|ut_{a48} · vercel vc|p_{a56}
pulumi pu|l-{x40}
postman PM|AK-{x24}-{x34} · airtable pa|t{a14}.{x64} · hubspot pat|-na1-{x8}-{x4}-{x4}-{x4}-{x12}
contentful CF|PAT-{b43}
dynatrace dt|0c01.{t24}.{t64} · sonar sq|u_{x40} · artifactory AK|Cp{a69} · buildkite bk|ua_{x40}
openshift sha|256~{b43}
posthog ph|x_{a43} · discord MT{a22}.{b6}.{b38} · age AGE-SECRET|-KEY-1{u58}
jwt ey|J{b33}.ey|J{b60}.{b43} · netlify nf|p_{a36}
heroku HR|KU-{b60} · onepassword op|s_eyJ{b250} · neon na|pi_{l48} · clojars CLO|JARS_{x60}
circleci CCI|PAT_{a22}_{x40}
slack xo|xd-{b60} · slack xo|xe.xoxp-1-{a160} · apify ap|ify_api_{a36} · aiven AV|NS_{b19}
neon np|g_{a12} · cursor crs|r_{x64}
clickhouse 4b|1d{a38} · settlemint sm_|aat_{a16} · settlemint sm_|pat_{a16}
intra42 s-s4|t2ud-{x64} · harness sa|t.{a22}.{x24}.{a20}
runpod rp|a_{u40}{a6} · dynatrace dt|0s01.{u8}.{u64} · linear li|n_oauth_{x64}
linear li|n_api_{a40}
bedrock bedrock|-api-key-{s120} · gemini AQ.|Ab8RN6{b44} · voyage a|l-{b43} · yandex t|1.{b60}.{b86}
amazon At|za{bar}{b350} · amazon At|zr{bar}{b350} · azure-ai {a52}JQ|QJ99{a26}
bitwarden 0|.{x8}-{x4}-{x4}-{x4}-{x12}.{a30}:{s22}== · astra Astra|CS:{a24}:{x64}
helicone sk-heli|cone-{l7}-{l7}-{l7}-{l7} · helicone pk-heli|cone-eu-{l7}-{l7}-{l7}-{l7}
composio a|k_{b20} · composio oa|k_{b20} · composio ua|k_{b43} · ory or|y_st_{a32}
ory or|y_at_{b43}.{b43} · onesignal os|_v2_app_{l40} · stytch secret|-live-{b35}=
mercury mercury|_production_rma_{a45}_yrucrem · elastic es|su_{b88}== · llama-cloud ll|x-{a48}
kaggle KG|AT_{x32} · brave BS|A{b28} · cursor ke|y_{x64} · minimax sk|-api-{b119}
canva cn|vca{b51} · cockroach CCDB|1_{a22}_{a40} · deno dd|p_{a36} · devin apk|_user_{s140}
devin co|g_{r52} · aikido AIK|_CI_{a32} · aikido AIK|_SECRET_{a64} · upcloud uc|at_{a26}
clickup p|k_{d8}_{u32} · klaviyo p|k_{x34} · wakatime wa|ka_{l40} · val-town vt|wn_{a32}
unkey un|key_{a22} · mergify mergify|_application_key_{b64} · telnyx KE|Y{U32}_{b22}
mapbox t|k.eyJ{b80}.{b22} · grafana ey|JrIjoi{s80} · mailersend ml|sn.{a40}
mailersend ms|sp.{a7}.{a16}.{a7} · crates ci|o_tp_{a32} · posthog ph|s_{a47} · posthog ph|a_{a43}
posthog ph|r_{a43} · bitbucket BB|DC-{s44} · xata xa|o_{a33} · honeycomb hc|aic_{l58}
honeycomb hc|amk_{l26}:{l32} · logfire pyl|f_v2_eu_{a44} · trigger t|r_preview_sk_{a24}
trigger t|r_prod_{a24} · polar pol|ar_at_{a43} · figma fi|gp_{b40} · vercel vc|k_{b56}
buildkite bk|ua_{l53} · buildkite bk|aa_{a8}.{a60} · buildkite bk|ct_{a8}.{a60} · xai xa|i-{b84}
neon na|pi_{a64} · lob li|ve_pub_{x31}
bitcoin xp|rv9s21ZrQH143K{k95} · bitcoin zp|rvAWgYBBk7JR8G{k94} · nostr ns|ec1{q58}
salesforce 00D|{a12}!{a96} · matrix sy|t_{a12}_{A20}_{a6} · databricks do|se{x32}
deepl {x8}-{x4}-{x4}-{x4}-{x12}:f|x
browserbase bb|_live_{a27} · browserbase bb|_test_{a27}
infisical s|t.{x24}.{x32}.{x32} · dingtalk SE|C{x64} · flutterwave FLW|SECK_TEST-{x32}-X
modal a|k-{a22} · modal a|s-{a22} · zhipu {x32}.{a16} · daytona dt|n_{x64}
friendli fl|p_{a46} · mem0 m|0-{a40} · devin ap|k_{s88} · anyscale es|ecret_{a26}
amp sgamp|_user_{u26}_{x64} · freepik FP|SX{x32} · retell ke|y_{x28} · knock s|k_{b43}
cartesia sk|_car_{b22} · checkout sk|_sbox_{r27} · stripe sk|_org_live_{a90}
baidu bce|-v3/ALTAK-{a21}/{x40} · volcengine AK|LT{a46} · alibaba ST|S.N{a24}
exoscale EX|O{x24} · tigris ti|d_{b36} · tigris ts|ec_{b60} · yandex YC|AJE{b20} · yandex Y|C{b38}
aws IQoJ|b3JpZ2luX2Vj{s400}= · aws FwoG|ZXIvYXdz{s400}= · appsync da|2-{l26}
google GOO|G1E{u57} · google GOO|G{u57} · firebase AAAA{b7}:APA|91b{b134} · azure {s33}+A|SbC{s5}=
azure {s33}AI|oTB{s5}=
azure {s76}+A|MC{s5}A== · azure {s42}+A|CRA{s5} · azure {a42}Az|SeB{a5} · azure {b44}Az|Fu{b5}A==
backblaze K0|05{a27} · github v|1.{x40} · ngrok 2{a26}_3{a20} · ngrok 7{a20}_2{a20}
facebook 1{d14}{bar}{b27} · facebook 1{d15}%7C{b27} · instagram IG|QVJ{b140} · instagram IG|AA{b150}
mapillary ML|Y{bar}{d16}{bar}{x32} · tiktok ac|t.{a60}!4521.va · pinterest pi|na_{a80}
pinterest pi|na_{a24} · linkedin AQ|X{b300} · linkedin AQ|W{b300}
linkedin AQ|V{b300} · mailgun {x32}-{x8}-{x8} · mailgun pub|key-{x32} · mandrill m|d-{b22}
newrelic NR|JS-{x19} · razorpay rz|p_live_{a14} · razorpay rz|p_test_{a14}
adyen AQ|E{s60}==-{s43}=-{a16} · mollie liv|e_{a30} · mollie tes|t_{a30} · mollie acc|ess_{a40}
gocardless liv|e_{b40} · lob tes|t_{x35} · xendit xnd|_production_{a60}
midtrans SB-Mid|-server-{b24} · mercadopago APP|_USR-{d16}-{d6}-{x32}-{d9}
mercadopago TE|ST-{d16}-{d6}-{x32}-{d9} · braintree access|_token$production${l16}${x32}
paypal A2|1AA{b90} · klarna klarna|_live_api_{b60} · asaas $aa|ct_prod_{b160}
onfido api|_live.{b32} · onfido api|_live_us.{b10}.{b32} · flutterwave FLW|SECK_TEST{x12}
statsig secret|-{a43}
statsig console|-{a43} · configcat configcat|-sdk-1/{b22}/{b22} · flagsmith se|r.{a22}
unleash default:development.{x56} · unleash us|er:{x56} · devcycle dvc|_server_{a32}_{a7}
apollo service:kim-graph:{b22} · apollo us|er:gh.kim:{b22} · apollo us|er:kim-lee:{b22}
dbt db|tu_{b40} · dbt db|tc_{b40}
packagist packa|gist_uut_{x68} · packagist packa|gist_ort_{x68} · packagist packa|gist_ack_{x32}
packagist packa|gist_acs_{x96} · deno dd|o_{a36}
sentry sn|trya_{x64}
postman PM|AT-{u26} · wakatime wa|ka_{g} · boundary a|t_{a10}_{a120}
cloudsmith cs|a_{x30}{a6} · swarm SWM|TKN-1-{l50}-{l25} · swarm SWM|KEY-1-{s43}
portainer pt|r_{s43}= · authress sc|_{l12}.{l5}.acc-{l16}.{a60} · permit permit|_key_{a80}
kong kp|at_{a49} · convex prod|:happy-otter-123{bar}eyJ{s80} · ably {b6}.{b6}:{b43}
pubnub se|c-c-{a48}
courier pk|_prod_{a28} · svix test|sk_{b32} · close ap|i_{a22}.{a22} · calcom cal|_live_{x32}
calcom ca|l_{a32}
ghost {x24}:{x64} · fal {g}:{x32} · discord mf|a.{b84} · discord mf|a.{b44}
dropbox {a11}AAAAA|AAAAA{b43}
miro ey|JtaXJv{a30}_{b40} · paseto v4.lo|cal.{b120} · laravel base|64:{s43}=
laravel base|64:{s22}==
django django-|insecure-{a50} · jetbrains pe|rm:{a12}.{a20}.{a30}
teamcity ey|J0eXAiOiAiVENWMiJ9.{b36}.{b48}
stackhawk ha|wk.{b20}.{b20} · lichess li|p_{a20} · lichess li|o_{a32} · thunderstore ts|s_{a36}
nylas ny|k_{a67} · fastmail fm|u1-{x8}-{x32}-1-{x32} · blockprotocol b1|0ck5.{a32}.{a36}
samsara samsara|_api_{a30} · endor en|dr+{a16} · notify gcn|tfy-kim-{g}-{g}
notify gcn|tfy-kim-lee-{g}-{g} · alchemy al|cht_{a30}
coralogix cx|up_{a30} · coze pa|t_{a64} · gitbook gb|_api_{a40} · scrapfly sc|p-live-{x32}
scrapfly sc|p-test-{x32}
weblate wl|u_{a36} · weblate wl|p_{a36} · transifex 1|/{x40} · near ed|25519:{k88}
blockfrost main|net{a32}
sourcegraph sl|k_{x64} · robinhood rh|-api-{g} · voiceflow V|F.DM.{x24}.{a16}
zoho 10|00.{x32}.{x32} · nightfall N|F-{a32} · trufflehog thog|-secret-{x32}
tines https://kim.tines.com/web|hook/{l32}/{l32} · omise sk|ey_test_{l19} · netlify nf|c_{a36}
brex bx|t_{a36} · langsmith l|s__{x32} · slack xox|a-2-{a40} · posthog ph|x_{b47}
harness pa|t.{b22}.{x24}.{a20} · ionic io|n_{a42} · x 1{d18}-{a40}
x 1{d6}-{a40} · ollama {x32}.{b24}
webex {a64}_{a4}_{g}
"""
NAMES = """password passwd db_password DB_PASS pass_phrase passphrase PGPASSWORD MYSQL_PWD
userPassword SMTP_PW rootpw api_key apiKey API_KEY x-api-key DD-APPLICATION-KEY OPENAI_API_KEY
client_secret clientSecret APP_SECRET SECRET_KEY_BASE access_token accessToken auth_token AUTH_TOKEN
NPM_TOKEN refresh_token secret token aws_secret_access_key encryption_key signing_key private_key
SESSION_COOKIE BASIC_AUTH REDISCLI_AUTH credential consumer_key subscription-key"""
GUID = "{x8}-{x4}-{x4}-{x4}-{x12}"
VALUES: tuple[tuple[str, int], ...] = (
    ("a", 16),
    ("a", 24),
    ("a", 32),
    ("b", 22),
    ("s", 40),
    ("x", 32),
    ("x", 40),
    ("x", 64),
    ("t", 26),
    ("l", 20),
)


def draw(dice: random.Random, alphabet: str, length: int) -> str:
    """Random characters; they begin and end with a letter or digit, as what people paste does."""
    letters = ALPHABETS[alphabet]
    inner = "".join(dice.choice(letters) for _ in range(length - 2))
    edge = [c for c in letters if c.isalnum()]
    return dice.choice(edge) + inner + dice.choice(edge)


def shaped(dice: random.Random) -> Iterator[tuple[str, str]]:
    """(issuer, secret): one of each shape."""
    for entry in re.split(r" · |\n", SHAPES.strip()):
        issuer, shape = entry.split(" ", 1)
        shape = shape.replace("|", "").replace("{bar}", "|").replace("{g}", GUID)
        yield (
            issuer,
            re.sub(r"\{([a-zA-Z])(\d+)\}", lambda m: draw(dice, m[1], int(m[2])), shape),
        )


def named(dice: random.Random) -> Iterator[tuple[str, str]]:
    """(name, random value): every name with some values."""
    for name in NAMES.split():
        for alphabet, length in dice.sample(VALUES, 3):
            yield name, draw(dice, alphabet, length)


def private_key(dice: random.Random, kind: str = "RSA ") -> str:
    """A private key as a file holds it."""
    lines = ["".join(dice.choice(ALPHABETS["s"]) for _ in range(64)) for _ in range(12)]
    return (
        f"-----BEGIN {kind}PRIV"
        + "ATE KEY-----\n"
        + "\n".join([*lines, draw(dice, "s", 30) + "=="])
        + f"\n-----END {kind}PRIV"
        + "ATE KEY-----\n"
    )


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


AROUND: dict[str, Callable[[str], str]] = {
    "alone": lambda s: s,
    "prose": lambda s: f"Please use {s}, it still works.",
    "parenthesis": lambda s: f"it is ({s}).",
    "code": lambda s: f'client = Client("{s}")\n',
    "line": lambda s: f"first\n{s}\nlast\n",
    "tab": lambda s: f"name\t{s}\t12",
    "json": lambda s: json.dumps({"a": [1, {"b": s}]}),
    "json in json": lambda s: json.dumps({"body": json.dumps({"b": f"\n{s}\n"})}),
    "json three times": lambda s: json.dumps(
        {"a": json.dumps({"body": json.dumps({"b": f"\t{s}\n"})})}
    ),
    "heredoc": lambda s: f"cat > .env <<'EOF'\nX={s}\nEOF",
    "colour before": lambda s: f"\x1b[32m{s}\x1b[0m done",
    "colour inside": lambda s: f"value \x1b[1m{s[:5]}\x1b[0m{s[5:]}",
    "colour escaped": lambda s: f"printf '\\033[31m{s}\\033[0m'",
    "colour stripped": lambda s: f"[32m{s}[0m",
    "markup": lambda s: f"<bash-input>echo {s}</bash-input>",
    "element": lambda s: f"<value>{s}</value>",
    "attribute": lambda s: f'<add key="x" value="{s}"/>',
    "cat -n": lambda s: f"     1\tX\n     2\t{s}\n",
    "cat with arrow": lambda s: f"     1→X\n     2→{s}\n",
    "diff": lambda s: f"@@ -1 +1 @@\n-{s}\n+x\n",
    "diff added": lambda s: f"+{s}",
    "quoted mail": lambda s: f"> {s}",
    "grep -n": lambda s: f"src/a.py:12:{s}",
    "query": lambda s: f"https://api.example.org/v1?x={s}&y=1",
    "bearer": lambda s: f"curl -H 'Authorization: Bearer {s}' https://a.example.org",
    "url user": lambda s: f"git clone https://x:{s}@git.example.org/o/r.git",
    "bot": lambda s: f"https://api.example.org/bot{s}/send",
    "file name": lambda s: f"/home/kim/keys/{s}.txt",
    "underscores": lambda s: f"old_{s}",
    "non-ASCII": lambda s: f"ключ «{s}» 日本",
    "arrow": lambda s: f"→{s}",
    "comma": lambda s: f"a,{s},b",
    "html": lambda s: f"&lt;b&gt;{s}&lt;/b&gt; &quot;{s}&quot;",
    "repr": lambda s: repr(f"\n{s}\x1b[0m".encode()),
    "markdown": lambda s: f"| token | `{s}` |",
}
"""What stands around a secret whose shape is known."""

ASSIGNED: dict[str, Callable[[str, str], str]] = {
    "shell": lambda n, s: f"export {n}={s}\n./run",
    "shell quoted": lambda n, s: f"{n}='{s}' ./run",
    "json": lambda n, s: json.dumps({n: s}),
    "json in json": lambda n, s: json.dumps({"body": json.dumps({n: s, "x": 1})}),
    "json in a shell string": lambda n,
    s: f'curl -d "{_escaped(json.dumps({n: s}))}" https://a.example.org',
    "yaml": lambda n, s: f"db:\n  {n}: {s}\n  port: 1\n",
    "yaml quoted": lambda n, s: f'{n}: "{s}"',
    "toml": lambda n, s: f'[a]\n{n} = "{s}"\n',
    "ini": lambda n, s: f"[a]\n{n}={s}\n",
    "python": lambda n, s: f'settings["{n}"] = "{s}"',
    "typed": lambda n, s: f'{n}: str = "{s}"',
    "environment": lambda n, s: f'os.environ.get("{n}", "{s}")',
    "javascript": lambda n, s: f"const config = {{ '{n}': '{s}' }};",
    "powershell": lambda n, s: f'$env:{n} = "{s}"',
    "dockerfile": lambda n, s: f"ENV {n}={s}",
    "docker -e": lambda n, s: f"docker run -e {n}={s} image",
    "flag": lambda n, s: f"tool --{n} {s} push",
    "flag with =": lambda n, s: f'tool --{n}="{s}" push',
    "header": lambda n, s: f"curl -H '{n}: {s}' https://a.example.org",
    "query": lambda n, s: f"https://a.example.org/?{n}={s}&b=1",
    "element": lambda n, s: f"<{n}>{s}</{n}>",
    "command markup": lambda n, s: f"<bash-input>export {n}={s}</bash-input>",
    "pair": lambda n, s: json.dumps([{"name": n, "value": s}]),
    "pair in yaml": lambda n, s: f"env:\n  - name: {n}\n    value: {s}\n",
    "terraform": lambda n, s: f'variable "{n}" {{\n  default = "{s}"\n}}',
    "properties": lambda n, s: f"spring.datasource.{n}={s}",
    "connection string": lambda n, s: f"Server=db;User Id=sa;{n}={s};Encrypt=true",
    "diff": lambda n, s: f"@@ -1 +1 @@\n-{n}=x\n+{n}={s}\n",
    "cat -n": lambda n, s: f"     1→A=b\n     2→{n}={s}\n     3→\n",
    "grep -n": lambda n, s: f".env:3:{n}={s}",
    "coloured": lambda n, s: f"\x1b[36m{n}\x1b[0m=\x1b[32m{s}\x1b[0m",
    "escaped line": lambda n, s: f'"A=b\\n{n}={s}\\nC=d"',
    "markdown": lambda n, s: f"- `{n}`: `{s}`",
    "html": lambda n, s: f"{n}=&quot;{s}&quot;",
    "percent": lambda n, s: f"https://a.example.org/?next=%2Fcb%3F{n}%3D{s}",
    "prose": lambda n, s: f"The {n} is {s}",
}  # fmt: skip
"""How a value is given to a name."""

KEY_PRINTED: dict[str, Callable[[str], str]] = {
    "file": lambda k: k,
    "cat -n": lambda k: "".join(f"{n:6}\t{line}\n" for n, line in enumerate(k.splitlines(), 1)),
    "with arrows": lambda k: "".join(f"{n:6}→{line}\n" for n, line in enumerate(k.splitlines(), 1)),
    "quoted": lambda k: "".join(f"> {line}\n" for line in k.splitlines()),
    "grep -n": lambda k: "".join(f"{n}:{line}\n" for n, line in enumerate(k.splitlines(), 1)),
    "grep of a file": lambda k: "".join(
        f"keys/a.pem:{n}:{line}\n" for n, line in enumerate(k.splitlines(), 1)
    ),
    "diff": lambda k: "@@ -0,0 +1 @@\n" + "".join(f"+{line}\n" for line in k.splitlines()),
    "removed": lambda k: "".join(f"-{line}\n" for line in k.splitlines()),
    "indented": lambda k: "key: |\n" + "".join(f"    {line}\n" for line in k.splitlines()),
    "escaped": lambda k: json.dumps({"type": "service_account", "private_key": k}),
    "escaped twice": lambda k: json.dumps({"body": json.dumps({"private_key": k})}),
    "in an environment": lambda k: 'KEY="' + k.replace("\n", "\\n") + '"',
    "without header": lambda k: k.split("\n", 1)[1],
    "without end": lambda k: k.rsplit("\n", 2)[0],
    "body alone": lambda k: "\n".join(k.split("\n")[1:-2]),
    "header cut": lambda k: k[14:],
    "cut in the middle": lambda k: k[:400],
    "on one line": lambda k: k.replace("\n", " "),
    "carriage returns": lambda k: k.replace("\n", "\r\n"),
    "concatenated": lambda k: "".join(f'    "{line}\\n" +\n' for line in k.splitlines()),
    "commented": lambda k: "".join(f"# {line}\n" for line in k.splitlines()),
    "in a URL": lambda k: f"https://a.example.org/?a=1&pem={quote(k, safe='')}&b=2",
    "in a header": lambda k: "ssl-client-key: " + k.replace(" ", "%20").replace("\n", "%0A"),
    "in a form": lambda k: "a=1&pem=" + quote_plus(k.replace("\n", "\r\n")) + "&b=2",
    "in a form, encoded twice": lambda k: quote(quote_plus(k), safe=""),
    "in lower case in a URL": lambda k: re.sub("%..", lambda m: m[0].lower(), quote(k, safe="")),
    "in HTML": lambda k: k.replace("\n", "<br>"),
    "in entities": lambda k: k.replace("\n", "&#xA;"),
    "in octal": lambda k: k.replace("\n", "\\012"),
    "in PowerShell": lambda k: k.replace("\n", "`n"),
    "in Basic": lambda k: "".join(f'"{line}" & vbCrLf & _\n' for line in k.splitlines()),
    "echoed": lambda k: "".join(f'echo "{line}" >> k.pem\n' for line in k.splitlines()),
    "with bars": lambda k: k.replace("\n", "|"),
    "with semicolons": lambda k: k.replace("\n", ";"),
    "with commas": lambda k: k.replace("\n", ","),
    "base64": lambda k: "client-key-data: " + base64.b64encode(k.encode()).decode(),
}


def lines_of(key: str) -> list[str]:
    """What of a private key must not stay: its lines."""
    return [line for line in key.splitlines() if "-----" not in line]
