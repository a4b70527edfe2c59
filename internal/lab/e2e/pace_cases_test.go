package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

// The cases of pace that a dev stack can play while somebody waits; docs/pace.md says where the
// others are, which need a clock of their own or thousands of contacts. The inbox's log judges.
func TestTheCasesOfPace(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]func(*system){
		"3 a limit is changed in flight":         (*system).caseLimitInFlight,
		"4 an account breaks with three senders": (*system).caseAnAccountBreaks,
		"5 somebody leaves in line":              (*system).caseSomebodyLeaves,
		"8 never":                                (*system).caseNever,
		"9 the look that must not lie":           (*system).caseTheLook,
		"a small campaign beside a large one":    (*system).caseASmallCampaign,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(start(t))
		})
	}
}

// crowd imports contacts of a domain and returns their ids.
func (s *system) crowd(count int, domain string) (ids []int64) {
	var file strings.Builder
	file.WriteString("First Name,Last Name,Email\n")
	for i := range count {
		fmt.Fprintf(&file, "P%d,Tester,p%d@%s\n", i, i, domain)
	}
	s.feed(file.String(), "contacts", "import", "-")
	var found []struct{ ID int64 }
	require.NoError(s.t, json.Unmarshal([]byte(s.run("contacts", "list", "--search", domain, "--limit", "0", "-o", "json")), &found))
	require.Len(s.t, found, count)
	for _, one := range found {
		ids = append(ids, one.ID)
	}
	return ids
}

// paced is an account with this pace and a campaign of one email.
func paced(key, pace string) string {
	return fmt.Sprintf(`
users: [{key: %[1]s, name: Pia, email: %[1]s@pace.example, phone: "+32475000009"}]
email_accounts: [{address: %[1]s@pace.example, name: Pia, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: %[1]s, password: inbox}, pace: %[2]s}]
campaigns: [{key: %[1]s, name: %[1]s, owner: %[1]s, sender: %[1]s@pace.example, steps: [{id: one, email: {subject: One, body: B}}]}]
`, key, pace)
}

func (s *system) caseLimitInFlight() {
	const key, account = "p-limit", "p-limit@pace.example"
	s.apply(paced(key, "{per_day: 3}"))
	s.run("enroll", key, "--contacts", joined(s.crowd(7, "limit.test")))
	s.eventually(key, "three have left", func(c counts) bool { return c.Sent == 3 && c.Waiting == 4 })
	s.run("email-account", "pace", account, "--per-day", "2") // below what has left
	s.run("email-account", "pace", account, "--per-day", "5")
	s.eventually(key, "two more have left", func(c counts) bool { return c.Sent == 5 && c.Waiting == 2 })
	s.run("email-account", "pace", account, "--per-day", "4")
	s.run("email-account", "pace", account, "--per-day", "6")
	s.eventually(key, "one more has left", func(c counts) bool { return c.Sent == 6 && c.Waiting == 1 })
	s.run("email-account", "pace", account, "--per-day", "none")
	s.eventually(key, "all are through", func(c counts) bool { return c.Completed == 7 })
	require.Equal(s.t, 7, s.inboxTo("@limit.test"))
}

func (s *system) caseAnAccountBreaks() {
	workspace := func(annsPassword, annsGap string) string {
		return `
users: [{key: ann, name: Ann, email: ann@three.example, phone: "+32475000009"}]
email_accounts:
  - {address: ann@three.example, name: Ann, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: ann, password: ` + annsPassword + `}, pace: {gap: ` + annsGap + `}}
  - {address: ben@three.example, name: Ben, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: ben, password: inbox}, pace: {gap: 1s}}
  - {address: cas@three.example, name: Cas, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: cas-three, password: inbox}, pace: {gap: 1s}}
campaigns:
  - key: p-three
    name: Three
    owner: ann
    senders: [ann@three.example, ben@three.example, cas@three.example]
    steps: [{id: hello, email: {subject: Hello, body: B}}, {wait: 1s}, {id: more, email: {reply_to: hello, body: B}}]
`
	}
	// Ann's first gap is long, so that she breaks between her first email and her second.
	s.apply(workspace("inbox", "5m"))
	ids := s.crowd(18, "three.test")
	s.run("enroll", "p-three", "--contacts", joined(ids[:9]))
	s.eventually("p-three", "all have mailed", func(c counts) bool { return c.Sent >= 6 && s.inboxFrom("ann@three.example") == 1 })
	s.apply(workspace("wrong", "1s"))
	s.run("enroll", "p-three", "--contacts", joined(ids[9:]))
	stuck := s.eventually("p-three", "the others are through", func(c counts) bool { return c.Completed+c.InError == 18 })
	require.Positive(s.t, stuck.InError, "those that Ann had mailed")
	for _, one := range s.errors("--campaign", "p-three") {
		require.Equal(s.t, string(failure.EmailAccountInError), one.Code)
		require.Equal(s.t, "more", one.StepID, "nobody is in error that she had not mailed")
	}
	s.apply(workspace("inbox", "1s"))
	s.eventually("p-three", "all are through", func(c counts) bool { return c.Completed == 18 })
	for i := range ids {
		mails := s.mailsTo(fmt.Sprintf("p%d@three.test", i))
		require.Len(s.t, mails, 2)
		require.Equal(s.t, mails[0].From, mails[1].From, "the thread stays with its sender")
		require.Equal(s.t, s.open(mails[0]).Header.Get("Message-ID"), s.open(mails[1]).Header.Get("In-Reply-To"))
	}
}

