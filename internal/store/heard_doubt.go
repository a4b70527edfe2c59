package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// heardOfDelivery says why a message whose answer was lost is known to have arrived: something
// that names it was read while it was still on the wire. Empty when nothing was. The caller holds
// the enrollment's lock, which the reader takes too: what is read later finds the doubt
// (settleDoubt).
func heardOfDelivery(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, visit int) (words string, err error) {
	var proof Inbound
	err = tx.QueryRow(ctx, `
		SELECT i.kind, i.folder FROM inbound i JOIN deliveries d USING (enrollment_id, step_id)
		 WHERE i.contact_id = $1 AND d.enrollment_id = $2 AND d.step_id = $3 AND d.visit = $4 AND coalesce(i.visit, d.visit) = d.visit AND i.kept_at >= d.wire_at
		   AND i.state <> 'duplicate' AND i.matched_by <> ALL ($5) ORDER BY i.id LIMIT 1`,
		attempt.ContactID, attempt.EnrollmentID, attempt.StepID, visit, namingNone).Scan(&proof.Verdict.Kind, &proof.Folder)
	if isMissing(err) {
		return "", nil
	}
	return arrived(proof.Verdict.Kind, proof), err
}

// acceptHeard records such a message as sent.
func acceptHeard(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, visit int, words string) error {
	if _, err := tx.Exec(ctx, `
		UPDATE deliveries SET state = 'sent', reply = $4 WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND state = 'uncertain'`,
		attempt.EnrollmentID, attempt.StepID, visit, words); err != nil {
		return err
	}
	return heardNote(ctx, tx, attempt.EnrollmentID, attempt.StepID, words, heardBy)
}

// namingNone are the ways of matching by which a message is not known to name one of ours.
var namingNone = []MatchedBy{ByToken, BySender, ByRecipient, ByColleague, ByHand}

// wantLook asks for a look at the account's mailbox: what settles a doubt may lie there already.
// Where this fails the next look, a minute later at most, finds it.
func (s *Store) wantLook(ctx context.Context, account string) {
	_, _ = s.pool.Exec(ctx, `UPDATE mailboxes SET wanted_at = clock_timestamp() WHERE address = $1 AND wanted_at IS NULL`, account)
}
