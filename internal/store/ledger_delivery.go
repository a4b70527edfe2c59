package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

const deliveryColumns = `enrollment_id, step_id, visit, state, epoch, kind, account, recipient, subject,
	message_id, message_date, boundary, credit, reply`

type deliveryRow struct {
	EnrollmentID                int64
	StepID                      string
	Visit                       int
	State                       campaign.DeliveryState
	Epoch                       int
	Kind                        campaign.Kind
	Account, Recipient, Subject string
	MessageID                   string
	MessageDate                 time.Time
	Boundary                    string
	Credit                      bool
	Reply                       string
}

func collectDelivery(rows pgx.Rows, err error) (campaign.Delivery, error) {
	if err != nil {
		return campaign.Delivery{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[deliveryRow])
	if err != nil {
		return campaign.Delivery{}, err
	}
	return row.delivery(), nil
}

func (row deliveryRow) delivery() campaign.Delivery {
	return campaign.Delivery{
		EnrollmentID: row.EnrollmentID, StepID: row.StepID, Visit: row.Visit, State: row.State, Epoch: row.Epoch, Reply: row.Reply,
		Draft: campaign.Draft{
			Kind: row.Kind, Account: row.Account, Recipient: row.Recipient, Subject: row.Subject,
			MessageID: row.MessageID, Date: row.MessageDate, Boundary: row.Boundary, CostsCredit: row.Credit,
		},
	}
}

// readDelivery locks the row for the rest of the transaction. The error isMissing when there is none.
func readDelivery(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, visit int) (campaign.Delivery, error) {
	return collectDelivery(tx.Query(ctx, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 FOR UPDATE`, attempt.EnrollmentID, attempt.StepID, visit))
}

// giveUp ends a claim that sent nothing: the delivery goes to state (reserved
// or failed) and its credit and its turn go back, in the caller's transaction. Without a
// row the delivery is another attempt's: ErrSuperseded.
func giveUp(ctx context.Context, tx pgx.Tx, delivery campaign.Delivery, state campaign.DeliveryState, reply string) error {
	rows, err := tx.Query(ctx, `
		WITH mine AS (
			SELECT enrollment_id, step_id, visit, credit, CASE state WHEN 'wire' THEN wire_at END AS passed FROM deliveries
			 WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND epoch = $4 AND state IN ('reserved', 'wire')
			   FOR UPDATE)
		UPDATE deliveries d SET state = $5, reply = $6, credit = false, settled_at = clock_timestamp()
		  FROM mine WHERE (d.enrollment_id, d.step_id, d.visit) = (mine.enrollment_id, mine.step_id, mine.visit)
		RETURNING mine.credit, mine.passed`,
		delivery.EnrollmentID, delivery.StepID, delivery.Visit, delivery.Epoch, state, reply)
	if err != nil {
		return err
	}
	mine, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[struct {
		Credit bool
		Passed *time.Time
	}])
	switch {
	case isMissing(err):
		return campaign.ErrSuperseded
	case err != nil:
		return err
	}
	if mine.Credit {
		if err := giveBackCredit(ctx, tx); err != nil {
			return err
		}
	}
	if err := giveBackBudget(ctx, tx, delivery.Account, mine.Passed); err != nil {
		return err
	}
	return giveBackTurn(ctx, tx, delivery)
}

// releaseCredit gives back what was debited for a delivery, if anything was.
func releaseCredit(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, visit int) error {
	tag, err := tx.Exec(ctx, `UPDATE deliveries SET credit = false WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND credit`,
		attempt.EnrollmentID, attempt.StepID, visit)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return giveBackCredit(ctx, tx)
}

// giveBackCredit returns one credit to the plan. That can be what somebody
// waits for, so it is a fix as well (law 3).
func giveBackCredit(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `UPDATE plan SET credits = credits + 1`); err != nil {
		return err
	}
	return fix(ctx, tx, "a credit was given back", failure.Plan)
}
