package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// enterSQL makes a row of the ledger for a message of which only the workflow
// knows, or settles the row that is there. The recipient is the one that
// the message would go to now; of several senders the first, where the ledger has no other. A step that was sent in any visit is left alone,
// and so is a visit that may have been sent when the new state is uncertain.
const enterSQL = `
INSERT INTO deliveries AS d (enrollment_id, step_id, visit, kind, state, account, recipient, message_id, message_date,
                             reply, assumed_by, reserved_at, wire_at, settled_at)
SELECT @enrollment, @step, @visit, @kind, @state, CASE @kind WHEN 'email' THEN coalesce(` + ownSenderSQL + `, c.sender, '') ELSE '' END,
       CASE @kind WHEN 'email' THEN k.email ELSE u.phone END, @message_id, @at, @reply, @by, @at, @at, @at
  FROM enrollments e JOIN campaigns c ON c.key = e.campaign JOIN contacts k ON k.id = e.contact_id JOIN users u ON u.key = c.owner
 WHERE e.id = @enrollment
   AND NOT EXISTS (SELECT FROM deliveries v WHERE v.enrollment_id = @enrollment AND v.step_id = @step AND v.visit > e.visit_base AND v.state = 'sent')
    ON CONFLICT (enrollment_id, step_id, visit) DO UPDATE
   SET state = excluded.state, assumed_by = excluded.assumed_by, reply = excluded.reply,
       wire_at = coalesce(d.wire_at, excluded.wire_at), settled_at = excluded.settled_at,
       message_id = CASE d.message_id WHEN '' THEN excluded.message_id ELSE d.message_id END
 WHERE d.state <> 'sent' AND (@state = 'sent' OR d.state NOT IN ('wire', 'uncertain'))
RETURNING ` + deliveryColumns

// enterSent writes that a step has been sent: its workflow has gone past it.
func enterSent(ctx context.Context, tx pgx.Tx, record campaign.Record, receipt campaign.Receipt) error {
	return enter(ctx, tx, record, receipt, campaign.Sent, "its workflow has gone past it")
}

// enterDoubt writes that a step may have been sent (law 4): the next try parks
// as DeliveryUncertain and sends nothing.
func enterDoubt(ctx context.Context, tx pgx.Tx, record campaign.Record, receipt campaign.Receipt) error {
	return enter(ctx, tx, record, receipt, campaign.Uncertain, "it was under way when the ledger was lost")
}

// enter also has the credit debited and the account's day counted anew: a backup has given
// both back.
func enter(ctx context.Context, tx pgx.Tx, record campaign.Record, receipt campaign.Receipt, state campaign.DeliveryState, reply string) error {
	delivery, err := collectDelivery(tx.Query(ctx, enterSQL, pgx.NamedArgs{
		"enrollment": record.EnrollmentID, "step": receipt.StepID, "visit": receipt.Visit, "kind": receipt.Kind, "state": state,
		"message_id": receipt.MessageID, "at": receipt.At, "reply": reply, "by": campaign.Reconciler,
	}))
	if isMissing(err) {
		return nil // the ledger knows better
	}
	if err != nil || delivery.Kind != campaign.Email {
		return err
	}
	if !delivery.CostsCredit {
		if err := enterCredit(ctx, tx, delivery); err != nil {
			return err
		}
	}
	return countAnew(ctx, tx, delivery.Account)
}

// enterCredit debits the credit that the lost row had cost: a backup has given it back.
func enterCredit(ctx context.Context, tx pgx.Tx, delivery campaign.Delivery) error {
	tag, err := tx.Exec(ctx, `UPDATE plan SET credits = credits - 1 WHERE NOT unlimited AND credits > 0`)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE deliveries SET credit = true WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3`,
		delivery.EnrollmentID, delivery.StepID, delivery.Visit)
	return err
}
