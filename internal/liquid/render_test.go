package liquid_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/liquid"
)

var elodie = liquid.Vars(campaign.Contact{
	FirstName: "élodie", LastName: " Läcker ", Email: "elodie@prospect.example",
	Fields: map[string]string{"Société": "Läcker & Söhne", "Budget (EUR)": "5", "budget eur": "6", "2nd phone": "1", "Empty": "  ", "First name": "other", "名前": "エロディ"},
})

func TestVars(t *testing.T) {
	t.Parallel()
	flat := map[string]any{
		"first_name": "élodie", "last_name": "Läcker", "full_name": "élodie Läcker", "email": "elodie@prospect.example",
		"société": "Läcker & Söhne", "budget_eur": "5", "_2nd_phone": "1", "名前": "エロディ",
	}
	require.Equal(t, flat, elodie["contact"])
	for key, value := range flat {
		require.Equal(t, value, elodie[key])
	}
	require.Len(t, elodie, len(flat)+1)
}

func TestRender(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"Hi {{ first_name }}": "Hi élodie",
		"Hi {{first_name|capitalize}}, {{ contact.last_name | upcase }}":                            "Hi Élodie, LÄCKER",
		"{{ company | default: 'your company' }}":                                                   "your company",
		"{{ company | upcase | default: 'your company' }}":                                          "your company",
		"{{ first_name | default: company }}":                                                       "élodie",
		"{{ company | default: first_name }}":                                                       "élodie",
		"{{ contact.company | default: \"x\" }}":                                                    "x",
		"{% if company %}at {{ company }}{% else %}there{% endif %}":                                "there",
		"{% unless company %}none{% endunless %}":                                                   "none",
		"{% if company == nil and first_name %}a{% endif %}b":                                       "ab",
		"{% assign name = company | default: first_name %}{{ name | upcase }}":                      "ÉLODIE",
		"{{ société }} {{ contact.société }} {{ contact['société'] }} {{ 名前 }}":                     "Läcker & Söhne Läcker & Söhne Läcker & Söhne エロディ",
		"{{ soci\u0065\u0301t\u0065\u0301 }}":                                                       "Läcker & Söhne", // the same letters, decomposed
		"{{ _2nd_phone }} {{ budget_eur | plus: 2 }}":                                               "1 7",
		"{% assign l = 'a,b' | split: ',' %}{% for x in l %}{{ forloop.index }}{{ x }}{% endfor %}": "1a2b",
		"a {{- first_name -}} b":                                                                    "aélodieb",
		"{% raw %}{{ x }}{% endraw %}":                                                              "{{ x }}",
		"{% comment %}{{ company }}{% endcomment %}x":                                               "x",
		"{{ first_name | truncate: 4, '…' }}":                                                       "élo…",
		"Hi {{ first_name\n}}":                                                                      "Hi élodie",
		"{{ '50%}' | append: '!' }}":                                                                "50%}!",
	} {
		got, err := liquid.Render("body", template, elodie)
		require.NoError(t, err, template)
		require.Equal(t, want, got, template)
		require.NoError(t, liquid.ValidateTemplate("body", template), template)
	}
	subject, err := liquid.Render("subject", " one\n  {{ first_name }} ", elodie)
	require.NoError(t, err)
	require.Equal(t, "one élodie", subject)
}

// TestMissing: whatever a missing variable passes through, it is never printed as nothing.
func TestMissing(t *testing.T) {
	t.Parallel()
	for template, variable := range map[string]string{
		"{{ company }}": "company", "{{ empty }}": "empty", "{{ nobody_knows }}": "nobody_knows",
		"{{ company | upcase }}": "company", "Hi {{ 'to ' | append: company }}": "company",
		"{{ contact.company }}": "contact.company", "{{ contact['company'] }}": "contact.company",
		"{{ company | default: nickname }}":                           "company",
		"{% assign x = company %}{{ x | upcase }}":                    "company",
		"{% assign x = 'Hi ' | append: company %}{{ x }}":             "company",
		"{% capture x %}{{ company }}{% endcapture %}text":            "company",
		"{{ first_name | append: company | default: 'x' }}":           "company",
		"{% if first_name %}{{ company | strip }}{% endif %}":         "company",
		"{{ first_name | append: company | append: 'a' | upcase }} x": "company",
	} {
		_, err := liquid.Render("subject", template, elodie)
		var failed *liquid.RenderError
		require.ErrorAs(t, err, &failed, template)
		require.Equal(t, variable, failed.Variable, template)
		require.Equal(t, "the subject names {{ "+variable+" }}, which this contact has no value for", err.Error())
		require.NoError(t, liquid.ValidateTemplate("subject", template), "only a contact can tell")
	}
}

