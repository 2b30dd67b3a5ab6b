"""Secrets known by their shape, of services for models, data, payments, mail and identity: more
rows of the table in `issued.py`.

A row is here and not there where its mark alone is common or its parts are separated: its probe is
then what makes the search for it cheap.
"""

from __future__ import annotations

from accrete.redaction.judge import LIKELY, is_random
from accrete.redaction.marks import (
    FOUND,
    LEFT,
    NO_BASE64,
    STOP,
    WORD,
    betterleaks,
    drawn,
    gitleaks,
    kingfisher,
    noseyparker,
    row,
    tail_drawn,
    trufflehog,
    veles,
)
from accrete.redaction.patterns import B64, END, A, Pattern

S64 = "[A-Za-z0-9+/]"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

AZURE_KEYS = "https://github.com/microsoft/security-utilities/blob/main/GeneratedRegexPatterns/HighConfidenceSecurityModels.json"
SWARM = "https://github.com/moby/swarmkit/blob/master/ca/config.go"
SWARM_LOCK = "https://github.com/moby/swarmkit/blob/master/manager/encryption/encryption.go"
DAYTONA = "https://github.com/daytonaio/daytona/blob/main/apps/api/src/api-key/api-key.service.ts"
TIGRIS = "https://www.skills.sh/tigrisdata/tigris-agents-plugins/tigris-access-keys"
STATSIG = "https://github.com/statsig-io/node-js-server-sdk/blob/main/src/StatsigServer.ts"
CHECKOUT = "https://github.com/checkout/checkout-sdk-python/tree/main/checkout_sdk"
CONVEX = "https://docs.convex.dev/cli/deploy-key-types"
MOLLIE = "https://github.com/mollie/mollie-api-php/tree/master/src/Http/Auth"
SENTRY = "https://github.com/getsentry/sentry/blob/master/src/sentry/types/token.py"
WAKATIME = "https://github.com/wakatime/vscode-wakatime/blob/master/src/utils.ts"
APOLLO = "https://github.com/apollographql/rover/tree/main/crates/houston/src"
PASETO = "https://github.com/paseto-standard/paseto-spec"
LARAVEL = "https://github.com/laravel/framework/blob/master/src/Illuminate/Foundation/Console/KeyGenerateCommand.php"
PATTERNS_DB = (
    "https://github.com/mazen160/secrets-patterns-db/blob/master/datasets/high-confidence.yml"
)
ABLY = "https://ably.com/docs/auth#api-key"
GHOST = "https://github.com/TryGhost/SDK/blob/main/packages/admin-api/lib/admin-api.js"
BAIDU = "https://cloud.baidu.com/doc/qianfan/s/rmh4stn9m"
KLARNA = "https://docs.klarna.com/api/authentication"
LINKEDIN = (
    "https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens"
)
MAPILLARY = (
    "https://mapillary.github.io/mapillary-python-sdk/docs/mapillary.models/mapillary.models.client"
)
KONNECT = "https://developer.konghq.com/konnect-api"
FLAGSMITH = "https://github.com/Flagsmith/flagsmith/blob/main/api/environments/api_keys.py"
LICHESS = "https://github.com/lichess-org/lila/blob/master/modules/core/src/main/net.scala"
PORTAINER = "https://github.com/portainer/portainer/blob/develop/api/apikey/service.go"
WEBLATE = "https://docs.weblate.org/en/latest/api.html"
YOUTRACK = (
    "https://www.jetbrains.com/help/youtrack/devportal/authentication-with-permanent-token.html"
)
"""Pages and code of issuers."""


def _app_token(value: str) -> bool:
    """What follows an app's id was drawn: an id also stands in a table's cell before a word."""
    tail = value.replace("%7C", "|").rpartition("|")[2]
    return any(c.isdigit() for c in tail) and is_random(tail, 20, LIKELY)


