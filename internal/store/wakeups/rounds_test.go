package wakeups

import (
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/store"
)

// disenrolls has an operator take somebody out.
func (w *world) disenrolls() error {
	if !w.dice.oneIn(2) { // somebody must be left
		return nil
	}
	return ignore(resumed(w.RequestDisenroll(w.ctx, store.Selection{Campaign: w.anyCampaign(), Contacts: []int64{w.anyContact()}}, "left", "test", store.BatchOptions{})))
}

// enrollsByName has an operator take somebody through a campaign once more who has said no or was taken
// out, and whose workflow may not have ended yet. An operator who knows of a doubt does not.
func (w *world) enrollsByName() error {
	key, contact, found := w.someoneLeaving()
	if !found || !w.dice.oneIn(3) {
		return nil
	}
	var doubt bool
	if err := w.db.QueryRow(w.ctx, `SELECT EXISTS (SELECT FROM enrollments e JOIN deliveries d ON d.enrollment_id = e.id
		WHERE e.campaign = $1 AND e.contact_id = $2 AND e.status = 'Disenrolled' AND d.state = 'uncertain')`, key, contact).Scan(&doubt); err != nil || doubt {
		return err
	}
	w.mail.hearing.Lock() // nobody says no meanwhile
	defer w.mail.hearing.Unlock()
	result, _, err := w.EnrollAgain(w.ctx, key, []int64{contact}, "test", store.BatchOptions{Named: true})
	if result.Enrolled > 0 {
		w.count("enrolled by name")
		if err := w.noteDoubts(key, contact); err != nil {
			return err
		}
		w.post.unsilence(letter(key, contact, ""))
		w.flows.locked(func() {
			if before := w.flows.all[letter(key, contact, "")]; before != nil && !before.status.Ended() {
				w.count("while its workflow of the round before ran")
			}
		})
	}
	return ignore(err)
}

// takesOn has an operator add the steps that a campaign lacks when somebody has just done its last one, and
// take on those who have completed it: the workflows of some have not ended yet.
func (w *world) takesOn() error {
	key := ""
	w.flows.locked(func() {
		for _, of := range sortedKeys(w.flows.all) {
			if e := w.flows.all[of]; e.ending {
				key = e.key
			}
		}
	})
	if key == "" || !w.dice.oneIn(3) {
		return nil
	}
	if err := w.apply(key, fine, w.anyOwner(), ""); err != nil {
		return err
	}
	_, err := w.Continue(w.ctx, key, nil, "test", store.BatchOptions{})
	return ignore(err)
}

// noteDoubts keeps which messages of the rounds before came into doubt after the operator had looked: they may
// still be accepted, beside those of this round.
func (w *world) noteDoubts(key string, contact int64) error {
	rows, err := w.db.Query(w.ctx, `SELECT d.step_id FROM enrollments e JOIN deliveries d ON d.enrollment_id = e.id
		WHERE e.campaign = $1 AND e.contact_id = $2 AND d.visit <= e.visit_base AND d.state = 'uncertain'`, key, contact)
	if err != nil {
		return err
	}
	steps, err := pgx.CollectRows(rows, pgx.RowTo[string])
	w.post.mutex.Lock()
	defer w.post.mutex.Unlock()
	for _, step := range steps {
		w.post.doubted[letter(key, contact, step)] = true
	}
	return err
}

// someoneLeaving is somebody whose workflow is to end and has not yet, if there is one.
func (w *world) someoneLeaving() (key string, contact int64, found bool) {
	w.flows.locked(func() {
		for _, of := range sortedKeys(w.flows.all) {
			if e := w.flows.all[of]; e.leaving != "" && !e.status.Ended() {
				key, contact, found = e.key, e.contact, true
			}
		}
	})
	return key, contact, found
}

// judgeLeft looks for those who were disenrolled and are still under way (law 9).
func (w *world) judgeLeft() {
	w.t.Helper()
	var left []string
	w.must(w.db.QueryRow(w.ctx, `
		SELECT coalesce(array_agg(e.campaign || '/' || e.contact_id), '{}') FROM enrollments e JOIN outbox o ON o.campaign = e.campaign AND e.contact_id = ANY (o.contacts)
		 WHERE o.kind = 'disenroll' AND o.created_at > e.enrolled_at AND e.status NOT IN ('Completed', 'Disenrolled')`).Scan(&left))
	require.Empty(w.t, left, "laws 2 and 9: they were disenrolled in this round, and go on")
}

// endedUnstarted is true of one that was ended before the workflow began that was to go on, or of
// whose last round: the workflow that is there has ended.
func (w *world) endedUnstarted(e *enrollment) bool {
	w.t.Helper()
	var later, ended bool
	w.must(w.db.QueryRow(w.ctx, `
		SELECT visit_base > $2 OR started_at IS NULL AND status = 'Disenrolled', status = 'Disenrolled' AND (ended_by IS NOT NULL OR EXISTS (
		       SELECT FROM outbox o WHERE o.kind = 'disenroll' AND o.campaign = e.campaign AND e.contact_id = ANY (o.contacts) AND o.created_at >= e.enrolled_at))
		  FROM enrollments e WHERE id = $1`, e.id, e.base).Scan(&later, &ended))
	if !later {
		return false
	}
	w.count("a round ended before it was started")
	require.True(w.t, ended && e.status.Ended(), "law 2: %s is in a round whose workflow does not run and that nobody has ended; in the one before it is %s\n%s", letter(e.key, e.contact, ""), e.status, w.story(e))
	return true
}
