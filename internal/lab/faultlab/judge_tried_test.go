package main

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// paceLog writes the inbox's log and the ledger of lane p or s, in seconds of a noon.
type paceLog struct {
	t *testing.T
	*lab
	r *records
}

func newPaceLog(t *testing.T, letters string) *paceLog {
	t.Helper()
	of, err := chooseLanes(letters)
	require.NoError(t, err)
	b := &paceLog{t: t, lab: &lab{options: options{lanes: of}, progress: io.Discard, paces: newPaces()},
		r: &records{heard: heard{dots: map[string][]time.Time{}}, byMessageID: map[string][]entry{}, replies: map[string]string{}}}
	for _, one := range of {
		for _, key := range one.campaigns() {
			b.rule(key, inAnyHour, -1000, 0)
		}
	}
	return b
}

func (b *paceLog) at(second float64) time.Time {
	return time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC).Add(time.Duration(second * float64(time.Second)))
}

// rule is in force from a second to another; 0 is for ever.
func (b *paceLog) rule(key string, rule paceRule, from, until float64) {
	one := &inForce{paceRule: rule, from: b.at(from)}
	if until != 0 {
		one.until = b.at(until)
	}
	b.paces.rules[key] = append(b.paces.rules[key], one)
}

// mail is one that was claimed and passed its gate at a second, and came a moment later.
func (b *paceLog) mail(from string, of int64, step string, second float64) {
	id, gate := fmt.Sprintf("%d-%s@lab.example", of, step), b.at(second)
	one := entry{From: from, To: fmt.Sprintf("n%d@people.example", of), MessageID: "<" + id + ">", Time: gate.Add(50 * time.Millisecond)}
	b.r.enrollments = append(b.r.enrollments, enrollment{ID: of, Campaign: campaignOf(from[:1])})
	b.r.mails, b.r.byMessageID[id] = append(b.r.mails, one), []entry{one}
	b.r.deliveries = append(b.r.deliveries, delivery{EnrollmentID: of, StepID: step, Kind: "email", State: "sent", MessageID: id, Account: from, ReservedAt: gate, WireAt: &gate})
}

// look is who stood in the lines at a second.
func (b *paceLog) look(second float64, places ...place) {
	b.paces.lines = append(b.paces.lines, lineLook{begin: b.at(second), end: b.at(second).Add(10 * time.Millisecond), places: places})
}

func waiting(account string, enrollment int64, step string) place {
	one := place{EnrollmentID: enrollment, StepID: step, Campaign: "lab-" + account[:1], State: "waiting", Turn: 1}
	if account != "s" {
		one.Account = &account
	}
	return one
}

func (b *paceLog) judge() *verdict {
	v := newVerdict(b.lab)
	v.judgePace(b.r)
	v.judgeOutages(b.r)
	return v
}

const pAccount = "p@lab.example"

// Follow-ups go before first mails. What breaks that is found, and what only looks like it is not.
func TestOrderIsJudged(t *testing.T) {
	t.Parallel()
	followUp := waiting(pAccount, 2, "follow-up")
	granted := waiting(pAccount, 1, firstStep)
	granted.State = "granted"
	again := followUp
	again.Turn = 2
	asleep := followUp
	asleep.State = "asleep"
	for name, c := range map[string]struct {
		before, after []place
		found         bool
	}{
		"overtaken":                      {[]place{followUp}, []place{followUp}, true},
		"nobody waits":                   {nil, nil, false},
		"it comes between":               {nil, []place{followUp}, false},
		"it goes between":                {[]place{followUp}, nil, false},
		"it had a turn between":          {[]place{followUp}, []place{again}, false},
		"its window is closed":           {[]place{asleep}, []place{asleep}, false},
		"the first mail had its turn":    {[]place{followUp, granted}, []place{followUp}, false},
		"another first mail waits":       {[]place{waiting(pAccount, 3, firstStep)}, []place{waiting(pAccount, 3, firstStep)}, false},
		"it waits for another's turn":    {[]place{waiting("s2@lab.example", 2, "follow-up")}, []place{waiting("s2@lab.example", 2, "follow-up")}, false},
		"nobody has looked for too long": {[]place{followUp}, nil, false},
	} {
		b := newPaceLog(t, "ps")
		b.rule(pAccount, atAnyTime, -1000, 0)
		b.look(-0.3, c.before...)
		b.look(0.3, c.after...)
		b.mail(pAccount, 1, firstStep, 0)
		v := b.judge()
		if !c.found {
			require.Empty(t, v.Breaches, name)
			continue
		}
		require.Len(t, v.Breaches, 1, name)
		require.Contains(t, v.Breaches[0].What, "while follow-up of enrollment 2 waited", name)
	}
}

