package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/failure"
)

// choose finds the enrollments that a request selects. All of a hundred thousand
// are only counted; contacts that were named are read, so that a refusal can name
// the status of each.
func (r request) choose(ctx context.Context, db querier, listed bool) (Requested, error) {
	if r.selection.Contacts == nil && !listed && r.selection.Code != failure.DeliveryUncertain {
		return r.count(ctx, db)
	}
	found, err := matches(ctx, db, r.selection)
	if err != nil {
		return Requested{}, err
	}
	requested := Requested{ByCode: map[failure.Code]int{}, ByCampaign: map[string]int{}}
	var uncertain []int64
	taken := map[int64]bool{}
	for _, one := range found {
		switch r.judge(one) {
		case chosen:
			requested.Targets = append(requested.Targets, one)
			requested.add(1, one)
			if one.Ended {
				requested.Ended++
			}
			taken[one.ContactID] = true
		case unanswered:
			uncertain = append(uncertain, one.ContactID)
		case untouched:
		}
	}
	if len(uncertain) > 0 && (r.selection.Contacts != nil || r.selection.Code == failure.DeliveryUncertain) {
		return Requested{}, &NeedsAnswer{Contacts: slices.Compact(slices.Sorted(slices.Values(uncertain)))}
	}
	requested.LeftOut = len(uncertain)
	for _, id := range r.selection.Contacts {
		if !taken[id] {
			return Requested{}, r.refuse(id, found)
		}
	}
	return requested, nil
}

func (r request) refuse(id int64, found []Match) error {
	refusal := &NotEligible{Kind: r.kind, Selection: r.selection, Assume: r.say.Assume, ContactID: id}
	for _, one := range found {
		if one.ContactID == id {
			refusal.Enrollments = append(refusal.Enrollments, one)
		}
	}
	return refusal
}

// count is choose by numbers alone.
func (r request) count(ctx context.Context, db querier) (Requested, error) {
	requested := Requested{ByCode: map[failure.Code]int{}, ByCampaign: map[string]int{}}
	where, args := r.selection.where()
	rows, err := db.Query(ctx, `SELECT e.campaign, e.status, coalesce(e.code, ''), count(*), count(*) FILTER (WHERE `+isEnded+`) FROM enrollments e `+where+` GROUP BY 1, 2, 3`, args)
	if err != nil {
		return requested, err
	}
	var one Match
	var n, ended int
	_, err = pgx.ForEachRow(rows, []any{&one.Campaign, &one.Status, &one.Code, &n, &ended}, func() error {
		switch r.judge(one) {
		case chosen:
			requested.add(n, one)
			requested.Ended += ended
		case unanswered:
			requested.LeftOut += n
		case untouched:
		}
		return nil
	})
	return requested, err
}

// isEnded is true for an enrollment e whose workflow was ended from outside.
const isEnded = `EXISTS (SELECT FROM ended_workflows w WHERE w.enrollment_id = e.id)`

const matchSQL = `
	SELECT e.id AS enrollment_id, e.contact_id, k.first_name, k.last_name, e.campaign, e.status, e.step_index, e.park_id, coalesce(e.code, '') AS code, ` + isEnded + ` AS ended
	  FROM enrollments e JOIN contacts k ON k.id = e.contact_id `

// where are the enrollments to choose from: of named contacts all, so that a
// refusal can say how they stand; else those that can still change.
func (w Selection) where() (string, pgx.NamedArgs) {
	where, args := `WHERE e.`+runningSQL, pgx.NamedArgs{}
	if w.Contacts != nil {
		where, args["contacts"] = `WHERE e.contact_id = ANY (@contacts)`, w.Contacts
	}
	if w.Campaign != "" {
		where, args["campaign"] = where+` AND e.campaign = @campaign`, w.Campaign
	}
	if w.Contacts == nil && w.Code != "" {
		where, args["code"] = where+` AND e.code = @code AND e.park_seq IS NOT NULL`, w.Code
	}
	return where, args
}

func matches(ctx context.Context, db querier, selection Selection) ([]Match, error) {
	where, args := selection.where()
	rows, err := db.Query(ctx, matchSQL+where+` ORDER BY e.park_seq NULLS LAST, e.id`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Match])
}

// Follow reads how enrollments stand now.
func (s *Store) Follow(ctx context.Context, enrollmentIDs []int64) ([]Match, error) {
	rows, err := s.pool.Query(ctx, matchSQL+`WHERE e.id = ANY ($1)`, enrollmentIDs)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Match])
}
