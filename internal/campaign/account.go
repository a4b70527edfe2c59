package campaign

import "time"

// AccountStatus is the state of an email account.
type AccountStatus string

// The three states of an email account.
const (
	AccountConnected AccountStatus = "connected"
	AccountInError   AccountStatus = "in_error"
	AccountRemoved   AccountStatus = "removed"
)

// TLS is how an SMTP connection is protected.
type TLS string

// The three ways; STARTTLS is the default and is mandatory when chosen.
const (
	TLSImplicit TLS = "implicit"
	TLSStartTLS TLS = "starttls"
	TLSNone     TLS = "none"
)

// SMTP is how to reach and log in to the server of an email account.
type SMTP struct {
	Host     string
	Port     int
	TLS      TLS
	Username string
	// Password is in the clear here and nowhere else: PostgreSQL holds it
	// encrypted, and it is never printed (see String).
	Password Secret
}

// Secret is a string that does not print itself.
type Secret string

// String hides the secret from logs and %v.
func (Secret) String() string { return "(hidden)" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "(hidden)" }

// MarshalText hides the secret from JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte("(hidden)"), nil }

// EmailAccount is a sending address with its SMTP settings.
type EmailAccount struct {
	Address string
	Name    string
	SMTP    SMTP
	Status  AccountStatus
	// Reason is why the account is in error, in the server's words.
	Reason string
	// RestingUntil is when the account may send again; zero when it is not resting.
	RestingUntil time.Time
	// Epoch grows with every change of the settings or the connection: a
	// failure seen under an older epoch says nothing about this account.
	Epoch int64
}

// User is a person of the team.
type User struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Email string `json:"email"`
	// Phone is in E.164 form, or empty.
	Phone string `json:"phone"`
}

// Billing says how sending is paid for: without limit, or a credit a message.
type Billing struct {
	Unlimited bool  `json:"unlimited"`
	Credits   int64 `json:"credits"`
}
