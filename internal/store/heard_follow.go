package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/inbound"
)

const (
	// undatedHold is for how long a person is held who is away and names no date;
	// mostUndated is how often in a row, before somebody has to look.
	undatedHold = 7 * 24 * time.Hour
	mostUndated = 2
	// lookHold is for how long a person is held when somebody has to look at an answer.
	lookHold = 30 * 24 * time.Hour
)

// follow does what follows from a message whose row is new. Whatever names one of our
// messages proves that it has arrived (law 4). A token names an enrollment alone: the link may be that of
// an earlier email.
func (s *Store) follow(ctx context.Context, tx pgx.Tx, message Inbound, of heardOf, contacts []int64, enrollments []personsEnrollment, heard *Heard) error {
	if of.EnrollmentID == 0 {
		return s.followColleague(ctx, tx, message, heard)
	}
	kind := message.Verdict.Kind
	if !slices.Contains(namingNone, of.By) {
		settled, err := settleDoubt(ctx, tx, of, arrived(kind, message))
		if err != nil {
			return err
		}
		heard.SettledDoubt = settled
	}
	if kind == inbound.Own {
		return learn(ctx, tx, message, of)
	}
	switch kind {
	case inbound.Reply, inbound.Calendar:
		return s.ends(ctx, tx, enrollments, of, campaign.Stop{By: campaign.Replied, Reason: "Answered: " + subjectOf(message)}, heard)
	case inbound.Unsubscribe:
		return s.suppresses(ctx, tx, enrollments, of, campaign.Unsubscribed, wordsOf("Unsubscribed by an answer", message), heard)
	case inbound.Complaint:
		return s.suppresses(ctx, tx, enrollments, of, campaign.Complained, wordsOf("Called it spam", message), heard)
	case inbound.LeftCompany:
		return s.suppresses(ctx, tx, enrollments, of, campaign.Left, wordsOf("Is not there any more", message), heard)
	case inbound.OutOfOffice:
		return s.holds(ctx, tx, message, contacts, enrollments, heard)
	case inbound.AutoReply:
		if message.Verdict.Away != nil {
			return s.holds(ctx, tx, message, contacts, enrollments, heard)
		}
	case inbound.Bounce:
		if err := bounced(ctx, tx, message, of, heard); err != nil {
			return err
		}
	case inbound.Unsure, inbound.Unreadable, inbound.Challenge:
		return s.opens(ctx, tx, message, contacts, enrollments, heard)
	case inbound.Own, inbound.Delayed, inbound.Delivered, inbound.NotSpam, inbound.AuthFailure, inbound.ReadReceipt, inbound.TicketReceipt:
	}
	return heardNote(ctx, tx, of.EnrollmentID, of.StepID, said(message), heard.signed())
}

// ends ends the person's enrollments.
func (s *Store) ends(ctx context.Context, tx pgx.Tx, enrollments []personsEnrollment, of heardOf, stop campaign.Stop, heard *Heard) (err error) {
	if heard.Ended, err = endPerson(ctx, tx, enrollments, stop, heard.signed()); err != nil || heard.Ended > 0 {
		return err
	}
	return heardNote(ctx, tx, of.EnrollmentID, of.StepID, stop.Reason, heard.signed()) // nothing runs any more, or the campaign goes on
}

// suppresses ends them and keeps the address from all others.
func (s *Store) suppresses(ctx context.Context, tx pgx.Tx, enrollments []personsEnrollment, of heardOf, by campaign.EndedBy, words failure.Words, heard *Heard) error {
	stop := campaign.Stop{By: by, Reason: noteText(words)}
	if err := s.ends(ctx, tx, enrollments, of, stop, heard); err != nil {
		return err
	}
	_, err := suppress(ctx, tx, campaign.Spellings(of.Recipient)[0], string(by), words, heard.signed())
	heard.Suppressed = err == nil
	return err
}

