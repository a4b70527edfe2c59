package cli

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/operator"
)

func (h *harness) rates() []float64 {
	h.t.Helper()
	return one[[]float64](h, `SELECT coalesce(array_agg(rate ORDER BY id), '{}') FROM outbox WHERE done_at IS NULL`)
}

func TestARateIsSavedWithWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(4)
	h.park(1, sending)
	h.park(2, sending)
	require.Contains(t, h.ok("resume", "--all", "--rate", "60/m", "--dry-run"), "Dry run: would resume 2 contacts at 1/s, which takes about 2 s.\n")
	require.Empty(t, h.rates())
	require.Equal(t, "Asked to resume 2 contacts at 1/h, which takes about 2 h.\nIt goes on in the background; starter background shows how far it is.\n",
		h.ok("resume", "--all", "--rate", "1/h"))
	h.ok("disenroll", "3", "--rate", "5")
	require.InDeltaSlice(t, []float64{1.0 / 3600, 5}, h.rates(), 1e-9)
	h.ok("resume", "--all", "--rate", "none")
	require.Equal(t, []float64{5, 0}, h.rates(), "the same resume again takes the place of the first")

	h.exec(`DELETE FROM outbox; INSERT INTO contacts (first_name) VALUES ('Zoe'), ('Yan')`)
	require.Contains(t, h.ok("enroll", "q4", "--all", "--rate", "20/m", "--dry-run"), "Dry run: would enroll 2 contacts in q4 at 20/m, which takes about 6 s; 4 enrolled already.\n")
	require.Equal(t, "Enrolled 2 contacts in q4 at 20/m, which takes about 6 s; 4 enrolled already.\n"+
		"It goes on in the background; starter background shows how far it is.\n", h.ok("enroll", "q4", "--all", "--rate", "20/m", "--wait=false"))
	require.InDeltaSlice(t, []float64{1.0 / 3}, h.rates(), 1e-9)
	h.fails(exitUsage, []string{`"fast" is not a rate; expected contacts a second, a minute or an hour, such as 10, 300/m or 1000/h, or none`}, "resume", "--all", "--rate", "fast")
	h.fails(exitUsage, []string{`"0" is not a rate`}, "enroll", "q4", "--all", "--rate", "0")
}

func TestAPauseCanBePreviewed(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(4)
	h.park(1, sending)
	h.send(2)
	require.Equal(t, "Dry run: would pause q4: no further step begins for 4 contacts (2 active, 1 waiting, 1 in error).\n",
		h.ok("campaign", "pause", "q4", "--dry-run"))
	require.False(t, one[bool](h, `SELECT paused FROM campaigns`))
	require.JSONEq(t, `{"changes": [{"field": "paused", "from": "no", "to": "yes"}], "resuming": 0, "waiting": 0, "concerned": 4, "dryRun": false}`,
		h.ok("campaign", "pause", "q4", "-o", "json"))
	h.exec(`UPDATE enrollments SET status = 'Paused' WHERE id > 2`)
	h.exec(`INSERT INTO parked_on (cause, seq, enrollment_id, park_id) SELECT $1, nextval('fact_seq'), id, 0 FROM enrollments WHERE id > 2`, failure.CampaignActive("q4"))
	require.Equal(t, "Dry run: would let q4 go on: 2 paused contacts would begin their step at 30/m, which takes about 4 s.\n",
		h.ok("campaign", "unpause", "q4", "--dry-run", "--rate", "30/m"))
	require.True(t, one[bool](h, `SELECT paused FROM campaigns`))
	require.Empty(t, h.rates())
	require.Zero(t, h.temporal.woken)
	require.Equal(t, "q4 is active again.\n2 contacts that had been paused were waiting for this: they go on at 30/m.\n",
		h.ok("campaign", "unpause", "q4", "--rate", "30/m"))
	require.Equal(t, []float64{0.5}, h.rates())
	require.Equal(t, 1, h.temporal.woken)
}

func TestBackground(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	require.Equal(t, "Nothing is under way in the background.\n", h.ok("background"))
	require.Equal(t, "[]\n", h.ok("background", "-o", "json"))
	h.enrolled(3)
	h.park(1, sending)
	require.NotContains(t, h.ok("status"), "background")
	h.ok("disenroll", "--all", "--campaign", "q4", "--code", "SendingFailed", "--rate", "2")
	h.ok("disenroll", "2", "3")
	h.exec(`UPDATE outbox SET created_at = now() + interval '1 h'`) // 0 s ago, however slow the test is
	ids := one[[]int64](h, `SELECT array_agg(id ORDER BY id) FROM outbox WHERE done_at IS NULL`)
	table := fmt.Sprintf(`NUMBER  WHAT       CONTACTS                      DONE  OF  RATE  FOR  BY
%6d  disenroll  all in q4 with SendingFailed     0   1   2/s  0 s  tess
%6d  disenroll  2 contacts                       0   2  none  0 s  tess
`, ids[0], ids[1])
	require.Equal(t, table, h.ok("background"))
	require.Contains(t, h.ok("status"), "\nUnder way in the background:\n"+table)
	number := fmt.Sprint(ids[0])
	require.Contains(t, h.ok("background", number, "--rate", "90/m"), "90/m")
	require.Equal(t, []float64{1.5, 0}, h.rates())
	var shown []operator.Background
	h.decode(&shown, "background", number)
	require.Len(t, shown, 1)
	require.Equal(t, "Stopped: 0 contacts signalled, 1 not.\n", h.ok("background", number, "--stop"))
	require.Equal(t, []float64{0}, h.rates())

	h.fails(exitNotFound, []string{"there is no number " + number + " under way in the background (any more)\ntry: starter background"}, "background", number)
	h.fails(exitNotFound, []string{"there is no number 98"}, "background", "98", "--stop")
	h.fails(exitNotFound, []string{"there is no number 98"}, "background", "98", "--rate", "1")
	h.fails(exitUsage, []string{"say which: the number in the first column"}, "background", "--stop")
	h.fails(exitUsage, []string{`"x" is not a number of the first column`}, "background", "x")
	h.exec(`INSERT INTO outbox (kind, cause) VALUES ('fix', 'plan')`)
	h.fails(exitRefused, []string{"none may miss it: it can be slowed down, not stopped"}, "background",
		fmt.Sprint(one[int64](h, `SELECT max(id) FROM outbox`)), "--stop")
}

func TestAFixLetsContactsGoOnAtARate(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	for cause, test := range map[failure.Cause]struct {
		before string
		args   []string
	}{
		failure.CampaignSender("q4"): {`UPDATE campaigns SET sender = NULL`, []string{"campaign", "set-sender", "q4", mayas}},
		failure.EmailAccount(mayas):  {`UPDATE email_accounts SET status = 'in_error'`, []string{"email-account", "reconnect", mayas}},
		failure.Plan:                 {`UPDATE plan SET unlimited = false, credits = 0`, []string{"credits", "add", "5"}},
	} {
		h.exec(`DELETE FROM parked_on`)
		h.exec(`UPDATE enrollments SET status = 'Active', park_seq = NULL, code = NULL`)
		h.exec(test.before)
		h.parkOn(3, cause)
		h.ok(append(test.args, "--rate", "300/m")...)
		require.InDelta(t, 5.0, one[float64](h, `SELECT rate FROM outbox WHERE kind = 'fix' AND cause = '`+string(cause)+`'`), 1e-9, cause)
		h.fails(exitUsage, []string{`"fast" is not a rate`}, append(test.args, "--rate", "fast")...)
	}
}
