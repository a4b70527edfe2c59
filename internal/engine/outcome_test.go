package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/activities"
	"relance/internal/mail"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
	"relance/internal/verdict"
)

// What the wire knows for sure is refused, what it cannot know is uncertain (law 4),
// and nothing turns from one into the other on the way to the activity.
func TestOutcomesKeepTheirCertainty(t *testing.T) {
	t.Parallel()
	gate := errors.New("the gate is shut")
	require.Equal(t, gate, outcome(gate), "the gate's word comes back as it is")
	var unanswered *activities.Unanswered
	require.ErrorAs(t, outcome(&smtp.Unanswered{Err: errors.New("cut")}), &unanswered)
	for want, err := range map[verdict.Verdict]error{
		verdict.HardBounce:    &smtp.Refused{Reply: reply.Reply{Phase: reply.Rcpt, Code: 550, Enhanced: "5.1.1", Text: "5.1.1 user unknown"}},
		verdict.Transient:     &smtp.Unreachable{Phase: reply.Connect, Err: errors.New("refused")},
		verdict.AccountError:  &smtp.Unreachable{Phase: reply.StartTLS, Err: errors.New("no STARTTLS"), Account: true},
		verdict.MessageDefect: &mail.Undeliverable{Reason: "no SMTPUTF8"},
	} {
		var sure *activities.NotAccepted
		require.ErrorAs(t, outcome(err), &sure)
		require.Equal(t, want, sure.Verdict)
	}
}
