package console

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnAccountsPaceIsSet(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, "Claes")
	const account, form = "/accounts/" + mayas, "/accounts/" + mayas + "/pace"
	b.get(account).says(http.StatusOK, "At most as fast as its server takes mail", "What it sends at most")
	b.get("/campaigns/q4").says(http.StatusOK, "Sends at any time, except on the workspace’s holidays")
	first := b.get(account)
	b.send(first, form, "gap", "90s", "per_day", "400", "hours", "mon-fri 09:00-17:00", "timezone", "Europe/Brussels").says(http.StatusSeeOther,
		mayas+" sends at most: 90s gap, 400 a day, mon-fri 09:00-17:00, Europe/Brussels.", "Campaign q4: the account's hours, not the limit of 400, decide: 320 a day.")
	shown := b.get(account)
	shown.says(http.StatusOK, "At most 90s gap, 400 a day, mon-fri 09:00-17:00, Europe/Brussels")
	require.Equal(t, "mon-fri 09:00-17:00", shown.fill(form).Get("hours"))
	require.Equal(t, "console", one[string](b, `SELECT by FROM activity WHERE fields = '{pace}'`))
	b.send(shown, form).says(http.StatusSeeOther, "it was so already")

	// A form that has shown another pace is stale: what was typed is kept, and nothing is changed.
	stale := b.send(first, form, "per_day", "100")
	stale.says(http.StatusConflict, "The pace of "+mayas+" has been changed meanwhile (by console", "Nothing was changed by you.")
	require.Equal(t, "100", stale.fill(form).Get("per_day"))
	b.send(stale, form, "gap", "60s").says(http.StatusSeeOther, "100 a day")

	for field, wrong := range map[string]struct{ typed, says string }{
		"gap": {"90", "Gap: \"90\" has no unit"}, "jitter": {"-1s", "Jitter: \"-1s\" is no length of time"}, "per_day": {"0", "Per day: 0 is no number of messages"},
		"ramp": {"20", "Ramp: \"20\" is no ramp"}, "hours": {"09:00-09:00", "the window begins and ends at 09:00"}, "timezone": {"Europe/Brusels", "did you mean \"Europe/Brussels\"?"}, "order": {"lifo", "is no order"},
	} {
		refused := b.send(b.get(account), form, field, wrong.typed)
		refused.says(http.StatusUnprocessableEntity, wrong.says)
		if field != "order" {
			require.Equal(t, wrong.typed, refused.fill(form).Get(field), "what was typed is kept")
			require.Contains(t, refused.body, `name="`+field+`"`)
		}
		require.Contains(t, refused.body, "aria-invalid")
	}
	b.exec(`UPDATE campaigns SET send_window = '{"windows": [{"days": "mon, tue", "from": "09:00", "to": "16:00"}], "zone": "Asia/Tokyo"}' WHERE key = 'q4'`)
	b.get("/campaigns/q4").says(http.StatusOK, "Sends mon, tue 09:00-16:00, Asia/Tokyo")
	b.send(b.get(account), form, "hours", "09:00-17:00").says(http.StatusConflict, "Campaign q4: its window", "2 contacts could never be sent anything")
	b.send(b.get(account), form, "gap", "", "per_day", "", "hours", "", "timezone", "").says(http.StatusSeeOther, mayas+" has no limit any more.")
	require.Equal(t, "{}", one[string](b, `SELECT pace::text FROM email_accounts WHERE address = $1`, mayas))
}
