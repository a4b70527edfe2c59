package operator

import (
	"context"
	"errors"
	"strings"
	"time"

	"relance/internal/campaign"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
	"relance/internal/store"
)

// LoginFailed is a login that a server refused, or that did not reach it.
type LoginFailed struct {
	Address string
	// Words are the server's own, on one line, as a worker would record them.
	Words string
	// Then is what became of the account.
	Then AfterLogin

	// Status is the account's, which stays what it was.
	Status campaign.AccountStatus
	// AtFault is true when the account or its settings are at fault, so that
	// trying again cannot help.
	AtFault bool

	err error
}

// AfterLogin is what became of an account that could not log in.
type AfterLogin string

// What can become of it.
const (
	// KeptInError: it was added, and is in error.
	KeptInError AfterLogin = "kept_in_error"
	// NotAdded: the server is not to be reached just now, and nothing is kept.
	NotAdded AfterLogin = "not_added"
	// SettingsNotKept: it is as it was before.
	SettingsNotKept AfterLogin = "settings_not_kept"
	// PutInError: the settings that are kept do not work any more.
	PutInError AfterLogin = "put_in_error"
	// NothingChanged: the server is not to be reached just now.
	NothingChanged AfterLogin = "nothing_changed"
	// OnlyTested: nothing was to be changed.
	OnlyTested AfterLogin = "only_tested"
)

func (e *LoginFailed) Error() string {
	var what string
	switch e.Then {
	case KeptInError:
		what = "could not log in and is kept in error"
	case NotAdded:
		what = "could not be tried just now and has not been added; run the same command again later"
	case SettingsNotKept:
		what = "could not log in with these settings, which are not kept"
		if !e.AtFault {
			what = "could not be tried just now with these settings, which are not kept; run the same command again later"
		}
	case PutInError:
		what = "could not log in and is in error"
	case NothingChanged:
		what = "could not be tried, and stays " + strings.ReplaceAll(string(e.Status), "_", " ")
	case OnlyTested:
		what = "could not log in"
	}
	return e.Address + " " + what + ": " + e.Words
}

// Unwrap is the error of the connection.
func (e *LoginFailed) Unwrap() error { return e.err }

// tryLogin logs in to the account's server; nil when that worked. A password
// that could not be kept is refused before anything is tried with it.
func (o *Operator) tryLogin(ctx context.Context, account campaign.EmailAccount) (*LoginFailed, error) {
	configured, err := o.settings()
	if err != nil {
		return nil, err
	}
	if account.SMTP.Password != "" && configured.SecretKey == nil {
		return nil, store.ErrNoSecretKey
	}
	result := make(chan error, 1)
	go func() { result <- o.LogIn(ctx, account) }()
	select {
	case err = <-result:
	case <-time.After(o.LoginPatience):
		if o.SlowLogin != nil {
			o.SlowLogin(account)
		}
		err = <-result
	}
	failed := &LoginFailed{Address: account.Address, err: err}
	var refused *smtp.Refused
	var unreachable *smtp.Unreachable
	switch {
	case err == nil:
		return nil, nil //nolint:nilnil // no failure and no error: it has logged in
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &refused):
		failed.Words = refused.Reply.Line()
		failed.AtFault = reply.Classify(refused.Reply).Verdict == reply.AccountError
	case errors.As(err, &unreachable):
		failed.Words, failed.AtFault = err.Error(), unreachable.Account
	default:
		failed.Words = err.Error()
	}
	return failed, nil
}

// logIn logs in for real, as patiently as a worker does: some servers hold
// their greeting back for minutes (RFC 5321 §4.5.3.2.1).
func logIn(ctx context.Context, account campaign.EmailAccount) error {
	return smtp.NewPool().Login(ctx, account)
}
