package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/inbound"
)

// judgedAnew reads a kept message again with the classifier of now.
func (s *Store) judgedAnew(ctx context.Context, tx pgx.Tx, id int64) (heardRow, Inbound, error) {
	before, err := readHeard(ctx, tx, id, "")
	if err != nil {
		return before, Inbound{}, err
	}
	if len(before.Sealed) == 0 {
		return before, Inbound{}, noSuch("text of inbound message", id)
	}
	message := before.Inbound
	raw, err := s.box.Open(rawName(message.Address), before.Sealed)
	if err != nil {
		return before, message, err
	}
	calendar, err := readCalendar(ctx, tx)
	if err != nil {
		return before, message, err
	}
	message.Raw = []byte(raw)
	message.Mail, message.Verdict = inbound.Judge(message.Raw, message.ArrivedAt, inbound.Self{Addresses: []string{message.Address}})
	message.AwayUntil = BackAt(calendar, message.Verdict.Away, message.Mail.MessageID)
	return before, message, nil
}

// ofAnew is the message of ours that it was matched with. One that nobody could match is
// matched now if it names one: what was sent to its sender since proves nothing.
func (s *Store) ofAnew(ctx context.Context, tx pgx.Tx, before heardRow, message Inbound) (heardOf, error) {
	if before.EnrollmentID == 0 {
		of, err := s.whose(ctx, tx, message)
		if err != nil || slices.Contains(namingNone, of.By) {
			return heardOf{}, err
		}
		return of, nil
	}
	of, err := ofEnrollment(ctx, tx, before.EnrollmentID)
	if err != nil {
		return of, err
	}
	of.StepID, of.By, of.ContactID = before.StepID, before.MatchedBy, before.ContactID
	// The one that it names; of what is not known to name one, the last that was under way when it was read.
	err = tx.QueryRow(ctx, `
		SELECT d.recipient, d.visit FROM inbound i JOIN deliveries d ON d.enrollment_id = $1 AND d.step_id = $2 AND d.kind = 'email'
		 WHERE i.id = $3 ORDER BY d.visit IS NOT DISTINCT FROM i.visit DESC, d.reserved_at <= i.kept_at DESC, d.visit DESC LIMIT 1`,
		before.EnrollmentID, before.StepID, before.ID).Scan(&of.Recipient, &of.Visit)
	if isMissing(err) {
		err = nil
	}
	return of, err
}

// followAnew does what follows, as far as it only stops, holds for longer, suppresses or lists: nobody
// is mailed sooner by it, nor more often.
func (s *Store) followAnew(ctx context.Context, tx pgx.Tx, before heardRow, message Inbound, of heardOf, contacts []int64, enrollments []personsEnrollment, heard *Heard, one *Reclassified) error {
	was, is := before.Kind, message.Verdict.Kind
	switch {
	case was == inbound.Bounce && is == inbound.Bounce:
		var err error
		one.Bounced, err = lists(ctx, tx, of, func() error { return bounced(ctx, tx, message, of, heard) })
		return err
	case isAbsence(was) && isAbsence(is):
		return s.holdsLonger(ctx, tx, message, contacts, enrollments, heard)
	case was == is:
		return nil
	case before.State == HeardOpen && !ends(is):
		return nil // its person stays held until somebody has looked
	case !endsOrLists(is) && !isUnsure(is) && !isAbsence(is):
		return heardNote(ctx, tx, of.EnrollmentID, of.StepID, "Judged anew. "+said(message), heard.signed())
	case isUnsure(is) && len(enrollments) == 0, isAbsence(is) && !isStillAway(message):
		return nil
	}
	heard.State = HeardSettled
	var err error
	one.Bounced, err = lists(ctx, tx, of, func() error { return s.follow(ctx, tx, message, of, contacts, enrollments, heard) })
	if err != nil || before.State != HeardOpen {
		return err
	}
	return s.closes(ctx, tx, heard)
}

