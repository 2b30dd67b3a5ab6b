"""Makes texts without any secret that look as if they had one: hashes, ids, images, words,
placeholders, settings."""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Iterator

from tests.redaction.planted import draw

WRITTEN = """token: str = None · API_KEY=${API_KEY} · secret = os.environ['SECRET']
password=example · password: string · api_key = get_key()
token = process.env.TOKEN · max_tokens: 128000 · max_tokens=4096 · token_count: 123
"cache_read_input_tokens": 163659 · tokens=12,345,678
SECRET_KEY=your-api-key-here · token=<token> · password: ******** · PASSWORD=changeme · auth: true
pass: true · passed: 41
author: Kim Lee <kim@example.org> · Author: kim · authors = ["Kim"]
passenger_name = "Ada Lovelace" · passengers: 3 · compass=north
cookie banner is shown · cookieConsent: accepted · Cookie: consent=true; theme=dark
const cookieName = 'session-cookie-name'
"auth.login.password": "Passwort eingeben" · t('form.password.placeholder')
password.label=Your password · login.password.hint=At least 8 characters
const tokenCount = countTokens(text)
tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased") · secrets: inherit
secretName: my-app-secret
password = getpass.getpass() · https://user:${PASSWORD}@host/x
postgres://user:password@localhost/db · http://localhost:8080/path
passwordInput: HTMLInputElement · private_key_path = keys/server.pem · access_key_id: str
token_type=bearer_token_v2 · key: value
const secretManagerClient1 = new Client() · Authorization: Bearer <token>
Authorization: Bearer $TOKEN · Authorization: Bearer YOUR_API_KEY
-H "Authorization: Bearer ${TOKEN}" · --token $TOKEN · --password "$DB_PASSWORD"
--api-key=$(cat key) · export TOKEN=$(gh auth token)
docker run -u 1000:1000 image · docker exec -u www-data:www-data app ls
git push -u origin feature:main · mysql -u root -p shop · ssh -p 2222 host
mkdir -p build/output · the password is wrong · the token is invalid · secret is not set
key is missing · password must have 12 characters
if (token === undefined) return · type Props = { token: string; apiKey?: string }
function login(password: string): Promise<User>
apiKey: z.string().min(1) · password: z.string().email() · token: Optional[str] = None
secret: ${{ secrets.DEPLOY_TOKEN }} · key={item.id}
key="user-profile-card" · cacheKey: 'users:list:page-1' · queryKey: ['todos', id]
localStorage.setItem('auth-token', token) · sortKey=createdAt
-----BEGIN PRIVATE KEY----- · if text.startswith("-----BEGIN RSA PRIVATE KEY-----"):
"-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----"
ssh-keygen -t ed25519 -C kim@example.org · ssh-ed25519 is the key type · AKIAIOSFODNN7EXAMPLE
sk-learn · sk-your-key-here
ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
claude-opus-4-20250514 · claude-sonnet-4-5-20250929 · gpt-4o-2024-08-06 · text-embedding-3-large
risk-admin-console-settings-page · task-proj-overview-of-the-quarter
className="flex items-center justify-between px-4 py-2" · bg-gradient-to-r from-blue-500/20
grid-cols-[repeat(auto-fill,minmax(220px,1fr))]
src/components/auth/PasswordResetForm.tsx · tests/test_token_refresh.py::test_expired_token
node_modules/.pnpm/@babel+core@7.24.0/node_modules
PWD=/home/kim/projects/shop-2 · OLDPWD=/home/kim · pass=12 fail=0 skip=3
PASS src/auth.test.ts (5.123 s) · password_hash: sha256
signature: (a: int, b: str) -> None · bearer of the token · key: setup-uv-1-x86_64-linux-3.12
"passwordResetTokenExpiresAt": null · hf_model_name_here
keyboard=us · monkeypatch.setenv("TOKEN", "test-token") · token = "fake-token-for-tests"
secret="dummy" · API_KEY: test_key_123456 · primary_key=True
password = os.environ.get("DB_PASSWORD") · password = os.getenv('PGPASS_PW1') · password=DB_PASSWORD
{"name":"password","value":"DB_PASSWORD"}
secret: API_SECRET_KEY · token = System.getenv("X9y8Z7w6V5") · key_password=self.key_password
auth: httpx2.Auth · token = Keyword.Type
password=pw_hash_v2 · password = local.pw2 · keys = "abcdefghijklmnop"
encryption_key: AES256-GCM-HKDF · sed -i 's/password=.*/password=NEW/' x
token 3f1f43f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4
gpg --recv-keys 108F52B48DB57BB0CC439B2997B01419BD92F80A · ["PyJWT", "PyJWKClient"]
git log -u HEAD:src/Ab1cD2.ts · git diff -a main:Ab1cD2eF.ts · ls -a login:page2.html
id -u root:Wheel12X · socat -u TCP4-LISTEN:3334,fork
mysql -h db -proto tcp · zip -r -P x.zip · mysql --version -port · algorithm_key: HMAC-SHA256
auth: basic-auth-v2 · cookie: session-cookie-v1
Set-Cookie: theme=dark-mode-2 · auth: oauth2-proxy · auth: SCRAM-SHA-256 · auth: bearerAuth2
cookie: theme-dark-v2 · "auth": "none"
git push -u origin HEAD:refs/for/Ab1cD2 · vault login -method=oidc · cargo login --help
gh secret set X < file · SALT_ROUNDS=12
setPassword("password") · token("access") · getCookie("session_id") · password: !vault |
{"value":"Password","name":"password_label"}
key: adler32sum · key: htmlDateInZone · KEY: mustChunk · key = getUrlId · token: oauth2
secret: v1beta1 · token = utf8mb4 · api_key: test1234
the token is expired · my password is not working · set the password to something
use token authentication · the secret is safe · key x86_64
| token | The token of the user | · | key | Description | · ["token", "response"]
define('TOKEN_NAME', $name) · ENV TOKEN $TOKEN · ARG API_KEY
#define KEY_LENGTH 32 · set -x TOKEN (cat token) · password: | · set key bindings to vim-mode-2
clave: valor · senha incorreta · пароль неверный
PWD=/w/4fj39fk2-sdf9 · oldpwd: ~/src/app2
mnemonic: the words that you and the others can write down with a pen · $2 and $6 are arguments
"lines": ["-Process tar archives:", "-Print names"]
password: required|min:8 · sessionid: 9dd861b1-71f8-41ee-bb93-7d3724bcb337 · identified by name
net use Z: \\\\h\\share /user:kim *"""
"""What people and programs write; nothing of it is a secret."""


