package campaign

import (
	"strings"
	"time"

	"relance/internal/failure"
	"relance/internal/pace"
)

// AccountStatus is the state of an email account.
type AccountStatus string

// The three states of an email account.
const (
	AccountConnected AccountStatus = "connected"
	AccountInError   AccountStatus = "in_error"
	AccountRemoved   AccountStatus = "removed"
)

// EmailAccount is a sending address with its SMTP settings.
type EmailAccount struct {
	Address string
	Name    string
	SMTP    SMTP
	Status  AccountStatus
	// Reason is why the account is in error, Words who says what in it; nil when nobody knows.
	Reason string
	Words  *failure.Words
	// RestingUntil is when the account may send again; zero when it is not resting.
	RestingUntil time.Time
	// Epoch grows with every change of the settings or the connection: a
	// failure seen under an older epoch says nothing about this account.
	Epoch int64
	// Pace limits what it sends; the zero value is free.
	Pace pace.AccountRules
	// IMAP is where its mail is read; nil for an account that is not read.
	IMAP *IMAP
}

// SameLogin is true when other logs in at the same server, in the same way, as the same user.
func (m IMAP) SameLogin(other IMAP) bool {
	return strings.EqualFold(m.Host, other.Host) && m.Port == other.Port && m.TLS == other.TLS && m.Username == other.Username
}

// IMAP is how to reach and log in to the server on which an account's mail is read.
type IMAP struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	TLS      TLS    `json:"tls"`
	Username string `json:"username,omitempty"`
	// Password is in the clear here and nowhere else, as SMTP.Password; empty for the same.
	Password Secret `json:"-"`
	// Folders are read beside INBOX, Junk and Sent.
	Folders []string `json:"folders,omitempty"`
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
