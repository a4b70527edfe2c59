package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// NotAgain counts those that EnrollAgain leaves out, beside those that Enroll does.
type NotAgain struct {
	// Heard counts those that a reply, an unsubscription or the like has ended.
	Heard int `json:"heard"`
	// InDoubt counts those of which an earlier message may have been sent or not.
	InDoubt int `json:"inDoubt"`
	// Ending counts those of which a message, or the signal that ends them, may still be under way.
	Ending int `json:"ending"`
	// Never counts those that are named and have not been in the campaign.
	Never int `json:"never"`
}

// EnrollAgain takes contacts through a campaign once more from its first step: those that
// have completed it or were disenrolled; ids nil means all of them. Each begins a round of its own: its deliveries
// have visits above those of the rounds before (visit_base), so that what was sent then neither keeps this
// round from sending nor counts as sent in it, and law 1 holds in every round. Its thread and,
// of several senders, its sender are new.
//
// Left out and counted are those that are under way (Already), those to whose address nothing is
// sent (Suppressed), and those of which a message, or the signal that ends them, may still be under way; unless
// they are Named, also those that a reply or the like has ended, and those with a message in doubt. A reply ends
// nobody in a campaign that goes on after it: who has completed one all the same is taken. An id that
// no contact has refuses the whole: ErrNotFound.
func (s *Store) EnrollAgain(ctx context.Context, key string, ids []int64, by string, options BatchOptions) (Enrolled, NotAgain, error) {
	result := Enrolled{At: timeOrNull(options.At)}
	var left NotAgain
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		result, left = Enrolled{At: result.At}, NotAgain{}
		if !options.DryRun { // before the campaign, as everywhere
			if _, err := tx.Exec(ctx, `SELECT FROM enrollments WHERE campaign = $1 AND ($2::bigint[] IS NULL OR contact_id = ANY ($2)) ORDER BY id FOR UPDATE`, key, ids); err != nil {
				return err
			}
		}
		of, err := readCampaign(ctx, tx, key, "FOR SHARE")
		if err != nil {
			return err
		}
		if _, err := namedContacts(ctx, tx, ids, !options.DryRun); err != nil {
			return err
		}
		if err := options.pace(ctx, tx, key); err != nil {
			return err
		}
		taken, err := toTakeAgain(ctx, tx, of, ids, options, &result, &left)
		if err != nil || len(taken) == 0 || options.DryRun {
			return err
		}
		if err := tx.QueryRow(ctx, `INSERT INTO outbox (kind, campaign, by, rate, total, not_before) VALUES ('enroll', $1, $2, $3, $4, $5) RETURNING id`,
			key, by, options.Limit(), len(taken), result.At).Scan(&result.Request); err != nil {
			return err
		}
		if err := beginRound(ctx, tx, of, taken, by, result); err != nil {
			return err
		}
		return Activity{By: by, Kind: DidEnroll, Thing: ACampaign, Subject: key, Count: result.Enrolled}.write(ctx, tx)
	})
	return result, left, err
}

// heardSinceSQL is true when the person of enrollment e, with the contact k, has said something that ends
// enrollments since it was enrolled, be it after it had ended by itself or with another address (law 9). Kinds are
// the parameter with those of ending.
func heardSinceSQL(kinds string) string {
	return `(e.ended_by IS NOT NULL
	OR EXISTS (SELECT FROM inbound i WHERE i.contact_id = e.contact_id AND i.kept_at >= e.enrolled_at AND i.kind = ANY (` + kinds + `))
	OR EXISTS (SELECT FROM suppressions s WHERE s.target = ANY (k.former_emails)))`
}

