package crash

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// row is one death: where, what PostgreSQL says right after it, and what it
// comes to when a plain worker goes on, before an operator does anything about it.
type row struct {
	at    string       // the point
	also  string       // what distinguishes the row from another at the same point
	scene func(*stage) // brings the worker to the point
	died  string
	ends  string
	// mails is how many the receiving servers have accepted by then.
	mails int
	// then is what an operator does, after which the contact is through, with
	// one message in all; nil when the row has come to its end by itself.
	then  func(*stage)
	retry string
	// failed is the try that people see as failed, with another to come, right after the death.
	failed string
	// both says that the row is run with an enrollment of the release before as well, whose
	// every try is an activity: the rows in which the worker dies owning the message, or with
	// a park that Temporal does not know yet.
	both bool
	// slow says that what the dead one had in hand is missed after a minute, not after 20 s.
	slow bool
}

// rows are the points of the send and of the park. Uncertainty is allowed where the
// dot, or the body of the POST, may have been sent, and nowhere else.
var rows = []row{
	{at: record + before, slow: true, scene: exhausted, retry: once, died: "reserved by claim 1; Active; 5 credits",
		ends: "failed by claim 1; InError SendingFailed, park 1; 5 credits", then: newAddress},
	{at: record + after, slow: true, scene: exhausted, retry: once, died: "failed by claim 1; InError SendingFailed, park 1; 5 credits",
		ends: "failed by claim 1; InError SendingFailed, park 1; 5 credits", then: newAddress},
	{at: disenroll + before, slow: true, scene: left, died: "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits",
		ends: "unclaimed; Disenrolled; 5 credits"},
	{at: disenroll + after, slow: true, scene: left, died: "unclaimed; Disenrolled; 5 credits",
		ends: "unclaimed; Disenrolled; 5 credits"},

	{at: claim + before, scene: toAda, died: "unclaimed; Active; 5 credits",
		ends: "sent by claim 1; Completed; 4 credits", mails: 1},
	{both: true, at: claim + after, scene: toAda, died: "reserved by claim 1; Active; 4 credits",
		ends: "sent by claim 2; Completed; 4 credits", mails: 1},
	{both: true, at: gate + before, scene: toAda, died: "reserved by claim 1; Active; 4 credits",
		ends: "sent by claim 2; Completed; 4 credits", mails: 1},
	{both: true, at: gate + after, scene: toAda, died: "wire by claim 1; Active; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", then: looksAndAnswers},
	{at: gate + after, also: "and no attempt is left", scene: toAda, retry: once, died: "wire by claim 1; Active; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", then: looksAndAnswers},
	{both: true, at: dotAccepted, scene: unanswered(true), died: "wire by claim 1; Active; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", mails: 1, then: looksAndAnswers},
	{at: dotNotAccepted, scene: unanswered(false), died: "wire by claim 1; Active; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", then: looksAndAnswers},
	{both: true, at: sent + before, scene: toAda, died: "wire by claim 1; Active; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", mails: 1, then: looksAndAnswers},
	{at: sent + after, scene: toAda, died: "sent by claim 1; Completed; 4 credits",
		ends: "sent by claim 1; Completed; 4 credits", mails: 1},

	// The same moments of an account with a pace: in the claim it takes its turn, and at the gate it spends it (law 8).
	{at: claim + before, also: "with its turn", scene: paced, died: "unclaimed; Active; 5 credits",
		ends: "sent by claim 1; Completed; 4 credits", mails: 1},
	{at: claim + after, also: "with its turn", scene: paced, died: "reserved by claim 1; Active; 4 credits",
		ends: "sent by claim 2; Completed; 4 credits", mails: 1},
	{at: gate + before, also: "with its turn", scene: paced, died: "reserved by claim 1; Active; 4 credits",
		ends: "sent by claim 2; Completed; 4 credits", mails: 1},
	{at: gate + after, also: "with its turn", scene: paced, died: "wire by claim 1; Active; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", then: looksAndAnswers},

	{at: fail + before, also: "of the address", scene: to("bounce@contoso.example"), died: "reserved by claim 1; Active; 4 credits",
		ends: "failed by claim 2; InError EmailAlreadyBounced, park 1; 5 credits", then: newAddress},
	{at: fail + after, also: "of the address", scene: to("bounce@contoso.example"), died: "failed by claim 1; InError EmailAlreadyBounced, park 1; 5 credits",
		ends: "failed by claim 1; InError EmailAlreadyBounced, park 1; 5 credits", then: newAddress},
	{at: fail + before, also: "at the dot", scene: to("blocked@contoso.example"), died: "wire by claim 1; Active; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", then: looksAndAnswers}, // the no went with the worker
	{at: fail + after, also: "at the dot, for now", scene: refusedOnce, died: "reserved by claim 1; Active; 5 credits",
		ends: "sent by claim 2; Completed; 4 credits", mails: 1},
	{at: uncertain + before, scene: to("drop@contoso.example"), died: "wire by claim 1; Active; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", mails: 1, then: looksAndAnswers},
	{at: uncertain + after, scene: to("drop@contoso.example"), died: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", mails: 1, then: looksAndAnswers},
	{at: receipt + before, scene: assumedSent, died: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits",
		ends: "sent by claim 1; Completed; 4 credits", mails: 1},
	{at: receipt + after, scene: assumedSent, died: "sent by claim 1; Completed; 4 credits",
		ends: "sent by claim 1; Completed; 4 credits", mails: 1},

	{at: hold + before, scene: withoutSender, died: "unclaimed; Active; 5 credits",
		ends: "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits", then: selectSender},
	{at: hold + after, scene: withoutSender, died: "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits",
		ends: "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits", then: selectSender},

	{at: tried + before, also: "sent", scene: toAda, died: "sent by claim 1; Completed; 4 credits",
		ends: "sent by claim 1; Completed; 4 credits", mails: 1},
	{at: tried + after, also: "sent", scene: toAda, died: "sent by claim 1; Completed; 4 credits",
		ends: "sent by claim 1; Completed; 4 credits", mails: 1},
	{at: tried + before, also: "to park for what it found", scene: withoutSender, died: "unclaimed; Active; 5 credits",
		ends: "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits", then: selectSender},
	{at: tried + after, also: "to park for what it found", scene: withoutSender, died: "unclaimed; Active; 5 credits",
		ends: "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits", then: selectSender},
	{at: tried + before, also: "parked by the server's answer", scene: to("bounce@contoso.example"), died: "failed by claim 1; InError EmailAlreadyBounced, park 1; 5 credits",
		ends: "failed by claim 1; InError EmailAlreadyBounced, park 1; 5 credits", then: newAddress},
	{at: tried + after, also: "parked by the server's answer", scene: to("bounce@contoso.example"), died: "failed by claim 1; InError EmailAlreadyBounced, park 1; 5 credits",
		ends: "failed by claim 1; InError EmailAlreadyBounced, park 1; 5 credits", then: newAddress},
	{at: tried + before, also: "parked in doubt", scene: to("drop@contoso.example"), died: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", mails: 1, then: looksAndAnswers},
	{at: tried + after, also: "parked in doubt", scene: to("drop@contoso.example"), died: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", mails: 1, then: looksAndAnswers},
	{at: tried + before, also: "refused for now", scene: refusedOnce, died: "reserved by claim 1; Active; 5 credits", failed: "try 1 of 5",
		ends: "sent by claim 2; Completed; 4 credits", mails: 1},
	{at: tried + after, also: "refused for now", scene: refusedOnce, died: "reserved by claim 1; Active; 5 credits", failed: "try 1 of 5",
		ends: "sent by claim 2; Completed; 4 credits", mails: 1},
	{at: tried + after, also: "refused for now, and no attempt is left", scene: refusedOnce, retry: once, died: "reserved by claim 1; Active; 5 credits",
		ends: "failed by claim 1; InError SendingFailed, park 1; 5 credits", then: newAddress},
	{at: tried + before, also: "a text", scene: toOwner, died: "sent by claim 1; Completed; 5 credits",
		ends: "sent by claim 1; Completed; 5 credits", mails: 1},
	{at: tried + after, also: "a text", scene: toOwner, died: "sent by claim 1; Completed; 5 credits",
		ends: "sent by claim 1; Completed; 5 credits", mails: 1},

	{at: gate + after, also: "of a text", scene: toOwner, died: "wire by claim 1; Active; 5 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 5 credits", then: looksAndAnswers},
	{both: true, at: postAccepted, scene: textUnanswered, died: "wire by claim 1; Active; 5 credits",
		ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 5 credits", mails: 1, then: looksAndAnswers},
}

// A worker dies at each point, and the next one does what there is left to do.
func TestAWorkerIsKilled(t *testing.T) {
	t.Parallel()
	for _, r := range rows {
		t.Run(r.name(), func(t *testing.T) {
			t.Parallel()
			r.run(t, "")
		})
		if r.both {
			t.Run(r.name()+", by an activity", func(t *testing.T) {
				t.Parallel()
				r.run(t, activitiesOnly)
			})
		}
	}
}

func (r row) run(t *testing.T, shape string) {
	t.Helper()
	set := setStage
	if r.slow {
		set = setStageAtOnce
	}
	s := set(t, "")
	s.env[shapeVariable] = shape
	if r.retry != "" {
		s.env["RELANCE_RETRY"] = r.retry
	}
	s.doomed = s.worker(r.at)
	r.scene(s)
	s.doomed.isKilled(t)
	require.Equal(t, r.died, s.state(), "right after the death")
	if r.failed != "" {
		require.Equal(t, r.failed, s.ask(`SELECT 'try ' || attempt || ' of ' || attempts FROM retrying`))
	}

	s.plainWorker()
	s.comesTo(s.state, r.ends)
	require.Len(t, s.accepted(), r.mails, "accepted by the receiving servers")
	if r.then != nil {
		r.then(s)
		s.allThrough()
		require.Equal(t, s.paid(), s.ask(`SELECT credits::text FROM plan`), "one email costs one credit, a text none")
	}
}

func (r row) name() string {
	if r.also == "" {
		return r.at
	}
	return r.at + ", " + r.also
}

// A new write in the ports needs both sides of its commit here.
func TestBothSidesOfEachCommitHaveARow(t *testing.T) {
	t.Parallel()
	var points []string
	for _, r := range rows {
		points = append(points, r.at)
	}
	for _, r := range pages {
		points = append(points, r.at)
	}
	for _, commit := range commits {
		require.True(t, slices.Contains(points, commit+before), commit+before)
		require.True(t, slices.Contains(points, commit+after), commit+after)
	}
}
