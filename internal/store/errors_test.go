package store

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func TestDriverErrorsAreMapped(t *testing.T) {
	t.Parallel()
	deadlock := &pgconn.PgError{Code: "40P01", Message: "deadlock detected"}
	broken := errors.New("connection reset")
	for name, test := range map[string]struct {
		driver error
		kind   error
	}{
		"no row":        {fmt.Errorf("reading: %w", pgx.ErrNoRows), ErrNotFound},
		"deadlock":      {deadlock, ErrConflict},
		"serialization": {&pgconn.PgError{Code: "40001"}, ErrConflict},
		"value":         {&pgconn.PgError{Code: "22021"}, campaign.ErrUnstorable},
		"limit":         {&pgconn.PgError{Code: "54000"}, campaign.ErrUnstorable},
		"connection":    {broken, broken},
	} {
		err := mapError(test.driver)
		require.ErrorIs(t, err, test.kind, name)
		require.ErrorIs(t, err, test.driver, "%s: the cause is kept", name)
	}
	require.NoError(t, mapError(nil))
}

func TestAnErrorIsItsTextAlone(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("campaign q4: its sender: %w", named(pgx.ErrNoRows, "email account", "maya@northwind.example"))
	require.EqualError(t, err, "campaign q4: its sender: there is no email account maya@northwind.example")
	require.ErrorIs(t, err, ErrNotFound)
	var missing *Error
	require.ErrorAs(t, err, &missing)
	require.Equal(t, []string{"email account", "maya@northwind.example"}, []string{missing.Thing, missing.Key})
	require.EqualError(t, refusedf("%d is in use", 3), "3 is in use")
}

func TestTheMissingVariableStaysAField(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	problem := failure.Problem{
		Code: failure.MessageCannotBeRendered, Detail: "in whatever words", Variable: "city",
		Causes: []failure.Cause{failure.ContactFields(1), failure.CampaignSteps("q4")},
	}
	b.park(1, problem)
	rows, err := b.Errors(b.ctx, ErrorFilter{}, 0, 10)
	require.NoError(t, err)
	require.Equal(t, problem, rows[0].Problem)
	require.Equal(t, problem, b.record(1).Park.Problem)
	held, err := b.Hold(b.ctx, b.attempt(1), found(problem))
	require.NoError(t, err)
	require.Equal(t, problem, held.Parked.Problem, "an open park is read back whole")

	// A worker of the release before resumes it and parks it again: it lists the
	// causes without the column, and nothing of the first park may be left.
	b.exec(`DELETE FROM parked_on WHERE enrollment_id = 1`)
	b.exec(`INSERT INTO parked_on (cause, seq, enrollment_id, park_id) SELECT $1, park_seq, id, park_id FROM enrollments WHERE id = 1`, failure.ContactFields(1))
	require.Empty(t, b.record(1).Park.Problem.Variable)
}

func TestAMigrationGivesOlderParksTheirVariable(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	for id, detail := range map[int64]string{1: "the body names {{ city }}, which this contact has no value for", 2: "the body is not a valid template"} {
		b.park(id, failure.Problem{Code: failure.MessageCannotBeRendered, Detail: detail, Causes: []failure.Cause{failure.ContactFields(id)}})
	}
	provider, closeDB, err := b.provider()
	require.NoError(t, err)
	t.Cleanup(closeDB)
	_, err = provider.DownTo(b.ctx, 4)
	require.NoError(t, err)
	_, err = provider.Up(b.ctx)
	require.NoError(t, err)
	require.Equal(t, "city", b.record(1).Park.Problem.Variable)
	require.Empty(t, b.record(2).Park.Problem.Variable)
}

func TestWhyAContactIsNotEligible(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	_, err := b.RequestResume(b.ctx, Selection{Contacts: []int64{1}}, campaign.Resume{}, BatchOptions{})
	var refused *NotEligible
	require.ErrorAs(t, err, &refused)
	require.ErrorIs(t, err, ErrRefused)
	require.Equal(t, int64(1), refused.ContactID)
	require.Equal(t, campaign.Active, refused.Enrollments[0].Status)

	parked, active := Match{Status: campaign.InError, Code: failure.SendingFailed, Campaign: "a"}, Match{Status: campaign.Active, Campaign: "b"}
	ended := Match{Status: campaign.Completed, Campaign: "c"}
	for _, test := range []struct {
		why  NotEligible
		text string
	}{
		{NotEligible{Kind: campaign.OutboxResume}, "contact 7 is not enrolled in any campaign"},
		{NotEligible{Kind: campaign.OutboxResume, Selection: Selection{Campaign: "q4"}}, "contact 7 is not enrolled in q4"},
		{NotEligible{Kind: campaign.OutboxResume, Enrollments: []Match{active, ended}}, "contact 7 is not in error: it is Active in b, Completed in c"},
		{NotEligible{Kind: campaign.OutboxResume, Assume: campaign.AssumeSent, Enrollments: []Match{parked, active}},
			"contact 7 is in error with SendingFailed in a; an answer is for DeliveryUncertain only, it is not in error: it is Active in b"},
		{NotEligible{Kind: campaign.OutboxResume, Selection: Selection{Code: failure.NoCreditsLeft}, Enrollments: []Match{active, parked}},
			"contact 7 is not in error: it is Active in b, it is in error with SendingFailed in a, not with NoCreditsLeft"},
		{NotEligible{Kind: campaign.OutboxDisenroll, Enrollments: []Match{ended}}, "contact 7 is Completed in c already"},
	} {
		test.why.ContactID = 7
		require.EqualError(t, &test.why, test.text)
	}
}
