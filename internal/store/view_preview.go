package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// Outlook is what the messages of a campaign to one contact depend on.
type Outlook struct {
	// Facts are those of an attempt, without a Delivery and without the account's
	// password; Status is empty when the contact is not enrolled.
	Facts campaign.Facts
	// StepID is where the enrollment stands.
	StepID string
	// Deliveries are the rows of the ledger that count, by step; see campaign.Facts.
	Deliveries map[string]campaign.Delivery
}

// Outlook reads it, step by step and without locks: it is to be looked at, not to be
// acted on. ErrNotFound when there is no such campaign or contact.
func (s *Store) Outlook(ctx context.Context, key string, contactID int64) (Outlook, error) {
	o := Outlook{Deliveries: map[string]campaign.Delivery{}}
	facts := &o.Facts
	var err error
	if *facts, err = s.campaignFacts(ctx, key); err != nil {
		return o, err
	}
	if facts.Contact, err = s.Contact(ctx, contactID); err != nil {
		return o, err
	}
	if facts.Contact.Email != "" {
		var words *keptWords
		if facts.Bounced, facts.BounceReason, words, err = bounceOf(ctx, s.pool, campaign.Spellings(facts.Contact.Email)); err != nil {
			return o, err
		}
		facts.BounceWords = words.of(facts.BounceReason)
	}
	if facts.Unbound() { // whose hours meet the window can depend on the contact
		*facts = facts.Choose(0)
	}
	return o, s.readHistory(ctx, &o)
}

// campaignFacts reads what is the same for every contact of a campaign.
func (s *Store) campaignFacts(ctx context.Context, key string) (facts campaign.Facts, err error) {
	if facts.Campaign, err = s.Campaign(ctx, key); err != nil {
		return facts, err
	}
	facts.Owner.Key = facts.Campaign.Owner
	if err := s.pool.QueryRow(ctx, `SELECT u.name, u.email, u.phone, p.unlimited, p.credits, clock_timestamp() FROM users u CROSS JOIN plan p WHERE u.key = $1`, facts.Owner.Key).
		Scan(&facts.Owner.Name, &facts.Owner.Email, &facts.Owner.Phone, &facts.Billing.Unlimited, &facts.Billing.Credits, &facts.Now); err != nil {
		return facts, err
	}
	if facts.Calendar, err = s.Calendar(ctx); err != nil {
		return facts, err
	}
	for _, address := range facts.Campaign.AllSenders() {
		row, err := readAccount(ctx, s.pool, address, "")
		if err != nil {
			return facts, err
		}
		account := row.account()
		if len(facts.Campaign.Senders) == 0 {
			facts.Account = &account
			return facts, nil
		}
		facts.Candidates = append(facts.Candidates, campaign.Candidate{EmailAccount: account})
	}
	if facts.Unbound() {
		facts = facts.Choose(0) // whichever it will be, this is one that can send
	}
	return facts, nil
}

// Newcomers calls do with the facts of every contact that an enrollment would take, by
// id: of ids, or of all when it is nil, those that are not in the campaign; most of them
// at most, and 0 is all. With again, of ids also those that have been in it. Nothing is locked: it is to be looked at, not to be acted on.
func (s *Store) Newcomers(ctx context.Context, key string, ids []int64, most int, again bool, do func(campaign.Facts)) error {
	facts, err := s.campaignFacts(ctx, key)
	if err != nil {
		return err
	}
	rows, err := s.pool.Query(ctx, `SELECT address, reason FROM bounces`)
	if err != nil {
		return err
	}
	bounces := map[string]string{}
	var address, reason string
	if _, err := pgx.ForEachRow(rows, []any{&address, &reason}, func() error { bounces[address] = reason; return nil }); err != nil {
		return err
	}
	rows, err = s.pool.Query(ctx, `SELECT `+contactColumns+` FROM contacts k
		 WHERE ($2::bigint[] IS NULL OR id = ANY ($2)) AND ($4 OR NOT EXISTS (SELECT FROM enrollments e WHERE e.campaign = $1 AND e.contact_id = k.id))
		   AND NOT `+suppressedSQL+`
		 ORDER BY id LIMIT nullif($3, 0)`, key, ids, most, again)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if facts.Contact, err = pgx.RowToStructByName[campaign.Contact](rows); err != nil {
			return err
		}
		facts.Bounced, facts.BounceReason = false, ""
		for _, spelling := range campaign.Spellings(facts.Contact.Email) {
			if reason, bounced := bounces[spelling]; bounced {
				facts.Bounced, facts.BounceReason = true, reason
			}
		}
		if facts.Unbound() { // whose hours meet the window can depend on the contact
			facts = facts.Choose(0)
		}
		do(facts)
	}
	return rows.Err()
}

// readHistory reads what the contact has had, if it is enrolled.
func (s *Store) readHistory(ctx context.Context, o *Outlook) error {
	var enrollment int64
	var own string
	err := s.pool.QueryRow(ctx, `SELECT e.id, e.status, e.step_id, e.park_id, coalesce(`+ownSenderSQL+`, '')
		  FROM enrollments e JOIN campaigns c ON c.key = e.campaign WHERE e.campaign = $1 AND e.contact_id = $2`,
		o.Facts.Campaign.Key, o.Facts.Contact.ID).Scan(&enrollment, &o.Facts.Status, &o.StepID, &o.Facts.ParkID, &own)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if own != "" && o.Facts.Unbound() { // the one that has mailed it
		row, err := readAccount(ctx, s.pool, own, "")
		if err != nil {
			return err
		}
		account := row.account()
		o.Facts.Account, o.Facts.Candidates = &account, nil
	}
	rows, err := s.pool.Query(ctx, `SELECT `+deliveryColumns+` FROM deliveries WHERE enrollment_id = $1 AND visit > `+visitBaseSQL("$1")+` ORDER BY settled_at, visit`, enrollment)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[deliveryRow])
	path := o.Facts.Campaign.Path()
	for _, row := range found {
		row.StepID = path.Current(row.StepID) // as the step is called now
		if row.State == campaign.Sent && row.Kind == campaign.Email && row.MessageID != "" {
			o.Facts.Sendings = append(o.Facts.Sendings, campaign.Sending{StepID: row.StepID, MessageID: row.MessageID, Subject: row.Subject, Account: row.Account})
		}
		if before, ok := o.Deliveries[row.StepID]; !ok || before.State != campaign.Sent && (row.State == campaign.Sent || row.Visit > before.Visit) {
			o.Deliveries[row.StepID] = row.delivery()
		}
	}
	return err
}
