package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// law is one line of the verdict.
type law struct {
	Law     int    `json:"law"`
	Name    string `json:"name"`
	Unit    string `json:"unit"`
	Checked int    `json:"checked"`
	Broken  int    `json:"broken"`
	// Bound is the 95 % upper bound of the rate when nothing was found (rule of three).
	Bound float64 `json:"bound95,omitempty"`
}

// verdict is what a run has found.
type verdict struct {
	lab  *lab
	laws map[int]*law

	Seed         uint64             `json:"seed"`
	Seconds      float64            `json:"seconds"`
	Enrolled     int                `json:"enrolled"`
	Sends        int                `json:"sends"`
	Mails        int                `json:"mails"`
	Texts        int                `json:"texts"`
	Statuses     map[string]int     `json:"statuses"`
	Faults       map[string]int     `json:"faults"`
	Kills        int                `json:"kills"`
	Doings       map[string]int     `json:"doings"`
	NotDone      map[string]int     `json:"doingsThatAFaultPrevented"`
	Falls        map[string]int     `json:"endedByThemselves"`
	Parks        map[string]int     `json:"parks"`
	Uncertain    int                `json:"uncertain"`
	Explained    map[string]int     `json:"uncertainBecause"`
	AgainOnAWord int                `json:"sentAgainOnAnOperatorsWord"`
	Recovery     map[string]seconds `json:"recoverySeconds"`
	// Tries are how the steps were tried, in each shape, Builds the workflow tasks that each
	// build has done, and Refusals those that it could not do.
	Tries    map[shape]*tries `json:"tries"`
	Builds   map[string]int   `json:"tasksOfBuilds"`
	Refusals refusals         `json:"refusals"`
	// Meanwhile counts the messages that were accepted while it was disturbed,
	// AtGates the sends that were gathered at the gates when something struck
	// there, and TwoOwners those that had two owners there.
	Meanwhile int      `json:"sendsMeanwhile"`
	AtGates   int      `json:"sendsAtGates"`
	TwoOwners int      `json:"twoOwners"`
	Pace      pacing   `json:"pace"`
	Outages   outages  `json:"outages"`
	Hearing   hearing  `json:"hearing"`
	Rounds    []round  `json:"storage,omitempty"`
	Weak      []string `json:"provesLittle"`
	Laws      []*law   `json:"laws"`
	Breaches  []breach `json:"breaches"`
}

// seconds from a kill to the next accepted mail.
type seconds struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
	Max   float64 `json:"max"`
}

func newVerdict(l *lab) *verdict {
	v := &verdict{lab: l, Seed: l.seed, laws: map[int]*law{}, Statuses: map[string]int{}, Parks: map[string]int{}, Faults: map[string]int{},
		Explained: map[string]int{}, Recovery: map[string]seconds{}, Doings: l.doings, NotDone: l.failed, Falls: l.falls, Rounds: l.rounds,
		Tries: map[shape]*tries{firstTry: {}, ordinary: {}}, Builds: map[string]int{}, Weak: []string{}, Breaches: append([]breach{}, l.odd...)}
	for number, text := range [][2]string{
		{"nobody is mailed twice", "accepted messages"},
		{"nobody is dropped", "enrollments, and looks at all of them"},
		{"no lost wake-up", "parks"},
		{"honest about doubt", "uncertain deliveries"},
		{"a resume is a re-check, a park counts once", "parks"},
		{},
		{"waiting is not an error", "parks of several senders"},
		{"a limit is never exceeded", "mails of senders with a pace"},
		{"who has answered is not mailed", "answers"},
	} {
		if text[0] == "" {
			continue // law 6 needs no faults
		}
		one := &law{Law: number + 1, Name: text[0], Unit: text[1]}
		v.laws[number+1], v.Laws = one, append(v.Laws, one)
	}
	for _, one := range l.odd {
		v.laws[one.Law].Broken++
	}
	return v
}

func (v *verdict) breach(number int, e enrollment, what string) {
	v.laws[number].Broken++
	v.Breaches = append(v.Breaches, breach{Law: number, Campaign: e.Campaign, ContactID: e.ContactID, What: what})
	v.lab.say("BROKEN law %d: %s contact %d: %s", number, e.Campaign, e.ContactID, what)
}

// measure counts what was done, and how soon mail flowed again after a kill.
func (v *verdict) measure(r *records) {
	v.Seconds = time.Since(v.lab.began).Seconds()
	v.Enrolled, v.Mails = len(r.enrollments), len(r.mails)
	for _, texts := range r.texts {
		v.Texts += len(texts)
	}
	v.Sends = v.Mails + v.Texts
	for _, e := range r.enrollments {
		v.Statuses[e.Status]++
	}
	for _, park := range r.parks {
		v.Parks[park.Code]++
	}
	slices.SortFunc(r.mails, func(a, b entry) int { return a.Time.Compare(b.Time) })
	times := map[string][]float64{}
	for _, event := range v.lab.events {
		v.Faults[event.Kind]++
		if !strings.HasPrefix(event.Kind, "kill") {
			continue
		}
		v.Kills++
		struck := event.From
		if !event.Struck.IsZero() {
			struck = event.Struck
		}
		at, _ := slices.BinarySearchFunc(r.mails, struck, func(mail entry, from time.Time) int { return mail.Time.Compare(from) })
		if at < len(r.mails) {
			took := r.mails[at].Time.Sub(struck).Seconds()
			times[event.Kind] = append(times[event.Kind], took)
			times["all kills"] = append(times["all kills"], took)
		}
	}
	for _, mail := range r.mails {
		if !mail.Time.Before(v.lab.from) && mail.Time.Before(v.lab.to) {
			v.Meanwhile++
		}
	}
	v.AtGates = v.lab.gathered
	for _, is := range shapes {
		v.Tries[is].AtGates, v.Tries[is].TwoOwners = v.lab.atGates[is], v.lab.twoOwned[is]
		v.TwoOwners += v.lab.twoOwned[is]
	}
	v.doubtTheRun()
	for kind, took := range times {
		v.Recovery[kind] = secondsOf(took)
	}
	for _, law := range v.Laws {
		if law.Broken == 0 && law.Checked > 0 {
			law.Bound = min(1, 3/float64(law.Checked))
		}
	}
}

