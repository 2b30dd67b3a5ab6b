"""Planted secrets as a tester makes them who has not seen the patterns: kinds, names, places and
commands of their own.

Long because it is a list: each row is one kind or one place.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable, Iterator

from tests.redaction.planted import ALPHABETS, draw

KINDS = """
aws AK|IA{t16} · aws-temporary AS|IA{t16} · github gh|p_{a36} · github-fine git|hub_pat_{a22}_{a59}
github-app gh|s_{a36}
gitlab gl|pat-{b20} · gitlab-routable gl|pat-{b27}.01.{l2}{l7} · gitlab-runner gl|rt-{b20}
gitlab-trigger gl|ptt-{x40}
gitlab-feed gl|ft-{b20} · slack-bot xo|xb-{d12}-{d12}-{a24}
slack-user xo|xp-{d12}-{d12}-{d12}-{x32}
slack-app xa|pp-1-A{u10}-{d13}-{x64} · slack-config xo|xe.xoxp-1-{a146}
slack-hook https://hooks.slack.com/services/T{u10}/B{u10}/{a24}
discord-hook https://discord.com/api/webhooks/{d19}/{b68}
teams-hook https://contoso.webhook.office.com/webhookb2/{g}@{g}/IncomingWebhook/{x32}/{g}
discord-bot MT{a22}.{b6}.{b38}
stripe sk|_live_{a24} · stripe-long sk|_live_51{a97} · stripe-restricted rk|_live_{a24}
stripe-hook wh|sec_{a32}
openai sk|-proj-{b74}T3Blbk|FJ{b74} · openai-old sk|-{a20}T3Blbk|FJ{a20}
anthropic sk|-ant-api03-{b93}AA
anthropic-oauth sk|-ant-oat01-{b93}AA · openrouter sk|-or-v1-{x64} · deepseek sk|-{x32}
groq gs|k_{a52} · xai xa|i-{a80}
huggingface h|f_{c34} · replicate r8|_{a37} · perplexity ppl|x-{a48} · nvidia nv|api-{b64}
fireworks f|w_{a24} · voyage p|a-{b43}
tavily tv|ly-{a32} · langsmith ls|v2_pt_{x32}_{x10} · google-api AI|za{b35}
google-oauth GOC|SPX-{b28} · google-access ya|29.a0{b130}
firebase-server AAAA{b7}:APA91b{b134} · azure-ad {a3}8Q|~{b34}
azure-storage DefaultEndpointsProtocol=https;AccountName=kim;AccountKey={s86}==;\
EndpointSuffix=core.windows.net
azure-sas https://kim.blob.core.windows.net/c?sv=2022-11-02&ss=b&srt=o&sp=r\
&se=2027-01-01T00:00:00Z&sig={s43}%3D
azure-bus Endpoint=sb://kim.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={s43}=
azure-devops {l76}JQQJ99{a2}ACAAAAA{a11}AZDO{a4} · sendgrid S|G.{b22}.{b43} · twilio-key S|K{x32}
mailgun ke|y-{x32}
mailchimp {x32}-u|s21 · brevo xkey|sib-{x64}-{a16} · postmark rdm|e_{x70} · npm np|m_{a36}
pypi py|pi-AgEIcHlwaS5vcmcCJ{b150}
rubygems ruby|gems_{x48} · crates c|io{a32} · nuget oy|2{l43} · clojars CLO|JARS_{x60}
docker dck|r_pat_{b27} · docker-org dck|r_oat_{b32}
vault hv|s.{b90} · vault-batch hv|b.{b140} · terraform {a14}.atla|sv1.{b67} · databricks da|pi{x32}
shopify sh|pat_{x32}
shopify-shared sh|pss_{x32} · square sq|0csp-{b43} · square-access EA|AA{b60}
telegram {d10}:A|A{b33} · linear li|n_api_{a40}
notion nt|n_{d11}{a35} · notion-old se|cret_{a43} · sentry sn|trys_eyJ{b120}_{b43}
sentry-user sn|tryu_{x64} · newrelic NR|AK-{u27}
newrelic-ingest {x32}FFFF|NRAL · grafana gl|sa_{a32}_{x8} · grafana-cloud gl|c_eyJ{a80}
doppler dp|.pt.{a43}
doppler-service dp|.st.prd.{a43} · planetscale ps|cale_tkn_{b43}
planetscale-password ps|cale_pw_{b43} · supabase sb|p_{x40}
supabase-secret sb|_secret_{b22}_{b8} · tailscale ts|key-auth-{a17}-{a32}
tailscale-api ts|key-api-{a17}-{a32} · figma fi|gd_{b40}
atlassian ATA|TT3xFfGF0{b170}={x8} · bitbucket AT|BB{a32} · trello AT|TA{x64}{X8}
fly fm|2_lJPE{s160} · flyv1 Fl|yV1 fm2_lJPE{s120}
digitalocean do|p_v1_{x64} · cloudflare-origin v1|.0-{x24}-{x146} · vercel vc|p_{a56}
pulumi pu|l-{x40} · postman PM|AK-{x24}-{x34}
airtable pa|t{a14}.{x64} · hubspot pa|t-na1-{g} · contentful CF|PAT-{b43}
dynatrace dt|0c01.{t24}.{t64} · sonar sq|p_{x40}
artifactory AK|Cp8{a65} · artifactory-reference cmVmdGtu{a56} · buildkite bk|ua_{x40}
openshift sh|a256~{b43} · posthog ph|x_{a43}
age AGE-SECRET|-KEY-1{v58} · netlify nf|p_{a36} · heroku HR|KU-AA{b58} · onepassword op|s_eyJ{b250}
onepassword-secret A3-{u6}-{u11}-{u5}-{u5}-{u5} · neon na|pi_{l64} · circleci CCI|PAT_{a22}_{x40}
apify ap|ify_api_{a36}
jwt ey|JhbGciOiJIUzI1NiJ9.ey|J{b60}.{b43} · facebook EA|ACEdEose0cBA{a150} · dropbox sl|.u.{b130}
twitter AAAAAAAAAAAAAAAAAAAAA{a24}%2B{a12}%3D{a50} · linkedin WPL|_AP1.{a16}.{a8}==
asana 2/{d16}/{d16}:{x32}
mapbox sk|.eyJ1Ijoi{b80}.{b22} · snyk sny|k_uat.{x8}.eyJ{b60}.{b80} · typeform tf|p_{b44}_{b59}
plaid access|-sandbox-{g}
coinbase pol|ar_oat_{a43} · shippo ship|po_live_{x40} · easypost EZ|AK{a54}
duffel duf|fel_live_{b43} · lob liv|e_{x35}
frameio fi|o-u-{b64} · flutterwave FLW|SECK-{x32}-X · prefect pn|u_{a36} · yandex AQ|VN{b38}
yandex-oauth y0_{b58} · alibaba LT|AI5t{a20}
tencent AK|ID{a32} · maxmind {a6}_{a29}_mmk · octopus AP|I-{u26}
cloudinary cloud|inary://{d15}:{b27}@kim · sourcegraph sg|p_{x16}_{x40}
sourcegraph-old sg|p_{x40} · harness pa|t.{a22}.{x24}.{a20} · launchdarkly sd|k-{g}
elevenlabs sk|_{x48} · defined dn|key-{t26}-{t52}
ubidots BB|FF-{a34} · confluent-cloud cfl|t{s60} · scalingo tk|-us-{b48}
okta-ssws Authorization: SSWS 00{b40} · infracost ic|o-{a32}
bedrock AB|SK{s128} · pinecone pc|sk_{a6}_{a63} · cerebras cs|k-{l48} · cursor cr|sr_{x64}
resend r|e_{a8}_{a24} · render rn|d_{a32}
runpod rp|a_{u40}{a6} · e2b e|2b_{x40} · jina ji|na_{x32}{b28} · firecrawl f|c-{x32}
mongodb mdb|_sa_sk_{b40} · honeycomb hc|aik_{l58}
xata xa|u_{a40} · meraki ml|sn.{x64} · rootly root|ly_{x64} · bcrypt $2b$12${h53}
shadow $6$rounds=5000${h16}${h86}
shadow5 $5${h16}${h43} · argon $argon2id$v=19$m=65536,t=3,p=4${s22}${s43}
otpauth otpauth://totp/Kim:kim@example.org?secret={t32}&issuer=Kim
pbkdf pbkdf2_sha256$600000${a22}${s43}= · apr1 $apr1${h8}${h22}
yescrypt $y$j9T${h22}${h43} · url postgres://kim:{a20}@db.example.org:5432/app
url-short mysql://root:{a10}@127.0.0.1/x
url-redis redis://:{a24}@cache:6379/0 · url-amqp amqps://u:{a16}@mq.example.org/v
url-dsn https://{x32}:{x32}@o1.ingest.sentry.io/1
url-mongo mongodb+srv://app:{a14}@c0.abcde.mongodb.net/db · basic Authorization: Basic {basic}
bearer Authorization: Bearer {b40}
token-header Authorization: token {x40}
"""
"""`issuer shape`: marks cut by a bar; {a36} is 36 characters of an alphabet, {g} a GUID, {basic}
user:password in base64."""

OF_KIND = {
    **ALPHABETS,
    "X": "0123456789ABCDEF",
    "c": string.ascii_letters,
    "h": string.ascii_letters + string.digits + "./",
    "v": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
}

NAMES = """password passwd pwd pw pass DB_PASSWORD dbPassword MYSQL_ROOT_PASSWORD POSTGRES_PASSWORD
redis_pass sudo_password secret SECRET app_secret clientSecret AWS_SECRET_ACCESS_KEY jwt_secret
JWT_SECRET webhookSecret session_secret token TOKEN access_token accessToken GH_TOKEN id_token
bot_token api_token csrf_token_secret key api_key apiKey APIKEY API-KEY x-api-key STRIPE_KEY
encryptionKey master_key private_key signing_key account_key license_key passphrase keystorePassword
storePass credentials cred auth authToken BASIC_AUTH_PASS cookie session_cookie SMTP_PASS
mail.password ldap_bind_pw vault_token"""

ABROAD = """passwort kennwort mot_de_passe motdepasse contraseña contrasena clave_secreta senha
SENHA_DB пароль ПАРОЛЬ 密码 密碼 パスワード 비밀번호 wachtwoord lösenord hasło haslo salasana heslo
parola şifre geheimnis jelszó kata_sandi"""

PUNCTUATED = string.ascii_letters + string.digits + "!#%*+-.:?@^_~"
TYPED = string.ascii_lowercase + string.digits
VALUE_ALPHABETS = {
    "hex": "0123456789abcdef",
    "lowercase": TYPED,
    "base62": string.ascii_letters + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "punctuation": PUNCTUATED,
}
LENGTHS = (8, 10, 12, 16, 20, 24, 32, 40, 48, 64)


def value(dice: random.Random, alphabet: str, length: int) -> str:
    """A random value as a generator of passwords makes it: letters or digits at its ends."""
    letters = VALUE_ALPHABETS[alphabet]
    edge = [c for c in letters if c.isalnum()]
    return (
        dice.choice(edge)
        + "".join(dice.choice(letters) for _ in range(length - 2))
        + dice.choice(edge)
    )


def _piece(dice: random.Random, code: str, length: str) -> str:
    if code == "g":
        return "-".join(draw(dice, "x", n) for n in (8, 4, 4, 4, 12))
    if code == "basic":
        return base64.b64encode(f"kim:{draw(dice, 'a', 20)}".encode()).decode()
    letters = OF_KIND[code]
    return "".join(dice.choice(letters) for _ in range(int(length)))


def kinds(dice: random.Random) -> Iterator[tuple[str, str, list[str]]]:
    """(issuer, text with the secret, what of it must not stay): one of each kind."""
    for entry in re.split(r" · |\n", KINDS.strip()):
        issuer, shape = entry.split(" ", 1)
        pieces: list[str] = []

        def fill(match: re.Match[str], pieces: list[str] = pieces) -> str:
            pieces.append(_piece(dice, match[1], match[2]))
            return pieces[-1]

        text = re.sub(r"\{(basic|[a-zA-Z])(\d*)\}", fill, shape.replace("|", ""))
        yield issuer, text, [max(reversed(pieces), key=len)]


def _quoted(text: str) -> str:
    return json.dumps(text)[1:-1]


Placed = Callable[[str], str]
PLACES: dict[str, Placed] = {
    "write input": lambda s: json.dumps(
        {"file_path": "/w/a.py", "content": f"import x\nc = X('{s}')\n"}
    ),
    "edit input": lambda s: json.dumps(
        {"file_path": "/w/a", "old_string": f"\t{s}\n", "new_string": "\tX\n"}
    ),
    "multi-edit": lambda s: json.dumps(
        {"edits": [{"old_string": "a", "new_string": f'v = "{s}"'}]}
    ),
    "bash input": lambda s: json.dumps({"command": f"echo {s} > out", "description": "x"}),
    "bash heredoc": lambda s: json.dumps({"command": f"cat <<EOF > a.cfg\n{s}\nEOF"}),
    "mcp input": lambda s: json.dumps({"server": "x", "args": {"list": ["a", {"deep": s}]}}),
    "todo": lambda s: json.dumps({"todos": [{"content": f"Use {s} for it", "status": "pending"}]}),
    "ansi": lambda s: f"\x1b[1;33mwarn\x1b[0m \x1b[38;5;12m{s}\x1b[39m\n",
    "ansi escaped": lambda s: f"\\u001b[32m{s}\\u001b[0m",
    "cat -n": lambda s: f"    41\tfoo\n    42\t  {s}\n    43\tbar\n",
    "read tool": lambda s: f"     9→foo\n    10→{s}\n",
    "grep": lambda s: f"src/conf/a.ts:17:  const x = '{s}'\n",
    "grep context": lambda s: f"a.ts-16-foo\na.ts:17:{s}\n",
    "diff": lambda s: f"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n foo\n-{s}\n+none\n",
    "diff plus": lambda s: f"+{s}\n",
    "json in json": lambda s: json.dumps({"body": json.dumps({"q": [s]})}),
    "json thrice": lambda s: json.dumps({"a": json.dumps({"b": json.dumps({"c": f"{s}\n"})})}),
    "printenv": lambda s: f"HOME=/h\nX1={s}\nPATH=/bin\n",
    "log": lambda s: f"2026-03-01T10:00:00Z INFO [main] got {s} from peer=10.0.0.1\n",
    "log json": lambda s: '{"level":"info","msg":"using ' + _quoted(s) + '","n":1}',
    "traceback": lambda s: f'  File "a.py", line 3, in <module>\nValueError: bad: {s!r}\n',
    "table": lambda s: f"| name | value |\n|---|---|\n| x | {s} |\n",
    "code span": lambda s: f"Then paste `{s}` there.",
    "python": lambda s: f"client = Client(\n    '{s}',\n)\n",
    "javascript": lambda s: f"const c = new C(`{s}`);\n",
    "go": lambda s: f'c := New("{s}")\n',
    "rust": lambda s: f'let c = C::new("{s}".to_string());\n',
    "java": lambda s: f'private static final String X = "{s}";\n',
    "ruby": lambda s: f"X = '{s}'.freeze\n",
    "php": lambda s: f"$x = '{s}';\n",
    "c": lambda s: f'#define X "{s}"\n',
    "shell": lambda s: f'run --x="{s}" | tee log\n',
    "csv": lambda s: f"id,x,y\n1,{s},3\n",
    "yaml list": lambda s: f"a:\n  - {s}\n",
    "xml": lambda s: f"<a>\n  <b>{s}</b>\n</a>",
    "attribute": lambda s: f"<a b='{s}' />",
    "html entity": lambda s: f"&quot;{s}&quot;",
    "chat": lambda s: f"here you go: {s}\nthanks",
    "end of sentence": lambda s: f"I rotated {s}.",
    "markup": lambda s: f"<local-command-stdout>{s}</local-command-stdout>",
    "windows line": lambda s: f"a\r\n{s}\r\nb",
    "glued by an arrow": lambda s: f"x=>{s};",
    "bytes": lambda s: f"b'{s}\\n'",
    "powershell": lambda s: f'$x = "{s}"\r\n',
    "link": lambda s: f"[here]({s})",
}
"""Where a secret of a known kind stands."""

Given = Callable[[str, str], str]
ASSIGNMENTS: dict[str, Given] = {
    "dotenv": lambda n, s: f"A=1\n{n}={s}\nB=2\n",
    "dotenv quoted": lambda n, s: f'{n}="{s}"\n',
    "export": lambda n, s: f"export {n}='{s}'",
    "printenv": lambda n, s: f"HOME=/h\n{n}={s}\nPWD=/w\n",
    "write .env": lambda n, s: json.dumps({"file_path": "/w/.env", "content": f"A=1\n{n}={s}\n"}),
    "edit": lambda n, s: json.dumps({"old_string": f"{n}: old", "new_string": f"{n}: {s}"}),
    "heredoc": lambda n, s: json.dumps({"command": f"cat > c.yml <<'EOF'\nx:\n  {n}: {s}\nEOF\n"}),
    "mcp": lambda n, s: json.dumps({"connection": {n: s, "port": 5432}}),
    "json text": lambda n, s: json.dumps({n: s, "x": None}, indent=2),
    "json thrice": lambda n, s: json.dumps({"a": json.dumps({"b": json.dumps({n: s})})}),
    "yaml": lambda n, s: f"app:\n  {n}: {s}\n",
    "yaml single": lambda n, s: f"  {n}: '{s}'\n",
    "yaml block": lambda n, s: f"{n}: |\n  {s}\nnext: 1\n",
    "yaml folded": lambda n, s: f"{n}: >-\n    {s}\nnext: 1\n",
    "ini": lambda n, s: f"[db]\n{n} = {s}\n",
    "toml": lambda n, s: f"{n} = '{s}'\n",
    "properties": lambda n, s: f"app.{n}={s}\n",
    "hcl": lambda n, s: f'resource "x" "y" {{\n  {n} = "{s}"\n}}\n',
    "attribute": lambda n, s: f'<user name="kim" {n}="{s}"/>',
    "element": lambda n, s: f"<{n}>{s}</{n}>",
    "query": lambda n, s: f"GET /a?x=1&{n}={s}&y=2",
    "form": lambda n, s: f"curl -d 'user=kim&{n}={s}' http://a.example",
    "header": lambda n, s: f"curl -H '{n}: {s}' http://a.example",
    "python": lambda n, s: f"{n} = '{s}'\n",
    "keyword": lambda n, s: f'connect(host="h", {n}="{s}")',
    "dict": lambda n, s: f"conf = {{'{n}': '{s}', 'a': 1}}",
    "javascript": lambda n, s: f"const {n} = '{s}';",
    "object": lambda n, s: f"new X({{ {n}: '{s}' }})",
    "go": lambda n, s: f'{n} := "{s}"',
    "go field": lambda n, s: f'Config{{{n}: "{s}"}}',
    "rust": lambda n, s: f'let {n}: &str = "{s}";',
    "java": lambda n, s: f'private static final String {n} = "{s}";',
    "c#": lambda n, s: f'public const string {n} = @"{s}";',
    "php": lambda n, s: f"define('{n}', '{s}');",
    "ruby": lambda n, s: f":{n} => '{s}'",
    "c": lambda n, s: f'#define {n} "{s}"',
    "kotlin": lambda n, s: f'val {n} = "{s}"',
    "swift": lambda n, s: f'let {n}: String = "{s}"',
    "powershell": lambda n, s: f'$env:{n} = "{s}"',
    "powershell variable": lambda n, s: f"${n} = '{s}'",
    "cmd": lambda n, s: f"set {n}={s}\r\n",
    "fish": lambda n, s: f"set -x {n} {s}",
    "dockerfile": lambda n, s: f"ENV {n} {s}\n",
    "docker": lambda n, s: f"docker run -e {n}={s} x",
    "compose": lambda n, s: f"    environment:\n      - {n}={s}\n",
    "flag": lambda n, s: f"tool --{n} {s}",
    "flag equals": lambda n, s: f"tool --{n}={s} x",
    "log": lambda n, s: f"10:00 DEBUG login {n}={s} ok",
    "log colon": lambda n, s: f"DEBUG {n}: {s}",
    "logfmt": lambda n, s: f'level=info {n}="{s}" x=1',
    "ansi": lambda n, s: f"\x1b[36m{n}\x1b[0m: \x1b[33m{s}\x1b[0m",
    "cat -n": lambda n, s: f"     3\t{n}={s}\n",
    "read tool": lambda n, s: f"     3→  {n}: {s}\n",
    "grep": lambda n, s: f"conf/.env:3:{n}={s}",
    "diff": lambda n, s: f"@@ -1 +1 @@\n-{n}: 1\n+{n}: {s}\n",
    "table": lambda n, s: f"| {n} | {s} |\n",
    "table span": lambda n, s: f"| `{n}` | `{s}` |\n",
    "bold": lambda n, s: f"**{n}**: {s}\n",
    "sql": lambda n, s: f"UPDATE x SET {n} = '{s}' WHERE id = 1",
    "pair": lambda n, s: json.dumps({"key": n, "value": s}),
    "kubernetes": lambda n, s: f"        - name: {n}\n          value: '{s}'\n",
    "backslash quotes": lambda n, s: f'"{{\\"{n}\\":\\"{s}\\"}}"',
}
"""How a value is given to a secret-looking name."""

STATEMENTS = (
    "my {n} is {s}",
    "the {n}: {s}",
    "The {n} is `{s}`, please keep it.",
    "use {n} {s} for it",
    "log in with user kim and {n} {s}",
    "{n} = {s} (old one)",
    "My {n} was {s} but I changed it",
    'set the {n} to "{s}"',
    "set {n} to {s}",
    "here is the {n}: {s}",
)
TELLING = (
    "I changed my {n} to {s} yesterday",
    "the {n} should be {s}",
    "{n} for the staging box: {s}",
    "my {n} is: {s}",
    "btw the {n} there is {s}, don't share",
    "{n} - {s}",
    "{n} — {s}",
    "{n} → {s}",
    "the new {n} will be {s} from Monday",
    'try it with {n} "{s}"',
    "enter {s} as the {n}",
    "use {s} as {n}",
    "{s} is the {n}",
    "{s} is my {n}",
    "{n} ({s})",
    "user kim, {n} {s}",
    "The {n} you asked for is **{s}**",
    "{n} is now {s}.",
    "Your {n} has been reset to {s}",
    "the {n} (for now) is {s}",
    "what about {n} {s}?",
    "* **{n}** {s}",
    "{n}:\n\n{s}\n",
    "{n}:\n```\n{s}\n```",
)
"""More ways of saying it."""
SENTENCES = """
  fix-token  96ad0b96368983767d0d Mend the parser
