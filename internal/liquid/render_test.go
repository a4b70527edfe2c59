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
		require.Empty(t, liquid.Validate(template), template)
	}
	subject, err := liquid.Render("subject", " one\n  {{ first_name }} ", elodie)
	require.NoError(t, err)
	require.Equal(t, "one élodie", subject)
}

// TestMissing: whatever a missing variable passes through, it is never printed as nothing.
func TestMissing(t *testing.T) {
	t.Parallel()
	for template, variable := range map[string]string{
		"{{ company }}": "company", "{{ contact.Nick_Name }}": "nick_name", "{{ firstname | append: contact['COMPANY'] }}": "company", "{{ nobody_knows }}": "nobody_knows",
		"{{ company | upcase }}": "company", "Hi {{ 'to ' | append: company }}": "company",
		"{{ contact.company }}": "company", "{{ contact['company'] }}": "company",
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
		require.Empty(t, liquid.Validate(template), "only a contact can tell")
	}
}

// TestInvalid: what would be sent to a prospect as it stands, or stop a campaign contact
// by contact, is found before anybody is enrolled.
func TestInvalid(t *testing.T) {
	t.Parallel()
	for template, reason := range map[string]string{
		"a\nHi {{ first_name }": "line 2 has a {{ without its }}: write {{ first_name }}", "Hi { first_name }}": "has a }} without", "{{}}": "nothing in it", "{% %}": "nothing in it",
		"{% if x": "has a {% without its %}", "{% if first_name %}x": "begins an if that is never closed", "x{% endif %}": "nothing is open", "{% else %}": "nothing is open",
		"{% if first_name %}{% endfor %}{% endif %}": "write {% endif %} first", "{% if first_name %}a{% else if company %}b{% endif %}": "write {% elsif company %}",
		"{% if first_name %}a{% else %}b{% elsif company %}c{% endif %}": "behind the {% else %}",
		"\n{{ first_name | shout }}":                                     `line 2 uses the filter "shout"`, "{{ first_name | upcas }}": "did you mean upcase?", "{{ first_name | }}": `uses the filter ""`, "{{ first_name | default }}": "write | default: 'text'",
		"{{ first_name | default: ‘there’ }}": "curly quotes", "{{ first_name | default: 'there }}": "not closed", "{{ first\u200b_name }}": "invisible character",
		"{% include 'etc/passwd' %}": `uses the tag "include"`, "{% output x %}": `uses the tag "output"`, "{% foo %}": `uses the tag "foo"`, "{% iff x %}": "did you mean {% if %}?",
		"{% comment %}the rest is lost": "line 1 begins a comment that is never closed", "{% raw %}x": "begins a raw that",
		"{% for i in (1..999999999) %}{% endfor %}": "range", "{{ first_name; company }}": "does not belong", "{{ first name }}": "write {{ first_name }}",
		"{% if first_name = 'x' %}a{% endif %}": "write ==", "{% if not vip %}a{% endif %}": "write {% unless x %}", "{% if a && b %}x{% endif %}": "write and", "{% if !a %}x{% endif %}": "write {% unless",
		"{{ first_name or 'there' }}": "write {{ first_name | default: 'text' }}", "{{ first_name == 'x' }}": "prints whether a condition holds", "{% assign first_name %}x": "assigns nothing",
		"{% case first_name %}lost{% when 1 %}{% endcase %}": "would be lost", "{% break %}x": "outside of", "x\n\n{% cycle 'a' %}": "line 3 has {% cycle %} outside of",
		strings.Repeat("x", 70_000): "longer than", " \n": "is empty", strings.Repeat("{% if a %}", 200): "more than 100 blocks", "{{ " + strings.Repeat("(", 200) + " }}": "too many brackets",
	} {
		problems := liquid.Validate(template)
		require.NotEmpty(t, problems, template)
		require.Contains(t, problems[0].Error(), reason, template)
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
