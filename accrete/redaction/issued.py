"""Secrets known by their shape: a row for each token with an issuer's mark, with the issuer's page.

No pattern begins with a word boundary where the mark is unmistakable: `bot123:AA…`, `x_ghp_…` and `nghp_…` hold tokens.
"""

from __future__ import annotations

import re

from accrete.redaction.judge import is_random, oddness
from accrete.redaction.patterns import B64, END, A, Pattern, always

_HEX = re.compile("(?:[0-9][a-f]*){8}$")
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


def _row(kind: str, mark: str, body: str, source: str, *, left: str = "", probe: str = "") -> Pattern:
    """A token that is `mark` and then `body`, with the check that it was drawn and not written."""
    literal = "".join("\\" + c if c in ".+" else c for c in mark)
    shape = f"{left}(?P<v>{literal}{body})" if left in (LEFT, WORD) else f"{left}{literal}{body}"
    return Pattern(kind, mark, shape, source, probe, always if "0-9a-f" in body else _drawn)


GITHUB = "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/"
GITLAB = "https://docs.gitlab.com/security/tokens/#token-prefixes"
SLACK = "https://api.slack.com/authentication/token-types"
STRIPE = "https://docs.stripe.com/keys"
AWS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"
OPENAI = "https://platform.openai.com/docs/api-reference/authentication"
DISCORD = "https://discord.com/developers/docs/reference#authentication"
AZURE = "https://learn.microsoft.com/purview/sit-defn-azure-storage-account-key-generic"
VAULT = "https://developer.hashicorp.com/vault/docs/concepts/tokens"
FLY = "https://fly.io/docs/security/tokens/"
ATLASSIAN = "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/"
CLOUDFLARE = "https://developers.cloudflare.com/fundamentals/api/get-started/token-formats"
VERCEL = "https://vercel.com/changelog/new-token-formats-and-secret-scanning"
GRAFANA = "https://grafana.com/docs/grafana/latest/administration/service-accounts/"
SONAR = "https://docs.sonarsource.com/sonarqube-server/latest/user-guide/managing-tokens/"
SCANNED = "https://docs.github.com/en/code-security/reference/secret-security/supported-secret-scanning-patterns"
"""GitHub's list of the tokens that issuers had it look for; for issuers whose own pages do not spell the shape."""
GITLEAKS = "https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml"
KINGFISHER = "https://github.com/mongodb/kingfisher/tree/main/crates/kingfisher-rules/data/rules"
TRUFFLEHOG = "https://github.com/trufflesecurity/trufflehog/tree/main/pkg/detectors"
"""Lists of shapes that others keep, for issuers whose pages give the prefix at most."""

_DISCORD = rf"(?:[^A-Za-z0-9]|^)(?P<v>[MNO][A-Za-z0-9_-]{{23,27}}\.{B64}{{6}}\.{B64}{{27,45}})"