// TestInvalid: what would be sent to a prospect as it stands, or stop a campaign contact
// by contact, is found before anybody is enrolled.
func TestInvalid(t *testing.T) {
	t.Parallel()
	for template, reason := range map[string]string{
		"a\nHi {{ first_name }": "line 2 has a {{ without", "Hi { first_name }}": "has a }} without", "{{}}": "has a {{",
		"{% if x": "has a {%", "{% if first_name %}x": "cannot be understood", "x{% endif %}": "cannot be understood", "{% else %}": "cannot be understood",
		"\n{{ first_name | shout }}": `line 2 uses the filter "shout"`, "{{ first_name | }}": `uses the filter ""`, "{{ first_name | default: ‘there’ }}": "curly quotes",
		"{% include 'etc/passwd' %}": `uses the tag "include"`, "{% output x %}": `uses the tag "output"`, "{% foo %}": `uses the tag "foo"`,
		"{% comment %}the rest is lost": "the comment that begins in line 1 is never closed", "{% raw %}x": "the raw that begins",
		"{% for i in (1..999999999) %}{% endfor %}": "range", "{{ first_name; company }}": "does not belong", "{{ first name }}": "cannot be understood",
		strings.Repeat("x", 70_000): "longer than", " \n": "is empty",
	} {
		var failed *liquid.RenderError
		require.ErrorAs(t, liquid.ValidateTemplate("body", template), &failed, template)
		require.Contains(t, failed.Error(), reason, template)
		_, err := liquid.Render("body", template, elodie)
		require.Error(t, err, template)
	}
}

// TestTooMuch: templates that would take the machine down end soon, and say why.
func TestTooMuch(t *testing.T) {
	t.Parallel()
	for name, template := range map[string]string{
		"doubling":      "{% assign x = 'aaaaaaaaaa' %}" + strings.Repeat("{% assign x = x | append: x %}", 60) + "{{ x }}",
		"multiplying":   "{% assign x = '" + strings.Repeat("a", 5000) + "' %}{{ x | replace: '', x | replace: '', x }}",
		"joining":       "{% assign l = '" + strings.Repeat("a,", 900) + "' | split: ',' %}{% assign s = '" + strings.Repeat("-", 5000) + "' %}{{ l | join: s }}",
		"nested loops":  "{% assign l = '" + strings.Repeat("a,", 900) + "' | split: ',' %}{% for a in l %}{% for b in l %}{% for c in l %}{% endfor %}{% endfor %}{% endfor %}x",
		"captured":      "{% assign l = '" + strings.Repeat("a,", 900) + "' | split: ',' %}{% capture x %}{% for a in l %}{% for b in l %}" + strings.Repeat("text", 500) + "{% endfor %}{% endfor %}{% endcapture %}x",
		"escaping":      "{{ '\\\\\\\\' " + strings.Repeat("| json ", 200) + "}}",
		"a long result": "{% assign l = '" + strings.Repeat("a,", 900) + "' | split: ',' %}{% for a in l %}" + strings.Repeat("x", 2000) + "{% endfor %}",
	} {
		began := time.Now()
		_, err := liquid.Render("body", template, elodie)
		require.Error(t, err, name)
		require.Contains(t, err.Error(), "takes too much", name)
		require.Less(t, time.Since(began), 10*time.Second, name)
	}
}

func TestNothingIsNotSent(t *testing.T) {
	t.Parallel()
	_, err := liquid.Render("body", "{% if company %}Hello{% endif %}\n", elodie)
	require.EqualError(t, err, "the body is empty for this contact")
}

func BenchmarkRender(b *testing.B) {
	for b.Loop() {
		if _, err := liquid.Render("body", "Hi {{ first_name | default: 'there' }},\n\n{% if company %}at {{ company }}{% endif %} {{ société }}\n", elodie); err != nil {
			b.Fatal(err)
		}
	}
}
