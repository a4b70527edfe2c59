package store

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/inbound"
)

// heardOf is the message of ours that an inbound one speaks of, and by what that is known.
type heardOf struct {
	EnrollmentID, ContactID int64
	StepID                  string
	Visit                   int
	Campaign, Recipient     string
	By                      MatchedBy
}

// MatchedBy says how an inbound message was brought together with one of ours.
type MatchedBy string

// The ways, the surest first. A colleague is somebody of the contact's company in the same thread.
const (
	ByToken      MatchedBy = "token" // an unsubscription by mail
	ByEnvelopeID MatchedBy = "envelope_id"
	ByReply      MatchedBy = "in_reply_to"
	ByReferences MatchedBy = "references"
	ByReported   MatchedBy = "reported_id"
	ByRecipient  MatchedBy = "recipient"
	BySender     MatchedBy = "sender"
	ByColleague  MatchedBy = "colleague"
	ByHand       MatchedBy = "by_hand"
)

const (
	// senderWindow is for how long an answer without a reference is taken for one to the
	// last email of the mailbox to its sender, in days; bounceWindow for a report without an id.
	senderWindow = "90 days"
	bounceWindow = "14 days"
)

// match finds what a message speaks of; the zero value when nobody knows. A report counts
// only for a message to the recipient that it names: reports can be forged (RFC 3464 §4.1).
func match(ctx context.Context, tx pgx.Tx, message Inbound) (heardOf, error) {
	for _, way := range []struct {
		by  MatchedBy
		ids []string
	}{
		{ByEnvelopeID, message.Verdict.Reported.EnvelopeIDs},
		{ByReported, message.Verdict.Reported.RelanceIDs},
		{ByReply, message.Mail.InReplyTo},
		{ByReferences, message.Mail.References},
		{ByReported, message.Verdict.Reported.MessageIDs},
	} {
		found, err := byIDs(ctx, tx, way.ids)
		if err != nil {
			return heardOf{}, err
		}
		for _, of := range found {
			if of.By = way.by; concerns(message.Verdict, of.Recipient) {
				return of, nil
			}
		}
	}
	if isReport(message.Verdict.Kind) {
		return byRecipients(ctx, tx, message)
	}
	return bySender(ctx, tx, message)
}

func isReport(kind inbound.Kind) bool {
	return slices.Contains([]inbound.Kind{inbound.Bounce, inbound.Delayed, inbound.Delivered}, kind)
}

// concerns is true unless a report names recipients, and not this one.
func concerns(verdict inbound.Verdict, recipient string) bool {
	if !isReport(verdict.Kind) {
		return true
	}
	named := false
	for _, r := range verdict.Recipients {
		for _, address := range []string{r.Original, r.Address} {
			if address == "" {
				continue
			}
			if named = true; sameMailbox(address, recipient) {
				return true
			}
		}
	}
	return !named
}

const heardOfSQL = `
	SELECT e.id AS enrollment_id, e.contact_id, d.step_id, d.visit, e.campaign, d.recipient, '' AS by
	  FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id`

// byIDs finds the messages that have these Message-IDs, ours or those that servers gave
// them, in the order of the ids. Nobody else can know the id of a message that never left: one that an operator has called
// not sent was sent.
func byIDs(ctx context.Context, tx pgx.Tx, ids []string) ([]heardOf, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, heardOfSQL+`
		  JOIN LATERAL unnest($1::text[]) WITH ORDINALITY AS asked (id, n) ON true
		 WHERE d.kind = 'email' AND d.message_id <> '' AND d.message_id = ANY ($1) AND d.message_id = asked.id AND (d.state IN ('wire', 'sent', 'uncertain') OR d.state = 'failed' AND d.assumed_by <> '')
		 UNION ALL`+heardOfSQL+`
		  JOIN wire_ids w ON (w.enrollment_id, w.step_id, w.visit) = (d.enrollment_id, d.step_id, d.visit)
		 WHERE w.message_id = ANY ($1)`, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[heardOf])
}

// byRecipients finds the last message of the mailbox to one that a report speaks about.
func byRecipients(ctx context.Context, tx pgx.Tx, message Inbound) (heardOf, error) {
	var addresses []string
	for _, r := range message.Verdict.Recipients {
		addresses = append(addresses, r.Original, r.Address)
	}
	return lastTo(ctx, tx, message, addresses, bounceWindow, ByRecipient, `k.email = ANY ($1)`)
}