// With fifo who has come first goes first, whichever it is; without it that is so within one campaign, and
// between campaigns a first mail may go before another.
func TestWhoHasComeFirstIsJudged(t *testing.T) {
	t.Parallel()
	fifo := atAnyTime
	fifo.fifo = true
	for name, c := range map[string]struct {
		rules       []paceRule
		step        string
		own, other  place
		ownAt       float64 // when they came
		otherAt     float64
		after       string // the state of the other one after it
		found       bool
		judged, met int // by fifo
	}{
		"fifo, a first mail has come before a follow-up": {[]paceRule{fifo}, "follow-up", waiting(pAccount, 1, "follow-up"), waiting(pAccount, 2, firstStep), -5, -9, "waiting", true, 1, 0},
		"fifo, a follow-up has come before a first mail": {[]paceRule{fifo}, firstStep, waiting(pAccount, 1, firstStep), waiting(pAccount, 2, "follow-up"), -5, -9, "waiting", true, 1, 1},
		"fifo, the first mail had come before":           {[]paceRule{fifo}, firstStep, waiting(pAccount, 1, firstStep), waiting(pAccount, 2, "follow-up"), -9, -5, "waiting", false, 1, 1},
		"fifo, at nearly the same time":                  {[]paceRule{fifo}, firstStep, waiting(pAccount, 1, firstStep), waiting(pAccount, 2, "follow-up"), -5, -5.5, "waiting", false, 1, 1},
		"fifo, it had its turn between":                  {[]paceRule{fifo}, firstStep, waiting(pAccount, 1, firstStep), waiting(pAccount, 2, "follow-up"), -5, -9, "granted", false, 1, 1},
		"fifo, in the line of another":                   {[]paceRule{fifo}, firstStep, waiting(pAccount, 1, firstStep), waiting("s2@lab.example", 2, "follow-up"), -5, -9, "waiting", false, 1, 0},
		"fifo, nobody has seen it wait":                  {[]paceRule{fifo}, firstStep, waiting("s", 9, firstStep), waiting(pAccount, 2, "follow-up"), -5, -9, "waiting", false, 0, 0},
		"fifo, it has come a moment ago":                 {[]paceRule{fifo}, firstStep, waiting(pAccount, 1, firstStep), waiting(pAccount, 2, "follow-up"), 0.9, -1.1, "waiting", false, 1, 1},
		"fifo a moment ago":                              {[]paceRule{fifo, atAnyTime}, firstStep, waiting(pAccount, 1, firstStep), waiting(pAccount, 2, "follow-up"), -9, -5, "waiting", false, 0, 0},
		"a follow-up goes first all the same":            {[]paceRule{atAnyTime}, "follow-up", waiting(pAccount, 1, "follow-up"), waiting(pAccount, 2, firstStep), -5, -9, "waiting", false, 0, 0},
		"a first mail of the same campaign":              {[]paceRule{atAnyTime}, firstStep, waiting(pAccount, 1, firstStep), waiting(pAccount, 2, firstStep), -5, -9, "waiting", true, 0, 0},
		"a follow-up of the same campaign":               {[]paceRule{atAnyTime}, "follow-up", waiting(pAccount, 1, "follow-up"), waiting(pAccount, 2, "follow-up"), -5, -9, "waiting", true, 0, 0},
		"a first mail of another campaign":               {[]paceRule{atAnyTime}, firstStep, waiting(pAccount, 1, firstStep), of("lab-e", waiting(pAccount, 2, firstStep)), -5, -9, "waiting", false, 0, 0},
		"fifo, a first mail of another campaign":         {[]paceRule{fifo}, firstStep, waiting(pAccount, 1, firstStep), of("lab-e", waiting(pAccount, 2, firstStep)), -5, -9, "waiting", true, 1, 0},
	} {
		b := newPaceLog(t, "eps")
		for i, rule := range c.rules {
			until := 0.0
			if i < len(c.rules)-1 {
				until = 0.05
			}
			b.rule(pAccount, rule, -1000, until)
		}
		c.own.Since, c.other.Since = b.at(c.ownAt), b.at(c.otherAt)
		b.look(-0.3, c.own, c.other)
		c.other.State = c.after
		b.look(0.3, c.other)
		b.mail(pAccount, 1, c.step, 0)
		v := b.judge()
		require.Len(t, v.Breaches, btoi(c.found), name)
		require.Equal(t, c.judged, v.Pace.Tried[byFIFO].Mails, name)
		require.Equal(t, c.met, v.Pace.Tried[byFIFO].Edges, name)
	}
}

