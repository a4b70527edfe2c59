package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"time"

	"relance/activities"
)

// The faults of the giver: the worker that gives all senders' turns.
const (
	killGiver = "kill -9 the giver between commit and signal"
	twoGivers = "keep the giver from Temporal until another gives turns, too"
)

// giving is what was done to givers.
type giving struct {
	// Struck are the turns that were committed and not signalled when their giver was killed,
	// in so many kills.
	Struck int `json:"turnsStruck"`
	Kills  int `json:"kills"`
	// Workers are the other kills that happened to be those of the giver.
	Workers int `json:"giverWasKilledWithItsWorker"`
	// Seconds are those of the run in which somebody gave turns, Both those of them in which two
	// workers did. Changes is how often another one went on.
	Seconds int `json:"seconds"`
	Both    int `json:"secondsOfTwo"`
	Changes int `json:"changes"`
}

// applicationOf is how PostgreSQL knows a worker.
func applicationOf(worker string) string { return strings.ReplaceAll(worker, " ", "-") }

// watchGivers has PostgreSQL write down who gives turns: each giver says once a second that it
// is at work (activities.Turns), over its own connections. And who claims with one: a claim that comes to
// nothing is in no log of the inbox, and has been a turn of its campaign all the same. And the number of each mail of a sender
// at its gate.
func (l *lab) watchGivers(ctx context.Context) error {
	_, err := l.db.Exec(ctx, `
		CREATE TABLE lab_claims (at timestamptz NOT NULL DEFAULT clock_timestamp(), enrollment_id bigint NOT NULL, step_id text NOT NULL, campaign text NOT NULL, account text NOT NULL, band int NOT NULL, given boolean NOT NULL);
		CREATE FUNCTION lab_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NEW.granted_at IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.state <> 'claimed' OR OLD.granted_at IS DISTINCT FROM NEW.granted_at) THEN
				INSERT INTO lab_claims (enrollment_id, step_id, campaign, account, band, given)
				VALUES (NEW.enrollment_id, NEW.step_id, NEW.campaign, NEW.account, NEW.band, TG_OP = 'UPDATE' AND OLD.state = 'granted');
			END IF;
			RETURN NULL;
		END $$;
		CREATE TRIGGER lab_claim AFTER INSERT OR UPDATE ON line FOR EACH ROW WHEN (NEW.state = 'claimed') EXECUTE FUNCTION lab_claim();
		CREATE TABLE lab_gates (at timestamptz NOT NULL, account text NOT NULL, seq bigint NOT NULL);
		CREATE FUNCTION lab_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO lab_gates (at, account, seq) SELECT NEW.wire_at, NEW.account, seq FROM account_pace WHERE address = NEW.account;
			RETURN NULL;
		END $$;
		CREATE TRIGGER lab_gate AFTER UPDATE ON deliveries FOR EACH ROW WHEN (NEW.state = 'wire' AND OLD.state <> 'wire' AND NEW.kind = 'email') EXECUTE FUNCTION lab_gate();
		CREATE TABLE lab_givers (at timestamptz NOT NULL DEFAULT clock_timestamp(), by text NOT NULL DEFAULT current_setting('application_name'));
		CREATE FUNCTION lab_giver() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO lab_givers DEFAULT VALUES; RETURN NULL; END';
		CREATE TRIGGER lab_giver AFTER UPDATE ON turns_given FOR EACH ROW EXECUTE FUNCTION lab_giver()`)
	return err
}

// giver is the worker that has given turns since a moment; nil while nobody has.
func (l *lab) giver(ctx context.Context, since time.Time) *part {
	var by string
	if err := l.db.QueryRow(ctx, `SELECT by FROM lab_givers WHERE at > $1 ORDER BY at DESC LIMIT 1`, since).Scan(&by); err != nil {
		return nil
	}
	at := slices.IndexFunc(l.workers, func(worker *part) bool { return applicationOf(worker.name) == by })
	if at < 0 {
		return nil
	}
	return l.workers[at]
}

// awaitGiver waits until somebody gives turns: one that was killed is missed after its heartbeat
// timeout.
func (l *lab) awaitGiver(ctx context.Context) (giver *part, err error) {
	since := time.Now()
	l.until(ctx, activities.HeartbeatTimeout+15*time.Second, func() bool {
		giver = l.giver(ctx, since)
		return giver != nil
	})
	if giver == nil {
		err = errors.New("nobody gives turns")
	}
	return giver, err
}

