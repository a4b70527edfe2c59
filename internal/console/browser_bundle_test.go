package console

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/failure"
	"relance/internal/lab/browser"
	"relance/internal/mail/smtp"
)

// A real browser judges the pages. Every tab also fails its test when the page's
// policy was violated, a request failed or left the console, or a script complained.
// Tabs are opened after their stand: so they are gone before its server, which waits for
// what a page holds open.

// phone is a narrow screen: what WCAG asks for, and 400 % of a window of 1280 pixels.
var phone = browser.Look{Width: 320, Height: 640}

// realMail is the stand with a mail server that is real, and waits with its answer to a
// login until at least so many have asked, or a while has passed.
func (b *bundle) realMail(atOnce int) {
	b.t.Helper()
	arrived := make(chan struct{}, 100)
	all := sync.OnceFunc(func() {
		late := time.After(5 * time.Second)
		for range atOnce {
			select {
			case <-arrived:
			case <-late:
				return
			}
		}
	})
	server, err := inbox.Start(b.t.Context(), inbox.Options{Dir: b.t.TempDir(), OnLogin: func(string, string) *inbox.Reply {
		arrived <- struct{}{}
		all()
		return nil
	}})
	require.NoError(b.t, err)
	b.t.Cleanup(server.Stop)
	b.logIn = func(ctx context.Context, account campaign.EmailAccount) error {
		return smtp.NewPool().Login(ctx, account)
	}
	b.exec(`UPDATE email_accounts SET host = '127.0.0.1', port = $1, tls = 'none'`, server.Port())
}

// sorry is one way of being in error, and how it is repaired on the first page.
type sorry struct {
	problem  failure.Problem
	contacts []int64
	repair   func(tab *browser.Tab)
	said     string
	// fact is a question to the database that is true after the repair, and only then.
	fact string
}

// formID is the id of the form with this key.
func formID(parts ...any) string { return "#" + (&frame{}).Form(parts...).ID }

// press presses the button of a form, and is at the page that follows.
func press(tab *browser.Tab, form string) int {
	return tab.Load(func() { tab.Click(form + " button") })
}