ISSUED: tuple[Pattern, ...] = (
    *(Pattern("aws-access-key", mark, rf"(?P<v>{mark}[A-Z0-9]{{16}}){END}", AWS, "", _no_sample)
      for mark in ("AKIA", "ASIA", "ABIA", "ACCA")),
    _row("aws-bedrock-key", "ABSK", r"[A-Za-z0-9+/]{60,}={0,2}", "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html", left=LEFT),
    Pattern("anthropic-key", "sk-ant-", rf"sk-ant-(?:[a-z]{{2,8}}[0-9]{{2}}-)?{B64}{{20,}}", "https://docs.anthropic.com/en/api/overview"),
    Pattern("openai-key", "sk-", rf"{WORD}(?P<v>sk-(?:proj|svcacct|admin|None)-{B64}{{20,}})", OPENAI, r"sk-[psaN]", _drawn),
    Pattern("openai-key", "T3BlbkFJ", rf"{WORD}(?P<v>sk-{B64}{{16,}}T3BlbkFJ{B64}{{16,}})", OPENAI),
    Pattern("api-key", "sk-", rf"{WORD}(?P<v>sk-{A}{{32,}})", "https://api-docs.deepseek.com/", rf"sk-{A}{{8}}", _drawn),
    Pattern("openrouter-key", "sk-or-", r"sk-or-(?:v1-)?[0-9a-f]{48,}", "https://openrouter.ai/docs/api-reference/authentication"),
    Pattern("langfuse-key", "sk-lf-", r"sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "https://langfuse.com/docs/api-and-data-platform/features/public-api"),
    _row("groq-key", "gsk_", rf"{A}{{32,}}", "https://console.groq.com/docs/quickstart"),
    _row("xai-key", "xai-", rf"{A}{{40,}}", "https://docs.x.ai/docs/tutorial"),
    _row("huggingface-token", "hf_", rf"{A}{{30,40}}", "https://huggingface.co/docs/hub/security-tokens", probe=rf"hf_{A}{{8}}")._replace(check=lambda v: is_random(v[3:])),
    _row("huggingface-token", "api_org_", rf"{A}{{30,40}}", "https://huggingface.co/docs/hub/security-tokens"),
    _row("replicate-token", "r8_", rf"{A}{{37}}", "https://replicate.com/docs/reference/http#authentication", probe=rf"r8_{A}{{8}}"),
    _row("perplexity-key", "pplx-", rf"{A}{{40,}}", "https://docs.perplexity.ai/guides/getting-started"),
    _row("nvidia-key", "nvapi-", rf"{B64}{{40,}}", "https://docs.api.nvidia.com/nim/docs/api-quickstart"),
    _row("cerebras-key", "csk-", rf"{A}{{40,}}", "https://inference-docs.cerebras.ai/quickstart"),
    _row("fireworks-key", "fw_", rf"{A}{{20,}}", "https://docs.fireworks.ai/api-reference/introduction", probe=rf"fw_{A}{{8}}"),
    _row("together-key", "tgp_v1_", rf"{B64}{{30,}}", "https://docs.together.ai/docs/quickstart"),
    _row("tavily-key", "tvly-", rf"{B64}{{20,}}", "https://docs.tavily.com/documentation/quickstart"),
    _row("firecrawl-key", "fc-", r"[0-9a-f]{32}", "https://docs.firecrawl.dev/introduction", probe="fc-[0-9a-f]{8}"),
    _row("pinecone-key", "pcsk_", r"[A-Za-z0-9_]{40,}", "https://docs.pinecone.io/guides/projects/manage-api-keys"),
    _row("jina-key", "jina_", rf"{B64}{{40,}}", "https://jina.ai/api-dashboard/"),
    _row("langsmith-key", "lsv2_", r"(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}", "https://docs.langchain.com/langsmith/create-account-api-key"),
    _row("wandb-key", "wandb_v1_", r"[A-Za-z0-9_]{40,}", "https://docs.wandb.ai/support/find_api_key"),
    _row("e2b-key", "e2b_", r"[0-9a-f]{40}", "https://e2b.dev/docs/api-key"),
    _row("elevenlabs-key", "sk_", r"[0-9a-f]{48}", "https://elevenlabs.io/docs/api-reference/authentication", probe="sk_[0-9a-f]{8}"),
    _row("voyage-key", "pa-", rf"{B64}{{40,}}", "https://docs.voyageai.com/docs/api-key-and-installation", left=WORD, probe=rf"pa-{B64}{{8}}"),
    *(Pattern("github-token", f"gh{c}_", rf"gh{c}_{A}{{36,255}}", GITHUB, "", _drawn) for c in "pousr"),
    Pattern("github-token", "github_pat_", r"github_pat_[A-Za-z0-9_]{40,255}", GITHUB),
    *(Pattern("gitlab-token", mark, rf"{mark}[A-Za-z0-9_.-]{{20,}}", GITLAB, "", _drawn)
      for mark in ("glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "glffct-", "glwt-")),
    _row("gitlab-token", "GR1348941", rf"{B64}{{20,}}", GITLAB),
    Pattern("slack-token", "xox", rf"xox[a-z](?:\.xox[a-z])?-{A}{{6,}}(?:-{A}{{6,}})+", SLACK, r"xox[a-z][-.]"),
    Pattern("slack-token", "xoxe-", rf"xoxe-[0-9]-{A}{{40,}}", SLACK),
    Pattern("slack-token", "xapp-", rf"xapp-[0-9]-{A}{{8,}}-[0-9]{{8,}}-{A}{{32,}}", SLACK),
    Pattern("slack-webhook", "hooks.slack", rf"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<v>{A}{{6,}}(?:/{A}{{6,}})+)", "https://api.slack.com/messaging/webhooks"),
    Pattern("discord-webhook", "/api/webhooks/", rf"/api/webhooks/[0-9]{{16,20}}/(?P<v>{B64}{{60,80}})", "https://discord.com/developers/docs/resources/webhook"),
    Pattern("discord-token", ".", _DISCORD, DISCORD, rf"\.{B64}{{6}}\.{B64}{{8}}", _drawn),
    Pattern("teams-webhook", "webhook.office.com", r"webhook\.office\.com/webhookb2/(?P<v>[A-Za-z0-9@/-]{60,})", "https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook"),
    Pattern("zapier-webhook", "hooks.zapier.com", r"hooks\.zapier\.com/hooks/catch/(?P<v>[0-9]{4,}/[A-Za-z0-9]{5,})", "https://help.zapier.com/hc/en-us/articles/8496288690317"),
    _row("npm-token", "npm_", rf"{A}{{36}}", "https://docs.npmjs.com/about-access-tokens"),
    Pattern("npm-token", "_authToken", r"_authToken=(?P<v>[A-Za-z0-9/+=_-]{16,})", "https://docs.npmjs.com/cli/configuring-npm/npmrc"),
    Pattern("pypi-token", "pypi-", rf"pypi-AgE{B64}{{40,}}", "https://pypi.org/help/#apitoken"),
    _row("rubygems-key", "rubygems_", r"[0-9a-f]{48}", "https://guides.rubygems.org/api-key-scopes/"),
    _row("nuget-key", "oy2", r"[a-z0-9]{43}", "https://learn.microsoft.com/nuget/nuget-org/scoped-api-keys", left=WORD, probe="oy2[a-z0-9]{8}"),
    _row("clojars-token", "CLOJARS_", r"[0-9a-f]{60}", "https://github.com/clojars/clojars-web/wiki/Deploy-Tokens"),
    _row("crates-token", "cio", rf"{A}{{32}}", "https://doc.rust-lang.org/cargo/reference/registry-authentication.html", left=WORD, probe=rf"cio{A}{{8}}"),
    *(Pattern("stripe-key", mark, rf"{mark}{A}{{16,}}", STRIPE, "", _drawn) for mark in ("sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_", "rk_prod_")),
    Pattern("stripe-webhook-secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{24,}", "https://docs.stripe.com/webhooks", "", _drawn),
    Pattern("google-api-key", "AIza", rf"{LEFT}(?P<v>AIza{B64}{{35}})", "https://cloud.google.com/docs/authentication/api-keys"),
    Pattern("google-oauth-secret", "GOCSPX-", rf"GOCSPX-{B64}{{20,}}", "https://developers.google.com/identity/protocols/oauth2"),
    Pattern("google-oauth-token", "ya29.", rf"ya29\.{B64}{{30,}}", "https://developers.google.com/identity/protocols/oauth2"),
    Pattern("google-oauth-token", "1//0", rf"{WORD}(?P<v>1//0{B64}{{40,}})", "https://developers.google.com/identity/protocols/oauth2"),
    Pattern("azure-storage-key", "AccountKey", r"AccountKey=(?P<v>[A-Za-z0-9+/]{80,}={0,2})", AZURE),
    Pattern("azure-storage-key", "+ASt\nAPIM\nACDb\n+ABa\nAzFu\nAzSe\n+ARm\n+AEh\n+AIo\n+ASb", r"(?:[^A-Za-z0-9+/]|^)(?P<v>[A-Za-z0-9+/]{76}(?:\+ASt|APIM|ACDb|\+ABa|AzFu|AzSe|\+ARm|\+AEh|\+AIo|\+ASb)[A-Za-z0-9+/]{5,7}[AQgw]?==)", AZURE, r"(?:\+ASt|APIM|ACDb|\+ABa|AzFu|AzSe|\+ARm|\+AEh|\+AIo|\+ASb)[A-Za-z0-9+/]{5}"),
    Pattern("azure-sas", "sig=", rf"{WORD}sig=(?P<v>[A-Za-z0-9%+/_-]{{30,}}={{0,2}})", "https://learn.microsoft.com/azure/storage/common/storage-sas-overview", "", _drawn),
    Pattern("azure-shared-access-key", "SharedAccessKey", r"SharedAccessKey=(?P<v>[A-Za-z0-9+/]{30,}={0,2})", "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas"),
    Pattern("azure-ad-secret", "Q~", r"(?:[^A-Za-z0-9_.~-]|^)(?P<v>[A-Za-z0-9_.~-]{3}[0-9]Q~[A-Za-z0-9_.~-]{31,34})", "https://learn.microsoft.com/purview/sit-defn-client-secret-api-key"),
    Pattern("azure-devops-token", "AZDO", rf"{A}{{52}}[0-9A-Za-z]{{20,24}}AZDO{A}{{4}}", "https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate"),
    Pattern("sendgrid-key", "SG.", rf"SG\.{B64}{{16,32}}\.{B64}{{30,64}}", "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys"),
    Pattern("twilio-key", "SK", rf"{WORD}(?P<v>SK[0-9a-f]{{32}}){END}", "https://www.twilio.com/docs/glossary/what-is-a-sid", r"SK[0-9a-f]{8}"),
    Pattern("mailgun-key", "key-", rf"{WORD}(?P<v>key-[0-9a-f]{{32}}){END}", "https://documentation.mailgun.com/docs/mailgun/api-reference/authentication", r"key-[0-9a-f]{8}"),
    Pattern("mailchimp-key", "-us", r"[0-9a-f]{32}-us[0-9]{1,2}\b", "https://mailchimp.com/developer/marketing/guides/quick-start/", "-us[0-9]"),
    Pattern("brevo-key", "xkeysib-", rf"xkeysib-[0-9a-f]{{64}}-{A}{{16}}", "https://developers.brevo.com/docs/getting-started"),
    Pattern("brevo-key", "xsmtpsib-", rf"xsmtpsib-[0-9a-f]{{64}}-{A}{{16}}", "https://developers.brevo.com/docs/getting-started"),
    _row("resend-key", "re_", rf"{A}{{8}}_{A}{{20,}}", "https://resend.com/docs/dashboard/api-keys/introduction", left=WORD, probe=rf"re_{A}{{8}}_"),
    _row("mailersend-key", "mlsn.", r"[0-9a-f]{64}", "https://developers.mailersend.com/general.html"),
    *(Pattern("digitalocean-token", mark, rf"{mark}[0-9a-f]{{64}}", "https://docs.digitalocean.com/reference/api/create-personal-access-token/") for mark in ("dop_v1_", "doo_v1_", "dor_v1_")),
    Pattern("docker-token", "dckr_", rf"dckr_(?:pat|oat)_{B64}{{20,}}", "https://docs.docker.com/security/access-tokens/"),
    *(Pattern("vault-token", mark, rf"{mark[:3]}\.{B64}{{24,}}", VAULT, "", _drawn) for mark in ("hvs.", "hvb.", "hvr.")),
    Pattern("terraform-token", ".atlasv1.", rf"{A}{{14}}\.atlasv1\.{B64}{{60,}}", "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens"),
    Pattern("databricks-token", "dapi", r"dapi[0-9a-f]{32}(?:-[0-9])?\b", "https://docs.databricks.com/dev-tools/auth/pat.html", r"dapi[0-9a-f]{8}"),
    Pattern("shopify-token", "shp", r"shp(?:at|ca|pa|ss|rt|ua)_[0-9a-fA-F]{32}", "https://shopify.dev/changelog/length-of-the-shopify-access-token-is-increasing", r"shp[acprsu][ast]_"),
    Pattern("square-token", "sq0", rf"sq0[a-z]{{3}}-{B64}{{22,}}", "https://developer.squareup.com/docs/build-basics/access-tokens"),
    _row("square-token", "EAAA", r"[A-Za-z0-9+=_-]{60}(?:[^A-Za-z0-9_/+=-]|$)", KINGFISHER, left=LEFT, probe=r"EAAA[A-Za-z0-9+=_-]{8}"),
    _row("facebook-token", "EAA", rf"{A}{{100,}}(?:[^A-Za-z0-9+/=]|$)", "https://developers.facebook.com/docs/facebook-login/guides/access-tokens", left=LEFT, probe=rf"EAA{A}{{8}}"),
    Pattern("telegram-token", ":AA", rf"[0-9]{{8,10}}:AA{B64}{{33}}", "https://core.telegram.org/bots/api#authorizing-your-bot"),
    Pattern("telegram-token", "/bot", rf"/bot(?P<v>[0-9]{{5,12}}:{B64}{{30,}})", "https://core.telegram.org/bots/api#making-requests"),
    _row("linear-key", "lin_", rf"(?:api|oauth|wh)_{A}{{32,}}", "https://linear.app/developers/graphql"),
    _row("notion-token", "ntn_", rf"{A}{{40,}}", "https://developers.notion.com/changelog/changes-to-token-format"),
    _row("notion-token", "secret_", rf"{A}{{43}}", "https://developers.notion.com/docs/authorization", probe=rf"secret_{A}{{8}}"),
    _row("sentry-token", "sntry", r"[su]_[A-Za-z0-9+/=_-]{40,}", "https://docs.sentry.io/account/auth-tokens/"),
    Pattern("newrelic-key", "NRAK-", r"NRAK-[A-Z0-9]{27}", "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"),
    Pattern("newrelic-key", "NRI", rf"NRI[IQ]-{B64}{{25,32}}", TRUFFLEHOG, "NRI[IQ]-"),
    _row("grafana-token", "glsa_", r"[A-Za-z0-9+/=_]{32,}", GRAFANA),
    _row("grafana-token", "glc_", r"[A-Za-z0-9+/=_]{32,}", GRAFANA),
    Pattern("doppler-token", "dp.", rf"{WORD}(?P<v>dp\.(?:pt|st|ct|sa|scim|audit|said)\.(?:[a-z0-9_-]{{1,40}}\.)?{A}{{40,}})", "https://docs.doppler.com/docs/service-tokens"),
    _row("planetscale-token", "pscale_", r"(?:tkn|oauth|pw)_[A-Za-z0-9_.=-]{32,}", "https://planetscale.com/docs/api/reference/service-tokens"),
    _row("supabase-key", "sbp_", r"(?:oauth_)?[0-9a-f]{40}", "https://supabase.com/docs/reference/api/introduction"),
    _row("supabase-key", "sb_secret_", rf"{B64}{{20,}}", "https://supabase.com/docs/guides/api/api-keys"),
    _row("neon-key", "napi_", r"[a-z0-9]{40,}", "https://neon.com/docs/manage/api-keys"),
    _row("tailscale-key", "tskey-", rf"(?:[a-z]{{2,12}}-)?{A}{{8,}}(?:-{A}{{16,}})?", "https://tailscale.com/kb/1277/key-prefixes"),
    *(_row("figma-token", mark, rf"{B64}{{30,}}", "https://www.figma.com/developers/api#access-tokens") for mark in ("figd_", "figo_", "figu_", "figor_")),
    *(_row("atlassian-token", mark, r"[A-Za-z0-9_=-]{40,}", ATLASSIAN) for mark in ("ATATT3x", "ATCTT3x", "ATSTT3x")),
    _row("bitbucket-password", "ATBB", rf"{A}{{28,}}", "https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/", left=LEFT),
    *(_row("fly-token", mark, r"[A-Za-z0-9_+/=-]{40,}", FLY) for mark in ("fm1_", "fm2_", "fm1r_", "fm1a_", "fo1_")),
    *(_row("cloudflare-token", mark, rf"{A}{{40,}}", CLOUDFLARE) for mark in ("cfk_", "cfut_", "cfat_")),
    Pattern("cloudflare-origin-key", "v1.0-", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}", "https://developers.cloudflare.com/fundamentals/api/get-started/ca-keys/"),
    *(_row("vercel-token", mark, rf"{A}{{24,}}", VERCEL, left=WORD) for mark in ("vcp_", "vci_", "vca_", "vcr_", "vck_")),
    _row("vercel-blob-token", "vercel_blob_rw_", r"[A-Za-z0-9_]{30,}", "https://vercel.com/docs/vercel-blob"),
    _row("netlify-token", "nfp_", rf"{A}{{30,}}", "https://docs.netlify.com/api/get-started/#authentication"),
    _row("heroku-key", "HRKU-", r"[A-Za-z0-9_-]{36,}", "https://devcenter.heroku.com/articles/authentication"),
    _row("render-key", "rnd_", rf"{A}{{24,}}", "https://render.com/docs/api", left=WORD, probe=rf"rnd_{A}{{8}}"),
    _row("pulumi-token", "pul-", r"[0-9a-f]{40}", "https://www.pulumi.com/docs/administration/access-identity/access-tokens/"),
    _row("postman-key", "PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}", "https://learning.postman.com/docs/developer/postman-api/authentication/"),
    _row("airtable-token", "pat", rf"{A}{{14}}\.[0-9a-f]{{64}}", "https://airtable.com/developers/web/guides/personal-access-tokens", left=WORD, probe=rf"pat{A}{{14}}\."),
    _row("hubspot-token", "pat-", r"(?:na|eu)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "https://developers.hubspot.com/docs/guides/apps/private-apps/overview"),
    _row("typeform-token", "tfp_", r"[A-Za-z0-9_.=-]{40,}", "https://www.typeform.com/developers/get-started/personal-access-token/"),
    _row("contentful-token", "CFPAT-", rf"{B64}{{40,}}", "https://www.contentful.com/developers/docs/references/authentication/"),
    _row("dynatrace-token", "dt0", r"[a-z][0-9]{2}\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}", "https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication", probe=r"dt0[a-z][0-9]{2}\."),
    *(_row("sonar-token", mark, r"[0-9a-f]{40}", SONAR) for mark in ("sqp_", "squ_", "sqa_", "sqb_")),
    _row("sourcegraph-token", "sgp_", r"(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}", "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token"),
    _row("artifactory-key", "AKCp", rf"{A}{{60,}}", "https://jfrog.com/help/r/jfrog-platform-administration-documentation/api-key", left=LEFT),
    _row("artifactory-token", "cmVmdGtu", rf"{A}{{50,}}", "https://jfrog.com/help/r/jfrog-platform-administration-documentation/reference-tokens"),
    _row("buildkite-token", "bkua_", r"[0-9a-f]{40}", "https://buildkite.com/docs/apis/managing-api-tokens"),
    _row("circleci-token", "CCIPAT_", r"[A-Za-z0-9_]{40,}", "https://circleci.com/docs/managing-api-tokens/"),
    _row("circleci-token", "CCIPRJ_", r"[A-Za-z0-9_]{40,}", "https://circleci.com/docs/managing-api-tokens/"),
    _row("openshift-token", "sha256~", rf"{B64}{{43}}", "https://docs.openshift.com/container-platform/latest/authentication/managing-oauth-access-tokens.html"),
    _row("posthog-key", "phx_", rf"{A}{{40,}}", "https://posthog.com/docs/api"),
    _row("prefect-key", "pnu_", rf"{A}{{36}}", "https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/api-keys"),
    _row("prefect-key", "pnb_", rf"{A}{{36}}", "https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/api-keys"),
    _row("onepassword-token", "ops_eyJ", r"[A-Za-z0-9+/=_-]{100,}", "https://developer.1password.com/docs/service-accounts/"),
    _row("mongodb-secret", "mdb_sa_sk_", rf"{B64}{{30,}}", "https://www.mongodb.com/docs/atlas/api/service-accounts-overview/"),
    _row("alibaba-key", "LTAI", rf"{A}{{12,24}}", "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair", left=LEFT, probe=rf"LTAI{A}{{8}}"),
    _row("tencent-key", "AKID", rf"{A}{{32}}", "https://www.tencentcloud.com/document/product/598/32675", left=LEFT, probe=rf"AKID{A}{{8}}"),
    _row("yandex-token", "AQVN", rf"{B64}{{35,}}", "https://yandex.cloud/en/docs/iam/concepts/authorization/api-key", left=LEFT),
    _row("yandex-token", "y0_", rf"{B64}{{50,}}", "https://yandex.com/dev/id/doc/en/tokens/debug-token", left=WORD, probe=rf"y0_{B64}{{8}}"),
    _row("dropbox-token", "sl.", rf"(?:u\.)?{B64}{{120,}}", "https://developers.dropbox.com/oauth-guide", left=WORD, probe=rf"sl\.(?:u\.)?{B64}{{8}}"),
    _row("readme-key", "rdme_", r"[a-z0-9]{60,}", "https://docs.readme.com/main/reference/authentication"),
    _row("shippo-token", "shippo_", r"(?:live|test)_[0-9a-f]{40}", "https://docs.goshippo.com/docs/guides_general/authentication/"),
    _row("easypost-key", "EZ", rf"[AT]K{A}{{54}}", "https://docs.easypost.com/docs/authentication", left=LEFT, probe=rf"EZ[AT]K{A}{{8}}"),
    _row("duffel-token", "duffel_", rf"(?:live|test)_{B64}{{40,}}", "https://duffel.com/docs/api/overview/authentication"),
    _row("flutterwave-key", "FLWSECK", r"[-_A-Za-z0-9]{32,}", "https://developer.flutterwave.com/docs/authentication"),
    _row("mapbox-token", "sk.eyJ", rf"{B64}{{20,}}\.{B64}{{16,}}", "https://docs.mapbox.com/help/dive-deeper/access-tokens/"),
    _row("adafruit-key", "aio_", rf"{A}{{28}}", "https://io.adafruit.com/api/docs/#authentication", left=WORD),
    _row("infracost-key", "ico-", rf"{A}{{32}}", "https://www.infracost.io/docs/cloud_pricing_api/overview/", left=WORD),
    _row("axiom-token", "xaat-", r"[0-9a-f-]{36}", "https://axiom.co/docs/reference/tokens"),
    _row("axiom-token", "xapt-", r"[0-9a-f-]{36}", "https://axiom.co/docs/reference/tokens"),
    _row("honeycomb-key", "hc", rf"[a-z]ik_{A}{{50,}}", "https://docs.honeycomb.io/configure/environments/manage-api-keys/", probe="hc[a-z]ik_"),
    _row("logfire-token", "pylf_v1_", rf"[a-z]{{2,8}}_{A}{{40,}}", "https://logfire.pydantic.dev/docs/how-to-guides/create-write-tokens/"),
    _row("launchdarkly-key", "sdk-", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "https://launchdarkly.com/docs/sdk/concepts/client-side-server-side", left=WORD, probe="sdk-[0-9a-f]{8}-"),
    _row("launchdarkly-key", "api-", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "https://launchdarkly.com/docs/home/account/api", left=WORD, probe="api-[0-9a-f]{8}-"),
    _row("trigger-key", "tr_", rf"(?:dev|prod|stg|pat)_{A}{{20,}}", "https://trigger.dev/docs/apikeys", left=WORD, probe=rf"tr_[a-z]{{3,4}}_{A}{{8}}"),
    _row("inngest-key", "signkey-", r"[a-z]{2,10}-[0-9a-f]{32,}", "https://www.inngest.com/docs/platform/signing-keys"),
    _row("polar-token", "polar_", rf"(?:oat|pat|whs)_{A}{{32,}}", "https://polar.sh/docs/integrate/oat"),
    _row("paddle-key", "pdl_", r"(?:live|sdbx)_apikey_[A-Za-z0-9_]{40,}", "https://developer.paddle.com/api-reference/about/api-keys"),
    _row("plaid-token", "access-", r"(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "https://plaid.com/docs/api/tokens/", probe="access-[sdp][a-z]+-[0-9a-f]{8}-"),
    _row("octopus-key", "API-", r"[A-Z0-9]{26,}", "https://octopus.com/docs/octopus-rest-api/how-to-create-an-api-key", left=WORD, probe="API-[A-Z0-9]{8}"),
    _row("scalingo-token", "tk-us-", rf"{B64}{{48}}", "https://developers.scalingo.com/tokens"),
    _row("zuplo-key", "zpka_", r"[A-Za-z0-9_]{40,}", "https://zuplo.com/docs/articles/api-key-management"),
    _row("snyk-token", "snyk_", r"(?:uat|sat)\.[A-Za-z0-9_.-]{40,}", "https://docs.snyk.io/snyk-api/authentication-for-api"),
    _row("harness-token", "pat.", rf"{A}{{22}}\.[0-9a-f]{{24}}\.{A}{{20}}", "https://developer.harness.io/docs/platform/automation/api/add-and-manage-api-keys/", left=WORD, probe=rf"pat\.{A}{{8}}"),
    _row("intercom-token", "dG9rO", r"[A-Za-z0-9+/=]{40,}", "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication"),
    _row("amazon-mws-token", "amzn.mws.", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", SCANNED),
    _row("amazon-oauth-secret", "amzn1.oa2-cs.v1.", r"[0-9a-f]{64}", SCANNED),
    _row("adobe-secret", "p8e-", rf"{B64}{{32}}", SCANNED),
    _row("frameio-token", "fio-u-", rf"{B64}{{60,}}", SCANNED),
    _row("lob-key", "live_", r"(?:pub_)?[0-9a-f]{35}", SCANNED, left=WORD, probe="live_[a-f0-9p]"),
    _row("rapid7-key", "US-", r"[0-9a-f]{64}", SCANNED, left=WORD, probe="US-[0-9a-f]{8}"),
    _row("slack-token", "xoxd-", r"[A-Za-z0-9%+/=_-]{40,}", SLACK),
    _row("slack-token", "xoxe.xox", r"[bp]-[0-9A-Za-z-]{40,}", "https://docs.slack.dev/authentication/using-token-rotation"),
    _row("apify-token", "apify_api_", rf"{A}{{36,}}", SCANNED),
    _row("aiven-password", "AVNS_", rf"{B64}{{16,}}", SCANNED),
    _row("neon-password", "npg_", rf"{A}{{12}}(?:{A}{{4}})?", "https://neon.com/docs/connect/connect-from-any-app", left=WORD),
    _row("cursor-key", "crsr_", rf"{A}{{40,}}", "https://cursor.com/docs/api", left=WORD),
    _row("runpod-key", "rpa_", r"[A-Z0-9]{40}[A-Za-z0-9]{6}", "https://github.com/betterleaks/betterleaks", left=WORD),
    Pattern("newrelic-key", "FFFFNRAL", r"(?:[a-z]{2}[0-9]{2}xx[0-9a-f]{26}|[0-9a-f]{32})FFFFNRAL", SCANNED),
    Pattern("maxmind-key", "_mmk", rf"{A}{{6}}_{A}{{29,}}_mmk", "https://dev.maxmind.com/geoip/release-notes/2023-03-16-changes-to-maxmind-license-keys/"),
    _row("confluent-secret", "cflt", r"[A-Za-z0-9+/]{60}", "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html#api-secret-format", left=LEFT, probe=rf"cflt{A}{{8}}"),
    Pattern("x-token", "AAAAAAAAAAAAAAAAAAAAA", rf"A{{21,24}}{A}{{8,40}}%[23][0-9A-F][A-Za-z0-9%]{{30,}}", "https://docs.x.com/fundamentals/authentication/oauth-2-0/bearer-tokens"),
    _row("trello-token", "ATTA", r"[0-9A-Fa-f]{60,80}", ATLASSIAN, left=LEFT, probe="ATTA[0-9A-Fa-f]{8}"),
    Pattern("onepassword-key", "A3-", r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}", GITLEAKS),
    Pattern("linkedin-secret", "WPL_AP", r"WPL_AP[01]\.[A-Za-z0-9]{14,20}\.[A-Za-z0-9+/]{6,8}={0,2}", SCANNED),
    Pattern("asana-token", "1/\n2/", r"[12]/[0-9]{10,18}(?:/[0-9]{10,18})?:[0-9a-f]{32}", KINGFISHER, r"[0-9]{10}:[0-9a-f]{8}"),
    _row("rootly-key", "rootly_", r"[0-9a-f]{64}", TRUFFLEHOG),
    _row("xata-key", "xau_", rf"{A}{{32,}}", "https://xata.io/docs/concepts/api-keys", left=WORD, probe=rf"xau_{A}{{8}}"),
    _row("defined-key", "dnkey-", r"[A-Z0-9]{26}-[A-Z0-9]{52}", KINGFISHER),
    *(_row("ubidots-token", mark, rf"{A}{{30,}}", TRUFFLEHOG) for mark in ("BBFF-", "BBUS-")),
    Pattern("age-secret-key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}", "https://age-encryption.org/v1"),
    Pattern("accrete-token", "acr_", rf"acr_[a-z0-9-]{{1,40}}_{B64}{{32,}}", "Accrete's own"),
    Pattern("jwt", "eyJ", rf"eyJ{B64}{{8,600}}\.(?:eyJ{B64}{{8,}}|{B64}*\.{B64}{{8,}})\.{B64}{{16,}}(?:\.{B64}{{8,}})?", "https://www.rfc-editor.org/rfc/rfc7519", rf"eyJ{B64}{{8}}"),
)  # fmt: skip