// toTakeAgain finds those that begin a round, who have begun the last one longest ago first: with a limit, the same call takes the
// next. It counts the others. Their rows are locked
// before, in a statement of its own: this one sees whatever that has waited for, a reply that was read meanwhile.
func toTakeAgain(ctx context.Context, tx pgx.Tx, of campaign.Campaign, ids []int64, options BatchOptions, result *Enrolled, left *NotAgain) ([]int64, error) {
	rows, err := tx.Query(ctx, `
		SELECT e.id, e.contact_id, CASE WHEN e.`+runningSQL+` THEN 'under way'
		                  WHEN `+suppressedSQL+` THEN 'suppressed'
		                  WHEN NOT $3 AND `+heardSinceSQL("$4")+` THEN 'heard'
		                  WHEN NOT $3 AND EXISTS (SELECT FROM deliveries d WHERE d.enrollment_id = e.id AND d.visit > e.visit_base AND d.state = 'uncertain') THEN 'in doubt'
		                  WHEN EXISTS (SELECT FROM deliveries d WHERE d.enrollment_id = e.id AND d.state IN ('reserved', 'wire'))
		                    OR EXISTS (SELECT FROM outbox o WHERE o.kind IN ('disenroll', 'stop') AND o.done_at IS NULL AND o.campaign IN ('', e.campaign) AND `+ofContactsSQL+`) THEN 'ending'
		                  ELSE '' END
		  FROM enrollments e JOIN contacts k ON k.id = e.contact_id
		 WHERE e.campaign = $1 AND ($2::bigint[] IS NULL OR e.contact_id = ANY ($2))
		 ORDER BY e.enrolled_at, e.id`, of.Key, ids, options.Named, ending(of.OnReply == campaign.GoOnAfterReply))
	if err != nil {
		return nil, err
	}
	var taken []int64
	var id, contact int64
	var why string
	found := 0
	_, err = pgx.ForEachRow(rows, []any{&id, &contact, &why}, func() error {
		found++
		switch {
		case why == "under way":
			result.Already++
		case why == "suppressed":
			result.Suppressed++
		case why == "heard":
			left.Heard++
		case why == "in doubt":
			left.InDoubt++
		case why == "ending":
			left.Ending++
		case options.Most > 0 && len(taken) == options.Most:
			result.Left++
		default:
			taken = append(taken, id)
			if options.DryRun {
				result.Contacts = append(result.Contacts, contact)
			}
		}
		return nil
	})
	if ids != nil {
		left.Never = max(0, len(slices.Compact(slices.Sorted(slices.Values(ids))))-found)
	}
	result.Enrolled = len(taken)
	return taken, err
}

// beginRound has enrollments stand before the first step again. Their positions go on to
// grow, so that whatever is left of the round before is stale: see campaign.Attempt.StepIndex.
// A visit base grows with every round, also with one in which nothing was delivered.
func beginRound(ctx context.Context, tx pgx.Tx, of campaign.Campaign, taken []int64, by string, result Enrolled) error {
	if _, err := tx.Exec(ctx, `
		INSERT INTO notes (enrollment_id, at, kind, by)
		SELECT id, enrolled_at, 'enrolled', enrolled_by FROM enrollments WHERE id = ANY ($1)
		UNION ALL
		SELECT id, ended_at, 'completed', '' FROM enrollments WHERE id = ANY ($1) AND status = 'Completed' AND ended_at IS NOT NULL
		 ORDER BY 1, 2`, taken); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM ended_workflows WHERE enrollment_id = ANY ($1)`, taken); err != nil {
		return err
	}
	first := of.Path().Ahead(nil).Next(0, of.Version)
	step, index := first.Stands()
	tag, err := tx.Exec(ctx, `
		UPDATE enrollments e SET
		       status = CASE WHEN $5::interval > '0' OR $6::timestamptz IS NOT NULL THEN 'Waiting' ELSE 'Active' END, step_id = $3, step_index = step_index + $4,
		       next_at = CASE WHEN $5::interval > '0' OR $6::timestamptz IS NOT NULL THEN coalesce($6, clock_timestamp()) + $5::interval END,
		       visit_base = greatest(visit_base + 1, (SELECT max(visit) FROM deliveries d WHERE d.enrollment_id = e.id)),
		       enrolled_at = clock_timestamp(), enrolled_by = $2, started_at = NULL, ended_at = NULL, ended_by = NULL, sender = NULL, edit = NULL, request = $7
		 WHERE id = ANY ($1)`, taken, by, step, index, first.Wait, result.At, result.Request)
	if err == nil && int(tag.RowsAffected()) != len(taken) {
		return fmt.Errorf("%d enrollments were to begin again, and %d did", len(taken), tag.RowsAffected())
	}
	return err
}
