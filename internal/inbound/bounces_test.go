package inbound_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound"
)

// labelled is a mail of the set of sisimai (testdata/bounces, BSD-2) with its labels.
type labelled struct {
	file    string
	raw     []byte
	hard    bool // any of its recipients is labelled so
	reasons []string
}

func readBounces(t testing.TB) []labelled {
	t.Helper()
	f, err := os.Open("testdata/bounces.tsv")
	require.NoError(t, err)
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = '\t'
	rows, err := r.ReadAll()
	require.NoError(t, err)
	byFile := map[string]*labelled{}
	for _, row := range rows[1:] {
		l := byFile[row[0]]
		if l == nil {
			l = &labelled{file: row[0]}
			byFile[row[0]] = l
		}
		l.hard = l.hard || row[5] == "true"
		l.reasons = append(l.reasons, row[4])
	}
	files, err := filepath.Glob("testdata/bounces/*.eml")
	require.NoError(t, err)
	var out []labelled
	for _, file := range files {
		l := byFile[filepath.Base(file)]
		if l == nil {
			continue // no label for it
		}
		l.raw, err = os.ReadFile(file)
		require.NoError(t, err)
		out = append(out, *l)
	}
	return out
}

// isHard says whether any recipient's address came out as of no use.
func isHard(v inbound.Verdict) bool {
	return slices.ContainsFunc(v.Recipients, func(r inbound.Recipient) bool { return r.Class == inbound.ClassHard })
}

// reports are the kinds of a mail system's own messages.
var reports = []inbound.Kind{inbound.Bounce, inbound.Delayed, inbound.Delivered, inbound.Complaint, inbound.AuthFailure, inbound.NotSpam, inbound.Unsubscribe}

// The set's labels say which addresses are dead ("hardbounce"). The half by which the rules
// were written and the other must both keep the goals; -v prints every difference.
func TestLabelledBounces(t *testing.T) {
	t.Parallel()
	var hard, found, falsely int
	for _, l := range readBounces(t) {
		_, v := inbound.Judge(l.raw, time.Time{}, inbound.Self{})
		vacation := slices.Contains(l.reasons, "vacation")
		require.Equal(t, vacation, v.Kind == inbound.OutOfOffice, "%s is %s: %s", l.file, v.Kind, v.Reason)
		if !vacation && l.file != "lhost-fml-03.eml" { // a list server's alert that is no report at all
			require.Contains(t, reports, v.Kind, "%s: %s", l.file, v.Reason)
		}
		if l.hard {
			hard++
		}
		switch {
		case l.hard && isHard(v):
			found++
		case l.hard, isHard(v):
			t.Logf("%s is labelled %v and came out %s: %v", l.file, l.reasons, v.Kind, v.Recipients)
			if !l.hard {
				falsely++
			}
		}
	}
	t.Logf("hard: %d of %d found, %d falsely", found, hard, falsely)
	require.GreaterOrEqual(t, float64(found), 0.9*float64(hard), "hard bounces found")
	require.Zero(t, falsely, "mails without a hard label that came out hard")
}

// RFC 3464 §2.3.3: what is delayed is still tried. The labels do not say it: the reports do.
func TestDelayedIsNeverABounce(t *testing.T) {
	t.Parallel()
	action := regexp.MustCompile(`(?im)^Action:[ \t]*([a-z]+)`)
	delayed := 0
	for _, l := range readBounces(t) {
		actions := map[string]bool{}
		for _, m := range action.FindAllSubmatch(l.raw, -1) {
			actions[strings.ToLower(string(m[1]))] = true
		}
		if !actions["delayed"] || len(actions) > 1 {
			continue
		}
		delayed++
		_, v := inbound.Judge(l.raw, time.Time{}, inbound.Self{})
		require.Equal(t, inbound.Delayed, v.Kind, "%s: %s", l.file, v.Reason)
		for _, r := range v.Recipients {
			require.Equal(t, inbound.ClassDelayed, r.Class, l.file)
		}
	}
	require.Positive(t, delayed)
}

// copies are what happens to mails on their way and in exports.
var copyNames = []string{"CRLF", "CR", "mbox", "half", "tenth", "broken", "tail"}

func copies(raw []byte) map[string][]byte {
	lf := bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\r\n"), []byte("\n")), []byte("\r\n"), []byte("\n"))
	broken := bytes.Clone(lf)
	for i := 37; i < len(broken); i += 131 {
		broken[i] ^= 0xa5
	}
	return map[string][]byte{
		"CRLF": bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n")), "CR": bytes.ReplaceAll(lf, []byte("\n"), []byte("\r")),
		"mbox": append([]byte("From MAILER-DAEMON Thu Apr 29 23:34:45 2010\n"), lf...), "half": lf[:len(lf)/2], "tenth": lf[:len(lf)/10], "broken": broken,
		"tail": lf[len(lf)/3:],
	}
}

func TestCopiesOfBouncesAreNotLost(t *testing.T) {
	t.Parallel()
	for i, l := range readBounces(t) {
		_, want := inbound.Judge(l.raw, time.Time{}, inbound.Self{})
		all := copies(l.raw)
		for k, name := range copyNames {
			if (i+k)%3 != 0 {
				continue // a third of them, each kind of copy over all kinds of files
			}
			raw := all[name]
			_, v := inbound.Judge(raw, time.Time{}, inbound.Self{})
			require.NotEmpty(t, v.Kind, "%s, %s", l.file, name)
			require.NotEmpty(t, v.Reason, "%s, %s", l.file, name)
			switch name {
			case "CRLF", "CR", "mbox":
				require.Equal(t, want.Kind, v.Kind, "%s, %s: %s", l.file, name, v.Reason)
				require.Equal(t, want.Recipients, v.Recipients, "%s, %s", l.file, name)
			case "half", "tenth":
				require.False(t, isHard(v) && !l.hard, "%s, %s: a copy without its end brands an address: %v", l.file, name, v.Recipients)
			}
		}
	}
}

// Most bounces name the message that they are about (hearing.md §2: 74 % embed its id).
func TestBouncesNameTheirMessage(t *testing.T) {
	t.Parallel()
	all, named := 0, 0
	for _, l := range readBounces(t) {
		all++
		m, v := inbound.Judge(l.raw, time.Time{}, inbound.Self{})
		if !v.Reported.Empty() || len(m.InReplyTo) > 0 || len(m.References) > 0 {
			named++
		}
	}
	t.Logf("%d of %d name it", named, all)
	require.GreaterOrEqual(t, float64(named), 0.74*float64(all))
}
