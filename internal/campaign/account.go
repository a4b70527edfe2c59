package campaign

import (
	"time"

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
	// Reason is why the account is in error, in the server's words.
	Reason string
	// RestingUntil is when the account may send again; zero when it is not resting.
	RestingUntil time.Time
	// Epoch grows with every change of the settings or the connection: a
	// failure seen under an older epoch says nothing about this account.
	Epoch int64
	// Pace limits what it sends; the zero value is free.
	Pace pace.AccountRules
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
