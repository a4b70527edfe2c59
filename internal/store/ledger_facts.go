package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// Facts reads everything that one attempt depends on, in one statement and
// without locks. What it finds may change at once: a send is owned by Claim
// and Gate, a park is decided by Hold, which reads the facts again under locks.
func (s *Store) Facts(ctx context.Context, attempt campaign.Attempt) (campaign.Facts, error) {
	return s.facts(ctx, s.pool, attempt, "")
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const factsSQL = `
SELECT e.status, e.step_id AS row_step, e.step_index, e.park_id, e.visit_base, coalesce(e.started_at, CASE e.visit_base WHEN 0 THEN clock_timestamp() ELSE e.enrolled_at END) AS began,
       (SELECT o.created_at FROM outbox o WHERE o.id = e.edit) AS edited_at, clock_timestamp() AS now,
       c.key, c.name, c.owner, coalesce(c.sender, '') AS sender, c.senders, c.paused, c.steps, c.version, c.path, c.send_window, c.unsubscribe, cal.rules AS calendar,
       k.id AS contact_id, k.first_name, k.last_name, k.company, k.email, k.phone, k.fields,
       u.name AS owner_name, u.email AS owner_email, u.phone AS owner_phone,
       a.address AS account_address, a.name AS account_name, a.host, a.port, a.tls, a.username, a.password, a.provider AS account_provider, a.status AS account_status,
       a.reason AS account_reason, a.words AS account_words, a.resting_until, a.epoch AS account_epoch, a.pace AS account_pace,
       p.unlimited, p.credits,
       b.address IS NOT NULL AS bounced, coalesce(b.reason, '') AS bounce_reason, b.words AS bounce_words,
       m.address AS mailbox_address, m.look_began, m.wanted_at, CASE m.status WHEN 'in_error' THEN m.reason END AS mailbox_reason, m.words AS mailbox_words,
       h.until AS away_until, coalesce(h.words, '') AS away_words, coalesce(s.target, '') AS suppressed_by, coalesce(s.reason, '') AS suppressed_why,
       d.visit, d.state, d.epoch, d.wire_at, d.kind, d.account, d.recipient, d.subject, d.message_id, d.message_date, d.boundary, d.credit, d.reply,
       ` + hadSQL + ` AS had
  FROM enrollments e
  JOIN campaigns c ON c.key = e.campaign
  JOIN contacts k ON k.id = e.contact_id
  JOIN users u ON u.key = c.owner
 CROSS JOIN plan p
 CROSS JOIN calendar cal
  LEFT JOIN email_accounts a ON a.address = ` + ownSenderSQL + `
  LEFT JOIN bounces b ON b.address = k.email
  LEFT JOIN LATERAL (` + mailboxSQLOf + `) m ON true
  LEFT JOIN contact_holds h ON h.contact_id = k.id
  LEFT JOIN LATERAL (SELECT target, reason FROM suppressions WHERE k.email <> '' AND target IN (k.email, split_part(k.email, '@', 2)) LIMIT 1) s ON true
  LEFT JOIN LATERAL (SELECT * FROM deliveries v
                      WHERE v.enrollment_id = e.id AND v.step_id = $2 AND v.visit > e.visit_base AND (v.visit >= $3 OR v.state = 'sent')
                      ORDER BY v.state = 'sent' DESC, v.visit DESC LIMIT 1) d ON true
 WHERE e.id = $1`

// hadSQL are the messages that enrollment e has had in this round, in their order.
const hadSQL = `(SELECT coalesce(jsonb_agg(jsonb_build_object('StepID', s.step_id, 'Kind', s.kind, 'MessageID', s.message_id, 'Subject', s.subject, 'Account', s.account,
                                                     'At', coalesce(s.settled_at, s.reserved_at), 'WireAt', s.wire_at, 'Due', s.due_at)
                                  ORDER BY s.settled_at, s.reserved_at), '[]')
          FROM deliveries s
         WHERE s.enrollment_id = e.id AND s.visit > e.visit_base AND s.state = 'sent')`

// mailboxSQLOf finds, of enrollment e with the sender a, the mailbox that has been read least:
// the sender's, or that of one from which the contact was moved, to whose emails it may answer (law 9).
const mailboxSQLOf = `
	SELECT m.address, m.status, m.reason, m.words, m.look_began, m.wanted_at FROM mailboxes m JOIN email_accounts r ON r.address = m.address
	 WHERE m.address = ANY (a.address || ` + mailedFromSQL + `) AND r.imap IS NOT NULL AND r.status <> 'removed'
	 ORDER BY m.status = 'in_error' DESC, m.look_began NULLS FIRST, m.address LIMIT 1`

// mailedFromSQL are the accounts whose emails enrollment e has, or may have.
const mailedFromSQL = `ARRAY(SELECT s.account FROM deliveries s WHERE s.enrollment_id = e.id AND s.kind = 'email' AND s.state IN ('wire', 'sent', 'uncertain'))`

type factsRow struct {
	Status    campaign.Status
	RowStep   string
	StepIndex int
	ParkID    int
	VisitBase int
	Began     time.Time
	EditedAt  *time.Time
	Now       time.Time

	Key, Name, Owner, Sender string
	Senders                  []string
	Paused                   bool
	Unsubscribe              bool
	Steps                    []campaign.Step
	Version                  int
	Path                     campaign.Path
	SendWindow               pace.CampaignRules
	Calendar                 pace.Calendar

	ContactID                                  int64
	FirstName, LastName, Company, Email, Phone string
	Fields                                     map[string]string
	OwnerName, OwnerEmail, OwnerPhone          string
	AccountAddress, AccountName                *string
	Host, TLS, Username, AccountProvider       *string
	Port                                       *int
	Password                                   []byte
	AccountStatus, AccountReason               *string
	RestingUntil                               *time.Time
	AccountEpoch                               *int64
	AccountPace                                *pace.AccountRules
	Unlimited                                  bool
	Credits                                    int64
	Bounced                                    bool
	BounceReason                               string
	AccountWords, BounceWords, MailboxWords    *keptWords
	LookBegan, WantedAt                        *time.Time
	MailboxAddress, MailboxReason              *string
	AwayUntil                                  *time.Time
	AwayWords, SuppressedBy, SuppressedWhy     string
	State, Kind, Account, Recipient, Subject   *string
	MessageID, Boundary, Reply                 *string
	Visit, Epoch                               *int
	MessageDate, WireAt                        *time.Time
	Credit                                     *bool
	Had                                        []campaign.Sending
}

// facts are those of Facts. Of several senders that may take the contact, only is asked alone
// when it is not empty: a claim, or a gate, is decided about with its own.
func (s *Store) facts(ctx context.Context, db querier, attempt campaign.Attempt, only string) (campaign.Facts, error) {
	rows, err := db.Query(ctx, factsSQL, attempt.EnrollmentID, attempt.StepID, attempt.Visit)
	if err != nil {
		return campaign.Facts{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[factsRow])
	if err != nil {
		return campaign.Facts{}, named(err, "enrollment", attempt.EnrollmentID)
	}
	if !row.Bounced && hasSpellings(row.Email) { // a bounce of one counts for all
		if row.Bounced, row.BounceReason, row.BounceWords, err = bounceOf(ctx, db, campaign.Spellings(row.Email)); err != nil {
			return campaign.Facts{}, err
		}
	}
	if row.SuppressedBy == "" && hasSpellings(row.Email) {
		if row.SuppressedBy, row.SuppressedWhy, err = suppressedBy(ctx, db, row.Email); err != nil {
			return campaign.Facts{}, err
		}
	}
	facts, err := s.factsFrom(row, attempt)
	facts.DueAt = attempt.Due
	if row.EditedAt != nil && row.EditedAt.After(facts.DueAt) && !row.EditedAt.After(row.Now) { // it has had the wait end, perhaps
		facts.DueAt = *row.EditedAt
	}
	switch {
	case err != nil:
		return facts, err
	case facts.Account == nil && len(row.Senders) > 0:
		return s.choose(ctx, db, facts, attempt, only)
	case facts.Paced():
		facts.Turn, err = turnOf(ctx, db, facts.Place(), attempt)
	}
	return facts, err
}

func bounceOf(ctx context.Context, db querier, spellings []string) (bounced bool, reason string, words *keptWords, err error) {
	rows, err := db.Query(ctx, `SELECT reason, words FROM bounces WHERE address = ANY ($1) ORDER BY bounced_at LIMIT 1`, spellings)
	if err != nil {
		return false, "", nil, err
	}
	_, err = pgx.ForEachRow(rows, []any{&reason, &words}, func() error { bounced = true; return nil })
	return bounced, reason, words, err
}

// threadOf are the emails of what was sent, by the ids that their steps have now.
func threadOf(had []campaign.Sending, of campaign.Campaign) []campaign.Sending {
	var emails []campaign.Sending
	for _, one := range had {
		if one.Kind == campaign.Email && one.MessageID != "" {
			one.StepID = of.Known.Current(one.StepID)
			emails = append(emails, one)
		}
	}
	return emails
}

func (s *Store) factsFrom(row factsRow, attempt campaign.Attempt) (campaign.Facts, error) {
	facts := campaign.Facts{
		EnrollmentID: attempt.EnrollmentID, Status: row.Status, ParkID: row.ParkID, Now: row.Now,
		Campaign: campaign.Campaign{
			Key: row.Key, Name: row.Name, Owner: row.Owner, Sender: row.Sender, Senders: row.Senders, Paused: row.Paused, Steps: row.Steps,
			Window: row.SendWindow, NoUnsubscribe: !row.Unsubscribe, Version: row.Version, Known: row.Path,
		},
		Contact: campaign.Contact{
			ID: row.ContactID, FirstName: row.FirstName, LastName: row.LastName, Company: row.Company,
			Email: row.Email, Phone: row.Phone, Fields: row.Fields,
		},
		Owner:   campaign.User{Key: row.Owner, Name: row.OwnerName, Email: row.OwnerEmail, Phone: row.OwnerPhone},
		Billing: campaign.Billing{Unlimited: row.Unlimited, Credits: row.Credits},
		Bounced: row.Bounced, BounceReason: row.BounceReason, BounceWords: row.BounceWords.of(row.BounceReason),
		Had: row.Had, VisitBase: row.VisitBase, Calendar: row.Calendar, StepID: row.RowStep, StepIndex: row.StepIndex, Began: row.Began,
	}
	facts.Sendings = threadOf(row.Had, facts.Campaign)
	if row.Host != nil {
		password, err := s.openPassword(*row.AccountAddress, row.Password)
		if err != nil {
			return campaign.Facts{}, err
		}
		facts.Account = &campaign.EmailAccount{
			Address: *row.AccountAddress, Name: *row.AccountName,
			SMTP:   campaign.SMTP{Host: *row.Host, Port: *row.Port, TLS: campaign.TLS(*row.TLS), Username: *row.Username, Password: password, Provider: *row.AccountProvider},
			Status: campaign.AccountStatus(*row.AccountStatus), Reason: *row.AccountReason, Words: row.AccountWords.of(*row.AccountReason), Epoch: *row.AccountEpoch,
			Pace: *row.AccountPace,
		}
		if row.RestingUntil != nil {
			facts.Account.RestingUntil = *row.RestingUntil
		}
	}
	if row.MailboxAddress != nil {
		facts.Mailbox = &campaign.Mailbox{Address: *row.MailboxAddress, LookBegan: timeOrZero(row.LookBegan), WantedAt: timeOrZero(row.WantedAt)}
		if row.MailboxReason != nil {
			facts.Mailbox.Reason, facts.Mailbox.Words = *row.MailboxReason, row.MailboxWords.of(*row.MailboxReason)
		}
	}
	if row.AwayUntil != nil {
		facts.Away = campaign.Away{Until: *row.AwayUntil, Words: row.AwayWords}
	}
	if row.SuppressedBy != "" {
		facts.Suppressed, facts.SuppressedBy = true, row.SuppressedBy+" is "+row.SuppressedWhy
	}
	if row.State != nil {
		facts.Delivery = &campaign.Delivery{
			EnrollmentID: attempt.EnrollmentID, StepID: attempt.StepID, Visit: *row.Visit,
			State: campaign.DeliveryState(*row.State), Epoch: *row.Epoch, Reply: *row.Reply,
			Draft: campaign.Draft{
				Kind: campaign.Kind(*row.Kind), Account: *row.Account, Recipient: *row.Recipient, Subject: *row.Subject,
				MessageID: *row.MessageID, Date: *row.MessageDate, Boundary: *row.Boundary, CostsCredit: *row.Credit,
			},
		}
		if row.WireAt != nil {
			facts.Delivery.WireAt = *row.WireAt
		}
	}
	return facts, nil
}
