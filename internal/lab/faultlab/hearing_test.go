package main

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

// judged is a verdict about one contact of lane h who answers, and whose first mail was sent.
func judged(t *testing.T, kind string, change func(r *records, l *lab)) *verdict {
	t.Helper()
	of, err := chooseLanes("h")
	require.NoError(t, err)
	began := time.Now()
	at := func(second int) time.Time { return began.Add(time.Duration(second) * time.Second) }
	to, by := kind+"+n1@heard.example", endedBy[kind]
	gate, ended := at(0), at(4)
	l := &lab{options: options{lanes: of}, progress: io.Discard, began: began, released: map[int64][]time.Time{}, disenrolled: map[int64]bool{}, paces: newPaces()}
	r := &records{
		bounced: map[string]bool{}, byMessageID: map[string][]entry{},
		mails:       []entry{{Time: at(1), To: to, MessageID: "<1@lab.example>"}},
		enrollments: []enrollment{{ID: 1, Campaign: "lab-h", ContactID: 1, Email: to, Status: "Disenrolled", EndedBy: &by, EndedAt: &ended}},
		deliveries:  []delivery{{EnrollmentID: 1, StepID: "intro", Visit: 1, Kind: "email", State: "sent", MessageID: "1@lab.example", WireAt: &gate}},
		heard: heard{
			answers: []inbox.Answer{{Time: at(2), Mailbox: "h@lab.example", Kind: kind, From: to}},
			looks:   map[string][]look{"h": {{Mailbox: "h", Connection: 1, Began: at(1), Complete: at(3)}, {Mailbox: "h", Connection: 2, Began: at(2).Add(time.Millisecond), Complete: at(5)}}},
		},
	}
	change(r, l)
	v := newVerdict(l)
	v.judgeHearing(r)
	return v
}

// another is a second mail, whose message came at a moment and had passed its gate at another.
func another(r *records, gate, dot time.Time) {
	r.mails = append(r.mails, entry{Time: dot, To: r.mails[0].To, MessageID: "<2@lab.example>"})
	r.deliveries = append(r.deliveries, delivery{EnrollmentID: 1, StepID: "follow-up", Visit: 1, Kind: "email", State: "sent", MessageID: "2@lab.example", WireAt: &gate})
}

// The judge of law 9 must be able to find what it is there for, and nothing else.
func TestLaw9IsJudgedByCompleteLooks(t *testing.T) {
	t.Parallel()
	after := func(seconds float64) func(r *records) time.Time {
		return func(r *records) time.Time { return r.mails[0].Time.Add(time.Duration(seconds * float64(time.Second))) }
	}
	is := func(status string) func(r *records, l *lab) {
		return func(r *records, _ *lab) {
			r.enrollments[0].EndedBy, r.enrollments[0].EndedAt, r.enrollments[0].Status = nil, nil, status
		}
	}
	mailed := func(gate, dot float64) func(r *records, l *lab) {
		return func(r *records, _ *lab) { another(r, after(gate)(r), after(dot)(r)) }
	}
	unanswered := func(r *records, _ *lab) { r.heard.answers = nil }
	for name, c := range map[string]struct {
		kind   string
		change []func(r *records, l *lab)
		want   string // empty: no finding
	}{
		"a reply ended it":                 {reply, nil, ""},
		"a mail before the look was over":  {reply, on(mailed(3, 3.5)), ""},
		"a mail after it":                  {reply, on(mailed(5, 5.1)), "mailed at"},
		"a mail that was at its gate then": {reply, on(mailed(3, 5.1)), ""},
		"a mail after a bounce":            {bounceLater, on(is("InError"), mailed(5, 5.1)), "mailed at"},
		"a mail after a delay":             {delayedMail, on(is("Completed"), mailed(5, 5.1)), ""},
		"a mail to one who is away":        {vacation, on(is("Completed"), mailed(5, 5.1)), "mailed at"},
		"a mail to one who is back": {vacation, on(is("Completed"), mailed(5, 5.1), func(r *records, l *lab) {
			l.released[1] = []time.Time{after(4.5)(r)}
		}), ""},
		"an answer that nothing followed from": {reply, on(is("Waiting")), "answered (reply)"},
		"an answer after the last mail": {reply, on(is("Completed"), func(r *records, _ *lab) {
			at := after(3)(r)
			r.enrollments[0].EndedAt = &at
		}), ""},
		"an end by something else": {left, on(func(r *records, _ *lab) {
			other := "replied"
			r.enrollments[0].EndedBy = &other
		}), "ended as replied"},
		"an end without an answer":       {reply, on(unanswered), "ended as replied"},
		"silent, and in error":           {reply, on(unanswered, is("InError")), "InError at the end"},
		"disenrolled by hand":            {reply, on(is("Disenrolled"), func(_ *records, l *lab) { l.disenrolled[1] = true }), ""},
		"a bounce that is not listed":    {bounceLater, on(is("Completed")), "bounce list"},
		"a bounce that is":               {bounceLater, on(is("InError"), func(r *records, _ *lab) { r.bounced[r.mails[0].To] = true }), ""},
		"an answer that no look can see": {reply, on(is("Completed"), func(r *records, _ *lab) { r.heard.looks["h"] = r.heard.looks["h"][:1] }), ""},
		"a mail after a click": {oneClick, on(unanswered, mailed(2, 3), func(r *records, _ *lab) {
			r.heard.clicks = []click{{To: r.mails[0].To, Answered: after(1)(r)}}
		}), "mailed at"},
	} {
		v := judged(t, c.kind, func(r *records, l *lab) {
			for _, change := range c.change {
				change(r, l)
			}
		})
		if c.want == "" {
			require.Empty(t, v.Breaches, name)
			continue
		}
		require.NotEmpty(t, v.Breaches, name)
		require.Contains(t, v.Breaches[0].What, c.want, name)
	}
}

func on(changes ...func(r *records, l *lab)) []func(r *records, l *lab) { return changes }

func TestAnswersAreOfEveryKindAndAtMomentsOfTheSeed(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	kinds := map[string]int{}
	for n := range 4000 {
		kind, _, answers := strings.Cut(heardAddress(n, 75, random), "+")
		if !answers {
			kind = "silent"
		}
		kinds[kind]++
	}
	require.Len(t, kinds, len(answerShares)+1)
	require.InDelta(t, 1000, kinds["silent"], 150)
	which, longest := map[int]int{}, time.Duration(0)
	for n := range 1000 {
		to := heardAddress(n, 100, random)
		for mail := 1; mail <= 3; mail++ {
			after, answers := moment(7, to, mail)
			again, _ := moment(7, to, mail)
			require.Equal(t, after, again)
			if longest = max(longest, after); answers {
				which[mail]++
			}
		}
	}
	require.Equal(t, 1000, which[1]+which[2]+which[3], "each answers one of its mails")
	require.Greater(t, which[1], which[2])
	require.Greater(t, which[2], which[3])
	require.Positive(t, which[3])
	require.Greater(t, longest, longestAnswer*9/10)
}
