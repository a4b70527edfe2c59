package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/inbound"
	"relance/internal/secretbox"
)

// AttachableKinds are what a person can say that a message is.
func AttachableKinds() []inbound.Kind {
	return []inbound.Kind{inbound.Reply, inbound.OutOfOffice, inbound.LeftCompany, inbound.Unsubscribe, inbound.Complaint}
}

// AttachInbound settles a message of which nobody knew whose it is, or at which somebody had to
// look: it is the contact's (0 is the one that it was matched with), and what follows from its
// kind is done now. As is what the person says that it is; empty is what it was judged to
// be. ErrNotFound for a message or a contact that does not exist, ErrRefused when it is settled
// already, when nothing says what it is, and for a contact that is and was in no campaign.
func (s *Store) AttachInbound(ctx context.Context, id, contactID int64, as inbound.Kind, by string) (Heard, error) {
	var heard Heard
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		heard = Heard{ID: id, State: HeardSettled, by: by}
		before, err := readHeard(ctx, tx, id, "")
		if err != nil {
			return err
		}
		if contactID == 0 {
			contactID = before.ContactID
		}
		if contactID == 0 {
			return refusedf("nobody knows whose message %d is; say it with the number of a contact", id)
		}
		if err := contactsExist(ctx, tx, []int64{contactID}); err != nil {
			return err
		}
		message, err := s.readAgain(ctx, tx, before)
		if err != nil {
			return err
		}
		if as != "" {
			message.Verdict.Kind = as
		}
		if kind := message.Verdict.Kind; kind == inbound.Unsure || kind == inbound.Unreadable || kind == inbound.Challenge {
			return refusedf("message %d was judged to be %s, from which nothing follows; say what it is: %s", id, message.Verdict.Kind, strings.Join(kindNames(AttachableKinds()), ", "))
		}
		of, err := ofContact(ctx, tx, contactID, message.Address)
		if err != nil {
			return err
		}
		contacts, enrollments, err := settle(ctx, tx, before, func() ([]int64, error) {
			return contactsAt(ctx, tx, contactID, message.senders()...)
		}, by)
		if err != nil {
			return err
		}
		if err := s.follow(ctx, tx, message, of, contacts, enrollments, &heard); err != nil {
			return err
		}
		heard.State = HeardSettled // a person has looked
		reason := message.Verdict.Reason
		if as != "" && as != before.Kind {
			reason = strings.TrimRight(reason, ".") + "; " + by + " says that it is " + string(as)
		}
		if _, err := tx.Exec(ctx, `
			UPDATE inbound SET state = 'settled', kind = $2, reason = $3, matched_by = $4, contact_id = $5, enrollment_id = $6, step_id = $7, settled_by = $8, class = $9 WHERE id = $1`,
			id, message.Verdict.Kind, reason, ByHand, contactID, of.EnrollmentID, of.StepID, by, classOf(message.Verdict, of.Recipient)); err != nil {
			return err
		}
		if err := keepFollowed(ctx, tx, heard); err != nil {
			return err
		}
		return Activity{By: by, Kind: DidAttach, Thing: AnInbound, Subject: strconv.FormatInt(id, 10), Count: heard.Ended}.write(ctx, tx)
	})
	return heard, err
}

// IgnoreInbound settles such a message without an effect, and takes away the hold until somebody
// had looked. Errors as AttachInbound's.
func (s *Store) IgnoreInbound(ctx context.Context, id int64, by string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		before, err := readHeard(ctx, tx, id, "")
		if err != nil {
			return err
		}
		if _, _, err := settle(ctx, tx, before, func() ([]int64, error) { return nil, nil }, by); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE inbound SET state = 'ignored', settled_by = $2 WHERE id = $1`, id, by); err != nil {
			return err
		}
		return Activity{By: by, Kind: DidIgnore, Thing: AnInbound, Subject: strconv.FormatInt(id, 10)}.write(ctx, tx)
	})
}

// settle takes the running enrollments of those that the message is from, and of those that it
// holds, before its row, and takes its hold away. It returns the first ones.
func settle(ctx context.Context, tx pgx.Tx, before heardRow, from func() ([]int64, error), by string) ([]int64, []personsEnrollment, error) {
	contacts, err := from()
	if err != nil {
		return nil, nil, err
	}
	rows, err := tx.Query(ctx, `SELECT contact_id FROM contact_holds WHERE inbound_id = $1`, before.ID)
	if err != nil {
		return nil, nil, err
	}
	held, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, nil, err
	}
	all, err := lockPerson(ctx, tx, append(held, contacts...))
	if err != nil {
		return nil, nil, err
	}
	now, err := readHeard(ctx, tx, before.ID, "FOR UPDATE")
	switch {
	case err != nil:
		return nil, nil, err
	case now.State != HeardOpen && now.State != HeardUnmatched && now.SettledBy != "":
		return nil, nil, refusedf("message %d is %s already, by %s", now.ID, now.State, now.SettledBy)
	case now.State != HeardOpen && now.State != HeardUnmatched:
		return nil, nil, refusedf("message %d is %s already", now.ID, now.State)
	}
	var persons, waiting []personsEnrollment
	for _, e := range all {
		if slices.Contains(contacts, e.ContactID) {
			persons = append(persons, e)
		}
		if slices.Contains(held, e.ContactID) {
			waiting = append(waiting, e)
		}
	}
	if len(held) == 0 {
		return contacts, persons, nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM contact_holds WHERE inbound_id = $1`, before.ID); err != nil {
		return nil, nil, err
	}
	return contacts, persons, wakeHeld(ctx, tx, waiting, by)
}

