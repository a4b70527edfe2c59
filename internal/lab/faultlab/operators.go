package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"relance/internal/campaign"
	"relance/workflows"
)

// doing is what an operator does, and undoes a little later where it would stop
// the others.
type doing struct {
	name string
	do   func(ctx context.Context, o *operator, lane string)
}

// operator remembers whether what it was doing could be done.
type operator struct {
	*lab
	random *rand.Rand
	failed bool
}

// doings is the operators' deck.
var doings = []doing{
	{"account breaks and is reconnected", func(ctx context.Context, o *operator, lane string) {
		o.breakAccount(ctx, accountOf(lane), func() { pause(ctx, 3*time.Second) })
	}},
	{"account is removed and added again", func(ctx context.Context, o *operator, lane string) {
		o.removeAccount(ctx, accountOf(lane), func() { pause(ctx, 2*time.Second) })
	}},
	{"sender is taken away and selected again", func(ctx context.Context, o *operator, lane string) {
		o.run(ctx, "", "campaign", "set-sender", campaignOf(lane), "none")
		pause(ctx, 2*time.Second)
		o.selectSenders(ctx, lane)
	}},
	{"addresses are changed", func(ctx context.Context, o *operator, _ string) {
		for _, id := range o.contactsWhere(ctx, "email = '' OR email LIKE 'bounce+%'", 3) {
			o.run(ctx, "", "contacts", "set", fmt.Sprint(id), "--email", fmt.Sprintf("n%d@mended.example", id))
		}
		for _, id := range o.contactsWhere(ctx, "email LIKE '%@people.example'", 2) {
			o.run(ctx, "", "contacts", "set", fmt.Sprint(id), "--email", fmt.Sprintf("n%d@moved.example", id))
		}
	}},
	{"credits run out and are added", func(ctx context.Context, o *operator, _ string) {
		o.run(ctx, "", "plan", "set", "credits", "5")
		pause(ctx, 2*time.Second)
		o.run(ctx, "", "credits", "add", "7")
		pause(ctx, time.Second)
		o.run(ctx, "", "plan", "set", "unlimited")
	}},
	{"campaign is paused and unpaused", func(ctx context.Context, o *operator, lane string) {
		o.run(ctx, "", "campaign", "pause", campaignOf(lane))
		pause(ctx, 2*time.Second)
		o.run(ctx, "", "campaign", "unpause", campaignOf(lane))
	}},
	{"owner's phone is lost and found", func(ctx context.Context, o *operator, lane string) {
		o.run(ctx, "", "user", "set", ownerOf(lane), "--phone", "")
		pause(ctx, time.Second)
		o.run(ctx, "", "user", "set", ownerOf(lane), "--phone", deafPhoneOf(lane)) // accepts, and drops the answer
		pause(ctx, time.Second)
		o.run(ctx, "", "user", "set", ownerOf(lane), "--phone", phoneOf(lane))
	}},
	{"resume of everything that failed", func(ctx context.Context, o *operator, _ string) {
		o.run(ctx, "", "resume", "--all", "--code", "SendingFailed")
	}},
	{"stale, repeated and empty resumes", staleResumes},
	{"doubts are answered from the Sent folder", func(ctx context.Context, o *operator, _ string) {
		if !o.ownersInDoubt() {
			o.answerDoubts(ctx, 10*time.Second)
		}
	}},
	{"contacts are disenrolled", func(ctx context.Context, o *operator, lane string) {
		for _, id := range o.contactsWhere(ctx, "id IN (SELECT contact_id FROM enrollments WHERE campaign = '"+campaignOf(lane)+"' AND ended_at IS NULL)", 2) {
			o.mu.Lock()
			o.disenrolled[id] = true
			o.mu.Unlock()
			o.run(ctx, "", "disenroll", fmt.Sprint(id), "--reason", "asked us to stop")
		}
	}},
	{"contacts are enrolled again", enrollAgain},
	{"persons are back who were away", func(ctx context.Context, o *operator, _ string) {
		o.release(ctx, 3)
	}},
	{"campaigns are edited", editCampaigns},
	{"other mail arrives", func(_ context.Context, o *operator, _ string) {
		for _, one := range o.lanes.that(isRead) {
			for range 3 {
				o.inbox.send(fmt.Sprintf("garbage %s %d", one.name, o.random.IntN(1000)))
			}
		}
	}},
	{"a command is killed on its way", func(ctx context.Context, o *operator, lane string) {
		o.run(ctx, "", "campaign", "pause", campaignOf(lane))
		pause(ctx, time.Second)
		short, cancel := context.WithTimeout(ctx, time.Duration(5+o.random.IntN(60))*time.Millisecond)
		defer cancel()
		o.try(short, "", "campaign", "unpause", campaignOf(lane))
		pause(ctx, time.Second)
		o.run(ctx, "", "campaign", "unpause", campaignOf(lane))
	}},
}

