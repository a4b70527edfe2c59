package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Part says which contacts in error are meant: those of one repair, or fewer of them.
type Part struct {
	Code failure.Code
	// Cause is that of an ErrorGroup.
	Cause string
	// Campaign and StepID narrow it; empty is any.
	Campaign, StepID string
	// Parks are the Seq of the parks that are meant; nil is all.
	Parks []int64
}

// where is the part as SQL, for enrollments e of a campaign that is given.
func (p Part) where() (string, pgx.NamedArgs) {
	where, args := `e.park_seq IS NOT NULL AND e.code = @code AND cause_group(e.cause) = @cause`, pgx.NamedArgs{"code": p.Code, "cause": p.Cause, "only": p.Campaign}
	if p.StepID != "" {
		where, args["step"] = where+` AND e.step_id = @step`, p.StepID
	}
	if p.Parks != nil {
		where, args["parks"] = where+` AND e.park_seq = ANY (@parks)`, p.Parks
	}
	return where, args
}

// PartMembers says of contacts, by their ids, which are in error for the part, and
// which variables each misses: none where the part is about the address.
func (s *Store) PartMembers(ctx context.Context, part Part, contacts []int64) (map[int64][]string, error) {
	where, args := part.where()
	args["contacts"] = contacts
	rows, err := s.pool.Query(ctx, `
		SELECT e.contact_id, ARRAY(SELECT DISTINCT p.variable FROM parked_on p WHERE p.enrollment_id = e.id AND p.variable <> '')
		  FROM enrollments e WHERE e.contact_id = ANY (@contacts) AND (@only = '' OR e.campaign = @only) AND `+where, args)
	if err != nil {
		return nil, err
	}
	members := map[int64][]string{}
	var id int64
	var variables []string
	_, err = pgx.ForEachRow(rows, []any{&id, &variables}, func() error {
		members[id], variables = append(members[id], variables...), nil
		return nil
	})
	return members, err
}

// concernedSQL are the campaigns of a part: the tally knows them.
const concernedSQL = `
	concerned AS MATERIALIZED (
		SELECT campaign FROM tally WHERE status = 'InError' AND code = @code AND cause = @cause AND (@only = '' OR campaign = @only) GROUP BY 1 HAVING sum(n) > 0)`

// CountPart counts the contacts in error of a part.
func (s *Store) CountPart(ctx context.Context, part Part) (count int, err error) {
	if part.StepID == "" && part.Parks == nil {
		return s.CountErrors(ctx, ErrorFilter{Code: part.Code, Cause: part.Cause, Campaign: part.Campaign})
	}
	where, args := part.where()
	err = s.pool.QueryRow(ctx, `WITH `+concernedSQL+` SELECT count(*) FROM concerned c JOIN enrollments e ON e.campaign = c.campaign WHERE `+where, args).Scan(&count)
	return count, err
}

// Grown refuses what was confirmed for fewer contacts than there are now. It wraps
// ErrRefused.
type Grown struct{ Confirmed, Now int }

func (e *Grown) Error() string {
	return fmt.Sprintf("there are %d now, and %d were confirmed", e.Now, e.Confirmed)
}

// Unwrap makes it a refusal.
func (*Grown) Unwrap() error { return ErrRefused }

