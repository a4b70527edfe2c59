package main

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The judge of law 8 must be able to find what it is there for, and nothing else. Each mail is
// its gate and its arrival, in seconds of the noon at which the run began.
func TestLaw8IsJudgedByArrivals(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	at := func(second float64) time.Time { return noon.Add(time.Duration(second * float64(time.Second))) }
	auckland, err := time.LoadLocation("Pacific/Auckland")
	require.NoError(t, err)
	always := inForce{paceRule: atAnyTime, from: at(-100)}
	slow := inForce{paceRule: paceRule{gap: 3 * time.Second, zone: time.UTC}, from: at(-100)}
	full := inForce{paceRule: paceRule{gap: time.Second, zone: time.UTC, perDay: 2}, from: at(-100)}
	jittered := inForce{paceRule: paceRule{gap: time.Second, jitter: 2 * time.Second, zone: time.UTC}, from: at(-100)}
	ramped := inForce{paceRule: paceRule{gap: time.Second, zone: time.UTC, ramp: rampRule{2, 3}}, from: at(-1e5)}
	capped := inForce{paceRule: paceRule{gap: time.Second, zone: time.UTC, ramp: rampRule{2, 3}, perDay: 3}, from: at(-1e5)}
	closed := inForce{paceRule: paceRule{gap: time.Second, zone: time.UTC, hours: clockTimes{"00:00", "12:01"}}, from: at(-100)}
	for name, c := range map[string]struct {
		rules  []inForce
		mails  [][2]float64
		events []event
		held   int
		want   string // empty: no finding
	}{
		"a gap":                       {[]inForce{always}, [][2]float64{{0, 0.1}, {1.2, 1.3}}, nil, 0, ""},
		"too close":                   {[]inForce{always}, [][2]float64{{0, 0.1}, {0.5, 0.6}}, nil, 0, "and the gap is 1s"},
		"kept back by its server":     {[]inForce{always}, [][2]float64{{0, 0.8}, {1.1, 1.2}}, nil, 1, ""},
		"kept back by nothing":        {[]inForce{always}, [][2]float64{{0, 9}, {9.1, 9.2}}, nil, 0, "and the gap is 1s"},
		"kept back by a fault":        {[]inForce{always}, [][2]float64{{0, 9}, {9.1, 9.2}}, []event{{Kind: "kill -9 worker", From: at(3), To: at(4)}}, 1, ""},
		"a gap with jitter":           {[]inForce{jittered}, [][2]float64{{0, 0.1}, {1.2, 1.3}, {4.1, 4.2}}, nil, 0, ""},
		"jitter that is taken off":    {[]inForce{jittered}, [][2]float64{{0, 0.1}, {0.8, 0.9}}, nil, 0, "and the gap is 1s"},
		"as many as a ramp":           {[]inForce{ramped}, [][2]float64{{0, 0.1}, {2, 2.1}}, nil, 0, ""},
		"one more than a ramp":        {[]inForce{ramped}, [][2]float64{{0, 0.1}, {2, 2.1}, {4, 4.1}}, nil, 0, "and the limit is 2"},
		"a ramp that has grown":       {[]inForce{ramped}, [][2]float64{{-86400, -86399.9}, {0, 0.1}, {2, 2.1}, {4, 4.1}, {6, 6.1}, {8, 8.1}}, nil, 0, ""},
		"more than it has grown to":   {[]inForce{ramped}, [][2]float64{{-86400, -86399.9}, {0, 0.1}, {2, 2.1}, {4, 4.1}, {6, 6.1}, {8, 8.1}, {10, 10.1}}, nil, 0, "and the limit is 5"},
		"a ramp up to the limit":      {[]inForce{capped}, [][2]float64{{-86400, -86399.9}, {0, 0.1}, {2, 2.1}, {4, 4.1}, {6, 6.1}}, nil, 0, "and the limit is 3"},
		"the longer of two gaps":      {[]inForce{always, slow}, [][2]float64{{0, 0.1}, {1.2, 1.3}}, nil, 0, ""},
		"the longer gap alone":        {[]inForce{slow}, [][2]float64{{0, 0.1}, {1.2, 1.3}}, nil, 0, "and the gap is 3s"},
		"as many as the limit":        {[]inForce{full}, [][2]float64{{0, 0.1}, {2, 2.1}}, nil, 0, ""},
		"one more than the limit":     {[]inForce{full}, [][2]float64{{0, 0.1}, {2, 2.1}, {4, 4.1}}, nil, 0, "the 3. mail of 2026-11-30 in UTC"},
		"yesterday's in another zone": {[]inForce{{paceRule: paceRule{gap: time.Second, zone: auckland, perDay: 1}, from: at(-5e4)}}, [][2]float64{{-4e4, -4e4 + .1}, {2, 2.1}}, nil, 0, ""},
		"before the hours end":        {[]inForce{closed}, [][2]float64{{0, 0.1}}, nil, 0, ""},
		"just behind its gate":        {[]inForce{closed}, [][2]float64{{59.9, 60.1}}, nil, 1, ""},
		"after the hours":             {[]inForce{closed}, [][2]float64{{61, 61.1}}, nil, 0, "outside of its hours"},
	} {
		of, err := chooseLanes("p")
		require.NoError(t, err)
		l := &lab{options: options{lanes: of}, progress: io.Discard, paces: newPaces(), events: c.events}
		for _, rule := range c.rules {
			l.paces.rules["p@lab.example"] = append(l.paces.rules["p@lab.example"], &rule)
		}
		for _, key := range of[0].campaigns() {
			l.paces.rules[key] = []*inForce{{paceRule: inAnyHour, from: at(-1e5)}}
		}
		r := &records{heard: heard{dots: map[string][]time.Time{}}}
		for i, mail := range c.mails {
			id, gate := fmt.Sprintf("%d@lab.example", i), at(mail[0])
			r.enrollments = append(r.enrollments, enrollment{ID: int64(i), Campaign: "lab-p"})
			r.mails = append(r.mails, entry{From: "p@lab.example", To: "n1@people.example", MessageID: "<" + id + ">", Time: at(mail[1])})
			r.deliveries = append(r.deliveries, delivery{EnrollmentID: int64(i), StepID: "intro", MessageID: id, Account: "p@lab.example", ReservedAt: gate, WireAt: &gate})
		}
		v := newVerdict(l)
		v.judgePace(r)
		if c.want != "" {
			require.NotEmpty(t, v.Breaches, name)
			require.Contains(t, v.Breaches[0].What, c.want, name)
			continue
		}
		require.Empty(t, v.Breaches, name)
		require.Equal(t, c.held, v.Pace.HeldUp, name)
	}
}

