package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Unsubscribe ends everything that the person of an enrollment is enrolled in, and suppresses the
// address to which its emails went. It may be asked for again. ErrNotFound when there is no
// such enrollment.
func (s *Store) Unsubscribe(ctx context.Context, enrollmentID int64) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		of, err := ofEnrollment(ctx, tx, enrollmentID)
		if err != nil {
			return err
		}
		contacts, err := contactsAt(ctx, tx, of.ContactID, of.Recipient)
		if err != nil {
			return err
		}
		enrollments, err := lockPerson(ctx, tx, contacts)
		if err != nil {
			return err
		}
		stop := campaign.Stop{By: campaign.Unsubscribed, Reason: "Unsubscribed by the link of an email."}
		ended, err := endPerson(ctx, tx, enrollments, stop, byRecipient)
		if err != nil {
			return err
		}
		if of.Recipient == "" { // no email has gone out, and there is no address: nothing could have offered the link
			return nil
		}
		news, err := suppress(ctx, tx, of.Recipient, string(campaign.Unsubscribed), *failure.Ours(stop.Reason), byRecipient)
		if err != nil || !news || ended > 0 {
			return err
		}
		return heardNote(ctx, tx, of.EnrollmentID, of.StepID, stop.Reason, byRecipient)
	})
}

// byRecipient signs what the recipient of an email has done by its link.
const byRecipient = "recipient"

// ofEnrollment is the last email of an enrollment, or what would have been its first. One that an operator has
// called not sent counts: who uses its link has received it.
func ofEnrollment(ctx context.Context, tx pgx.Tx, enrollmentID int64) (heardOf, error) {
	rows, err := tx.Query(ctx, `
		SELECT e.id AS enrollment_id, e.contact_id, coalesce(d.step_id, '') AS step_id, coalesce(d.visit, 1) AS visit, e.campaign,
		       coalesce(d.recipient, k.email) AS recipient, 'token' AS by
		  FROM enrollments e JOIN contacts k ON k.id = e.contact_id
		  LEFT JOIN LATERAL (SELECT * FROM deliveries d WHERE d.enrollment_id = e.id AND d.kind = 'email' AND (d.state IN ('wire', 'sent', 'uncertain') OR d.state = 'failed' AND d.assumed_by <> '')
		                      ORDER BY d.reserved_at DESC LIMIT 1) d ON true
		 WHERE e.id = $1`, enrollmentID)
	if err != nil {
		return heardOf{}, err
	}
	of, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[heardOf])
	return of, named(err, "enrollment", enrollmentID)
}

// contactsAt are a contact and all others with this address.
func contactsAt(ctx context.Context, tx pgx.Tx, contactID int64, addresses ...string) ([]int64, error) {
	var spelled []string
	for _, address := range addresses {
		spelled = append(spelled, campaign.Spellings(address)...)
	}
	rows, err := tx.Query(ctx, `SELECT id FROM contacts WHERE id = $1 OR email = ANY ($2) AND email <> '' ORDER BY id`, contactID, spelled)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
