package main

import (
	"context"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// move is a command that gives the contacts of a campaign that one sender has mailed to another: from before it
// was given until it was done. Done is zero where nobody knows whether it was.
type move struct {
	campaign, from, to string
	began, done        time.Time
}

// moveSenders moves the contacts that a sender has mailed, while their follow-ups come due, and does so several times: each
// time those of the one that has most.
func moveSenders(ctx context.Context, o *operator, one lane, _ string) {
	for range movesOfATrial {
		address, mailed := "", 0
		o.until(ctx, patienceOfTrials/2, func() bool {
			err := o.db.QueryRow(ctx, `SELECT own, count(*) FROM (SELECT `+ownSQL+` AS own FROM enrollments e WHERE e.campaign = $1 AND e.ended_at IS NULL) AS e
				WHERE own IS NOT NULL GROUP BY own ORDER BY count(*) DESC LIMIT 1`, campaignOf(one.name)).Scan(&address, &mailed)
			return err == nil && mailed >= enoughToMove
		})
		if mailed == 0 || ctx.Err() != nil {
			o.failed = true
			return
		}
		moveSender(ctx, o, one, address)
		pause(ctx, 3*time.Second)
	}
}

const (
	// movesOfATrial is how often contacts are moved in one trial.
	movesOfATrial = 3
	// enoughToMove is how many contacts of a sender are waited for, mailed and not through.
	enoughToMove = 4
)

func moveSender(ctx context.Context, o *operator, one lane, address string) {
	others := slices.DeleteFunc(one.senders(), func(other string) bool { return other == address })
	key, to := campaignOf(one.name), others[o.random.IntN(len(others))]
	defer o.alone(append([]string{key}, one.senders()...)...)() // neither is removed meanwhile
	if o.statusOf(ctx, to) != "connected" {
		o.failed = true
		return
	}
	moved := &move{campaign: key, from: address, to: to, began: time.Now()}
	o.paces.mutex.Lock()
	o.paces.moves = append(o.paces.moves, moved)
	o.paces.mutex.Unlock()
	if o.surely(ctx, "", "campaign", "move-sender", key, "--from", address, "--to", to, "--yes") {
		moved.done = time.Now()
	}
}

// owners are the senders that a contact may have at a moment, which its first mail, or what may have been one,
// has bound to a sender at another: more than one while nobody knows whether a command was done by then.
func (p *paces) owners(campaign, first string, bound, at time.Time) []string {
	owners := []string{first}
	for _, one := range p.moves { // one after another, each alone
		if one.campaign != campaign || !slices.Contains(owners, one.from) || one.began.After(at) || !one.done.IsZero() && bound.After(one.done) {
			continue
		}
		if surely := !one.done.IsZero() && one.done.Before(at) && bound.Before(one.began); surely {
			owners = slices.DeleteFunc(owners, func(owner string) bool { return owner == one.from })
		}
		if !slices.Contains(owners, one.to) {
			owners = append(owners, one.to)
		}
	}
	return owners
}

// repliesTo reads what the mails of the lanes with several senders answer, by their ids: a thread is theirs.
func (l *lab) repliesTo(r *records) (map[string]string, error) {
	replies := map[string]string{}
	for _, one := range l.lanes.that(isSeveral) {
		for _, entry := range r.mails {
			if !slices.Contains(one.senders(), entry.From) {
				continue
			}
			text, err := os.Open(filepath.Join(l.dir, roleInbox, entry.File))
			if err != nil {
				return nil, err
			}
			message, err := mail.ReadMessage(text)
			_ = text.Close()
			if err != nil {
				return nil, err
			}
			replies[bare(entry.MessageID)] = bare(strings.TrimSpace(message.Header.Get("In-Reply-To")))
		}
	}
	return replies, nil
}