def _mixed(value: str) -> bool:
    """Both cases: a day and a commit's SHA-1, with a hyphen between, name many a file."""
    return drawn(value) and value.lower() != value


SERVICES: tuple[Pattern, ...] = (
    *(row("modal-token", mark, f"{A}{{22}}", kingfisher("modal.1"), left=WORD, right=STOP,
          probe=rf"{mark}{A}{{22}}")._replace(check=tail_drawn)
      for mark in ("ak-", "as-")),
    Pattern("zhipu-key", ".", rf"{WORD}(?P<v>[0-9a-f]{{32}}\.{A}{{16}}){STOP}",
            "https://docs.bigmodel.cn/cn/guide/develop/http/introduction", rf"[0-9a-f]{{4}}\.{A}{{16}}{STOP}", drawn),
    Pattern("ollama-key", ".", rf"{WORD}(?P<v>[0-9a-f]{{32}}\.{B64}{{24}}){STOP}",
            betterleaks("ollama-api-key"), rf"[0-9a-f]{{4}}\.{B64}{{24}}{STOP}", drawn),
    Pattern("webex-token", "-", rf"{WORD}(?P<v>{A}{{64}}_{A}{{4}}_{_UUID})",
            trufflehog("webexbot"), r"_[0-9a-f]{8}-"),
    row("daytona-key", "dtn_", "[0-9a-f]{64}", DAYTONA, left=WORD),
    row("friendli-token", "flp_", f"{A}{{40,}}", kingfisher("friendli.1"), left=WORD),
    row("mem0-key", "m0-", f"{A}{{24,44}}", betterleaks("mem0-api-key.1"), left=WORD, right=STOP,
        probe=f"m0-{A}{{24}}"),
    row("devin-key", "apk_", rf"{S64}{{80,100}}={{0,2}}", betterleaks("devin-service-api-key"),
        left=WORD, probe=rf"apk_{S64}{{8}}"),
    row("anyscale-key", "esecret_", f"{A}{{20,}}", FOUND, left=WORD),
    row("amp-token", "sgamp_user_", r"[A-Z0-9]{26}_[0-9a-f]{64}", FOUND),
    row("freepik-key", "FPSX", "[0-9a-f]{32}", FOUND, left=LEFT),
    row("api-key", "key_", "[0-9a-f]{28,128}", betterleaks("retell-api-key.1"), left=WORD,
        right=STOP, probe="key_[0-9a-f]{8}"),
    Pattern("api-key", "sk_", rf"{WORD}(?P<v>sk_(?:[a-z0-9]{{1,8}}_){{0,2}}{B64}{{20,}})",
            "https://docs.knock.app/developer-tools/api-keys", rf"{WORD}sk_[a-z0-9A-Z_]{{8}}",
            tail_drawn),
    Pattern("checkout-key", "sk_",
            rf"{WORD}(?P<v>sk_(?:sbox_)?[a-z2-7]{{26}}[a-z2-7*#$=]){STOP}", CHECKOUT,
            rf"{WORD}sk_(?:sbox_)?[a-z2-7]{{8}}", drawn),
    row("baidu-key", "bce-v3/ALTAK-", rf"{A}{{16,}}/[0-9a-f]{{32,}}", BAIDU),
    row("volcengine-key", "AKLT", rf"{B64}{{40,48}}", kingfisher("volcengine.1"), left=LEFT,
        probe=rf"AKLT{B64}{{8}}"),
    row("alibaba-key", "STS.", rf"{A}{{16,64}}", betterleaks("alibaba-sts-access-key-id"),
        left=WORD, probe=rf"STS\.{A}{{8}}"),
    row("exoscale-key", "EXO", f"{A}{{24,30}}", betterleaks("exoscale-api-key"), left=LEFT,
        right=NO_BASE64, probe=rf"EXO{A}{{24,30}}{NO_BASE64}"),
    *(row("tigris-key", mark, rf"{B64}{{12,}}", TIGRIS, left=WORD, probe=rf"{mark}{B64}{{12}}")
      for mark in ("tid_", "tsec_")),
    row("yandex-key", "YCAJE", rf"{B64}{{20}}", FOUND, left=LEFT, right=NO_BASE64),
    row("yandex-key", "YC", rf"{B64}{{38}}", gitleaks("yandex-aws-access-token"), left=LEFT,
        right=NO_BASE64, probe=rf"YC{B64}{{38}}{NO_BASE64}"),
    Pattern("aws-session-token", "IQoJb3JpZ2luX2Vj\nFwoGZXIvYXdz",
            rf"{LEFT}(?P<v>(?:IQoJb3JpZ2luX2Vj|FwoGZXIvYXdz){S64}{{80,}}={{0,2}})",
            trufflehog("aws/session_keys")),
    row("appsync-key", "da2-", "[a-z0-9]{26}",
        f"{PATTERNS_DB} secrets-patterns-db `AWS AppSync GraphQL Key`", left=WORD, right=STOP,
        probe="da2-[a-z0-9]{8}"),
    Pattern("google-hmac-key", "GOOG", rf"{LEFT}(?P<v>GOOG[A-Z0-9]{{52,60}}){NO_BASE64}",
            "https://cloud.google.com/storage/docs/authentication/hmackeys", "GOOG[A-Z0-9]{16}",
            drawn),
    Pattern("firebase-key", ":APA91b", rf"{A}{{4}}{B64}{{7}}:APA91b{B64}{{120,}}",
            betterleaks("firebase-cloud-messaging-server-key")),
    Pattern("azure-shared-access-key", "+ASb\n+AEh\n+ARm\nAIoT\nAzCa\nAZEG",
            rf"(?:/v[0-9]/|\n\+|^\+|[^A-Za-z0-9+/]|^)(?P<v>{S64}{{33}}(?:\+ASb|\+AEh|\+ARm|AIoT|AzCa|AZEG)[A-P]{S64}{{5}}=)(?:[^A-Za-z0-9+/=]|$)",
            AZURE_KEYS, rf"(?:\+ASb|\+AEh|\+ARm|AIoT|AzCa|AZEG)[A-P]{S64}{{5}}="),
    Pattern("azure-ml-key", "+AMC", rf"(?:/v[0-9]/|\n\+|^\+|[^A-Za-z0-9+/]|^)(?P<v>{S64}{{76}}\+AMC{S64}{{5}}[AQgw]==)",
            AZURE_KEYS, rf"\+AMC{S64}{{5}}[AQgw]="),
    Pattern("azure-registry-key", "+ACR",
            rf"(?:/v[0-9]/|\n\+|^\+|[^A-Za-z0-9+/]|^)(?P<v>{S64}{{42}}\+ACR[A-D]{S64}{{5}})(?:[^A-Za-z0-9+/=]|$)",
            AZURE_KEYS, rf"\+ACR[A-D]{S64}{{5}}"),
    Pattern("azure-search-key", "AzSe", rf"{LEFT}(?P<v>{A}{{42}}AzSe[A-D]{A}{{5}}){NO_BASE64}",
            AZURE_KEYS, f"AzSe[A-D]{A}{{5}}"),
    Pattern("azure-function-key", "AzFu",
            rf"(?:[^A-Za-z0-9_-]|^)(?P<v>{B64}{{44}}AzFu{B64}{{5}}[AQgw]==)", AZURE_KEYS,
            rf"AzFu{B64}{{5}}[AQgw]=="),
    Pattern("backblaze-key", "K00",
            rf"{LEFT}(?P<v>K00[0-9]{S64}{{27}})(?:[^A-Za-z0-9+/=]|$)", FOUND,
            rf"K00[0-9]{S64}{{8}}", drawn),
    Pattern("github-token", "v1.", rf"{WORD}(?P<v>v1\.[0-9a-f]{{40}}){END}", FOUND,
            r"v1\.[0-9a-f]{8}"),
    Pattern("ngrok-token", "\n".join(f"_{n}" for n in range(10)),
            rf"(?:[^A-Za-z0-9_-]|^)(?P<v>[1-9]{A}{{20,29}}_[0-9]{A}{{20}}){STOP}",
            kingfisher("ngrok.1"), rf"_[0-9]{A}{{20}}{STOP}", drawn),
    Pattern("facebook-token", "|\n%7C",
            rf"(?:[^0-9]|^)(?P<v>[0-9]{{15,16}}(?:\||%7C){B64}{{27,40}}){STOP}",
            gitleaks("facebook-access-token"), rf"[0-9](?:\||%7C){B64}{{8}}", _app_token),
    row("instagram-token", "IGQ", rf"{B64}{{100,}}", FOUND, left=LEFT,
        probe=rf"IGQ{B64}{{60}}"),
    row("instagram-token", "IGAA", rf"{B64}{{100,}}", FOUND, left=LEFT,
        probe=rf"IGAA{B64}{{60}}"),
    Pattern("mapillary-token", "MLY|", r"MLY\|[0-9]{12,20}\|[0-9a-f]{32}",
            MAPILLARY),
    row("tiktok-token", "act.", r"[A-Za-z0-9]{30,}(?:![0-9]{1,6}\.[a-z0-9]{1,4})?",
        "https://developers.tiktok.com/doc/oauth-user-access-token-management", left=WORD,
        probe=f"act\\.{A}{{8}}"),
    row("pinterest-token", "pina_", rf"{B64}{{20,}}", betterleaks("pinterest-access-token"),
        left=WORD),
    *(row("linkedin-token", mark, rf"{B64}{{60,}}", source, left=LEFT, probe=rf"{mark}{B64}{{60}}")
      for mark, source in (("AQX", LINKEDIN), ("AQW", LINKEDIN), ("AQV", FOUND), ("AQU", FOUND))),
    Pattern("mailgun-key", "-",
            r"(?:[^0-9a-z-]|^)(?P<v>[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})" + STOP,
            gitleaks("mailgun-signing-key"), "-[0-9a-f]{8}-[0-9a-f]{8}"),
    row("mailgun-key", "pubkey-", "[0-9a-f]{32}", gitleaks("mailgun-pub-key")),
    row("mandrill-key", "md-", rf"{B64}{{22}}", FOUND, left=WORD, right=STOP,
        probe=rf"md-{B64}{{22}}{STOP}"),
    row("newrelic-key", "NRJS-", "[0-9a-f]{19}", gitleaks("new-relic-browser-api-token")),
    *(row("razorpay-key", mark, f"{A}{{14}}", kingfisher("razorpay.1, .2"), left=WORD, right=STOP)
      for mark in ("rzp_live_", "rzp_test_")),
    Pattern("adyen-key", "AQE",
            rf"{LEFT}(?P<v>AQE{S64}{{20,}}={{0,2}}-{S64}{{20,}}={{0,2}}-[^\x00-\x20\"'`\\<>&,;)\]}}]{{8,40}})",
            FOUND, rf"AQE{S64}{{20}}", drawn),
    *(Pattern("payment-key", mark, rf"{WORD}(?P<v>{mark}{A}{{30,44}}){STOP}", MOLLIE,
              rf"{mark}{A}{{30}}", tail_drawn) for mark in ("live_", "test_", "access_")),
    Pattern("gocardless-token", "live_\nsandbox_", rf"{WORD}(?P<v>(?:live|sandbox)_{B64}{{40}}){STOP}",
            gitleaks("gocardless-api-token"), rf"(?:live|sandbox)_{B64}{{40}}", tail_drawn),
    Pattern("lob-key", "test_", rf"{WORD}(?P<v>test_(?:pub_[0-9a-f]{{31}}|[0-9a-f]{{35}}))",
            gitleaks("lob-api-key, lob-pub-api-key"), "test_(?:pub_)?[0-9a-f]{8}"),
    *(row("xendit-key", mark, f"{A}{{40,}}", betterleaks("xendit-production-api-key.1"))
      for mark in ("xnd_production_", "xnd_development_")),
    row("midtrans-key", "Mid-server-", rf"{B64}{{10,28}}",
        betterleaks("midtrans-production-server-client-key")),
    *(row("mercadopago-token", mark, r"[0-9]{12,16}-[0-9]{6}-[0-9a-f]{32}-[0-9]{6,10}", FOUND,
          left=WORD, probe=f"{mark}[0-9]{{8}}") for mark in ("APP_USR-", "TEST-")),
    Pattern("paypal-token", "access_token$",
            r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}",
            f"{PATTERNS_DB} secrets-patterns-db `PayPal Braintree Access Token`"),
    row("paypal-token", "A21AA", rf"{B64}{{60,}}",
        "https://developer.paypal.com/api/rest/authentication", left=LEFT,
        probe=rf"A21AA{B64}{{8}}"),
    *(row("klarna-key", mark, r"[A-Za-z0-9_,=.+/-]{40,}", KLARNA)
      for mark in ("klarna_live_api_", "klarna_test_api_")),
    Pattern("asaas-key", "$aact_", r"\$aact_(?:(?:prod|hmlg)_)?[A-Za-z0-9_:=-]{20,}",
            betterleaks("asaas-api-token")),
    *(row("onfido-token", mark, r"(?:[A-Za-z0-9_-]{8,40}\.)?[A-Za-z0-9_-]{20,}",
          betterleaks("onfido-live-api-token-eu, -us, -ca"), left=WORD,
          probe=mark.replace(".", r"\.") + f"{B64}{{8}}")
      for mark in ("api_live.", "api_sandbox.", "api_live_us.", "api_live_ca.")),
    row("flutterwave-key", "FLWSECK_TEST", "-?[0-9a-f]{12}", gitleaks("flutterwave-encryption-key"),
        right=STOP),
    row("recharge-key", "sk_test_", "(?:10|[1235])x[123]_[0-9a-fA-F]{64}",
        trufflehog("rechargepayments")),
    *(row("statsig-key", mark, f"{A}{{40,50}}", source, left=WORD, right=STOP,
          probe=f"{mark}{A}{{16}}")._replace(check=tail_drawn)
      for mark, source in (("secret-", STATSIG), ("console-", FOUND))),
    row("configcat-key", "configcat-sdk-1/", rf"{B64}{{22}}/{B64}{{22}}",
        betterleaks("configcat-sdk-key-extended")),
    row("flagsmith-key", "ser.", f"{A}{{20,24}}", FLAGSMITH, left=WORD, right=STOP,
        probe=rf"ser\.{A}{{20}}"),
    Pattern("unleash-token", ":dev\n:prod\n:stag\n:test\n:default\n:pre",
            r"(?:\*|\[\]|[A-Za-z][A-Za-z0-9_-]{0,60}):[a-z][a-z0-9-]{1,40}\.[0-9a-f]{56}",
            kingfisher("unleash.1"), ":[a-z][a-z0-9-]{1,20}\\.[0-9a-f]{8}"),
    row("unleash-token", "user:", "[0-9a-f]{56}", kingfisher("unleash.2"), left=WORD,
        probe="user:[0-9a-f]{8}"),
    row("devcycle-key", "dvc_server_", r"[A-Za-z0-9_]{8,60}",
        betterleaks("devcycle-server-sdk-key")),
    Pattern("apollo-key", "service:", rf"{WORD}(?P<v>service:[A-Za-z0-9_-]{{2,64}}:{B64}{{22}}){STOP}",
            APOLLO, rf"service:{B64}+:{B64}{{22}}", drawn),
    Pattern("apollo-key", "user:", rf"{WORD}(?P<v>user:[A-Za-z0-9_.-]{{2,64}}:{B64}{{22}}){STOP}",
            APOLLO, rf"user:[A-Za-z0-9_.-]+:{B64}{{22}}", drawn),
    *(row("dbt-token", mark, rf"{B64}{{30,}}", FOUND, left=WORD) for mark in ("dbtu_", "dbtc_")),
    *(row("packagist-token", f"packagist_{kind}_", "[0-9a-f]{60,}",
          kingfisher("packagist.2, .4 to .7"))
      for kind in ("uut", "out", "ort", "cut", "acs")),
    row("packagist-token", "packagist_ack_", "[0-9a-f]{28,}", kingfisher("packagist.1")),
    row("deno-token", "ddo_", f"{A}{{36}}", veles("denopat"), left=WORD),
    *(row("sentry-token", mark, r"[0-9a-f]{64}", SENTRY) for mark in ("sntrya_", "sntryi_")),
    row("postman-key", "PMAT-", "[A-Z0-9]{26}", FOUND, left=LEFT),
    row("wakatime-key", "waka_", _UUID, WAKATIME),
    row("boundary-token", "at_", rf"{A}{{10}}_{A}{{60,}}", FOUND, left=WORD,
        probe=f"at_{A}{{4,}}_{A}{{4}}"),
    row("cloudsmith-key", "csa_", f"[0-9a-f]{{30}}{A}{{6}}", betterleaks("cloudsmith-api-key"),
        left=WORD),
    *(row("swarm-token", mark, "[a-z0-9]{50}-[a-z0-9]{25}", SWARM)
      for mark in ("SWMTKN-1-", "SWMTKN-2-1-")),
    row("swarm-key", "SWMKEY-1-", rf"{S64}{{43}}", SWARM_LOCK),
    row("portainer-token", "ptr_", rf"{S64}{{40,44}}={{0,2}}", PORTAINER, left=WORD,
        probe=rf"ptr_{S64}{{30}}"),
    row("authress-key", "", r"(?:sc|ext|scauth|authress)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}",
        gitleaks("authress-service-client-access-key"), probe=r"\.acc[_-][a-z0-9-]{8}")._replace(hint=".acc_\n.acc-"),
    row("permit-key", "permit_key_", f"{A}{{60,}}", FOUND),
    row("kong-token", "kpat_", f"{A}{{20,}}", KONNECT, left=WORD),
    row("kong-token", "spat_", f"{A}{{20,}}", FOUND, left=WORD),
    Pattern("convex-key", "|eyJ",
            rf"{WORD}(?P<v>(?:prod|dev|preview|project):[a-z0-9:-]{{3,80}}\|eyJ[A-Za-z0-9+/=_-]{{20,}})",
            CONVEX),
    Pattern("ably-key", ".", rf"(?:[^A-Za-z0-9_-]|^)(?P<v>{B64}{{6}}\.{B64}{{6}}:{B64}{{43}}){STOP}",
            ABLY, rf"\.{B64}{{6}}:{B64}{{8}}", drawn),
    row("pubnub-key", "sec-c-", rf"{A}{{48,64}}", FOUND, left=WORD),
    *(row("courier-key", mark, f"{A}{{24,28}}", kingfisher("courier.1"), left=WORD, right=STOP,
          probe=f"{mark}{A}{{8}}")
      for mark in ("pk_prod_", "pk_test_", "dk_prod_", "dk_test_")),
    row("svix-key", "testsk_", f"{B64}{{30,}}", FOUND, left=WORD),
    row("close-key", "api_", rf"{A}{{18,26}}\.{A}{{18,26}}", kingfisher("closecrm.1"), left=WORD,
        right=STOP, probe=rf"api_{A}{{18}}"),
    row("calcom-key", "cal_", f"(?:live_)?{A}{{32}}", kingfisher("calcom.1"), left=WORD,
        right=STOP, probe=f"cal_(?:live_)?{A}{{8}}"),
    Pattern("ghost-key", ":", r"(?:[^0-9a-zA-Z]|^)(?P<v>[0-9a-f]{24}:[0-9a-f]{64})" + STOP, GHOST,
            ":[0-9a-f]{64}"),
    Pattern("fal-key", ":", rf"{WORD}(?P<v>{_UUID}:[0-9a-f]{{32}}){STOP}",
            kingfisher("falai.1"), ":[0-9a-f]{32}"),
    row("discord-token", "mfa.", rf"{B64}{{20,100}}", kingfisher("discord.4"), left=WORD,
        probe=rf"mfa\.{B64}{{20}}"),
    Pattern("dropbox-token", "AAAAAAAAAA", rf"{LEFT}(?P<v>{A}{{11}}AAAAAAAAAA{B64}{{43}}){NO_BASE64}",
            gitleaks("dropbox-long-lived-api-token"), rf"{A}AAAAAAAAAA{B64}{{30}}", drawn),
    row("miro-token", "eyJtaXJv", rf"[A-Za-z0-9-]{{10,64}}_{B64}{{20,64}}",
        betterleaks("miro-access-token")),
    Pattern("paseto", ".local.\n.public.", rf"{WORD}(?P<v>v[1-4]\.(?:local|public)\.{B64}{{40,}}(?:\.{B64}{{8,}})?)",
            PASETO, rf"v[1-4]\.(?:local|public)\.{B64}{{8}}"),
    Pattern("laravel-key", "base64:",
            rf"base64:(?:{S64}{{43}}=|{S64}{{22}}==)(?:[^A-Za-z0-9+/=]|$)", LARAVEL,
            rf"base64:{S64}{{22}}", drawn),
    row("django-key", "django-insecure-", r"[A-Za-z0-9!@#$%^&*(_=+)-]{40,}", noseyparker("np.django.1")),
    Pattern("jetbrains-token", "perm:\nperm-",
            rf"{WORD}(?P<v>perm[:-][A-Za-z0-9+/]{{3,}}={{0,2}}\.[A-Za-z0-9+/]{{3,}}={{0,2}}\.{A}{{24,}})",
            YOUTRACK, r"perm[:-][A-Za-z0-9+/]{4}", drawn),
    row("teamcity-token", "eyJ0eXAiOiAiVENWMiJ9.", rf"{B64}{{20,}}\.{B64}{{36,}}",
        noseyparker("np.teamcity.1")),
    row("stackhawk-key", "hawk.", rf"{B64}{{20}}\.{B64}{{20}}", noseyparker("np.stackhawk.1"), left=WORD),
    row("lichess-token", "lip_", f"{A}{{20,60}}", LICHESS, left=WORD),
    row("lichess-token", "lio_", f"{A}{{32}}", LICHESS, left=WORD),
    row("thunderstore-token", "tss_", rf"{B64}{{20,80}}", betterleaks("thunderstore-api-token.1"),
        left=WORD),
    row("nylas-key", "nyk_", f"{A}{{67}}", betterleaks("nylas-api-key.1"), left=WORD),
    row("fastmail-token", "fmu1-", r"[0-9a-f]{8}-[0-9a-f]{32}-[0-9]-[0-9a-f]{32}",
        betterleaks("fastmail-api-token")),
    row("blockprotocol-key", "b10ck5.", rf"{A}{{32}}\.{A}{{36}}", kingfisher("blockprotocol.1")),
    row("samsara-token", "samsara_api_", f"{A}{{26,32}}", betterleaks("samsara-api-token.1")),
    row("endor-key", "endr+", "[A-Za-z0-9-]{16}", betterleaks("endorlabs-api-key")),
    row("gcnotify-key", "gcntfy-", rf"[A-Za-z0-9_-]{{1,128}}-{_UUID}-{_UUID}",
        betterleaks("canadian-digital-service-notify-api-key")),
    row("alchemy-key", "alcht_", f"{A}{{30}}", FOUND),
    *(row("coralogix-key", mark, f"{A}{{30}}", FOUND, left=WORD) for mark in ("cxup_", "cxtp_")),
    row("coze-token", "pat_", f"{A}{{64}}", FOUND, left=WORD, right=STOP, probe=f"pat_{A}{{64}}"),
    row("gitbook-token", "gb_api_", f"{A}{{40}}", FOUND, left=WORD),
    *(row("scrapfly-key", mark, "[0-9a-z]{32}", trufflehog("scrapfly"))
      for mark in ("scp-live-", "scp-test-")),
    *(row("weblate-token", mark, f"{A}{{36}}", WEBLATE, left=WORD) for mark in ("wlu_", "wlp_")),
    Pattern("transifex-token", "1/", rf"{WORD}(?P<v>1/[0-9a-f]{{40}}){END}",
            FOUND, "1/[0-9a-f]{8}"),
    Pattern("near-key", "ed25519:", r"ed25519:[1-9A-HJ-NP-Za-km-z]{80,90}",
            FOUND, "ed25519:[1-9A-HJ-NP-Za-km-z]{44}"),
    row("blockfrost-key", "mainnet", f"{A}{{32}}", FOUND, left=WORD, right=STOP,
        probe=f"mainnet{A}{{8}}"),
    row("sourcegraph-token", "slk_", "[0-9a-f]{64}", trufflehog("sourcegraphcody"), left=WORD),
    row("robinhood-key", "rh-api-", _UUID, trufflehog("robinhoodcrypto")),
    Pattern("voiceflow-key", "VF.", rf"{LEFT}(?P<v>VF\.(?:(?:DM|WS)\.)?[0-9a-fA-F]{{24}}\.{A}{{16}})",
            trufflehog("voiceflow"), r"VF\.(?:(?:DM|WS)\.)?[0-9a-fA-F]{8}"),
    row("zoho-token", "1000.", r"[0-9a-f]{32}\.[0-9a-f]{32}", trufflehog("zohocrm"), left=WORD,
        probe=r"1000\.[0-9a-f]{8}"),
    row("nightfall-key", "NF-", f"{A}{{32}}", trufflehog("nightfall"), left=LEFT, right=STOP,
        probe=f"NF-{A}{{8}}"),
    row("trufflehog-key", "thog-", "(?:key-[0-9a-f]{16}|secret-[0-9a-f]{32})",
        trufflehog("trufflehogenterprise")),
    Pattern("tines-webhook", ".tines.com/webhook/",
            r"\.tines\.com/webhook/(?P<v>[a-z0-9]{32}/[a-z0-9]{32})", trufflehog("tineswebhook")),
    Pattern("omise-key", "skey_", rf"{WORD}(?P<v>skey_(?:test_)?[0-9a-z]{{19}}){STOP}",
            "https://docs.omise.co/api-authentication", "", drawn),
    *(row("netlify-token", mark, f"{A}{{36,}}", FOUND, left=WORD, probe=f"{mark}{A}{{8}}")
      for mark in ("nfc_", "nfo_", "nfu_", "nfb_")),
    row("brex-token", "bxt_", f"{A}{{30,}}", FOUND, left=WORD),
    row("langsmith-key", "ls__", "[0-9a-f]{32}", FOUND, left=WORD),
    row("ionic-token", "ion_", f"{A}{{42}}", betterleaks("ionic-personal-access-token"), left=WORD,
        right=STOP, probe=f"ion_{A}{{42}}"),
    Pattern("x-token", "-", rf"(?:[^0-9A-Za-z_-]|^)(?P<v>[1-9][0-9]{{6,19}}-{A}{{40}}){STOP}",
            "https://developer.x.com/en/docs/authentication/api-reference/access_token",
            rf"[0-9]{{3}}-{A}{{40}}{STOP}", _mixed),
)  # fmt: skip
