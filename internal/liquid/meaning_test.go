package liquid_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/liquid"
)

// with is a contact with these fields, each "name=value".
func with(pairs ...string) map[string]any {
	contact := campaign.Contact{FirstName: "Ada", LastName: "No", Company: "False", Fields: map[string]string{}}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		contact.Fields[name] = value
	}
	return liquid.Vars(contact)
}

// TestComparisons: a file's "120", "true" and "false" compare as their writer means.
func TestComparisons(t *testing.T) {
	t.Parallel()
	vars := with("Employees=120", "VIP=true", "Opted Out=false", "Excel=TRUE", "Answer=no", "Yes=Yes", "Zero=0", "One=1", "Swiss=1'200", "Thousands=1,234,567", "Decimal=1,5",
		"Plate=007", "Spaces=12 000", "Negative=-5", "Float=120.0", "Tags=a,120,true", "Since=2024-03-14", "Until=2024-12-01T10:00:00Z", "Phone2=+32 475 12", "Grade=B", "Doubt=1,234")
	for condition, want := range map[string]bool{
		"employees > 50": true, "50 < employees": true, "employees < 50": false, "50 > employees": false, "employees >= 120": true, "120 <= employees": true, "employees <= 119": false,
		"employees == 120": true, "120 == employees": true, "employees != 120": false, "employees == 120.0": true, "float == 120": true, "employees > '50'": true, "'50' < employees": true,
		"employees == '120'": true, "contact.employees > 50": true, "contact['Employees'] > 50": true, "Employees > 50": true, "employees contains 12": true, "(employees) > 9": true,
		"swiss > 1000": true, "thousands > 1000000": true, "decimal == 1.5": true, "decimal < 2": true, "plate == 7": true, "plate == '7'": false, "spaces > 11999": true, "negative < 0": true, "negative == -5": true,
		"doubt > 1": true, "employees > float": false, "employees > plate": true, "employees < spaces": true,
		"vip == true": true, "true == vip": true, "vip != true": false, "vip == false": false, "vip": true, "vip == 'true'": true, "excel == 'true'": true, "excel == true": true, "excel": true,
		"opted_out": false, "opted_out == false": true, "opted_out == true": false, "opted_out != true": true, "false == opted_out": true,
		"vip == True": true, "opted_out == FALSE": true, "yes == 'yes'": true, "nobody == Null": true, "since < 'now'": true, "until > 'today'": false, "answer": false, "answer == false": true, "answer == 'no'": true, "yes": true, "yes == true": true, "zero": false, "zero == false": true, "zero == 0": true, "one": true, "one == true": true, "one == 1": true,
		"vip and opted_out": false, "vip or opted_out": true, "opted_out or answer": false, "vip and employees > 50": true, "opted_out and doubt > 2": false, "(vip or opted_out) and answer": false,
		"nobody": false, "nobody == nil": true, "nobody == blank": true, "nobody == empty": true, "nobody == ''": true, "nobody != ''": false, "nobody != blank": false, "'' == nobody": true,
		"nobody == false": false, "nobody == true": false, "nobody > 5": false, "nobody < 5": false, "nobody == 0": false, "nobody contains 'a'": false, "employees != blank": true, "grade == nil": false,
		"first_name": true, "last_name": true, "company": true, // a person may be called No, and a company False
		"last_name == 'No'": true, "grade > 'A'": true, "grade == 'b'": false, "grade < 'C'": true, "grade contains 'B'": true,
		"since < '2024-06-01'": true, "since < until": true, "until > '2024-11-30'": true, "'14 March 2024' <= since": true, "since == '2024-03-14'": true,
		"employees.size == 3": true, "(employees | plus: 1) == 121": true, "(tags | split: ',') contains 120": true, "(tags | split: ',') contains true": true, "(tags | split: ',') contains 'b'": false,
		"(nobody | default: 'false')": false, "(opted_out | upcase)": false, "(tags | split: ',' | size) == 3": true,
	} {
		for template, right := range map[string]string{
			"{% if " + condition + " %}yes{% else %}no{% endif %}":                                map[bool]string{true: "yes", false: "no"}[want],
			"{% unless " + condition + " %}yes{% else %}no{% endunless %}":                        map[bool]string{true: "no", false: "yes"}[want],
			"{% if false %}{% elsif " + condition + " %}yes{% else %}no{% endif %}":               map[bool]string{true: "yes", false: "no"}[want],
			"{% assign x = " + condition + " %}{% if x %}yes{% else %}no{% endif %}":              map[bool]string{true: "yes", false: "no"}[want],
			"{% if true and " + condition + " %}yes{% else %}no{% endif %}":                       map[bool]string{true: "yes", false: "no"}[want],
			"{% if false or " + condition + " %}yes{% else %}no{% endif %}":                       map[bool]string{true: "yes", false: "no"}[want],
			"{% for x in list %}{% endfor %}{% if " + condition + " %}yes{% else %}no{% endif %}": map[bool]string{true: "yes", false: "no"}[want],
		} {
			if strings.Contains(template, "and "+condition) && strings.Contains(condition, " or ") || strings.Contains(template, "or "+condition) && strings.Contains(condition, " and ") {
				continue // worked out from the left, and refused by Validate
			}
			got, err := liquid.Render("body", template, vars)
			require.NoError(t, err, template)
			require.Equal(t, right, got, template)
		}
	}
	for template, want := range map[string]string{
		"{% case employees %}{% when 120 %}a{% else %}b{% endcase %}":            "a",
		"{% case employees %}{% when 1, 2 or 120.0 %}a{% else %}b{% endcase %}":  "a",
		"{% case vip %}{% when false %}a{% when true %}b{% endcase %}":           "b",
		"{% case opted_out %}{% when false %}a{% when true %}b{% endcase %}":     "a",
		"{% case grade %}{% when 'A' %}a{% when 'B', 'C' %}b{% endcase %}":       "b",
		"{% case nobody %}{% when blank %}a{% else %}b{% endcase %}":             "a",
		"{% case 120 %}{% when employees %}a{% else %}b{% endcase %}":            "a",
		"{{ plate }} {{ doubt }} {{ decimal }} {{ phone2 }}":                     "007 1,234 1,5 +32 475 12",
		"{{ decimal | plus: 1 }} {{ plate | plus: 1 }} {{ swiss | times: 2 }}":   "2.5 8 2400",
		"{{ 0.1 | plus: 0.2 }} {{ 1234567 | plus: 1 }} {{ 7 | divided_by: 2 }}":  "0.3 1234568 3",
		"{{ 7 | divided_by: 2.0 }} {{ 3.14159 | round: 2 }} {{ 2.5 | round }}":   "3.5 3.14 3",
		"{{ 99999999999 | times: 99999999999 }}":                                 "9999999999800000000000",
		"{{ opted_out | default: 'x' }} {{ nobody | default: 'false' }}":         "false false",
		"{{ employees | minus: 20 | divided_by: 3 }} {{ employees | modulo: 7}}": "33 1",
	} {
		got, err := liquid.Render("body", template, vars)
		require.NoError(t, err, template)
		require.Equal(t, want, got, template)
		require.Empty(t, liquid.Validate(template), template)
	}
}

