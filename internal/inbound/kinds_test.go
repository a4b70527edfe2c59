package inbound_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound"
)

var (
	arrived = time.Date(2026, 3, 2, 10, 0, 0, 0, time.FixedZone("CET", 3600)) // a Monday
	self    = inbound.Self{Addresses: []string{"bob@relance.example", "bob.alias@relance.example"}, Ours: func(id string) bool { return id == "two@relance.example" }}
)

// from is a mail of Anna, who has had an email of ours; header lines may be added or, by their
// names, replaced.
func from(body string, header ...string) []byte {
	fields := []string{
		"Return-Path: <anna@example.com>", "From: Anna Miller <anna@example.com>", "To: Bob <bob@relance.example>", "Subject: Re: Quick question",
		"Message-ID: <a1@example.com>", "In-Reply-To: <one@relance.example>", "References: <one@relance.example>", "Date: Mon, 2 Mar 2026 09:59:00 +0100",
		"MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
	}
	for _, h := range header {
		name, _, _ := strings.Cut(h, ":")
		replaced := false
		for i, f := range fields {
			if strings.HasPrefix(f, name+":") {
				fields[i], replaced = h, true
			}
		}
		if !replaced {
			fields = append(fields, h)
		}
	}
	return []byte(strings.Join(fields, "\n") + "\n\n" + body)
}

const footer = "\n\nOn Mon, Mar 2, 2026 at 9:00 AM Bob <bob@relance.example> wrote:\n> Hi Anna,\n> just following up.\n>\n> If you do not want to hear from us, unsubscribe here: https://relance.example/u/x\n> Unsubscribe\n"

func judge(raw []byte) inbound.Verdict {
	_, v := inbound.Judge(raw, arrived, self)
	return v
}

