package cli

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"relance/internal/campaign"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
)

// loginTime bounds what a person waits for a server.
const loginTime = 20 * time.Second

// loginFailure is why an account could not log in.
type loginFailure struct {
	// words are the server's own, on one line, as a worker would record them.
	words string
	// account is true when the account or its settings are at fault, so that
	// trying again cannot help.
	account bool
}

// logIn logs in to the account's server for real; nil when that worked.
func logIn(ctx context.Context, account campaign.EmailAccount) (*loginFailure, error) {
	timed, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	err := smtp.NewPool(smtp.WithTimeouts(loginTime/2, loginTime/2, loginTime)).Login(timed, account)
	var refused *smtp.Refused
	var unreachable *smtp.Unreachable
	switch {
	case err == nil:
		return nil, nil //nolint:nilnil // no failure and no error: it has logged in
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &refused):
		return &loginFailure{
			words:   strconv.Itoa(refused.Reply.Code) + " " + strings.Join(strings.Fields(refused.Reply.Text), " "),
			account: reply.Classify(refused.Reply).Verdict == reply.AccountError,
		}, nil
	case errors.As(err, &unreachable):
		return &loginFailure{words: err.Error(), account: unreachable.Account}, nil
	}
	return &loginFailure{words: err.Error()}, nil
}
