package console

import (
	"net/http"

	"relance/internal/failure"
	"relance/internal/operator"
)

// accountsView are the email accounts.
type accountsView struct{ Accounts []accountView }

// accountView is one email account, and what its forms need.
type accountView struct {
	operator.AccountView
	F *frame
	// Seen is the last fix that was seen; see operator.Seeing.
	Seen int64
	// Line is who waits for it and what it sends when: on its own page only.
	Line forecastView
	// Read is how its mailbox is read, on its own page only; nil when it is not.
	Read *operator.MailboxView
}

// Form makes one of its forms.
func (a accountView) Form(parts ...any) Form { return a.F.Form(parts...) }

// Count is how many go on when it is reconnected.
func (a accountView) Count() int { return a.Resuming }

// Code and Cause are those of the repair that it is.
func (accountView) Code() failure.Code { return failure.EmailAccountInError }

// Cause is what its contacts wait for.
func (a accountView) Cause() failure.Cause { return failure.EmailAccount(a.Address) }

// Picture is what it has sent by day.
func (a accountView) Picture() bars { return newBars(a.Sent) }

// On names it for the activity.
func (a accountView) On() string { return "email_account:" + a.Address }

func pageAccounts(c *Console, r *http.Request, f *frame) (view, error) {
	accounts, err := c.Operator.AccountViews(r.Context())
	if err != nil {
		return view{}, err
	}
	var shown accountsView
	for _, account := range accounts {
		shown.Accounts = append(shown.Accounts, accountView{AccountView: account, F: f})
	}
	return view{"accounts", "Email accounts", shown}, nil
}

func pageAccount(c *Console, r *http.Request, f *frame) (view, error) {
	account, seen, err := c.Operator.AccountView(r.Context(), r.PathValue("address"))
	if err != nil {
		return view{}, err
	}
	shown := accountView{AccountView: account, F: f, Seen: seen}
	if shown.Read, err = c.Operator.MailboxView(r.Context(), account.Account); err != nil {
		return view{}, err
	}
	shown.Line.Forecast, err = c.Operator.Forecast(r.Context(), account.Address)
	return view{"account", account.Address, shown}, err
}

// pageRemoval asks before an account is removed: it says what that does.
func pageRemoval(c *Console, r *http.Request, _ *frame) (view, error) {
	removal, err := c.Operator.Removal(r.Context(), r.PathValue("address"))
	return view{"removal", "Remove " + removal.Account.Address, removal}, err
}