// everyday are the errors of every day, each with what a person does about it.
func everyday() []sorry {
	typed := func(form, field, text string) func(*browser.Tab) {
		return func(tab *browser.Tab) {
			tab.Type(form+" [name="+field+"]", text)
			press(tab, form)
		}
	}
	chosen := func(form, field, value string) func(*browser.Tab) {
		return func(tab *browser.Tab) {
			tab.Choose(form+" [name="+field+"]", value)
			press(tab, form)
		}
	}
	value := func(id int64, field string) string { return formID("value", id, field) }
	const fixed = `EXISTS (SELECT FROM outbox WHERE kind = 'fix' AND by = 'console' AND cause = '%s')`
	return []sorry{
		{
			failure.Problem{Code: failure.EmailAccountDisconnected, Detail: "gone@northwind.example", Causes: []failure.Cause{failure.EmailAccount("gone@northwind.example"), failure.CampaignSender("spring")}},
			[]int64{1}, chosen(formID("sender", failure.EmailAccountDisconnected, "spring"), "sender", "tom@northwind.example"), "spring now sends with tom@northwind.example. 1 contact goes on.",
			`SELECT sender = 'tom@northwind.example' AND ` + fmt.Sprintf(fixed, "campaign:spring/sender") + ` FROM campaigns WHERE key = 'spring'`,
		},
		{
			failure.Problem{Code: failure.EmailAccountInError, Detail: mayas + ": 535 5.7.8 no", Causes: []failure.Cause{failure.EmailAccount(mayas), failure.CampaignSender("q4")}},
			[]int64{2, 3}, typed(formID("account", mayas), "password", inbox.Password), "maya@northwind.example has logged in and is connected. 2 contacts go on.",
			`SELECT status = 'connected' AND ` + fmt.Sprintf(fixed, "email_account:"+mayas) + ` FROM email_accounts WHERE address = '` + mayas + `'`,
		},
		{
			failure.Problem{Code: failure.OwnerHasNoSendingAddress, Causes: []failure.Cause{failure.CampaignSender("autumn")}},
			[]int64{4}, chosen(formID("sender", failure.OwnerHasNoSendingAddress, "autumn"), "sender", "tom@northwind.example"), "autumn now sends with tom@northwind.example. 1 contact goes on.",
			`SELECT sender = 'tom@northwind.example' AND ` + fmt.Sprintf(fixed, "campaign:autumn/sender") + ` FROM campaigns WHERE key = 'autumn'`,
		},
		{
			failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(5)}},
			[]int64{5}, typed(value(5, "email"), "value", "Edsger <edsger@path.example>"), "C5 Claes: Email address is saved. 1 contact goes on.",
			`SELECT email = 'edsger@path.example' AND ` + fmt.Sprintf(fixed, "contact:5/email") + ` FROM contacts WHERE id = 5`,
		},
		{
			failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}},
			[]int64{6}, typed(formID("credits"), "credits", "20"), "Credits added: the plan has 20. 1 contact goes on.",
			`SELECT credits = 20 AND ` + fmt.Sprintf(fixed, "plan") + ` FROM plan`,
		},
		{
			failure.Problem{Code: failure.SendingFailed, Detail: "452 4.2.2 mailbox full"}, []int64{7, 8},
			func(tab *browser.Tab) { press(tab, "ul.alike li:first-child form") }, "They try again. 2 contacts go on.",
			`SELECT contacts = '{7,8}' FROM outbox WHERE kind = 'resume' AND by = 'console'`,
		},
		{
			failure.Problem{Code: failure.EmailAlreadyBounced, Causes: []failure.Cause{failure.ContactEmail(9)}},
			[]int64{9}, typed(value(9, "email"), "value", "barbara@clu.example"), "C9 Claes: Email address is saved. 1 contact goes on.",
			`SELECT email = 'barbara@clu.example' AND ` + fmt.Sprintf(fixed, "contact:9/email") + ` FROM contacts WHERE id = 9`,
		},
		{
			failure.Problem{Code: failure.OwnerHasNoPhone, Causes: []failure.Cause{failure.OwnerPhone("maya")}},
			[]int64{10}, typed(formID("phone", "maya"), "phone", "+32475000001"), "The phone number of maya is saved. 1 contact goes on.",
			`SELECT phone = '+32475000001' AND ` + fmt.Sprintf(fixed, "user:maya/phone") + ` FROM users WHERE key = 'maya'`,
		},
		{
			failure.Problem{Code: failure.MessageCannotBeRendered, Variable: "company", Detail: "company is missing", Causes: []failure.Cause{failure.ContactFields(11), failure.CampaignSteps("q4")}},
			[]int64{11}, typed(value(11, "company"), "value", "Contoso"), "C11 Claes: Company is saved. 1 contact goes on.",
			`SELECT company = 'Contoso' AND ` + fmt.Sprintf(fixed, "contact:11/fields") + ` FROM contacts WHERE id = 11`,
		},
		{
			failure.Problem{Code: failure.DeliveryUncertain, Detail: "the connection was closed"}, []int64{12},
			func(tab *browser.Tab) {
				tab.Load(func() { tab.Click(`a.button[href="/uncertain"]`) })
				tab.Load(func() { tab.Click("button[value=sent]") })
			}, "Kept: it was sent, and is not sent again. 1 contact goes on.",
			`SELECT assume = 'sent' FROM outbox WHERE kind = 'resume' AND contacts = '{12}'`,
		},
	}
}

// busy is the stand in which every error of every day has happened, with a real mail server.
func busy(t *testing.T) (*bundle, []sorry) {
	t.Helper()
	b, errors := setup(t, 12, "Claes"), everyday()
	b.realMail(0)
	for _, key := range []string{"spring", "autumn"} {
		b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) SELECT $1, $2, owner, NULL, steps FROM campaigns WHERE key = 'q4'`, key, key+" campaign")
	}
	b.exec(`UPDATE enrollments SET campaign = 'spring' WHERE id = 1`)
	b.exec(`UPDATE enrollments SET campaign = 'autumn' WHERE id = 4`)
	b.exec(`UPDATE plan SET unlimited = false, credits = 0`)
	b.exec(`UPDATE contacts SET email = '' WHERE id = 5`)
	b.exec(`INSERT INTO bounces (address, reason) VALUES ('c9@contoso.example', '550 5.1.1 no such user')`)
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 5.7.8 Username and Password not accepted' WHERE address = $1`, mayas)
	for _, e := range errors {
		for _, id := range e.contacts {
			b.park(id, e.problem)
		}
	}
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date)
		VALUES (12, 'intro', 1, 'email', 'uncertain', $1, 'c12@contoso.example', 'Hi', '<m1@northwind.example>', now())`, mayas)
	return b, errors
}

// settled waits until nothing is under way at the console any more, and ends it.
func (b *bundle) settled(tab *browser.Tab) {
	tab.Leave()
	b.server.Close()
}

func contactsOf(errors []sorry) (all []int64) {
	for _, e := range errors {
		all = append(all, e.contacts...)
	}
	slices.Sort(all)
	return all
}
