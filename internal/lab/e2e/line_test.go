package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"relance/workflows"
)

const inLine = `
users:
  - {key: lin, name: Lin, email: lin@line.example}
email_accounts:
  - {address: lin@line.example, name: Lin, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: lin, password: inbox}, pace: {gap: 1s}}
campaigns:
  - key: l-first
    name: First
    owner: lin
    sender: lin@line.example
    steps:
      - {id: hello, email: {subject: Hello, body: B}}
      - wait: 3s
      - {id: again, email: {reply_to: hello, body: B}}
  - {key: l-other, name: Other, owner: lin, sender: lin@line.example, steps: [{id: one, email: {subject: One, body: B}}]}
`

// Law 8: an account with a gap has one turn at a time, over its campaigns and its steps;
// follow-ups go first; who is held keeps the place; and everybody has every mail once.
func TestContactsWaitInTheLineOfTheirSender(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(inLine)
	var first []int64
	for i := range 6 {
		first = append(first, s.contact(fmt.Sprint("Li", i), fmt.Sprintf("li%d@line.test", i)))
	}
	other := s.contact("Ot", "ot@line.test")
	homeless := s.contact("Noa", "noa@line.test")
	s.run("contacts", "set", fmt.Sprint(homeless), "--email", "")
	s.run("enroll", "l-first", "--contacts", joined(first))
	s.run("enroll", "l-other", "--contacts", joined([]int64{other, homeless}))
	s.eventually("l-other", "the contact without an address is in error", func(c counts) bool { return c.InError == 1 })
	s.run("contacts", "set", fmt.Sprint(homeless), "--email", "no@line.test")
	s.eventually("l-first", "all are through", func(c counts) bool { return c.Completed == 6 })
	s.eventually("l-other", "both are through", func(c counts) bool { return c.Completed == 2 })

	s.record("first_try_waited_in_line", workflows.EnrollmentWorkflowID("l-first", first[5]))

	for _, who := range append([]string{"ot@line.test", "no@line.test"}, addresses("li%d@line.test", 6)...) {
		want := 2
		if who[0] != 'l' {
			want = 1
		}
		require.Len(t, s.mailsTo(who), want, who)
	}
	gates := s.gates("lin@line.example")
	require.Len(t, gates, 14)
	for i := 1; i < len(gates); i++ {
		require.GreaterOrEqual(t, gates[i].At.Sub(gates[i-1].At), time.Second, "mail %d of %d comes too soon", i, len(gates))
	}
	s.costs("l-other", other, 5, "two of a mail, three of a turn")
}

// costs requires that an enrollment has taken so many transitions at most: a first mail that has waited in line costs
// three more than one that has not. A first try that a busy machine has made slow leaves its step to an activity, and
// there is nothing to count then.
func (s *system) costs(campaign string, id, most int64, why string) {
	s.t.Helper()
	workflow := workflows.EnrollmentWorkflowID(campaign, id)
	if s.leftToAnActivity(workflow) {
		return
	}
	description, err := s.Outreach.Client.DescribeWorkflowExecution(context.Background(), workflow, "")
	require.NoError(s.t, err)
	require.LessOrEqual(s.t, description.GetWorkflowExecutionInfo().GetStateTransitionCount(), most, why)
}

// leftToAnActivity says whether a history has an activity, where the design has none unless the machine is busy.
func (s *system) leftToAnActivity(workflow string) bool {
	s.t.Helper()
	history := s.Outreach.Client.GetWorkflowHistory(context.Background(), workflow, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		require.NoError(s.t, err)
		if event.GetEventType() == enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED {
			s.t.Logf("%s was left to an activity, so its cost is not counted", workflow)
			return true
		}
	}
	return false
}

const closedWindow = `
users:
  - {key: wim, name: Wim, email: wim@window.example}
email_accounts:
  - {address: wim@window.example, name: Wim, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: wim, password: inbox}}
campaigns:
  - {key: w-night, name: Night, owner: wim, sender: wim@window.example, window: {days: [mon, tue, wed, thu, fri, sat, sun], from: "FROM", to: "TO", timezone: UTC}, steps: [{id: one, email: {subject: One, body: B}}]}
`

// A contact that a window holds waits, without a timer, and goes on at once when an edit opens it.
func TestAWindowHoldsAndAnEditLetsGo(t *testing.T) {
	t.Parallel()
	s := start(t)
	now := time.Now().UTC()
	window := func(from, to time.Duration) string {
		return strings.NewReplacer("FROM", now.Add(from).Format("15:04"), "TO", now.Add(to).Format("15:04")).Replace(closedWindow)
	}
	s.apply(window(6*time.Hour, 7*time.Hour))
	id := s.contact("Wes", "wes@window.test")
	s.run("enroll", "w-night", "--contacts", fmt.Sprint(id))
	s.eventually("w-night", "the contact waits", func(c counts) bool { return c.Waiting == 1 })
	require.Zero(t, s.inboxTo("wes@window.test"))
	s.apply(window(-6*time.Hour, 7*time.Hour))
	s.eventually("w-night", "the contact is through", func(c counts) bool { return c.Completed == 1 })
	require.Equal(t, 1, s.inboxTo("wes@window.test"))
	s.costs("w-night", id, 5, "two of a mail, three of a turn")
}

func joined(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = fmt.Sprint(id)
	}
	return strings.Join(texts, ",")
}

func addresses(format string, count int) (all []string) {
	for i := range count {
		all = append(all, fmt.Sprintf(format, i))
	}
	return all
}