func TestKinds(t *testing.T) {
	t.Parallel()
	replied := "Auto-Submitted: auto-replied"
	for _, test := range []struct {
		name string
		raw  []byte
		kind inbound.Kind
	}{
		{"reply, top", from("Sounds good, call me on Tuesday." + footer), inbound.Reply},
		{"reply, bottom", from("On Mon, Mar 2, 2026 at 9:00 AM Bob <bob@relance.example> wrote:\n> Hi Anna\n> Unsubscribe\n\nYes please.\n"), inbound.Reply},
		{"reply, only a quote", from(footer), inbound.Reply},
		{"reply, empty", from(""), inbound.Reply},
		{"reply that names an absence", from("I'm out of the office until Monday, let us talk then."+footer, "X-Mailer: x"), inbound.Reply},
		{"reply on a list", from("Yes, tell me more.", "Precedence: list", "List-Id: <sales.example.com>"), inbound.Reply},
		{"reply, Precedence bulk", from("Yes, tell me more.", "Precedence: bulk"), inbound.Reply},
		{"forwarded by Exchange", from("Yes, tell me more."+footer, "X-Auto-Response-Suppress: All", "Auto-Submitted: auto-forwarded", "X-MS-Exchange-Inbox-Rules-Loop: anna@example.com", "From: Anna Miller <anna.miller@other.example>"), inbound.Reply},
		{"forwarded with a null path", from("Yes, tell me more.", "Return-Path: <>", "Auto-Submitted: auto-forwarded"), inbound.Reply},
		{"reply, Auto-Submitted no", from("Yes.", "Auto-Submitted: no"), inbound.Reply},
		{"reply with X-Auto-Response-Suppress", from("Let's meet on Friday at ten.", "X-Auto-Response-Suppress: DR, OOF, AutoReply"), inbound.Reply},
		{"reply of support person", from("Thank you for your message. I have forwarded your request to Jane, she will call you." + footer), inbound.Reply},

		{"reply in a thread of a ticket", from("Thank you for your message. I will get back to you on this tomorrow."+footer, "Subject: Re: [Ticket#482211] Quick question"), inbound.Reply},
		{"thank you with X-Auto-Response-Suppress", from("Thank you for your message, we will get back to you.", "X-Auto-Response-Suppress: All"), inbound.Reply},
		{"away with Precedence bulk", from("I'm out of the office this week, let us speak on Monday.", "Precedence: bulk"), inbound.Reply},

		{"own address", from("Hello", "From: Bob <bob@relance.example>"), inbound.Own},
		{"own alias", from("Hello", "From: Bob <BOB.alias@relance.example>"), inbound.Own},
		{"own X-Relance-Id", from("Hello", "From: Bob <bob@elsewhere.example>\r\nX-Relance-Id: two@relance.example\r\nIn-Reply-To: <one@relance.example>"), inbound.Own},
		{"an answer that copies our field", from("Yes, please call me.", "X-Relance-Id: one@relance.example\r\nIn-Reply-To: <one@relance.example>"), inbound.Reply},
		{"own Message-ID", from("Hello", "Message-ID: <two@relance.example>"), inbound.Own},

		{"vacation", from("I am out of the office until March 9."+footer, replied, "Subject: Automatic reply: Quick question"), inbound.OutOfOffice},
		{"vacation with null path", from("Ich bin bis einschließlich 09.03. nicht im Büro, Tel. +49 30 1234567.", "Return-Path: <>", "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "Subject: Automatische Antwort: Frage"), inbound.OutOfOffice},
		{"vacation with the envelope of postmaster", from("I am on leave and will be back on March 9.", "Return-Path: <postmaster@example.com>", "Auto-Submitted: auto-generated", "Subject: Automatic reply: Quick question"), inbound.OutOfOffice},
		{"vacation by its subject alone", from("I am on vacation, back on March 9. Anna", "Subject: Out of office until March 9"), inbound.OutOfOffice},
		{"vacation by Precedence and X-Autoreply", from("Je suis absente du bureau, de retour le 9 mars.", "Precedence: bulk", "X-Autoreply: yes"), inbound.OutOfOffice},
		{"vacation of Apple", from("Ich melde mich.", "X-Apple-Action: VACATION", "X-Apple-Criteria: {kind=VACATION,startDate=2026-03-01T00:00:00Z,endDate=2026-03-10T14:59:59Z}"), inbound.OutOfOffice},
		{"vacation that quotes a failure", from("I am out of the office. Mail could not be delivered to my deputy last week, sorry."+footer, "Return-Path: <>", replied, "Subject: Automatic reply: Undelivered mail in your team?"), inbound.OutOfOffice},
		{"vacation to a Precedence bulk", from("Ik ben afwezig tot en met 13 maart.", replied), inbound.OutOfOffice},

		{"auto-replied without known words", from("Hmm.", replied), inbound.AutoReply},

		{"left", from("Anna Miller has left the company. Please write to carl@example.com.", replied), inbound.LeftCompany},
		{"left, ordinary mail", from("Hello,\nAnna is no longer with Example Ltd. Please contact carl@example.com instead.\n"), inbound.LeftCompany},
		{"left, German", from("Frau Müller ist nicht mehr für unser Unternehmen tätig. Bitte wenden Sie sich an carl@example.com.", replied), inbound.LeftCompany},
		{"left, French", from("Anna a quitté la société. Merci de contacter carl@example.com.", replied), inbound.LeftCompany},
		{"left, Spanish", from("Anna ya no trabaja en esta empresa. Contacte con carl@example.com.", replied), inbound.LeftCompany},
		{"left, Italian", from("Anna non lavora più in azienda. Contattare carl@example.com.", replied), inbound.LeftCompany},
		{"left, Dutch", from("Anna is niet meer werkzaam bij ons. Mail naar carl@example.com.", replied), inbound.LeftCompany},
		{"mailbox not in use", from("This mailbox is no longer in use. Please write to carl@example.com."), inbound.LeftCompany},
		{"away, and a colleague has left", from("I am out of office until March 9. My colleague has left the company.", replied), inbound.OutOfOffice},

		{"ticket", from("Thank you for contacting us. Your request has been received (ticket #482211). We will reply within 24 hours.", "Subject: [Ticket#482211] Quick question", "Auto-Submitted: auto-generated", "From: Support <support@example.com>"), inbound.TicketReceipt},
		{"ticket without a header", from("We have received your email and will get back to you within two business days.\nThis is an automated message.", "Subject: We have received your message"), inbound.TicketReceipt},
		{"ticket by its words", from("Your request has been received and is being reviewed by our support staff.\nTo add additional comments, reply to this email.", "Subject: [Request received] Quick question"), inbound.TicketReceipt},
		{"ticket, German", from("Vielen Dank für Ihre Nachricht. Ihre Anfrage ist bei uns eingegangen.", replied), inbound.TicketReceipt},
		{"ticket, French", from("Nous avons bien reçu votre message.", replied), inbound.TicketReceipt},
		{"challenge", from("Your message is being held. Please click the link to verify that you are a real person: https://c.example/1", "Subject: Please confirm your email to Anna", "Auto-Submitted: auto-replied"), inbound.Challenge},

		{"unsubscribe", from("unsubscribe" + footer), inbound.Unsubscribe},
		{"Unsubscribe with a name", from("Please remove me from your list.\n\nBest regards,\nAnna Miller\nHead of Sales, Example Ltd.\nTel. +49 30 123456" + footer), inbound.Unsubscribe},
		{"mail program's unsubscribe", from("", "Subject: unsubscribe", "In-Reply-To: "), inbound.Unsubscribe},
		{"no opt-out in a footer", from("What does it cost?" + footer), inbound.Reply},
		{"no opt-out in a footer, German", from("Danke.\n\nAm 02.03.26 um 09:00 schrieb Bob:\n> Abmelden\n"), inbound.Reply},

		{"empty", []byte("\n\n"), inbound.Unreadable},
		{"no sender", []byte("Subject: x\n\nhello"), inbound.Unsure},
		{"noreply", from("Your weekly digest is here.", "From: News <noreply@example.com>"), inbound.Unsure},
		{"machine", from("Job 5 is done.", "Auto-Submitted: auto-generated", "From: Cron <cron@example.com>"), inbound.Unsure},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := judge(test.raw)
			require.Equal(t, test.kind, v.Kind, v.Reason)
			require.NotEmpty(t, v.Reason)
		})
	}
}

