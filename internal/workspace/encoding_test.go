package workspace_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"
)

func TestEncodingsOfEditors(t *testing.T) {
	t.Parallel()
	want, err := read(example)
	require.NoError(t, err)
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(example)
	require.NoError(t, err)
	for name, in := range map[string]string{
		"UTF-8 with a byte order mark": "\uFEFF" + example, "UTF-16": utf16, "lines of Windows": strings.ReplaceAll(example, "\n", "\r\n"),
		"lines of old": strings.ReplaceAll(example, "\n", "\r"),
	} {
		got, err := read(in)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	_, err = read(strings.ReplaceAll(strings.Replace(example, "wait: 3d", "wait: 3", 1), "\n", "\r\n"))
	require.ErrorContains(t, err, "workspace.yaml:16: ", "lines are counted as an editor counts them")
	_, err = read(strings.Replace(example, "name: Q4 outreach", "name: Q4 \xe9t\xe9", 1))
	require.ErrorContains(t, err, "workspace.yaml:10: a character that is not UTF-8")
	_, err = read("plan: unlimited\n\x00")
	require.ErrorContains(t, err, "workspace.yaml:2: a zero byte")
	_, err = read(strings.Repeat("lorem ipsum ", 1000))
	require.Less(t, len(err.Error()), 250, "a file of another kind is not printed whole")
}
