package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"

	"relance/workflows"
)

const everyError = `
plan: unlimited
users:
  - {key: maya, name: Maya, email: maya@northwind.example, phone: "+32475000001"}
  - {key: tom, name: Tom, email: tom@northwind.example}
email_accounts:
  - {address: maya@northwind.example, name: Maya, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: maya, password: inbox}}
  - {address: sales@northwind.example, name: Sales, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: sales, password: wrong}}
  - {address: jan@northwind.example, name: Jan, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: jan, password: inbox}}
campaigns:
  - {key: c-removed, name: Removed, owner: maya, sender: jan@northwind.example, steps: [{id: one, email: {subject: S, body: B}}]}
  - {key: c-login, name: Login, owner: maya, sender: sales@northwind.example, steps: [{id: one, email: {subject: S, body: B}}]}
  - {key: c-nosender, name: No sender, owner: maya, steps: [{id: one, email: {subject: S, body: B}}]}
  - {key: c-contact, name: Contact, owner: maya, sender: maya@northwind.example, steps: [{id: one, email: {subject: "For {{ company }}", body: B}}]}
  - {key: c-phone, name: Phone, owner: tom, steps: [{id: tell, sms: {text: "{{ full_name }}"}}]}
  - {key: c-credits, name: Credits, owner: maya, sender: maya@northwind.example, steps: [{id: one, email: {subject: S, body: B}}]}
`

const everyContact = `Record ID,First Name,Last Name,Company,Email
1,Ada,One,Acme,ada@contoso.example
2,Bob,Two,Acme,bob@contoso.example
3,Cy,Three,Acme,
4,Dee,Four,Acme,bounce@contoso.example
5,Eve,Five,Acme,greylist@contoso.example
6,Fay,Six,Acme,drop@contoso.example
7,Gus,Seven,,gus@contoso.example
8,Hal,Eight,Acme,blocked@contoso.example
`

// people are the ids of the contacts of everyContact, in its order from 1.
type people [9]int64

