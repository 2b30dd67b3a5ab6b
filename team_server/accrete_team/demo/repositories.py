"""The repositories of the demo company, and what there is to work on in each."""

from __future__ import annotations

from typing import NamedTuple


class Topic(NamedTuple):
    """A thing to work on. area: what it is called; file, test: paths; symbol: a function in it;
    trouble: what goes wrong; wish: what is wanted."""

    area: str
    file: str
    test: str
    symbol: str
    trouble: str
    wish: str


class Repository(NamedTuple):
    """A repository. jobs: who works in it; check, lint: the commands of its tests and its
    linter; code: lines as its files have them."""

    name: str
    jobs: frozenset[str]
    check: str
    lint: str
    code: tuple[str, ...]
    topics: tuple[Topic, ...]


_PYTHON = (
    "    if not rows:", "        return None", "    total = sum(row.amount for row in rows)",
    "    for row in rows:", "        seen.add(row.id)", "    return total",
    "    log.info('done', extra={'rows': len(rows)})", "    with self.lock:",
    "        raise ValueError(f'unknown currency {code}')", "    when = clock.now()",
    "    assert result == expected", "    cursor.execute(sql, params)",
)  # fmt: skip
_TYPESCRIPT = (
    "  const total = items.reduce((sum, item) => sum + item.price, 0)", "  if (!items.length) {",
    "    return null", "  }", "  const [open, setOpen] = useState(false)",
    "  useEffect(() => track(event), [event])", "  return <List items={items} />",
    "  expect(screen.getByRole('button')).toBeVisible()", "  await page.waitForURL('/done')",
    "  throw new Error(`no route for ${path}`)", "  const locale = useLocale()",
)  # fmt: skip
_GO = (
    "\tif err != nil {", "\t\treturn nil, err", "\t}",
    "\tctx, cancel := context.WithTimeout(ctx, t)",
    "\tdefer cancel()", "\tfor _, doc := range docs {", "\t\tscores[doc.ID] += weight",
    "\treturn merged, nil", "\tt.Fatalf(\"got %v, want %v\", got, want)", "\tmu.Lock()",
)  # fmt: skip
_KOTLIN = (
    "        val state = viewModel.state.collectAsState()", "        if (cached == null) return",
    "        scope.launch { repository.refresh() }", "        assertEquals(expected, actual)",
    "        cart.items.forEach { render(it) }", "    override fun onResume() {", "    }",
    "        preferences.edit { putLong(KEY, now) }",
)  # fmt: skip
_TERRAFORM = (
    "  count = var.enabled ? 1 : 0", "  tags  = local.tags", "  min_size = 2", "  max_size = 12",
    "  depends_on = [aws_iam_role.worker]", "}", "  retention_in_days = 30",
    "  health_check_path = \"/readyz\"",
)  # fmt: skip

