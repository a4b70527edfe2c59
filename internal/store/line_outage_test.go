package store

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// Law 7: accounts whose turns are out, at servers that do not answer, keep no other account waiting, however
// many they are beside the page that the giver looks at.
func TestBusyAccountsKeepNoOtherWaiting(t *testing.T) {
	t.Parallel()
	const tom, quick = "tom@northwind.example", "quick"
	b := setupLedger(t, 3)
	b.pace(`{"gap": 1000000}`)
	_, err := b.timed(1)
	require.NoError(t, err)
	b.queuedBehind(2)
	b.exec(`INSERT INTO email_accounts (address, name, host, port, tls, pace) VALUES ($1, 'Tom', '127.0.0.1', 25, 'none', '{"gap": 1000000}')`, tom)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) SELECT $1, 'Quick', owner, $2, steps FROM campaigns WHERE key = 'q4'`, quick, tom)
	b.exec(`UPDATE enrollments SET campaign = $1, status = 'Waiting' WHERE id = 3`, quick)
	b.exec(`INSERT INTO account_pace (address) VALUES ($1)`, tom)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) VALUES (3, 'intro', $1, $2, 2, 'waiting')`, quick, tom)
	b.exec(`UPDATE account_pace SET next_at = now(), look_at = CASE WHEN address = $1 THEN now() END`, tom) // Maya's is looked at before
	_, _, err = b.GiveTurns(b.ctx, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"claimed", "waiting", "granted"}, []string{b.lineState(1), b.lineState(2), b.lineState(3)})
}

// Law 7: a clock that was ahead for a moment, while a window was closed, has had the line sleep until a
// window of the day that it showed. When it is put back, the line is looked at again.
func TestAClockThatWasAheadLetsNobodySleep(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"gap": 1000000}`)
	b.queuedBehind(1, 2)
	b.exec(`UPDATE line SET state = 'asleep', not_before = now() + interval '31 days' WHERE enrollment_id = 1`)
	b.exec(`UPDATE line SET state = 'stuck', granted_at = now() + interval '31 days' WHERE enrollment_id = 2`)
	b.exec(`UPDATE turns_given SET seen_at = now() - interval '1 second'`)
	b.exec(`UPDATE line SET granted_at = now() WHERE enrollment_id = 2`)
	_, err := b.TendLine(b.ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"asleep", "stuck"}, []string{b.lineState(1), b.lineState(2)}, "a window can be far")
	b.exec(`UPDATE turns_given SET seen_at = now() + interval '31 days'; UPDATE line SET granted_at = now() + interval '31 days' WHERE enrollment_id = 2`)
	_, err = b.TendLine(b.ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"waiting", "waiting"}, []string{b.lineState(1), b.lineState(2)})
}

// Law 7: nor one whose place is another's at the moment at which the clock is found to be put back.
func TestAClockThatWasAheadLetsNobodySleepWhoIsHeld(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"gap": 1000000}`)
	b.queuedBehind(1, 2)
	b.exec(`UPDATE line SET state = 'asleep', not_before = now() + interval '31 days'`)
	b.exec(`UPDATE turns_given SET seen_at = now() + interval '31 days'`)
	other, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	defer func() { _ = other.Rollback(b.ctx) }()
	_, err = other.Exec(b.ctx, `SELECT FROM line WHERE enrollment_id = 1 FOR UPDATE`)
	require.NoError(t, err)
	tend := func() {
		_, err := b.TendLine(b.ctx)
		require.NoError(t, err)
		require.NoError(t, b.TurnsAreGiven(b.ctx, "test"))
	}
	tend()
	require.Equal(t, []string{"asleep", "waiting"}, []string{b.lineState(1), b.lineState(2)})
	require.NoError(t, other.Rollback(b.ctx))
	b.exec(`UPDATE line SET state = 'asleep', not_before = now() + interval '1 hour' WHERE enrollment_id = 2`) // by the clock as it is
	tend()
	require.Equal(t, []string{"waiting", "waiting"}, []string{b.lineState(1), b.lineState(2)})
	b.exec(`UPDATE line SET state = 'asleep', not_before = now() + interval '1 hour'`)
	tend()
	require.Equal(t, []string{"asleep", "asleep"}, []string{b.lineState(1), b.lineState(2)}, "and then a window can be far again")
}