def look_alikes(dice: random.Random) -> Iterator[str]:
    """Texts without a secret: those above, and generated ones."""
    for line in WRITTEN.splitlines():
        yield from line.split(" · ")
    yield from _identifiers(dice)
    yield from _files(dice)


def _identifiers(dice: random.Random) -> Iterator[str]:
    sha, long, ident = (
        draw(dice, "x", 40),
        draw(dice, "x", 64),
        str(uuid.UUID(int=dice.getrandbits(128), version=4)),
    )
    yield from (
        f"commit {sha}",
        f"[main {sha[:7]}] Fix token refresh",
        f"sha256:{long}",
        f"{long}  accrete.tar.gz",
        f'"sha": "{sha}"',
    )
    yield from (
        f"sessionId {ident}",
        f'"uuid": "{ident}"',
        f"/tmp/{ident}/out.log",
        f"id={ident}",
        f"token_id: {ident}",
    )
    yield from (
        f"toolu_01{draw(dice, 'a', 22)}",
        f"msg_01{draw(dice, 'a', 22)}",
        f"req_011C{draw(dice, 'a', 20)}",
        f'"tool_use_id": "toolu_01{draw(dice, "a", 22)}"',
    )
    yield from (
        f'etag: "{draw(dice, "x", 32)}"',
        f"cache_key={draw(dice, 'x', 32)}",
        f"cache key: linux-pip-{long}",
        f"fingerprint SHA256:{draw(dice, 's', 43)}",
    )
    yield from (
        f"https://example.org/p/{draw(dice, 'b', 22)}",
        f"https://cdn.example.org/assets/index-{draw(dice, 'b', 8)}.js",
        f"docker pull app@sha256:{long}",
    )
    yield from (
        f"styles_button__{draw(dice, 'a', 5)}",
        f"css-{draw(dice, 'l', 7)}",
        f"data-v-{draw(dice, 'x', 8)}",
        f"0x{draw(dice, 'x', 40)}",
    )


def _files(dice: random.Random) -> Iterator[str]:
    integrity = base64.b64encode(dice.randbytes(64)).decode()
    yield json.dumps(
        {"node_modules/jsonwebtoken": {"version": "9.0.2", "integrity": f"sha512-{integrity}"}}
    )
    yield (
        "jsonwebtoken@^9:\n  resolved "
        f'"https://example.org/jsonwebtoken-9.0.2.tgz#{draw(dice, "x", 40)}"\n  integrity '
        f"sha512-{integrity}\n"
    )
    yield (
        f"golang.org/x/oauth2 v0.20.0 h1:{draw(dice, 's', 43)}=\n"
        f"github.com/golang-jwt/jwt v3.2.2 h1:{draw(dice, 's', 43)}=\n"
    )
    yield f'[[package]]\nname = "secrecy"\nversion = "0.8.0"\nchecksum = "{draw(dice, "x", 64)}"\n'
    yield (
        f"authlib==1.3.0 \\\n    --hash=sha256:{draw(dice, 'x', 64)} \\\n"
        f"    --hash=sha256:{draw(dice, 'x', 64)}\n"
    )
    image = base64.b64encode(b"\x89PNG\r\n\x1a\n" + dice.randbytes(6000)).decode()
    yield f"data:image/png;base64,{image}"
    yield json.dumps(
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": image}}
    )
    yield "\n".join(image[i : i + 76] for i in range(0, len(image), 76))
    body = "\n".join(image[i : i + 64] for i in range(0, 1280, 64))
    yield f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    yield f"-----BEGIN PUBLIC KEY-----\n{body[:200]}\n-----END PUBLIC KEY-----\n"
    yield f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{draw(dice, 's', 43)} kim@example.org"
    yield f"-----BEGIN PGP SIGNATURE-----\n\n{body}\n-----END PGP SIGNATURE-----\n"
