package cli

import (
	"net/mail"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

func TestPreviewPrintsWhatWouldLeave(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(2)
	h.exec(`UPDATE campaigns SET steps = '[{"id":"intro","kind":"email","subject":"Hi {{ first_name }}","body":"You are at {{ company }} in {{ city }}."},
		{"id":"wait-2","kind":"wait","wait":259200000000000,"days":3},{"id":"tell","kind":"sms","text":"{{ full_name }} is done"}]'`)
	h.exec(`UPDATE contacts SET fields = '{"city": "Ghent"}' WHERE id = 1`)

	alone := h.run("preview", "q4", "ana@contoso.example", "--step", "intro")
	require.Equal(t, exitDone, alone.code, alone.err)
	require.Empty(t, alone.err)
	message, err := mail.ReadMessage(strings.NewReader(alone.stdout))
	require.NoError(t, err, "it is a message and nothing else: %s", alone.stdout)
	require.Equal(t, "Hi Ana", message.Header.Get("Subject"))
	require.Equal(t, "<ana@contoso.example>", message.Header.Get("To"))
	require.Contains(t, alone.stdout, "You are at Contoso in Ghent.")

	all := h.run("preview", "q4", "2")
	require.Equal(t, exitDone, all.code, all.err)
	require.Contains(t, all.stdout, "--- intro: email to ben@contoso.example\n--- wait-2: wait 3d\n--- tell: SMS to +32475000001\nBen Two is done\n")
	require.Contains(t, all.err, "starter: step intro: Message cannot be rendered: the body names {{ city }}, which this contact has no value for. Fill in")

	var preview operator.Preview
	h.decode(&preview, "preview", "q4", "2")
	require.Equal(t, "city", preview.Steps[0].Problems[0].Variable)
	h.fails(exitNotFound, []string{"there is no step of q4 nix"}, "preview", "q4", "2", "--step", "nix")
	h.fails(exitNotFound, []string{"there is no campaign nix"}, "preview", "nix", "2")
	h.fails(exitNotFound, []string{"there is no contact 9"}, "preview", "q4", "9")
}