// With fifo it is judged when the turn was given, also when the mail is claimed later.
func TestWhoHasComeFirstIsJudgedByTheTurn(t *testing.T) {
	t.Parallel()
	fifo := atAnyTime
	fifo.fifo = true
	for other, found := range map[string]bool{"waiting": true, "granted": false} {
		b := newPaceLog(t, "p")
		b.rule(pAccount, fifo, -1000, 0)
		own, before := waiting(pAccount, 1, firstStep), waiting(pAccount, 2, "follow-up")
		own.Since, before.Since = b.at(-5), b.at(-9)
		b.look(-0.9, own, before)
		own.State, before.State = "granted", other
		b.look(-0.6, own, before)
		b.look(-0.3, own)
		b.mail(pAccount, 1, firstStep, 0)
		v := b.judge()
		require.Len(t, v.Breaches, btoi(found), other)
		require.Equal(t, tried{Mails: 1, Edges: 1, Before: 1, After: 1}, *v.Pace.Tried[byFIFO], other)
	}

	// A look whose answer came after the claim does not say who waited when the turn was given.
	b := newPaceLog(t, "p")
	b.rule(pAccount, fifo, -1000, 0)
	own, before := waiting(pAccount, 1, firstStep), waiting(pAccount, 2, firstStep)
	own.Since, before.Since = b.at(-5), b.at(-9)
	b.look(-4.9, own, before)
	b.look(-4.6, own, before)
	b.mail(pAccount, 1, firstStep, 0)
	require.Empty(t, b.judge().Breaches, "the run was over")
	own.State = "granted"
	b.look(-4.3, own, before)
	b.look(0.3, before)
	require.Empty(t, b.judge().Breaches, "nobody looked for four seconds: it may have given that turn back")
	b.paces.lines = b.paces.lines[:2]
	b.paces.lines[1].end = b.at(0.2)
	b.look(0.3)
	require.Empty(t, b.judge().Breaches)
}

func of(campaign string, one place) place {
	one.Campaign = campaign
	return one
}

// seconds is a mail a second of lane p, of contacts that come one after another, but for times in
// which nothing leaves; somebody waits all the time.
func (b *paceLog) seconds(from, to float64, closed ...[2]float64) {
	for second := from; second < to; second++ {
		b.look(second-0.2, waiting(pAccount, 1000+int64(second), firstStep))
		inside := false
		for _, span := range closed {
			inside = inside || second >= span[0] && second < span[1]
		}
		if !inside {
			b.mail(pAccount, int64(second), firstStep, second)
		}
	}
}

