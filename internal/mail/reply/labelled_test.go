package reply

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/verdict"
)

// The labelled replies are real ones, each with the public place where it was found in
// its source column. smtp-replies.csv came with the project's brief; more-replies.csv
// was collected and labelled afterwards, to see what the rules do with unseen words.

type labelled struct {
	line       int
	id         string
	reply      Reply
	provider   string
	verdict    Verdict
	confidence string
}

func readLabelled(t testing.TB, name string) []labelled {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	require.NoError(t, err)
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	require.NoError(t, err)
	column := map[string]int{}
	for i, h := range rows[0] {
		column[h] = i
	}
	var out []labelled
	for i, row := range rows[1:] {
		at := func(h string) string { return row[column[h]] }
		code, err := strconv.Atoi(at("code"))
		require.NoError(t, err, "%s, row %d", name, i+2)
		l := labelled{line: i + 2, id: at("id"), provider: at("provider"), verdict: Verdict(at("verdict")), confidence: at("confidence"),
			reply: Reply{Phase: Phase(at("phase")), Code: code, Enhanced: at("enhanced"), Text: at("text")}}
		require.Contains(t, Phases(), l.reply.Phase, "%s, row %d", name, l.line)
		require.Contains(t, verdicts, l.verdict, "%s, row %d", name, l.line)
		out = append(out, l)
	}
	return out
}

var verdicts = []Verdict{AccountError, AccountLimit, HardBounce, SoftBounce, Transient, PolicyBlock, MessageDefect}

// action names what the engine does: two pairs of verdicts have the same consequence.
func action(v Verdict) string {
	switch v {
	case SoftBounce, Transient:
		return "retry"
	case PolicyBlock, MessageDefect:
		return "fail"
	case AccountError, AccountLimit, HardBounce, verdict.BadNumber:
	}
	return string(v)
}

// confused says whether one side's fault was given to another in a way that costs most: a person
// who is there is never mailed again, an account goes on that should rest, or stands still for
// a server's passing trouble.
func confused(a, b Verdict) bool {
	side := func(v Verdict) string {
		switch v {
		case AccountError, AccountLimit:
			return "account"
		case SoftBounce, Transient:
			return "passing"
		case HardBounce, PolicyBlock, MessageDefect, verdict.BadNumber:
		}
		return string(v)
	}
	one, other := side(a), side(b)
	costly := func(s string) bool { return s == "account" || s == "passing" || s == string(HardBounce) }
	return one != other && costly(one) && costly(other)
}

func measure(t *testing.T, rows []labelled) (right, total int) {
	t.Helper()
	verdictsRight := 0
	for _, l := range rows {
		j := Classify(l.reply)
		require.NotEmpty(t, j.Reason)
		total++
		if j.Verdict == l.verdict {
			verdictsRight++
		}
		if action(j.Verdict) == action(l.verdict) {
			right++
		} else {
			t.Logf("%s (%s, %s): %s %d %q\n\tlabelled %s, judged %s: %s", l.id, l.provider, l.confidence, l.reply.Phase, l.reply.Code, l.reply.Text, l.verdict, j.Verdict, j.Reason)
		}
		require.False(t, l.confidence != "low" && confused(j.Verdict, l.verdict),
			"%s: %s %d %q is labelled %s but was judged %s (%s)", l.id, l.reply.Phase, l.reply.Code, l.reply.Text, l.verdict, j.Verdict, j.Reason)
	}
	if total > 0 {
		t.Logf("right action: %d of %d (%.1f %%); right verdict: %d", right, total, 100*float64(right)/float64(total), verdictsRight)
	}
	return right, total
}

func only(rows []labelled, confidence string) []labelled {
	return slices.DeleteFunc(slices.Clone(rows), func(l labelled) bool { return l.confidence != confidence })
}

func TestClassifyGivesTheRightActionForLabelledReplies(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"smtp-replies.csv", "more-replies.csv"} {
		for confidence, least := range map[string]float64{"high": 0.99, "medium": 0.95} {
			t.Run(name+"/"+confidence, func(t *testing.T) {
				t.Parallel()
				right, total := measure(t, only(readLabelled(t, name), confidence))
				require.GreaterOrEqual(t, float64(right), least*float64(total), "right actions, of %d replies", total)
			})
		}
	}
}
