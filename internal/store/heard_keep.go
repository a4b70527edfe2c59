package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/inbound"
	"relance/internal/secretbox"
)

// Cursor is how far one folder of a mailbox has been read.
type Cursor struct {
	Folder, Role string
	UIDValidity  uint32
	NextUID      uint32
	ReconciledAt time.Time
}

// Inbound is one message of a mailbox, read and judged.
type Inbound struct {
	// Address is the email account's, Folder and UID say where it lies (RFC 9051 §2.3.1).
	Address, Folder string
	// Generation is the mailbox's.
	Generation  int
	UIDValidity uint32
	UID         uint32
	ArrivedAt   time.Time
	// Raw is the message, or its beginning; empty when it could not be fetched.
	Raw     []byte
	Mail    inbound.Mail
	Verdict inbound.Verdict
	// Named is the enrollment of which a signed token in the message speaks; 0 without one.
	Named int64
	// AwayUntil is until when a person is held who is away, by the workspace's working days.
	AwayUntil time.Time
}

// senders are the addresses that the message is from, in lower case.
func (m Inbound) senders() []string {
	var all []string
	for _, list := range [][]inbound.Address{m.Mail.From, m.Mail.ReplyTo, m.Mail.Sender} {
		for _, address := range list {
			if address.Address != "" && !slices.Contains(all, address.Address) {
				all = append(all, address.Address)
			}
		}
	}
	return all
}

func (m Inbound) sender() string {
	if senders := m.senders(); len(senders) > 0 {
		return senders[0]
	}
	return ""
}

// Heard is what keeping a message has done.
type Heard struct {
	// ID is its row; 0 when it was there already.
	ID    int64
	State HeardState
	// Ended counts the enrollments that it has ended.
	Ended int
	// Held is until when it holds the person; zero when it does not.
	Held time.Time
	// Bounced and Suppressed say that the address is on the bounce list, or suppressed, since;
	// SettledDoubt that an uncertain delivery is now taken for sent.
	Bounced, Suppressed, SettledDoubt bool

	by string // who has settled it by hand; empty for the reader
}

// signed is whose doing it is.
func (h *Heard) signed() string {
	if h.by != "" {
		return h.by
	}
	return heardBy
}

// HeardState says what has become of an inbound message.
type HeardState string

// The states. Open: a person has to look. Unmatched: nobody knows whose it is.
const (
	HeardSettled   HeardState = "settled"
	HeardOpen      HeardState = "open"
	HeardUnmatched HeardState = "unmatched"
	HeardDuplicate HeardState = "duplicate"
	HeardIgnored   HeardState = "ignored"
)

// classifierVersion grows when the classifier judges otherwise than before.
const classifierVersion = 1

// Hear writes, in one transaction: the message's row, what follows from it, and the cursor
// of its folder. A reader that meets the message again, after a crash or beside this reader, finds
// the row and changes nothing; one that was moved, or numbered anew, is a duplicate and has no
// effect (law 9).
func (s *Store) Hear(ctx context.Context, message Inbound, cursor Cursor) (Heard, error) {
	var heard Heard
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		heard = Heard{}
		of, err := s.whose(ctx, tx, message)
		if err != nil {
			return err
		}
		// The person's enrollments come before everything else.
		contacts, enrollments, err := persons(ctx, tx, of, message)
		if err != nil {
			return err
		}
		if heard.ID, heard.State, err = s.insertInbound(ctx, tx, message, of); err != nil {
			return err
		}
		if heard.ID != 0 && heard.State == HeardSettled {
			if err := s.follow(ctx, tx, message, of, contacts, enrollments, &heard); err != nil {
				return err
			}
			if err := keepFollowed(ctx, tx, heard); err != nil {
				return err
			}
		}
		return moveCursor(ctx, tx, message.Address, message.Generation, cursor)
	})
	return heard, err
}

// whose matches the message, and a copy of our own by its ids.
func (s *Store) whose(ctx context.Context, tx pgx.Tx, message Inbound) (heardOf, error) {
	if message.Named != 0 {
		if of, err := ofEnrollment(ctx, tx, message.Named); !errors.Is(err, ErrNotFound) {
			return of, err
		}
	}
	if message.Verdict.Kind != inbound.Own {
		return match(ctx, tx, message)
	}
	for _, id := range []string{message.Mail.RelanceID, message.Mail.MessageID} {
		if id == "" {
			continue
		}
		if found, err := byIDs(ctx, tx, []string{id}); err != nil || len(found) > 0 {
			return append(found, heardOf{})[0], err
		}
	}
	return heardOf{}, nil
}

// persons locks the running enrollments of those that the message speaks about: the contact of the
// matched email, and every contact with the address from which the message comes.
func persons(ctx context.Context, tx pgx.Tx, of heardOf, message Inbound) ([]int64, []personsEnrollment, error) {
	if of.ContactID == 0 {
		return nil, nil, nil
	}
	var addresses []string
	if !isReport(message.Verdict.Kind) && message.Verdict.Kind != inbound.Own {
		addresses = message.senders()
	}
	contacts, err := contactsAt(ctx, tx, of.ContactID, addresses...)
	if err != nil {
		return nil, nil, err
	}
	enrollments, err := lockPerson(ctx, tx, contacts)
	return contacts, enrollments, err
}

