package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"

	"relance/internal/mail/reply"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	got := bare(nil, "explain", "550 5.1.1 user unknown", "-o", "json")
	require.Equal(t, exitDone, got.code, got.err)
	var items []map[string]any
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &items))
	require.Len(t, items, 1)
	require.Len(t, items[0], 6, "phase, code, enhanced, text, verdict, reason")
	require.Equal(t, "rcpt", items[0]["phase"])
	require.EqualValues(t, 550, items[0]["code"])
	require.Equal(t, "5.1.1", items[0]["enhanced"])
	require.Equal(t, "hard_bounce", items[0]["verdict"])
	require.NotEmpty(t, items[0]["reason"])

	got = bare(nil, "explain", "--phase", "AUTH", "535", "5.7.8", "Bad", "credentials")
	require.Contains(t, got.stdout, "account_error")
	require.Contains(t, got.stdout, "the email account is put in error")
}

func TestExplainReadsAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "replies.csv")
	require.NoError(t, os.WriteFile(file, []byte("source,Text,enhanced,code,phase\nx,\"mailbox full, sorry\",4.2.2,452,rcpt\nx,try again,,451,data\n"), 0o600))
	got := bare(nil, "explain", "--file", file, "-o", "json")
	require.Equal(t, exitDone, got.code, got.err)
	var items []operator.Explained
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &items))
	require.Len(t, items, 2)
	require.Equal(t, "mailbox full, sorry", items[0].Text)
	require.Equal(t, reply.SoftBounce, items[0].Verdict)
	require.Equal(t, 451, items[1].Code)
	require.Equal(t, reply.Data, items[1].Phase)
}

func TestExplainRefuses(t *testing.T) {
	t.Parallel()
	write := func(content string) string {
		file := filepath.Join(t.TempDir(), "replies.csv")
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		return file
	}
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"explain"}, exitUsage, "give a reply in quotes"},
		{[]string{"explain", "hello"}, exitUsage, "does not begin with a three-digit code"},
		{[]string{"explain", "--phase", "lunch", "550 no"}, exitUsage, `there is no phase "lunch"; expected connect, ehlo`},
		{[]string{"explain", "--file", "nowhere.csv"}, exitNotFound, "there is no file nowhere.csv"},
		{[]string{"explain", "--file", write("phase,code,text\n")}, exitUsage, "it has no column enhanced"},
		{[]string{"explain", "--file", write("phase,code,enhanced,text\nrcpt,abc,,x\n")}, exitUsage, `line 2: code is "abc"`},
		{[]string{"explain", "--file", write("")}, exitUsage, "cannot be read"},
	} {
		got := bare(nil, test.args...)
		require.Equal(t, test.code, got.code, "%v: %s", test.args, got.err)
		require.Contains(t, got.err, test.says)
		require.Empty(t, got.stdout)
	}
}