// bySender finds the last message of the mailbox to the one it is from. A person may write from an address of before,
// which nobody has now; what a server says there, that it is read no more, is why the contact has another one.
func bySender(ctx context.Context, tx pgx.Tx, message Inbound) (heardOf, error) {
	is := `k.email = ANY ($1)`
	if slices.Contains([]inbound.Kind{inbound.Reply, inbound.Calendar, inbound.Unsubscribe, inbound.Unsure}, message.Verdict.Kind) {
		is = `(k.email = ANY ($1) OR k.former_emails && $1
			AND EXISTS (SELECT FROM unnest(k.former_emails) AS f (email) WHERE f.email = ANY ($1) AND NOT EXISTS (SELECT FROM contacts o WHERE o.email = f.email)))`
	}
	return lastTo(ctx, tx, message, message.senders(), senderWindow, BySender, is)
}

// lastTo finds the last message to a contact that is the one by a condition on k and the addresses $1.
func lastTo(ctx context.Context, tx pgx.Tx, message Inbound, addresses []string, within string, by MatchedBy, is string) (heardOf, error) {
	var all []string
	for _, address := range addresses {
		if address != "" {
			all = append(all, campaign.Spellings(address)...)
		}
	}
	if len(all) == 0 {
		return heardOf{}, nil
	}
	rows, err := tx.Query(ctx, heardOfSQL+`
		  JOIN contacts k ON k.id = e.contact_id
		 WHERE `+is+` AND d.kind = 'email' AND d.state IN ('wire', 'sent', 'uncertain') AND d.account = $2
		   AND coalesce(d.settled_at, d.wire_at) > clock_timestamp() - $3::interval
		 ORDER BY coalesce(d.settled_at, d.wire_at) DESC LIMIT 1`, all, message.Address, within)
	if err != nil {
		return heardOf{}, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[heardOf])
	if err != nil || len(found) == 0 {
		return heardOf{}, err
	}
	found[0].By = by
	return found[0], nil
}

// colleague finds the contact of the same company that the mailbox has written to lately
// under the same subject. At a provider of mailboxes for everybody nobody is a colleague.
func colleague(ctx context.Context, tx pgx.Tx, message Inbound) (heardOf, error) {
	subject := bareSubject(message.Mail.Subject)
	senders := message.senders()
	if subject == "" || len(senders) == 0 {
		return heardOf{}, nil
	}
	_, domain, ok := strings.Cut(senders[0], "@")
	if !ok || isFreeMail(domain) {
		return heardOf{}, nil
	}
	rows, err := tx.Query(ctx, heardOfSQL+`
		  JOIN contacts k ON k.id = e.contact_id
		 WHERE substring(k.email FROM '[^@]*$') = $1 AND k.email <> '' AND d.kind = 'email' AND d.state = 'sent' AND d.account = $2
		   AND d.settled_at > clock_timestamp() - interval '30 days'
		   AND d.enrollment_id IN (SELECT enrollment_id FROM deliveries s WHERE s.enrollment_id = e.id AND lower(s.subject) IN ($3, 're: ' || $3))
		 ORDER BY d.settled_at DESC LIMIT 1`, domain, message.Address, subject)
	if err != nil {
		return heardOf{}, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[heardOf])
	if err != nil || len(found) == 0 {
		return heardOf{}, err
	}
	found[0].By = ByColleague
	return found[0], nil
}

// bareSubject is a subject without the prefixes of answers, in lower case.
func bareSubject(subject string) string {
	subject = strings.ToLower(strings.TrimSpace(subject))
	for {
		prefix, rest, ok := strings.Cut(subject, ":")
		if !ok || !slices.Contains([]string{"re", "aw", "antw", "sv", "odp", "fw", "fwd", "wg", "tr", "rv", "r"}, strings.TrimSpace(prefix)) {
			return subject
		}
		subject = strings.TrimSpace(rest)
	}
}

// isFreeMail is true of the domains in which everybody can have a mailbox.
func isFreeMail(domain string) bool { return slices.Contains(freeMail, domain) }

var freeMail = []string{
	"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.fr", "live.com", "msn.com", "yahoo.com", "yahoo.fr", "yahoo.de", "yahoo.co.uk",
	"icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "orange.fr", "wanadoo.fr",
	"free.fr", "sfr.fr", "laposte.net", "libero.it", "tin.it", "alice.it", "virgilio.it", "proton.me", "protonmail.com", "mail.ru", "yandex.ru", "bk.ru",
	"qq.com", "163.com", "126.com", "sina.com", "naver.com", "ziggo.nl", "kpnmail.nl", "telenet.be", "skynet.be", "bluewin.ch", "zoho.com", "fastmail.com", "hey.com",
}
