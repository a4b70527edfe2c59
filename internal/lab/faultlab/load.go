package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"relance/internal/devstack/inbox"
)

// lanes are three campaigns, each with an owner and a sender of its own, so
// that a fault of one leaves the others something to do.
var lanes = []string{"a", "b", "c"}

func campaignOf(lane string) string { return "lab-" + lane }
func accountOf(lane string) string  { return lane + "@lab.example" }
func ownerOf(lane string) string    { return "owner-" + lane }
func phoneOf(lane string) string    { return fmt.Sprintf("+3247500010%d", lane[0]-'a'+1) }

// deafPhoneOf is a number whose messages the gateway accepts without saying so.
func deafPhoneOf(lane string) string { return fmt.Sprintf("+32475%d10000", lane[0]-'a'+1) }

// load brings the campaigns and the contacts. Some contacts have no address,
// and some an address that bounces.
func (l *lab) load(ctx context.Context) error {
	l.say("campaigns and contacts")
	var text strings.Builder
	text.WriteString("plan: unlimited\nusers:\n")
	for _, lane := range lanes {
		fmt.Fprintf(&text, "  - {key: %s, name: Owner %s, email: %s, phone: %q}\n", ownerOf(lane), lane, accountOf(lane), phoneOf(lane))
	}
	text.WriteString("email_accounts:\n")
	for _, lane := range lanes {
		fmt.Fprintf(&text, "  - {address: %s, name: Lane %s, smtp: {host: 127.0.0.1, port: %d, tls: none, username: %s, password: %s}}\n",
			accountOf(lane), lane, l.toInbox.port, lane, inbox.Password)
	}
	text.WriteString("campaigns:\n")
	for _, lane := range lanes {
		fmt.Fprintf(&text, `  - key: %s
    name: Lab %s
    owner: %s
    sender: %s
    steps:
      - {id: intro, email: {subject: "Hello {{ first_name }}", body: "Hi {{ first_name }}, this is the first one."}}
      - wait: 3s
      - {id: follow-up, email: {reply_to: intro, body: "And this, {{ first_name }}, the second."}}
      - {id: tell, sms: {text: "{{ first_name }} is through"}}
`, campaignOf(lane), lane, ownerOf(lane), accountOf(lane))
	}
	if _, err := l.must(ctx, text.String(), "apply", "-f", "-"); err != nil {
		return err
	}
	random := l.random("contacts")
	var people strings.Builder
	people.WriteString("First Name,Last Name,Company,Email\n")
	for n := 1; n <= l.contacts; n++ {
		address := fmt.Sprintf("n%d@people.example", n)
		switch draw := random.IntN(100); {
		case draw < 2:
			address = ""
		case draw < 3:
			address = fmt.Sprintf("bounce+n%d@people.example", n)
		}
		fmt.Fprintf(&people, "N%d,Person,Lab,%s\n", n, address)
	}
	_, err := l.must(ctx, people.String(), "contacts", "import", "-")
	return err
}

// random is a source of its own for each use, so that one does not disturb the
// order of another.
func (l *lab) random(use string) *rand.Rand {
	var salt uint64
	for _, letter := range use {
		salt = salt*131 + uint64(letter)
	}
	return rand.New(rand.NewPCG(l.seed, salt)) //nolint:gosec // repeatable, not secret
}

// underWay is how many contacts the lab keeps under way: enough for every fault
// to find some at each point of the way, whatever the machine's speed.
const underWay = 150

// enrollAll enrolls contacts for as long as it goes on, so that there is
// something to send whenever something is killed.
func (l *lab) enrollAll(ctx context.Context) {
	for next := 1; next <= l.contacts && pause(ctx, 300*time.Millisecond); {
		var active int
		if err := l.db.QueryRow(ctx, `SELECT count(*) FROM enrollments WHERE status = 'Active'`).Scan(&active); err != nil {
			continue // PostgreSQL is away
		}
		due := min(l.contacts, next+underWay-active-1)
		var group sync.WaitGroup
		for i, lane := range lanes {
			var ids []string
			for id := next; id <= due; id++ {
				if id%len(lanes) == i {
					ids = append(ids, fmt.Sprint(id))
				}
			}
			if len(ids) > 0 {
				group.Go(func() { l.enroll(ctx, lane, ids) })
			}
		}
		group.Wait()
		next = max(next, due+1)
	}
}

// enroll gives a command again that a fault made fail.
func (l *lab) enroll(ctx context.Context, lane string, ids []string) {
	for {
		code, _, _ := l.starter(ctx, "", "enroll", campaignOf(lane), "--contacts", strings.Join(ids, ","), "--wait=false")
		if code == 0 || !pause(ctx, 500*time.Millisecond) {
			return
		}
	}
}