// killTheGiver kills the giver when it has committed a turn and its signal has not left: that
// is lost (law 8).
func (l *lab) killTheGiver(ctx context.Context) error {
	giver, err := l.awaitGiver(ctx)
	if err != nil {
		return err
	}
	err = l.toTemporal[giver].lost("upstream", func() error {
		struck := 0
		l.until(ctx, 8*time.Second, func() bool {
			err = l.db.QueryRow(ctx, `SELECT count(*) FROM line WHERE state = 'granted' AND signalled_at IS NULL AND granted_at > clock_timestamp() - interval '30 s'`).Scan(&struck)
			return struck > 0
		})
		l.strikes()
		giver.kill()
		l.mu.Lock()
		l.giving.Kills++
		l.giving.Struck += struck
		l.mu.Unlock()
		l.say("the giver was %s: %d turns were committed and not signalled", giver.name, struck)
		return err
	})
	return errors.Join(err, giver.startUntilUp(ctx))
}

// twoAtOnce makes two givers: the first is stopped and its connection to Temporal cut, which
// takes it for dead after the heartbeat timeout and lets another give turns; then it goes on.
// PostgreSQL answers it and Temporal does not, so it gives turns until its own heartbeat fails.
// That is after a second (the SDK ends an activity whose heartbeat has no answer): a giver that
// is kept from Temporal without being stopped ends before another has begun.
func (l *lab) twoAtOnce(ctx context.Context) error {
	giver, err := l.awaitGiver(ctx)
	if err != nil {
		return err
	}
	return l.toTemporal[giver].lost("upstream", func() error {
		defer giver.signal(syscall.SIGCONT)
		giver.signal(syscall.SIGSTOP)
		if err := l.toTemporal[giver].cutNow(); err != nil {
			return err
		}
		other := func() bool {
			var there bool
			err := l.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM lab_givers WHERE by <> $1 AND at > clock_timestamp() - interval '2 s')`, applicationOf(giver.name)).Scan(&there)
			return err == nil && there
		}
		if !l.until(ctx, activities.HeartbeatTimeout+15*time.Second, other) {
			return nil
		}
		taken := time.Now()
		giver.signal(syscall.SIGCONT)
		l.until(ctx, 5*time.Second, func() bool { return l.gave(ctx, giver, taken) })
		pause(ctx, 2*time.Second)
		return nil
	})
}

// gave is true when a worker has given turns since a moment.
func (l *lab) gave(ctx context.Context, giver *part, since time.Time) (gave bool) {
	err := l.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM lab_givers WHERE by = $1 AND at > $2)`, applicationOf(giver.name), since).Scan(&gave)
	return err == nil && gave
}

// readGivers adds up who gave turns.
func (l *lab) readGivers(ctx context.Context) (giving, error) {
	g := l.giving
	seconds, err := rowsOf[struct {
		Second time.Time
		By     []string
	}](ctx, l, `SELECT date_trunc('second', at), array_agg(DISTINCT by) FROM lab_givers GROUP BY 1 ORDER BY 1`)
	last := ""
	for _, one := range seconds {
		l.paces.atWork = append(l.paces.atWork, one.Second)
		g.Seconds++
		if len(one.By) > 1 {
			g.Both++
			continue
		}
		if last != "" && one.By[0] != last {
			g.Changes++
		}
		last = one.By[0]
	}
	if err != nil {
		return g, err
	}
	if l.paces.claims, err = rowsOf[claim](ctx, l, `SELECT at, enrollment_id, step_id, campaign, account, band, given FROM lab_claims ORDER BY at`); err != nil {
		return g, err
	}
	if l.paces.gates, err = rowsOf[gate](ctx, l, `SELECT at, account, seq FROM lab_gates ORDER BY at`); err != nil {
		return g, err
	}
	for _, event := range l.events {
		if !strings.HasPrefix(event.Kind, "kill -9 worker") {
			continue
		}
		struck := event.From
		if !event.Struck.IsZero() {
			struck = event.Struck
		}
		by, err := rowsOf[struct{ By string }](ctx, l, `SELECT by FROM lab_givers WHERE at BETWEEN $1::timestamptz - interval '2 s' AND $1::timestamptz ORDER BY at DESC LIMIT 1`, struck)
		if err != nil {
			return g, err
		}
		if len(by) > 0 && by[0].By == applicationOf(event.Worker) {
			g.Workers++
		}
	}
	return g, nil
}
