package failure_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"relance/internal/failure"
)

func TestTheCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	for i, entry := range failure.Catalogue() {
		require.Equal(t, i+1, entry.Number)
		for what, text := range map[string]string{"description": entry.Description, "how to fix": entry.HowToFix} {
			require.Regexp(t, `^[A-Z].*\.$`, text, "%s: the %s is a sentence", entry.Code, what)
		}
		require.NotEmpty(t, entry.Title)
		require.NotEmpty(t, entry.ParksUntil)
		require.NotEmpty(t, failure.NextCommand(failure.Problem{Code: entry.Code}, "q4", 17, false), "%s has a next command", entry.Code)
	}
	require.Len(t, failure.Catalogue(), 12)
}

func TestAParkCrossesTemporal(t *testing.T) {
	t.Parallel()
	parked := failure.Parked{
		ParkID: 2, Since: time.Date(2026, 11, 24, 9, 0, 0, 207486000, time.UTC), Attempts: 3,
		Problem: failure.Problem{Code: failure.EmailAccountInError, Detail: "maya@northwind.example: 535 5.7.8 no", Causes: []failure.Cause{failure.EmailAccount("maya@northwind.example")}},
	}
	err := failure.Park(parked)
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	require.True(t, application.NonRetryable())
	require.Equal(t, "EmailAccountInError", application.Type())
	require.Equal(t, "The sending address selected as the sender of this campaign is in error: maya@northwind.example: 535 5.7.8 no. Reconnect the email account.", application.Message())
	got, ok := failure.ParkedFrom(err)
	require.True(t, ok)
	require.Equal(t, parked, got)

	require.NoError(t, application.Details(&got))
	require.Equal(t, parked, got, "a worker of an earlier version reads no more than the details")
}

// The red line of a step whose every attempt has failed reads as the note of its park.
func TestTheLastFailureSaysHowToFix(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection reset")
	retried := failure.Retry("451 4.7.1 later", time.Minute, cause)
	require.Equal(t, "Sending failed for a technical reason: 451 4.7.1 later.", message(t, retried))
	last := failure.Last(retried)
	require.Equal(t, failure.ProblemFrom(retried).Message(), message(t, last))
	require.Contains(t, message(t, last), "resume when it is gone")
	require.Equal(t, failure.ProblemFrom(retried), failure.ProblemFrom(last), "an older worker reads the same")
	require.ErrorIs(t, last, cause)
	_, parked := failure.ParkedFrom(last)
	require.False(t, parked)

	park := failure.Park(failure.Parked{ParkID: 1, Problem: failure.Problem{Code: failure.NoCreditsLeft}})
	require.Equal(t, park, failure.Last(park))
	require.Equal(t, cause, failure.Last(cause))
	require.NoError(t, failure.Last(nil))
}

func message(t *testing.T, err error) string {
	t.Helper()
	var application *temporal.ApplicationError
	require.ErrorAs(t, err, &application)
	return application.Message()
}

func TestAParkOfAVersionThatLeftTheCodeOutIsRead(t *testing.T) {
	t.Parallel()
	err := temporal.NewApplicationErrorWithOptions("in error", "NoCreditsLeft", temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{failure.Parked{ParkID: 1}},
	})
	parked, ok := failure.ParkedFrom(err)
	require.True(t, ok)
	require.Equal(t, failure.NoCreditsLeft, parked.Problem.Code)
}

func TestEveryErrorHasAProblem(t *testing.T) {
	t.Parallel()
	retry := failure.Retry("451 4.7.1 later", time.Minute, errors.New("cause"))
	_, ok := failure.ParkedFrom(retry)
	require.False(t, ok)
	require.Equal(t, failure.Problem{Code: failure.SendingFailed, Detail: "451 4.7.1 later", Words: failure.Ours("451 4.7.1 later")}, failure.ProblemFrom(retry))
	for name, err := range map[string]error{
		"unknown": errors.New("boom"), "timeout": temporal.NewTimeoutError(enums.TIMEOUT_TYPE_HEARTBEAT, nil),
		"other": temporal.NewApplicationError("boom", "Other"),
	} {
		problem := failure.ProblemFrom(err)
		require.Equal(t, failure.SendingFailed, problem.Code, name)
		require.NotEmpty(t, problem.Detail, name)
		require.Equal(t, failure.Ours(problem.Detail), problem.Words, name)
	}
	require.Equal(t, failure.SendingFailed, failure.Code("Nonsense").Entry().Code, "an unknown code never escapes")
}

func TestCauses(t *testing.T) {
	t.Parallel()
	require.Equal(t, "contact:17", failure.ContactEmail(17).Thing())
	require.Equal(t, "email_account:maya@northwind.example", failure.EmailAccount("maya@northwind.example").Thing())
	require.Equal(t, "campaign:q4", failure.CampaignSender("q4").Thing())
	address, ok := failure.EmailAccount("a/b@x.example").Account()
	require.True(t, ok)
	require.Equal(t, "a/b@x.example", address)
	require.Equal(t, "email_account:a/b@x.example", failure.EmailAccount("a/b@x.example").Thing())
	_, ok = failure.OwnerPhone("maya").Account()
	require.False(t, ok)
	require.Equal(t, failure.Operator, failure.Problem{Code: failure.SendingFailed}.Cause())
	require.NotEqual(t, failure.ContactEmail(1), failure.ContactFields(1), "a new phone number does not wake one that waits for an address")
}

func TestTheNextCommandNamesWhatTheTemplateMisses(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{
		"company":    "starter contacts set 9 --company VALUE",
		"first_name": "starter contacts set 9 --first-name VALUE",
		"full_name":  "starter contacts set 9 --first-name VALUE --last-name VALUE",
		"city":       "starter contacts set 9 --field city=VALUE",
		"$(reboot)":  "starter contacts set 9 --field NAME=VALUE",
	} {
		problem := failure.Problem{Code: failure.MessageCannotBeRendered, Detail: "in whatever words", Variable: variable}
		require.Equal(t, want, failure.NextCommand(problem, "q4", 9, false))
	}
	problem := failure.Problem{Code: failure.MessageCannotBeRendered, Detail: "the body is not a valid template: line 1 has a {{ without its counterpart, which this contact has no value for"}
	require.Contains(t, failure.NextCommand(problem, "q4", 9, false), "starter apply -f workspace.yaml")
}

// The command of a campaign of several senders leaves it those that it has.
func TestTheNextCommandKeepsSeveralSenders(t *testing.T) {
	t.Parallel()
	maya, tom := failure.EmailAccount("maya@northwind.example"), failure.EmailAccount("tom@northwind.example")
	problem := failure.Problem{Code: failure.EmailAccountDisconnected, Causes: []failure.Cause{maya, failure.CampaignSender("q4")}}
	require.Equal(t, "starter campaign set-sender q4 ADDRESS", failure.NextCommand(problem, "q4", 9, false))
	require.Equal(t, "starter campaign move-sender q4 --from maya@northwind.example --to ADDRESS", failure.NextCommand(problem, "q4", 9, true))
	problem.Causes = []failure.Cause{maya, tom, failure.CampaignSender("q4")}
	require.Equal(t, "starter email-account add maya@northwind.example", failure.NextCommand(problem, "q4", 9, true))
}
