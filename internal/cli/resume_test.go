package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/operator"
)

// outboxRow is what a command asked for, without its number and times.
func (h *harness) outboxRow() string {
	return one[string](h, `SELECT kind || ' campaign=' || campaign || ' code=' || code || ' contacts=' || contacts::text ||
		' assume=' || assume || ' note=' || note || ' by=' || by FROM outbox WHERE done_at IS NULL`)
}

func (h *harness) openRows() int {
	return one[int](h, `SELECT count(*) FROM outbox WHERE done_at IS NULL`)
}

func TestResumeAndDisenrollLeaveOneRow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, row, says string }{
		{"resume 1", "resume campaign= code= contacts={1} assume= note= by=tess", "Asked to resume 1 contact."},
		{"resume 1,cleo@contoso.example --campaign q4 --note retry", "resume campaign=q4 code= contacts={1,3} assume= note=retry by=tess", "Asked to resume 2 contacts."},
		{"resume --all --code emailaccountinerror", "resume campaign= code=EmailAccountInError contacts={} assume= note= by=tess", "Asked to resume 1 contact."},
		{"resume --all", "resume campaign= code= contacts={} assume= note= by=tess", "Left out: 2 contacts in DeliveryUncertain, without an answer"},
		{"resume --all --assume sent", "resume campaign= code=DeliveryUncertain contacts={} assume=sent note= by=tess", "Asked to resume 2 contacts."},
		{"resume 2 --assume not-sent", "resume campaign= code=DeliveryUncertain contacts={2} assume=not-sent note= by=tess", "Asked to resume 1 contact."},
		{"disenroll 5 --reason stop", "disenroll campaign= code= contacts={5} assume= note=stop by=tess", "Asked to disenroll 1 contact."},
		{"disenroll --all --campaign q4", "disenroll campaign=q4 code= contacts={} assume= note= by=tess", "Asked to disenroll 5 contacts."},
		{"disenroll --all --yes --code DeliveryUncertain", "disenroll campaign= code=DeliveryUncertain contacts={} assume= note= by=tess", "Asked to disenroll 2 contacts."},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.parked()
			require.Contains(t, h.ok(append(strings.Fields(test.args), "--dry-run")...), "Dry run: would")
			require.Zero(t, h.openRows(), "a dry run writes nothing")
			require.Zero(t, h.temporal.woken)
			require.Contains(t, h.ok(strings.Fields(test.args)...), test.says)
			require.Equal(t, test.row, h.outboxRow())
			require.Equal(t, 1, h.temporal.woken)
		})
	}
}

// parked is six enrollments: 1 waits for the account, 2 and 4 are uncertain,
// 3 has no address, 5 is active, 6 is disenrolled; 7 is a contact in no campaign.
func (h *harness) parked() {
	h.enrolled(6)
	h.park(1, accountIn)
	h.park(2, uncertain)
	h.park(3, noEmail(3))
	h.park(4, uncertain)
	_, err := h.Disenroll(h.ctx, 6, 0, "", "")
	require.NoError(h.t, err)
	h.exec(`INSERT INTO contacts (first_name) VALUES ('Zoe')`)
}

func TestResumeAndDisenrollAreRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.parked()
	for _, test := range []struct {
		args string
		code int
		says string
	}{
		{"resume", exitUsage, "name the contacts to resume: ids or addresses, or --all"},
		{"resume 1 --all", exitUsage, "give contacts or --all, not both"},
		{"resume x", exitUsage, `"x" is neither the id of a contact (a number) nor an email address`},
		{"resume 1 --code Nope", exitUsage, "there is no code Nope"},
		{"resume 1 --code workflowended", exitUsage, "selects no contact here\ntry: starter errors --code WorkflowEnded\n"},
		{"disenroll --all --code WorkflowEnded", exitUsage, "starter errors --code WorkflowEnded"},
		{"errors --code WorkflowEnd", exitUsage, "did you mean WorkflowEnded?"},
		{"resume 2 --assume maybe", exitUsage, `--assume is "maybe"; expected sent or not-sent`},
		{"resume 1 --assume sent --code SendingFailed", exitUsage, "--assume is an answer for DeliveryUncertain only, not for SendingFailed"},
		{"resume 1 98 99", exitNotFound, "there are no contacts 98, 99\ntry: starter contacts list"},
		{"resume nobody@contoso.example", exitNotFound, "there is no contact with the address nobody@contoso.example"},
		{"resume 1 --campaign q5", exitNotFound, "there is no campaign q5; did you mean q4?"},
		{"resume 1 5", exitRefused, "contact 5 (Eva Five) is not in error: it is Active in q4\ntry: starter errors"},
		{"resume 6", exitRefused, "contact 6 (Finn Six) is not in error: it is Disenrolled in q4"},
		{"resume 7", exitRefused, "contact 7 is not enrolled in any campaign"},
		{"resume 7 --campaign q4", exitRefused, "contact 7 is not enrolled in q4"},
		{"resume 1 --code SendingFailed", exitRefused, "contact 1 (Ana One) is in error with EmailAccountInError in q4, not with SendingFailed"},
		{"resume 1 --assume sent", exitRefused, "contact 1 (Ana One) is in error with EmailAccountInError in q4; an answer is for DeliveryUncertain only"},
		{"resume 1 2 4", exitRefused, "2 contacts (2, 4) are in DeliveryUncertain: nobody knows whether the message was sent, so say which\n" +
			"try: starter resume 2 4 --assume sent\n or: starter resume 2 4 --assume not-sent"},
		{"resume --all --campaign q4 --code DeliveryUncertain", exitRefused, "try: starter resume --all --code DeliveryUncertain --campaign q4 --assume sent\n"},
		{"disenroll", exitUsage, "name the contacts to disenroll"},
		{"disenroll 99", exitNotFound, "there is no contact 99"},
		{"disenroll 6", exitRefused, "contact 6 (Finn Six) is Disenrolled in q4 already"},
		{"disenroll 7", exitRefused, "contact 7 is not enrolled in any campaign"},
		{"disenroll 5 --code SendingFailed", exitRefused, "contact 5 (Eva Five) is Active in q4, not in error with SendingFailed"},
	} {
		got := h.run(strings.Fields(test.args)...)
		require.Equal(t, test.code, got.code, "starter %s: %s", test.args, got.err)
		require.Contains(t, got.err, test.says, test.args)
		require.Empty(t, got.stdout, test.args)
	}
	require.Zero(t, h.openRows(), "a refusal changes nothing")
	require.Zero(t, h.temporal.woken)
}