// holds holds a person who is away: until the date that was named, else for a while. The third
// answer in a row without a date is for somebody to look at.
func (s *Store) holds(ctx context.Context, tx pgx.Tx, message Inbound, contacts []int64, enrollments []personsEnrollment, heard *Heard) error {
	until, undated := message.AwayUntil, message.AwayUntil.IsZero()
	if undated {
		until = message.ArrivedAt.Add(undatedHold)
		var before int
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(undated), 0) FROM contact_holds WHERE contact_id = ANY ($1)`, contacts).Scan(&before); err != nil {
			return err
		}
		if before >= mostUndated {
			if err := openInbound(ctx, tx, heard); err != nil {
				return err
			}
			until = message.ArrivedAt.Add(lookHold)
		}
	}
	heard.Held = until
	if err := holdPerson(ctx, tx, contacts, enrollments, until, message.Verdict.Reason, heard.ID, undated, heard.signed()); err != nil {
		return err
	}
	for _, e := range enrollments {
		text := fmt.Sprintf("Away: %s. Nothing is sent before %s.", strings.TrimRight(message.Verdict.Reason, "."), until.UTC().Format("2006-01-02 15:04 MST"))
		if err := heardNote(ctx, tx, e.ID, e.StepID, text, heard.signed()); err != nil {
			return err
		}
	}
	return nil
}

// opens holds a person until somebody has looked: unsure is never "go on".
func (s *Store) opens(ctx context.Context, tx pgx.Tx, message Inbound, contacts []int64, enrollments []personsEnrollment, heard *Heard) error {
	if err := openInbound(ctx, tx, heard); err != nil {
		return err
	}
	heard.Held = message.ArrivedAt.Add(lookHold)
	if err := holdPerson(ctx, tx, contacts, enrollments, heard.Held, "somebody has to look at an answer: "+message.Verdict.Reason, heard.ID, false, heardBy); err != nil {
		return err
	}
	for _, e := range enrollments {
		if err := heardNote(ctx, tx, e.ID, e.StepID, "Held until somebody looks at an answer (starter inbound show "+fmt.Sprint(heard.ID)+"): "+message.Verdict.Reason, heardBy); err != nil {
			return err
		}
	}
	return nil
}

func openInbound(ctx context.Context, tx pgx.Tx, heard *Heard) error {
	heard.State = HeardOpen
	_, err := tx.Exec(ctx, `UPDATE inbound SET state = 'open' WHERE id = $1`, heard.ID)
	return err
}

// followColleague holds the contact to whose thread somebody of the same company has written.
func (s *Store) followColleague(ctx context.Context, tx pgx.Tx, message Inbound, heard *Heard) error {
	if kind := message.Verdict.Kind; kind != inbound.Reply && kind != inbound.Unsure {
		return nil
	}
	of, err := colleague(ctx, tx, message)
	if err != nil || of.EnrollmentID == 0 {
		return err
	}
	enrollments, err := lockPerson(ctx, tx, []int64{of.ContactID})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE inbound SET state = 'open', matched_by = $2, contact_id = $3, enrollment_id = $4, step_id = $5, sender = $6, subject = $7, reason = $8 WHERE id = $1`,
		heard.ID, of.By, of.ContactID, of.EnrollmentID, of.StepID, message.sender(), message.Mail.Subject, "a colleague has written in the thread"); err != nil {
		return err
	}
	message.Verdict.Reason = "a colleague has written in the thread"
	return s.opens(ctx, tx, message, []int64{of.ContactID}, enrollments, heard)
}

// bounced lists the recipients' addresses that are of no use. What refused the message for what it
// was, or for now, says nothing about the address.
func bounced(ctx context.Context, tx pgx.Tx, message Inbound, of heardOf, heard *Heard) error {
	for _, r := range message.Verdict.Recipients {
		if r.Class != inbound.ClassHard || !speaksOf(message.Verdict, r, of.Recipient) {
			continue
		}
		words := failure.Words{Said: r.Diagnostic}
		if words.Said == "" {
			words.Meaning = r.Reason
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO bounces (address, reason, added_by, words)
			SELECT $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM bounces WHERE address = ANY ($1)) ON CONFLICT DO NOTHING`,
			append(spellings(of.Recipient), words.Text(), heard.signed(), keepWords(words.Text(), &words))...); err != nil {
			return err
		}
		heard.Bounced = true
	}
	return nil
}

// learn keeps the Message-ID that a server has given our message in place of ours.
func learn(ctx context.Context, tx pgx.Tx, message Inbound, of heardOf) error {
	id := message.Mail.MessageID
	if id == "" || id == message.Mail.RelanceID || message.Mail.RelanceID == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO wire_ids (message_id, enrollment_id, step_id, visit) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		id, of.EnrollmentID, of.StepID, of.Visit)
	return err
}

// arrived is why a message is taken for sent whose answer was lost.
func arrived(kind inbound.Kind, message Inbound) string {
	if kind == inbound.Own {
		return "It lies in the folder " + message.Folder + " of the mailbox, so it was sent."
	}
	return "An answer names it (" + strings.ReplaceAll(string(kind), "_", " ") + "), so it was sent."
}

// subjectOf quotes the subject: what a person has written stays in the mailbox.
func subjectOf(message Inbound) string {
	if subject := strings.Join(strings.Fields(message.Mail.Subject), " "); subject != "" {
		return "“" + cutRunes(subject, 120) + "”"
	}
	return "without a subject"
}

// wordsOf is what a message means, and what is quoted of it: the words that decided, or the
// subject. Without any it is why we take it for what it is.
func wordsOf(meaning string, message Inbound) failure.Words {
	for _, words := range []string{message.Verdict.Words, message.Mail.Subject} {
		if words = strings.Join(strings.Fields(words), " "); words != "" {
			return failure.Words{Said: cutRunes(words, 120), Meaning: meaning}
		}
	}
	if why := strings.Join(strings.Fields(message.Verdict.Reason), " "); why != "" {
		return failure.Words{Meaning: meaning + ": " + cutRunes(why, 120)}
	}
	return failure.Words{Meaning: meaning + ": an answer without words"}
}

// noteText is what is noted of what somebody has written: the timeline quotes it.
func noteText(words failure.Words) string {
	if words.Said == "" {
		return words.Meaning
	}
	return words.Meaning + ": “" + words.Said + "”"
}

func cutRunes(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func said(message Inbound) string {
	kind := strings.ReplaceAll(string(message.Verdict.Kind), "_", " ")
	return strings.ToUpper(kind[:1]) + kind[1:] + ": " + message.Verdict.Reason
}
