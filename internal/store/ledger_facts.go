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
	return s.facts(ctx, s.pool, attempt)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const factsSQL = `
SELECT e.status, e.step_index, e.park_id, clock_timestamp() AS now,
       c.key, c.name, c.owner, coalesce(c.sender, '') AS sender, c.paused, c.steps, c.send_window, cal.rules AS calendar,
       k.id AS contact_id, k.first_name, k.last_name, k.company, k.email, k.phone, k.fields,
       u.name AS owner_name, u.email AS owner_email, u.phone AS owner_phone,
       a.name AS account_name, a.host, a.port, a.tls, a.username, a.password, a.status AS account_status,
       a.reason AS account_reason, a.resting_until, a.epoch AS account_epoch, a.pace AS account_pace,
       p.unlimited, p.credits,
       b.address IS NOT NULL AS bounced, coalesce(b.reason, '') AS bounce_reason,
       d.visit, d.state, d.epoch, d.wire_at, d.kind, d.account, d.recipient, d.subject, d.message_id, d.message_date, d.boundary, d.credit, d.reply,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('StepID', s.step_id, 'MessageID', s.message_id, 'Subject', s.subject)
                                  ORDER BY s.settled_at), '[]')
          FROM deliveries s
         WHERE s.enrollment_id = e.id AND s.kind = 'email' AND s.state = 'sent' AND s.message_id <> '') AS sendings
  FROM enrollments e
  JOIN campaigns c ON c.key = e.campaign
  JOIN contacts k ON k.id = e.contact_id
  JOIN users u ON u.key = c.owner
 CROSS JOIN plan p
 CROSS JOIN calendar cal
  LEFT JOIN email_accounts a ON a.address = c.sender
  LEFT JOIN bounces b ON b.address = k.email
  LEFT JOIN LATERAL (SELECT * FROM deliveries v
                      WHERE v.enrollment_id = e.id AND v.step_id = $2 AND (v.visit >= $3 OR v.state = 'sent')
                      ORDER BY v.state = 'sent' DESC, v.visit DESC LIMIT 1) d ON true
 WHERE e.id = $1`

type factsRow struct {
	Status    campaign.Status
	StepIndex int
	ParkID    int
	Now       time.Time

	Key, Name, Owner, Sender string
	Paused                   bool
	Steps                    []campaign.Step
	SendWindow               pace.CampaignRules
	Calendar                 pace.Calendar

	ContactID                                  int64
	FirstName, LastName, Company, Email, Phone string
	Fields                                     map[string]string
	OwnerName, OwnerEmail, OwnerPhone          string
	AccountName, Host, TLS, Username           *string
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
	State, Kind, Account, Recipient, Subject   *string
	MessageID, Boundary, Reply                 *string
	Visit, Epoch                               *int
	MessageDate, WireAt                        *time.Time
	Credit                                     *bool
	Sendings                                   []campaign.Sending
}

func (s *Store) facts(ctx context.Context, db querier, attempt campaign.Attempt) (campaign.Facts, error) {
	rows, err := db.Query(ctx, factsSQL, attempt.EnrollmentID, attempt.StepID, attempt.Visit)
	if err != nil {
		return campaign.Facts{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[factsRow])
	if err != nil {
		return campaign.Facts{}, named(err, "enrollment", attempt.EnrollmentID)
	}
	if !row.Bounced && hasSpellings(row.Email) { // a bounce of one counts for all
		if row.Bounced, row.BounceReason, err = bounceOf(ctx, db, campaign.Spellings(row.Email)); err != nil {
			return campaign.Facts{}, err
		}
	}
	facts, err := s.factsFrom(row, attempt)
	if err == nil && facts.Paced() {
		facts.Turn, err = turnOf(ctx, db, facts.Place(), attempt)
	}
	return facts, err
}

func bounceOf(ctx context.Context, db querier, spellings []string) (bounced bool, reason string, err error) {
	rows, err := db.Query(ctx, `SELECT reason FROM bounces WHERE address = ANY ($1) ORDER BY bounced_at LIMIT 1`, spellings)
	if err != nil {
		return false, "", err
	}
	reasons, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(reasons) == 0 {
		return false, "", err
	}
	return true, reasons[0], nil
}

func (s *Store) factsFrom(row factsRow, attempt campaign.Attempt) (campaign.Facts, error) {
	facts := campaign.Facts{
		Status: row.Status, ParkID: row.ParkID, Now: row.Now,
		Campaign: campaign.Campaign{
			Key: row.Key, Name: row.Name, Owner: row.Owner, Sender: row.Sender, Paused: row.Paused, Steps: row.Steps,
			Window: row.SendWindow,
		},
		Contact: campaign.Contact{
			ID: row.ContactID, FirstName: row.FirstName, LastName: row.LastName, Company: row.Company,
			Email: row.Email, Phone: row.Phone, Fields: row.Fields,
		},
		Owner:   campaign.User{Key: row.Owner, Name: row.OwnerName, Email: row.OwnerEmail, Phone: row.OwnerPhone},
		Billing: campaign.Billing{Unlimited: row.Unlimited, Credits: row.Credits},
		Bounced: row.Bounced, BounceReason: row.BounceReason,
		Sendings: row.Sendings, Calendar: row.Calendar,
	}
	if row.Host != nil {
		password, err := s.openPassword(row.Sender, row.Password)
		if err != nil {
			return campaign.Facts{}, err
		}
		facts.Account = &campaign.EmailAccount{
			Address: row.Sender, Name: *row.AccountName,
			SMTP:   campaign.SMTP{Host: *row.Host, Port: *row.Port, TLS: campaign.TLS(*row.TLS), Username: *row.Username, Password: password},
			Status: campaign.AccountStatus(*row.AccountStatus), Reason: *row.AccountReason, Epoch: *row.AccountEpoch,
			Pace: *row.AccountPace,
		}
		if row.RestingUntil != nil {
			facts.Account.RestingUntil = *row.RestingUntil
		}
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