func TestNobodyToResumeIsNoError(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(1)
	require.Equal(t, "There is no contact to resume.\n", h.ok("resume", "--all"))
	require.JSONEq(t, `{"requested": 0, "byCode": {}, "byCampaign": {}, "leftOut": 0, "dryRun": false}`, h.ok("resume", "--all", "-o", "json"))
	require.Zero(t, h.openRows())
}

func TestARequestIsSafeWhenTemporalIsAway(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.parked()
	h.temporal.down = errors.New("Temporal at 127.0.0.1:7233 does not answer")
	got := h.run("resume", "1", "-o", "json")
	require.Equal(t, exitDone, got.code)
	require.Contains(t, got.err, "saved; it will be carried out within a minute of Temporal's return (Temporal at 127.0.0.1:7233 does not answer")
	require.JSONEq(t, fmt.Sprintf(`{"requested": 1, "byCode": {"EmailAccountInError": 1}, "byCampaign": {"q4": 1}, "leftOut": 0, "dryRun": false, "requestId": %d}`,
		one[int64](h, `SELECT id FROM outbox WHERE kind = 'resume'`)), got.stdout)
	require.Equal(t, 1, h.openRows())
}

func TestResumeWaits(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(4)
	h.park(1, accountIn)
	h.park(2, sending)
	h.park(3, sending)
	h.park(4, sending)
	h.temporal.onWake = func() {
		h.send(1)
		h.parkAgain(2, 1, accountIn)
		_, err := h.Claim(h.ctx, h.resumed(3), campaign.Draft{Kind: campaign.Email, Recipient: "c@contoso.example"})
		require.NoError(t, err)
	}
	got := h.run("resume", "--all", "--wait", "-o", "json")
	require.Equal(t, exitFailed, got.code, got.err)
	require.Empty(t, got.err, "the output has said it")
	var out operator.Requested
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &out))
	outcomes := map[int64]string{}
	for _, o := range out.Outcomes {
		outcomes[o.ContactID] = o.Outcome
	}
	require.Equal(t, map[int64]string{1: operator.WentOn, 2: operator.InErrorAgain, 3: operator.StillTrying, 4: operator.NotTakenUp}, outcomes)
	for _, o := range out.Outcomes {
		if o.ContactID == 2 {
			require.Equal(t, failure.EmailAccountInError, o.Code)
			require.Equal(t, 2, o.ParkID)
		}
	}
}

func TestResumeWaitsForPeople(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(2)
	h.park(1, sending)
	h.temporal.onWake = func() { h.send(1) }
	require.Equal(t, "Asked to resume 1 contact.\n1 went on, 0 in error again, 0 still being tried, 0 not taken up.\n", h.ok("resume", "1", "--wait"))
	h.park(2, sending)
	h.temporal.onWake = func() { h.parkAgain(2, 1, noEmail(2)) }
	got := h.run("resume", "ben@contoso.example", "--wait")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stdout, "2        Ben Two  q4        in error again  ContactHasNoEmail\nstarter errors says why.")
}

// Thousands are looked at a page at a time, and only the first of those who
// did not go on are listed.
func TestResumeWaitsForThousands(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(0)
	h.exec(`INSERT INTO contacts (first_name) SELECT 'C' FROM generate_series(1, 2500)`)
	h.exec(`INSERT INTO enrollments (campaign, contact_id, status, started_at, park_id, park_seq, code)
		SELECT 'q4', id, 'InError', now(), 1, nextval('fact_seq'), 'SendingFailed' FROM contacts`)
	h.temporal.onWake = func() {
		h.exec(`UPDATE enrollments SET status = 'Waiting', park_seq = NULL, code = NULL WHERE contact_id > 60`)
		h.exec(`UPDATE enrollments SET park_id = 2 WHERE contact_id <= 60`)
	}
	got := h.run("resume", "--all", "--wait")
	require.Equal(t, exitFailed, got.code, got.err)
	require.Contains(t, got.stdout, "Asked to resume 2500 contacts.\nIt goes on in the background; starter background shows how far it is.\n"+
		"2440 went on, 60 in error again, 0 still being tried, 0 not taken up.\n")
	require.Contains(t, got.stdout, "… and 10 more.\n")
}
