"""Secrets known by their shape: a row for each token with an issuer's mark, with the issuer's page.

Longer than a module should be because a table of shapes is read as one piece.

No pattern begins with a word boundary where the mark is unmistakable: `bot123:AA…`, `x_ghp_…` and
`nghp_…` hold tokens.
"""

from __future__ import annotations

from accrete.redaction.judge import is_random, oddness
from accrete.redaction.patterns import B64, END, A, Pattern, always
from accrete.text.lazy import lazy

_HEX = lazy("(?:[0-9][a-f]*){8}$")
"""Some issuers mint hexadecimal bodies too: their letters say nothing."""


def _drawn(value: str) -> bool:
    """Not a name that happens to begin like a token."""
    return len(set(value)) >= 10 and (oddness(value) >= 0.3 or _HEX.search(value) is not None)


def _no_sample(value: str) -> bool:
    return not value.endswith("EXAMPLE")


LEFT = r"(?:bot|[a-z]{4}/|\n\+|^\+|[^A-Za-z0-9+/]|^)"
"""What stands before a token whose mark is letters only: images in base64 hold any four letters."""


WORD = "(?:bot|[^A-Za-z0-9]|^)"
"""What stands before a token whose mark may end a word."""

STOP = "(?:[^A-Za-z0-9_-]|$)"
NO_BASE64 = "(?:[^A-Za-z0-9_/+=-]|$)"
"""What follows a token of exact length, and one that base64 may hold."""


def _row(
    kind: str,
    mark: str,
    body: str,
    source: str,
    *,
    left: str = "",
    right: str = "",
    probe: str = "",
) -> Pattern:
    """A token that is `mark` and then `body`, with the check that it was drawn and not written."""
    literal = "".join("\\" + c if c in ".+" else c for c in mark)
    shape = f"{left}(?P<v>{literal}{body}){right}" if left or right else literal + body
    return Pattern(kind, mark, shape, source, probe, always if "0-9a-f" in body else _drawn)


GITHUB = "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats"
GITLAB = "https://docs.gitlab.com/security/tokens/#token-prefixes"
SLACK = "https://api.slack.com/authentication/token-types"
AWS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"
DISCORD = "https://discord.com/developers/docs/reference#authentication"
AZURE = "https://learn.microsoft.com/purview/sit-defn-azure-storage-account-key-generic"
AZURE_KEYS = "https://github.com/microsoft/security-utilities/tree/main/src/Microsoft.Security.Utilities.Core/PreciselyClassifiedSecurityKeys"
VAULT = "https://developer.hashicorp.com/vault/docs/concepts/tokens"
CLOUDFLARE = "https://developers.cloudflare.com/fundamentals/api/get-started/token-formats"
VERCEL = "https://vercel.com/changelog/new-token-formats-and-secret-scanning"
MAILERSEND = "https://github.com/mailersend/mailersend-nodejs/blob/main/lefthook.yml"
MAPBOX = "https://docs.mapbox.com/api/accounts/tokens/#token-format"
LAUNCHDARKLY = "https://launchdarkly.com/docs/sdk/concepts/client-side-server-side"
BUILDKITE = "https://buildkite.com/docs/platform/security/tokens"
SQUARE = "https://developer.squareup.com/docs/oauth-api/receive-and-manage-tokens"
HONEYCOMB = "https://docs.honeycomb.io/api/authentication"
ORY = "https://www.ory.com/docs/security-compliance/token-formats"
XATA = "https://github.com/xataio/xata/blob/main/internal/api/key/key.go"
CRATES = (
    "https://github.com/rust-lang/crates.io/blob/main/crates/crates_io_database/src/utils/token.rs"
)
AXIOM = "https://github.com/axiomhq/axiom-go/blob/main/internal/config/token.go"
SONAR = "https://github.com/SonarSource/sonarqube/blob/master/server/sonar-db-dao/src/main/java/org/sonar/db/user/TokenType.java"
NOTION = "https://developers.notion.com/changelog/changes-to-token-format"
COMPOSIO = "https://github.com/gitleaks/gitleaks/issues/2276"
"""Pages and code of issuers that give the shape, or its mark and an example."""

FOUND = "seen in public files; no page found that documents it"


def _gitleaks(rule: str) -> str:
    """A rule of a list of shapes that others keep, for issuers whose pages give the mark at
    most."""
    return (
        f"https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml gitleaks `{rule}`"
    )


def _betterleaks(rule: str) -> str:
    """The same, of Betterleaks."""
    rules = "https://github.com/betterleaks/betterleaks/tree/main/cmd/generate/config/rules"
    return f"{rules} Betterleaks `{rule}`"


def _kingfisher(rule: str) -> str:
    """The same, of Kingfisher (its last list before it took over that of Betterleaks)."""
    commit = "f2a45c9e1c709008558765c88acfd3f8c0cb3245"
    rules = "crates/kingfisher-rules/data/rules"
    return f"https://github.com/mongodb/kingfisher/tree/{commit}/{rules} Kingfisher `{rule}`"


def _trufflehog(detector: str) -> str:
    """The same, of TruffleHog."""
    detectors = "https://github.com/trufflesecurity/trufflehog/tree/main/pkg/detectors"
    return f"{detectors} TruffleHog `{detector}`"


def _noseyparker(rule: str) -> str:
    """The same, of Nosey Parker."""
    rules = "crates/noseyparker/data/default/builtin/rules"
    return f"https://github.com/praetorian-inc/noseyparker/tree/main/{rules} Nosey Parker `{rule}`"


_DISCORD = rf"(?:[^A-Za-z0-9]|^)(?P<v>[MNO][A-Za-z0-9_-]{{23,27}}\.{B64}{{6}}\.{B64}{{27,45}})"

