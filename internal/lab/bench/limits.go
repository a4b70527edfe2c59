package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"golang.org/x/sync/errgroup"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/engine"
)

// measureLimits takes the parts apart: how much each carries when nothing else
// is at work on this machine. There are no goals; docs/scaling.md reckons with them.
func measureLimits(ctx context.Context, s *rig) (results []result, err error) {
	transitions, err := s.temporalAlone(ctx)
	if err != nil {
		return nil, err
	}
	err = s.withoutOurs(ctx, func() (err error) { // the sends are done here, without Temporal
		results, err = s.partsAlone(ctx)
		return err
	})
	return append([]result{{Of: "four shards of Temporal", Unit: "state transitions/s", Ours: transitions, Note: "bare workflows"}}, results...), err
}

// partsAlone is what PostgreSQL carries, and a worker with it and the inbox.
func (s *rig) partsAlone(ctx context.Context) ([]result, error) {
	wired := engine.New(engine.Options{Store: s.store, Client: s.client, Namespace: s.outreach.Namespace, Settings: s.stack.Settings}).Activities.Emails
	n := s.size(1600)
	if _, err := s.sendsAlone(ctx, n/4, wired); err != nil { // connections and plans are made
		return nil, err
	}
	ledger, err := s.sendsAlone(ctx, n, &activities.Emails{Ledger: wired.Ledger, Postman: mute{wired.Postman}})
	if err != nil {
		return nil, err
	}
	sends, err := s.sendsAlone(ctx, n, wired)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("%d at once, no Temporal", sendsAtOnce)
	return []result{
		{Of: "one PostgreSQL, the ledger's", Unit: "sends/s", Ours: ledger, Note: note + ", no SMTP"},
		{Of: "one worker, its PostgreSQL and the inbox", Unit: "sends/s", Ours: sends, Note: note},
	}, nil
}

// temporalAlone is how many transitions a second bare workflows make.
func (s *rig) temporalAlone(ctx context.Context) (float64, error) {
	n := s.size(roundSize)
	concurrency, err := s.bestStarts(ctx, bareOne, n/4)
	if err != nil {
		return 0, err
	}
	rate, err := s.bareThrough(ctx, bareOne, n, concurrency)
	if err != nil {
		return 0, err
	}
	one, err := s.kept(ctx, fmt.Sprintf("bareone-%d", bareNumber.Load()))
	return rate * one.transitions, err
}

// sendsAtOnce is how many sends are under way, from so many accounts.
const (
	sendsAtOnce  = 64
	sendAccounts = 16
)

// sendsAlone is how many of n contacts a second get their email when the activity
// is called without Temporal: facts, claim, gate, sent.
func (s *rig) sendsAlone(ctx context.Context, n int, emails *activities.Emails) (float64, error) {
	each := max(1, n/sendAccounts)
	var attempts []campaign.Attempt
	for range sendAccounts {
		some, err := s.attempts(ctx, each)
		if err != nil {
			return 0, err
		}
		attempts = append(attempts, some...)
	}
	// These are never started: they are no workflows' enrollments.
	if _, err := s.db.Exec(ctx, `UPDATE outbox SET done_at = now() WHERE done_at IS NULL`); err != nil {
		return 0, err
	}
	began := time.Now()
	var group errgroup.Group
	group.SetLimit(sendsAtOnce)
	for i := range attempts {
		attempt := attempts[(i%sendAccounts)*each+i/sendAccounts] // the accounts in turns
		group.Go(func() error {
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			environment := suite.NewTestActivityEnvironment()
			environment.RegisterActivity(emails.SendEmail)
			value, err := environment.ExecuteActivity(emails.SendEmail, attempt)
			if err != nil {
				return err
			}
			var answer activities.Result
			if err := value.Get(&answer); err != nil {
				return err
			}
			if answer.Outcome != activities.Done {
				return errors.New("an email was not sent but is " + string(answer.Outcome))
			}
			return nil
		})
	}
	err := group.Wait()
	return perSecond(len(attempts), began), err
}

// attempts enrolls n contacts in a campaign with an account of its own, and
// returns the attempt of each one's email.
func (s *rig) attempts(ctx context.Context, n int) ([]campaign.Attempt, error) {
	sender, err := s.account(ctx, fmt.Sprintf("limits-%d", s.groups), "inbox")
	if err != nil {
		return nil, err
	}
	key, ids, err := s.crowd(ctx, n, sender, email("intro"))
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Enroll(ctx, key, ids, "bench", false); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, `SELECT id, contact_id FROM enrollments WHERE campaign = $1`, key)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (campaign.Attempt, error) {
		attempt := campaign.Attempt{CampaignKey: key, StepID: "intro", Visit: 1, Next: campaign.Next{Completed: true}}
		return attempt, row.Scan(&attempt.EnrollmentID, &attempt.ContactID)
	})
}

// mute is the postman without the mail server, which receives nothing.
type mute struct{ activities.Postman }

// Reserve finds a place at once.
func (mute) Reserve(context.Context, campaign.EmailAccount, time.Duration) (activities.Connection, time.Duration, error) {
	return mutePlace{}, 0, nil
}

type mutePlace struct{}

// Send passes the gate.
func (mutePlace) Send(ctx context.Context, _ campaign.Delivery, _ activities.Email, gate activities.Gate) (string, error) {
	return "250 nothing was sent", gate(ctx)
}

func (mutePlace) Release() {}
