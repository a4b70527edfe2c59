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

// turnSQL reads what an account has spent, and whether others go before an enrollment:
// those who have its turn and, unless the enrollment has it, those before it in the line.
const turnSQL = `
SELECT ` + spentColumns + `,
       EXISTS (SELECT FROM line o WHERE o.account = @account AND o.state IN ('granted', 'claimed') AND o.enrollment_id <> @enrollment)
       OR l.state IS DISTINCT FROM 'granted'
          AND EXISTS (SELECT FROM line o
                       WHERE o.account = @account AND o.state = 'waiting' AND o.enrollment_id <> @enrollment
                         AND (o.band, o.seq) < (@band, coalesce(l.seq, 9223372036854775807))) AS before
  FROM (SELECT) AS one
  LEFT JOIN account_pace p ON p.address = @account
  LEFT JOIN line l ON l.enrollment_id = @enrollment AND l.step_id = @step AND l.account = @account`

// turnOf reads what the line of a paced account says of one step.
func turnOf(ctx context.Context, db querier, place campaign.Place, attempt campaign.Attempt) (campaign.Turn, error) {
	rows, err := db.Query(ctx, turnSQL, pgx.NamedArgs{
		"account": place.Account, "band": place.Band, "enrollment": attempt.EnrollmentID, "step": attempt.StepID,
	})
	if err != nil {
		return campaign.Turn{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		spentRow
		Before bool
	}])
	if err != nil {
		return campaign.Turn{}, err
	}
	spent, err := row.spent()
	return campaign.Turn{Spent: spent, Seq: row.Seq, Before: row.Before}, err
}