func (s *system) people() people {
	s.t.Helper()
	var all []struct {
		ID       int64
		LastName string
	}
	require.NoError(s.t, json.Unmarshal([]byte(s.run("contacts", "list", "-o", "json", "--limit", "0")), &all))
	var ids people
	for _, one := range all {
		if n := slices.Index([]string{"", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight"}, one.LastName); n > 0 {
			ids[n] = one.ID
		}
	}
	return ids
}

// of lists the ids of some of them as a flag takes them.
func (p people) of(numbers ...int) string {
	ids := make([]string, len(numbers))
	for i, n := range numbers {
		ids[i] = fmt.Sprint(p[n])
	}
	return strings.Join(ids, ",")
}

// codes are the codes of the contacts in error, by their number in everyContact.
func (s *system) codes(campaign string, p people) map[int]string {
	s.t.Helper()
	codes := map[int]string{}
	for _, one := range s.errors("--campaign", campaign) {
		codes[slices.Index(p[:], one.ContactID)] = one.Code
		require.NotEmpty(s.t, one.HowToFix)
		require.Equal(s.t, workflows.EnrollmentWorkflowID(campaign, one.ContactID), one.WorkflowID)
	}
	return codes
}

// Each of the ten errors parks the right contacts and no others; its fix resumes
// exactly them, without a command; nobody is mailed twice.
func TestEveryErrorParksAndItsFixWakes(t *testing.T) {
	s := start(t)
	s.apply(everyError)
	s.feed(everyContact, "contacts", "import", "-")
	p := s.people()
	s.run("email-account", "remove", "jan@northwind.example")
	for _, key := range []string{"c-removed", "c-login", "c-nosender"} {
		s.run("enroll", key, "--contacts", p.of(1, 2))
	}
	s.run("enroll", "c-contact", "--contacts", p.of(1, 2, 3, 4, 5, 6, 7, 8))
	s.run("enroll", "c-phone", "--contacts", p.of(1))

	// 1, 2, 3: the sender.
	for key, code := range map[string]string{
		"c-removed": "EmailAccountDisconnected", "c-login": "EmailAccountInError", "c-nosender": "OwnerHasNoSendingAddress",
	} {
		s.eventually(key, "both in error", func(c counts) bool { return c.InError == 2 })
		require.Equal(t, map[int]string{1: code, 2: code}, s.codes(key, p))
	}
	require.Contains(t, s.errors("--campaign", "c-login")[0].Detail, "535")
	s.eventually("c-phone", "in error", func(c counts) bool { return c.InError == 1 })
	require.Equal(t, map[int]string{1: "OwnerHasNoPhone"}, s.codes("c-phone", p))

	// 4, 6, 7, 9, 10: the contact and the message.
	s.eventually("c-contact", "six in error", func(c counts) bool { return c.InError == 6 && c.Completed == 2 })
	require.Equal(t, map[int]string{
		3: "ContactHasNoEmail", 4: "EmailAlreadyBounced", 5: "SendingFailed", 6: "DeliveryUncertain", 7: "MessageCannotBeRendered", 8: "SendingFailed",
	}, s.codes("c-contact", p))

	// Other people's tools: the list by search attribute and the bare signal.
	s.findsInTemporal(`EnrollmentStatus="InError" AND ErrorCode="ContactHasNoEmail"`, 1)
	s.findsInTemporal(`EnrollmentStatus="InError" AND ErrorCause="email_account:sales@northwind.example"`, 2)
	s.bareSignal(workflows.EnrollmentWorkflowID("c-contact", p[3]), "resume")
	s.eventuallyParked("c-contact", p[3], 2)

	// The fixes.
	s.run("campaign", "set-sender", "c-nosender", "maya@northwind.example")
	s.completes("c-nosender", 2)
	s.feed("inbox", "email-account", "reconnect", "sales@northwind.example", "--password-stdin")
	s.completes("c-login", 2)
	s.run("campaign", "set-sender", "c-removed", "maya@northwind.example")
	s.completes("c-removed", 2)
	s.run("user", "set", "tom", "--phone", "+32475000002")
	s.completes("c-phone", 1)

	s.run("contacts", "set", p.of(3), "--email", "cy@contoso.example")
	s.eventually("c-contact", "contact 3 goes on", func(c counts) bool { return c.InError == 5 && c.Completed == 3 })
	s.run("contacts", "set", p.of(4), "--email", "dee@contoso.example")
	s.eventually("c-contact", "contact 4 goes on", func(c counts) bool { return c.InError == 4 && c.Completed == 4 })
	s.run("contacts", "set", p.of(7), "--company", "Acme")
	s.eventually("c-contact", "contact 7 goes on", func(c counts) bool { return c.InError == 3 && c.Completed == 5 })
	code, _, stderr := s.try("", "resume", p.of(6), "--campaign", "c-contact")
	require.Equal(t, 4, code, stderr)
	s.run("resume", p.of(6), "--campaign", "c-contact", "--assume", "sent")
	s.eventually("c-contact", "contact 6 goes on", func(c counts) bool { return c.InError == 2 && c.Completed == 6 })
	s.run("resume", p.of(5), "--campaign", "c-contact")
	s.eventuallyParked("c-contact", p[5], 2)
	s.run("disenroll", p.of(5), p.of(8), "--campaign", "c-contact", "--reason", "no longer interested")
	s.eventually("c-contact", "both leave", func(c counts) bool { return c.InError == 0 && c.Disenrolled == 2 })

	require.Empty(t, s.errors())
	for address, mails := range map[string]int{
		"ada@": 4, "bob@": 4, "cy@": 1, "dee@": 1, "gus@": 1, "drop@": 1, "bounce@": 0, "greylist@": 0, "blocked@": 0,
	} {
		require.Equal(t, mails, s.inboxTo(address), "mails to %s", address)
	}
	s.noCreditsLeft(p)
	for scenario, id := range map[string]string{
		"first_try_straight_through":         workflows.EnrollmentWorkflowID("c-contact", p[1]),
		"first_try_parked_twice_then_fixed":  workflows.EnrollmentWorkflowID("c-contact", p[3]),
		"first_try_parked_then_fixed":        workflows.EnrollmentWorkflowID("c-login", p[1]),
		"first_try_retries_exhausted":        workflows.EnrollmentWorkflowID("c-contact", p[5]),
		"first_try_uncertain_assumed_sent":   workflows.EnrollmentWorkflowID("c-contact", p[6]),
		"first_try_disenrolled_while_parked": workflows.EnrollmentWorkflowID("c-contact", p[8]),
		"first_try_sms_parked_then_fixed":    workflows.EnrollmentWorkflowID("c-phone", p[1]),
		"enroll_contacts":                    workflows.EnrollContactsWorkflowID("c-contact"),
	} {
		s.record(scenario, id)
	}
}

// 5: as many go on as there are credits.
func (s *system) noCreditsLeft(p people) {
	s.t.Helper()
	s.run("plan", "set", "credits", "1")
	s.run("enroll", "c-credits", "--contacts", p.of(1, 2, 3))
	s.eventually("c-credits", "two in error", func(c counts) bool { return c.InError == 2 && c.Completed == 1 })
	require.Len(s.t, s.errors("--code", "NoCreditsLeft"), 2)
	s.run("credits", "add", "1")
	s.eventually("c-credits", "one in error", func(c counts) bool { return c.InError == 1 && c.Completed == 2 })
	s.run("plan", "set", "unlimited")
	s.completes("c-credits", 3)
}

func (s *system) completes(campaign string, count int) {
	s.t.Helper()
	s.eventually(campaign, fmt.Sprintf("%d completed", count), func(c counts) bool { return c.Completed == count })
}

func (s *system) eventuallyParked(campaign string, contact int64, park int) {
	s.t.Helper()
	s.eventually(campaign, fmt.Sprintf("contact %d in park %d", contact, park), func(counts) bool {
		for _, one := range s.errors("--campaign", campaign, "--contact", fmt.Sprint(contact)) {
			return one.ParkID == park
		}
		return false
	})
}

// bareSignal is what `temporal workflow signal --name resume` sends: no payload at all.
func (s *system) bareSignal(workflowID, name string) {
	s.t.Helper()
	_, err := s.Outreach.Client.WorkflowService().SignalWorkflowExecution(context.Background(), &workflowservice.SignalWorkflowExecutionRequest{
		Namespace: s.Outreach.Namespace, WorkflowExecution: &common.WorkflowExecution{WorkflowId: workflowID}, SignalName: name,
	})
	require.NoError(s.t, err)
}

func (s *system) findsInTemporal(query string, count int64) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		answer, err := s.Outreach.Client.CountWorkflow(context.Background(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		return err == nil && answer.GetCount() == count
	}, patience, patience/500, query)
}
