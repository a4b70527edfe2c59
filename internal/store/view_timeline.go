package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/failure"
)

// Event is one line of a contact's timeline.
type Event struct {
	At       time.Time `json:"at"`
	Campaign string    `json:"campaign"`
	StepID   string    `json:"stepId"`
	// Kind is enrolled, sent, notified, in_error, resumed, paused,
	// disenrolled, completed, or retrying: the last failure of a step that is tried again.
	Kind string       `json:"kind"`
	Code failure.Code `json:"code"`
	Text string       `json:"text"`
	// Version is that of the campaign whose text was sent; 0 when nobody noted it, and of
	// everything else.
	Version int    `json:"version,omitempty"`
	By      string `json:"by"`
}

// Timeline is everything that has happened to a contact, oldest first, in
// every campaign or in the one with this key. It is read from what is kept
// anyway: enrollments, the ledger and the notes.
func (s *Store) Timeline(ctx context.Context, contactID int64, key string) ([]Event, error) {
	rows, err := s.pool.Query(ctx, `
		WITH mine AS (SELECT * FROM enrollments WHERE contact_id = $1 AND ($2 = '' OR campaign = $2))
		SELECT at, campaign, step_id, kind, code, text, version, by FROM (
			SELECT enrolled_at AS at, campaign, '' AS step_id, 'enrolled' AS kind, '' AS code, CASE WHEN visit_base > 0 THEN 'again' ELSE '' END AS text, 0 AS version, enrolled_by AS by, 0 AS rank, 0 AS n
			  FROM mine
			UNION ALL
			SELECT coalesce(d.settled_at, d.reserved_at), m.campaign, d.step_id,
			       CASE d.kind WHEN 'email' THEN 'sent' ELSE 'notified' END, '',
			       CASE WHEN d.kind <> 'email' THEN 'SMS to ' || d.recipient
			            ELSE coalesce('“' || nullif(d.subject, '') || '”', 'an email') || ' to ' || d.recipient || ' from ' || d.account END
			       || CASE d.assumed_by WHEN '' THEN ''
			               WHEN 'reconcile' THEN ' (' || d.reply || '; the ledger had lost it)'
			               ELSE ' (nobody saw it accepted: an operator said so)' END, coalesce(d.version, 0), d.assumed_by, 2, 0
			  FROM mine m JOIN deliveries d ON d.enrollment_id = m.id WHERE d.state = 'sent'
			UNION ALL
			SELECT o.at, m.campaign, o.step_id, o.kind, o.code, o.text, 0, o.by, 1, o.id
			  FROM mine m JOIN notes o ON o.enrollment_id = m.id
			UNION ALL
			SELECT ended_at, campaign, '', 'completed', '', '', 0, '', 3, 0 FROM mine WHERE status = 'Completed' AND ended_at IS NOT NULL
			UNION ALL
			SELECT t.failed_at, t.campaign, t.step_id, 'retrying', '', t.why || ' (try ' || t.attempt ||
			       CASE t.attempts WHEN 0 THEN '' ELSE ' of ' || t.attempts END || ', the next at ' ||
			       to_char(t.next_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC)', 0, '', 4, 0
			  FROM retrying t WHERE t.contact_id = $1 AND ($2 = '' OR t.campaign = $2)
		) events ORDER BY at, rank, n`, contactID, key)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Event])
}
