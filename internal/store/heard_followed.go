package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/inbound"
)

// Followed is what has followed from an inbound message, then.
type Followed struct {
	// Ended counts the enrollments that it has ended.
	Ended int `json:"ended,omitempty"`
	// HeldUntil is until when it was to hold the person; null when it was not.
	HeldUntil *time.Time `json:"heldUntil,omitempty"`
	// Bounced and Suppressed say that the address came, or was, on the bounce list, or on that
	// of the suppressed ones.
	Bounced    bool `json:"bounced,omitempty"`
	Suppressed bool `json:"suppressed,omitempty"`
	// DoubtSettled says that an uncertain delivery was taken for sent because of it.
	DoubtSettled bool `json:"doubtSettled,omitempty"`
}

// keepFollowed writes what has followed from a message to its row, for people to see.
func keepFollowed(ctx context.Context, tx pgx.Tx, heard Heard) error {
	if heard.Ended == 0 && heard.Held.IsZero() && !heard.Bounced && !heard.Suppressed && !heard.SettledDoubt {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE inbound SET ended = ended + $2, held_until = coalesce($3, held_until), bounced = bounced OR $4, suppressed = suppressed OR $5, doubt_settled = doubt_settled OR $6
		 WHERE id = $1`, heard.ID, heard.Ended, timeOrNull(heard.Held), heard.Bounced, heard.Suppressed, heard.SettledDoubt)
	return err
}

// classOf is what a report says of our recipient; empty for all other mail.
func classOf(verdict inbound.Verdict, recipient string) inbound.Class {
	for _, r := range verdict.Recipients {
		if speaksOf(verdict, r, recipient) {
			return r.Class
		}
	}
	return ""
}

// speaksOf is true when one recipient of a report is ours: the address, or the only one.
func speaksOf(verdict inbound.Verdict, of inbound.Recipient, recipient string) bool {
	return len(verdict.Recipients) == 1 || recipient != "" && (sameMailbox(of.Address, recipient) || sameMailbox(of.Original, recipient))
}
