package wakeups

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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
	for id, status := range statuses { // one that was ended before its workflow began has none
		require.True(w.t, status.Ended() || slices.ContainsFunc(slices.Collect(maps.Values(w.flows.all)), func(e *enrollment) bool { return e.id == id }), "law 2: enrollment %d has no workflow", id)
	}
	for _, e := range w.flows.all {
		w.count("left " + string(e.status))
		if w.endedUnstarted(e) {
			continue
		}
		w.judgeOne(e, statuses[e.id], parked)
	}
	w.judgeCredits()
	w.judgeLeft()
	var deadlocks int
	w.must(w.db.QueryRow(w.ctx, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&deadlocks))
	require.Zero(w.t, deadlocks, "every transaction takes the enrollment first, then what lockFacts takes in its order; PostgreSQL's log says who did not")
}

func (w *world) judgeOne(e *enrollment, row campaign.Status, parked map[int64]store.ErrorRow) {
	w.t.Helper()
	if late := w.post.late; late != "" && strings.HasPrefix(late, letter(e.key, e.contact, "")) {
		require.Empty(w.t, late, "law 9: it has passed its gate after the person's no was heard\n%s", w.story(e))
	}
	at := e.plan().ID
	if row == campaign.Disenrolled { // its workflow may have gone one step on before it learns that
		w.must(w.db.QueryRow(w.ctx, `SELECT step_id FROM enrollments WHERE id = $1`, e.id).Scan(&at))
	}
	who := letter(e.key, e.contact, at)
	if e.status != row {
		require.Equal(w.t, e.status, row, "law 2: %s stands elsewhere in PostgreSQL than in Temporal\n%s", who, w.story(e))
	}
	for _, step := range stepIDs {
		had, _ := w.post.has(letter(e.key, e.contact, step))
		had -= e.had[step] // in the rounds before, each of which was judged so, or ended unfinished
		w.post.mutex.Lock()
		if w.post.doubted[letter(e.key, e.contact, step)] && had > 1 {
			had--
		}
		misses := slices.Contains(removable, step) || slices.Index(stepIDs, step) > 1 && w.post.cut[e.key]
		w.post.mutex.Unlock()
		if had > 1 {
			require.LessOrEqual(w.t, had, 1, "law 1: %s has had %s more than once, beside %v in the rounds before\n%s", who, step, e.had, w.story(e))
		}
		if isBefore := row == campaign.Completed || slices.Index(stepIDs, step) < slices.Index(stepIDs, at); isBefore && !misses {
			require.Equal(w.t, 1, had, "law 2: %s has never had %s\n%s", who, step, w.story(e))
		}
	}
	if no := w.post.no(who); no != "" && !row.Ended() {
		require.True(w.t, row.Ended(), "law 9: %s has said no (%s), and is %s\n%s", who, no, row, w.story(e))
	}
	found, listed := parked[e.id]
	require.Equal(w.t, row == campaign.InError, listed, "law 2: the list of errors is complete")
	if row.Ended() {
		return
	}
	attempt := campaign.Attempt{EnrollmentID: e.id, CampaignKey: e.key, ContactID: e.contact, StepID: at, StepIndex: e.step, Visit: e.visit, Follows: true}
	facts, err := w.Facts(w.ctx, attempt)
	w.must(err)
	if !e.waits.IsZero() {
		comes, _ := facts.Coming(attempt)
		require.Greater(w.t, time.Until(comes.At), time.Hour, "law 3: %s waits until %s, and the campaign says %+v", who, e.waits, comes)
		return
	}
	if row == campaign.Paused {
		require.True(w.t, facts.Campaign.Paused, "law 3: %s is paused, its campaign is not", who)
		return
	}
	if row == campaign.Waiting {
		require.True(w.t, e.inLine && facts.Campaign.Paused, "law 3: %s waits in line, and nothing is in its way", who)
		return
	}
	require.Equal(w.t, e.park.ParkID, found.ParkID, "the park of %s", who)
	if !persists(found, facts) {
		require.Fail(w.t, "a wake-up was lost", "law 3: %s is parked at %s for a cause that is gone: %#v, while the check finds %+v\n%s", who, found.StepID, found.Problem, finding(found.StepID, facts), w.story(e))
	}
}

// story is what has been written of an enrollment, for one who looks why it failed: it is read when it is printed.
func (w *world) story(e *enrollment) fmt.Stringer { return story{w, e} }

type story struct {
	w *world
	e *enrollment
}

func (s story) String() string {
	w, e := s.w, s.e
	var text string
	w.must(w.db.QueryRow(w.ctx, `
		SELECT to_jsonb(n)::text || E'\n' || coalesce((SELECT string_agg(to_jsonb(d)::text, E'\n' ORDER BY d.reserved_at) FROM deliveries d WHERE d.enrollment_id = n.id), '') || E'\n' ||
		       coalesce((SELECT string_agg(to_jsonb(v)::text, E'\n' ORDER BY v.at) FROM notes v WHERE v.enrollment_id = n.id), '') || E'\n' ||
		       coalesce((SELECT string_agg(to_jsonb(i)::text, E'\n' ORDER BY i.id) FROM inbound i WHERE i.contact_id = n.contact_id), '') || E'\n' ||
		       coalesce((SELECT string_agg(to_jsonb(o)::text, E'\n' ORDER BY o.id) FROM outbox o WHERE n.contact_id = ANY (o.contacts) AND o.kind IN ('stop', 'disenroll')), '') || E'\n' ||
		       (SELECT to_jsonb(k)::text FROM contacts k WHERE k.id = n.contact_id) || E'\n' ||
		       coalesce((SELECT string_agg(to_jsonb(s)::text, E'\n' ORDER BY s.target) FROM suppressions s), '')
		  FROM enrollments n WHERE n.id = $1`, e.id).Scan(&text))
	return fmt.Sprintf("%+v next %+v\n%s\n%s", e.plan(), e.next, text, w.changes(e.id))
}

// stepIDs are the steps in their order; what is removable is not in all that a campaign has been.
var (
	stepIDs   = []string{"tell", "intro", "city", "wait", "more", "done"}
	removable = []string{"city", "wait"}
)

// persists is true when what the park was written for is still so.
func persists(row store.ErrorRow, facts campaign.Facts) bool {
	if _, exists := facts.Campaign.Step(row.StepID); !exists && row.Problem.Code != failure.DeliveryUncertain {
		return false // its cause is moot
	}
	account := facts.Account
	isSender := account != nil && slices.Contains(row.Problem.Causes, failure.EmailAccount(account.Address))
	switch row.Problem.Code {
	case failure.OwnerHasNoSendingAddress:
		return account == nil && !facts.Unbound()
	case failure.EmailAccountDisconnected, failure.EmailAccountInError: // from one to the other is no fix
		if facts.Unbound() { // each of its senders is broken, and any of them that is mended lets it go on
			return account == nil && !slices.ContainsFunc(facts.Candidates, func(of campaign.Candidate) bool {
				return of.Status == campaign.AccountConnected || !slices.Contains(row.Problem.Causes, failure.EmailAccount(of.Address))
			})
		}
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
		return !strings.Contains(row.Problem.Detail, "could not be tried") || strings.Contains(row.Problem.Detail, "deadline exceeded") // of a first try, on a busy machine
	case failure.NoCommonSendingTime, failure.MailboxUnreadable:
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
