package settings

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"relance/internal/campaign"
)

// OAuth is the client as which Relance is registered with those who give tokens for mailboxes;
// docs/oauth.md says how. An empty id: not with that one.
type OAuth struct {
	GoogleID        string
	GoogleSecret    campaign.Secret
	MicrosoftID     string
	MicrosoftSecret campaign.Secret
	// MicrosoftTenant is the directory whose people may consent: its id or name, or
	// organizations, consumers or common.
	MicrosoftTenant string
	// DevURL is the dev stack's token server; empty away from it.
	DevURL string
}

// tenantForm is what can be a part of an address.
var tenantForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*$`)

func readOAuth(get func(name, otherwise string) string, databaseURL string) (OAuth, []error) {
	dev := ""
	if isDevDatabase(databaseURL) {
		dev = fmt.Sprintf("http://127.0.0.1:%d", DevOAuthPort)
	}
	read := OAuth{
		GoogleID: get("RELANCE_OAUTH_GOOGLE_CLIENT_ID", ""), GoogleSecret: campaign.Secret(get("RELANCE_OAUTH_GOOGLE_CLIENT_SECRET", "")),
		MicrosoftID: get("RELANCE_OAUTH_MICROSOFT_CLIENT_ID", ""), MicrosoftSecret: campaign.Secret(get("RELANCE_OAUTH_MICROSOFT_CLIENT_SECRET", "")),
		MicrosoftTenant: get("RELANCE_OAUTH_MICROSOFT_TENANT", "organizations"), DevURL: strings.TrimRight(get("RELANCE_OAUTH_DEV_URL", dev), "/"),
	}
	var errs []error
	if !tenantForm.MatchString(read.MicrosoftTenant) {
		errs = append(errs, fmt.Errorf("RELANCE_OAUTH_MICROSOFT_TENANT is %q; expected the id or the name of a directory, or organizations, consumers or common", read.MicrosoftTenant))
	}
	if address, err := url.Parse(read.DevURL); read.DevURL != "" && (err != nil || address.Host == "" || !isSafe(address)) {
		errs = append(errs, fmt.Errorf("RELANCE_OAUTH_DEV_URL is %q; expected the address of the dev stack's token server, for example http://127.0.0.1:%d", read.DevURL, DevOAuthPort))
	}
	return read, errs
}
