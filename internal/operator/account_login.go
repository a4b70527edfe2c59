package operator

import (
	"context"
	"errors"
	"strings"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/mail/bearer"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
	"relance/internal/plaintext"
	"relance/internal/store"
)

// LoginFailed is a login that a server refused, or that did not reach it.
type LoginFailed struct {
	Address string
	// Mailbox is true for the login at the IMAP server; that at the SMTP server had worked.
	Mailbox bool
	// Words are the server's own, on one line, as a worker would record them.
	Words string
	// Provider gives the account's tokens, when it logs in with one.
	Provider string
	// Dialogue is what was said before.
	Dialogue []LoginStep
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
	// ConnectedUnread: it can send, and its mailbox cannot be read.
	ConnectedUnread AfterLogin = "connected_unread"
	// OnlyTested: nothing was to be changed.
	OnlyTested AfterLogin = "only_tested"
)

func (e *LoginFailed) Error() string {
	if e.Mailbox {
		return e.Address + " " + e.mailboxText() + ": " + e.Words
	}
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
	case OnlyTested, ConnectedUnread:
		what = "could not log in"
	}
	return e.Address + " " + what + ": " + e.Words
}

// mailboxText says what has become of an account whose mailbox could not be logged in to.
func (e *LoginFailed) mailboxText() string {
	could := "could log in to send, but not to read its mailbox"
	if !e.AtFault {
		could = "could log in to send, but its mailbox could not be tried just now"
	}
	switch e.Then {
	case ConnectedUnread:
		return could + "; it is connected, and its mailbox is tried again by itself"
	case OnlyTested:
		return could
	case NotAdded:
		could += "; nothing is kept, and it has not been added"
	case SettingsNotKept, KeptInError, PutInError, NothingChanged:
		could += "; these settings are not kept"
	}
	if !e.AtFault {
		could += "; try again later"
	}
	return could
}

// Unwrap is the error of the connection.
func (e *LoginFailed) Unwrap() error { return e.err }

// LoginStep is one step of a login's dialogue; it never has a credential.
type LoginStep = smtp.Step

// The steps of a login, in their usual order.
const (
	LoginConnected = smtp.Connected
	LoginEncrypted = smtp.Encrypted
	LoginGreeted   = smtp.Greeted
	LoginOffered   = smtp.Offered
	LoginAccepted  = smtp.Accepted
	LoginRejected  = smtp.Rejected
)

// tryLogin logs in to the account's server, and returns the dialogue; no LoginFailed
// when that worked. A password that could not be kept is refused before anything is
// tried with it. A ForbiddenServer, and nothing was sent, when the server is at an
// address that is not dialled; known is true for the login that the account has had
// before, which may be without TLS anywhere.
func (o *Operator) tryLogin(ctx context.Context, account campaign.EmailAccount, known bool, tokens bearer.Tokens) ([]LoginStep, *LoginFailed, error) {
	configured, err := o.settings()
	if err != nil {
		return nil, nil, err
	}
	if account.SMTP.Password != "" && configured.SecretKey == nil {
		return nil, nil, store.ErrNoSecretKey
	}
	logIn := o.LogIn
	if logIn == nil {
		// As patiently as a worker does: some servers hold their greeting back for minutes
		// (RFC 5321 §4.5.3.2.1).
		logIn = smtp.NewPool(smtp.WithCaution(configured.MailNetworks, known), smtp.WithTokens(tokens)).Login
	}
	dialogue := []LoginStep{}
	result := make(chan error, 1)
	go func() {
		result <- logIn(smtp.Traced(ctx, func(step LoginStep) { dialogue = append(dialogue, step) }), account)
	}()
	select {
	case err = <-result:
	case <-time.After(o.LoginPatience):
		if o.SlowLogin != nil {
			o.SlowLogin(account)
		}
		err = <-result
	}
	failed := &LoginFailed{Address: account.Address, Provider: account.SMTP.Provider, Dialogue: dialogue, err: err}
	var refused *smtp.Refused
	var unreachable *smtp.Unreachable
	var forbidden *smtp.Forbidden
	switch {
	case ctx.Err() != nil: // also of a login that worked: nobody waits for it any more
		return nil, nil, ctx.Err()
	case err == nil:
		return dialogue, nil, nil
	case errors.As(err, &forbidden):
		return nil, nil, forbiddenServer(forbidden)
	case errors.As(err, &refused):
		failed.Words = refused.Reply.Line()
		failed.AtFault = reply.Classify(refused.Reply).Verdict == reply.AccountError
	case errors.As(err, &unreachable):
		failed.Words, failed.AtFault = plaintext.Line(err.Error(), longestDial), unreachable.Account
	default:
		failed.Words = plaintext.Line(err.Error(), longestDial)
	}
	return dialogue, failed, nil
}

// apart says whose words they are: a server's that has refused, else ours.
func (e *LoginFailed) apart() failure.Words {
	if refused := (*smtp.Refused)(nil); errors.As(e.err, &refused) {
		return failure.Words{Said: e.Words}
	}
	return failure.Words{Meaning: e.Words}
}

// longestDial is how much is said of a network's error.
const longestDial = 300

// ForbiddenServer refuses a mail server at an address that is not dialled, for what a
// person has typed. It wraps ErrRefused and smtp.Forbidden.
type ForbiddenServer struct {
	// Field is what to change: host, or tls.
	Field string

	err error
}

func forbiddenServer(of *smtp.Forbidden) *ForbiddenServer {
	refusal := &ForbiddenServer{Field: "host", err: of}
	if of.Plain {
		refusal.Field = "tls"
	}
	return refusal
}

func (e *ForbiddenServer) Error() string { return e.err.Error() }

// Unwrap makes it an ErrRefused.
func (e *ForbiddenServer) Unwrap() []error { return []error{ErrRefused, e.err} }
