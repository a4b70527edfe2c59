package engine

import (
	"context"
	"errors"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/message"
	"relance/internal/sms"
	"relance/internal/verdict"
)

// texter is the activities' Texter over package sms; client nil when no
// provider is configured.
type texter struct{ client *sms.Client }

var _ activities.Texter = texter{}

func (texter) Write(facts campaign.Facts, step campaign.Step) (string, error) {
	return message.WriteSMS(facts, step)
}

func (t texter) Send(ctx context.Context, to, text string, gate activities.Gate) (string, error) {
	if t.client == nil {
		return "", &activities.NotAccepted{
			Verdict: verdict.AccountError,
			Words:   "no SMS provider is configured: set RELANCE_SMS_ACCOUNT_SID, RELANCE_SMS_AUTH_TOKEN and RELANCE_SMS_FROM for the worker",
		}
	}
	receipt, err := t.client.Send(ctx, to, text, gate)
	if err == nil {
		return receipt.SID, nil
	}
	var refused *sms.Refused
	var unreachable *sms.Unreachable
	var unanswered *sms.Unanswered
	switch {
	case errors.As(err, &refused):
		means := verdict.PolicyBlock
		switch {
		case refused.Retryable:
			means = verdict.Transient
		case refused.InvalidNumber:
			means = verdict.BadNumber
		}
		words, meaning := refused.Message, refused.Answer()
		if words == "" {
			words, meaning = err.Error(), ""
		}
		return "", &activities.NotAccepted{Verdict: means, Words: words, Meaning: meaning, RetryAfter: refused.RetryAfter, Err: err}
	case errors.As(err, &unreachable):
		return "", &activities.NotAccepted{Verdict: verdict.Transient, Words: err.Error(), Err: err}
	case errors.As(err, &unanswered):
		return "", &activities.Unanswered{Words: err.Error(), Err: err}
	}
	return "", err
}
