package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/operator"
)

// parkOneByOne puts contacts in error as workers do, each by a transaction of its own and
// several at once: first every second one for the want of an address, then the others for
// maya's account.
func (b *bundle) parkOneByOne(n int) {
	b.t.Helper()
	b.exec(`UPDATE contacts SET email = '' WHERE id % 2 = 0 AND id <= $1`, n)
	for odd := range int64(2) {
		if odd == 1 {
			b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 5.7.8 no' WHERE address = $1`, mayas)
		}
		b.eachAtOnce(int64(n), odd, func(ctx context.Context, attempt campaign.Attempt) error {
			held, err := b.db.Hold(ctx, attempt, func(facts campaign.Facts) campaign.Finding {
				return campaign.CheckEmail(facts, func() error { return nil })
			})
			if err == nil && held.Parked == nil {
				err = fmt.Errorf("contact %d is not in error", attempt.ContactID)
			}
			return err
		})
	}
}

// eachAtOnce does something with every second of n contacts, as many at once as workers do.
func (b *bundle) eachAtOnce(n, odd int64, do func(context.Context, campaign.Attempt) error) {
	b.t.Helper()
	group, ctx := errgroup.WithContext(b.t.Context())
	group.SetLimit(8)
	for id := 2 - odd; id <= n; id += 2 {
		group.Go(func() error {
			return do(ctx, campaign.Attempt{EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "intro", Visit: 1})
		})
	}
	require.NoError(b.t, group.Wait())
}

