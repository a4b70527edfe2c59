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
		{Names: []string{"RELANCE_USER"}, ReadBy: "starter", Default: "the system's user name", Meaning: "the name that timelines and the outbox keep for what this run does"},
		{Names: []string{"RELANCE_WEB_URL"}, ReadBy: "worker, starter", Default: fmt.Sprintf("`http://127.0.0.1:%d`", DevWebPort), Meaning: "base address of the Temporal Web UI, for links"},
		{Names: []string{"RELANCE_HTTP_ADDRESS"}, ReadBy: "worker", Default: "`127.0.0.1:9090`", Meaning: "where `/healthz` and `/metrics` listen; in the image `0.0.0.0:9090`"},
		{Names: []string{"RELANCE_SMS_URL"}, ReadBy: "worker", Default: "`https://api.twilio.com`", Meaning: "a Twilio-compatible API"},
		{Names: []string{"RELANCE_SMS_ACCOUNT_SID", "RELANCE_SMS_AUTH_TOKEN", "RELANCE_SMS_FROM"}, ReadBy: "worker", Default: "none", Meaning: "its account and sender"},
		{Names: []string{"RELANCE_CONSOLE_AUTH"}, ReadBy: "starter", Default: "`none`", Meaning: "how people sign in to `starter console`: `none` (a loopback address only) or `proxy`"},
		{Names: []string{"RELANCE_CONSOLE_URL"}, ReadBy: "starter", Default: "where it listens", Meaning: "the address at which people reach the console, with its path if it has one: `https://example.com/relance`"},
		{Names: []string{"RELANCE_CONSOLE_PROXY_HEADER", "RELANCE_CONSOLE_PROXY_NETWORKS"}, ReadBy: "starter", Default: "none", Meaning: "the header in which the proxy says who has signed in, and the networks of the peers that are believed: `10.0.0.0/8, ::1`"},
		{Names: []string{"RELANCE_CONSOLE_OPERATORS"}, ReadBy: "starter", Default: "none", Meaning: "who may repair, by the names that the proxy gives, or `*`; everybody else may look"},
		{Names: []string{"COLUMNS"}, ReadBy: "starter", Default: "the terminal's width", Meaning: "how wide tables may be"},
	}
}