// closes settles a message that was open, if it holds nobody who still runs.
func (s *Store) closes(ctx context.Context, tx pgx.Tx, heard *Heard) error {
	var running bool
	if err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM contact_holds h JOIN enrollments e ON e.contact_id = h.contact_id AND e.`+runningSQL+` WHERE h.inbound_id = $1)`,
		heard.ID).Scan(&running); err != nil {
		return err
	}
	if running {
		heard.State = HeardOpen
		return nil
	}
	_, err := tx.Exec(ctx, `DELETE FROM contact_holds WHERE inbound_id = $1`, heard.ID)
	return err
}

// holdsLonger lets a hold of this message that is in force last until a later date. One that was
// taken away by hand stays away.
func (s *Store) holdsLonger(ctx context.Context, tx pgx.Tx, message Inbound, contacts []int64, enrollments []personsEnrollment, heard *Heard) error {
	if message.AwayUntil.IsZero() {
		return nil
	}
	rows, err := tx.Query(ctx, `
		SELECT contact_id FROM contact_holds WHERE inbound_id = $1 AND contact_id = ANY ($2) AND until > clock_timestamp() AND until < $3 ORDER BY contact_id`,
		heard.ID, contacts, message.AwayUntil)
	if err != nil {
		return err
	}
	held, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(held) == 0 {
		return err
	}
	enrollments = slices.DeleteFunc(enrollments, func(e personsEnrollment) bool { return !slices.Contains(held, e.ContactID) })
	return s.holds(ctx, tx, message, held, enrollments, heard)
}

// unbounce takes an address off the bounce list that this message has put there, and nothing
// else, when it is judged to be no hard bounce now. The contacts in error because of it go on (law 3).
func (s *Store) unbounce(ctx context.Context, tx pgx.Tx, id int64, by string) (done bool, resuming int, err error) {
	before, message, err := s.judgedAnew(ctx, tx, id)
	if err != nil || before.Kind != inbound.Bounce || before.EnrollmentID == 0 || before.SettledBy != "" {
		return false, 0, err
	}
	of, err := s.ofAnew(ctx, tx, before, message)
	if err != nil || isHard(message.Verdict, of.Recipient) {
		return false, 0, err
	}
	contacts, err := contactsAt(ctx, tx, of.ContactID, of.Recipient)
	if err != nil {
		return false, 0, err
	}
	if _, err := lockPerson(ctx, tx, contacts); err != nil { // a reader that lists the address has these, too
		return false, 0, err
	}
	var alone bool
	if err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM bounces WHERE address = ANY ($1) AND added_by = $2)
		   AND NOT EXISTS (SELECT FROM bounces WHERE address = ANY ($1) AND added_by <> $2)
		   AND NOT EXISTS (SELECT FROM inbound WHERE id <> $3 AND contact_id = ANY ($4) AND kind = 'bounce' AND state <> 'duplicate')`,
		campaign.Spellings(of.Recipient), heardBy, id, contacts).Scan(&alone); err != nil || !alone {
		return false, 0, err
	}
	change := Change{rate: s.rate}
	err = removeBounce(ctx, tx, &change, of.Recipient, by)
	return err == nil, change.Resuming, err
}

// lists says whether the recipient has reached the bounce list by some work.
func lists(ctx context.Context, tx pgx.Tx, of heardOf, work func() error) (bool, error) {
	isListed := func() (listed bool, err error) {
		err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM bounces WHERE address = ANY ($1))`, campaign.Spellings(of.Recipient)).Scan(&listed)
		return listed, err
	}
	before, err := isListed()
	if err != nil {
		return false, err
	}
	if err := work(); err != nil {
		return false, err
	}
	after, err := isListed()
	return after && !before, err
}

func isHard(verdict inbound.Verdict, recipient string) bool {
	return verdict.Kind == inbound.Bounce && slices.ContainsFunc(verdict.Recipients, func(r inbound.Recipient) bool { return r.Class == inbound.ClassHard && speaksOf(verdict, r, recipient) })
}

func isAbsence(kind inbound.Kind) bool {
	return kind == inbound.OutOfOffice || kind == inbound.AutoReply
}

func isUnsure(kind inbound.Kind) bool { return kind == inbound.Unsure || kind == inbound.Challenge }

// ends is true of what ends the person's enrollments.
func ends(kind inbound.Kind) bool { return slices.Contains(ending(false), kind) }

// ending are the kinds that do, or that do in a campaign that goes on after a reply.
func ending(goesOn bool) []inbound.Kind {
	kinds := []inbound.Kind{inbound.Unsubscribe, inbound.Complaint, inbound.LeftCompany}
	if !goesOn {
		kinds = append(kinds, inbound.Reply, inbound.Calendar)
	}
	return kinds
}

func endsOrLists(kind inbound.Kind) bool { return ends(kind) || kind == inbound.Bounce }

// isStillAway is true of an absence that is not over.
func isStillAway(message Inbound) bool {
	until := message.AwayUntil
	if until.IsZero() {
		until = message.ArrivedAt.Add(undatedHold)
	}
	return message.Verdict.Away != nil && time.Now().Before(until)
}
