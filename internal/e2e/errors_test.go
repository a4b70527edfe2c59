package e2e

import (
	"context"
	"fmt"
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

func (s *system) codes(campaign string) map[int64]string {
	s.t.Helper()
	codes := map[int64]string{}
	for _, one := range s.errors("--campaign", campaign) {
		codes[one.ContactID] = one.Code
		require.NotEmpty(s.t, one.HowToFix)
		require.Equal(s.t, workflows.EnrollmentID(campaign, one.ContactID), one.WorkflowID)
	}
	return codes
}

// Each of the ten errors parks the right contacts and nobody else; its fix
// wakes exactly them, without being asked; nobody is mailed twice.
func TestEveryErrorParksAndItsFixWakes(t *testing.T) {
	s := start(t)
	s.apply(everyError)
	s.feed(everyContact, "contacts", "import", "-")
	s.run("email-account", "remove", "jan@northwind.example")
	for _, key := range []string{"c-removed", "c-login", "c-nosender"} {
		s.run("enroll", key, "--contacts", "1,2")
	}
	s.run("enroll", "c-contact", "--all")
	s.run("enroll", "c-phone", "--contacts", "1")

	// 1, 2, 3: the sender.
	for key, code := range map[string]string{
		"c-removed": "EmailAccountDisconnected", "c-login": "EmailAccountInError", "c-nosender": "OwnerHasNoSendingAddress",
	} {
		s.eventually(key, "both in error", func(c counts) bool { return c.InError == 2 })
		require.Equal(t, map[int64]string{1: code, 2: code}, s.codes(key))
	}
	require.Contains(t, s.errors("--campaign", "c-login")[0].Detail, "535")
	s.eventually("c-phone", "in error", func(c counts) bool { return c.InError == 1 })
	require.Equal(t, map[int64]string{1: "OwnerHasNoPhone"}, s.codes("c-phone"))

	// 4, 6, 7, 9, 10: the contact and the message.
	s.eventually("c-contact", "six in error", func(c counts) bool { return c.InError == 6 && c.Completed == 2 })
	require.Equal(t, map[int64]string{
		3: "ContactHasNoEmail", 4: "EmailAlreadyBounced", 5: "SendingFailed", 6: "DeliveryUncertain", 7: "MessageCannotBeRendered", 8: "SendingFailed",
	}, s.codes("c-contact"))

	// Other people's tools: the list by search attribute and the bare signal.
	s.findsInTemporal(`EnrollmentStatus="InError" AND ErrorCode="ContactHasNoEmail"`, 1)
	s.findsInTemporal(`EnrollmentStatus="InError" AND ErrorCause="email_account:sales@northwind.example"`, 2)
	s.bareSignal(workflows.EnrollmentID("c-contact", 3), "resume")
	s.eventuallyParked("c-contact", 3, 2)

	// The fixes.
	s.run("campaign", "set-sender", "c-nosender", "maya@northwind.example")
	s.completes("c-nosender", 2)
	s.feed("inbox", "email-account", "reconnect", "sales@northwind.example", "--password-stdin")
	s.completes("c-login", 2)
	s.run("campaign", "set-sender", "c-removed", "maya@northwind.example")
	s.completes("c-removed", 2)
	s.run("user", "set", "tom", "--phone", "+32475000002")
	s.completes("c-phone", 1)

	s.run("contacts", "set", "3", "--email", "cy@contoso.example")
	s.eventually("c-contact", "contact 3 goes on", func(c counts) bool { return c.InError == 5 && c.Completed == 3 })
	s.run("contacts", "set", "4", "--email", "dee@contoso.example")
	s.eventually("c-contact", "contact 4 goes on", func(c counts) bool { return c.InError == 4 && c.Completed == 4 })
	s.run("contacts", "set", "7", "--company", "Acme")
	s.eventually("c-contact", "contact 7 goes on", func(c counts) bool { return c.InError == 3 && c.Completed == 5 })
	code, _, stderr := s.try("", "resume", "6", "--campaign", "c-contact")
	require.Equal(t, 4, code, stderr)
	s.run("resume", "6", "--campaign", "c-contact", "--assume", "sent")
	s.eventually("c-contact", "contact 6 goes on", func(c counts) bool { return c.InError == 2 && c.Completed == 6 })
	s.run("resume", "5", "--campaign", "c-contact")
	s.eventuallyParked("c-contact", 5, 2)
	s.run("disenroll", "5", "8", "--campaign", "c-contact", "--reason", "no longer interested")
	s.eventually("c-contact", "both leave", func(c counts) bool { return c.InError == 0 && c.Disenrolled == 2 })

	require.Empty(t, s.errors())
	for address, mails := range map[string]int{
		"ada@": 4, "bob@": 4, "cy@": 1, "dee@": 1, "gus@": 1, "drop@": 1, "bounce@": 0, "greylist@": 0, "blocked@": 0,
	} {
		require.Equal(t, mails, s.inboxTo(address), "mails to %s", address)
	}
	s.noCreditsLeft()
	for scenario, id := range map[string]string{
		"straight_through":         workflows.EnrollmentID("c-contact", 1),
		"parked_twice_then_fixed":  workflows.EnrollmentID("c-contact", 3),
		"parked_then_fixed":        workflows.EnrollmentID("c-login", 1),
		"retries_exhausted":        workflows.EnrollmentID("c-contact", 5),
		"uncertain_assumed_sent":   workflows.EnrollmentID("c-contact", 6),
		"disenrolled_while_parked": workflows.EnrollmentID("c-contact", 8),
		"sms_parked_then_fixed":    workflows.EnrollmentID("c-phone", 1),
		"enroll_contacts":          workflows.EnrollContactsID("c-contact"),
	} {
		s.record(scenario, id)
	}
}

// 5: as many go on as there are credits.
func (s *system) noCreditsLeft() {
	s.t.Helper()
	s.run("plan", "set", "credits", "1")
	s.run("enroll", "c-credits", "--contacts", "1,2,3")
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