// heardRow is the row of a message.
type heardRow struct {
	ID, ContactID int64
	EnrollmentID  int64
	StepID        string
	MatchedBy     MatchedBy
	Inbound       Inbound
	Kind          inbound.Kind
	State         HeardState
	Sealed        []byte
	SettledBy     string
}

func readHeard(ctx context.Context, tx pgx.Tx, id int64, lock string) (heardRow, error) {
	row := heardRow{ID: id}
	m := &row.Inbound
	var sender string
	err := tx.QueryRow(ctx, `
		SELECT address, generation, folder, arrived_at, message_id, sender, subject, raw, kind, reason, words, state, coalesce(contact_id, 0),
		       coalesce(enrollment_id, 0), step_id, matched_by, settled_by
		  FROM inbound WHERE id = $1 `+lock, id).
		Scan(&m.Address, &m.Generation, &m.Folder, &m.ArrivedAt, &m.Mail.MessageID, &sender, &m.Mail.Subject, &row.Sealed,
			&m.Verdict.Kind, &m.Verdict.Reason, &m.Verdict.Words, &row.State, &row.ContactID,
			&row.EnrollmentID, &row.StepID, &row.MatchedBy, &row.SettledBy)
	if sender != "" {
		m.Mail.From = []inbound.Address{{Address: sender}}
	}
	row.Kind = m.Verdict.Kind
	return row, named(err, "inbound message", id)
}

// readAgain adds to what is kept of a message what only its text says: the recipients of a
// report, the dates of an absence. Its kind stays as it is. Without the text, which is
// forgotten after a time, it is without them.
func (s *Store) readAgain(ctx context.Context, tx pgx.Tx, row heardRow) (Inbound, error) {
	message := row.Inbound
	if len(row.Sealed) == 0 {
		return message, nil
	}
	raw, err := s.box.Open(rawName(message.Address), row.Sealed)
	if errors.Is(err, secretbox.ErrNoKey) {
		return message, nil
	}
	if err != nil {
		return message, err
	}
	mail, verdict := inbound.Judge([]byte(raw), message.ArrivedAt, inbound.Self{Addresses: []string{message.Address}})
	message.Verdict.Recipients, message.Verdict.Away = verdict.Recipients, verdict.Away
	calendar, err := readCalendar(ctx, tx)
	if err != nil {
		return message, err
	}
	message.AwayUntil = BackAt(calendar, verdict.Away, mail.MessageID)
	return message, nil
}

// ofContact is the last email to a contact, of this account if there is one, or what
// would have been the first of an enrollment.
func ofContact(ctx context.Context, tx pgx.Tx, contactID int64, account string) (heardOf, error) {
	var enrollment int64
	err := tx.QueryRow(ctx, `
		SELECT e.id FROM enrollments e
		  LEFT JOIN LATERAL (SELECT account, reserved_at FROM deliveries d WHERE d.enrollment_id = e.id AND d.kind = 'email' AND d.state IN ('wire', 'sent', 'uncertain')
		                      ORDER BY reserved_at DESC LIMIT 1) d ON true
		 WHERE e.contact_id = $1 ORDER BY d.account = $2 DESC NULLS LAST, d.reserved_at DESC NULLS LAST, e.id DESC LIMIT 1`, contactID, account).Scan(&enrollment)
	if isMissing(err) {
		return heardOf{}, refusedf("contact %d is and was in no campaign, so nothing follows from the message; ignore it", contactID)
	}
	if err != nil {
		return heardOf{}, err
	}
	of, err := ofEnrollment(ctx, tx, enrollment)
	of.By = ByHand
	return of, err
}

func kindNames(kinds []inbound.Kind) []string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = string(kind)
	}
	return names
}