// TestValues: what only a contact shows names the variable and its value, and the fix.
func TestValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ template, pair, variable, reason string }{
		{"{% if lead_score > 50 %}a{% endif %}b", "Lead Score=n/a", "lead_score", `the body compares lead_score, which is "n/a", with a number`},
		{"{% if 50 < lead_score %}a{% endif %}b", "Lead Score=n/a", "lead_score", `the body compares lead_score, which is "n/a", with a number`},
		{"{% if lead_score == 50 %}a{% endif %}b", "LeadScore=10k", "leadscore", `which is "10k", with a number`},
		{"{% if score >= '50' %}a{% endif %}b", "score=50%", "score", `compares score, which is "50%", with a number`},
		{"{% unless score != 5 %}a{% endunless %}b", "score=five", "score", `with a number`},
		{"{% case score %}{% when 5 %}a{% endcase %}b", "score=five", "score", `with a number`},
		{"{% assign s = score %}{% if s > 5 %}a{% endif %}b", "score=five", "score", `compares score, which is "five", with a number`},
		{"{% if score > 5 %}a{% endif %}b", "score=1,234", "score", `compares score, which is "1,234", with a number: it can be 1.234 or 1234`},
		{"{% if score > 5 %}a{% endif %}b", "score=1.234", "score", `it can be 1.234 or 1234`},
		{"{% if vip == true %}a{% endif %}b", "vip=maybe", "vip", `compares vip, which is "maybe", with a truth value`},
		{"{% if false != vip %}a{% endif %}b", "vip=maybe", "vip", `with a truth value`},
		{"{% case vip %}{% when true %}a{% endcase %}b", "vip=maybe", "vip", `with a truth value`},
		{"{% if start < '2024-01-01' %}a{% endif %}b", "start=03/14/2024", "start", `compares start, which is "03/14/2024", with a`},
		{"{% if start > 'now' %}a{% endif %}b", "start=03/14/2024", "start", `compares start, which is "03/14/2024", with a date`},
		{"{{ score | plus: 1 }}", "score=n/a", "score", `the body counts with score, which is "n/a", which is no number`},
		{"{{ 5 | times: score }}", "score=n/a", "score", `counts with score, which is "n/a",`},
		{"{{ score | round }}", "score=1.234", "score", `which can be 1.234 or 1234`},
		{"{{ 5 | divided_by: score }}", "score=0", "score", `divides by zero`},
		{"{{ first_name | truncate: score }}", "score=x", "score", `which is no number`},
		{"since {{ start | date: '%d %B %Y' }}", "start=03/14/2024", "start", `the body writes start, which is "03/14/2024", as a date, which it is not: write it as 2024-03-31`},
		{"{{ start | date: '%Y' }}", "start=2024-02-30", "start", `which is "2024-02-30", as a date`},
		{"{{ start | date: '%Y' }}", "start=45365", "start", `which is "45365", as a date`},
	} {
		require.Empty(t, liquid.Validate(test.template), test.template)
		_, err := liquid.Render("body", test.template, with(test.pair))
		var failed *liquid.RenderError
		require.ErrorAs(t, err, &failed, test.template)
		require.Equal(t, test.variable, failed.Variable, test.template)
		require.Contains(t, err.Error(), test.reason, test.template)
		_, value, _ := strings.Cut(test.pair, "=")
		require.Equal(t, value, failed.Value, test.template)
	}
}