// RequestPart is RequestResume, or RequestDisenroll, for the contacts in error of a
// part, of all campaigns in one transaction: for exactly those who are in error now. It
// is a Grown when they are more than confirmed (0 is not asked), and a Stale when
// nobody is left, or when the same was asked for after what was seen.
func (s *Store) RequestPart(ctx context.Context, kind campaign.OutboxKind, part Part, say campaign.Resume, confirmed int, options BatchOptions) (Requested, error) {
	var total Requested
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		total = Requested{ByCode: map[failure.Code]int{}, ByCampaign: map[string]int{}, Rate: options.Limit()}
		if err := lockRequests(ctx, tx); err != nil {
			return err
		}
		contacts, ended, err := partContacts(ctx, tx, part)
		if err != nil {
			return err
		}
		for key, ids := range contacts {
			total.add(len(ids), Match{Campaign: key, Code: part.Code})
		}
		total.Ended = ended
		switch {
		case total.Count == 0:
			return &Stale{Text: "none of them is in error for this any more"}
		case confirmed > 0 && total.Count > confirmed:
			return &Grown{Confirmed: confirmed, Now: total.Count}
		case options.DryRun:
			return nil
		}
		for _, key := range slices.Sorted(maps.Keys(contacts)) {
			selection := Selection{Campaign: key, Code: part.Code, Contacts: contacts[key]}
			if err := s.notAsked(ctx, tx, kind, selection); err != nil {
				return err
			}
			if kind == campaign.OutboxResume {
				if selection, err = wholly(ctx, tx, selection); err != nil {
					return err
				}
			}
			one := Requested{Count: len(contacts[key])}
			if err := (request{kind: kind, selection: selection, say: say}).write(ctx, tx, &one, options); err != nil {
				return err
			}
			total.ID, total.Rate = one.ID, one.Rate
		}
		return nil
	})
	return total, err
}

// partContacts lists the contacts of a part by campaign, and counts those of them
// whose workflow was ended from outside.
func partContacts(ctx context.Context, tx pgx.Tx, part Part) (contacts map[string][]int64, ended int, err error) {
	where, args := part.where()
	rows, err := tx.Query(ctx, `WITH `+concernedSQL+`
		SELECT e.campaign, array_agg(e.contact_id ORDER BY e.contact_id), count(*) FILTER (WHERE `+isEnded+`)
		  FROM concerned c JOIN enrollments e ON e.campaign = c.campaign WHERE `+where+` GROUP BY 1`, args)
	if err != nil {
		return nil, 0, err
	}
	contacts = map[string][]int64{}
	var key string
	var ids []int64
	var gone int
	_, err = pgx.ForEachRow(rows, []any{&key, &ids, &gone}, func() error {
		contacts[key], ids, ended = ids, nil, ended+gone
		return nil
	})
	return contacts, ended, err
}

// wholly names no contacts where they are all that are in error with the code: a
// resume reaches no park that is younger than itself.
func wholly(ctx context.Context, tx pgx.Tx, selection Selection) (Selection, error) {
	var all int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM enrollments e WHERE e.park_seq IS NOT NULL AND e.campaign = $1 AND e.code = $2`,
		selection.Campaign, selection.Code).Scan(&all)
	if all == len(selection.Contacts) {
		selection.Contacts = nil
	}
	return selection, err
}

// lockRequests lets one request at a time decide on what was seen, so that of two the
// second sees the first. It takes no row that a claim or a park needs.
func lockRequests(ctx context.Context, tx pgx.Tx) error {
	const key = 0x72656c7265717565 // "relreque"
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(key))
	return err
}

// notAsked is a Stale when the same was asked for, of some of the same contacts, after
// what was seen.
func (s *Store) notAsked(ctx context.Context, tx pgx.Tx, kind campaign.OutboxKind, selection Selection) error {
	if s.seen == nil {
		return nil
	}
	stale := &Stale{Text: "this has been asked for meanwhile"}
	err := tx.QueryRow(ctx, `
		SELECT by, created_at FROM outbox WHERE kind = $1 AND id > $2 AND ($3 IN ('', campaign) OR campaign = '') AND ($4 IN ('', code) OR code = '')
		   AND (contacts = '{}' OR $5::bigint[] IS NULL OR contacts && $5) ORDER BY id DESC LIMIT 1`,
		kind, *s.seen, selection.Campaign, selection.Code, selection.Contacts).Scan(&stale.By, &stale.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return stale
}

// LastFact is the highest number that a park or a fix has taken: what is read after it
// was there to be seen; for Seeing.
func (s *Store) LastFact(ctx context.Context) (last int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT last_value FROM fact_seq`).Scan(&last)
	return last, err
}