* api-token  1a2b3c4d5e Mend the parser
the password is in /home/kim/Notes2025/readme.md
the token usage of session: 96ad0b96368983767d0d
OAuth2Client is the token provider that we use
base64 is the secret that is not one
v2.3.1-rc1 is the token release
the access token (JsonWebToken) is signed
set the token to JsonWebToken
the secret — rotated in 2025 — is gone
use token ES256 for it
the password:
a sentence with 3 words
пароль неверный2
the token: getToken2()
kim@example.org is my password manager's account
"""
"""What such sentences say without a secret."""
BLOCK_HEADS = ("|", "|+", ">-", "!vault |", "!encrypted >-", "&a |", "!!binary |", "|2-")
PRINTED: dict[str, Callable[[list[str]], str]] = {
    "as it is": lambda lines: "\n".join(lines) + "\n",
    "cat -n": lambda lines: "".join(f"{n:6}\t{line}\n" for n, line in enumerate(lines, 1)),
    "read tool": lambda lines: "".join(f"{n:6}→{line}\n" for n, line in enumerate(lines, 1)),
    "diff": lambda lines: "".join(f"+{line}\n" for line in lines),
    "quoted": lambda lines: "".join(f"> {line}\n" for line in lines),
    "grep": lambda lines: "".join(f"a.yml:{n}:{line}\n" for n, line in enumerate(lines, 1)),
    "windows": lambda lines: "".join(f"{line}\r\n" for line in lines),
    "json": lambda lines: json.dumps({"content": "\n".join(lines) + "\n"}),
}
MORE_COMMANDS = """
ansible-vault encrypt_string '{s}' --name db_password
vercel env add SECRET <<< {s}
composer config http-basic.x kim {s}
bundle config gems.example kim:{s}
rclone obscure {s}
smbmap -u kim -p {s} -H h
snmpget -v3 -A {s} -l authNoPriv h
unrar x -p{s} a.rar
signtool sign /p {s} a.exe
expect "assword:"; send "{s}\\r"
passwd=$(echo {s})
useradd -p {s} kim
new Sequelize('db', 'kim', '{s}', {})
jwt.sign(payload, "{s}")
crypto.createHmac("sha256", "{s}")
bcrypt.hash("{s}", 10)
httpx.get(u, cookies={"session": "{s}"})
<tr><td>password</td><td>{s}</td></tr>
<dt>Token</dt> <dd>{s}</dd>
<li><b>API key:</b> {s}</li>
<b>Password</b>: <code>{s}</code>
<input value="{s}" type="password" name="p">
jdbc:mysql://root:a{s}/b{s}@db/app
"""
"""The same by its place: commands, calls and markup that were written down later."""
SPOKEN_NAMES = ("password", "pw", "token", "api key", "secret", "passphrase", "access token")
"""How people say it, and by what name."""

COMMANDS = """
PGPASSWORD={s} psql -h db app
psql "host=db user=kim password={s} dbname=app"
psql 'postgresql://kim:{s}@db/app'
mysql -u root -p{s} app
mysqldump --password={s} app
sshpass -p {s} ssh kim@h
sshpass -p '{s}' scp a h:
redis-cli -h c -a {s} ping
redis-cli --pass {s}
curl -u kim:{s} https://a.example
curl --user 'kim:{s}' https://a.example
curl -H 'X-Api-Key: {s}' https://a.example
curl -H "Authorization: Bearer {s}" https://a.example
curl -H "Private-Token: {s}" https://a.example
curl -b 'session={s}' https://a.example
curl --proxy-user kim:{s} https://a.example
wget --password={s} https://a.example
docker login -u kim -p {s} r.example
docker login --username kim --password {s}
echo {s} | docker login -u kim --password-stdin
echo '{s}' | sudo -S ls
openssl rsa -in k.pem -passin pass:{s}
openssl enc -aes-256-cbc -k {s} -in a
openssl pkcs12 -export -passout pass:{s} -out a
aws configure set aws_secret_access_key {s}
aws ssm put-parameter --name /a/password --type SecureString --value {s}
aws secretsmanager create-secret --name x --secret-string {s}
kubectl create secret generic x --from-literal=password={s}
kubectl create secret docker-registry r --docker-password={s}
gh secret set X --body {s}
gh secret set X -b "{s}"
vault kv put secret/x password={s}
vault login {s}
heroku config:set SECRET_KEY={s}
fly secrets set API_KEY={s}
npm config set //registry.npmjs.org/:_authToken {s}
//registry.npmjs.org/:_authToken={s}
git remote add o https://kim:{s}@git.example/a.git
machine git.example login kim password {s}
db.example:5432:app:kim:{s}
Server=db;Database=app;User Id=sa;Password={s};
Data Source=db;Initial Catalog=a;uid=sa;pwd={s}
jdbc:postgresql://db/app?user=kim&password={s}
jdbc:sqlserver://db;user=sa;password={s};encrypt=true
jdbc:mysql://root:{s}@db/app
jdbc:oracle:thin:scott/{s}@//db:1521/x
$p = ConvertTo-SecureString "{s}" -AsPlainText -Force
ConvertTo-SecureString -String '{s}' -AsPlainText
::add-mask::{s}
rclone config create x s3 secret_access_key {s}
ansible-playbook a.yml -e "db_password={s}"
helm upgrade x . --set auth.password={s}
terraform apply -var="db_password={s}"
htpasswd -b f kim {s}
zip -P {s} a.zip a
7z a -p{s} a.7z a
unzip -P {s} a.zip
gpg --batch --passphrase {s} -d a.gpg
keytool -genkey -storepass {s} -keypass {s}
ldapsearch -x -D cn=a -w {s} -b dc=x
smbclient //h/s -U kim%{s}
net use z: \\\\h\\s /user:kim {s}
mongosh "mongodb://kim:{s}@h/db"
mongosh -u kim -p {s}
az login --service-principal -u a -p {s} --tenant t
gcloud sql users create kim --instance=i --password={s}
snowsql -a x -u kim --password {s}
echo "kim:{s}" | chpasswd
ALTER USER kim WITH PASSWORD '{s}';
CREATE USER 'kim'@'%' IDENTIFIED BY '{s}';
GRANT ALL ON a.* TO 'kim'@'h' IDENTIFIED BY '{s}';
SET PASSWORD FOR 'kim' = PASSWORD('{s}');
wrangler secret put X <<< "{s}"
PrivateKey = {s}
PresharedKey = {s}
nmcli dev wifi connect home password {s}
wpa_passphrase home {s}
twine upload -u __token__ -p {s} dist/*
dotnet user-secrets set "Db:Password" "{s}"
pulumi config set --secret dbPassword {s}
doppler secrets set API_KEY={s}
firebase login:ci --token {s}
sentry-cli --auth-token {s} releases list
http POST a.example 'Authorization:Token {s}'
requests.get(u, auth=("kim", "{s}"))
requests.get(u, headers={"X-Auth-Token": "{s}"})
conn = psycopg2.connect("dbname=a user=kim password='{s}'")
passwords: ["{s}", "x"]
$mysqli = new mysqli("h", "kim", "{s}", "db");
config.password = ENV.fetch("X", "{s}")
"""
"""Lines in which a random value is a secret by its place."""

CLEAN = """
password = get_password()
password: str
token: Optional[str] = None
export TOKEN=${TOKEN}
export X="$(cat /run/secrets/x)"
const token = process.env.TOKEN
api_key = os.environ["API_KEY"]
password = <your-password>
API_KEY=xxxxxxxxxxxx
secret: ********
token = request.headers.get("Authorization")
the password is wrong
my password is not working
use the token from the response
use token authentication for it
the token: a string that names the session
set the password to something you remember
The key is to keep it simple
my secret is safe with you
if password != confirm_password:
passwordField.sendKeys(user.getPassword());
key: value
key = f"{prefix}:{name}"
<input type="password" name="password" placeholder="Password">
getToken(): Promise<string>
the access token is expired
token: ${{ secrets.GITHUB_TOKEN }}
password: {{ vault_password }}
--password-stdin
-p 8080:80
mkdir -p src/components
curl -u user:password https://example.org
postgres://user:password@localhost:5432/db
mysql -u root -p
docker run -p 127.0.0.1:5432:5432 x
secretKeyRef: {name: db, key: password}
primary_key=True
cache_key = "user:profile"
cookie: "session"
tokens: 12345
max_tokens: 4096
keyboard = "qwerty"
author: kim
redis-cli -a
seed phrase generator with twelve words
contraseña incorrecta
passwort vergessen?
пароль неверный
密码错误
"""
"""Lines that only name or compute a secret."""