func secondsOf(took []float64) seconds {
	if len(took) == 0 {
		return seconds{}
	}
	slices.Sort(took)
	at := func(share float64) float64 { return took[int(math.Ceil(share*float64(len(took))))-1] }
	return seconds{Count: len(took), P50: at(.5), P95: at(.95), Max: at(1)}
}

// addTimelines gives each breach the whole story of its contact.
func (v *verdict) addTimelines(ctx context.Context) {
	const most = 20
	for i := range v.Breaches {
		b := &v.Breaches[i]
		if b.ContactID == 0 || i >= most {
			continue
		}
		_, b.Timeline, _ = v.lab.starter(ctx, "", "timeline", fmt.Sprint(b.ContactID), "--campaign", b.Campaign)
	}
}

func (v *verdict) print(out io.Writer, format string) error {
	if format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(v)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "seed %d, %.0f s: %d enrolled, %d mails and %d texts accepted, %d kills, %d uncertain\n",
		v.Seed, v.Seconds, v.Enrolled, v.Mails, v.Texts, v.Kills, v.Uncertain)
	text.WriteString(listed("statuses", v.Statuses) + listed("faults", v.Faults) + listed("operators", v.Doings) +
		listed("kept from it by a fault", v.NotDone) + listed("ended by themselves", v.Falls) + listed("parks", v.Parks) + listed("uncertain because", v.Explained))
	fmt.Fprintf(&text, "%d mails accepted while it was disturbed, %d sends struck at the gate, %d with two owners there\n", v.Meanwhile, v.AtGates, v.TwoOwners)
	for _, is := range shapes {
		t := v.Tries[is]
		fmt.Fprintf(&text, "%s: %d ended, of them %d sent (%d while it was disturbed); %d cut off, %d struck at the gate, %d with two owners\n",
			is, t.Ended, t.Sent, t.Meanwhile, t.CutOff, t.AtGates, t.TwoOwners)
	}
	text.WriteString(v.Pace.text() + v.Outages.text() + v.Hearing.text())
	text.WriteString(listed("workflow tasks done by builds", v.Builds))
	if r := v.Refusals; r.Tasks > 0 {
		fmt.Fprintf(&text, "workflow tasks that a worker could not replay: %d, of %d enrollments; held up p50 %.1f s, p95 %.1f s, at most %.1f s; %d still open\n",
			r.Tasks, r.Enrollments, r.HeldUp.P50, r.HeldUp.P95, r.HeldUp.Max, r.Open)
	}
	for _, one := range v.Rounds {
		fmt.Fprintf(&text, "storage errors %g %% each way: %.1f contacts/s, %.2f of clean\n", one.Share*100, one.PerSecond, one.Ratio)
	}
	if v.AgainOnAWord > 0 {
		fmt.Fprintf(&text, "sent again on an operator's word: %d\n", v.AgainOnAWord)
	}
	recovery := table.NewWriter()
	recovery.AppendHeader(table.Row{"After", "Count", "Next mail p50", "p95", "Max"})
	for _, kind := range sortedKeys(v.Recovery) {
		took := v.Recovery[kind]
		recovery.AppendRow(table.Row{kind, took.Count, fmt.Sprintf("%.1f s", took.P50), fmt.Sprintf("%.1f s", took.P95), fmt.Sprintf("%.1f s", took.Max)})
	}
	laws := table.NewWriter()
	laws.AppendHeader(table.Row{"Law", "", "Checked", "", "Broken", "95 % bound"})
	for _, law := range v.Laws {
		bound := "-"
		if law.Broken == 0 && law.Checked > 0 {
			bound = fmt.Sprintf("< %.2g", law.Bound)
		}
		laws.AppendRow(table.Row{law.Law, law.Name, law.Checked, law.Unit, law.Broken, bound})
	}
	text.WriteString(recovery.Render() + "\n" + laws.Render() + "\n")
	for _, why := range v.Weak {
		fmt.Fprintf(&text, "this run proves little: %s\n", why)
	}
	for _, b := range v.Breaches {
		fmt.Fprintf(&text, "\nBROKEN law %d: %s contact %d: %s\n%s", b.Law, b.Campaign, b.ContactID, b.What, b.Timeline)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func listed(name string, counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	var parts []string
	for _, key := range sortedKeys(counts) {
		parts = append(parts, fmt.Sprintf("%s %d", key, counts[key]))
	}
	return name + ": " + strings.Join(parts, ", ") + "\n"
}

func sortedKeys[K cmp.Ordered, T any](of map[K]T) []K {
	keys := make([]K, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