// Rules count from before their command until the command of the next is done, also when nobody
// knows whether one was carried out.
func TestRulesCountWhileNobodyKnows(t *testing.T) {
	t.Parallel()
	p := newPaces()
	p.begin("p", paceRule{perDay: 1})
	p.begin("p", paceRule{perDay: 2}) // failed, or was it done?
	p.begin("p", paceRule{perDay: 3})
	now := time.Now()
	require.Len(t, between(p.rules["p"], now, now), 3)
	p.over("p")
	later := time.Now().Add(time.Second)
	require.Equal(t, []paceRule{{perDay: 3}}, between(p.rules["p"], later, later))
	require.Len(t, between(p.rules["p"], now, later), 3)
}

// A zone of the lab's own has the time of day that is wanted, in Go as in every program that
// loads zones by their names.
func TestAZoneForEveryEdge(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"2026-11-30T00:00:00Z", "2026-11-30T11:59:59Z", "2026-11-30T12:00:00Z", "2026-11-30T17:04:23Z", "2026-11-30T23:59:59Z"} {
		at, err := time.Parse(time.RFC3339, moment)
		require.NoError(t, err)
		for _, hour := range []int{0, 12} {
			zone, err := zoneAt(at, hour)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("%02d:00:00", hour), at.In(zone).Format(time.TimeOnly), "%s in %s", moment, zone)
		}
		noon, err := zoneAt(at, 12)
		require.NoError(t, err)
		for second, open := range map[int]bool{-1: true, 0: false, 1: false} {
			when := at.Add(time.Duration(second) * time.Second)
			require.Equal(t, open, paceRule{zone: noon, hours: morning}.open(when), "%s%+d", moment, second)
			require.Equal(t, !open, paceRule{zone: noon, hours: afternoon}.open(when), "%s%+d", moment, second)
		}
	}
	known, err := time.LoadLocation("Europe/Brussels")
	require.NoError(t, err)
	require.Equal(t, "Europe/Brussels", known.String(), "IANA's zones are there as well")
}