func TestOptOutIsTheWholeAnswer(t *testing.T) {
	t.Parallel()
	for _, yes := range []string{
		"unsubscribe", "Unsubscribe.", "UNSUBSCRIBE ME", "Please unsubscribe me from this list.", "Remove me", "please remove me from your mailing list, thanks", "Stop", "STOP!", "Stop emailing me.", "Stop sending me emails.",
		"opt out", "Opt-out please", "Take me off your list", "Do not contact me again.", "Please don't email me again.", "No more emails please.", "I don't want to receive these emails.", "I would like to be removed from your list.",
		"Can you please remove me from your database?", "Not interested. Please remove me from your list. Thanks", "Hi Bob,\n\nplease take me off your list.\n\nThanks,\nAnna", "Hello,\nunsubscribe please\nAnna Miller", "I never signed up for this. Unsubscribe me.",
		"Please delete my data.", "Kindly remove my email address from your list", "I want to unsubscribe", "no thanks, please stop", "Don't contact me anymore",
		"Bitte abmelden", "Abmelden", "Bitte nehmen Sie mich aus dem Verteiler.", "Bitte tragen Sie mich aus.", "Keine weiteren E-Mails bitte.", "Bitte keine Werbung mehr.", "Bitte löschen Sie meine Daten.", "Kein Interesse. Bitte aus dem Verteiler nehmen.", "Ich möchte keine E-Mails mehr erhalten.", "Schreiben Sie mir bitte nicht mehr.",
		"Sehr geehrte Damen und Herren,\nbitte entfernen Sie mich aus Ihrem Verteiler.\nMit freundlichen Grüßen\nAnna Müller",
		"désabonner", "Me désinscrire", "Merci de me retirer de votre liste.", "Je ne souhaite plus recevoir vos mails.", "Veuillez me désabonner svp", "Ne me contactez plus", "Désinscription",
		"Darme de baja", "Baja", "No quiero recibir más correos.", "Por favor, eliminarme de su lista", "No me interesa. Denme de baja por favor.",
		"Cancellatemi", "Disiscrivimi", "Non desidero più ricevere le vostre mail", "Per favore rimuovetemi dalla lista", "Vorrei essere cancellato dalla vostra lista",
		"Afmelden", "Graag uitschrijven", "Ik wil geen mails meer ontvangen", "Verwijder mij uit uw lijst", "Remover da lista", "Avregistrera mig", "отписаться",
	} {
		require.Equal(t, inbound.Unsubscribe, judge(from(yes+footer)).Kind, yes)
		require.Equal(t, inbound.Unsubscribe, judge(from(yes)).Kind, yes)
	}
	for _, no := range []string{
		"Please don't stop", "please don't stop sending me these, I like them", "Don't unsubscribe me", "Can we stop by on Monday?", "Stop, let me think about it. What does it cost?", "I will stop by tomorrow", "Please remove the second item from the offer.",
		"How do I unsubscribe my team from your competitor's product?", "We removed it. What now?", "Not interested", "No thanks", "Not now, maybe next year.", "Call me, do not email.", "I unsubscribed from your competitor. What do you offer?", "Delete this task? I am not sure.",
		"Please take a look at our list", "Kein Interesse", "Bitte nicht abmelden", "Stop? No, go on!", "Yes", "Do not stop", "we never stop learning", "Pas intéressé", "Could you send me the list?", "please stop the project and call me", "Do not contact Carl, contact me.",
		"I'd like to know how to remove duplicates from our list.", "Unsubscribe? No, tell me more!", "Stop being so kind :) Let's talk", "Opt out rates are our problem. Can you help?",
	} {
		require.Equal(t, inbound.Reply, judge(from(no+footer)).Kind, no)
	}
}