// A run says of each rule how often it held mail back while somebody waited.
func TestEdgesAreCounted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule string
		set  func(b *paceLog)
		want tried
		date tried // of the other zone
	}{
		"hours that end, and are taken away": {byHours, func(b *paceLog) {
			noon, err := zoneAt(b.at(10), 12)
			require.NoError(t, err)
			b.rule(pAccount, atAnyTime, -1000, 5.2)
			b.rule(pAccount, paceRule{gap: usualGap, zone: noon, hours: morning}, 5, 16.2)
			b.rule(pAccount, atAnyTime, 16, 0)
			b.seconds(0, 30, [2]float64{10, 17})
		}, tried{Mails: 4, Edges: 2, Before: 1, After: 1}, tried{}},
		"hours that begin": {byHours, func(b *paceLog) {
			noon, err := zoneAt(b.at(15), 12)
			require.NoError(t, err)
			b.rule(pAccount, atAnyTime, -1000, 5.2)
			b.rule(pAccount, paceRule{gap: usualGap, zone: noon, hours: afternoon}, 5, 0)
			b.seconds(0, 20, [2]float64{6, 15})
		}, tried{Mails: 5, Edges: 2, Before: 1, After: 1}, tried{}},
		"a window that ends": {byWindow, func(b *paceLog) {
			noon, err := zoneAt(b.at(10), 12)
			require.NoError(t, err)
			b.rule(pAccount, atAnyTime, -1000, 0)
			b.paces.rules["lab-p"] = nil
			b.rule("lab-p", inAnyHour, -1000, 5.2)
			b.rule("lab-p", paceRule{zone: noon, hours: morning}, 5, 16.2)
			b.rule("lab-p", inAnyHour, 16, 0)
			b.seconds(0, 30, [2]float64{10, 17})
		}, tried{Mails: 4, Edges: 2, Before: 1, After: 1}, tried{}},
		"a limit that is reached, with no budget in another zone": {byLimit, func(b *paceLog) {
			far, err := time.LoadLocation("Pacific/Kiritimati")
			require.NoError(t, err)
			b.rule(pAccount, atAnyTime, -1000, 5.2)
			b.rule(pAccount, paceRule{gap: usualGap, zone: time.UTC, perDay: 8}, 5, 12.2)
			b.rule(pAccount, paceRule{gap: usualGap, zone: far, perDay: 8}, 12, 16.2)
			b.rule(pAccount, atAnyTime, 16, 0)
			b.seconds(0, 30, [2]float64{8, 17})
		}, tried{Mails: 2, Edges: 2, Before: 1, After: 1}, tried{Edges: 1, Before: 1, After: 1}},
		"a ramp that is reached, and grows at midnight": {byRamp, func(b *paceLog) {
			zone, err := zoneAt(b.at(12), 0)
			require.NoError(b.t, err)
			b.rule(pAccount, atAnyTime, -1000, 5.2)
			b.rule(pAccount, paceRule{gap: usualGap, zone: zone, ramp: rampRule{8, 1}}, 5, 0)
			b.seconds(0, 20, [2]float64{8, 12})
		}, tried{Mails: 10, Edges: 2, Before: 1, After: 1}, tried{Mails: 10, Edges: 1, Before: 1, After: 1}},
		"jitter": {byJitter, func(b *paceLog) {
			b.rule(pAccount, paceRule{gap: usualGap, zone: time.UTC, jitter: 2 * time.Second}, -1000, 0)
			rule := pace.Account{Gap: usualGap, Jitter: 2 * time.Second, Hours: pace.Hours{Zone: time.UTC}}
			at := b.at(0)
			for i := range int64(6) {
				b.mail(pAccount, i, firstStep, at.Sub(b.at(0)).Seconds())
				b.gates(pAccount, i+1, at.Sub(b.at(0)).Seconds())
				at = rule.After(pace.Spent{}, at, pAccount, i+1).Next.Add(10 * time.Millisecond)
				if i == 4 {
					at = at.Add(2 * time.Second) // the last has come late
				}
			}
		}, tried{Mails: 5, Edges: 4, Before: 3, After: 1}, tried{}},
		"a limit that ends at midnight": {byLimit, func(b *paceLog) {
			zone, err := zoneAt(b.at(12), 0)
			require.NoError(t, err)
			b.rule(pAccount, atAnyTime, -1000, 5.2)
			b.rule(pAccount, paceRule{gap: usualGap, zone: zone, perDay: 8}, 5, 0)
			b.seconds(0, 20, [2]float64{8, 12})
		}, tried{Mails: 10, Edges: 2, Before: 1, After: 1}, tried{Mails: 10, Edges: 1, Before: 1, After: 1}},
		"a sender without a pace yet": {byGap, func(b *paceLog) {
			b.rule(pAccount, inAnyHour, -1000, 5.2) // as beside an older worker
			b.rule(pAccount, atAnyTime, 5, 0)
			b.mail(pAccount, 1, firstStep, 0)
			b.mail(pAccount, 2, firstStep, 0.1)
			b.mail(pAccount, 3, firstStep, 7)
			b.mail(pAccount, 4, firstStep, 8)
		}, tried{Mails: 2, Edges: 1, Before: 1, After: 1}, tried{}},
		"nobody waits": {byHours, func(b *paceLog) {
			noon, err := zoneAt(b.at(10), 12)
			require.NoError(t, err)
			b.rule(pAccount, paceRule{gap: usualGap, zone: noon, hours: morning}, -100, 0)
			b.mail(pAccount, 1, firstStep, 9)
		}, tried{Mails: 1}, tried{}},
	} {
		b := newPaceLog(t, "p")
		c.set(b)
		v := b.judge()
		require.Empty(t, v.Breaches, name)
		require.Equal(t, c.want, *v.Pace.Tried[c.rule], name)
		require.Equal(t, c.date, *v.Pace.Tried[byDate], name)
	}
}

// A run in which a rule held nobody back says so.
func TestARunThatTriesNoRuleIsWeak(t *testing.T) {
	t.Parallel()
	b := newPaceLog(t, "ps")
	for _, one := range b.lanes {
		for _, address := range one.senders() {
			b.rule(address, atAnyTime, -1000, 0)
		}
	}
	b.seconds(0, 5)
	v := b.judge()
	v.doubtThePaces()
	v.doubtTheOutages()
	require.Len(t, v.Weak, 11, "%v", v.Weak) // the gap was tried
	for _, rule := range []string{byJitter, byLimit, byRamp, byDate, byHours, byWindow, byOrder, byTurns, byFIFO, "several senders", "a further date of a ramp"} {
		require.Contains(t, fmt.Sprint(v.Weak), rule)
	}
}