// Law 8: what has left on the date that a clock showed which was ahead is none of today's, and opens
// today no second time.
func TestWhatAClockThatWasAheadHasSentOpensNoDayAgain(t *testing.T) {
	t.Parallel()
	for _, rules := range []string{`{"perDay": 2}`, `{"gap": 60000000000, "perDay": 2}`} {
		b := setupLedger(t, 3)
		b.pace(rules)
		now := one[time.Time](b, `SELECT clock_timestamp()`)
		b.sentAt(now.Add(-time.Second), campaign.Sent)
		b.sentAt(now, campaign.Sent)
		b.sentAt(now.Add(24*time.Hour), campaign.Sent) // it was a day ahead
		b.exec(`UPDATE deliveries SET step_id = 'before'`)
		b.exec(`INSERT INTO account_pace (address, day, count, next_at) VALUES ($1, $2::date, 1, $3)`, maya, now.Add(24*time.Hour).UTC().Format(time.DateOnly), now.Add(25*time.Hour))
		_, err := b.timed(2)
		require.ErrorIs(t, err, campaign.ErrNoTurn, rules)
		day, count, _ := b.spent()
		require.Equal(t, []any{now.UTC().Format(time.DateOnly), 2}, []any{day, count}, "kept by the refused claim: %s", rules)
		require.LessOrEqual(t, one[time.Time](b, `SELECT next_at FROM account_pace`), now.Add(2*time.Minute), rules)
		left, err := b.LeftSince(b.ctx, maya, now.Add(time.Hour))
		require.NoError(t, err)
		require.False(t, left, "nothing has left yet that a clock will show tomorrow")
	}
}

// A claim whose worker has died lapses, also when its campaign has another sender meanwhile.
func TestAMovedClaimLapses(t *testing.T) {
	t.Parallel()
	const tom = "tom@northwind.example"
	for name, move := range map[string]func(*ledgerBundle) error{
		"set-sender": func(b *ledgerBundle) error { _, _, err := b.SetSender(b.ctx, "q4", tom, "test"); return err },
		"move-sender": func(b *ledgerBundle) error {
			return b.inTx(b.ctx, func(tx pgx.Tx) error { return moveLine(b.ctx, tx, []int64{1}, maya, tom) })
		},
	} {
		b := setupLedger(t, 2)
		b.pace(`{"gap": 1000000}`)
		b.exec(`INSERT INTO email_accounts (address, name, host, port, tls, pace) VALUES ($1, 'Tom', '127.0.0.1', 25, 'none', '{"gap": 1000000}')`, tom)
		_, err := b.timed(1)
		require.NoError(t, err)
		require.NoError(t, move(b), name)
		require.Equal(t, "claimed", b.lineState(1), name)
		for _, since := range []string{"now() - interval '1 day'", "NULL"} { // a release before has forgotten it
			b.exec(`UPDATE line SET state = 'claimed', account = $1, since = now() - interval '1 day', granted_at = `+since, maya)
			_, err = b.TendLine(b.ctx)
			require.NoError(t, err)
			require.Equal(t, "waiting", b.lineState(1), "%s: else its account gives no turn any more", name)
		}
	}
}

// Law 3: an edit that commits while a page of enrollments is started passes them by, as they are not
// started; who waits by what the campaign was before is signalled of it.
func TestAnEditUnderAStartIsSignalled(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.exec(`UPDATE enrollments SET status = 'Waiting', next_at = now() + interval '7 days' WHERE id < 3`)
	_, page, err := b.Unstarted(b.ctx, campaign.OutboxEntry{Campaign: "q4"}, 0, 2)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.NoError(t, b.MarkStarted(b.ctx, page[:1], true))
	require.Zero(t, one[int](b, `SELECT count(*) FROM outbox WHERE kind = 'edit'`), "nothing was edited")

	w := b.workspace()
	w.Campaigns[0].Steps[0].Body = "Another"
	b.apply(w)
	_, rest, err := b.Unstarted(b.ctx, campaign.OutboxEntry{Campaign: "q4"}, 2, 1)
	require.NoError(t, err)
	require.NoError(t, b.MarkStarted(b.ctx, append(page[1:], rest...), true))
	require.Equal(t, []int64{2}, one[[]int64](b, `SELECT array_agg(e.id) FROM enrollments e JOIN outbox o ON o.id = e.edit WHERE o.kind = 'edit' AND o.done_at IS NULL AND o.total = 1`))
}

