package crash

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/devstack/smsgateway"
	"relance/workflows"
)

// state is what PostgreSQL says of the contact: the ledger, the enrollment
// and the credits, for example
//
//	reserved by claim 1; Active; 4 credits
func (s *stage) state() string {
	return s.ask(`
		SELECT coalesce((SELECT string_agg(d.state || ' by claim ' || d.epoch, ', ' ORDER BY d.visit)
		                   FROM deliveries d WHERE d.enrollment_id = e.id), 'unclaimed')
		       || '; ' || e.status || coalesce(' ' || e.code || ', park ' || e.park_id, '')
		       || '; ' || (SELECT credits FROM plan) || ' credits'
		  FROM enrollments e`)
}

// wakes is what PostgreSQL says of the wake-ups of a fix.
func (s *stage) wakes() string {
	return s.ask(`
		SELECT coalesce(string_agg(cause || CASE WHEN done_at IS NULL THEN ' open, ' || signalled || ' signalled' ELSE ' done' END, '; ' ORDER BY id), 'no wake')
		  FROM outbox WHERE kind = 'fix'`)
}

// starts is what PostgreSQL says of the starting of enrollments.
func (s *stage) starts() string {
	return s.ask(`
		SELECT (SELECT CASE WHEN done_at IS NULL THEN 'open, ' ELSE 'done, ' END FROM outbox WHERE kind = 'enroll')
		       || count(*) || ' not started'
		  FROM enrollments WHERE started_at IS NULL AND ended_at IS NULL`)
}

// ask answers with an error's words, too: a condition that is polled just does not hold yet.
func (s *stage) ask(sql string) (text string) {
	if err := s.db.QueryRow(context.Background(), sql).Scan(&text); err != nil {
		return err.Error()
	}
	return text
}

// comesTo waits until look says so and Temporal says the same of every contact
// as PostgreSQL does: no contact is dropped, and none waits for a fix of a park
// that the workflow knows nothing of (laws 2 and 3).
func (s *stage) comesTo(look func() string, want string) {
	s.t.Helper()
	s.waits()
	require.EventuallyWithT(s.t, func(c *assert.CollectT) {
		if assert.Equal(c, want, look()) {
			for _, contact := range s.contacts {
				enrollment, workflow := s.byPostgres(contact), s.byTemporal(contact)
				assert.Equal(c, enrollment, workflow, "the position of contact %d by PostgreSQL, and by Temporal", contact)
			}
		}
	}, patience, tick)
}

// position is a contact's status, and the park that holds it.
type position struct {
	Status campaign.Status
	Park   int
	Error  string
}

func (s *stage) byPostgres(contact int64) (at position) {
	err := s.db.QueryRow(context.Background(), `
		SELECT status, CASE WHEN status = 'InError' THEN park_id ELSE 0 END FROM enrollments WHERE contact_id = $1`, contact).Scan(&at.Status, &at.Park)
	if err != nil {
		at.Error = err.Error()
	}
	return at
}

func (s *stage) byTemporal(contact int64) (at position) {
	ctx, id := context.Background(), s.workflow(contact)
	described, err := s.outreach.Client.DescribeWorkflowExecution(ctx, id, "")
	switch {
	case err != nil:
		at.Error = err.Error()
	case described.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING:
		answer, err := s.outreach.Client.QueryWorkflow(ctx, id, "", workflows.EnrollmentQuery)
		var state workflows.State
		if err == nil {
			err = answer.Get(&state)
		}
		if err != nil {
			at.Error = err.Error()
			break
		}
		at.Status = state.Status
		if state.Park != nil {
			at.Park = state.Park.ParkID
		}
	default:
		var result workflows.EnrollmentResult
		if err := s.outreach.Client.GetWorkflow(ctx, id, "").Get(ctx, &result); err != nil {
			at.Error = err.Error()
		}
		at.Status = result.Status
	}
	return at
}

func (s *stage) workflow(contact int64) string {
	return workflows.EnrollmentWorkflowID(s.ask(`SELECT DISTINCT campaign FROM enrollments`), contact)
}

// accepted lists the recipients of the messages that the inbox and the gateway have
// accepted, one entry a message: the only judges.
func (s *stage) accepted() []string {
	s.t.Helper()
	to := []string{}
	for _, mail := range entries[inbox.Entry](s, "inbox") {
		to = append(to, mail.To)
	}
	for _, text := range entries[smsgateway.Entry](s, "sms") {
		to = append(to, text.To)
	}
	return to
}

func entries[E any](s *stage, server string) (all []E) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, server, "log.jsonl"))
	require.NoError(s.t, err)
	for line := range strings.Lines(string(text)) {
		var entry E
		require.NoError(s.t, json.Unmarshal([]byte(line), &entry), line)
		all = append(all, entry)
	}
	return all
}

// allThrough waits until every contact is through, with one message each.
func (s *stage) allThrough() {
	s.t.Helper()
	s.comesTo(func() string { return s.ask(`SELECT string_agg(DISTINCT status, ', ') FROM enrollments`) }, string(campaign.Completed))
	accepted := s.accepted()
	require.Len(s.t, accepted, len(s.contacts), "one message for each")
	distinct := map[string]bool{}
	for _, to := range accepted {
		distinct[to] = true
	}
	require.Len(s.t, distinct, len(s.contacts), "nobody has two: %v", accepted)
}
