package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"relance/internal/devstack/inbox"
	"relance/internal/temporalio"
)

// patience is how long the system may take to come to rest. A worker that was killed is
// missed after the timeout of its workflow task, with a first try, or the heartbeat
// timeout of its activity, and the schedule comes every minute.
const patience = 4 * time.Minute

// settleAndJudge ends the faults and lets the system come to rest, first as it
// is: a contact that is then still parked although its cause is gone was forgotten,
// and no repair may hide it. Then everything is repaired and must go on.
func (l *lab) settleAndJudge(ctx context.Context) (*verdict, error) {
	l.say("the faults are over: settling")
	l.inbox.send("calm")
	for _, worker := range l.workers {
		worker.signal(syscall.SIGCONT)
	}
	l.db.Reset() // connections that a kill has left behind
	if !l.until(ctx, time.Minute, func() bool { return l.db.Ping(ctx) == nil }) {
		return nil, ctx.Err()
	}
	if !l.isUpgraded() { // the run was cut short
		if err := l.upgrade(ctx); err != nil {
			return nil, err
		}
	}
	v := newVerdict(l)
	if err := l.open(ctx); err != nil {
		return nil, err
	}
	if err := l.drain(ctx); err != nil {
		return nil, err
	}
	if err := l.rest(ctx, v, "before any repair"); err != nil {
		return nil, err
	}
	early, err := l.read(ctx)
	if err != nil {
		return nil, err
	}
	v.judgeWakeUps(early, "before any repair")

	l.say("repairing")
	if err := l.repair(ctx); err != nil {
		return nil, err
	}
	for round := range 6 {
		l.answerDoubts(ctx, 0)
		if _, _, stderr := l.starter(ctx, "", "resume", "--all", "--code", "SendingFailed"); stderr != "" && round == 5 {
			l.say("resume: %s", strings.TrimSpace(stderr))
		}
		away := l.release(ctx, 1<<20)
		if err := l.rest(ctx, v, "after the repair"); err != nil {
			return nil, err
		}
		if err := l.awaitLooks(ctx, v); err != nil {
			return nil, err
		}
		var left int
		if err := l.db.QueryRow(ctx, `SELECT count(*) FROM enrollments e WHERE code IN ('SendingFailed', 'DeliveryUncertain') OR status = 'Waiting' AND `+awaySQL).Scan(&left); err != nil {
			return nil, err
		}
		if left == 0 && away == 0 {
			break
		}
		l.say("%d still to be resumed", left)
	}
	l.say("judging")
	last, err := l.read(ctx)
	if err != nil {
		return nil, err
	}
	if err := v.readHistories(ctx, last.enrollments); err != nil {
		return nil, err
	}
	if v.Pace.Givers, err = l.readGivers(ctx); err != nil {
		return nil, err
	}
	v.judge(last)
	if err := v.compareTemporal(ctx, last); err != nil {
		return nil, err
	}
	v.addTimelines(ctx)
	return v, nil
}

// drain has the outbox drained now, and waits for it.
func (l *lab) drain(ctx context.Context) error {
	outreach := &temporalio.Client{Client: l.client, Namespace: "default"}
	deadline := time.Now().Add(time.Minute)
	for {
		err := outreach.TriggerWake(ctx)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		if !pause(ctx, time.Second) {
			return ctx.Err()
		}
	}
}

// open lets every sender and campaign send again at any time, as its doings would have in the
// end: who waits for a limit or for hours is not at rest.
func (l *lab) open(ctx context.Context) error {
	o := &operator{lab: l}
	for _, one := range l.lanes.that(isPaced) {
		for _, address := range one.senders() {
			o.setPace(ctx, address, atAnyTime)
			if all := l.paces.outages[address]; len(all) > 0 && all[len(all)-1].over.IsZero() {
				o.mend(ctx, all[len(all)-1], address)
			}
		}
	}
	for _, one := range l.lanes.that(isEdited) {
		o.edit(ctx, one, func(e *edition) { *e = edition{wait: "1s", window: inAnyHour} })
	}
	if o.failed {
		return errors.New("a sender's pace, or a campaign, cannot be put back")
	}
	return nil
}

// repair takes away every cause but a bounced or missing address.
func (l *lab) repair(ctx context.Context) error {
	commands := [][]string{{"plan", "set", "unlimited"}}
	for _, lane := range strings.Split(l.lanes.letters(), "") {
		commands = append(commands,
			[]string{"user", "set", ownerOf(lane), "--phone", phoneOf(lane)},
			[]string{"campaign", "unpause", campaignOf(lane)},
		)
		for _, address := range l.lanes.laneOf(campaignOf(lane)).senders() {
			verb := "reconnect"
			if l.statusOf(ctx, address) == "removed" {
				verb = "add"
			}
			commands = append(commands, []string{"email-account", verb, address, "--password-stdin"})
		}
	}
	for _, command := range commands {
		if _, err := l.must(ctx, inbox.Password+"\n", command...); err != nil {
			return err
		}
	}
	o := &operator{lab: l}
	for _, one := range l.lanes {
		o.selectSenders(ctx, one.name)
	}
	if o.failed {
		return errors.New("a campaign's sender cannot be selected")
	}
	return nil
}

// lookedIntoSent is the note of each answer to a doubt.
const lookedIntoSent = "looked into the Sent folder"

// answerDoubts looks into the Sent folder, the servers' logs, and resumes each
// delivery with the true answer that has been uncertain for so long that nothing of
// it can be on its way any more.
func (l *lab) answerDoubts(ctx context.Context, age time.Duration) {
	doubts, err := rowsOf[doubt](ctx, l, `
		SELECT e.campaign, e.contact_id, k.first_name, d.kind, d.message_id,
		       (SELECT count(*) FROM deliveries b WHERE b.enrollment_id = e.id AND b.kind = 'sms' AND b.visit <= e.visit_base AND b.state = 'sent')::int AS before
		  FROM enrollments e JOIN contacts k ON k.id = e.contact_id
		  JOIN LATERAL (SELECT kind, message_id FROM deliveries d
		                 WHERE d.enrollment_id = e.id AND d.step_id = e.step_id ORDER BY visit DESC LIMIT 1) d ON true
		 WHERE e.code = 'DeliveryUncertain' AND e.parked_at < clock_timestamp() - $1::interval ORDER BY e.id`, age)
	if err != nil || len(doubts) == 0 {
		return // a fault: next time
	}
	mails, mailErr := l.mails()
	texts, textErr := readLines[struct{ Text string }](filepath.Join(l.dir, roleGateway, "log.jsonl"))
	if mailErr != nil || textErr != nil {
		return
	}
	there := map[string]int{}
	for _, mail := range mails {
		there[bare(mail.MessageID)]++
	}
	for _, text := range texts {
		there[text.Text]++
	}
	answers := map[[2]string][]string{}
	for _, d := range doubts {
		key, before := d.MessageID, 0
		if d.Kind == "sms" {
			key, before = d.FirstName+" is through", d.Before
		}
		answer := "not-sent"
		if there[key] > before {
			answer = "sent"
		}
		at := [2]string{d.Campaign, answer}
		answers[at] = append(answers[at], fmt.Sprint(d.ContactID))
	}
	for at, contacts := range answers {
		l.starter(ctx, "", append([]string{"resume", "--campaign", at[0], "--assume", at[1], "--note", lookedIntoSent}, contacts...)...)
	}
}

type doubt struct {
	Campaign  string
	ContactID int64
	FirstName string
	Kind      string
	MessageID string
	// Before counts the texts of the rounds before, which are in the log as well.
	Before int
}
