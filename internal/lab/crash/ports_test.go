package crash

import (
	"context"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/engine"
	"relance/internal/failure"
)

// decorate puts points into the ports of a worker. Pages are small and signalled one
// by one, so that "half a page" is the same for everybody.
func decorate(a engine.Activities, p *points) {
	a.Emails.Ledger = ledger{a.Emails.Ledger, p}
	a.Texts.Ledger = ledger{a.Texts.Ledger, p}
	a.Records.Ledger = ledger{a.Records.Ledger, p}
	a.Wakes.Outbox, a.Wakes.Messenger = outbox{a.Wakes.Outbox, p}, messenger{a.Wakes.Messenger, p}
	a.Wakes.Concurrency, a.Wakes.PageSize = 1, 2
	a.Turns.Line = line{a.Turns.Line, p}
	a.Mailboxes.Reader = mailboxReader{a.Mailboxes.Reader}
	a.Starts.Register, a.Starts.Starter = register{a.Starts.Register, p}, starter{a.Starts.Starter, p}
	a.Starts.Concurrency, a.Starts.PageSize = 1, 2
}

type ledger struct {
	activities.Ledger
	points *points
}

func (l ledger) Claim(ctx context.Context, attempt campaign.Attempt, draft campaign.Draft) (campaign.Delivery, error) {
	l.points.pass(beforeClaim)
	delivery, err := l.Ledger.Claim(during(ctx, claim), attempt, draft)
	return delivery, l.points.committed(claim, err)
}

func (l ledger) Gate(ctx context.Context, delivery campaign.Delivery) error {
	return l.points.committed(gate, l.Ledger.Gate(during(ctx, gate), delivery))
}

func (l ledger) MarkSent(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, reply string) error {
	return l.points.committed(sent, l.Ledger.MarkSent(during(ctx, sent), attempt, delivery, reply))
}

func (l ledger) Fail(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, refusal campaign.Refusal, check campaign.Check) (campaign.Held, error) {
	held, err := l.Ledger.Fail(during(ctx, fail), attempt, delivery, refusal, check)
	return held, l.points.committed(fail, err)
}

func (l ledger) MarkUncertain(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, problem failure.Problem) (campaign.Held, error) {
	held, err := l.Ledger.MarkUncertain(during(ctx, uncertain), attempt, delivery, problem)
	return held, l.points.committed(uncertain, err)
}

func (l ledger) Hold(ctx context.Context, attempt campaign.Attempt, check campaign.Check) (campaign.Held, error) {
	held, err := l.Ledger.Hold(during(ctx, hold), attempt, check)
	return held, l.points.committed(hold, err)
}

func (l ledger) AcceptSent(ctx context.Context, attempt campaign.Attempt, assume bool) (campaign.Delivery, bool, error) {
	delivery, ok, err := l.Ledger.AcceptSent(during(ctx, receipt), attempt, assume)
	return delivery, ok, l.points.committed(receipt, err)
}

func (l ledger) Record(ctx context.Context, attempt campaign.Attempt, problem failure.Problem) (campaign.Held, error) {
	held, err := l.Ledger.Record(during(ctx, record), attempt, problem)
	return held, l.points.committed(record, err)
}

func (l ledger) Disenroll(ctx context.Context, enrollmentID int64, firstVisit int, reason, by string) (campaign.Status, error) {
	status, err := l.Ledger.Disenroll(during(ctx, disenroll), enrollmentID, firstVisit, reason, by)
	return status, l.points.committed(disenroll, err)
}

type outbox struct {
	activities.Outbox
	points *points
}

func (o outbox) AdvanceCursor(ctx context.Context, entry campaign.OutboxEntry, page []campaign.Target) error {
	return o.points.committed(signalled, o.Outbox.AdvanceCursor(during(ctx, signalled), entry, page))
}

type messenger struct {
	activities.Messenger
	points *points
}

func (m messenger) Resume(ctx context.Context, target campaign.Target, resume campaign.Resume) error {
	m.points.second(secondSignal)
	return m.Messenger.Resume(ctx, target, resume)
}

type register struct {
	activities.Register
	points *points
}

func (r register) MarkStarted(ctx context.Context, enrollees []campaign.Enrollee, follow bool) error {
	return r.points.committed(started, r.Register.MarkStarted(during(ctx, started), enrollees, follow))
}

type starter struct {
	activities.Starter
	points *points
}

func (s starter) StartEnrollment(ctx context.Context, of campaign.Campaign, enrollee campaign.Enrollee) (bool, error) {
	s.points.second(secondStart)
	return s.Starter.StartEnrollment(ctx, of, enrollee)
}

type line struct {
	activities.Line
	points *points
}

func (l line) TurnsToSignal(ctx context.Context, limit int) ([]campaign.GivenTurn, error) {
	turns, err := l.Line.TurnsToSignal(ctx, limit)
	if len(turns) > 0 {
		l.points.pass(grantedTurn)
	}
	return turns, err
}

func (l line) TurnsSignalled(ctx context.Context, turns []campaign.GivenTurn, gone []int64) error {
	if len(turns) > 0 {
		l.points.pass(signalledTurn)
	}
	return l.Line.TurnsSignalled(ctx, turns, gone)
}

// mailboxReader has everything traced that a reader writes: its points are statements (tracer_test.go).
type mailboxReader struct{ activities.MailboxReader }

func (r mailboxReader) Read(ctx context.Context, address string) (over bool, err error) {
	return r.MailboxReader.Read(context.WithValue(ctx, reading{}, true), address)
}
