package recovery

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"relance/internal/campaign"
)

// workspace has a campaign for each thing that can keep a contact.
const workspace = `
plan: unlimited
users:
  - {key: maya, name: Maya, email: maya@northwind.example, phone: "+32475000001"}
email_accounts:
  - {address: maya@northwind.example, name: Maya, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: maya, password: inbox}}
campaigns:
  - {key: short, name: Short, owner: maya, sender: maya@northwind.example, steps: [{id: one, email: {subject: One, body: B}}]}
  - {key: held, name: Held, owner: maya, sender: maya@northwind.example, steps: [{id: one, email: {subject: One, body: B}}]}
  - key: long
    name: Long
    owner: maya
    sender: maya@northwind.example
    steps:
      - {id: hello, email: {subject: Hello, body: B}}
      - wait: WAIT
      - {id: again, email: {reply_to: hello, body: B}}
`

// apply applies the workspace; the long campaign waits for days.
func (s *system) apply(text string) { s.applyWithWait(text, "3d") }

func (s *system) applyWithWait(text, wait string) {
	s.t.Helper()
	s.feed(strings.NewReplacer("PORT", fmt.Sprint(s.inbox.Port()), "WAIT", wait).Replace(text), "apply", "-f", "-")
}

// contact imports one contact and returns its id; without an address when email is empty.
func (s *system) contact(name, email string) int64 {
	s.t.Helper()
	s.feed("First Name,Last Name,Company,Email\n"+name+",Tester,Acme,"+email+"\n", "contacts", "import", "-")
	return one[int64](s, `SELECT id FROM contacts WHERE first_name = $1 AND email = $2`, name, email)
}

func (s *system) enroll(campaign string, ids ...int64) {
	s.t.Helper()
	s.run("enroll", campaign, "--contacts", list(ids), "--wait=false")
}

func list(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = fmt.Sprint(id)
	}
	return strings.Join(texts, ",")
}

// one reads one value of the product's database.
func one[T any](s *system, sql string, args ...any) T {
	s.t.Helper()
	conn, err := pgx.Connect(s.ctx, s.server.URL(product))
	require.NoError(s.t, err)
	defer conn.Close(context.Background())
	var value T
	require.NoError(s.t, conn.QueryRow(s.ctx, sql, args...).Scan(&value), sql)
	return value
}

// position is an enrollment's position in PostgreSQL: `InError/one/DeliveryUncertain/1`.
func (s *system) position(campaign string, id int64) string {
	s.t.Helper()
	return one[string](s, `SELECT concat_ws('/', status, nullif(step_id, ''), code, nullif(park_id, 0)) FROM enrollments WHERE campaign = $1 AND contact_id = $2`, campaign, id)
}

func (s *system) eventually(campaign string, id int64, want string) {
	s.t.Helper()
	s.await(fmt.Sprintf("contact %d of %s is at %s", id, campaign, want), func() bool {
		at := s.position(campaign, id)
		return at == want || strings.HasPrefix(at, want+"/")
	})
}

// await asks until it is so, in the test's own goroutine: a requirement that fails in between ends the test.
func (s *system) await(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); {
		require.True(s.t, time.Now().Before(deadline), "this does not come true: %s", what)
		time.Sleep(100 * time.Millisecond) //nolint:forbidigo // the condition is polled; nothing is assumed to be done by then
	}
}

// inboxTo counts the mails that the inbox has accepted for an address.
func (s *system) inboxTo(address string) int {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "inbox", "log.jsonl"))
	require.NoError(s.t, err)
	count := 0
	for line := range strings.Lines(string(text)) {
		var mail struct{ To any }
		require.NoError(s.t, json.Unmarshal([]byte(line), &mail), line)
		if strings.Contains(fmt.Sprint(mail.To), address) {
			count++
		}
	}
	return count
}

// report is `starter reconcile -o json`.
type report struct {
	Enrollments, Workflows, GoOn, Mended, Left int
	ByKind                                     map[string]int
	InDoubtSince                               *time.Time
	Differences                                []struct {
		Kind, Campaign, StepID, Postgres, Temporal, Mend, Left string
		ContactID                                              int64
		Mended                                                 bool
	}
}

// look runs `starter reconcile` and returns what it says, with its exit code.
func (s *system) look(args ...string) (report, int) {
	s.t.Helper()
	var r report
	code, stdout, stderr := s.try("", append([]string{"reconcile", "-o", "json"}, args...)...)
	require.NoError(s.t, json.Unmarshal([]byte(stdout), &r), "starter reconcile %v: %s", args, stderr)
	return r, code
}

// reconcile runs `starter reconcile` and expects these kinds of differences, all of them repaired.
func (s *system) reconcile(kinds map[string]int, args ...string) report {
	s.t.Helper()
	r, code := s.look(append([]string{"--apply"}, args...)...)
	require.Equal(s.t, kinds, r.ByKind, "%+v", r)
	require.Zero(s.t, code, "%+v", r)
	require.Zero(s.t, r.Left)
	return r
}

// agrees is the second call after a repair: it finds nothing.
func (s *system) agrees(args ...string) report {
	s.t.Helper()
	r, code := s.look(args...)
	require.Empty(s.t, r.Differences)
	require.Zero(s.t, code)
	return r
}

// findsInTemporal waits until the visibility index shows so many.
func (s *system) findsInTemporal(query string, count int64) {
	s.t.Helper()
	outreach := s.outreach()
	s.await(query, func() bool {
		answer, err := outreach.Client.CountWorkflow(s.ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		return err == nil && answer.GetCount() == count
	})
}

// signalDisenroll is what the report advises for a workflow that PostgreSQL does
// not know.
func (s *system) signalDisenroll(campaignKey string, id int64) {
	s.t.Helper()
	require.NoError(s.t, s.outreach().Disenroll(s.ctx, campaign.Target{CampaignKey: campaignKey, ContactID: id}, "", ""))
}

// agreesEventually waits until nothing differs.
func (s *system) agreesEventually() {
	s.t.Helper()
	s.await("nothing differs", func() bool {
		_, code := s.look()
		return code == 0
	})
}
