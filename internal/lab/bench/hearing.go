package main

import (
	"context"
	"fmt"
	"time"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/store"
)

// measureHearing is what reading mailboxes costs, and how fast it is.
func measureHearing(ctx context.Context, s *rig) ([]result, error) {
	sending, err := s.measureReadingWhileSending(ctx)
	if err != nil {
		return nil, err
	}
	var rates []float64
	for round := range s.rounds {
		rate, err := s.readBacklog(ctx, round)
		if err != nil {
			return []result{sending}, err
		}
		s.say("  round %d: %s messages a second", round+1, number(rate))
		rates = append(rates, rate)
	}
	reader := result{Of: "reader", Unit: "messages/s", Ours: median(rates), Goal: atLeast(200), Spread: spread(rates),
		Note: "one mailbox: a third answers that end, hold or bounce, a third copies in Sent, a third other mail"}
	memory, err := s.measureMailboxes(ctx)
	return []result{sending, reader, memory}, err
}

// measureReadingWhileSending is a campaign of one email, whose sender's INBOX and Sent are read meanwhile.
func (s *rig) measureReadingWhileSending(ctx context.Context) (result, error) {
	n := s.size(roundSize)
	read, err := s.readAccounts(ctx, "heard")
	if err != nil {
		return result{}, err
	}
	if err := s.startReading(ctx, read...); err != nil {
		return result{}, err
	}
	unread, err := s.account(ctx, "engine", inbox.Password)
	if err != nil {
		return result{}, err
	}
	for _, sender := range []string{unread, read[0]} { // both begin warm
		if _, err := s.oneEmailFrom(ctx, sender, n/4); err != nil {
			return result{}, err
		}
	}
	r, err := s.compare(ctx,
		func(ctx context.Context, _ int) (float64, error) { return s.oneEmailFrom(ctx, read[0], n) },
		func(ctx context.Context, _ int) (float64, error) { return s.oneEmailFrom(ctx, unread, n) })
	r.Of, r.Unit, r.Goal, r.Note = "sending", "contacts/s", atLeast(.95), fmt.Sprintf("%d a round; without reading", n)
	return r, err
}

