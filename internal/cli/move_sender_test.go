package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/operator"
)

const toms = "tom@northwind.example"

func TestMoveSender(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(4)
	got := h.run("campaign", "move-sender", "q4", "--from", mayas, "--to", toms, "--yes")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "campaign q4 has one sender, for everybody")

	h.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ($1, 'Tom', '127.0.0.1', 25, 'none')`, toms)
	h.exec(`UPDATE campaigns SET senders = $1`, []string{mayas, toms})
	h.park(1, failure.Problem{Code: failure.EmailAccountInError, Causes: []failure.Cause{failure.EmailAccount(mayas), failure.CampaignSender("q4")}})
	h.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, wire_at)
		SELECT id, 'intro', 1, 'email', 'sent', CASE WHEN id < 3 THEN $1 ELSE $2 END, 'c@contoso.example', now(), now() FROM enrollments WHERE id < 4`, mayas, toms)
	h.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 5.7.8 no' WHERE address = $1`, mayas)

	require.Contains(t, h.ok("campaign", "show", "q4"),
		"senders "+mayas+" (in error) with 2 contacts, "+toms+" with 1 contact; any of them takes the 1 contact that nobody has mailed\n")
	require.Contains(t, h.ok("campaign", "list"), mayas+" and 1 more (1 cannot send)")
	var shown operator.CampaignDetails
	h.decode(&shown, "campaign", "show", "q4")
	require.Equal(t, []operator.CampaignSender{{Address: mayas, Status: campaign.AccountInError, Contacts: 2}, {Address: toms, Status: campaign.AccountConnected, Contacts: 1}}, shown.Senders)
	require.Equal(t, 1, shown.Unmailed)

	got = h.run("campaign", "move-sender", "q4", "--from", mayas, "--to", toms)
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "the next email of 2 contacts comes from "+toms+" instead of "+mayas+", in a new thread; say --yes")
	require.Contains(t, h.ok("campaign", "move-sender", "q4", "--from", mayas, "--to", toms, "--dry-run"), "Would move 2 contacts of q4 from "+mayas+" to "+toms)
	got = h.run("campaign", "move-sender", "q4", "--from", "nobody@northwind.example", "--to", toms, "--yes")
	require.Equal(t, exitNotFound, got.code)

	woken := h.temporal.woken
	out := h.ok("campaign", "move-sender", "q4", "--from", mayas, "--to", toms, "--yes")
	require.Contains(t, out, "Moved 2 contacts of q4 from "+mayas+" to "+toms+": the next email begins a new thread.\n1 of them was in error because of "+mayas+", and goes on.")
	require.Equal(t, woken+1, h.temporal.woken)
	require.Contains(t, h.ok("campaign", "show", "q4"), toms+" with 3 contacts")
	require.Contains(t, h.ok("activity"), "moved contacts of campaign q4 to another sender")
	var moved operator.MovedSender
	h.decode(&moved, "campaign", "move-sender", "q4", "--from", mayas, "--to", toms, "--yes")
	require.Equal(t, operator.MovedSender{Campaign: "q4", From: mayas, To: toms, ToStatus: campaign.AccountConnected}, moved)
}
