// Package settings reads the environment, once, at the edge of each program.
// It says what every variable means, what it defaults to, and reports all
// wrong values together. It imports nothing of the project but the domain.
package settings

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"relance/internal/campaign"
)

// The dev stack's own coordinates: with no variable set, programs talk to it.
const (
	DevDatabase     = "relance_dev"
	DevDatabaseURL  = "postgres://relance:relance@127.0.0.1:15432/" + DevDatabase + "?sslmode=disable"
	DevPostgresPort = 15432
	DevTemporalPort = 7233
	DevWebPort      = 8233
	DevSMTPPort     = 1025
	DevIMAPPort     = 1143
	DevPublicPort   = 8081
	DevSMSPort      = 8025
	DevOAuthPort    = 8026
	// DevEnvFile is what the dev stack writes into its state directory when its
	// ports are not the default ones; starter reads it when nothing is set.
	DevEnvFile = "dev.env"
)

// devSecretKey is public, and is therefore only ever used for a database of
// the dev stack on this machine.
const devSecretKey = "cmVsYW5jZSBkZXYgc3RhY2s6IG5vdCBhIHNlY3JldCE="

// Settings is what both the worker and the starter need to know.
type Settings struct {
	DatabaseURL string
	// SecretKey is 32 bytes, or nil when RELANCE_SECRET_KEY is not set and the
	// database is not the dev stack's.
	SecretKey []byte
	// WebURL is the base address of the Temporal Web UI, without a slash at the end.
	WebURL string
	Retry  campaign.Retry
	// Rate is how many contacts a second a worker starts and tells at most; 0 is no limit.
	Rate campaign.Rate
	SMS  SMS
	// MailNetworks are those whose mail servers people may name at any address, and log in
	// to without TLS.
	MailNetworks []netip.Prefix
	// HTTPAddress is where the worker serves /healthz and /metrics.
	HTTPAddress string
	// PublicURL is the address at which recipients reach the page on which they unsubscribe,
	// without a slash at the end; empty for no page. PublicAddress is where the worker serves it.
	PublicURL, PublicAddress string
	// InboundKept is for how long the text of inbound messages is kept; 0 for not at all.
	InboundKept time.Duration

	// OAuth is how those who give tokens for mailboxes know us.
	OAuth OAuth
	// Deployment is the worker's version; zero when it has none.
	Deployment Deployment
}

// SMS is the Twilio-compatible provider. Account SID empty: no provider.
type SMS struct {
	URL, AccountSID, AuthToken, From string
}

// Lookup is os.LookupEnv, or a test's own.
type Lookup func(name string) (string, bool)

// Read reads the settings; the error joins everything that is wrong.
func Read(lookup Lookup) (Settings, error) {
	get := func(name, otherwise string) string {
		if value, ok := lookup(name); ok && value != "" {
			return value
		}
		return otherwise
	}
	settings := Settings{
		DatabaseURL: get("DATABASE_URL", DevDatabaseURL),
		WebURL:      strings.TrimRight(get("RELANCE_WEB_URL", fmt.Sprintf("http://127.0.0.1:%d", DevWebPort)), "/"),
		HTTPAddress: get("RELANCE_HTTP_ADDRESS", "127.0.0.1:9090"),
		PublicURL:   strings.TrimRight(get("RELANCE_PUBLIC_URL", ""), "/"), PublicAddress: get("RELANCE_PUBLIC_ADDRESS", ""),
		SMS: SMS{
			URL: get("RELANCE_SMS_URL", "https://api.twilio.com"), AccountSID: get("RELANCE_SMS_ACCOUNT_SID", ""),
			AuthToken: get("RELANCE_SMS_AUTH_TOKEN", ""), From: get("RELANCE_SMS_FROM", ""),
		},
	}
	var errs []error
	var err error
	if settings.SecretKey, err = secretKey(get("RELANCE_SECRET_KEY", ""), settings.DatabaseURL); err != nil {
		errs = append(errs, err)
	}
	if settings.Retry, err = ParseRetry(get("RELANCE_RETRY", DefaultRetry)); err != nil {
		errs = append(errs, err)
	}
	if settings.InboundKept, err = inboundKept(get("RELANCE_INBOUND_KEPT", DefaultInboundKept)); err != nil {
		errs = append(errs, err)
	}
	if settings.Rate, err = campaign.ParseRate(get("RELANCE_RATE", "none")); err != nil {
		errs = append(errs, fmt.Errorf("RELANCE_RATE: %w", err))
	}
	trusted, wrong := networks("RELANCE_SMTP_NETWORKS", get("RELANCE_SMTP_NETWORKS", ""))
	settings.MailNetworks, errs = trusted, append(errs, wrong...)
	if settings.Deployment, err = readDeployment(get("TEMPORAL_DEPLOYMENT_NAME", ""), get("TEMPORAL_WORKER_BUILD_ID", "")); err != nil {
		errs = append(errs, err)
	}
	settings.OAuth, wrong = readOAuth(get, settings.DatabaseURL)
	errs = append(append(errs, wrong...), settings.checkPublic()...)
	if address, err := url.Parse(settings.WebURL); err != nil || address.Scheme == "" || address.Host == "" {
		errs = append(errs, fmt.Errorf("RELANCE_WEB_URL is %q; expected the base address of the Temporal Web UI, for example https://temporal.example.com", settings.WebURL))
	}
	return settings, errors.Join(errs...)
}

// ReadProduction is Read for a program that sends real mail: it takes nothing
// from the dev stack. The error says what to set when the database or the secret
// key is not, and when the key is the dev stack's, which is public.
func ReadProduction(lookup Lookup) (Settings, error) {
	var missing []string
	for _, name := range []string{"DATABASE_URL", "RELANCE_SECRET_KEY"} {
		if value, ok := lookup(name); !ok || value == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return Settings{}, fmt.Errorf("a production worker takes nothing from the dev stack: set %s (and TEMPORAL_ADDRESS, where Temporal is not on this machine); docs/production.md lists what there is to set, and go run ./worker/dev starts a dev stack", strings.Join(missing, " and "))
	}
	if key, _ := lookup("RELANCE_SECRET_KEY"); key == devSecretKey {
		return Settings{}, errors.New("RELANCE_SECRET_KEY is the dev stack's, which is public; make one with: openssl rand -base64 32")
	}
	return Read(lookup)
}

func secretKey(text, databaseURL string) ([]byte, error) {
	if text == "" {
		if !isDevDatabase(databaseURL) {
			return nil, nil
		}
		text = devSecretKey
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("RELANCE_SECRET_KEY is not base64; make one with: openssl rand -base64 32")
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("RELANCE_SECRET_KEY has %d bytes, expected 32; make one with: openssl rand -base64 32", len(key))
	}
	return key, nil
}

func isDevDatabase(databaseURL string) bool {
	address, err := url.Parse(databaseURL)
	if err != nil {
		return false
	}
	local := address.Hostname() == "127.0.0.1" || address.Hostname() == "localhost" || address.Hostname() == "::1"
	return local && address.Path == "/"+DevDatabase
}