// A wait that an edit puts first counts from the start, also for who was enrolled long before and is just being started.
func TestAFirstWaitCountsFromTheStart(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`UPDATE enrollments SET enrolled_at = now() - interval '5 days', started_at = NULL`)
	facts, err := b.Facts(b.ctx, b.attempt(1))
	require.NoError(t, err)
	require.WithinDuration(t, facts.Now, facts.Began, time.Second)
	b.exec(`UPDATE enrollments SET visit_base = 1`)
	facts, err = b.Facts(b.ctx, b.attempt(1))
	require.NoError(t, err)
	require.True(t, facts.Began.Before(facts.Now), "a later round waits for a look after this")
}

// The same of an enrollment that the edit has counted as not started, and that is noted as started before it commits: it was enrolled, or
// taken on, when the edit had read those that it locks.
func TestAnEditThatHasCountedAStartIsSignalled(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`UPDATE enrollments SET status = 'Waiting', next_at = now() + interval '7 days', started_at = now(), follows = true WHERE id = 1`)
	b.exec(`UPDATE enrollments SET status = 'Completed', step_id = '', follows = true WHERE id = 2`)
	locked := func(statement string) (release func()) {
		tx, err := b.pool.Begin(b.ctx)
		require.NoError(t, err)
		_, err = tx.Exec(b.ctx, statement)
		require.NoError(t, err)
		return func() { require.NoError(t, tx.Rollback(b.ctx)) }
	}
	waiting := func(count int) {
		require.Eventually(t, func() bool {
			return one[int](b, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == count
		}, waitFor, tick)
	}
	inside := locked(`SELECT FROM enrollments WHERE id = 1 FOR UPDATE`)
	versions := locked(`LOCK TABLE campaign_versions IN SHARE MODE`) // it is written after all were counted
	w := b.workspace()
	w.Campaigns[0].Steps[0].Body = "Another"
	applied := make(chan error, 1)
	go func() { _, err := b.Apply(b.ctx, w, "test", false); applied <- err }()
	waiting(1)
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'intro', next_at = now() + interval '7 days', started_at = NULL WHERE id = 2`)
	_, page, err := b.Unstarted(b.ctx, campaign.OutboxEntry{Campaign: "q4"}, 1, 1)
	require.NoError(t, err)
	require.Len(t, page, 1)
	inside()
	require.Eventually(t, func() bool {
		return one[bool](b, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'campaign_versions'::regclass)`)
	}, waitFor, tick, "the edit has counted")
	marked := make(chan error, 1)
	go func() { marked <- b.MarkStarted(b.ctx, page, true) }()
	waiting(2)
	versions()
	require.NoError(t, <-applied)
	require.NoError(t, <-marked)
	require.True(t, one[bool](b, `SELECT edit IS NOT NULL FROM enrollments WHERE id = 2`))
}

// Law 8: a message of a free account that passes its gate while the account is given a limit, after it was
// counted, counts all the same.
func TestALimitCountsWhatPassesMeanwhile(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	delivery, err := b.Claim(b.ctx, b.attempt(1), draft("c@contoso.example"))
	require.NoError(t, err)
	line, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	_, err = line.Exec(b.ctx, `LOCK TABLE line IN SHARE MODE`) // it is changed after the account was counted
	require.NoError(t, err)
	set := make(chan error, 1)
	go func() {
		_, _, err := b.SetPace(b.ctx, maya, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return pace.AccountRules{PerDay: 5}, nil })
		set <- err
	}()
	b.awaitLockWait()
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, line.Rollback(b.ctx))
	require.NoError(t, <-set)
	require.Equal(t, 1, b.ledgerSays(maya, "with the one that has passed meanwhile"))
}