REPOSITORIES: tuple[Repository, ...] = (
    Repository(
        "checkout-api", frozenset({"backend", "QA"}),
        "pytest -q", "ruff check .", _PYTHON,
        (
            Topic("coupon rounding", "src/pricing/coupons.py", "tests/test_coupons.py",
                  "apply_coupons", "Two coupons together give a total that is off by a cent",
                  "let a cart hold up to three coupons"),
            Topic("payment retries", "src/payments/retry.py", "tests/test_retry.py",
                  "retry_payment", "A declined card is charged again after the timeout",
                  "wait longer between attempts, and give up after an hour"),
            Topic("refund webhooks", "src/webhooks/refunds.py", "tests/test_refund_webhooks.py",
                  "handle_refund", "The same refund is booked twice if the webhook comes twice",
                  "answer webhooks at once and book refunds in the background"),
            Topic("tax by region", "src/tax/regions.py", "tests/test_tax_regions.py",
                  "rate_for", "Orders to the Canary Islands are taxed as mainland Spain",
                  "read tax rates from the new service and cache them for a day"),
            Topic("basket expiry", "src/basket/expiry.py", "tests/test_expiry.py",
                  "expire_baskets", "Baskets disappear an hour early after the clocks change",
                  "remind people an hour before their basket expires"),
            Topic("order numbers", "src/orders/numbers.py", "tests/test_order_numbers.py",
                  "next_number", "Two orders got the same number under load",
                  "give each country its own range of order numbers"),
        ),
    ),
    Repository(
        "ledger-sync", frozenset({"backend", "data"}),
        "uv run pytest", "uv run mypy src", _PYTHON,
        (
            Topic("currency conversion", "src/ledger/currency.py", "tests/test_currency.py",
                  "convert", "Yen amounts are booked a hundred times too small",
                  "book the exchange rate of the order's day"),
            Topic("month-end closing", "src/ledger/closing.py", "tests/test_closing.py",
                  "close_month", "A booking of 31 March appears in April",
                  "let accountants reopen a month with a reason"),
            Topic("bank statements", "src/bank/statements.py", "tests/test_statements.py",
                  "parse_statement", "Statements with umlauts in names are rejected",
                  "import statements in CAMT format"),
            Topic("reconciliation report", "src/reports/reconcile.py", "tests/test_reconcile.py",
                  "open_items", "The report takes eleven minutes for a large month",
                  "show open items by age"),
        ),
    ),
    Repository(
        "storefront-web", frozenset({"frontend", "QA"}),
        "npm test", "npx eslint src", _TYPESCRIPT,
        (
            Topic("product gallery", "src/product/Gallery.tsx", "src/product/Gallery.test.tsx",
                  "Gallery", "The gallery jumps when the second picture loads",
                  "let people zoom into product pictures with two fingers"),
            Topic("size filter", "src/filters/SizeFilter.tsx", "src/filters/SizeFilter.test.tsx",
                  "SizeFilter", "The size filter forgets its values on the way back",
                  "show how many products each size has"),
            Topic("address form", "src/checkout/AddressForm.tsx",
                  "src/checkout/AddressForm.test.tsx", "AddressForm",
                  "Postcodes with a space are refused", "complete addresses while people type"),
            Topic("wish list", "src/wishlist/store.ts", "src/wishlist/store.test.ts",
                  "mergeWishlists", "A wish list is empty after signing in",
                  "let people share a wish list by link"),
            Topic("price display", "src/price/Price.tsx", "src/price/Price.test.tsx",
                  "formatPrice", "Prices show a comma in the English shop",
                  "show the lowest price of the last 30 days"),
            Topic("cookie banner", "src/consent/Banner.tsx", "src/consent/Banner.test.tsx",
                  "ConsentBanner", "The banner covers the buy button on small screens",
                  "remember consent for six months"),
        ),
    ),
    Repository(
        "design-system", frozenset({"frontend"}),
        "npx vitest run", "npx tsc --noEmit", _TYPESCRIPT,
        (
            Topic("date picker", "packages/date/DatePicker.tsx",
                  "packages/date/DatePicker.test.tsx",
                  "DatePicker", "The date picker traps the focus", "show week numbers"),
            Topic("toast messages", "packages/toast/queue.ts", "packages/toast/queue.test.ts",
                  "enqueue", "Three toasts at once overlap", "let toasts be stacked and dismissed"),
            Topic("dark theme", "packages/theme/dark.ts", "packages/theme/contrast.test.ts",
                  "darkTokens", "Disabled buttons have too little contrast in the dark theme",
                  "follow the system's theme without a flash"),
        ),
    ),
    Repository(
        "search-service", frozenset({"backend", "data"}),
        "go test ./...", "go vet ./...", _GO,
        (
            Topic("query spelling", "internal/spell/correct.go", "internal/spell/correct_test.go",
                  "Correct", "“jeans” is corrected to “beans”", "suggest brands while people type"),
            Topic("ranking weights", "internal/rank/weights.go", "internal/rank/weights_test.go",
                  "Blend", "Sold-out products come first", "boost what people bought last week"),
            Topic("index rebuild", "internal/index/rebuild.go", "internal/index/rebuild_test.go",
                  "Rebuild", "A rebuild that is stopped leaves half an index",
                  "rebuild the index beside the old one and switch over"),
            Topic("facet counts", "internal/facets/count.go", "internal/facets/count_test.go",
                  "CountFacets", "Counts of colours do not add up with two filters",
                  "cache facet counts for a minute"),
            Topic("synonyms", "internal/synonyms/load.go", "internal/synonyms/load_test.go",
                  "Load", "Synonyms with capital letters are ignored",
                  "load synonyms without a restart"),
        ),
    ),
    Repository(
        "event-warehouse", frozenset({"data"}),
        "pytest tests", "sqlfluff lint models", _PYTHON,
        (
            Topic("session stitching", "models/sessions.py", "tests/test_sessions.py",
                  "stitch", "Visits across midnight count twice", "stitch visits across devices"),
            Topic("daily revenue", "models/revenue.py", "tests/test_revenue.py",
                  "daily_revenue", "Refunds are subtracted on the wrong day",
                  "split revenue by sales channel"),
            Topic("late events", "jobs/late_events.py", "tests/test_late_events.py",
                  "merge_late", "Events that arrive after three days are lost",
                  "recompute only the days that late events touch"),
            Topic("consent filter", "jobs/consent.py", "tests/test_consent.py",
                  "drop_without_consent", "Withdrawn consent is applied a day late",
                  "log how many events the filter drops"),
        ),
    ),
    Repository(
        "infra-live", frozenset({"platform"}),
        "make test", "terraform validate", _TERRAFORM,
        (
            Topic("worker scaling", "modules/workers/main.tf", "tests/workers_test.sh",
                  "worker_group", "Workers are stopped while they hold a job",
                  "scale workers by queue length instead of CPU"),
            Topic("log retention", "modules/logs/main.tf", "tests/logs_test.sh",
                  "log_group", "Staging keeps its logs forever",
                  "keep audit logs for a year and all others for 30 days"),
            Topic("certificates", "modules/dns/certificates.tf", "tests/dns_test.sh",
                  "certificate", "The certificate of the image host ran out",
                  "renew certificates two weeks ahead"),
        ),
    ),
    Repository(
        "deploy-tools", frozenset({"platform", "backend"}),
        "go test ./...", "golangci-lint run", _GO,
        (
            Topic("canary checks", "cmd/canary/promote.go", "cmd/canary/promote_test.go",
                  "Promote", "A canary is promoted though its errors rose",
                  "stop a canary when latency doubles"),
            Topic("notes for customers", "cmd/notes/notes.go", "cmd/notes/notes_test.go",
                  "Collect", "Reverted commits stay in the notes",
                  "group the notes by team"),
            Topic("preview environments", "cmd/preview/create.go", "cmd/preview/create_test.go",
                  "Create", "Previews of closed pull requests are not removed",
                  "start a preview environment within a minute"),
        ),
    ),
    Repository(
        "mobile-app", frozenset({"mobile"}),
        "./gradlew test", "./gradlew lint", _KOTLIN,
        (
            Topic("offline cart", "app/src/main/kotlin/cart/OfflineCart.kt",
                  "app/src/test/kotlin/cart/OfflineCartTest.kt", "OfflineCart",
                  "Items added without a network are lost", "show what waits to be sent"),
            Topic("push messages", "app/src/main/kotlin/push/Router.kt",
                  "app/src/test/kotlin/push/RouterTest.kt", "route",
                  "A push message opens the start page instead of the order",
                  "let people choose which messages they get"),
            Topic("barcode scanner", "app/src/main/kotlin/scan/Scanner.kt",
                  "app/src/test/kotlin/scan/ScannerTest.kt", "Scanner",
                  "The scanner reads damaged codes as another product",
                  "scan several products in a row"),
            Topic("app start", "app/src/main/kotlin/start/Startup.kt",
                  "app/src/test/kotlin/start/StartupTest.kt", "Startup",
                  "The first screen takes four seconds on older phones",
                  "load the start page from the cache first"),
        ),
    ),
    Repository(
        "e2e-suite", frozenset({"QA", "mobile", "frontend"}),
        "npx playwright test", "npx eslint tests", _TYPESCRIPT,
        (
            Topic("guest checkout", "tests/guest-checkout.spec.ts", "tests/guest-checkout.spec.ts",
                  "guestCheckout", "The guest checkout test fails every tenth run",
                  "cover checkout with a gift card"),
            Topic("test accounts", "support/accounts.ts", "tests/accounts.spec.ts",
                  "freshAccount", "Tests share an account and disturb each other",
                  "make a fresh account for each test"),
            Topic("visual checks", "support/visual.ts", "tests/visual.spec.ts",
                  "matchPage", "Screenshots differ because of the date in the footer",
                  "compare pages in dark mode too"),
        ),
    ),
)  # fmt: skip
