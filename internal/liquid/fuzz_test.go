package liquid_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/liquid"
)

// FuzzRender: no template brings the process down, runs for long, grows large or is
// quoted in an error.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		"Hi {{ first_name | default: 'there' }}", "{% for x in secret %}{{ x }}{% endfor %}", "{% if société %}{{ société | upcase }}{% endif %}",
		"{% assign x = first_name | split: '' %}{% for a in x %}{% for b in x %}{{ a | append: b }}{% endfor %}{% endfor %}",
		"{% capture x %}{{ first_name }}{% endcapture %}{{ x | replace: '', x | json }}", "{{ 'a' | date: '%Y' }}", "{{- contact['company'] -}}",
		"{% case a %}{% when 1 %}x{% else %}y{% endcase %}", "{% unless a %}{% cycle 'a','b' %}{% endunless %}", "{% tablerow x in first_name %}{% endtablerow %}",
		"{% if score > 50 and score != true %}a{% endif %}{{ score | plus: 1 | date: '%F' }}", "*|FNAME|* {a|b} <p> [First Name] { { x } } {{ x }", "{{ contact | json }}{{ contact[score] }}{{ score[0] }}",
		"{% raw %}{{ x }}{% endraw %}{% comment %}{% if %}{% endcomment %}",
	} {
		f.Add(seed, "Élodie")
	}
	f.Fuzz(func(t *testing.T, template, value string) {
		vars := map[string]any{"first_name": value, "société": value, "score": value, "contact": map[string]any{"first_name": value}}
		began := time.Now()
		text, err := liquid.Render("body", template, vars)
		require.Less(t, time.Since(began), 10*time.Second)
		require.LessOrEqual(t, len(text), 256<<10)
		require.NotContains(t, text, "map[")
		if err != nil {
			var failed *liquid.RenderError
			require.ErrorAs(t, err, &failed)
			require.Less(t, len(err.Error()), 1000)
			require.NotContains(t, err.Error(), "\n")
		}
		for _, problem := range liquid.Validate(template) {
			require.Positive(t, problem.Line)
			require.LessOrEqual(t, problem.Line, 1+strings.Count(template, "\n"))
			require.NotEmpty(t, problem.Text)
		}
		liquid.Variables(template)
	})
}
