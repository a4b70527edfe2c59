package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/smsgateway"
)

// A contact that was enrolled again has every message once in each round, and no more.
func TestRoundsAreJudged(t *testing.T) {
	t.Parallel()
	of := allLanes.that(func(one lane) bool { return one.name == "a" })
	again := enrollment{ID: 1, Campaign: campaignOf("a"), ContactID: 1, FirstName: "Ada", Status: "Completed", VisitBase: 1}
	of1 := func(step string, visit int, kind, id string) delivery {
		return delivery{EnrollmentID: 1, StepID: step, Visit: visit, Kind: kind, State: "sent", MessageID: id}
	}
	for name, test := range map[string]struct {
		breaks     string
		deliveries []delivery
		accepted   []string
		texts      int
	}{
		"both rounds": {"", []delivery{of1("intro", 1, "email", "i1"), of1("intro", 2, "email", "i2"), of1("follow-up", 1, "email", "f1"), of1("follow-up", 2, "email", "f2"), of1("tell", 1, "sms", ""), of1("tell", 2, "sms", "")},
			[]string{"i1", "i2", "f1", "f2"}, 2},
		"a message twice in one round": {"intro: 2 messages accepted", []delivery{of1("intro", 2, "email", "i2"), of1("intro", 3, "email", "i3"), of1("follow-up", 2, "email", "f2"), of1("tell", 2, "sms", "")},
			[]string{"i2", "i3", "f2"}, 1},
		"a text more than there are rounds": {"tell: 3 messages accepted", []delivery{of1("intro", 2, "email", "i2"), of1("follow-up", 2, "email", "f2"), of1("tell", 1, "sms", ""), of1("tell", 2, "sms", "")},
			[]string{"i2", "f2"}, 3},
		"what was sent in the first counts for the second": {"completed without follow-up", []delivery{of1("intro", 1, "email", "i1"), of1("intro", 2, "email", "i2"), of1("follow-up", 1, "email", "f1"), of1("tell", 2, "sms", "")},
			[]string{"i1", "i2", "f1"}, 1},
	} {
		l := &lab{options: options{lanes: of}, progress: io.Discard, paces: newPaces()}
		r := &records{enrollments: []enrollment{again}, deliveries: test.deliveries, byMessageID: map[string][]inbox.Entry{}, texts: map[string][]smsgateway.Entry{}}
		r.enrollments[0].StartedAt = &l.began
		for _, id := range test.accepted {
			r.byMessageID[id] = append(r.byMessageID[id], inbox.Entry{})
		}
		for range test.texts {
			r.texts[textFor(again)] = append(r.texts[textFor(again)], smsgateway.Entry{})
		}
		v := newVerdict(l)
		v.judgeTwice(r)
		v.judgeLost(r)
		if test.breaks == "" {
			require.Empty(t, v.Breaches, name)
			continue
		}
		require.Len(t, v.Breaches, 1, name)
		require.Contains(t, v.Breaches[0].What, test.breaks, name)
	}
}
