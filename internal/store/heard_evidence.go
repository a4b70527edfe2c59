package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// SentFolder is what is known of the folder in which copies of an account's messages should lie.
type SentFolder struct {
	Account string
	// Read is true of an account whose mail is read; Reason is why it cannot be just now.
	Read   bool
	Reason string
	// Folder is its name; empty when the mailbox has none that is known.
	Folder string
	// LookBegan is when the last look began that has read it to its end; zero when there was none.
	LookBegan time.Time
	// Copies counts those of the last Of messages that were accepted before that look, of which
	// a copy was found. Whether a server files copies shows here.
	Copies, Of int
	// LatestCopy is when the latest of them was accepted of which there is a copy; zero without one.
	LatestCopy time.Time
}

// recently is how many messages SentFolder looks for copies of, in how many days.
const recently, recentDays = 100, 30

// SentFolders says what is known of these accounts' Sent folders.
func (s *Store) SentFolders(ctx context.Context, addresses []string) (map[string]SentFolder, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT a.address, a.imap IS NOT NULL AND m.address IS NOT NULL,
		       CASE m.status WHEN 'in_error' THEN m.reason ELSE '' END, coalesce(f.folder, ''), m.look_began, coalesce(c.copies, 0), coalesce(c.of, 0), c.latest
		  FROM email_accounts a LEFT JOIN mailboxes m ON m.address = a.address
		  LEFT JOIN LATERAL (SELECT folder FROM mailbox_folders f WHERE f.address = a.address AND f.role = 'sent' ORDER BY folder LIMIT 1) f ON true
		  LEFT JOIN LATERAL (
			SELECT count(*)::int AS of, count(*) FILTER (WHERE copy)::int AS copies, max(d.settled_at) FILTER (WHERE copy) AS latest
			  FROM (SELECT d.enrollment_id, d.step_id, d.settled_at FROM deliveries d
			         WHERE d.reserved_at > now() - make_interval(days => $2) AND d.account = a.address AND d.kind = 'email' AND d.state = 'sent'
			           AND d.settled_at < m.look_began AND d.reserved_at > m.since
			         ORDER BY d.settled_at DESC LIMIT $3) d JOIN enrollments e ON e.id = d.enrollment_id
			 CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM inbound i
			         WHERE i.contact_id = e.contact_id AND i.kind = 'own' AND i.enrollment_id = d.enrollment_id AND i.step_id = d.step_id) AS copy) i) c ON f.folder IS NOT NULL
		 WHERE a.address = ANY ($1)`, addresses, recentDays, recently)
	if err != nil {
		return nil, mapError(err)
	}
	found := map[string]SentFolder{}
	var reason *string
	var look, latest *time.Time
	var one SentFolder
	_, err = pgx.ForEachRow(rows, []any{&one.Account, &one.Read, &reason, &one.Folder, &look, &one.Copies, &one.Of, &latest}, func() error {
		one.Reason, one.LookBegan, one.LatestCopy = "", timeOrZero(look), timeOrZero(latest)
		if reason != nil {
			one.Reason = *reason
		}
		found[one.Account] = one
		return nil
	})
	return found, mapError(err)
}

// Doubts are the deliveries in doubt of enrollments, by enrollment; of each contact and campaign
// that is asked for, in the order of the question.
func (s *Store) Doubts(ctx context.Context, campaigns []string, contacts []int64) (map[string]map[int64]Doubt, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT DISTINCT ON (e.id) e.campaign, e.contact_id, d.account, d.recipient, d.subject, d.message_id, d.message_date, coalesce(d.wire_at, d.message_date)
		  FROM unnest($1::text[], $2::bigint[]) AS asked (campaign, contact_id)
		  JOIN enrollments e ON e.campaign = asked.campaign AND e.contact_id = asked.contact_id
		  JOIN deliveries d ON d.enrollment_id = e.id AND d.step_id = e.step_id
		 WHERE d.state = 'uncertain' ORDER BY e.id, d.visit DESC`, campaigns, contacts)
	if err != nil {
		return nil, mapError(err)
	}
	found := map[string]map[int64]Doubt{}
	var key string
	var contact int64
	var d Doubt
	_, err = pgx.ForEachRow(rows, []any{&key, &contact, &d.Account, &d.Recipient, &d.Subject, &d.MessageID, &d.Date, &d.SentAt}, func() error {
		if found[key] == nil {
			found[key] = map[int64]Doubt{}
		}
		found[key][contact] = d
		return nil
	})
	return found, mapError(err)
}