// TestNames: a variable is found however its name is spelt, and what is missing is named
// as the field that fills it in.
func TestNames(t *testing.T) {
	t.Parallel()
	vars := liquid.Vars(campaign.Contact{FirstName: "Ada", Company: "Byron", Fields: map[string]string{"JobTitle": "CEO", "Lead Score": "5", "Société": "Läcker"}})
	for name, want := range map[string]string{
		"firstName": "Ada", "FirstName": "Ada", "FIRST_NAME": "Ada", "first-name": "Ada", "firstname": "Ada", "fname": "Ada", "contact.firstName": "Ada", "contact['First Name']": "Ada", "contact.FIRSTNAME": "Ada",
		"JobTitle": "CEO", "job_title": "CEO", "jobtitle": "CEO", "contact.jobTitle": "CEO", "contact[\"Job Title\"]": "CEO", "leadScore": "5", "Lead_Score": "5",
		"companyName": "Byron", "company_name": "Byron", "Company": "Byron", "societe": "Läcker", "Société": "Läcker",
	} {
		got, err := liquid.Render("body", "{{ "+name+" }}", vars)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
		require.Empty(t, liquid.Validate("{{ "+name+" }}"), name)
	}
	for name, key := range map[string]string{"firstName": "first_name", "JobTitle": "jobtitle", "contact['Job Title']": "job_title", "contact.Last_Name": "last_name"} {
		_, err := liquid.Render("body", "{{ "+name+" }}", nil)
		var failed *liquid.RenderError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, key, failed.Variable)
		filled := campaign.Contact{FirstName: "x", LastName: "x", Fields: map[string]string{key: "x"}}
		_, err = liquid.Render("body", "{{ "+name+" }}", liquid.Vars(filled))
		require.NoError(t, err, "what the error names fills it in")
	}
	require.Equal(t, []liquid.Variable{{Key: "first_name", Line: 1}, {Key: "job_titel", Line: 2, Default: true}, {Key: "score", Line: 3}},
		liquid.Variables("{{ firstName }}\n{{ contact.job_titel | default: first_name }}{% assign x = 1 %}\n{% if score > 5 %}{{ x }}{% endif %}"))
	known := []string{"job_title", "lead_score"}
	for name, meant := range map[string]string{"job_titel": "job_title", "frist_name": "first_name", "compnay": "company", "jobtitle": "", "company_name": "", "industry": "", "LeadScore": "", "led_score": "lead_score"} {
		require.Equal(t, meant, liquid.Meant(name, known), name)
	}
}

// TestUnfilled: what no contact can fill in, and no default stands in for.
func TestUnfilled(t *testing.T) {
	t.Parallel()
	fields := []string{"Job Title", "Société", "Budget (EUR)"}
	for template, want := range map[string][]liquid.Unfilled{
		"{{ first_name }} {{ contact.Email }} {{ fname }} {{ fullName }} {{ phone }}": nil,
		"{{ job_title }} {{ JobTitle }} {{ societe }} {{ contact['Budget (EUR)'] }}":  nil,
		"{{ job_titel }}":                                       {{Variable: liquid.Variable{Key: "job_titel", Line: 1}, Meant: "job_title"}},
		"a\n{{ frist_name | upcase }}":                          {{Variable: liquid.Variable{Key: "frist_name", Line: 2}, Meant: "first_name"}},
		"{{ industry }}":                                        {{Variable: liquid.Variable{Key: "industry", Line: 1}}},
		"{{ industry | default: 'x' }}":                         nil,
		"{{ industry | upcase | default: 'x' }}":                nil,
		"{{ industry | default: job_titel }}":                   {{Variable: liquid.Variable{Key: "job_titel", Line: 1}, Meant: "job_title"}},
		"{{ industry | default: branch | default: 'x' }}":       nil,
		"{{ first_name | append: industry | default: 'x' }}":    {{Variable: liquid.Variable{Key: "industry", Line: 1}}},
		"{{ industry | default: 'x' }}\n{{ industry }}":         {{Variable: liquid.Variable{Key: "industry", Line: 2}}},
		"{% assign x = industry | default: 'y' %}{{ x }}":       nil,
		"{% if industry == 'IT' %}a{% else %}b{% endif %}":      {{Variable: liquid.Variable{Key: "industry", Line: 1}}},
		"{% for x in (tags | split: ',') %}{{ x }}{% endfor %}": {{Variable: liquid.Variable{Key: "tags", Line: 1}}},
	} {
		require.Equal(t, want, liquid.UnfilledBy(template, fields), template)
	}
	require.Empty(t, liquid.UnfilledBy("{{ email }}", nil))
}

