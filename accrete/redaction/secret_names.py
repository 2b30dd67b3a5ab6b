"""Which names suggest secrets: `DB_PASS`, `apiKey`, `DD-APPLICATION-KEY`; not `max_tokens`,
`author`, `passenger`."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

from accrete.text.lazy import lazy

ABROAD = {
    "mdp",
    "motdepasse",
    "passe",
    "kennwort",
    "passwort",
    "geheimnis",
    "contraseña",
    "contrasena",
    "clave",
    "senha",
    "parola",
    "parool",
    "wachtwoord",
    "lösenord",
    "losenord",
    "lozinka",
    "hasło",
    "haslo",
    "heslo",
    "jelszó",
    "jelszo",
    "salasana",
    "adgangskode",
    "şifre",
    "sifre",
    "sandi",
    "пароль",
    "паролем",
    "секрет",
    "密码",
    "密碼",
    "口令",
    "密钥",
    "パスワード",
    "暗証番号",
    "비밀번호",
    "암호",
    "סיסמה",
}
"""The word for a password in other languages."""
_STEMS = ("pass", "pw", "secret", "token", "key", "cred", "auth", "cookie", "jwt", "bearer", "psk")
FOREIGN = tuple(
    dict.fromkeys(
        form.encode().decode("latin-1")
        for word in sorted(ABROAD)
        for form in ((word,) if word.isascii() else (word, word.capitalize(), word.upper()))
        if not any(stem in word for stem in _STEMS)
    )
)
"""The same as the bytes of their UTF-8 form, each as a character; those that are not ASCII in each
case."""
STEMS = (*_STEMS, *FOREIGN)
"""Every name of a secret holds one of these, in any case."""

NONE, WEAK, SECRET, PASSWORD = 0, 1, 2, 3
"""How much a name says: nothing; the value may be a secret; it is one unless it is words; it may be
a short one."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PART = lazy(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PASSWORD = lazy(
    r"(?:password|passwd|passwort|passphrase|passcode|pswd|psw|pwd|pword|requirepass|masterauth|"
    r"rpcauth)[a-z]?$|"
    r"(?:root|db|user|admin|bind|my|smtp|mail|ftp|pg|redis|sql|ldap|svc|app|host|ssh|key|wifi|vnc|"
    r"rdp|server|client|proxy|login|zip|bkp|backup|cert|store|imap|jdbc|ora|mongo|acct)(?:pass|"
    r"pw)$|^(?:password|passwd|passphrase)"
)
_PASS = lazy(r"(?:^|[a-z])(?:pass|pw)$")
_ENGLISH = lazy(
    r"(?:by|com|tres|over|under|encom|sur|multi|im|tras|main|first|second|single|two|render)pass$"
)
_SECRET = lazy(
    r"(?:secret|token|credential|cred|apikey|accesskey|secretkey|privatekey|authkey|masterkey|"
    r"appkey|applicationkey|accountkey|clientkey|"
    r"encryptionkey|signingkey|sharedkey|servicekey|licensekey|storagekey|sessionkey|"
    r"subscriptionkey|jwt|psk|"
    r"authtoken|accesstoken|mnemonic)s?$|^(?:secret|accesstoken|apikey)"
)
_WEAK = lazy(r"(?:auth|authorization|authentication|cookie|bearer|jwt)s?$")
_HELD = frozenset({"auth", "authorization", "cookie", "cookies"})
"""Names that hold a secret as they end: `REDISCLI_AUTH`, `SESSION_COOKIE`, `x-auth`."""
_KEY_OF = _words("""
    access account admin aes algolia anthropic api app application assemblyai auth auth0 aws azure
    backup brave cipher client cloudflare cohere connection consumer crypt datadog decryption
    deepgram deepseek deploy dev developer device elastic elasticsearch elevenlabs encryption exa
    firebase fireworks function functions gcp gemini github gitlab google groq hmac honeycomb host
    huggingface ingest ingestion integration jwt langchain langfuse langsmith license mailchimp
    mailgun management maps master merchant mistral newrelic openai openrouter org organization
    perplexity personal pinecone postmark primaryaccess private prod production project publishable
    rapidapi recovery replicate resend root rsa secret security segment sendgrid sentry serpapi
    server service session shared sign signature signing slack ssh ssl storage stripe subscription
    supabase tavily team tls together token twilio user vault wandb weather webhook workspace write
    xai
""")
_PUBLIC = _words("""
    arrow cache dedupe down etag foreign group hash host_public hot idempotency index lookup map
    object partition press primary pub public query react recv row short shortcut sort ssh_public up
""")
_ABOUT = _words("""
    algorithm arn at audience banner budget button changed checksum class classname column component
    consent context cost count counts description digest dir directory disabled domain enabled
    encoder encoding endpoint env error expiration expire expires expiry factory field fields file
    filename files fingerprint folder form format generator guard handler helper hint hook icon ids
    idx index input inputs invalid issuer kind label len length lib library limit limits management
    manager max md5 message method middleware min mode module name names package page parser path
    paths pattern patterns per placeholder policy position prefix price provider rate ratio reader
    realm ref regex remaining required reset route router rule rules scope scopes selector sha
    sha256 size source spec state status step steps store strategy style suffix sum test tests text
    time timeout title tokenizer total ttl type types uri url urls usage usages used valid validator
    var variable version window writer
""")
"""A name that ends in one of these tells about a secret and is none."""
_COUNTED = _words("""
    cache cached completion context creation input max min new num number output prompt read
    thinking total used
""")


@lru_cache(maxsize=8192)
def strength(name: str) -> int:
    """NONE, WEAK, SECRET or PASSWORD."""
    if name[:2] in ("-D", "-P", "-J"):
        name = name[2:]  # what Java, Gradle and Maven write before a property
    words = [part.lower() for part in _PART.findall(name)] if name.isascii() else _abroad(name)
    while (
        words
        and words[-1]
        in (
            "v",
            "b",
            "base",
            "data",
            "value",
            "val",
            "str",
            "string",
            "raw",
            "live",
            "test",
            "prod",
            "production",
            "dev",
            "staging",
            "local",
            "old",
            "new",
            "current",
            "default",
            "confirm",
            "confirmation",
            "again",
            "header",
            "b64",
            "base64",
            "encoded",
            "plain",
            "hex",
            "id",
        )
        and len(words) > 1
    ):
        if words.pop() == "id" and words[-1] not in ("secret", "key"):
            return NONE
    if not words or words[-1] in _ABOUT:
        return NONE
    if words[-1] == "tokens" and any(word in _COUNTED for word in words):
        return NONE
    return max(_strength(words, index) for index in range(len(words)))


def _abroad(name: str) -> list[str]:
    """The words of a name with other letters, which may be bytes, each as a character."""
    with suppress(UnicodeError):
        name = name.encode("latin-1").decode()
    found = [word for word in ABROAD if not word.isascii() and word in name.lower()]
    return [*(part.lower() for part in _PART.findall(name)), *found]


def _strength(words: list[str], index: int) -> int:
    word = words[index]
    if _PASSWORD.search(word) or word in ABROAD:
        return PASSWORD
    if _PASS.search(word):
        return NONE if _ENGLISH.search(word) else PASSWORD if word in ("pass", "pw") else WEAK
    if word in _HELD and index == len(words) - 1:
        return PASSWORD
    if _SECRET.search(word):
        return SECRET
    if word in ("key", "keys"):
        before = words[index - 1] if index else ""
        return SECRET if before in _KEY_OF else NONE if before in _PUBLIC else WEAK
    return WEAK if _WEAK.search(word) else NONE