// sendAll has every enrollment have had three emails of maya, over the last four weeks.
func (b *bundle) sendAll() {
	b.t.Helper()
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, reserved_at, settled_at)
		SELECT id, 'earlier-' || i, 1, 'email', 'sent', $1, 'c' || id || '@contoso.example', at, at, at + interval '1 second'
		  FROM generate_series(3, 1, -1) AS i, enrollments, LATERAL (SELECT now() - i * interval '9 days' + interval '9 days' * id / (SELECT max(id) FROM enrollments) AS at) AS t ORDER BY at`, mayas)
}

// settle is what happens within a minute: a worker folds, PostgreSQL vacuums.
func (b *bundle) settle() {
	b.t.Helper()
	require.NoError(b.t, b.db.FoldTally(b.t.Context()))
	b.exec(`VACUUM ANALYZE`)
}

// benched is what is looked at: a console, and a token for its API.
type benched struct {
	*bundle
	token string
}

func newBenched(b *testing.B, contacts int) benched {
	b.Helper()
	on := setup(b, contacts, "Claes")
	added, err := on.op.AddToken(b.Context(), "bench", operator.RoleViewer, time.Hour)
	require.NoError(b, err)
	on.sendAll()
	on.settle()
	return benched{on, added.Text}
}

// look asks for a page, or takes a look for those that are live, and returns how long
// that took.
func (b benched) look(t testing.TB, path string) time.Duration {
	t.Helper()
	if path == "live" {
		began := time.Now()
		_, err := b.console.picture(t.Context(), []int64{})
		took := time.Since(began)
		require.NoError(t, err)
		return took
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+path, nil)
	if strings.HasPrefix(path, "/api/") {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	recorder, began := httptest.NewRecorder(), time.Now()
	b.handler.ServeHTTP(recorder, request)
	took := time.Since(began)
	require.Equal(t, http.StatusOK, recorder.Code, recorder.Body)
	return took
}

// goOn has maya's account mended and those go on that it frees, as long as the benchmark
// runs: pages of them are signalled, and one after the other is sent, 100 a second, as
// Temporal does it here. What it returns ends that.
func (b benched) goOn(contacts bool) func() {
	b.t.Helper()
	_, err := b.db.ConnectAccount(b.t.Context(), campaign.EmailAccount{Address: mayas, SMTP: campaign.SMTP{
		Host: "smtp.northwind.example", Port: 587, TLS: campaign.TLSStartTLS, Username: mayas, Password: "stored",
	}}, "bench")
	require.NoError(b.t, err)
	open, err := b.db.OpenEntries(b.t.Context())
	require.NoError(b.t, err)
	at := slices.IndexFunc(open, func(entry campaign.OutboxEntry) bool { return entry.Cause == failure.EmailAccount(mayas) })
	require.GreaterOrEqual(b.t, at, 0)
	ctx, cancel := context.WithCancel(b.t.Context())
	group, ctx := errgroup.WithContext(ctx)
	if contacts {
		group.Go(func() error { return b.drain(ctx, open[at]) })
	}
	return func() {
		cancel()
		if err := group.Wait(); !errors.Is(err, context.Canceled) {
			require.NoError(b.t, err)
		}
	}
}

func (b benched) drain(ctx context.Context, entry campaign.OutboxEntry) error {
	const page, aSecond = 500, 100
	var signalled []campaign.Target
	ticker := time.NewTicker(time.Second / aSecond)
	defer ticker.Stop()
	for sent := 0; ; sent++ {
		if sent%aSecond == 0 {
			targets, err := b.db.Targets(ctx, entry, page)
			if err != nil {
				return err
			}
			if len(targets) > 0 {
				if err := b.db.AdvanceCursor(ctx, entry, targets); err != nil {
					return err
				}
				entry.Cursor, signalled = targets[len(targets)-1].Seq, append(signalled, targets...)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		if sent == len(signalled) {
			return errors.New("the benchmark took longer than there are contacts to go on")
		}
		if err := b.send(ctx, signalled[sent]); err != nil {
			return err
		}
	}
}

// send is what a worker does with a contact that was signalled: the ledger's part.
func (b benched) send(ctx context.Context, target campaign.Target) error {
	attempt := campaign.Attempt{
		EnrollmentID: target.EnrollmentID, CampaignKey: target.CampaignKey, ContactID: target.ContactID, StepID: "intro", Visit: 1,
		ResumedPark: target.ParkID, Resume: &campaign.Resume{By: "bench"}, Next: campaign.Next{StepID: "wait-2", StepIndex: 1, Wait: 72 * time.Hour},
	}
	delivery, err := b.db.Claim(ctx, attempt, campaign.Draft{
		Kind: campaign.Email, Account: mayas, Recipient: "c@contoso.example", Subject: "Hi", MessageID: "<1@x>", Date: time.Now(), Boundary: "b",
	})
	if err != nil {
		return err
	}
	if err := b.db.Gate(ctx, delivery); err != nil {
		return err
	}
	return b.db.MarkSent(ctx, attempt, delivery, "250 ok")
}

// BenchmarkPages shows each page with ten contacts in error, and with 50,000 of 100,000 who
// have had 300,000 emails, in turns: what a machine does meanwhile hits both. Between them
// comes a page that is as full as the large one, with a hundred in error: ratio-rows is
// without what more rows of a page cost. "fresh" is right after they were put in error, each
// by a transaction of its own: nobody has folded the tally since but those who wrote, and
// PostgreSQL has neither vacuumed nor analyzed: it does so by itself in no state here.
// "settled" is a minute later, "going" while those go on that a fix frees.
func BenchmarkPages(b *testing.B) {
	few, full, many := newBenched(b, 10), newBenched(b, 100), newBenched(b, 100_000)
	for _, table := range []string{"enrollments", "contacts", "notes", "parked_on", "tally", "tally_step", "deliveries"} {
		many.exec(`ALTER TABLE ` + table + ` SET (autovacuum_enabled = off)`)
	}
	few.parkOneByOne(10)
	full.parkOneByOne(100)
	began := time.Now()
	many.parkOneByOne(50_000)
	b.Logf("50,000 were put in error in %s", time.Since(began).Round(time.Second))
	for _, when := range []string{"fresh", "settled", "going"} {
		switch when {
		case "settled":
			for _, on := range []benched{few, full, many} {
				on.settle()
			}
		case "going":
			for i, on := range []benched{few, full, many} {
				b.Cleanup(on.goOn(i == 2))
			}
		}
		for _, path := range benchPaths {
			b.Run(fmt.Sprintf("%s %s", when, path), func(b *testing.B) {
				var small, same, large []time.Duration
				for b.Loop() {
					small, same, large = append(small, few.look(b, path)), append(same, full.look(b, path)), append(large, many.look(b, path))
				}
				slices.Sort(small)
				slices.Sort(same)
				slices.Sort(large)
				ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
				middle := len(small) / 2
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(ms(small[0]), "few-min-ms")
				b.ReportMetric(ms(small[middle]), "few-med-ms")
				b.ReportMetric(ms(large[0]), "many-min-ms")
				b.ReportMetric(ms(large[middle]), "many-med-ms")
				b.ReportMetric(float64(large[0])/float64(small[0]), "ratio-min")
				b.ReportMetric(float64(large[0])/float64(same[0]), "ratio-rows-min")
				b.ReportMetric(float64(large[middle])/float64(same[middle]), "ratio-rows-med")
				b.ReportMetric(float64(large[middle])/float64(small[middle]), "ratio-med")
			})
		}
	}
}

var benchPaths = []string{
	"/", "/cause/EmailAccountInError/email_account:" + mayas, "/cause/ContactHasNoEmail/contact", "live",
	"/campaigns", "/campaigns/q4", "/campaigns/q4/contacts", "/campaigns/q4/contacts?state=InError&step=intro", "/accounts", "/accounts/" + mayas, "/activity",
	"/contacts", "/contacts?q=C", "/contacts?q=C1", "/contacts?q=c1@contoso.example,", "/contacts?after=5", "/contacts/1", "/requests", "/uncertain",
	"/replies", "/replies?kind=bounce:hard", "/replies?campaign=q4", "/suppression", "/bounces",
	"/api/v1/errors", "/api/v1/errors?group=cause",
}
