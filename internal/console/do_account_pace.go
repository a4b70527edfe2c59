package console

import (
	"net/http"
	"net/url"
	"strings"

	"relance/internal/operator"
)

// doAccountPace keeps what an email account sends at most, as the form has it: what is
// empty limits nothing.
func doAccountPace(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	shown, ok := form["shown"]
	if !ok {
		return "", &operator.Invalid{Field: "shown", Text: "the form does not say what it has shown; load the page again"}
	}
	settings := operator.PaceSettings{Shown: &shown[0]}
	for field, to := range map[string]**string{
		"gap": &settings.Gap, "jitter": &settings.Jitter, "per_day": &settings.PerDay, "ramp": &settings.Ramp,
		"hours": &settings.Hours, "timezone": &settings.Timezone, "order": &settings.Order,
	} {
		if values, ok := form[field]; ok {
			*to = &values[0]
		}
	}
	address := r.PathValue("address")
	done, err := by.SetPace(r.Context(), address, settings)
	if err != nil {
		return "", err
	}
	if len(done.Edits) == 0 {
		return address + ": it was so already.", nil
	}
	said := address + " has no limit any more."
	if text := done.Pace.Text(); text != "" {
		said = address + " sends at most: " + text + "."
	}
	for _, note := range done.Notes {
		said += " " + strings.ToUpper(note[:1]) + note[1:] + "."
	}
	if done.Resuming+done.Ended > 0 {
		return goOn(said, done.Effect), nil
	}
	return said, nil
}
