package inbound

import (
	"strings"

	"relance/internal/inbound/away"
	"relance/internal/plaintext"
)

// automatic is how sure it is that no person wrote an answer, and what says so.
type automatic struct {
	sure   bool   // a responder says it in so many words
	likely bool   // a machine sent it, or a rule of a mailbox: it counts beside words
	sign   string // what says so, for the reason
}

// responderHeaders are set by auto-responders and by nothing else (hearing.md, RFC 3834 §5).
var responderHeaders = []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Autoreply-From", "X-Mail-Autoreply", "X-Vacation", "X-Away", "X-Facteur-Reponse-Auto", "X-Amazon-Auto-Reply", "X-Cron-Env"}

// automaticSign looks for what says that an auto-responder answered. Forwarding is no sign:
// "auto-forwarded" comes with mails of people, and so do the headers that Exchange adds
// then. X-Auto-Response-Suppress, Precedence and a null reverse-path prove nothing alone.
func automaticSign(m Mail) automatic {
	h := m.Header
	forwarded := strings.HasPrefix(m.AutoSubmitted, "auto-forwarded")
	precedence := strings.ToLower(strings.TrimSpace(h.Get("Precedence")))
	switch {
	case strings.HasPrefix(m.AutoSubmitted, "auto-replied"):
		return automatic{sure: true, sign: "Auto-Submitted: " + plaintext.Line(m.AutoSubmitted, 60)}
	case strings.EqualFold(strings.TrimSpace(h.Get("X-Apple-Action")), "vacation"):
		return automatic{sure: true, sign: "X-Apple-Action: VACATION"}
	case precedence == "auto_reply" || precedence == "auto-reply" || precedence == "vacation":
		return automatic{sure: true, sign: "Precedence: " + precedence}
	}
	for _, name := range responderHeaders {
		if v := strings.ToLower(strings.TrimSpace(h.Get(name))); v != "" && v != "no" && v != "false" {
			return automatic{sure: true, sign: name + ": " + plaintext.Line(v, 60)}
		}
	}
	if words := automaticSubject.FindString(fold(m.Subject)); words != "" {
		return automatic{sure: true, sign: "the subject begins with “" + plaintext.Line(m.Subject, 60) + "”"}
	}
	if words := automaticText.FindString(foldWords(head(m.Answer))); words != "" {
		return automatic{sure: true, sign: "the text says “" + plaintext.Line(words, 80) + "”"}
	}
	switch {
	case forwarded:
	case m.AutoSubmitted != "" && !strings.HasPrefix(m.AutoSubmitted, "no"):
		return automatic{likely: true, sign: "Auto-Submitted: " + plaintext.Line(m.AutoSubmitted, 60)}
	case m.ReturnPath == "<>":
		return automatic{likely: true, sign: "a null reverse-path"}
	case h.Get("X-Auto-Response-Suppress") != "" && h.Get("X-Ms-Exchange-Inbox-Rules-Loop") != "":
		return automatic{likely: true, sign: "X-Auto-Response-Suppress beside X-MS-Exchange-Inbox-Rules-Loop"}
	case fromMachine(m):
		return automatic{likely: true, sign: "a sender that reads no answers"}
	}
	return automatic{}
}

// head is the beginning of a text, in which responders say what they have to say.
func head(text string) string { return beginning(text, 3000) }

// autoReply judges an answer that a machine may have written; false when a person did.
func autoReply(m Mail, self Self) (Verdict, bool) {
	auto := automaticSign(m)
	text := head(m.Answer)
	words, subject := foldWords(text), fold(m.Subject)
	both := subject + " ¶ " + words
	left := leftWords.FindString(both)
	gone := goneWords.FindString(both)
	goneSubject := goneSubjectWords.MatchString(subject)
	absence, dated := awayUntil(m, text)
	switch {
	case left != "" && (auto.sure || auto.likely || leftAlone.MatchString(words)) && !(dated && gone != ""):
		return Verdict{Kind: LeftCompany, Reason: "the answer says that the person has left, or that the mailbox is not read any more: “" + quoted(left) + "”",
			Words: quoted(left), Successor: successor(m, self, text)}, true
	case challengeWords.MatchString(both) && (auto.sure || auto.likely || challengeSubject.MatchString(subject)):
		found := challengeWords.FindString(both)
		return Verdict{Kind: Challenge, Reason: "the recipient's side asks the sender to confirm the mail before it is delivered: “" + quoted(found) + "”", Words: quoted(found)}, true
	case (gone != "" || dated && !ticketWords.MatchString(both)) && (auto.sure || auto.likely && gone != "") || goneSubject && (gone != "" || dated):
		v := Verdict{Kind: OutOfOffice, Successor: successor(m, self, text)}
		v.Away, v.Words = &absence, quoted(gone)
		v.Reason = "the person is away"
		if dated {
			v.Words = absence.Words
			v.Reason += " until " + absence.Return.Format("2 January 2006")
		} else {
			v.Reason += ", and no date that can be believed says until when"
		}
		if v.Words != "" {
			v.Reason += ": “" + v.Words + "”"
		}
		if auto.sign != "" {
			v.Reason += " (" + auto.sign + ")"
		}
		return v, true
	// A receipt ends nothing, so a person's "thank you for your message" must not be one.
	case ticketWords.MatchString(both) && (auto.sure || auto.likely), ticketSubject.MatchString(subject) && receiptWords.MatchString(words):
		found := ticketWords.FindString(both)
		return Verdict{Kind: TicketReceipt, Reason: "a machine has taken the mail and says so: “" + quoted(found) + "”", Words: quoted(found)}, true
	case auto.sure && fromDaemon(m):
		return Verdict{Kind: Unsure, Reason: "a mail system wrote it (" + auto.sign + "), and its words say neither a failure nor an absence"}, true
	case auto.sure:
		absence.Undated = true
		return Verdict{Kind: AutoReply, Reason: "an auto-responder answered (" + auto.sign + "), and its words do not say why", Away: &absence}, true
	}
	return Verdict{}, false
}

func quoted(words string) string { return plaintext.Line(words, mostWords) }

// awayUntil is how long the person is away: by the header that Apple's responder sets,
// else by the words.
func awayUntil(m Mail, text string) (Away, bool) {
	if at := appleEnd.FindStringSubmatch(m.Header.Get("X-Apple-Criteria")); at != nil {
		if end := dateIn3339(at[1]); !end.IsZero() && end.After(m.Arrived) && end.Sub(m.Arrived) <= MostAway {
			day := end.AddDate(0, 0, 1)
			return Away{Until: midnight(end), Return: midnight(day), Inclusive: true, Words: at[0]}, true
		}
	}
	if m.Arrived.IsZero() {
		return Away{Undated: true}, false
	}
	found, ok := away.Find(m.Arrived, text+"\n\n"+m.Subject)
	if !ok {
		return Away{Undated: true}, false
	}
	return Away{Until: found.Until, Return: found.Return(), Inclusive: found.Inclusive, Words: found.Words}, true
}

// successor is the first other address that the answer names.
func successor(m Mail, self Self, text string) string {
	for _, a := range looseAddress.FindAllString(text, 50) {
		a = strings.ToLower(strings.Trim(strings.TrimPrefix(strings.ToLower(a), "mailto:"), ".'*_-"))
		if strings.Contains(a, "@") && !among(a, self.Addresses) && !inAddresses(a, m.From, m.To, m.Cc, m.ReplyTo, m.Sender) && !noReply.MatchString(a) {
			return a
		}
	}
	return ""
}
