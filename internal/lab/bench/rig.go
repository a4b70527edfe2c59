package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"relance/internal/campaign"
	"relance/internal/devstack"
	"relance/internal/store"
	"relance/internal/temporalio"
)

// rig is everything that is measured: PostgreSQL with fsync, Temporal on it,
// the inbox, our worker and the bare one.
type rig struct {
	stack    *devstack.Stack
	store    *store.Store
	db       *pgxpool.Pool
	client   client.Client
	outreach *temporalio.Client
	ours     *actor
	bare     *actor
	counter  *counter
	profile  string

	scale  float64
	rounds int
	began  time.Time
	out    io.Writer
	keep   bool
	made   int            // contacts, so far
	groups int            // campaigns, so far
	best   map[string]int // how many starts at once suit a bare workflow best, by its kind
}

func bringUp(ctx context.Context, o options, progress io.Writer) (_ *rig, err error) {
	s := &rig{scale: o.scale, rounds: o.rounds, began: time.Now(), out: progress, keep: o.dir != "", counter: newCounter(), profile: o.profile, best: map[string]int{}}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "relance-bench-"); err != nil {
			return nil, err
		}
	}
	s.say("PostgreSQL, Temporal and the inbox come up in %s", o.dir)
	defer func() {
		if err != nil {
			s.takeDown()
		}
	}()
	if s.stack, err = devstack.Start(ctx, devstack.Options{Dir: o.dir, NoWeb: true, NoWorker: true}); err != nil {
		return nil, err
	}
	// The production worker, whose memory is measured, refuses the key of the dev stack.
	s.stack.Settings.SecretKey = make([]byte, 32)
	_, _ = rand.Read(s.stack.Settings.SecretKey) // it never fails
	if s.store, err = store.Open(ctx, s.stack.Settings.DatabaseURL, s.stack.Settings.SecretKey); err != nil {
		return nil, err
	}
	if s.db, err = pgxpool.New(ctx, s.stack.Settings.DatabaseURL); err != nil {
		return nil, err
	}
	var namespace string
	if s.client, namespace, err = dial(ctx, s.counter, s.stack.LookupEnv); err != nil {
		return nil, err
	}
	s.outreach = &temporalio.Client{Client: s.client, Namespace: namespace, Retry: s.stack.Settings.Retry, FirstTry: temporalio.FirstTry(s.stack.Settings.Deployment)}
	if s.bare, err = s.startActor(ctx, roleBare); err != nil {
		return nil, err
	}
	s.ours, err = s.startActor(ctx, roleOurs)
	return s, err
}

func (s *rig) takeDown() {
	s.ours.stop()
	s.bare.stop()
	if s.client != nil {
		s.client.Close()
	}
	if s.db != nil {
		s.db.Close()
	}
	if s.store != nil {
		s.store.Close()
	}
	if s.stack != nil {
		s.stack.Stop()
		if !s.keep {
			_ = os.RemoveAll(s.stack.Dir)
		}
	}
}

func (s *rig) say(format string, args ...any) {
	fmt.Fprintf(s.out, "%6.1fs  %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

// size is how many of something there are at this scale.
func (s *rig) size(n int) int { return max(10, int(float64(n)*s.scale)) }

// account is a sender of its own, connected to the inbox.
func (s *rig) account(ctx context.Context, name, password string) (string, error) {
	address := name + "@bench.example"
	_, err := s.store.Apply(ctx, store.Workspace{
		Users: []campaign.User{{Key: "bench", Name: "Bench"}},
		EmailAccounts: []campaign.EmailAccount{{Address: address, Name: "Bench", SMTP: campaign.SMTP{
			Host: "127.0.0.1", Port: s.stack.Inbox.Port(), TLS: campaign.TLSNone, Username: name, Password: campaign.Secret(password),
		}}},
	}, "bench", false)
	return address, err
}

// A body as people write it: what is measured is not an empty message.
const (
	subject = "Quick question about {{ company }}"
	body    = `Hi {{ first_name | default: "there" }},

I saw that {{ company }} is growing, and wondered who looks after outreach there.
Would you have ten minutes next week?

Best,
Maya`
)

func email(id string) campaign.Step {
	return campaign.Step{ID: id, Kind: campaign.Email, Subject: subject, Body: body}
}

func pause(id string, d time.Duration) campaign.Step {
	return campaign.Step{ID: id, Kind: campaign.Wait, Wait: d}
}

// campaign makes a campaign with these steps; sender may be empty.
func (s *rig) campaign(ctx context.Context, sender string, steps ...campaign.Step) (string, error) {
	s.groups++
	key := fmt.Sprintf("bench-%d", s.groups)
	_, err := s.store.Apply(ctx, store.Workspace{
		Users:     []campaign.User{{Key: "bench", Name: "Bench"}},
		Campaigns: []store.CampaignSpec{{Campaign: campaign.Campaign{Key: key, Name: "Bench", Owner: "bench", Sender: sender, Steps: steps}}},
	}, "bench", false)
	return key, err
}

// contacts makes n more contacts and returns their ids.
func (s *rig) contacts(ctx context.Context, n int) ([]int64, error) {
	rows, err := s.db.Query(ctx, `
		INSERT INTO contacts (first_name, last_name, company, email)
		SELECT 'Ada', 'Number ' || i, 'Contoso ' || i, 'c' || i || '@contoso.example' FROM generate_series($1::int, $2::int) AS i
		RETURNING id`, s.made+1, s.made+n)
	if err != nil {
		return nil, err
	}
	s.made += n
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// crowd is n contacts and a campaign for them, which they are not yet enrolled in.
func (s *rig) crowd(ctx context.Context, n int, sender string, steps ...campaign.Step) (key string, ids []int64, err error) {
	if key, err = s.campaign(ctx, sender, steps...); err != nil {
		return "", nil, err
	}
	ids, err = s.contacts(ctx, n)
	return key, ids, err
}

// enroll enrolls contacts the way `starter enroll` does, without waiting.
func (s *rig) enroll(ctx context.Context, key string, ids []int64) error {
	if _, err := s.store.Enroll(ctx, key, ids, "bench", false); err != nil {
		return err
	}
	return s.outreach.StartEnrolling(ctx, key, len(ids))
}

const secretKey = "RELANCE_SECRET_KEY"

func (s *rig) secretKey() string {
	return base64.StdEncoding.EncodeToString(s.stack.Settings.SecretKey)
}

// lookup returns the variables with which programs find this rig.
func (s *rig) lookup(name string) (string, bool) {
	if name == secretKey {
		return s.secretKey(), true
	}
	return s.stack.LookupEnv(name)
}