ISSUED: tuple[Pattern, ...] = (
    *(Pattern("aws-access-key", mark, rf"(?P<v>{mark}[A-Z0-9]{{16}}){END}", AWS, "", _no_sample)
      for mark in ("AKIA", "ASIA", "ABIA", "ACCA")),
    _row("aws-bedrock-key", "ABSK", r"[A-Za-z0-9+/]{60,}={0,2}",
         _betterleaks("aws-amazon-bedrock-api-key-long-lived"), left=LEFT),
    Pattern("anthropic-key", "sk-ant-", rf"sk-ant-(?:[a-z]{{2,8}}[0-9]{{2}}-)?{B64}{{20,}}",
            _kingfisher("anthropic.1 to .4")),
    Pattern("openai-key", "sk-", rf"{WORD}(?P<v>sk-(?:proj|svcacct|admin|None)-{B64}{{20,}})",
            _gitleaks("openai-api-key"), r"sk-[psaN]", _drawn),
    Pattern("openai-key", "T3BlbkFJ", rf"{WORD}(?P<v>sk-{B64}{{16,}}T3BlbkFJ{B64}{{16,}})", _gitleaks("openai-api-key")),
    Pattern("api-key", "sk-", rf"{WORD}(?P<v>sk-{A}{{32,}})", _betterleaks("deepseek-api-key"),
            rf"sk-{A}{{8}}", _drawn),
    Pattern("openrouter-key", "sk-or-", r"sk-or-(?:v1-)?[0-9a-f]{48,}",
            _betterleaks("openrouter-api-key")),
    Pattern("langfuse-key", "sk-lf-",
            r"sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            FOUND),
    _row("groq-key", "gsk_", rf"{A}{{32,}}", _betterleaks("groq-api-key")),
    _row("xai-key", "xai-", rf"{B64}{{40,}}", _betterleaks("xai-api-key")),
    _row("huggingface-token", "hf_", rf"{A}{{30,40}}",
         _gitleaks("huggingface-access-token"),
         probe=rf"hf_{A}{{8}}")._replace(check=lambda v: is_random(v[3:])),
    _row("huggingface-token", "api_org_", rf"{A}{{30,40}}",
         _gitleaks("huggingface-access-token")),
    _row("replicate-token", "r8_", rf"{A}{{37}}",
         _betterleaks("replicate-api-token"), probe=rf"r8_{A}{{8}}"),
    _row("perplexity-key", "pplx-", rf"{A}{{40,}}",
         _gitleaks("perplexity-api-key")),
    _row("nvidia-key", "nvapi-", rf"{B64}{{40,}}",
         _betterleaks("nvidia-api-key")),
    _row("cerebras-key", "csk-", rf"{A}{{40,}}", _betterleaks("cerebras-api-key")),
    _row("fireworks-key", "fw_", rf"{A}{{20,}}",
         FOUND, probe=rf"fw_{A}{{8}}"),
    _row("together-key", "tgp_v1_", rf"{B64}{{30,}}", _betterleaks("togetherai-api-key")),
    _row("tavily-key", "tvly-", rf"{B64}{{20,}}",
         _kingfisher("tavily.1")),
    _row("firecrawl-key", "fc-", r"[0-9a-f]{32}", _kingfisher("firecrawl.1"),
         probe="fc-[0-9a-f]{8}"),
    _row("pinecone-key", "pcsk_", r"[A-Za-z0-9_]{40,}",
         _kingfisher("pinecone.2")),
    _row("jina-key", "jina_", rf"{B64}{{40,}}", _kingfisher("jina.1")),
    _row("langsmith-key", "lsv2_", r"(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}",
         _kingfisher("langchain.1, .2")),
    _row("wandb-key", "wandb_v1_", r"[A-Za-z0-9_]{40,}",
         _betterleaks("weights-and-biases-api-key-v1")),
    _row("e2b-key", "e2b_", r"[0-9a-f]{40}", _kingfisher("e2b.1")),
    _row("elevenlabs-key", "sk_", r"[0-9a-f]{48}",
         _betterleaks("elevenlabs-api-key"), probe="sk_[0-9a-f]{8}"),
    _row("voyage-key", "pa-", rf"{B64}{{40,}}",
         _kingfisher("voyageai.api_key"), left=WORD, probe=rf"{WORD}pa-{B64}{{8}}"),
    _row("voyage-key", "al-", rf"{B64}{{43}}", _kingfisher("voyageai.api_key.2"), left=WORD,
         right=STOP,
         probe=rf"{WORD}al-{B64}{{8}}"),
    *(Pattern("github-token", f"gh{c}_", rf"gh{c}_{A}{{36,255}}", GITHUB, "",
              _drawn) for c in "pousr"),
    Pattern("github-token", "github_pat_", r"github_pat_[A-Za-z0-9_]{40,255}", GITHUB),
    *(Pattern("gitlab-token", mark, rf"{mark}[A-Za-z0-9_.-]{{20,}}", GITLAB, "", _drawn)
      for mark in ("glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-",
                   "glagent-", "gloas-", "glsoat-", "glffct-", "glwt-")),
    _row("gitlab-token", "GR1348941", rf"{B64}{{20,}}", GITLAB),
    Pattern("slack-token", "xox", rf"xox[a-z](?:\.xox[a-z])?-{A}{{6,}}(?:-{A}{{6,}})+", SLACK,
            r"xox[a-z][-.]"),
    Pattern("slack-token", "xoxe-", rf"xoxe-[0-9]-{A}{{40,}}", SLACK),
    Pattern("slack-token", "xapp-", rf"xapp-[0-9]-{A}{{8,}}-[0-9]{{8,}}-{A}{{32,}}", SLACK),
    Pattern("slack-webhook", "hooks.slack",
            rf"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<v>{A}{{6,}}(?:/{A}{{6,}})+)", "https://api.slack.com/messaging/webhooks"),
    Pattern("discord-webhook", "/api/webhooks/",
            rf"/api/webhooks/[0-9]{{16,20}}/(?P<v>{B64}{{60,80}})",
            "https://discord.com/developers/docs/resources/webhook"),
    Pattern("discord-token", ".", _DISCORD, DISCORD, rf"\.{B64}{{6}}\.{B64}{{8}}", _drawn),
    Pattern("teams-webhook", "webhook.office.com",
            r"webhook\.office\.com/webhookb2/(?P<v>[A-Za-z0-9@/-]{60,})",
            "https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook"),
    Pattern("zapier-webhook", "hooks.zapier.com",
            r"hooks\.zapier\.com/hooks/catch/(?P<v>[0-9]{4,}/[A-Za-z0-9]{5,})",
            "https://help.zapier.com/hc/en-us/articles/8496288690317"),
    _row("npm-token", "npm_", rf"{A}{{36}}", _gitleaks("npm-access-token")),
    Pattern("npm-token", "_authToken", r"_authToken=(?P<v>[A-Za-z0-9/+=_-]{16,})",
            "https://docs.npmjs.com/cli/configuring-npm/npmrc"),
    Pattern("pypi-token", "pypi-", rf"pypi-AgE{B64}{{40,}}", _gitleaks("pypi-upload-token")),
    _row("rubygems-key", "rubygems_", r"[0-9a-f]{48}",
         "https://github.com/rubygems/rubygems.org/blob/master/app/controllers/concerns/api_keyable.rb"),
    _row("crates-token", "cio_tp_", rf"{A}{{32}}", CRATES, left=WORD),
    _row("nuget-key", "oy2", r"[a-z0-9]{43}",
         _kingfisher("nuget.1"), left=WORD,
         probe="oy2[a-z0-9]{8}"),
    _row("clojars-token", "CLOJARS_", r"[0-9a-f]{60}",
         _gitleaks("clojars-api-token")),
    _row("crates-token", "cio", rf"{A}{{32}}",
         CRATES, left=WORD,
         probe=rf"cio{A}{{8}}"),
    *(Pattern("stripe-key", mark, rf"{mark}{A}{{16,}}", _gitleaks("stripe-access-token"), "",
              _drawn) for mark in ("sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_",
                                   "rk_prod_")),
    Pattern("stripe-webhook-secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{24,}",
            "https://docs.stripe.com/webhooks", "", _drawn),
    Pattern("google-api-key", "AIza", rf"{LEFT}(?P<v>AIza{B64}{{35}})",
            _gitleaks("gcp-api-key")),
    Pattern("google-oauth-secret", "GOCSPX-", rf"GOCSPX-{B64}{{20,}}",
            _noseyparker("np.google.2")),
    Pattern("google-oauth-token", "ya29.", rf"ya29\.{B64}{{30,}}",
            _noseyparker("np.google.4")),
    Pattern("google-oauth-token", "1//0", rf"{WORD}(?P<v>1//0{B64}{{40,}})",
            FOUND),
    Pattern("azure-storage-key", "AccountKey", r"AccountKey=(?P<v>[A-Za-z0-9+/]{80,}={0,2})",
            AZURE),
    Pattern("azure-storage-key", "+ASt\nAPIM\nACDb\n+ABa\nAzFu\nAzSe\n+ARm\n+AEh\n+AIo\n+ASb",
            r"(?:[^A-Za-z0-9+/]|^)(?P<v>[A-Za-z0-9+/]{76}(?:\+ASt|APIM|ACDb|\+ABa|AzFu|AzSe|\+ARm|\+AEh|\+AIo|\+ASb)[A-Za-z0-9+/]{5,7}[AQgw]?==)", AZURE, r"(?:\+ASt|APIM|ACDb|\+ABa|AzFu|AzSe|\+ARm|\+AEh|\+AIo|\+ASb)[A-Za-z0-9+/]{5}"),
    Pattern("azure-sas", "sig=", rf"{WORD}sig=(?P<v>[A-Za-z0-9%+/_-]{{30,}}={{0,2}})",
            "https://learn.microsoft.com/azure/storage/common/storage-sas-overview", "", _drawn),
    Pattern("azure-shared-access-key", "SharedAccessKey",
            r"SharedAccessKey=(?P<v>[A-Za-z0-9+/]{30,}={0,2})",
            "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas"),
    Pattern("azure-ad-secret", "Q~",
            r"(?:[^A-Za-z0-9_.~-]|^)(?P<v>[A-Za-z0-9_.~-]{3}[0-9]Q~[A-Za-z0-9_.~-]{31,34})",
            "https://learn.microsoft.com/purview/sit-defn-client-secret-api-key"),
    Pattern("azure-devops-token", "AZDO", rf"{A}{{52}}[0-9A-Za-z]{{20,24}}AZDO{A}{{4}}",
            "https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate"),
    Pattern("sendgrid-key", "SG.", rf"SG\.{B64}{{16,32}}\.{B64}{{30,64}}",
            _gitleaks("sendgrid-api-token")),
    Pattern("twilio-key", "SK", rf"{WORD}(?P<v>SK[0-9a-f]{{32}}){END}",
            "https://www.twilio.com/docs/glossary/what-is-a-sid", r"SK[0-9a-f]{8}"),
    Pattern("mailgun-key", "key-", rf"{WORD}(?P<v>key-[0-9a-f]{{32}}){END}",
            _gitleaks("mailgun-private-api-token"),
            r"key-[0-9a-f]{8}"),
    Pattern("mailchimp-key", "-us", r"[0-9a-f]{32}-us[0-9]{1,2}\b",
            _gitleaks("mailchimp-api-key"), "-us[0-9]"),
    Pattern("brevo-key", "xkeysib-", rf"xkeysib-[0-9a-f]{{64}}-{A}{{16}}",
            _gitleaks("sendinblue-api-token")),
    Pattern("brevo-key", "xsmtpsib-", rf"xsmtpsib-[0-9a-f]{{64}}-{A}{{16}}",
            FOUND),
    _row("resend-key", "re_", rf"{A}{{8}}_{A}{{20,}}",
         FOUND, left=WORD,
         probe=rf"re_{A}{{8}}_"),
    _row("mailersend-key", "mssp.", r"[A-Za-z0-9._-]{24,}", MAILERSEND, left=WORD),
    _row("mailersend-key", "mlsn.", rf"{A}{{30,}}",
         MAILERSEND),
    *(Pattern("digitalocean-token", mark, rf"{mark}[0-9a-f]{{64}}",
              _gitleaks("digitalocean-pat, -access-token, -refresh-token")) for mark in ("dop_v1_", "doo_v1_", "dor_v1_")),
    Pattern("docker-token", "dckr_", rf"dckr_(?:pat|oat)_{B64}{{20,}}",
            _betterleaks("dockerhub-personal-access-token")),
    *(Pattern("vault-token", mark, rf"{mark[:3]}\.{B64}{{24,}}", VAULT, "",
              _drawn) for mark in ("hvs.", "hvb.", "hvr.")),
    Pattern("terraform-token", ".atlasv1.", rf"{A}{{14}}\.atlasv1\.{B64}{{60,}}",
            _gitleaks("hashicorp-tf-api-token")),
    Pattern("databricks-token", "dapi", r"dapi[0-9a-f]{32}(?:-[0-9])?\b",
            _gitleaks("databricks-api-token"), r"dapi[0-9a-f]{8}"),
    Pattern("shopify-token", "shp", r"shp(?:at|ca|pa|ss|rt|ua)_[0-9a-fA-F]{32}",
            "https://shopify.dev/changelog/length-of-the-shopify-access-token-is-increasing",
            r"shp[acprsu][ast]_"),
    Pattern("square-token", "sq0", rf"sq0[a-z]{{3}}-{B64}{{22,}}",
            SQUARE),
    _row("square-token", "EAAA", r"[A-Za-z0-9+=_-]{60}", SQUARE, left=LEFT, right=NO_BASE64,
         probe=r"EAAA[A-Za-z0-9+=_-]{8}"),
    _row("facebook-token", "EAA", rf"{A}{{100,}}",
         _gitleaks("facebook-page-access-token"), left=LEFT, right="(?:[^A-Za-z0-9+/=]|$)",
         probe=rf"EAA{A}{{8}}"),
    Pattern("telegram-token", ":AA", rf"[0-9]{{8,10}}:AA{B64}{{33}}",
            "https://core.telegram.org/bots/api#authorizing-your-bot"),
    Pattern("telegram-token", "/bot", rf"/bot(?P<v>[0-9]{{5,12}}:{B64}{{30,}})",
            "https://core.telegram.org/bots/api#making-requests"),
    _row("linear-key", "lin_", rf"(?:api|oauth|wh)_{A}{{32,}}",
         _gitleaks("linear-api-key")),
    _row("notion-token", "ntn_", rf"{A}{{40,}}",
         NOTION),
    _row("notion-token", "secret_", rf"{A}{{43}}",
         NOTION, probe=rf"secret_{A}{{8}}"),
    _row("sentry-token", "sntry", r"[su]_[A-Za-z0-9+/=_-]{40,}",
         _gitleaks("sentry-org-token, sentry-user-token")),
    Pattern("newrelic-key", "NRAK-", r"NRAK-[A-Z0-9]{27}",
            _gitleaks("new-relic-user-api-key")),
    Pattern("newrelic-key", "NRI", rf"NRI[IQ]-{B64}{{25,32}}",
            _gitleaks("new-relic-insert-key"), "NRI[IQ]-"),
    _row("grafana-token", "glsa_", r"[A-Za-z0-9+/=_]{32,}",
         _gitleaks("grafana-service-account-token")),
    _row("grafana-token", "glc_", r"[A-Za-z0-9+/=_]{32,}", _gitleaks("grafana-cloud-api-token")),
    _row("grafana-token", "eyJrIjoi", r"[A-Za-z0-9+/]{40,}={0,2}", _betterleaks("grafana-api-key"),
         left=LEFT),
    Pattern("doppler-token", "dp.",
            rf"{WORD}(?P<v>dp\.(?:pt|st|ct|sa|scim|audit|said)\.(?:[a-z0-9_-]{{1,40}}\.)?{A}{{40,}})", "https://docs.doppler.com/reference/auth-token-formats"),
    _row("planetscale-token", "pscale_", r"(?:tkn|oauth|pw)_[A-Za-z0-9_.=-]{32,}",
         _gitleaks("planetscale-api-token, -oauth-token, -password")),
    _row("supabase-key", "sbp_", r"(?:oauth_)?[0-9a-f]{40}",
         _betterleaks("supabase-management-token")),
    _row("supabase-key", "sb_secret_", rf"{B64}{{20,}}",
         "https://supabase.com/docs/guides/api/api-keys"),
    _row("neon-key", "napi_", rf"{A}{{40,}}", _betterleaks("neon-api-key")),
    _row("tailscale-key", "tskey-", rf"(?:[a-z]{{2,12}}-)?{A}{{8,}}(?:-{A}{{16,}})?",
         "https://tailscale.com/kb/1277/key-prefixes"),
    *(_row("figma-token", mark, rf"{B64}{{30,}}", _betterleaks("figma-personal-access-token"))
      for mark in ("figd_", "figp_")),
    *(_row("figma-token", mark, rf"{B64}{{30,}}", FOUND)
      for mark in ("figo_", "figu_", "figdr_", "figdh_", "figor_", "figoh_", "figur_", "figuh_")),
    _row("atlassian-token", "ATATT3x", r"[A-Za-z0-9_=-]{40,}", _gitleaks("atlassian-api-token")),
    _row("atlassian-token", "ATCTT3x", r"[A-Za-z0-9_=-]{40,}", _kingfisher("bitbucket.4")),
    _row("atlassian-token", "ATSTT3x", r"[A-Za-z0-9_=-]{40,}", FOUND),
    _row("bitbucket-token", "BBDC-", r"[A-Za-z0-9+/]{44}", _kingfisher("bitbucket.6"), left=WORD),
    _row("bitbucket-password", "ATBB", rf"{A}{{28,}}",
         _kingfisher("bitbucket.5"), left=LEFT),
    *(_row("fly-token", mark, r"[A-Za-z0-9_+/=-]{40,}", _gitleaks("flyio-access-token"))
      for mark in ("fm1_", "fm2_", "fm1r_", "fm1a_", "fo1_")),
    *(_row("cloudflare-token", mark, rf"{A}{{40,}}", CLOUDFLARE) for mark in ("cfk_", "cfut_",
                                                                              "cfat_")),
    Pattern("cloudflare-origin-key", "v1.0-", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}",
            _gitleaks("cloudflare-origin-ca-key")),
    *(_row("vercel-token", mark, rf"{B64}{{40,}}", VERCEL, left=WORD)
      for mark in ("vcp_", "vci_", "vca_", "vcr_", "vck_")),
    _row("vercel-blob-token", "vercel_blob_rw_", r"[A-Za-z0-9_]{30,}",
         FOUND),
    _row("netlify-token", "nfp_", rf"{A}{{30,}}",
         _kingfisher("netlify.3")),
    _row("heroku-key", "HRKU-", r"[A-Za-z0-9_-]{36,}",
         _gitleaks("heroku-api-key-v2")),
    _row("render-key", "rnd_", rf"{A}{{24,}}", _betterleaks("render-api-key"), left=WORD,
         probe=rf"rnd_{A}{{8}}"),
    _row("pulumi-token", "pul-", r"[0-9a-f]{40}",
         _gitleaks("pulumi-api-token")),
    _row("postman-key", "PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}",
         _gitleaks("postman-api-token")),
    _row("airtable-token", "pat", rf"{A}{{14}}\.[0-9a-f]{{64}}",
         _betterleaks("airtable-personnal-access-token"), left=WORD,
         probe=rf"pat{A}{{14}}\."),
    _row("hubspot-token", "pat-",
         r"[a-z]{2,3}[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
         _trufflehog("hubspot_apikey/v2")),
    _row("typeform-token", "tfp_", r"[A-Za-z0-9_.=-]{40,}",
         _gitleaks("typeform-api-token")),
    _row("contentful-token", "CFPAT-", rf"{B64}{{40,}}",
         _trufflehog("contentfulpersonalaccesstoken")),
    _row("dynatrace-token", "dt0", r"[a-z][0-9]{2}\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}",
         "https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication",
         probe=r"dt0[a-z][0-9]{2}\."),
    *(_row("sonar-token", mark, r"[0-9a-f]{40}", _betterleaks("sonar-api-token"))
      for mark in ("sqp_", "squ_", "sqa_")),
    _row("sonar-token", "sqb_", r"[0-9a-f]{40}", SONAR),
    _row("sourcegraph-token", "sgp_", r"(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}",
         _gitleaks("sourcegraph-access-token")),
    _row("artifactory-key", "AKCp", rf"{A}{{60,}}",
         _gitleaks("artifactory-api-key"), left=LEFT),
    _row("artifactory-token", "cmVmdGtu", rf"{A}{{50,}}",
         _gitleaks("artifactory-reference-token")),
    *(_row("buildkite-token", mark, r"[A-Za-z0-9_.-]{24,}", BUILDKITE, left=WORD)
      for mark in ("bkua_", "bkur_", "bktx_", "bkaa_", "bkaj_", "bkar_", "bkct_", "bkcqt_", "bkpt_",
                   "bkrt_", "bktr_", "bkat_", "bkpat_", "bkps_", "bkjat_")),
    _row("circleci-token", "CCIPAT_", r"[A-Za-z0-9_]{40,}", _kingfisher("circleci.1")),
    _row("circleci-token", "CCIPRJ_", r"[A-Za-z0-9_]{40,}", _kingfisher("circleci.3")),
    _row("openshift-token", "sha256~", rf"{B64}{{43}}",
         _gitleaks("openshift-user-token")),
    *(_row("posthog-key", mark, rf"{A}{{40,}}", _kingfisher("posthog.2 to .5"))
      for mark in ("phx_", "phs_", "pha_", "phr_")),
    _row("prefect-key", "pnu_", rf"{A}{{36}}", _gitleaks("prefect-api-token")),
    _row("prefect-key", "pnb_", rf"{A}{{36}}", FOUND),
    _row("onepassword-token", "ops_eyJ", r"[A-Za-z0-9+/=_-]{100,}",
         _gitleaks("1password-service-account-token")),
    _row("mongodb-secret", "mdb_sa_sk_", rf"{B64}{{30,}}",
         _betterleaks("mongodb-atlas-service-account-secret")),
    _row("alibaba-key", "LTAI", rf"{A}{{12,24}}",
         _gitleaks("alibaba-access-key-id"), left=LEFT,
         probe=rf"LTAI{A}{{8}}"),
    _row("tencent-key", "AKID", rf"{A}{{32}}",
         FOUND, left=LEFT,
         probe=rf"AKID{A}{{8}}"),
    _row("yandex-token", "AQVN", rf"{B64}{{35,}}",
         _gitleaks("yandex-api-key"), left=LEFT),
    _row("yandex-token", "y0_", rf"{B64}{{50,}}",
         FOUND, left=WORD, probe=rf"y0_{B64}{{8}}"),
    _row("dropbox-token", "sl.", rf"(?:u\.)?{B64}{{120,}}",
         _gitleaks("dropbox-short-lived-api-token"), left=WORD, probe=rf"sl\.(?:u\.)?{B64}{{8}}"),
    _row("readme-key", "rdme_", r"[a-z0-9]{60,}",
         _gitleaks("readme-api-token")),
    _row("shippo-token", "shippo_", r"(?:live|test)_[0-9a-f]{40}",
         _gitleaks("shippo-api-token")),
    _row("easypost-key", "EZ", rf"[AT]K{A}{{54}}",
         _gitleaks("easypost-api-token, easypost-test-api-token"),
         left=LEFT, probe=rf"EZ[AT]K{A}{{8}}"),
    _row("duffel-token", "duffel_", rf"(?:live|test)_{B64}{{40,}}",
         _gitleaks("duffel-api-token")),
    _row("flutterwave-key", "FLWSECK", r"(?:(?:_TEST)?-[0-9a-f]{32}-X|[-_A-Za-z0-9]{32,})",
         _gitleaks("flutterwave-secret-key")),
    _row("mapbox-token", "sk.eyJ", rf"{B64}{{20,}}\.{B64}{{16,}}",
         MAPBOX),
    _row("adafruit-key", "aio_", rf"{A}{{28}}", _noseyparker("np.adafruit.1"),
         left=WORD),
    _row("infracost-key", "ico-", rf"{A}{{32}}",
         _gitleaks("infracost-api-token"), left=WORD),
    _row("axiom-token", "xaat-", r"[0-9a-f-]{36}", AXIOM),
    _row("axiom-token", "xapt-", r"[0-9a-f-]{36}", AXIOM),
    _row("honeycomb-key", "hc", r"[a-z]i[kc]_[a-z0-9]{50,}", HONEYCOMB, probe="hc[a-z]i[kc]_"),
    _row("honeycomb-key", "hc", r"[a-z]mk_[a-z0-9]{26}:[a-z0-9]{32}", HONEYCOMB,
         probe="hc[a-z]mk_"),
    _row("logfire-token", "pylf_v", rf"[0-9]{{1,2}}_[a-z]{{2,16}}_{A}{{30,}}",
         "https://github.com/pydantic/logfire/blob/a413dc789002d35cbc3b1a281e0d936c0930762e/logfire-sdk/logfire/_internal/auth.py"),
    _row("launchdarkly-key", "sdk-",
         r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
         LAUNCHDARKLY, left=WORD,
         probe="sdk-[0-9a-f]{8}-"),
    _row("launchdarkly-key", "api-",
         r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
         LAUNCHDARKLY, left=WORD, probe="api-[0-9a-f]{8}-"),
    _row("trigger-key", "tr_", rf"(?:(?:dev|prod|stg|preview)_(?:sk_)?|pat_){A}{{20,}}",
         "https://github.com/triggerdotdev/trigger.dev/blob/main/packages/core/src/v3/apiKeys.ts",
         left=WORD, probe=rf"tr_[a-z]{{3,7}}_(?:sk_)?{A}{{8}}"),
    _row("inngest-key", "signkey-", r"[a-z]{2,10}-[0-9a-f]{32,}",
         "https://www.inngest.com/docs/platform/signing-keys"),
    _row("polar-token", "polar_", rf"(?:oat|pat|at|whs)_{A}{{32,}}",
         "https://github.com/polarsource/polar/blob/main/server/polar/kit/crypto.py"),
    _row("paddle-key", "pdl_", r"(?:live|sdbx)_apikey_[A-Za-z0-9_]{40,}",
         "https://developer.paddle.com/api-reference/about/api-keys"),
    _row("plaid-token", "access-",
         r"(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", _gitleaks("plaid-api-token"), probe="access-[sdp][a-z]+-[0-9a-f]{8}-"),
    _row("octopus-key", "API-", r"[A-Z0-9]{26,}",
         _gitleaks("octopus-deploy-api-key"), left=WORD,
         probe="API-[A-Z0-9]{8}"),
    _row("scalingo-token", "tk-us-", rf"{B64}{{48}}", _gitleaks("scalingo-api-token")),
    _row("zuplo-key", "zpka_", r"[A-Za-z0-9_]{40,}",
         _betterleaks("zuplo-consumer-api-key.1")),
    _row("snyk-token", "snyk_", r"(?:uat|sat)\.[A-Za-z0-9_.-]{40,}",
         "https://github.com/snyk/go-application-framework"),
    *(_row("harness-token", mark, rf"{A}{{22}}\.[0-9a-f]{{24}}\.{A}{{20}}",
           _gitleaks("harness-api-key"),
           left=WORD, probe=rf"{mark[:3]}\.{A}{{8}}") for mark in ("pat.", "sat.")),
    _row("intercom-token", "dG9rO", r"[A-Za-z0-9+/=]{40,}",
         FOUND),
    _row("amazon-mws-token", "amzn.mws.",
         r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", FOUND),
    _row("amazon-oauth-secret", "amzn1.oa2-cs.v1.", r"[0-9a-f]{64}", FOUND),
    _row("adobe-secret", "p8e-", rf"{B64}{{32}}", _gitleaks("adobe-client-secret")),
    _row("frameio-token", "fio-u-", rf"{B64}{{60,}}", _gitleaks("frameio-api-token")),
    _row("lob-key", "live_", r"(?:pub_[0-9a-f]{31}|[0-9a-f]{35})",
         _gitleaks("lob-api-key, lob-pub-api-key"), left=WORD, probe="live_[a-f0-9p]"),
    _row("slack-token", "xoxd-", r"[A-Za-z0-9%+/=_-]{40,}",
         _betterleaks("slack-session-cookie")),
    _row("slack-token", "xoxe.xox", r"[bp]-[0-9A-Za-z-]{40,}",
         _gitleaks("slack-config-access-token")),
    _row("apify-token", "apify_api_", rf"{A}{{34,}}", _kingfisher("apify.1")),
    _row("aiven-password", "AVNS_", rf"{B64}{{16,}}", FOUND),
    _row("neon-password", "npg_", rf"{A}{{12}}(?:{A}{{4}})?",
         FOUND, left=WORD),
    _row("cursor-key", "crsr_", rf"{A}{{40,}}", FOUND, left=WORD),
    _row("runpod-key", "rpa_", r"[A-Z0-9]{40}[A-Za-z0-9]{6}",
         _betterleaks("runpod-api-key.1"), left=WORD),
    Pattern("newrelic-key", "FFFFNRAL", r"(?:[a-z]{2}[0-9]{2}xx[0-9a-f]{26}|[0-9a-f]{32})FFFFNRAL",
            FOUND),
    Pattern("maxmind-key", "_mmk", rf"{A}{{6}}_{A}{{29,}}_mmk",
            _gitleaks("maxmind-license-key")),
    _row("confluent-secret", "cflt", r"[A-Za-z0-9+/]{60}",
         "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html#api-secret-format", left=LEFT, probe=rf"cflt{A}{{8}}"),
    Pattern("x-token", "AAAAAAAAAAAAAAAAAAAAA",
            rf"A{{21,24}}{A}{{8,40}}%[23][0-9A-F][A-Za-z0-9%]{{30,}}",
            _gitleaks("twitter-bearer-token")),
    _row("trello-token", "ATTA", r"[0-9A-Fa-f]{60,80}", FOUND, left=LEFT,
         probe="ATTA[0-9A-Fa-f]{8}"),
    Pattern("onepassword-key", "A3-",
            r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
            _gitleaks("1password-secret-key")),
    Pattern("linkedin-secret", "WPL_AP",
            r"WPL_AP[01]\.[A-Za-z0-9]{14,20}\.[A-Za-z0-9+/]{6,8}={0,2}", FOUND),
    Pattern("asana-token", "1/\n2/", r"[12]/[0-9]{10,18}(?:/[0-9]{10,18})?:[0-9a-f]{32}",
            _kingfisher("asana.4, .5"), r"[0-9]{10}:[0-9a-f]{8}"),
    _row("rootly-key", "rootly_", r"[0-9a-f]{64}", _betterleaks("rootly-api-key.1")),
    *(_row("xata-key", mark, rf"{A}{{32,}}", XATA, left=WORD, probe=rf"{mark}{A}{{8}}")
      for mark in ("xau_", "xao_")),
    _row("defined-key", "dnkey-", r"[A-Z0-9]{26}-[A-Z0-9]{52}",
         _gitleaks("defined-networking-api-token")),
    _row("clickhouse-key", "4b1d", rf"{A}{{38}}", _gitleaks("clickhouse-cloud-api-secret-key"),
         left=WORD, probe=rf"4b1d{A}{{8}}"),
    _row("intra42-secret", "s-s4t2", "(?:ud|af)-[0-9a-f]{64}", _gitleaks("intra42-client-secret")),
    *(_row("settlemint-token", f"sm_{kind}_", rf"{A}{{16}}",
           _gitleaks(f"settlemint-{of}-access-token"), left=WORD)
      for kind, of in (("aat", "application"), ("pat", "personal"), ("sat", "service"))),
    *(_row("ubidots-token", mark, rf"{A}{{30,}}", _trufflehog("ubidots")) for mark in ("BBFF-", "BBUS-")),
    _row("aws-bedrock-key", "bedrock-api-key-", r"[A-Za-z0-9+/]{40,}={0,2}",
         _betterleaks("aws-amazon-bedrock-api-key-short-lived")),
    Pattern("google-api-key", "AQ.Ab8RN6", rf"{LEFT}(?P<v>AQ\.Ab8RN6{B64}{{40,}})",
            _betterleaks("gcp-gemini-api")),
    _row("yandex-token", "t1.", rf"{B64}{{20,}}={{0,2}}\.{B64}{{86}}={{0,2}}",
         _gitleaks("yandex-access-token"), left=WORD, probe=rf"t1\.{B64}{{8}}"),
    Pattern("amazon-oauth-token", "Atz", r"Atz[ar]\|[A-Za-z0-9_-]{40,}",
            "https://developer.amazon.com/docs/login-with-amazon/access-token.html",
            r"Atz[ar]\|"),
    Pattern("azure-ai-key", "JQQJ99", rf"{A}{{52}}JQQJ99{A}{{26}}", AZURE_KEYS),
    Pattern("bitwarden-token", "==", rf"(?:[^A-Za-z0-9.]|^)(?P<v>0\.[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\.{A}{{30}}:[A-Za-z0-9+/]{{22}}==)",
            "https://github.com/bitwarden/sdk-internal/blob/main/crates/bitwarden-core/src/auth/access_token.rs",
            rf"\.{A}{{30}}:"),
    Pattern("astra-token", "AstraCS:", rf"AstraCS:{A}{{24}}:{A}{{64}}",
            "https://github.com/datastax/astra-cli"),
    _row("helicone-key", "k-helicone-", r"(?:eu-)?(?:rl-|proxy-)?[a-z0-9]{7}(?:-[a-z0-9]{7}){3}",
         "https://github.com/Helicone/helicone/blob/main/worker/src/lib/util/apiKeyRegex.ts"),
    _row("composio-key", "uak_", rf"{B64}{{43}}", COMPOSIO, left=WORD),
    *(_row("composio-key", mark, rf"{B64}{{20}}", COMPOSIO, left=WORD, right=STOP,
           probe=rf"{mark}{B64}{{8}}") for mark in ("ak_", "oak_")),
    *(_row("ory-token", f"ory_{kind}_", r"[A-Za-z0-9_.-]{28,}", ORY, left=WORD)
      for kind in ("st", "lo", "at", "rt", "ac", "pat", "apikey", "wak")),
    _row("onesignal-key", "os_v2_", r"(?:app|org)_[a-z0-9]{20,}",
         "https://github.com/OneSignal/onesignal-agent-plugin/blob/main/scripts/scan_secrets.py"),
    _row("stytch-secret", "secret-", rf"(?:live|test)-{B64}{{34,}}=?",
         "https://github.com/stytchauth/stytch-node/blob/main/README.md",
         probe="secret-(?:live|test)-"),
    _row("mercury-token", "mercury_", rf"(?:production|sandbox)_[a-z]{{2,8}}_{A}{{30,}}_yrucrem",
         "https://docs.mercury.com/docs/getting-started"),
    _row("elastic-key", "essu_", r"[A-Za-z0-9_+/-]{60,}={0,2}", _betterleaks("elastic-cloud-api-key")),
    _row("llama-cloud-key", "llx-", rf"{A}{{40,}}",
         "https://github.com/run-llama/llama_cloud_services/blob/main/py/llama_parse/README.md",
         left=WORD),
    _row("kaggle-token", "KGAT_", "[0-9a-f]{32,}",
         "https://github.com/Kaggle/kaggle-skills/blob/main/kaggle-standardized-agent-exam/SKILL.md"),
    _row("brave-key", "BSA", rf"{B64}{{24,40}}", _betterleaks("brave-search-api-key"), left=LEFT,
         right=NO_BASE64, probe=rf"BSA{B64}{{8}}"),
    _row("cursor-key", "key_", "[0-9a-f]{64}", _betterleaks("cursor-api-key"), left=WORD,
         probe="key_[0-9a-f]{8}"),
    _row("minimax-key", "sk-api-", rf"{B64}{{100,}}", _betterleaks("minimax-api-key")),
    _row("canva-secret", "cnvca", rf"{B64}{{51}}", _betterleaks("canva-client-secret"), left=WORD),
    _row("cockroach-key", "CCDB1_", rf"{A}{{22}}_{A}{{40}}",
         _betterleaks("cockroachlabs-cloud-api-key")),
    _row("deno-token", "ddp_", rf"{A}{{36}}", _betterleaks("deno-account-token"), left=WORD),
    _row("devin-key", "apk_user_", r"[A-Za-z0-9+/]{100,}={0,2}",
         _betterleaks("devin-personal-api-key")),
    _row("devin-key", "cog_", "[a-z2-7]{52}", _betterleaks("devin-service-user-token"), left=WORD,
         probe="cog_[a-z2-7]{8}"),
    _row("aikido-secret", "AIK_", rf"(?:CI_{A}{{20,}}|SECRET_{A}{{64}})",
         _betterleaks("aikido-ci-token, aikido-client-secret")),
    _row("upcloud-token", "ucat_", rf"{A}{{24,}}", _betterleaks("upcloud-api-token"), left=WORD),
    _row("clickup-token", "pk_", r"[0-9]{7,9}_[A-Za-z0-9]{32}",
         _betterleaks("clickup-personal-api-token"), left=WORD, probe="pk_[0-9]{7,9}_"),
    _row("klaviyo-key", "pk_", "[0-9a-f]{34}", _betterleaks("klaviyo-api-key"), left=WORD, right=STOP,
         probe="pk_[0-9a-f]{8}"),
    _row("wakatime-key", "waka_", "[a-z0-9]{36,}", _betterleaks("wakatime-api-key.2")),
    _row("val-town-token", "vtwn_", rf"{B64}{{20,}}", _betterleaks("val-town-api-token.1")),
    _row("unkey-key", "unkey_", rf"{A}{{20,}}", _betterleaks("unkey-root-key.1"), left=WORD),
    _row("mergify-key", "mergify_application_key_", rf"{B64}{{40,}}",
         _betterleaks("mergify-application-key")),
    Pattern("telnyx-key", "KEY", rf"{WORD}(?P<v>KEY[0-9A-F]{{32}}_[A-Za-z0-9_-]{{22}})",
            _betterleaks("telnyx-api-v2-key.1"), "KEY[0-9A-F]{32}_"),
    *(_row("bitcoin-key", mark, r"[1-9A-HJ-NP-Za-km-z]{105,112}",
           "https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki")
      for mark in ("xprv", "yprv", "zprv", "tprv", "uprv", "vprv")),
    _row("nostr-key", "nsec1", "[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}",
         "https://github.com/nostr-protocol/nips/blob/master/19.md"),
    _row("salesforce-token", "00D", r"[A-Za-z0-9]{12,15}![A-Za-z0-9._]{80,}",
         _noseyparker("np.salesforce.1"), left=LEFT, probe="00D[A-Za-z0-9]{4}"),
    _row("matrix-token", "syt_", r"[A-Za-z0-9+/]{2,200}={0,2}_[A-Za-z]{20}_[A-Za-z0-9]{6}",
         "https://github.com/element-hq/synapse/blob/develop/synapse/handlers/auth.py", left=WORD),
    _row("databricks-token", "dose", r"(?:[0-9a-f]{32}|[A-Za-z0-9_.-]{32})",
         _trufflehog("databricksauth"), left=WORD, right=STOP, probe=rf"dose{A}{{4}}"),
    Pattern("deepl-key", ":fx",
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:fx",
            _kingfisher("deepl.1")),
    *(_row("browserbase-key", mark, rf"{B64}{{27}}", _kingfisher("browserbase.1"), left=WORD)
      for mark in ("bb_live_", "bb_test_")),
    _row("dingtalk-secret", "SEC", "[0-9a-f]{64}",
         "https://open.dingtalk.com/document/robots/customize-robot-security-settings", left=WORD,
         probe="SEC[0-9a-f]{8}"),
    _row("infisical-token", "st.", r"[A-Za-z0-9_-]{12,48}\.[0-9a-f]{12,64}\.[0-9a-f]{16,64}",
         _kingfisher("infisical.1"), left=WORD, probe=r"st\.[A-Za-z0-9_-]{12}"),
    _row("mapbox-token", "tk.eyJ", rf"{B64}{{20,}}\.{B64}{{16,}}", MAPBOX),
    Pattern("age-secret-key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}",
            "https://age-encryption.org/v1"),
    Pattern("accrete-token", "acr_", rf"acr_[a-z0-9-]{{1,40}}_{B64}{{32,}}", "Accrete's own"),
    Pattern("jwt", "eyJ", rf"eyJ{B64}{{8,600}}\.(?:eyJ{B64}{{8,}}|{B64}*\.{B64}{{8,}})\.{B64}{{16,}}(?:\.{B64}{{8,}})?", "https://www.rfc-editor.org/rfc/rfc7519", rf"eyJ{B64}{{8}}"),
)  # fmt: skip
