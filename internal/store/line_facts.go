package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// spentRow is a row of account_pace.
type spentRow struct {
	NextAt            *time.Time
	Day               *string
	Count, SendingDay int
	Seq               int64
}

const spentColumns = `p.next_at, p.day::text AS day, coalesce(p.count, 0) AS count, coalesce(p.sending_day, 0) AS sending_day, coalesce(p.seq, 0) AS seq`

func (row spentRow) spent() (pace.Spent, error) {
	spent := pace.Spent{Count: row.Count, SendingDay: row.SendingDay}
	if row.NextAt != nil {
		spent.Next = *row.NextAt
	}
	if row.Day != nil {
		day, err := pace.ParseDate(*row.Day)
		if err != nil {
			return pace.Spent{}, fmt.Errorf("account_pace.day: %w", err)
		}
		spent.Day = day
	}
	return spent, nil
}

// turnSQL reads what accounts have spent, and whether others go before an enrollment: those
// who have the account's turn and, unless the enrollment has it, those before it in the
// account's line, or in that of a campaign of several senders of which it is one.
func turnSQL(band string) string {
	return `
SELECT x.account, ` + spentColumns + `,
       EXISTS (SELECT FROM line o WHERE o.account = x.account AND o.state IN ('granted', 'claimed') AND o.enrollment_id <> @enrollment)
       OR (l.state IN ('granted', 'claimed') AND l.account = x.account) IS NOT TRUE
          AND (EXISTS (SELECT FROM line o
                        WHERE o.account = x.account AND o.state = 'waiting' AND o.enrollment_id <> @enrollment
                          AND (o.band, o.seq) < (` + band + `, coalesce(l.seq, 9223372036854775807)))
            OR EXISTS (SELECT FROM line o -- their window has opened, and nobody has woken them yet
                        WHERE o.account = x.account AND o.state = 'asleep' AND o.not_before <= clock_timestamp() AND o.awaits_look IS NULL AND o.enrollment_id <> @enrollment
                          AND (o.band, o.seq) < (` + band + `, coalesce(l.seq, 9223372036854775807)))
            OR EXISTS (SELECT FROM campaigns c JOIN line o ON o.campaign = c.key AND ` + unboundSQL + `
                        WHERE c.senders @> ARRAY[x.account] AND o.enrollment_id <> @enrollment
                          AND (o.band, o.seq) < (` + band + `, coalesce(l.seq, 9223372036854775807)))) AS before,
       coalesce(l.unbound AND l.state <> 'held', false) AS placed, coalesce(l.state IN ('granted', 'claimed') AND l.account = x.account, false) AS granted,
       coalesce(l.state = 'claimed' AND l.account = x.account, false) AS claimed
  FROM unnest(@accounts::text[]) AS x (account)
  LEFT JOIN account_pace p ON p.address = x.account
  LEFT JOIN line l ON l.enrollment_id = @enrollment AND l.step_id = @step AND (l.account = x.account OR l.unbound)`
}

// unboundSQL is true of a place o that waits in a campaign's line: any of its senders takes it.
const unboundSQL = `o.account IS NULL AND o.state = 'waiting'`

var oneTurnSQL = turnSQL(`@band`)

// turnRow is what a line says of one step.
type turnRow struct {
	spentRow
	Before, Placed, Granted, Claimed bool
}

func (row turnRow) turn() (campaign.Turn, error) {
	spent, err := row.spent()
	return campaign.Turn{Spent: spent, Seq: row.Seq, Before: row.Before, Placed: row.Placed, Granted: row.Granted, Claimed: row.Claimed}, err
}

// turnOf reads what the line of a paced account says of one step.
func turnOf(ctx context.Context, db querier, place campaign.Place, attempt campaign.Attempt) (campaign.Turn, error) {
	rows, err := db.Query(ctx, oneTurnSQL, pgx.NamedArgs{
		"accounts": []string{place.Account}, "band": place.Band, "enrollment": attempt.EnrollmentID, "step": attempt.StepID,
	})
	if err != nil {
		return campaign.Turn{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		Account string
		turnRow
	}])
	if err != nil {
		return campaign.Turn{}, err
	}
	return row.turn()
}