// TestPrinted: what is no text is never printed, and mostly found before anybody is enrolled.
func TestPrinted(t *testing.T) {
	t.Parallel()
	vars := with("Tags=a,b")
	for template, reason := range map[string]string{
		"a\nHi {{ contact }},":   "line 2 prints {{ contact }}, which is the whole contact and not a text",
		"{{ contact | json }}":   "passes contact to the filter json, which is the whole contact",
		"{{ contact | upcase }}": "the whole contact", "{{ contact | join: ', ' }}": "the whole contact", "{{ contact | append: 'x' }}": "the whole contact", "{{ contact | size }}": "the whole contact",
		"{{ 'x' | append: contact }}":                "the whole contact",
		"{{ contact | default: 'x' }}":               "the whole contact",
		"{{ nobody | default: contact }}":            "the whole contact",
		"{% assign x = contact %}{{ x }}":            "prints {{ x }}, which is the whole contact",
		"{% for f in contact %}{{ f }}{% endfor %}x": "loops over contact, which is the whole contact",
		"{% for f in tags %}{{ f }}{% endfor %}x":    "loops over tags, which is a text and not a list",
		"{% if contact == 'x' %}a{% endif %}b":       "compares contact, which is the whole contact",
		"{{ tags | split: ',' }}":                    "prints {{ tags | split }}, which is a list and not a text: write | join: ', '",
		"{% assign l = tags | split: ',' %}{{ l }}":  "prints {{ l }}, which is a list",
		"{{ tags | split: ',' | upcase }}":           "which takes a text and no list",
		"{{ tags | join: ', ' }}":                    "which takes a list: write | split: ','",
		"{{ nil }}":                                  "prints {{ nil }}, which is nothing", "{{ empty }}": "which is nothing",
		"{% for x in (tags | split: ',') %}{{ forloop }}{% endfor %}": "prints {{ forloop }}, which is the state of a loop",
	} {
		problems := liquid.Validate(template)
		if !strings.Contains(template, "default: contact") {
			require.NotEmpty(t, problems, template)
			require.Contains(t, problems[0].Error(), reason, template)
		}
		got, err := liquid.Render("body", template, vars)
		if !strings.Contains(template, "== 'x'") {
			require.ErrorContains(t, err, strings.TrimPrefix(reason, "line 2 "), template)
		}
		require.NotContains(t, got, "map[")
	}
	for template, reason := range map[string]string{
		"{{ contact.fields }}": "a contact's fields are variables themselves", "{{ contact.fields.job_title }}": "write job_title", "{{ contact.properties['Job Title'] }}": "write job_title",
		"{{ first_name.upcase }}": "write {{ first_name | upcase }}", "{{ sender.name }}": "write the words themselves", "{% if country == France %}a{% endif %}b": "write 'France' if it is a text, and france if it is a variable",
		"{{ first_name | default: There }}": "write 'There'", "{% case country %}{% when France %}a{% endcase %}b": "write 'France'",
		"{{ company.name }}": "write company", "{{ first.name }}": "write first_name", "{{ lead.FirstName }}": "write first_name", "{{ forloop.index }}": "outside of a", "{{ tags[0] }}": "only a list",
	} {
		problems := liquid.Validate(template)
		require.NotEmpty(t, problems, template)
		require.Contains(t, problems[0].Text, reason, template)
	}
	got, err := liquid.Render("body", "{% assign l = tags | split: ',' %}{{ l | join: '; ' }} {{ l | first }} {{ l[1] }} {{ l.last }} {{ l.size }} {% for x in l reversed %}{{ forloop.index }}{{ x }}{% endfor %}{% for x in l limit: 1 offset: 1 %}{{ x }}{% endfor %}", vars)
	require.NoError(t, err)
	require.Equal(t, "a; b a b b 2 1b2ab", got)
}
