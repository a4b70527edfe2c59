package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/activities"
	"relance/internal/mail"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
)

// activities may not import the mail room, so both name the verdicts. A name
// that only one side knows would be retried as if it were transient: an account
// in error, a bounce or a block would be tried again by the machine (law 6).
func TestBothSidesNameTheVerdictsAlike(t *testing.T) {
	t.Parallel()
	for theirs, ours := range map[reply.Verdict]activities.Verdict{
		reply.AccountError: activities.AccountError, reply.AccountLimit: activities.AccountLimit,
		reply.HardBounce: activities.HardBounce, reply.SoftBounce: activities.SoftBounce, reply.Transient: activities.Transient,
		reply.PolicyBlock: activities.PolicyBlock, reply.MessageDefect: activities.MessageDefect,
	} {
		require.EqualValues(t, theirs, ours)
	}
}

// What the wire knows for sure is refused, what it cannot know is doubt (law 4),
// and nothing turns from one into the other on the way to the activity.
func TestOutcomesKeepTheirCertainty(t *testing.T) {
	t.Parallel()
	gate := errors.New("the gate is shut")
	require.Equal(t, gate, outcome(gate), "the gate's word comes back as it is")
	var doubt *activities.Unanswered
	require.ErrorAs(t, outcome(&smtp.Unanswered{Err: errors.New("cut")}), &doubt)
	for verdict, err := range map[activities.Verdict]error{
		activities.HardBounce:    &smtp.Refused{Reply: reply.Reply{Phase: reply.Rcpt, Code: 550, Enhanced: "5.1.1", Text: "5.1.1 user unknown"}},
		activities.Transient:     &smtp.Unreachable{Phase: reply.Connect, Err: errors.New("refused")},
		activities.AccountError:  &smtp.Unreachable{Phase: reply.StartTLS, Err: errors.New("no STARTTLS"), Account: true},
		activities.MessageDefect: &mail.Undeliverable{Reason: "no SMTPUTF8"},
	} {
		var sure *activities.NotAccepted
		require.ErrorAs(t, outcome(err), &sure)
		require.Equal(t, verdict, sure.Verdict)
	}
}
