package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// row is one line of the table: a measurement, and what it should come to.
type row struct {
	name, what string
	measure    func(context.Context, *rig) ([]result, error)
}

// rows is the table, in the order in which it is measured.
func rows() []row {
	return []row{
		{"engine", "contacts a second through a campaign of one email ÷ bare workflows of one empty activity, and ÷ empty ones", measureEngine},
		{"cost", "what Temporal keeps of one enrollment", measureCost},
		{"history", "bytes of a parked enrollment's history ÷ a bare workflow that waits after one failed activity", measureHistory},
		{"enroll", "contacts enrolled a second, first step a wait ÷ bare starts of a workflow that sets a timer", measureEnroll},
		{"resume", "parked contacts signalled a second by one fix ÷ bare signals, and ÷ Temporal's batch", measureResume},
		{"ack", "time until a fix answers with very many parked ÷ with ten", measureAck},
		{"dead", "SMTP connections while very many due contacts meet a broken account", measureDeadAccount},
		{"sessions", "SMTP logins, and time a mail at 30 ms round trip ÷ go-mail on one reused connection", measureSessions},
		{"isolation", "p95 step time of 99 small campaigns beside a huge one ÷ alone", measureIsolation},
		{"ledger", "contacts a second with the ledger ÷ without", measureLedger},
		{"memory", "the worker's memory with very many parked ÷ with none", measureMemory},
		{"hearing", "sending while mailboxes are read ÷ without; messages that one worker reads a second; its memory with 1,000 mailboxes ÷ with none", measureHearing},
		{"line", "transitions of mails that wait in line, and of all who wait while rules change", measureLine},
		{"turns", "how late the turns of 500 accounts are given, and for how much of a core", measureTurns},
		{"opening", "p95 step time of 99 small campaigns while a huge one's window opens ÷ alone", measureOpening},
		{"forecast", "forecast and why with 50,000 in line ÷ with 500", measureForecast},
		{"unpaced", "contacts a second through a campaign without a pace beside the lines of others ÷ without any", measureUnpaced},
		{"limits", "how much Temporal, PostgreSQL and a worker carry, each without the others", measureLimits},
		{"queries", "errors, errors summary and status with 1,000,000 enrollments ÷ with 10,000", measureQueries},
	}
}

func rowNames() (names []string) {
	for _, r := range rows() {
		names = append(names, r.name)
	}
	return names
}

func chooseRows(only string) ([]row, error) {
	all := rows()
	if only == "" {
		return all, nil
	}
	var chosen []row
	for name := range strings.SplitSeq(only, ",") {
		at := slices.IndexFunc(all, func(r row) bool { return r.name == strings.TrimSpace(name) })
		if at < 0 {
			return nil, fmt.Errorf("there is no row %q; the rows are %s", name, strings.Join(rowNames(), ", "))
		}
		chosen = append(chosen, all[at])
	}
	return chosen, nil
}

// goal is what a ratio, or a number that has no floor, should come to; the zero
// value is none.
type goal struct {
	least, most float64 // 0: no such bound
}

// zero is the goal of what may not be at all.
var zero = goal{most: 1e-9}

func atLeast(n float64) goal { return goal{least: n} }
func atMost(n float64) goal  { return goal{most: n} }

func (g goal) met(n float64) bool { return n >= g.least && (g.most == 0 || n <= g.most) }

func (g goal) String() string {
	switch {
	case g == goal{}:
		return "none"
	case g == zero:
		return "0"
	case g.most != 0:
		return "≤ " + number(g.most)
	}
	return "≥ " + number(g.least)
}

// MarshalText is the goal as the table prints it.
func (g goal) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// result is one measured line.
type result struct {
	Row string `json:"row"`
	// What of the row, when it has several lines; and in which unit ours and the floor are.
	Of   string `json:"of,omitempty"`
	Unit string `json:"unit"`
	// Ours and Floor are medians over the rounds. Floor 0: the goal is for ours as it is.
	Ours  float64 `json:"ours"`
	Floor float64 `json:"floor"`
	Ratio float64 `json:"ratio"`
	Goal  goal    `json:"goal"`
	Met   bool    `json:"met"`
	// Spread is the distance of the highest and the lowest ratio of the rounds, as a share of the median.
	Spread float64 `json:"spread"`
	// Note says how large it was, or what has to be known beside the numbers.
	Note string `json:"note,omitempty"`
}

func (r *result) judge(of row) {
	r.Row = of.name
	if r.Ratio == 0 {
		r.Ratio = r.Ours
		if r.Floor != 0 {
			r.Ratio = r.Ours / r.Floor
		}
	}
	r.Met = r.Goal.met(r.Ratio)
}

func (r *result) name() string { return strings.TrimSuffix(r.Row+": "+r.Of, ": ") }

func (r *result) line() string {
	floor := ""
	if r.Floor != 0 {
		floor = fmt.Sprintf(" ÷ %s = %s", number(r.Floor), number(r.Ratio))
	}
	return fmt.Sprintf("%s: %s%s %s, goal %s%s", r.name(), number(r.Ours), floor, r.Unit, r.Goal, missed(r.Met))
}

func missed(met bool) string {
	if met {
		return ""
	}
	return ", MISSED"
}

// number is short: three digits that count.
func number(n float64) string {
	switch {
	case n >= 100 || n == float64(int(n)):
		return fmt.Sprintf("%.0f", n)
	case n >= 10:
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.2f", n)
}

func printResults(w io.Writer, format string, results []result) error {
	if format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		if results == nil {
			results = []result{}
		}
		return encoder.Encode(results)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "Row\tOurs\tFloor\tRatio\tGoal\tMet\tSpread\tUnit\tNote")
	for _, r := range results {
		floor, ratio, met := "", "", "yes"
		if r.Floor != 0 {
			floor, ratio = number(r.Floor), number(r.Ratio)
		}
		switch {
		case r.Goal == goal{}:
			met = ""
		case !r.Met:
			met = "NO"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%.0f %%\t%s\t%s\n", r.name(), number(r.Ours), floor, ratio, r.Goal, met, 100*r.Spread, r.Unit, r.Note)
	}
	return table.Flush()
}
