package cli

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
	"relance/internal/pace"
)

func TestEnrollAt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(3)
	h.exec(`UPDATE calendar SET rules = '{"zone": "Asia/Kolkata"}'`)
	for text, want := range map[string]string{
		"tomorrow":                  `at is "tomorrow"; expected a time as 2026-12-01T09:00:00+01:00, or in the workspace's zone as "2026-12-01 09:00"`,
		"":                          `--at is empty; expected a time as 2026-12-01T09:00:00+01:00`,
		" ":                         `--at is empty; expected a time as 2026-12-01T09:00:00+01:00`,
		"2020-01-01 09:00":          `at is Wed 1 Jan 2020 09:00 IST, which is over; leave it out to begin at once`,
		"2020-01-01T09:00:00+01:00": `which is over`,
	} {
		got := h.run("enroll", "q4", "--all", "--at", text)
		require.Equal(t, exitUsage, got.code, text)
		require.Contains(t, got.err, want)
	}
	require.Contains(t, h.ok("enroll", "q4", "--all", "--at", "2999-12-01 09:00", "--dry-run"), "They would begin at")
	require.Contains(t, h.ok("enroll", "q4", "--contacts", "1,2", "--at", "2999-12-01 09:00"), "They begin at")
	request := one[int64](h, `SELECT id FROM outbox WHERE kind = 'enroll'`)
	zone, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	at := time.Date(2999, 12, 1, 9, 0, 0, 0, zone)
	require.True(t, one[time.Time](h, `SELECT not_before FROM outbox WHERE kind = 'enroll'`).Equal(at), "in the workspace's zone")

	var why whyOne
	h.decode(&why, "why", "1")
	require.Equal(t, pace.NotDue, why.Because)
	require.True(t, why.Reasons[0].Until.Equal(at))
	var statuses []operator.Status
	h.decode(&statuses, "status")
	require.Equal(t, []operator.StartsLater{{At: at.UTC(), Contacts: 2, Request: request}}, statuses[0].StartsLater)
	require.Contains(t, h.ok("status"), fmt.Sprintf("2 contacts of q4 begin at %s (starter background %d).", at.Local().Format("2006-01-02 15:04:05Z07:00"), request))
	require.Contains(t, h.ok("background"), ", begins ")
	require.Contains(t, h.ok("background", fmt.Sprint(request), "--stop"), "Stopped: 2 contacts taken out of q4 before it began.")
	require.Equal(t, 2, one[int](h, `SELECT count(*) FROM enrollments WHERE status = 'Disenrolled'`))
}
