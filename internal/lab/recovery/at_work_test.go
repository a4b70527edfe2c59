package recovery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"

	"relance/internal/devstack/inbox"
	"relance/workflows"
)

// In a system at work rows and workflows are never quite at the same place.
// None of that is a difference, and a repair that runs at the same time does nothing.
func TestAHealthyBusySystemDoesNotDiffer(t *testing.T) {
	t.Parallel()
	s := start(t, inbox.Options{})
	s.apply(quick("1s"))
	const people = 160
	var csv strings.Builder
	csv.WriteString("First Name,Email\n")
	for i := range people {
		switch i % 8 {
		case 0:
			fmt.Fprintf(&csv, "P%d,\n", i)
		case 1:
			fmt.Fprintf(&csv, "P%d,greylist+%d@t.example\n", i, i)
		case 2:
			fmt.Fprintf(&csv, "P%d,drop+%d@t.example\n", i, i)
		default:
			fmt.Fprintf(&csv, "P%d,p%d@t.example\n", i, i)
		}
	}
	s.feed(csv.String(), "contacts", "import", "-")
	s.startWorker()
	ids := one[[]int64](s, `SELECT array_agg(id ORDER BY id) FROM contacts`)
	for wave := range slices.Chunk(ids, people/4) { // each look finds a wave on its way
		s.enroll("quick", wave...)
		s.await("something is sent", func() bool { return one[int](s, `SELECT count(*)::int FROM deliveries WHERE state = 'sent'`) > 0 })
		s.run("resume", "--all", "--code", "SendingFailed")
		found, code := s.look("--apply")
		require.Empty(t, found.Differences)
		require.Zero(t, code)
	}
	s.await("nobody is on the way", func() bool {
		return one[int](s, `SELECT count(*)::int FROM enrollments WHERE status NOT IN ('Completed', 'Disenrolled', 'InError')`) == 0
	})
	s.agrees()
	require.Equal(t, people/8, one[int](s, `SELECT count(*)::int FROM enrollments WHERE code = 'DeliveryUncertain'`))
	for i := range people {
		switch i % 8 {
		case 0, 1:
		case 2:
			require.Equal(t, 1, s.inboxTo(fmt.Sprintf("drop+%d@", i)))
		default:
			require.Equal(t, 2, s.inboxTo(fmt.Sprintf("p%d@", i)))
		}
	}
}

// A workflow that was terminated or deleted comes back; one that was cancelled is
// disenrolled, and does not.
func TestWorkflowsThatWereCutOffComeBack(t *testing.T) {
	t.Parallel()
	s := start(t, inbox.Options{OnData: stuck})
	terminated, deleted, cancelled := s.contact("Tim", "tim@t.example"), s.contact("Del", "del@t.example"), s.contact("Cal", "cal@t.example")
	flying, parked := s.contact("Sky", "sky@stuck.example"), s.contact("Pip", "")
	s.enroll("long", terminated, deleted, cancelled)
	s.enroll("short", flying, parked)
	s.startWorker()
	for _, id := range []int64{terminated, deleted, cancelled} {
		s.eventually("long", id, "Waiting/wait-2")
	}
	s.eventually("short", parked, "InError/one/ContactHasNoEmail/1")
	s.await("Sky's mail is in the inbox", func() bool { return s.inboxTo("sky@stuck.example") == 1 })

	outreach := s.outreach()
	for campaign, id := range map[string]int64{"long": terminated, "short": parked} {
		require.NoError(t, outreach.Client.TerminateWorkflow(s.ctx, workflows.EnrollmentWorkflowID(campaign, id), "", "a slip of the hand"))
	}
	require.NoError(t, outreach.Client.TerminateWorkflow(s.ctx, workflows.EnrollmentWorkflowID("short", flying), "", "with a message on the wire"))
	_, err := outreach.Client.WorkflowService().DeleteWorkflowExecution(s.ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: "default", WorkflowExecution: &common.WorkflowExecution{WorkflowId: workflows.EnrollmentWorkflowID("long", deleted)},
	})
	require.NoError(t, err)
	require.NoError(t, outreach.Client.CancelWorkflow(s.ctx, workflows.EnrollmentWorkflowID("long", cancelled), ""))
	s.eventually("long", cancelled, "Disenrolled")
	s.await("four are missing", func() bool {
		found, _ := s.look()
		return found.ByKind["missing"] == 4
	})

	s.reconcile(map[string]int{"missing": 4})
	s.eventually("short", flying, "InError/one/DeliveryUncertain/1")
	s.eventually("short", parked, "InError/one/ContactHasNoEmail/1")
	s.run("resume", fmt.Sprint(flying), "--assume", "sent")
	s.run("contacts", "set", fmt.Sprint(parked), "--email", "pip@t.example")
	s.eventually("short", flying, "Completed")
	s.eventually("short", parked, "Completed")
	s.agrees()
	for address, mails := range map[string]int{"tim@": 1, "del@": 1, "cal@": 1, "sky@": 1, "pip@": 1} {
		require.Equal(t, mails, s.inboxTo(address), "mails to %s", address)
	}
}

// Workers must not run while PostgreSQL learns what its backup lacks; and without
// --restored-from the moment of the ledger's last send stands in for it.
func TestWorkersMustNotRun(t *testing.T) {
	t.Parallel()
	s := start(t, inbox.Options{})
	first, second := s.contact("Ada", "ada@t.example"), s.contact("Bea", "bea@t.example")
	s.enroll("long", first)
	s.startWorker()
	s.eventually("long", first, "Waiting/wait-2")
	s.forget("long", first)
	refused := make(chan string, 1)
	go func() {
		code, _, stderr := s.try("", "reconcile", "--apply")
		refused <- fmt.Sprint(code, stderr)
	}()
	s.await("the repair is refused", func() bool { // a worker that gets work asks for more
		s.run("enroll", "short", "--contacts", fmt.Sprint(second))
		one[int](s, `SELECT 1`)
		select {
		case said := <-refused:
			require.Contains(t, said, "stop all workers first")
			require.Equal(t, "4", said[:1])
			return true
		default:
			second = s.contact(fmt.Sprintf("Eva%d", second), fmt.Sprintf("eva%d@t.example", second))
			return false
		}
	})

	s.stopWorker()
	found := s.reconcile(map[string]int{"behind": 1})
	require.NotNil(t, found.InDoubtSince, "the ledger's last word")
	require.Equal(t, "Waiting/wait-2", s.position("long", first))
	code, _, stderr := s.try("", "reconcile", "--restored-from", time.Now().Add(-time.Hour).UTC().Format(time.RFC3339))
	require.Equal(t, 4, code, "the ledger knows of later messages")
	require.Contains(t, stderr, "so it was not restored from")
	s.agrees()
	require.Equal(t, 1, s.inboxTo("ada@"))
}

// forget sets an enrollment back to its beginning.
func (s *system) forget(campaign string, id int64) {
	s.t.Helper()
	conn, err := pgx.Connect(s.ctx, s.server.URL(product))
	require.NoError(s.t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(s.ctx, `WITH e AS (UPDATE enrollments SET status = 'Active', step_id = 'hello', step_index = 0, next_at = NULL
		WHERE campaign = $1 AND contact_id = $2 RETURNING id) DELETE FROM deliveries USING e WHERE enrollment_id = e.id`, campaign, id)
	require.NoError(s.t, err)
}