func (s *system) caseSomebodyLeaves() {
	const key, account = "p-leave", "p-leave@pace.example"
	s.apply(paced(key, "{gap: 1h}"))
	ids := s.crowd(6, "leave.test")
	s.run("enroll", key, "--contacts", joined(ids))
	s.eventually(key, "one has left, and all others stand in line", func(c counts) bool { return c.Sent == 1 && c.Waiting == 5 })
	var gone []int64
	for i, id := range slices.Backward(ids) {
		if len(gone) < 2 && s.inboxTo(fmt.Sprintf("p%d@leave.test", i)) == 0 {
			gone = append(gone, id)
		}
	}
	require.Len(s.t, gone, 2)
	s.run("disenroll", fmt.Sprint(gone[0]), "--campaign", key)
	s.run("disenroll", fmt.Sprint(gone[1]), "--campaign", key)
	s.run("email-account", "pace", account, "--gap", "1s")
	s.eventually(key, "the others are through: who left holds up nobody", func(c counts) bool { return c.Completed == 4 && c.Disenrolled == 2 })
	require.Equal(s.t, 4, s.inboxTo("@leave.test"), "who left in line has no mail")
}

func (s *system) caseASmallCampaign() {
	const many, account = 14, "p-large@pace.example"
	s.apply(strings.Replace(paced("p-large", "{gap: 1h}"), "campaigns: [", "campaigns: [{key: p-small, name: Small, owner: p-large, sender: p-large@pace.example, steps: [{id: one, email: {subject: One, body: B}}]}, ", 1))
	s.run("enroll", "p-large", "--contacts", joined(s.crowd(many, "large.test")))
	few := s.crowd(5, "small.test")
	s.eventually("p-large", "one has left, and all others stand in line", func(c counts) bool { return c.Sent == 1 && c.Waiting == many-1 })
	s.run("enroll", "p-small", "--contacts", joined(few))
	s.eventually("p-small", "they stand in line behind", func(c counts) bool { return c.Waiting == len(few) })
	s.run("email-account", "pace", account, "--gap", "1s")
	s.eventually("p-small", "the small one is through", func(c counts) bool { return c.Completed == len(few) })
	s.eventually("p-large", "the large one is through", func(c counts) bool { return c.Completed == many })
	require.Equal(s.t, len(few), s.inboxTo("@small.test"))
	require.Equal(s.t, many, s.inboxTo("@large.test"))

	order := ""
	for _, one := range s.gates(account) {
		order += map[bool]string{true: "s", false: "l"}[strings.HasSuffix(one.Recipient, "@small.test")]
	}
	before, after := strings.Index(order, "s"), len(order)-1-strings.LastIndex(order, "s")
	between := many - before - after
	require.LessOrEqual(s.t, between, len(few), "one for each of the small one: %s", order)
	require.GreaterOrEqual(s.t, after, many-2-len(few), "the large one was there first, and the small one was not behind it: %s", order)
}

func (s *system) caseNever() {
	never := strings.Replace(paced("p-never", "{timezone: Europe/Brussels, hours: {days: [mon, tue, wed, thu, fri], from: '09:00', to: '11:00'}}"),
		"steps:", "window: {days: [mon, tue, wed, thu, fri], from: '15:00', to: '17:00', timezone: Europe/Brussels}, steps:", 1)
	code, _, stderr := s.try(strings.ReplaceAll(never, "PORT", fmt.Sprint(s.Inbox.Port())), "apply", "-f", "-")
	require.NotZero(s.t, code)
	require.Contains(s.t, stderr, "p-never")
	code, _, _ = s.try("", "campaign", "show", "p-never")
	require.NotZero(s.t, code, "nothing of it was written")
}

func (s *system) caseTheLook() {
	const key, account, gap = "p-look", "p-look@pace.example", 3 * time.Second
	s.apply(paced(key, "{gap: 1h}"))
	ids := s.crowd(6, "look.test")
	s.run("enroll", key, "--contacts", joined(ids))
	s.eventually(key, "one has left, and all others stand in line", func(c counts) bool { return c.Sent == 1 && c.Waiting == 5 })
	s.run("email-account", "pace", account, "--gap", "3s")
	type said struct {
		at       time.Time
		Earliest *time.Time `json:"expectedFrom"`
		Latest   *time.Time `json:"expectedTo"`
	}
	shown := map[string]said{}
	for i, id := range ids {
		one := said{at: time.Now()}
		require.NoError(s.t, json.Unmarshal([]byte(s.run("why", fmt.Sprint(id), "-o", "json")), &one))
		if one.Latest != nil {
			shown[fmt.Sprintf("p%d@look.test", i)] = one
		}
	}
	require.NotEmpty(s.t, shown)
	s.eventually(key, "all are through", func(c counts) bool { return c.Completed == 6 })
	gates := s.gates(account)
	for who, one := range shown {
		left, late := lateness(gates, who, one.at, gap)
		require.WithinRange(s.t, left, one.Latest.Add(-gap-time.Second), one.Latest.Add(gap+time.Second+late), "%s: it holds to within the gap, and a second", who)
	}
}

// lateness says when an email left, and by how much a busy machine had it and those before it leave after their gaps were
// over, since somebody looked.
func lateness(gates []gate, who string, looked time.Time, gap time.Duration) (left time.Time, late time.Duration) {
	due := looked
	for _, one := range gates {
		if one.At.After(looked) {
			if due.Before(looked) {
				due = looked
			}
			late += max(0, one.At.Sub(due))
		}
		if one.Recipient == who {
			return one.At, late
		}
		due = one.At.Add(gap)
	}
	return time.Time{}, late
}
