package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

// inTwo is four enrollments in q4 and two in spring, none of which has ended.
func (h *harness) inTwo() {
	h.enrolled(4)
	h.exec(`INSERT INTO campaigns (key, name, owner, steps) SELECT 'spring', 'Spring', owner, steps FROM campaigns WHERE key = 'q4'`)
	_, err := h.Enroll(h.ctx, "spring", []int64{1, 2}, "tess", false)
	require.NoError(h.t, err)
	h.exec(`UPDATE enrollments SET started_at = now()`)
	h.exec(`UPDATE outbox SET done_at = now()`)
}

func TestDisenrollOfEveryCampaignAsks(t *testing.T) {
	t.Parallel()
	const question = "starter: this takes 6 enrolled contacts out of 2 campaigns"
	for _, test := range []struct {
		name, args, answer string
		asks               bool
		code, rows         int
		says               string
	}{
		{"no terminal", "--all", "y\n", false, exitUsage, 0, question + "; say --campaign KEY, or --yes for every campaign\ntry: starter disenroll --all --dry-run\n"},
		{"no terminal, JSON", "--all -o json", "", false, exitUsage, 0, question},
		{"no", "--all", "n\n", true, exitFailed, 0, question + ". Go on? [y/N] starter: not confirmed; nothing was changed\n"},
		{"only Return", "--all", "\n", true, exitFailed, 0, "nothing was changed"},
		{"end of the input", "--all", "", true, exitFailed, 0, "nothing was changed"},
		{"another word", "--all", "yesterday\n", true, exitFailed, 0, "nothing was changed"},
		{"y", "--all", "Y\n", true, exitDone, 1, question + ". Go on? [y/N] "},
		{"yes", "--all", "yes\n", true, exitDone, 1, question},
		{"--yes", "--all --yes", "", false, exitDone, 1, ""},
		{"one campaign", "--all --campaign spring", "", false, exitDone, 1, ""},
		{"named contacts", "1 2", "", false, exitDone, 1, ""},
		{"a dry run", "--all --dry-run", "", false, exitDone, 0, ""},
		{"nobody", "--all --code SendingFailed", "", false, exitDone, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.inTwo()
			h.asks = test.asks
			got := h.runWith(test.answer, append([]string{"disenroll"}, strings.Fields(test.args)...)...)
			require.Equal(t, test.code, got.code, got.err)
			require.Contains(t, got.err, test.says)
			if test.says == "" {
				require.Empty(t, got.err, "nothing is asked")
			}
			require.Equal(t, test.rows, h.openRows())
		})
	}
}

func TestADryRunCountsByCampaign(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.inTwo()
	require.Equal(t, "Dry run: would disenroll 6 contacts.\nCAMPAIGN  CONTACTS\nq4               4\nspring           2\n", h.ok("disenroll", "--all", "--dry-run"))
	require.JSONEq(t, `{"requested": 6, "byCode": {}, "byCampaign": {"q4": 4, "spring": 2}, "leftOut": 0, "dryRun": true}`, h.ok("disenroll", "--all", "--dry-run", "-o", "json"))
	require.JSONEq(t, `{"requested": 3, "byCode": {}, "byCampaign": {"q4": 2, "spring": 1}, "leftOut": 0, "dryRun": true}`, h.ok("disenroll", "1", "3", "--dry-run", "-o", "json"))
	for _, command := range []string{"disenroll", "resume"} {
		h.fails(exitUsage, []string{"--campaign is empty; expected a value, or leave it out"}, command, "--all", "--campaign", "", "--dry-run")
	}
	h.fails(exitUsage, []string{"--code is empty"}, "disenroll", "--all", "--campaign", "q4", "--code", "")
}

func TestDisenrollWaits(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(3)
	h.temporal.onWake = func() {
		_, err := h.Disenroll(h.ctx, 1, 0, "", "")
		require.NoError(t, err)
		h.send(2)
	}
	require.Equal(t, "Asked to disenroll 1 contact.\n1 disenrolled, 0 not taken up.\n", h.ok("disenroll", "1", "--wait"))
	h.temporal.onWake = nil
	got := h.run("disenroll", "2", "3", "--wait", "-o", "json")
	require.Equal(t, exitFailed, got.code)
	require.Empty(t, got.err)
	var out operator.Requested
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &out))
	require.Len(t, out.Outcomes, 2)
	require.Equal(t, operator.NotTakenUp, out.Outcomes[0].Outcome)
}
