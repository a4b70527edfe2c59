package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// lockInside takes the enrollments of the campaigns whose steps the file edits, before the
// campaigns themselves, as every step does. What is being sent of them is then either settled, and
// counted here, or sees the edit. A dry run waits for nobody.
func (a *applying) lockInside(ctx context.Context, workspace Workspace) error {
	if a.dryRun {
		return nil
	}
	var edited []string
	for _, of := range workspace.Campaigns {
		before, err := readCampaign(ctx, a.tx, of.Key, "")
		if err == nil && !slices.Equal(before.Steps, withoutNames(of.Steps)) {
			edited = append(edited, of.Key)
		}
	}
	if len(edited) == 0 {
		return nil
	}
	_, err := a.tx.Exec(ctx, `SELECT FROM enrollments WHERE campaign = ANY ($1) AND `+runningSQL+` ORDER BY id FOR NO KEY UPDATE`, edited)
	return err
}

// withoutNames are steps without what they were called before: that is said once, and not kept.
func withoutNames(steps []campaign.Step) []campaign.Step {
	steps = slices.Clone(steps)
	for i := range steps {
		steps[i].RenamedFrom = ""
	}
	return steps
}

// steps applies an edit of the steps to those who are under way: it refuses what would be
// taken for something else, counts those that it reaches, and has those look at once that
// something else comes next for, or at another time. The campaign's row is written by the caller.
func (a *applying) steps(ctx context.Context, before campaign.Campaign, of *campaign.Campaign) ([]campaign.Reach, []string, error) {
	var enrolled bool
	if err := a.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM enrollments WHERE campaign = $1)`, of.Key).Scan(&enrolled); err != nil {
		return nil, nil, err
	}
	of.Known = before.Path()
	if !enrolled {
		of.Known = nil // nobody has a place that would have to be kept
	} else if why := of.Known.Refuse(of.Steps); why != "" {
		return nil, nil, refusedf("campaign %s: %s", of.Key, why)
	}
	of.Known = of.Known.Edited(of.Steps).Remembering(before)
	edit := campaign.NewEdit(before, *of)
	if !enrolled || slices.Equal(before.Steps, withoutNames(of.Steps)) {
		return edit.Reaches(), nil, nil
	}
	if step, was, shifted := edit.Shifted(); shifted {
		return nil, nil, refusedf("campaign %s: step %s has the text that step %s had. A step without an id is known by its place, so one that is removed, inserted or moved makes others of those behind it, and contacts inside would get a wrong one. "+
			"Give every email and SMS the id that it has now (%s and so on; starter campaign show %s lists them), apply that, and then edit", of.Key, step, was, was, of.Key)
	}
	concerned, err := a.count(ctx, *of, edit)
	if err != nil {
		return nil, nil, err
	}
	if step, twin, contacts := edit.Twice(); contacts > 0 {
		return nil, nil, refusedf("campaign %s: step %s has the text that step %s had, and %s had it, or may have, and would get it again. %s if it is the same one, or change its text",
			of.Key, step, twin, countedContacts(contacts, "has", "have"), sayTheSame(edit, step, twin))
	}
	var notes []string
	for _, pair := range edit.Alike() {
		notes = append(notes, fmt.Sprintf("step %s has the text that step %s had. %s if it is the same one: nobody who has had it gets it again then", pair[0], pair[1], sayTheSame(edit, pair[0], pair[1])))
	}
	if len(concerned) > 0 && !a.dryRun {
		err = a.announceEdit(ctx, of.Key, concerned)
	}
	return edit.Reaches(), notes, err
}

// sayTheSame is how a person says that a step is the one whose text it has.
func sayTheSame(edit *campaign.Edit, step, of string) string {
	if edit.Stays(of) {
		return fmt.Sprintf("Leave step %s its text, and give the one with the new text an id of its own,", of)
	}
	return fmt.Sprintf("Say `renamed_from: %s` in step %s", of, step)
}

// standingsSQL reads what an edit asks of the enrollments of campaign $1. Whose recipient's
// zone counts ($2), needs the contact.
const standingsSQL = `
SELECT e.id, e.status, e.step_id, e.step_index, e.follows, e.started_at IS NOT NULL AS started, e.next_at, coalesce(e.started_at, e.enrolled_at) AS began,
       had.ids, had.kinds, had.at, had.wire_at, had.due_at, had.doubts,
       CASE WHEN $2 THEN k.email ELSE '' END AS email, CASE WHEN $2 THEN k.phone ELSE '' END AS phone, CASE WHEN $2 THEN k.fields ELSE '{}' END AS fields
  FROM enrollments e JOIN contacts k ON k.id = e.contact_id
  LEFT JOIN LATERAL (
       SELECT array_agg(d.step_id ORDER BY d.settled_at, d.reserved_at) FILTER (WHERE d.state = 'sent') AS ids, array_agg(d.kind ORDER BY d.settled_at, d.reserved_at) FILTER (WHERE d.state = 'sent') AS kinds,
              max(coalesce(d.settled_at, d.reserved_at)) FILTER (WHERE d.state = 'sent') AS at,
              (array_agg(d.wire_at ORDER BY d.settled_at DESC, d.reserved_at DESC) FILTER (WHERE d.state = 'sent'))[1] AS wire_at, (array_agg(d.due_at ORDER BY d.settled_at DESC, d.reserved_at DESC) FILTER (WHERE d.state = 'sent'))[1] AS due_at,
              array_agg(d.step_id) FILTER (WHERE d.state <> 'sent') AS doubts
         FROM deliveries d WHERE d.enrollment_id = e.id AND d.visit > e.visit_base AND d.state IN ('sent', 'wire', 'uncertain')) had ON true
 WHERE e.campaign = $1 AND e.status <> 'Disenrolled'`

type standingRow struct {
	ID               int64
	Status           campaign.Status
	StepID           string
	StepIndex        int
	Follows, Started bool
	NextAt           *time.Time
	Began            time.Time
	IDs              []string
	Kinds            []campaign.Kind
	At               *time.Time
	WireAt, DueAt    *time.Time
	Doubts           []string
	Email, Phone     string
	Fields           map[string]string
}

// standing is the row as an edit asks of it. Only of the last message is it known when it left.
func (r standingRow) standing() campaign.Standing {
	one := campaign.Standing{Status: r.Status, Began: r.Began, Doubts: r.Doubts}
	if r.Status == campaign.Waiting && r.NextAt != nil && r.Started { // else it begins later, whatever comes first
		one.NextAt = *r.NextAt
	}
	for i, id := range r.IDs {
		one.Had = append(one.Had, campaign.Sending{StepID: id, Kind: r.Kinds[i]})
	}
	if last := len(one.Had) - 1; last >= 0 {
		one.Had[last].At, one.Had[last].WireAt, one.Had[last].Due = zeroOr(r.At), zeroOr(r.WireAt), zeroOr(r.DueAt)
	}
	return one
}

func zeroOr(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

// count counts the campaign's enrollments, and returns those that have to look at once: for
// which something else comes next, or at another time, and that nothing else will let look.
// One that does not follow its campaign yet begins to when it is signalled.
func (a *applying) count(ctx context.Context, of campaign.Campaign, edit *campaign.Edit) ([]int64, error) {
	calendar, err := readCalendar(ctx, a.tx)
	if err != nil {
		return nil, err
	}
	var now time.Time
	if err := a.tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return nil, err
	}
	rows, err := a.tx.Query(ctx, standingsSQL, of.Key, of.Window.InRecipientZone())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var concerned []int64
	renamed := map[string][]int64{}
	for rows.Next() {
		row, err := pgx.RowToStructByPos[standingRow](rows)
		if err != nil {
			return nil, err
		}
		facts := campaign.Facts{
			Campaign: of, Calendar: calendar, Now: now, Began: row.Began,
			Contact: campaign.Contact{Email: row.Email, Phone: row.Phone, Fields: row.Fields},
		}
		changes := edit.Count(row.standing(), now, facts.Due)
		if row.looks(changes, edit, of) {
			concerned = append(concerned, row.ID)
		} else if step := row.standsAt(of); step != row.StepID {
			renamed[step] = append(renamed[step], row.ID)
		}
	}
	if err := rows.Err(); err != nil || a.dryRun {
		return concerned, err
	}
	for step, ids := range renamed {
		if _, err := a.tx.Exec(ctx, `UPDATE enrollments SET step_id = $2 WHERE id = ANY ($1)`, ids, step); err != nil {
			return nil, err
		}
	}
	return concerned, nil
}

// standsAt is what the step is called now at which somebody stands who does not look: a wait, or a message at which
// it is in error or paused. One that it may have had stays what the ledger calls it, for the answer that may come.
func (r standingRow) standsAt(of campaign.Campaign) string {
	switch {
	case r.Status == campaign.Waiting:
		return r.waitsAt(of)
	case r.Status != campaign.InError && r.Status != campaign.Paused, slices.Contains(r.Doubts, r.StepID):
		return r.StepID
	}
	return of.Known.Current(r.StepID)
}

// waitsAt is what the wait is called now at which it stands: most have no id of their own, and
// are called by their place.
func (r standingRow) waitsAt(of campaign.Campaign) string {
	if r.NextAt == nil {
		return r.StepID
	}
	ahead := of.Known.Ahead(r.standing().Had)
	if ahead.Completed || len(ahead.Waits) == 0 || ahead.Message.ID == r.StepID {
		return r.StepID
	}
	return ahead.Waits[0].ID
}

// looks is true of an enrollment that waits while something else comes next for it: by a timer, in
// a line, or in error at a step that is gone, which one that is renamed is not. What is tried, paused, or in error for
// another reason looks when it goes on.
func (r standingRow) looks(changes bool, edit *campaign.Edit, of campaign.Campaign) bool {
	if !r.Started || r.Status == campaign.Completed {
		return false
	}
	_, stays := of.Step(of.Known.Current(r.StepID))
	return !r.Follows && edit.Changes() || changes && (r.Status == campaign.Waiting || r.Status == campaign.InError && !stays)
}

// announceEdit has these enrollments look what comes next: with an outbox row that commits
// together with the edit, so that a command that dies loses nothing (law 3). Which they are is fixed
// now, and kept at their rows. The line is left to the end of the transaction; see leaveToEdit.
func (a *applying) announceEdit(ctx context.Context, key string, concerned []int64) error {
	var id int64
	if err := a.tx.QueryRow(ctx, `INSERT INTO outbox (kind, campaign, by, rate, total) VALUES ('edit', $1, $2, $3, $4) RETURNING id`,
		key, a.by, a.store.rate, len(concerned)).Scan(&id); err != nil {
		return err
	}
	if a.applied.request == 0 {
		a.applied.request = id
	}
	a.applied.Looking += len(concerned)
	a.looking = append(a.looking, concerned...)
	_, err := a.tx.Exec(ctx, `UPDATE enrollments SET edit = $2 WHERE id = ANY ($1)`, concerned, id)
	return err
}

// holdPlaces takes those who wait for a turn, and have to look, out of their lines until they
// have: they keep their places. No turn is given to who would not use it, and their
// workflow does not wait for a turn alone any more. It comes after every other lock, as in
// timesChange.take.
func (a *applying) holdPlaces(ctx context.Context) error {
	if len(a.looking) == 0 {
		return nil
	}
	if _, err := a.tx.Exec(ctx, `
		SELECT FROM account_pace WHERE address IN (SELECT account FROM line WHERE enrollment_id = ANY ($1)) ORDER BY address FOR UPDATE`, a.looking); err != nil {
		return err
	}
	_, err := a.tx.Exec(ctx, `
		UPDATE line SET state = 'held', not_before = NULL WHERE enrollment_id = ANY ($1) AND state IN ('waiting', 'asleep', 'stuck')`, a.looking)
	return err
}

// version writes down what was edited.
func (a *applying) version(ctx context.Context, key string, n int, edits []Edit) error {
	_, err := a.tx.Exec(ctx, `INSERT INTO campaign_versions (campaign, n, by, diff) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, key, n, a.by, edits)
	return err
}
