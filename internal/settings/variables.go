package settings

import "fmt"

// Variable describes one variable of the environment, for the tables in
// README.md and docs/production.md.
type Variable struct {
	// Names are one name, or several that belong together.
	Names []string
	// ReadBy names the programs: worker, starter, or both.
	ReadBy string
	// Default is what counts when it is not set; empty when nothing does.
	Default string
	Meaning string
}

// Variables lists every variable that Relance's own programs read.
func Variables() []Variable {
	return []Variable{
		{Names: []string{"DATABASE_URL"}, ReadBy: "worker, starter", Default: "the dev stack's; a worker needs it", Meaning: "PostgreSQL of the product. Over a network: `sslmode=verify-full`"},
		{Names: []string{"RELANCE_SECRET_KEY"}, ReadBy: "worker, starter", Default: "none, and a worker needs it; the dev stack has its own", Meaning: "32 bytes in base64, the same for all programs: encrypts SMTP passwords at rest (`openssl rand -base64 32`)"},
		{Names: []string{"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_TLS…", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"}, ReadBy: "worker, starter", Default: "the dev stack's", Meaning: "as for every Temporal tool (SDK `contrib/envconfig`)"},
		{Names: []string{"TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"}, ReadBy: "worker", Default: "none", Meaning: "the worker's version, for releases that are made current by hand"},
		{Names: []string{"RELANCE_RETRY"}, ReadBy: "worker, starter", Default: "`" + DefaultRetry + "`", Meaning: "retry of technical failures, about a day; pinned in an enrollment when it starts (`starter reconcile` starts some again)"},
		{Names: []string{"RELANCE_RATE"}, ReadBy: "worker", Default: "none", Meaning: "how many contacts a worker starts or signals at most, whatever `--rate` says: `20` (a second), `300/m`, `1000/h`"},
		{Names: []string{"RELANCE_USER"}, ReadBy: "starter", Default: "the system's user name", Meaning: "the name that timelines, the outbox and the activity keep for what this run does"},
		{Names: []string{"RELANCE_SMTP_NETWORKS"}, ReadBy: "starter", Default: "none", Meaning: "networks whose mail servers people may name in an email account at a link-local address, and without TLS: `172.16.0.0/12`. Elsewhere `tls: none` is for this machine only"},
		{Names: []string{"RELANCE_OAUTH_GOOGLE_CLIENT_ID", "RELANCE_OAUTH_GOOGLE_CLIENT_SECRET"}, ReadBy: "worker, starter", Default: "none", Meaning: "the client as which Google knows Relance, for mailboxes that log in with a token (`docs/oauth.md`)"},
		{Names: []string{"RELANCE_OAUTH_MICROSOFT_CLIENT_ID", "RELANCE_OAUTH_MICROSOFT_CLIENT_SECRET", "RELANCE_OAUTH_MICROSOFT_TENANT"}, ReadBy: "worker, starter", Default: "none, none, `organizations`", Meaning: "the same with Microsoft (a public client has no secret), and the directory whose people may consent"},
		{Names: []string{"RELANCE_OAUTH_DEV_URL"}, ReadBy: "worker, starter", Default: "the dev stack's", Meaning: "the dev stack's token server, for `--provider dev`; nothing away from it"},
		{Names: []string{"RELANCE_WEB_URL"}, ReadBy: "worker, starter", Default: fmt.Sprintf("`http://127.0.0.1:%d`", DevWebPort), Meaning: "base address of the Temporal Web UI, for links"},
		{Names: []string{"RELANCE_HTTP_ADDRESS"}, ReadBy: "worker", Default: "`127.0.0.1:9090`", Meaning: "where `/healthz` and `/metrics` listen; in the image `0.0.0.0:9090`"},
		{Names: []string{"RELANCE_PUBLIC_URL", "RELANCE_PUBLIC_ADDRESS"}, ReadBy: "worker, starter", Default: "none", Meaning: "the https address at which recipients reach the page on which they unsubscribe, and where the worker serves it (`0.0.0.0:8081`). The first makes `List-Unsubscribe` and `{{ unsubscribe_url }}`"},
		{Names: []string{"RELANCE_INBOUND_KEPT"}, ReadBy: "worker", Default: "`" + DefaultInboundKept + "`", Meaning: "for how long the text of inbound messages is kept, sealed, so that `starter inbound reclassify` can read it again: days, or `12h`; `0` keeps none"},
		{Names: []string{"RELANCE_SMS_URL"}, ReadBy: "worker", Default: "`https://api.twilio.com`", Meaning: "a Twilio-compatible API"},
		{Names: []string{"RELANCE_SMS_ACCOUNT_SID", "RELANCE_SMS_AUTH_TOKEN", "RELANCE_SMS_FROM"}, ReadBy: "worker", Default: "none", Meaning: "its account and sender"},
		{Names: []string{"RELANCE_CONSOLE_AUTH"}, ReadBy: "starter", Default: "`none`", Meaning: "how people sign in to `starter console`: `none` (a loopback address only), `proxy` or `oidc`"},
		{Names: []string{"RELANCE_CONSOLE_URL"}, ReadBy: "starter", Default: "where it listens", Meaning: "the address at which people reach the console, with its path if it has one: `https://example.com/relance`"},
		{Names: []string{"RELANCE_CONSOLE_OPERATORS"}, ReadBy: "starter", Default: "none", Meaning: "who may repair, by the names that the proxy gives or the addresses that the provider gives, or `*`; everybody else may look"},
		{Names: []string{"RELANCE_CONSOLE_PROXY_HEADER", "RELANCE_CONSOLE_PROXY_NETWORKS"}, ReadBy: "starter", Default: "none", Meaning: "`proxy`: the header in which the proxy says who has signed in, and the networks of the peers that are believed: `10.0.0.0/8, ::1`"},
		{Names: []string{"RELANCE_CONSOLE_OIDC_ISSUER", "RELANCE_CONSOLE_OIDC_CLIENT_ID", "RELANCE_CONSOLE_OIDC_CLIENT_SECRET"}, ReadBy: "starter", Default: "none", Meaning: "`oidc`: the OpenID provider, and the client that it knows Relance as"},
		{Names: []string{"RELANCE_CONSOLE_ALLOWED", "RELANCE_CONSOLE_GROUPS"}, ReadBy: "starter", Default: "none, and `oidc` needs one", Meaning: "`oidc`: who may come in, by the domain or the whole address (`example.com, lea@partner.example`), and by a group; with both set, both have to fit"},
		{Names: []string{"RELANCE_CONSOLE_OPERATOR_GROUPS"}, ReadBy: "starter", Default: "none", Meaning: "`oidc`: the groups whose members may repair, beside `RELANCE_CONSOLE_OPERATORS`; names with commas between them"},
		{Names: []string{"RELANCE_CONSOLE_OIDC_SCOPES", "RELANCE_CONSOLE_OIDC_GROUPS_CLAIM", "RELANCE_CONSOLE_OIDC_VERIFIED_CLAIM"}, ReadBy: "starter", Default: "`openid email profile`, `groups`, `email_verified`", Meaning: "`oidc`: scopes to ask for beside those three, and the claims with a person's groups and with the word that the address is verified"},
		{Names: []string{"RELANCE_CONSOLE_IDLE", "RELANCE_CONSOLE_SESSION"}, ReadBy: "starter", Default: "`1h`, `12h`", Meaning: "`oidc`: after how long without a request a session ends, and after how long at the latest"},
		{Names: []string{"COLUMNS"}, ReadBy: "starter", Default: "the terminal's width", Meaning: "how wide tables may be"},
	}
}
