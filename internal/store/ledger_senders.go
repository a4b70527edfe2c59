package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// mailedBySQL is the account of the last email that enrollment e has had, or may have had, in
// this round, as the ledger says; NULL when nobody has mailed it.
const mailedBySQL = `(SELECT m.account FROM deliveries m
	 WHERE m.enrollment_id = e.id AND m.visit > e.visit_base AND m.kind = 'email' AND m.state IN ('wire', 'sent', 'uncertain') AND m.account <> ''
	 ORDER BY m.wire_at DESC NULLS LAST, m.reserved_at DESC LIMIT 1)`

// ownSenderSQL is the sender of enrollment e in campaign c: that of the campaign, or of
// several the one to which it was moved, or that has mailed it. NULL when it has none: of
// several senders any may take it (campaign.Facts.Unbound).
const ownSenderSQL = `CASE WHEN c.senders = '{}' THEN c.sender ELSE ` + keptSenderSQL + ` END`

// keptSenderSQL is ownSenderSQL where several senders are.
const keptSenderSQL = `coalesce(e.sender, ` + mailedBySQL + `)`

// unboundBand is the band of a contact that is unbound, as campaign.Facts.Place has it.
func unboundBand(senders string) string {
	return `(SELECT CASE WHEN bool_and(f.pace->>'order' IS NOT DISTINCT FROM 'fifo') THEN 1 ELSE 2 END FROM email_accounts f WHERE f.address = ANY (` + senders + `))`
}

var candidatesSQL = `
WITH turns AS (` + turnSQL(unboundBand(`@accounts`)) + `)
SELECT ` + accountColumns + `, next_at, day, count, sending_day, seq, before, placed, granted, claimed
  FROM turns JOIN email_accounts ON address = account ORDER BY array_position(@accounts::text[], address)`

// choose has the facts name the sender of a contact that nobody has mailed: one query more,
// for campaigns of several senders alone.
func (s *Store) choose(ctx context.Context, db querier, facts campaign.Facts, attempt campaign.Attempt, only string) (campaign.Facts, error) {
	rows, err := db.Query(ctx, candidatesSQL, pgx.NamedArgs{
		"accounts": facts.Campaign.Senders, "enrollment": attempt.EnrollmentID, "step": attempt.StepID,
	})
	if err != nil {
		return facts, err
	}
	read, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		accountRow
		turnRow
	}])
	if err != nil {
		return facts, err
	}
	for _, row := range read {
		turn, err := row.turn()
		if err != nil {
			return facts, err
		}
		facts.Candidates = append(facts.Candidates, campaign.Candidate{EmailAccount: row.account(), Turn: turn})
	}
	asked := facts
	if only != "" {
		asked.Candidates = slices.DeleteFunc(slices.Clone(facts.Candidates), func(of campaign.Candidate) bool { return of.Address != only })
	}
	chosen := asked.Choose(attempt.EnrollmentID)
	chosen.Candidates = facts.Candidates
	for _, row := range read {
		if chosen.Account != nil && chosen.Account.Address == row.Address { // the only password that is opened
			account := row.account()
			account.SMTP.Password, err = s.openPassword(row.Address, row.Password)
			chosen.Account = &account
			break
		}
	}
	return chosen, err
}
