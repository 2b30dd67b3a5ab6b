"""What secrets look like: one row for each kind, from the issuers' own description of their tokens.

Every pattern means the same to google-re2 and to `re` (with re.ASCII): no lookaround, no back references, no `\\s`,
`\\w` or `\\d`, no case folding by flag. The group `v` is what goes; without it the whole match goes.
"""

from __future__ import annotations

from typing import NamedTuple

REDACTION_VERSION = 1
"""Raise it with every change here: what is stored is then gone over again."""

A = "[A-Za-z0-9]"
B64 = "[A-Za-z0-9_-]"


KEY_BODY = r"(?:[A-Za-z0-9+/=]|[\r\n\t ,:]|\\[nrt]|(?:Proc|DEK|AES|CBC|DES|EDE3|128|256)-)*"
"""What stands between the markers of a PEM block, its line ends escaped or not. Goes on to the first other
character when the block is cut off."""


class Pattern(NamedTuple):
    """A kind of secret and its pattern. `hint` is a text that stands in every match; `probe` a plain pattern that
    matches wherever `regex` does, where the hint alone is too common."""

    kind: str
    hint: str
    regex: str
    probe: str = ""


def any_case(word: str) -> str:
    """A pattern for a word in any case, without a flag (the engines fold different letters)."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in word)


SPECIFIC: tuple[Pattern, ...] = (
    Pattern("private-key", "-----BEGIN", rf"-----BEGIN [A-Z0-9 ]{{0,40}}PRIVATE KEY(?: BLOCK)?-----{KEY_BODY}(?:-----END [A-Z0-9 ]{{0,40}}PRIVATE KEY(?: BLOCK)?-----)?"),
    Pattern("private-key", "-----END", r"(?P<v>(?:[A-Za-z0-9+/=]{40,76}(?:\r?\n|\\r\\n|\\n))*[A-Za-z0-9+/=]{4,76}(?:\r?\n|\\r\\n|\\n)-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)"),
    Pattern("aws-access-key", "AKIA", r"\bAKIA[A-Z2-7]{16}\b"),
    Pattern("aws-access-key", "ASIA", r"\bASIA[A-Z2-7]{16}\b"),
    Pattern("aws-access-key", "ABIA", r"\bABIA[A-Z2-7]{16}\b"),
    Pattern("aws-access-key", "ACCA", r"\bACCA[A-Z2-7]{16}\b"),
    Pattern("anthropic-key", "sk-ant-", rf"\bsk-ant-(?:api|admin|oat|ort|sid)[0-9]{{2}}-{B64}{{20,}}"),
    Pattern("openai-key", "sk-", rf"\bsk-(?:proj|svcacct|admin|None)-{B64}{{20,}}", r"sk-[psaN]"),
    Pattern("openai-key", "T3BlbkFJ", rf"\bsk-{A}{{16,}}T3BlbkFJ{A}{{16,}}"),
    Pattern("openrouter-key", "sk-or-", r"\bsk-or-v1-[0-9a-f]{64}\b"),
    Pattern("github-token", "ghp_", rf"\bghp_{A}{{36,255}}"),
    Pattern("github-token", "gho_", rf"\bgho_{A}{{36,255}}"),
    Pattern("github-token", "ghu_", rf"\bghu_{A}{{36,255}}"),
    Pattern("github-token", "ghs_", rf"\bghs_{A}{{36,255}}"),
    Pattern("github-token", "ghr_", rf"\bghr_{A}{{36,255}}"),
    Pattern("github-token", "github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{60,255}"),
    Pattern("gitlab-token", "glpat-", rf"\bglpat-{B64}{{20,}}"),
    Pattern("gitlab-token", "gldt-", rf"\bgldt-{B64}{{20,}}"),
    Pattern("gitlab-token", "glrt-", rf"\bglrt-{B64}{{20,}}"),
    Pattern("gitlab-token", "glcbt-", rf"\bglcbt-{B64}{{20,}}"),
    Pattern("gitlab-token", "glptt-", rf"\bglptt-{B64}{{20,}}"),
    Pattern("gitlab-token", "glft-", rf"\bglft-{B64}{{20,}}"),
    Pattern("gitlab-token", "glimt-", rf"\bglimt-{B64}{{20,}}"),
    Pattern("gitlab-token", "glagent-", rf"\bglagent-{B64}{{20,}}"),
    Pattern("gitlab-token", "gloas-", rf"\bgloas-{B64}{{20,}}"),
    Pattern("gitlab-token", "glsoat-", rf"\bglsoat-{B64}{{20,}}"),
    Pattern("gitlab-token", "glffct-", rf"\bglffct-{B64}{{20,}}"),
    Pattern("slack-token", "xox", rf"\bxox[abeoprs]-{A}{{8,}}(?:-{A}{{6,}})+", r"xox[a-z]-"),
    Pattern("slack-token", "xapp-", rf"\bxapp-[0-9]-{A}{{8,}}-[0-9]{{8,}}-{A}{{32,}}"),
    Pattern("slack-webhook", "hooks.slack.com", rf"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<v>{A}{{6,}}(?:/{A}{{6,}})+)"),
    Pattern("discord-webhook", "/api/webhooks/", rf"/api/webhooks/[0-9]{{16,20}}/(?P<v>{B64}{{60,80}})"),
    Pattern("discord-token", "MT", rf"\bMT[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"MT[A-Za-z0-9]{22}"),
    Pattern("discord-token", "MD", rf"\bMD[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"MD[A-Za-z0-9]{22}"),
    Pattern("discord-token", "MJ", rf"\bMJ[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"MJ[A-Za-z0-9]{22}"),
    Pattern("discord-token", "MK", rf"\bMK[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"MK[A-Za-z0-9]{22}"),
    Pattern("discord-token", "ME", rf"\bME[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"ME[A-Za-z0-9]{22}"),
    Pattern("discord-token", "MU", rf"\bMU[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"MU[A-Za-z0-9]{22}"),
    Pattern("discord-token", "MR", rf"\bMR[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"MR[A-Za-z0-9]{22}"),
    Pattern("discord-token", "MS", rf"\bMS[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"MS[A-Za-z0-9]{22}"),
    Pattern("discord-token", "OD", rf"\bOD[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"OD[A-Za-z0-9]{22}"),
    Pattern("discord-token", "OT", rf"\bOT[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"OT[A-Za-z0-9]{22}"),
    Pattern("discord-token", "Nz", rf"\bNz[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"Nz[A-Za-z0-9]{22}"),
    Pattern("discord-token", "NT", rf"\bNT[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"NT[A-Za-z0-9]{22}"),
    Pattern("discord-token", "ND", rf"\bND[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"ND[A-Za-z0-9]{22}"),
    Pattern("discord-token", "Nj", rf"\bNj[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"Nj[A-Za-z0-9]{22}"),
    Pattern("discord-token", "Mz", rf"\bMz[A-Za-z0-9]{{22,26}}\.{B64}{{6}}\.{B64}{{27,38}}\b", r"Mz[A-Za-z0-9]{22}"),
    Pattern("npm-token", "npm_", rf"\bnpm_{A}{{36}}\b"),
    Pattern("npm-token", "_authToken", r"_authToken=(?P<v>[A-Za-z0-9/+=_-]{16,})"),
    Pattern("pypi-token", "pypi-", rf"\bpypi-AgE{B64}{{50,}}"),
    Pattern("stripe-key", "sk_live_", rf"\bsk_live_{A}{{16,}}"),
    Pattern("stripe-key", "sk_test_", rf"\bsk_test_{A}{{16,}}"),
    Pattern("stripe-key", "rk_live_", rf"\brk_live_{A}{{16,}}"),
    Pattern("stripe-key", "rk_test_", rf"\brk_test_{A}{{16,}}"),
    Pattern("stripe-webhook-secret", "whsec_", r"\bwhsec_[A-Za-z0-9+/=]{24,}"),
    Pattern("google-api-key", "AIza", rf"\bAIza{B64}{{35}}"),
    Pattern("google-oauth-secret", "GOCSPX-", rf"\bGOCSPX-{B64}{{20,}}"),
    Pattern("google-oauth-token", "ya29.", rf"\bya29\.{B64}{{30,}}"),
    Pattern("azure-storage-key", "AccountKey", r"AccountKey=(?P<v>[A-Za-z0-9+/]{80,}={0,2})"),
    Pattern("azure-sas", "sig=", r"[?&]sig=(?P<v>[A-Za-z0-9%+/]{30,}={0,2})"),
    Pattern("azure-shared-access-key", "SharedAccessKey", r"SharedAccessKey=(?P<v>[A-Za-z0-9+/]{30,}={0,2})"),
    Pattern("azure-ad-secret", "Q~", r"\b[A-Za-z0-9_.~-]{3}[78]Q~[A-Za-z0-9_.~-]{31,34}"),
    Pattern("huggingface-token", "hf_", r"\bhf_[A-Za-z]{34}\b"),
    Pattern("sendgrid-key", "SG.", rf"\bSG\.{B64}{{22}}\.{B64}{{43}}"),
    Pattern("twilio-key", "SK", r"\bSK[0-9a-f]{32}\b", r"SK[0-9a-f]{32}"),
    Pattern("mailgun-key", "key-", r"\bkey-[0-9a-f]{32}\b", r"key-[0-9a-f]{32}"),
    Pattern("mailchimp-key", "-us", r"\b[0-9a-f]{32}-us[0-9]{1,2}\b", r"[0-9a-f]{8}-us[0-9]"),
    Pattern("digitalocean-token", "_v1_", r"\bdo[por]_v1_[0-9a-f]{64}\b"),
    Pattern("docker-token", "dckr_", rf"\bdckr_(?:pat|oat)_{B64}{{20,}}"),
    Pattern("vault-token", "hvs.", rf"\bhvs\.{B64}{{24,}}"),
    Pattern("vault-token", "hvb.", rf"\bhvb\.{B64}{{24,}}"),
    Pattern("vault-token", "hvr.", rf"\bhvr\.{B64}{{24,}}"),
    Pattern("terraform-token", ".atlasv1.", rf"\b{A}{{14}}\.atlasv1\.{B64}{{60,}}"),
    Pattern("databricks-token", "dapi", r"\bdapi[0-9a-f]{32}(?:-[0-9])?\b", r"dapi[0-9a-f]{32}"),
    Pattern("shopify-token", "shp", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b", r"shp[acps][ast]_"),
    Pattern("square-token", "sq0", rf"\bsq0(?:atp|csp|idp)-{B64}{{22,}}"),
    Pattern("telegram-token", ":AA", rf"\b[0-9]{{8,10}}:AA{B64}{{33}}"),
    Pattern("linear-key", "lin_", rf"\blin_(?:api|oauth)_{A}{{32,}}"),
    Pattern("notion-token", "ntn_", rf"\bntn_{A}{{40,}}"),
    Pattern("sentry-token", "sntry", r"\bsntry[su]_[A-Za-z0-9+/=_-]{40,}"),
    Pattern("newrelic-key", "NRAK-", r"\bNRAK-[A-Z0-9]{27}\b"),
    Pattern("grafana-token", "glsa_", r"\bglsa_[A-Za-z0-9+/=_]{32,}"),
    Pattern("grafana-token", "glc_", r"\bglc_[A-Za-z0-9+/=_]{32,}"),
    Pattern("doppler-token", "dp.", rf"\bdp\.(?:pt|st|ct|sa|scim|audit)\.{A}{{40,}}"),
    Pattern("planetscale-token", "pscale_", r"\bpscale_(?:tkn|oauth|pw)_[A-Za-z0-9_.=-]{32,}"),
    Pattern("supabase-key", "sbp_", r"\bsbp_[0-9a-f]{40}"),
    Pattern("supabase-key", "sb_secret_", rf"\bsb_secret_{B64}{{20,}}"),
    Pattern("age-secret-key", "AGE-SECRET-KEY-", r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}"),
    Pattern("accrete-token", "acr_", rf"\bacr_[a-z0-9-]{{1,40}}_{B64}{{32,}}"),
    Pattern("jwt", "eyJ", rf"\beyJ{B64}{{10,}}\.eyJ{B64}{{10,}}\.{B64}{{16,}}"),
    Pattern("url-password", "://", r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\x00-\x20/:@\"'<>`\\]{0,80}:(?P<v>[^\x00-\x20/@\"'<>`\\]{3,200})@[A-Za-z0-9\[]", r"://[^\x00-\x20/@]*@"),
    Pattern("authorization-header", "uthorization", r"[Aa]uthorization[\\]{0,3}[\"']?[ \t]{0,3}[:=,][ \t]{0,3}[\\]{0,3}[\"'`]?(?:[Bb]earer|[Bb]asic|[Tt]oken)[ \t]{1,3}(?P<v>[A-Za-z0-9+/=_.~-]{12,})"),
    Pattern("authorization-header", "earer ", r"\b[Bb]earer[ \t]{1,3}(?P<v>[A-Za-z0-9+/=_.~-]{20,})"),
    Pattern("curl-password", "curl", r"\bcurl[^\n\"'|;&]{0,200}[ \t](?:-u|--user)[ \t=]{1,3}[\\]{0,3}[\"']?[A-Za-z0-9_.@+-]{1,60}:(?P<v>[^\x00-\x20\"'\\]{4,120})", r"curl[^\n]*[ \t](?:-u|--user)"),
    Pattern("netrc-password", "password", r"\bmachine[ \t\n]{1,4}[A-Za-z0-9.-]{3,80}[ \t\n]{1,4}login[ \t\n]{1,4}[^\x00-\x20]{1,80}[ \t\n]{1,4}password[ \t\n]{1,4}(?P<v>[^\x00-\x20\"']{4,120})", r"login[ \t\n]+[^\x00-\x20]+[ \t\n]+password"),
)  # fmt: skip

NAMES = ("password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "api_key", "api-key", "access_key",
         "access-key", "accesskey", "private_key", "private-key", "privatekey", "auth_key", "auth-key", "authkey",
         "encryption_key", "signing_key", "master_key", "account_key", "credential")  # fmt: skip
"""Names of things whose assigned value is a secret when it looks like one."""

ASSIGNED = Pattern(
    "assigned-secret",
    "",
    r"(?:"
    + "|".join(any_case(name) for name in NAMES)
    + r")[A-Za-z0-9_.-]{0,24}[\\]{0,3}[\"'`]?\]?[ \t]{0,4}(?::|=|=>|:=|==|,)[ \t]{0,4}"
    r"[\\]{0,3}[\"'`]?(?P<v>[A-Za-z0-9+/=_.~!@#$%^&*?:-]{6,300})",
)
"""`NAME = value`, `"name": "value"`, `name: value`, also with escaped quotes; judged by judge.py."""

ASSIGNED_PROBE = (
    "(?:" + "|".join(any_case(stem) for stem in ("pass", "pwd", "secret", "token", "key", "creden"))
    + r")[A-Za-z0-9_.-]*[\\\"'`\]]*[ \t]*[:=,>]+[ \t\\\"'`]*[A-Za-z0-9+/=_.~!@#$%^&*?:-]{6}"
)  # fmt: skip
"""Matches wherever ASSIGNED does, and costs less to look for."""
