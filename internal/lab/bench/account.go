package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	gomail "github.com/wneessen/go-mail"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/mail"
	"relance/internal/mail/smtp"
)

// measureDeadAccount has all contacts due at once on an account whose password is wrong.
func measureDeadAccount(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(500)
	before := s.stack.Inbox.Connections()
	sender, err := s.account(ctx, "dead", "not the password")
	if err != nil {
		return nil, err
	}
	key, ids, err := s.crowd(ctx, n, sender, email("intro"))
	if err != nil {
		return nil, err
	}
	if err := s.enroll(ctx, key, ids); err != nil {
		return nil, err
	}
	err = s.awaitParked(ctx, key, n)
	return []result{{Unit: "connections", Ours: float64(s.stack.Inbox.Connections() - before), Goal: atMost(10), Note: fmt.Sprintf("%d due contacts", n)}}, err
}

// measureSessions counts logins of a healthy account, and the time of a mail where
// the server is 30 ms away.
func measureSessions(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(1000)
	server, err := inbox.Start(ctx, inbox.Options{Dir: filepath.Join(s.stack.Dir, "sessions")})
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	pool := smtp.NewPool()
	if err := sendMany(ctx, pool, senderAt(server.Port()), n, 64); err != nil {
		return nil, err
	}
	logins := float64(server.Logins()) * 1000 / float64(n)
	far, err := thirtyMilliseconds(server.Addr())
	if err != nil {
		return nil, err
	}
	defer far.Stop()
	_, port, err := net.SplitHostPort(far.Listen)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	timed, err := s.compareFar(ctx, number, smtp.NewPool())
	if err != nil {
		return nil, err
	}
	one, err := s.compareFar(ctx, number, smtp.NewPool(smtp.WithConnections(1)))
	one.Of, one.Unit, one.Goal, one.Note = "time a mail, 30 ms away", "ms", atMost(1), "one connection on both sides"
	timed.Of, timed.Unit, timed.Goal, timed.Note = "time a mail, 30 ms away", "ms", atMost(1), "our four connections"
	return []result{{Of: "logins for 1,000 mails", Unit: "logins", Ours: logins, Goal: atMost(20)}, one, timed}, err
}

// compareFar sends mails through the pool and through one reused connection of go-mail.
func (s *rig) compareFar(ctx context.Context, port int, pool *smtp.Pool) (result, error) {
	const mails = 25
	if err := sendMany(ctx, pool, senderAt(port), 8, 8); err != nil { // both have logged in
		return result{}, err
	}
	client, err := gomail.NewClient("127.0.0.1", gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS),
		gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc), gomail.WithUsername("floor"), gomail.WithPassword(inbox.Password))
	if err != nil {
		return result{}, err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return result{}, err
	}
	defer client.Close()
	return s.compare(ctx,
		func(ctx context.Context, _ int) (float64, error) {
			began := time.Now()
			err := sendMany(ctx, pool, senderAt(port), mails, 8)
			return milliseconds(began, mails), err
		},
		func(context.Context, int) (float64, error) {
			began := time.Now()
			for range mails {
				if err := client.Send(plainMessage()); err != nil {
					return 0, err
				}
			}
			return milliseconds(began, mails), nil
		})
}

func milliseconds(since time.Time, n int) float64 {
	return float64(time.Since(since).Microseconds()) / 1000 / float64(n)
}

func plainMessage() *gomail.Msg {
	message := gomail.NewMsg()
	_ = message.From("bench@bench.example") // both are well-formed
	_ = message.To("ada@contoso.example")
	message.Subject("Quick question")
	message.SetBodyString(gomail.TypeTextPlain, body)
	return message
}

func senderAt(port int) campaign.EmailAccount {
	return campaign.EmailAccount{Address: "bench@bench.example", Epoch: 1, SMTP: campaign.SMTP{
		Host: "127.0.0.1", Port: port, TLS: campaign.TLSNone, Username: "bench", Password: inbox.Password,
	}}
}

var messageNumber atomic.Int64

// sendMany sends n messages over the pool, so many due at once; the gate is open.
func sendMany(ctx context.Context, pool *smtp.Pool, account campaign.EmailAccount, n, due int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(due)
	for range n {
		group.Go(func() error {
			message, err := mail.Compose(mail.Message{
				From: mail.Address{Name: "Bench", Email: account.Address}, To: mail.Address{Email: "ada@contoso.example"},
				Subject: "Quick question", Text: body, MessageID: fmt.Sprintf("bench-%d@bench.example", messageNumber.Add(1)),
				Date: time.Now(), Boundary: "bench",
			})
			if err != nil {
				return err
			}
			_, err = pool.Send(ctx, account, smtp.Envelope{From: account.Address, To: "ada@contoso.example"}, message, func(context.Context) error { return nil })
			return err
		})
	}
	return group.Wait()
}

// thirtyMilliseconds is a way to a server that takes 30 ms there and back.
func thirtyMilliseconds(upstream string) (*toxiproxy.Proxy, error) {
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "far", "127.0.0.1:0", upstream)
	if err := proxy.Start(); err != nil {
		return nil, err
	}
	for _, stream := range []string{"upstream", "downstream"} {
		toxic := fmt.Sprintf(`{"type": "latency", "stream": %q, "toxicity": 1, "attributes": {"latency": 15}}`, stream)
		if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			return nil, err
		}
	}
	return proxy, nil
}

// accounts are so many senders of their own, connected to the inbox.
func (s *rig) accounts(ctx context.Context, name string, count int) (senders []string, err error) {
	for i := range count {
		sender, err := s.account(ctx, fmt.Sprintf("%s-%d", name, i), "inbox")
		if err != nil {
			return nil, err
		}
		senders = append(senders, sender)
	}
	return senders, nil
}