// insertInbound writes the row; ID is 0 when another reader has. What is nobody's answer to us
// is kept without its words: a mailbox is full of other people's mail.
func (s *Store) insertInbound(ctx context.Context, tx pgx.Tx, message Inbound, of heardOf) (id int64, state HeardState, err error) {
	digest := sha256.Sum256(message.Raw)
	var duplicate *int64
	if len(message.Raw) > 0 {
		err = tx.QueryRow(ctx, `
			SELECT min(id) FROM inbound
			 WHERE address = $1 AND state <> 'duplicate' AND (generation, folder, uidvalidity, uid) <> ($9, $2, $3, $4)
			   AND (digest = $5 OR message_id = $6 AND message_id <> '' AND sender = $7 AND kind = $8)`,
			message.Address, message.Folder, int64(message.UIDValidity), int64(message.UID), digest[:], message.Mail.MessageID, message.sender(), message.Verdict.Kind, message.Generation).Scan(&duplicate)
		if err != nil {
			return 0, "", err
		}
	}
	state = HeardSettled
	ours := of.EnrollmentID != 0
	switch kind := message.Verdict.Kind; {
	case duplicate != nil:
		state = HeardDuplicate
	case ours || kind == inbound.Own:
	case kind == inbound.Unreadable, isReport(kind) && kind != inbound.Delivered, kind == inbound.Complaint, namesUs(message):
		state, ours = HeardUnmatched, true
	}
	sender, subject, messageID := message.sender(), message.Mail.Subject, message.Mail.MessageID
	var raw []byte
	reason, words := message.Verdict.Reason, message.Verdict.Words
	switch {
	case !ours:
		sender, subject, reason, words = "", "", "", ""
	case message.Verdict.Kind != inbound.Own && state != HeardDuplicate:
		raw, err = s.box.Seal(rawName(message.Address), string(message.Raw))
		if err != nil && !errors.Is(err, secretbox.ErrNoKey) { // without a key it cannot be kept
			return 0, "", err
		}
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO inbound (address, generation, folder, uidvalidity, uid, arrived_at, digest, message_id, sender, subject, raw,
		                     kind, reason, words, classifier, state, duplicate_of, matched_by, contact_id, enrollment_id, step_id, class, visit)
		VALUES ($1, $21, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, nullif($18, 0), nullif($19, 0), $20, $22, nullif($23, 0))
		    ON CONFLICT (address, generation, folder, uidvalidity, uid) DO NOTHING
		RETURNING id`,
		message.Address, message.Folder, int64(message.UIDValidity), int64(message.UID), message.ArrivedAt, digest[:], messageID, sender, subject, raw,
		message.Verdict.Kind, reason, words, classifierVersion, state, duplicate, of.By, of.ContactID, of.EnrollmentID, of.StepID, message.Generation, classOf(message.Verdict, of.Recipient), of.Visit).Scan(&id)
	if isMissing(err) {
		return 0, "", nil
	}
	return id, state, err
}

// rawName is what a sealed message is sealed to.
func rawName(address string) string { return "inbound/" + address }

// namesUs is true of an answer to a message that has the form of ours and that nobody knows:
// its contact was deleted, or the database is older than it.
func namesUs(message Inbound) bool {
	_, domain, _ := strings.Cut(message.Address, "@")
	return slices.ContainsFunc(slices.Concat(message.Mail.InReplyTo, message.Mail.References), func(id string) bool {
		local, at, ok := strings.Cut(id, "@")
		return ok && at == domain && ourIDs.MatchString(local)
	})
}

// moveCursor moves the cursor of a folder on. It never goes back, but for another UIDVALIDITY; a
// reader of a mailbox that has become another one moves nothing.
func moveCursor(ctx context.Context, tx pgx.Tx, address string, generation int, cursor Cursor) error {
	if cursor.Folder == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO mailbox_folders AS f (address, folder, role, uidvalidity, next_uid, reconciled_at)
		SELECT address, $2, $3, $4, $5, $6 FROM mailboxes WHERE address = $1 AND generation = $7 FOR SHARE
		    ON CONFLICT (address, folder) DO UPDATE
		   SET role = excluded.role, uidvalidity = excluded.uidvalidity,
		       next_uid = CASE f.uidvalidity WHEN excluded.uidvalidity THEN greatest(f.next_uid, excluded.next_uid) ELSE excluded.next_uid END,
		       reconciled_at = greatest(f.reconciled_at, excluded.reconciled_at)`,
		address, cursor.Folder, cursor.Role, int64(cursor.UIDValidity), int64(cursor.NextUID), timeOrNull(cursor.ReconciledAt), generation)
	return err
}

// ourIDs are the local parts of Message-IDs as internal/message makes them.
var ourIDs = regexp.MustCompile(`^[0-9a-f]{24}$`)