// readBacklog is how many messages a second our worker reads from a mailbox that is new to it.
func (s *rig) readBacklog(ctx context.Context, round int) (float64, error) {
	n := s.size(roundSize)
	sender, err := s.account(ctx, fmt.Sprintf("backlog-%d", round), inbox.Password)
	if err != nil {
		return 0, err
	}
	key, ids, err := s.crowd(ctx, n, sender, email("intro"), pause("rest", 24*time.Hour), email("again"))
	if err != nil {
		return 0, err
	}
	if _, err := s.db.Exec(ctx, `
		UPDATE contacts SET email = (ARRAY['reply', 'vacation', 'bounce-later', 'delayed'])[1 + id % 4] || '+' || id || '@heard.example'
		 WHERE id = ANY($1)`, ids); err != nil {
		return 0, err
	}
	if err := s.enroll(ctx, key, ids); err != nil {
		return 0, err
	}
	if err := s.awaitSent(ctx, n, key); err != nil {
		return 0, err
	}
	for i := range n {
		if err := s.stack.Inbox.Deliver(sender, otherMail(sender, i)); err != nil {
			return 0, err
		}
	}
	select { // the last have answered
	case <-time.After(5 * time.Second):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if _, err := s.readAccounts(ctx, fmt.Sprintf("backlog-%d", round)); err != nil {
		return 0, err
	}
	if _, err := s.db.Exec(ctx, `UPDATE mailboxes SET since = since - interval '1 day' WHERE address = $1`, sender); err != nil {
		return 0, err
	}
	began := time.Now()
	if err := s.startReading(ctx, sender); err != nil {
		return 0, err
	}
	took := time.Since(began)
	var answers, kept int
	err = s.db.QueryRow(ctx, `SELECT count(*) FILTER (WHERE enrollment_id IS NOT NULL AND folder = 'INBOX'), count(*) FROM inbound WHERE address = $1`, sender).Scan(&answers, &kept)
	if err == nil && (answers < n || kept < 2*n) {
		err = fmt.Errorf("of %d answers %d were matched, and of at least %d messages %d kept", n, answers, 2*n, kept)
	}
	return float64(3*n) / took.Seconds(), err
}

// otherMail is a message that has nothing to do with any campaign.
func otherMail(to string, i int) []byte {
	return fmt.Appendf(nil, "From: Pat <pat%d@elsewhere.example>\r\nTo: %s\r\nSubject: Invoice %d\r\nDate: %s\r\nMessage-ID: <other-%d-%d@elsewhere.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
		i, to, i, time.Now().Format(time.RFC1123Z), i, time.Now().UnixNano(), body)
}

// measureMailboxes is the memory of the larger of two production workers that read very many mailboxes: one worker reads
// 600 at most.
func (s *rig) measureMailboxes(ctx context.Context) (r result, err error) {
	binary, err := s.buildWorker(ctx)
	if err != nil {
		return r, err
	}
	n := s.size(1000)
	err = s.withoutOurs(ctx, func() error {
		var workers []*workerProcess
		defer func() {
			for _, worker := range workers {
				worker.stop()
			}
		}()
		for range 2 {
			serving, worker, err := s.startWorker(ctx, binary)
			if err != nil {
				return err
			}
			ctx, workers = serving, append(workers, worker)
		}
		if err := s.churn(ctx, s.size(roundSize)); err != nil {
			return err
		}
		none, err := largest(ctx, workers)
		if err != nil {
			return err
		}
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("box-%d", i)
		}
		addresses, err := s.readAccounts(ctx, names...)
		if err != nil {
			return err
		}
		if err := s.startReading(ctx, addresses...); err != nil {
			return err
		}
		many, err := largest(ctx, workers)
		r = result{Of: "memory", Unit: "MB", Ours: many, Floor: none, Goal: atMost(3), Note: fmt.Sprintf("the larger of two workers that read %d mailboxes; none", n)}
		return err
	})
	return r, err
}

func largest(ctx context.Context, workers []*workerProcess) (most float64, err error) {
	for _, worker := range workers {
		rss, err := worker.rss(ctx)
		if err != nil {
			return 0, err
		}
		most = max(most, rss)
	}
	return most, nil
}

// readAccounts are senders whose mail is read, connected to the inbox.
func (s *rig) readAccounts(ctx context.Context, names ...string) (addresses []string, err error) {
	workspace := store.Workspace{Users: benchUsers}
	for _, name := range names {
		account := campaign.EmailAccount{
			Address: name + "@bench.example", Name: "Bench",
			SMTP: campaign.SMTP{Host: "127.0.0.1", Port: s.stack.Inbox.Port(), TLS: campaign.TLSNone, Username: name, Password: inbox.Password},
			IMAP: &campaign.IMAP{Host: "127.0.0.1", Port: s.stack.Inbox.IMAPPort(), TLS: campaign.TLSNone},
		}
		workspace.EmailAccounts, addresses = append(workspace.EmailAccounts, account), append(addresses, account.Address)
	}
	_, err = s.store.Apply(ctx, workspace, "bench", false)
	return addresses, err
}

// startReading has the worker read these mailboxes, and returns when each has been looked at once.
func (s *rig) startReading(ctx context.Context, addresses ...string) error {
	for _, address := range addresses {
		if err := s.outreach.StartMailbox(ctx, address); err != nil {
			return err
		}
	}
	return pollLeft(ctx, func() (left int, err error) {
		err = s.db.QueryRow(ctx, `SELECT count(*) FROM mailboxes WHERE address = ANY($1) AND look_ended IS NULL`, addresses).Scan(&left)
		return left, err
	})
}