func TestOutOfOfficeSaysUntilWhen(t *testing.T) {
	t.Parallel()
	auto := []string{"Auto-Submitted: auto-replied", "Subject: Automatic reply: Quick question"}
	v := judge(from("Ich bin bis einschließlich 09.03. nicht im Büro, Tel. +49 30 1234567. Bitte wenden Sie sich an carl@example.com.", auto...))
	require.Equal(t, inbound.OutOfOffice, v.Kind)
	require.Equal(t, "2026-03-09", v.Away.Until.Format(time.DateOnly))
	require.Equal(t, "2026-03-10", v.Away.Return.Format(time.DateOnly))
	require.True(t, v.Away.Inclusive)
	require.Contains(t, v.Away.Words, "bis einschließlich 09.03.")
	require.Contains(t, v.Reason, "10 March 2026")
	require.Equal(t, "carl@example.com", v.Successor)

	v = judge(from("I am out of the office.", auto...))
	require.True(t, v.Away.Undated)
	require.Zero(t, v.Away.Return)

	v = judge(from("I am away.", append(auto, "Subject: Out of office until March 12")...))
	require.Equal(t, "2026-03-12", v.Away.Return.Format(time.DateOnly), "the subject counts too")

	v = judge(from("I am out of the office."+strings.ReplaceAll(footer, "just following up", "I am back on March 5"), auto...))
	require.True(t, v.Away.Undated, "a quoted date is ours")

	v = judge(from("Ferien.", "X-Apple-Action: VACATION", "X-Apple-Criteria: {kind=VACATION,startDate=2026-03-01T00:00:00Z,endDate=2026-03-10T14:59:59Z}"))
	require.Equal(t, "2026-03-11", v.Away.Return.Format(time.DateOnly))
}

func TestLeftCompanyNamesTheSuccessor(t *testing.T) {
	t.Parallel()
	v := judge(from("Anna Miller (anna@example.com) has left the company. Please write to Carl.Smith@example.com or to bob@relance.example.", "Auto-Submitted: auto-replied"))
	require.Equal(t, inbound.LeftCompany, v.Kind)
	require.Equal(t, "carl.smith@example.com", v.Successor)
	require.Contains(t, v.Words, "has left the company")
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	for method, kind := range map[string]inbound.Kind{"REQUEST": inbound.Calendar, "REPLY": inbound.Calendar, "COUNTER": inbound.Calendar, "PUBLISH": inbound.Reply} {
		body := fmt.Sprintf("--b\nContent-Type: text/plain\n\nAccepted: Demo\n--b\nContent-Type: text/calendar; charset=utf-8; method=%s\n\nBEGIN:VCALENDAR\nMETHOD:%s\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@example.com\nEND:VCALENDAR\n--b--\n", method, method)
		v := judge(from(body, `Content-Type: multipart/alternative; boundary="b"`, "Subject: Accepted: Demo"))
		require.Equal(t, kind, v.Kind, method)
		if method == "REPLY" {
			require.Contains(t, v.Reason, "accepted")
		}
	}
}

func TestHTMLReplies(t *testing.T) {
	t.Parallel()
	html := func(body string) []byte {
		return from("<html><head><style>p{}</style></head><body>"+body+"</body></html>", "Content-Type: text/html; charset=utf-8")
	}
	for name, quote := range map[string]string{
		"Gmail":      `<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, Mar 2, 2026 at 9:00 AM Bob &lt;<a href="mailto:bob@relance.example">bob@relance.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote">Hi<br><a href="x">Unsubscribe</a></blockquote></div>`,
		"Outlook":    `<hr tabindex="-1"><div id="divRplyFwdMsg"><font><b>From:</b> Bob &lt;bob@relance.example&gt;<br><b>Sent:</b> Monday, March 2, 2026 9:00<br><b>To:</b> Anna<br><b>Subject:</b> Quick question</font></div><div>Hi<br><a href="x">Unsubscribe</a></div>`,
		"Outlook de": `<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>Von:</b> Bob &lt;bob@relance.example&gt;<br><b>Gesendet:</b> Montag, 2. März 2026 09:00<br><b>An:</b> Anna<br><b>Betreff:</b> Frage</p></div><p>Hallo</p><p>Abmelden</p>`,
		"Apple":      `<br><div><blockquote type="cite"><div>On 2 Mar 2026, at 09:00, Bob &lt;bob@relance.example&gt; wrote:</div><br><div>Hi<br>Unsubscribe</div></blockquote></div>`,
		"Yahoo":      `<div id="ydp" class="yahoo_quoted"><div>On Monday, March 2, 2026 at 09:00:00 AM GMT+1, Bob &lt;bob@relance.example&gt; wrote:</div><div>Hi</div><div>Unsubscribe</div></div>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, v := inbound.Judge(html("<div>Yes, gladly.</div>"+quote), arrived, self)
			require.Equal(t, inbound.Reply, v.Kind, v.Reason)
			require.Equal(t, "Yes, gladly.", m.Answer)
			_, v = inbound.Judge(html("<p>Please unsubscribe me</p>"+quote), arrived, self)
			require.Equal(t, inbound.Unsubscribe, v.Kind, v.Reason)
			_, v = inbound.Judge(html(quote), arrived, self)
			require.Equal(t, inbound.Reply, v.Kind, "nothing but a quote")
		})
	}
}
