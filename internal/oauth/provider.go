package oauth

import (
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"

	"relance/internal/campaign"
	"relance/internal/settings"
)

// The keys of the providers. Dev is the dev stack's own.
const (
	Google    = "google"
	Microsoft = "microsoft"
	Dev       = "dev"
)

// Keys lists the providers.
func Keys() []string { return []string{Google, Microsoft, Dev} }

// Provider gives tokens, and has the mail servers that take them.
type Provider struct {
	Key, Name string
	// SMTP and IMAP are its servers, without user name.
	SMTP campaign.SMTP
	IMAP campaign.IMAP
	// OnDevice is true when it asks for consent on another device too.
	OnDevice bool

	config oauth2.Config
	// loopback is the host of redirects to this machine, as the provider wants it.
	loopback string
	ask      []oauth2.AuthCodeOption
	// variable has the id of our client.
	variable string
}

// New is the provider with this key, as the settings have it; ok is false when there is none.
func New(key string, of settings.OAuth) (p Provider, ok bool) {
	switch key {
	case Google:
		return Provider{
			Key: key, Name: "Google", variable: "RELANCE_OAUTH_GOOGLE_CLIENT_ID", loopback: "127.0.0.1",
			SMTP: campaign.SMTP{Host: "smtp.gmail.com", Port: 587, TLS: campaign.TLSStartTLS, Provider: key},
			IMAP: campaign.IMAP{Host: "imap.gmail.com", Port: 993, TLS: campaign.TLSImplicit},
			// Its device flow does not give this scope.
			config: oauth2.Config{
				ClientID: of.GoogleID, ClientSecret: string(of.GoogleSecret), Endpoint: endpoints.Google, Scopes: []string{"https://mail.google.com/"},
			},
			// Without both there is no refresh token for a client that has had one before.
			ask: []oauth2.AuthCodeOption{oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent")},
		}.inParams(), true
	case Microsoft:
		return Provider{
			Key: key, Name: "Microsoft", variable: "RELANCE_OAUTH_MICROSOFT_CLIENT_ID", loopback: "localhost", OnDevice: true,
			SMTP: campaign.SMTP{Host: "smtp.office365.com", Port: 587, TLS: campaign.TLSStartTLS, Provider: key},
			IMAP: campaign.IMAP{Host: "outlook.office365.com", Port: 993, TLS: campaign.TLSImplicit},
			config: oauth2.Config{
				ClientID: of.MicrosoftID, ClientSecret: string(of.MicrosoftSecret), Endpoint: endpoints.AzureAD(of.MicrosoftTenant),
				Scopes: []string{"https://outlook.office.com/SMTP.Send", "https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"},
			},
			ask: []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "select_account")},
		}.inParams(), true
	case Dev:
		return Provider{
			Key: key, Name: "the dev stack", variable: "RELANCE_OAUTH_DEV_URL", loopback: "127.0.0.1", OnDevice: true,
			SMTP: campaign.SMTP{Host: "127.0.0.1", Port: settings.DevSMTPPort, TLS: campaign.TLSNone, Provider: key},
			IMAP: campaign.IMAP{Host: "127.0.0.1", Port: settings.DevIMAPPort, TLS: campaign.TLSNone},
			config: oauth2.Config{
				ClientID: devClient(of.DevURL), Endpoint: oauth2.Endpoint{AuthURL: of.DevURL + "/authorize", TokenURL: of.DevURL + "/token", DeviceAuthURL: of.DevURL + "/device"},
				Scopes: []string{"mail"},
			},
		}.inParams(), true
	}
	return Provider{}, false
}

func devClient(url string) string {
	if url == "" {
		return ""
	}
	return "relance"
}

// inParams has our client named in the form: a second try in the header would use up a refresh
// token that is good for one.
func (p Provider) inParams() Provider {
	p.config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	return p
}

// Missing is the environment variable that has to be set before the provider can be asked; empty
// when nothing is missing.
func (p Provider) Missing() string {
	if p.config.ClientID == "" {
		return p.variable
	}
	return ""
}