// enrollAgain takes some who have completed a plain lane, or were disenrolled from it, through it once
// more, each once: the judges know a contact's rounds by its visit base. A worker of the release before begins none.
func enrollAgain(ctx context.Context, o *operator, lane string) {
	if !strings.Contains(plainLanes, lane) || o.previous != "" {
		return
	}
	for _, id := range o.contactsWhere(ctx, "id IN (SELECT contact_id FROM enrollments WHERE campaign = '"+campaignOf(lane)+"' AND ended_at IS NOT NULL AND visit_base = 0)", 3) {
		o.run(ctx, "", "enroll", campaignOf(lane), "--again", "--contacts", fmt.Sprint(id), "--yes", "--wait=false")
	}
}

// operate does one doing after another, in the order of the seed.
func (l *lab) operate(ctx context.Context) {
	o := &operator{lab: l, random: l.random("operators")}
	var left []doing
	for ctx.Err() == nil {
		if len(left) == 0 {
			left = append(left, doings...)
			o.random.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		}
		next, lane, after := left[0], o.lanes[o.random.IntN(len(o.lanes))].name, time.Duration(500+o.random.IntN(1500))*time.Millisecond
		left = left[1:]
		if !pause(ctx, after) {
			return
		}
		o.failed = false
		next.do(context.WithoutCancel(ctx), o, lane)
		l.did(next.name, o.failed)
	}
}

// did counts what an operator has done, or was kept from.
func (l *lab) did(what string, failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doings[what]++
	if failed {
		l.failed[what]++
	}
}

// alone keeps others from senders and campaigns until the returned function is called: the lab
// has to know what they are when two want to change one at once. A campaign is named before its senders.
func (l *lab) alone(keys ...string) (done func()) {
	var held []*sync.Mutex
	for _, key := range keys {
		l.mu.Lock()
		if l.locks[key] == nil {
			l.locks[key] = &sync.Mutex{}
		}
		lock := l.locks[key]
		l.mu.Unlock()
		lock.Lock()
		held = append(held, lock)
	}
	return func() {
		for _, lock := range held {
			lock.Unlock()
		}
	}
}

// selectSenders gives a campaign its sender, or its several ones, again.
func (o *operator) selectSenders(ctx context.Context, lane string) {
	if one := o.lanes.laneOf(campaignOf(lane)); one.more > 0 && o.isUpgraded() {
		o.edit(ctx, one, func(*edition) {})
		return
	}
	o.run(ctx, "", "campaign", "set-sender", campaignOf(lane), accountOf(lane))
}

// refused is the starter's exit code when the state of things allows no change:
// the first try did it, and only its answer was lost.
const refused = 4

func (o *operator) try(ctx context.Context, stdin string, args ...string) bool {
	code, _, _ := o.starter(ctx, stdin, args...)
	return code == 0 || code == refused
}

// longestFault is how often an operator tries, a second apart: a part that was killed may take
// long to be there again. A lane without its sender proves nothing.
const longestFault = 15

// run tries until it is done, for as long as a fault may last: an operator
// would. A command may be given twice; that is part of the trial.
func (o *operator) run(ctx context.Context, stdin string, args ...string) bool {
	for range longestFault {
		if o.try(ctx, stdin, args...) {
			return true
		}
		pause(ctx, time.Second)
	}
	o.failed = true
	return false
}

// surely is run for what has to be known to have been done: it is done when the command says so,
// and a run that ends does not cut it short.
func (o *operator) surely(ctx context.Context, stdin string, args ...string) bool {
	var said string
	for range longestFault {
		code := 0
		if code, _, said = o.starter(context.WithoutCancel(ctx), stdin, args...); code == 0 {
			return true
		}
		pause(context.WithoutCancel(ctx), time.Second)
	}
	o.say("starter %s: %s", strings.Join(args, " "), strings.TrimSpace(said))
	o.failed = true
	return false
}

func (l *lab) contactsWhere(ctx context.Context, condition string, count int) []int64 {
	var ids []int64
	rows, err := l.db.Query(ctx, "SELECT id FROM contacts WHERE id IN (SELECT contact_id FROM enrollments) AND "+condition+" ORDER BY md5(id::text || clock_timestamp()::text) LIMIT $1", count)
	if err != nil {
		return nil // a fault: nobody is touched this time
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if rows.Scan(&id) == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// staleResumes signals past the starter: older parks, the same fix three times,
// and nothing at all. None of it may do more than one good resume would.
func staleResumes(ctx context.Context, o *operator, _ string) {
	rows, err := o.db.Query(ctx, `SELECT campaign, contact_id, park_id FROM enrollments
		WHERE status = 'InError' ORDER BY md5(id::text || clock_timestamp()::text) LIMIT 8`)
	if err != nil {
		o.failed = true
		return
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var contact int64
		var park int
		if rows.Scan(&key, &contact, &park) != nil {
			o.failed = true
			return
		}
		once := campaign.Resume{ParkID: park, FixID: fmt.Sprintf("lab-%d-%d", contact, park), By: "lab"}
		stale := campaign.Resume{ParkID: park - 1, By: "lab"}
		if park == 1 {
			stale.Assume = "nonsense"
		}
		for _, payload := range []any{stale, once, once, once, nil} {
			ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
			err := o.client.SignalWorkflow(ctx, workflows.EnrollmentWorkflowID(key, contact), "", workflows.ResumeSignal.Name, payload)
			cancel()
			if err != nil {
				o.failed = true // ended meanwhile, or Temporal is away
				break
			}
		}
	}
}
