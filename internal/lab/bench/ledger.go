package main

import (
	"context"
	"sync"
	"sync/atomic"

	"relance/activities"
	"relance/internal/campaign"
)

// optionalLedger is the ledger, or none: with off set, what a send has to know is
// read once, and nothing is written down.
type optionalLedger struct {
	activities.Ledger
	off atomic.Bool

	mu    sync.Mutex
	known map[string]campaign.Facts // by campaign
}

// Facts are those of the campaign's first contact.
func (l *optionalLedger) Facts(ctx context.Context, attempt campaign.Attempt) (campaign.Facts, error) {
	if !l.off.Load() {
		return l.Ledger.Facts(ctx, attempt)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if facts, ok := l.known[attempt.CampaignKey]; ok {
		return facts, nil
	}
	facts, err := l.Ledger.Facts(ctx, attempt)
	if err == nil {
		l.known = map[string]campaign.Facts{attempt.CampaignKey: facts}
	}
	return facts, err
}

// Claim owns nothing.
func (l *optionalLedger) Claim(ctx context.Context, attempt campaign.Attempt, draft campaign.Draft) (campaign.Delivery, error) {
	if !l.off.Load() {
		return l.Ledger.Claim(ctx, attempt, draft)
	}
	return campaign.Delivery{
		EnrollmentID: attempt.EnrollmentID, StepID: attempt.StepID, Visit: attempt.Visit, Draft: draft, State: campaign.Reserved, Epoch: 1,
	}, nil
}

// Gate is open.
func (l *optionalLedger) Gate(ctx context.Context, delivery campaign.Delivery) error {
	if !l.off.Load() {
		return l.Ledger.Gate(ctx, delivery)
	}
	return nil
}

// Sent forgets.
func (l *optionalLedger) MarkSent(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, reply string) error {
	if !l.off.Load() {
		return l.Ledger.MarkSent(ctx, attempt, delivery, reply)
	}
	return nil
}