// The same when the command is killed right after it has set the limit: the next claim counts.
func TestALimitThatIsCutOffIsCountedByTheNextClaim(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	passing, err := b.Claim(b.ctx, b.attempt(1), draft("c@contoso.example"))
	require.NoError(t, err)
	_, err = b.Claim(b.ctx, b.attempt(2), draft("c@contoso.example"))
	require.NoError(t, err)
	line, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	_, err = line.Exec(b.ctx, `LOCK TABLE line IN SHARE MODE`) // the limit is set after this
	require.NoError(t, err)
	held, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	defer held.Rollback(b.ctx)
	_, err = held.Exec(b.ctx, `SELECT FROM deliveries WHERE enrollment_id = 2 FOR UPDATE`) // the count waits for its gate
	require.NoError(t, err)
	killed, kill := context.WithCancel(b.ctx)
	set := make(chan error, 1)
	go func() {
		_, _, err := b.SetPace(killed, maya, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return pace.AccountRules{PerDay: 1}, nil })
		set <- err
	}()
	b.awaitLockWait()
	require.NoError(t, b.Gate(b.ctx, passing))
	require.NoError(t, line.Rollback(b.ctx))
	require.Eventually(t, func() bool { return one[bool](b, `SELECT pace <> '{}' FROM email_accounts`) }, waitFor, tick)
	b.awaitLockWait()
	kill()
	require.Error(t, <-set)
	_, err = b.timed(3)
	require.ErrorIs(t, err, campaign.ErrNoTurn, "one has left, and no more may")
	require.Equal(t, 1, b.ledgerSays(maya, "counted by the claim"))
}

// Law 8: nor does one whose account has a pace that limits nothing pass uncounted between the look at it and the dot.
func TestALimitWaitsForWhatWasLookedAt(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"order": "fifo"}`)
	delivery, err := b.Claim(b.ctx, b.attempt(1), draft("c@contoso.example"))
	require.NoError(t, err)
	ledger, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	defer func() { _ = ledger.Rollback(b.ctx) }()
	_, err = ledger.Exec(b.ctx, `LOCK TABLE deliveries IN SHARE MODE`) // it is read, and not changed
	require.NoError(t, err)
	passed, set := make(chan error, 1), make(chan error, 1)
	go func() { passed <- b.passUnlessTimed(b.ctx, delivery) }()
	b.awaitLockWait()
	go func() {
		_, _, err := b.SetPace(b.ctx, maya, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return pace.AccountRules{PerDay: 5}, nil })
		set <- err
	}()
	require.Eventually(t, func() bool {
		return len(set) == 1 || one[int](b, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 2
	}, waitFor, tick)
	require.Empty(t, set, "it waits for the message")
	require.NoError(t, ledger.Rollback(b.ctx))
	require.NoError(t, <-passed)
	require.NoError(t, <-set)
	require.Equal(t, 1, b.ledgerSays(maya, "with the one that has passed meanwhile"))
}

// Law 7: a contact that sleeps until the window of its zone is looked at anew when it has another zone.
func TestAContactThatIsElsewhereIsLookedAtAnew(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*ledgerBundle) error{
		"set": func(b *ledgerBundle) error {
			_, _, err := b.SetContact(b.ctx, 1, ContactEdit{Fields: map[string]string{"Time Zone": "Asia/Tokyo"}}, "test")
			return err
		},
		"import": func(b *ledgerBundle) error {
			_, err := b.Import(b.ctx, []ImportRow{{Contact: campaign.Contact{FirstName: "C", Email: "c1@contoso.example", Fields: map[string]string{"Time Zone": "Asia/Tokyo"}}}}, ImportOptions{})
			return err
		},
	} {
		b := setupLedger(t, 2)
		b.pace(`{"gap": 1000000}`)
		b.exec(`UPDATE campaigns SET send_window = '{"zone": "recipient"}'`)
		b.queuedBehind(1, 2)
		b.exec(`UPDATE line SET state = 'asleep', not_before = now() + interval '9 hours', zone = 'Europe/Brussels'; UPDATE account_pace SET look_at = now() + interval '9 hours'`)
		require.NoError(t, edit(b), name)
		require.Equal(t, []string{"waiting", "asleep"}, []string{b.lineState(1), b.lineState(2)}, name)
		require.Equal(t, "Asia/Tokyo", one[string](b, `SELECT zone FROM line WHERE enrollment_id = 1`), name)
		require.Equal(t, 1, one[int](b, `SELECT count(*) FROM account_pace WHERE look_at IS NULL`), name)
	}
}
