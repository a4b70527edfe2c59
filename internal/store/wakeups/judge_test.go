package wakeups

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// judge looks at everybody while nothing happens.
func (w *world) judge() {
	w.t.Helper()
	if w.t.Failed() {
		return
	}
	parked := map[int64]store.ErrorRow{}
	rows, err := w.Errors(w.ctx, store.ErrorFilter{}, 0, 1_000_000)
	w.must(err)
	for _, row := range rows {
		parked[w.flows.all[letter(row.Campaign, row.Contact.ID, "")].id] = row
	}
	statuses := w.statuses()
	require.Len(w.t, w.flows.all, len(statuses), "every enrollment has a workflow")
	for _, e := range w.flows.all {
		w.count("left " + string(e.status))
		w.judgeOne(e, statuses[e.id], parked)
	}
	w.judgeCredits()
	var deadlocks int
	w.must(w.db.QueryRow(w.ctx, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&deadlocks))
	require.Zero(w.t, deadlocks, "every transaction takes the enrollment first, then what lockFacts takes in its order; PostgreSQL's log says who did not")
}

func (w *world) judgeOne(e *enrollment, row campaign.Status, parked map[int64]store.ErrorRow) {
	w.t.Helper()
	who := letter(e.key, e.contact, e.plans[min(e.step, len(e.plans)-1)].ID)
	require.Equal(w.t, e.status, row, "law 2: %s stands elsewhere in PostgreSQL than in Temporal", who)
	for i, plan := range e.plans {
		had, _ := w.post.has(letter(e.key, e.contact, plan.ID))
		require.LessOrEqual(w.t, had, 1, "law 1: %s has had %s more than once", who, plan.ID)
		if i < e.step && plan.Sends() {
			require.Equal(w.t, 1, had, "law 2: %s has never had %s", who, plan.ID)
		}
	}
	found, listed := parked[e.id]
	require.Equal(w.t, row == campaign.InError, listed, "law 2: the list of errors is complete")
	if row.Ended() {
		return
	}
	facts, err := w.Facts(w.ctx, campaign.Attempt{EnrollmentID: e.id, StepID: e.plans[e.step].ID, Visit: e.visit})
	w.must(err)
	if row == campaign.Paused {
		require.True(w.t, facts.Campaign.Paused, "law 3: %s is paused, its campaign is not", who)
		return
	}
	if row == campaign.Waiting {
		require.True(w.t, e.inLine && facts.Campaign.Paused, "law 3: %s waits in line, and nothing is in its way", who)
		return
	}
	require.Equal(w.t, e.park.ParkID, found.ParkID, "the park of %s", who)
	require.True(w.t, persists(found, facts), "law 3: %s is parked for a cause that is gone: %+v, while the check finds %+v", who, found.Problem, finding(found.StepID, facts))
}

// persists is true when what the park was written for is still so.
func persists(row store.ErrorRow, facts campaign.Facts) bool {
	account := facts.Account
	isSender := account != nil && slices.Contains(row.Problem.Causes, failure.EmailAccount(account.Address))
	switch row.Problem.Code {
	case failure.OwnerHasNoSendingAddress:
		return account == nil
	case failure.EmailAccountDisconnected, failure.EmailAccountInError: // from one to the other is no fix
		return isSender && account.Status != campaign.AccountConnected
	case failure.ContactHasNoEmail:
		return facts.Contact.Email == ""
	case failure.EmailAlreadyBounced:
		return facts.Bounced
	case failure.NoCreditsLeft:
		return !facts.Billing.Unlimited && facts.Billing.Credits <= 0
	case failure.OwnerHasNoPhone:
		return facts.Owner.Phone == "" && slices.Contains(row.Problem.Causes, failure.OwnerPhone(facts.Owner.Key))
	case failure.MessageCannotBeRendered:
		return render(row.StepID, facts) != nil
	case failure.SendingFailed: // by hand; but nothing here is a reason not to be able to try
		return !strings.Contains(row.Problem.Detail, "could not be tried")
	case failure.NoCommonSendingTime:
		return campaign.CheckTurn(facts).Problem != nil
	case failure.DeliveryUncertain, failure.WorkflowEnded:
	}
	// Nobody knows yet. An answer that comes late is signalled, as a fix is.
	return row.Problem.Code == failure.DeliveryUncertain && facts.Delivery != nil && facts.Delivery.State == campaign.Uncertain
}

// render fails as the step's message cannot be rendered.
func render(stepID string, facts campaign.Facts) (err error) {
	step, exists := facts.Campaign.Step(stepID)
	switch {
	case !exists:
		return errors.New("the step is gone")
	case step.Kind == campaign.SMS:
		_, err = smsProvider{}.Write(facts, step)
	case step.Kind == campaign.Email:
		_, err = mailServers{}.Write(facts, step)
	default:
		err = fmt.Errorf("a step of the kind %q has no message", step.Kind)
	}
	return err
}

// finding is what an attempt would find now, for the message.
func finding(stepID string, facts campaign.Facts) string {
	check := campaign.CheckEmail
	if step, _ := facts.Campaign.Step(stepID); step.Kind == campaign.SMS {
		check = campaign.CheckSMS
	}
	found := check(facts, func() error { return render(stepID, facts) })
	if found.Problem != nil {
		return found.Problem.Reason()
	}
	return fmt.Sprintf("%+v", found)
}

// judgeCredits adds up: what was given, less what was sent for a credit, is left.
func (w *world) judgeCredits() {
	w.t.Helper()
	var left, spent, open int64
	w.must(w.db.QueryRow(w.ctx, `
		SELECT (SELECT credits FROM plan), count(*) FILTER (WHERE credit), count(*) FILTER (WHERE credit AND state NOT IN ('sent', 'uncertain'))
		  FROM deliveries`).Scan(&left, &spent, &open))
	require.Equal(w.t, w.granted.Load()-spent, left, "credits given, less those spent, are left")
	require.Zero(w.t, open, "a credit is spent for what was sent only")
}

func (w *world) statuses() map[int64]campaign.Status {
	w.t.Helper()
	rows, err := w.db.Query(w.ctx, `SELECT id, status FROM enrollments`)
	w.must(err)
	statuses := map[int64]campaign.Status{}
	var id int64
	var status campaign.Status
	_, err = pgx.ForEachRow(rows, []any{&id, &status}, func() error { statuses[id] = status; return nil })
	w.must(err)
	return statuses
}
