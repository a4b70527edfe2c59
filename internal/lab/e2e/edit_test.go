package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/workflows"
)

// edited is a campaign of these steps.
func edited(steps string) string {
	return `
users:
  - {key: elsa, name: Elsa, email: elsa@edit.example, phone: "+32475000003"}
email_accounts:
  - {address: elsa@edit.example, name: Elsa, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: elsa, password: inbox}}
campaigns:
  - key: e-edit
    name: Edit
    owner: elsa
    sender: elsa@edit.example
    steps:
      - {id: hello, email: {subject: Hello, body: B}}
` + steps
}

const (
	editBefore = `
      - wait: 2h
      - {id: more, email: {subject: More, body: B}}
      - wait: 2h
      - {id: last, email: {subject: Last, body: B}}`
	// The step that they wait for is gone, one is added, and the wait before the last is shorter.
	editAfter = `
      - {id: fresh, email: {subject: Fresh, body: B}}
      - wait: 1s
      - {id: last, email: {subject: Last, body: "another"}}`
	editAdded = `
      - wait: 1s
      - {id: added, email: {subject: Added, body: B}}`
)

// A campaign is edited while contacts wait for a step that is removed: each goes on by the
// campaign as it is now, gets nothing twice, and the counts that were printed come true.
func TestACampaignIsEditedUnderWay(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(edited(editBefore))
	var ids []string
	var contacts []int64
	for i := range 5 {
		id := s.contact("Eve", fmt.Sprintf("eve%d@edit.example", i))
		contacts, ids = append(contacts, id), append(ids, fmt.Sprint(id))
	}
	s.run("enroll", "e-edit", "--contacts", strings.Join(ids, ","))
	s.eventually("e-edit", "all wait for the second mail", func(c counts) bool { return c.Waiting == 5 && c.Sent == 5 })
	s.costs("e-edit", contacts[0], 2, "a mail and the beginning of a wait cost no more than before")

	file := strings.ReplaceAll(edited(editAfter), "PORT", fmt.Sprint(s.Inbox.Port()))
	var applied struct {
		Items []struct{ Reach []campaign.Reach }
	}
	require.NoError(t, json.Unmarshal([]byte(s.feed(file, "apply", "-f", "-", "--dry-run", "-o", "json")), &applied))
	require.Equal(t, []campaign.Reach{
		{StepID: "fresh", Edit: campaign.EditAdded, Get: 5, DueAtOnce: 5},
		{StepID: "last", Edit: campaign.EditWait, Get: 5},
		{StepID: "last", Edit: campaign.EditText, Get: 5},
		{StepID: "more", Edit: campaign.EditRemoved, Skip: 5},
	}, applied.Items[len(applied.Items)-1].Reach)
	s.eventually("e-edit", "a dry run does nothing", func(c counts) bool { return c.Waiting == 5 })
	s.apply(edited(editAfter))
	s.completes("e-edit", 5)
	for i, id := range contacts {
		var subjects []string
		for _, mail := range s.mailsTo(fmt.Sprintf("eve%d@edit.example", i)) {
			subjects = append(subjects, s.open(mail).Header.Get("Subject"))
		}
		require.Equal(t, []string{"Hello", "Fresh", "Last"}, subjects)
		var events []struct {
			StepID, Kind string
			Version      int
		}
		require.NoError(t, json.Unmarshal([]byte(s.run("timeline", fmt.Sprint(id), "-o", "json")), &events))
		versions := map[string]int{}
		for _, event := range events {
			if event.Kind == "sent" {
				versions[event.StepID] = event.Version
			}
		}
		require.Equal(t, map[string]int{"hello": 1, "fresh": 2, "last": 2}, versions)
	}
	s.record("follows_edited_while_it_waits", workflows.EnrollmentWorkflowID("e-edit", contacts[0]))

	// A step is added when they have completed: they get it when somebody says so.
	s.apply(edited(editAfter + editAdded))
	require.Equal(t, 5, s.status("e-edit").Completed)
	require.Contains(t, s.run("enroll", "e-edit", "--continue", "--dry-run", "-o", "json"), `"enrolled": 5`)
	s.run("enroll", "e-edit", "--continue")
	s.eventually("e-edit", "all have the fourth mail", func(c counts) bool { return c.Completed == 5 && c.Sent == 20 })
	for i := range contacts {
		mails := s.mailsTo(fmt.Sprintf("eve%d@edit.example", i))
		require.Len(t, mails, 4)
		require.Equal(t, "Added", s.open(mails[3]).Header.Get("Subject"))
	}
	s.record("follows_taken_on_after_it_had_completed", workflows.EnrollmentWorkflowID("e-edit", contacts[0]))
}

// The step is removed that contacts stand in a line for, and another is put in its place: they
// stand in the line for that, and nobody gets the one that is gone.
func TestACampaignIsEditedUnderThoseInLine(t *testing.T) {
	t.Parallel()
	s := start(t)
	paced := func(pace, step string) string {
		return `
users:
  - {key: lena, name: Lena, email: lena@edit.example, phone: "+32475000003"}
email_accounts:
  - {address: lena@edit.example, name: Lena, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: lena, password: inbox}` + pace + `}
campaigns:
  - {key: e-line, name: Line, owner: lena, sender: lena@edit.example, steps: [` + step + `]}
`
	}
	const slow, first, other = ", pace: {gap: 1h}", "{id: first, email: {subject: First, body: B}}", "{id: other, email: {subject: Other, body: B}}"
	s.apply(paced(slow, first))
	var ids []string
	for i := range 4 {
		ids = append(ids, fmt.Sprint(s.contact("Lea", fmt.Sprintf("lea%d@edit.example", i))))
	}
	s.run("enroll", "e-line", "--contacts", strings.Join(ids, ","))
	s.eventually("e-line", "three stand in the line", func(c counts) bool { return c.Completed == 1 && c.Waiting == 3 })
	s.apply(paced(slow, other))
	s.eventually("e-line", "they stand in the line for the other one", func(counts) bool {
		for _, id := range ids {
			var why struct{ StepID, Because string }
			if err := json.Unmarshal([]byte(s.run("why", id, "-o", "json")), &why); err != nil || why.StepID == "first" || slices.Contains([]string{"looks_after_edit", "turn"}, why.Because) {
				return false
			}
		}
		return true
	})
	require.Equal(t, 3, s.status("e-line").Waiting)
	s.apply(paced("", other))
	s.eventually("e-line", "all are through", func(c counts) bool { return c.Completed == 4 && c.Sent == 4 })
	subjects := map[string]int{}
	for i := range 4 {
		mails := s.mailsTo(fmt.Sprintf("lea%d@edit.example", i))
		require.Len(t, mails, 1)
		subjects[s.open(mails[0]).Header.Get("Subject")]++
	}
	require.Equal(t, map[string]int{"First": 1, "Other": 3}, subjects)
}
