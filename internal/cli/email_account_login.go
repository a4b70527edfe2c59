package cli

import (
	"context"
	"errors"
	"time"

	"relance/internal/campaign"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
)

// loginFailure is why an account could not log in.
type loginFailure struct {
	// words are the server's own, on one line, as a worker would record them.
	words string
	// account is true when the account or its settings are at fault, so that
	// trying again cannot help.
	account bool
}

// logIn logs in to the account's server for real, as patiently as a worker does: some
// servers make strangers wait for their greeting (RFC 5321 §4.5.3.2.1). nil when that worked.
func (s *session) logIn(ctx context.Context, account campaign.EmailAccount) (*loginFailure, error) {
	result := make(chan error, 1)
	go func() { result <- smtp.NewPool().Login(ctx, account) }()
	var err error
	select {
	case err = <-result:
	case <-time.After(s.greet):
		s.warnf("waiting for %s, which may take minutes to answer a stranger; Ctrl-C gives up and changes nothing", serverText(account.SMTP))
		err = <-result
	}
	var refused *smtp.Refused
	var unreachable *smtp.Unreachable
	switch {
	case err == nil:
		return nil, nil //nolint:nilnil // no failure and no error: it has logged in
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &refused):
		return &loginFailure{
			words:   refused.Reply.Line(),
			account: reply.Classify(refused.Reply).Verdict == reply.AccountError,
		}, nil
	case errors.As(err, &unreachable):
		return &loginFailure{words: err.Error(), account: unreachable.Account}, nil
	}
	return &loginFailure{words: err.Error()}, nil
}
